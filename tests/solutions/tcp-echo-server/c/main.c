/* tcp-echo-server: sends every byte back to the client that sent it.
 *
 * One thread serves everybody. All sockets are non-blocking, and epoll says which of them can go on. A client has one
 * buffer, and while it holds bytes that the client has not taken yet, nothing more is read from that client: a peer
 * that does not read costs us one buffer, and the kernel makes it wait. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BUFFER_SIZE = 16 * 1024,
    TURNS = 16, /* reads and writes for one client before the others get a chance */
    EVENTS = 64
};

struct client {
    int fd;
    size_t start, end; /* the bytes of buffer that are still owed */
    uint32_t watched;  /* what epoll watches for: EPOLLIN while nothing is owed, else EPOLLOUT */
    char buffer[BUFFER_SIZE];
};

struct server {
    int epoll, listener, signals;
    bool accepting; /* false while we are out of descriptors */
};

/* What epoll_event.data.ptr points to when it is no client. */
static char the_listener, the_signals;

static void fail(const char *what)
{
    fprintf(stderr, "server: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "server: usage: ./server <port>, a port is a number from 1 to 65535\n");
    exit(2);
}

static uint16_t parse_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        usage();
    errno = 0;
    unsigned long port = strtoul(text, NULL, 10);
    if (errno != 0 || port < 1 || port > 65535)
        usage();
    return (uint16_t)port;
}

static void watch(int epoll, int operation, int fd, uint32_t events, void *tag)
{
    struct epoll_event event = {.events = events, .data.ptr = tag};
    if (epoll_ctl(epoll, operation, fd, &event) < 0)
        fail("epoll_ctl");
}

static int listen_on(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");

    /* Connections of an earlier run may rest in TIME-WAIT on this port; they must not keep us from it. */
    int yes = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0)
        fail("SO_REUSEADDR");

    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_ANY),
    };
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, SOMAXCONN) < 0) {
        fprintf(stderr, "server: cannot listen on port %u: %s\n", (unsigned)port, strerror(errno));
        exit(1);
    }
    return fd;
}

/* SIGTERM and SIGINT as a descriptor that becomes readable: no handler, no race. */
static int catch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (fd < 0)
        fail("signalfd");
    return fd;
}

static void accept_client(struct server *s)
{
    int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        /* With no descriptor to spare the connection stays in the backlog and the listener stays readable: to go on
         * watching it would be to spin. The next client that leaves gives us a descriptor back. */
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            watch(s->epoll, EPOLL_CTL_MOD, s->listener, 0, &the_listener);
            s->accepting = false;
        }
        return; /* anything else, ECONNABORTED for one, concerns a client that is gone already */
    }
    struct client *c = malloc(sizeof *c);
    if (c == NULL) {
        close(fd);
        return;
    }
    c->fd = fd;
    c->start = c->end = 0;
    c->watched = EPOLLIN;
    watch(s->epoll, EPOLL_CTL_ADD, fd, c->watched, c);
}

static void drop_client(struct server *s, struct client *c)
{
    close(c->fd); /* this also takes it out of epoll, for no other descriptor refers to the socket */
    free(c);
    if (!s->accepting) {
        s->accepting = true;
        watch(s->epoll, EPOLL_CTL_MOD, s->listener, EPOLLIN, &the_listener);
    }
}

/* Moves bytes until the client makes us wait. Returns false when it has ended or is broken. */
static bool echo(struct client *c)
{
    for (int turn = 0; turn < TURNS; turn++) {
        if (c->start == c->end) {
            ssize_t n = recv(c->fd, c->buffer, sizeof c->buffer, 0);
            if (n <= 0)
                return n < 0 && (errno == EAGAIN || errno == EINTR);
            c->start = 0;
            c->end = (size_t)n;
        }
        /* MSG_NOSIGNAL: a client that is gone is an error of this call, not a SIGPIPE for all of us. */
        ssize_t n = send(c->fd, c->buffer + c->start, c->end - c->start, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        c->start += (size_t)n;
    }
    return true;
}

static void serve_client(struct server *s, struct client *c)
{
    if (!echo(c)) {
        drop_client(s, c);
        return;
    }
    uint32_t wanted = c->start == c->end ? EPOLLIN : EPOLLOUT;
    if (wanted != c->watched) {
        c->watched = wanted;
        watch(s->epoll, EPOLL_CTL_MOD, c->fd, wanted, c);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        usage();
    uint16_t port = parse_port(argv[1]);

    struct server s = {.accepting = true};
    s.signals = catch_signals();
    s.listener = listen_on(port);
    s.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s.epoll < 0)
        fail("epoll_create1");
    watch(s.epoll, EPOLL_CTL_ADD, s.signals, EPOLLIN, &the_signals);
    watch(s.epoll, EPOLL_CTL_ADD, s.listener, EPOLLIN, &the_listener);

    for (;;) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(s.epoll, events, EVENTS, -1);
        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < n; i++) {
            void *tag = events[i].data.ptr;
            if (tag == &the_signals)
                return 0; /* the kernel closes every connection */
            if (tag == &the_listener)
                accept_client(&s);
            else
                serve_client(&s, tag);
        }
    }
}
