/* Connections: clients and peers that connected to us, and one of our own to each peer, which carries all that we have
 * to tell it. A peer that connects says "I id" first. What cannot be sent is dropped: Raft sends it again. */
#define _GNU_SOURCE
#include "lockd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, BACKLOG_MAX = 1 << 18 /* bytes that wait for a peer */, RETRY_MS = 100 };

enum kind { UNUSED, CLIENT, PEER_IN, PEER_OUT };

struct connection {
    enum kind kind;
    int fd;
    uint64_t id; /* of a client: never used again */
    int peer;    /* 0: it has not said yet */
    bool connecting, busy, ended;
    char in[LINE_SIZE];
    size_t in_size;
    bool too_long;
    char *out;
    size_t out_size, out_capacity;
};

static struct connection connections[CONNECTIONS_MAX];
static int client_listener, peer_listener, self, servers;
static struct sockaddr_in addresses[SERVERS_MAX + 1];
static int64_t retry_at[SERVERS_MAX + 1];
static uint64_t last_id;

/* ---- Opening and closing ---- */

static struct connection *add(enum kind kind, int fd)
{
    int on = 1;
    for (struct connection *c = connections; c < connections + CONNECTIONS_MAX; c++)
        if (c->kind == UNUSED) {
            *c = (struct connection){.kind = kind, .fd = fd, .id = ++last_id};
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return c;
        }
    close(fd);
    return NULL;
}

static void drop(struct connection *c)
{
    close(c->fd);
    free(c->out);
    c->out = NULL;
    c->kind = UNUSED;
}

static int listen_on(struct in_addr address, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = address, .sin_port = htons((uint16_t)port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 128) < 0)
        give_up("cannot listen");
    return fd;
}

static void accept_all(int listener, enum kind kind)
{
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
        add(kind, fd);
}

static void put_out(struct connection *c, const char *line)
{
    size_t n = strlen(line);

    if (c->out_size + n + 1 > c->out_capacity) {
        c->out_capacity = 2 * (c->out_size + n + 1);
        c->out = realloc(c->out, c->out_capacity);
        if (!c->out)
            give_up("memory");
    }
    memcpy(c->out + c->out_size, line, n);
    c->out[c->out_size + n] = '\n';
    c->out_size += n + 1;
}

static void connect_to_peers(void)
{
    bool there[SERVERS_MAX + 1] = {false};
    char hello[16];

    for (struct connection *c = connections; c < connections + CONNECTIONS_MAX; c++)
        if (c->kind == PEER_OUT)
            there[c->peer] = true;
    for (int i = 1; i <= servers; i++) {
        if (i == self || there[i] || now_ms() < retry_at[i])
            continue;
        retry_at[i] = now_ms() + RETRY_MS;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        if (connect(fd, (struct sockaddr *)&addresses[i], sizeof addresses[i]) < 0 && errno != EINPROGRESS) {
            close(fd);
            continue;
        }
        struct connection *c = add(PEER_OUT, fd);
        if (!c)
            continue;
        c->peer = i;
        c->connecting = true;
        snprintf(hello, sizeof hello, "I %d", self);
        put_out(c, hello);
    }
}

/* ---- Writing ---- */

static void flush(struct connection *c)
{
    ssize_t n = send(c->fd, c->out, c->out_size, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        drop(c);
    } else if (n > 0) {
        memmove(c->out, c->out + n, c->out_size - (size_t)n);
        c->out_size -= (size_t)n;
    }
}

void net_to_peer(int id, const char *line)
{
    for (struct connection *c = connections; c < connections + CONNECTIONS_MAX; c++)
        if (c->kind == PEER_OUT && c->peer == id && !c->connecting && c->out_size < BACKLOG_MAX) {
            put_out(c, line);
            return;
        }
}

void net_to_client(uint64_t id, const char *line)
{
    for (struct connection *c = connections; c < connections + CONNECTIONS_MAX; c++)
        if (c->kind == CLIENT && c->id == id) {
            put_out(c, line);
            c->busy = false;
        }
}

/* ---- Reading ---- */

static void take_line(struct connection *c, const char *line)
{
    if (c->kind == CLIENT) {
        c->busy = true;
        main_command(c->id, c->too_long ? "" : line);
    } else if (c->peer == 0) {
        int id = 0;
        if (sscanf(line, "I %d", &id) == 1 && id >= 1 && id <= servers && id != self)
            c->peer = id;
        else
            drop(c);
    } else {
        raft_hear(c->peer, line);
    }
}

/* Takes the lines that are there, of a client as long as each is answered at once. */
static void take_lines(struct connection *c)
{
    char *end;
    while (c->kind != UNUSED && !c->busy && (end = memchr(c->in, '\n', c->in_size))) {
        char line[LINE_SIZE];
        size_t n = (size_t)(end - c->in);
        memcpy(line, c->in, n);
        line[n] = '\0';
        c->in_size -= n + 1;
        memmove(c->in, end + 1, c->in_size);
        take_line(c, line);
        c->too_long = false;
    }
}

static void read_from(struct connection *c)
{
    if (c->in_size == sizeof c->in) { /* no line is so long: its end is waited for, and all of it is one error */
        c->too_long = true;
        c->in_size = 0;
    }
    ssize_t n = recv(c->fd, c->in + c->in_size, sizeof c->in - c->in_size, 0);
    if (n > 0)
        c->in_size += (size_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        c->ended = true;
}

static void connected(struct connection *c)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    c->connecting = false;
    if (error)
        drop(c);
}

static short wanted(const struct connection *c)
{
    bool reads = !c->ended && !c->busy;
    return (short)((reads ? POLLIN : 0) | (c->connecting || c->out_size > 0 ? POLLOUT : 0));
}

static void serve(struct connection *c, short events)
{
    if (c->connecting && events)
        connected(c);
    if (c->kind != UNUSED && (events & (POLLIN | POLLHUP | POLLERR)) && !c->ended)
        read_from(c);
    if (c->kind != UNUSED)
        take_lines(c);
    if (c->kind != UNUSED && c->out_size > 0 && !c->connecting)
        flush(c);
    if (c->kind != UNUSED && c->ended && !c->busy && c->out_size == 0)
        drop(c);
}

void net_wait(int64_t until)
{
    struct pollfd fds[CONNECTIONS_MAX + 2] = {{client_listener, POLLIN, 0}, {peer_listener, POLLIN, 0}};

    connect_to_peers();
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *c = &connections[i];
        bool idle = c->kind == UNUSED || wanted(c) == 0;
        fds[i + 2] = (struct pollfd){.fd = idle ? -1 : c->fd, .events = idle ? 0 : wanted(c)};
    }
    int64_t ms = until - now_ms();
    if (poll(fds, CONNECTIONS_MAX + 2, ms < 0 ? 0 : ms > RETRY_MS ? RETRY_MS : (int)ms) < 0 && errno != EINTR)
        give_up("poll");
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        if (connections[i].kind != UNUSED)
            serve(&connections[i], connections[i].fd == fds[i + 2].fd ? fds[i + 2].revents : 0);
    accept_all(client_listener, CLIENT);
    accept_all(peer_listener, PEER_IN);
}

/* ---- Addresses ---- */

/* "1=127.0.0.1:9101,2=..." How many there are; 0: it is not that. */
static int parse_peers(const char *text)
{
    int count = 0;

    for (const char *at = text; *at;) {
        int id, port, used = 0;
        char host[16];
        if (sscanf(at, "%d=%15[0-9.]:%d%n", &id, host, &port, &used) != 3 || id != count + 1 || id > SERVERS_MAX ||
            port < 1 || port > 65535)
            return 0;
        addresses[id] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        if (inet_pton(AF_INET, host, &addresses[id].sin_addr) != 1)
            return 0;
        count++;
        at += used;
        if (*at == ',')
            at++;
        else if (*at)
            return 0;
    }
    return count;
}

void net_start(const char *client_port, const char *peer_list, int id, int *count)
{
    struct in_addr any = {.s_addr = htonl(INADDR_ANY)};

    self = id;
    *count = servers = parse_peers(peer_list);
    if (id > servers)
        *count = 0;
    if (*count == 0)
        return;
    client_listener = listen_on(any, atoi(client_port));
    peer_listener = listen_on(addresses[id].sin_addr, ntohs(addresses[id].sin_port));
}
