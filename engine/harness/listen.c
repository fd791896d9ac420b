/* Listeners of the checker, and ports. */
#include "base/clock.h"
#include "base/mem.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/level.h"
#include "harness/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { /* below the range from which the kernel takes the ports of outgoing connections */
       PORT_LOWEST = 10000,
       PORT_HIGHEST = 32000,
       PORT_TRIES = 100
};

struct sockaddr_storage address_named(const char *host, int port, socklen_t *len)
{
    struct sockaddr_storage out = {0};
    struct sockaddr_in *in = (struct sockaddr_in *)&out;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&out;

    if (!host || strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)port);
        *len = sizeof *in;
    } else if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)port);
        *len = sizeof *in6;
    } else {
        world_broken(0, "The check names the host \"%s\", which is no address", host);
    }
    return out;
}

static _Noreturn void skip_without_ipv6(void)
{
    skip("This check needs IPv6, which this machine does not have. It may be switched off: sysctl "
         "net.ipv6.conf.all.disable_ipv6 and net.ipv6.conf.default.disable_ipv6 should be 0, and the kernel "
         "must not be started with ipv6.disable=1.");
}

/* Connections of an earlier listener may still rest on its port when the next one comes: both have to say
 * that they do not mind. */
static void allow_again(int fd)
{
    int yes = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0)
        world_broken(errno, "A socket could not be prepared");
}

/* Binds to the port; -1 with errno. `again`: as a listener that was there before. */
static int bound_socket(const char *host, int port, bool again)
{
    socklen_t len;
    struct sockaddr_storage address = address_named(host, port, &len);
    bool is_v6 = address.ss_family == AF_INET6;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 && is_v6 && errno == EAFNOSUPPORT)
        skip_without_ipv6();
    if (fd < 0)
        world_broken(errno, "A socket could not be made");
    if (again)
        allow_again(fd);
    if (bind(fd, (struct sockaddr *)&address, len) == 0)
        return fd;
    if (is_v6 && errno == EADDRNOTAVAIL)
        skip_without_ipv6();
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* A socket on a port that depends on the seed. */
static int bound_to_any(const char *host, int *port)
{
    for (int i = 0; i < PORT_TRIES; i++) {
        *port = random_between(PORT_LOWEST, PORT_HIGHEST);
        if (!claim_port(*port))
            continue;
        int fd = bound_socket(host, *port, false);
        if (fd >= 0)
            return fd;
        if (errno != EADDRINUSE)
            break;
    }
    world_broken(errno, "No free port was found on %s", host ? host : "127.0.0.1");
}

const char *free_port(void)
{
    int port;

    close(bound_to_any("0.0.0.0", &port));
    return format("%d", port);
}

Listener *listener_new_taking(int fd, const char *port, const char *place)
{
    Listener *l = xcalloc(1, sizeof *l);

    l->fd = fd;
    l->port = port;
    l->place = place;
    uv_poll_init(&world.loop, &l->poll, fd);
    l->next = world.listeners;
    world.listeners = l;
    return l;
}

Listener *tcp_listen_(const struct listen_options *o)
{
    int port = o->port, fd = port ? bound_socket(o->host, port, true) : bound_to_any(o->host, &port);

    if (fd < 0)
        world_broken(errno, "The checker cannot listen on port %d", port);
    allow_again(fd);
    if (o->receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &o->receive_buffer, sizeof o->receive_buffer);
    if (listen(fd, o->backlog ? o->backlog : 128) < 0)
        world_broken(errno, "The checker cannot listen on port %d", port);
    Listener *l = listener_new_taking(fd, format("%d", port), format("port %d", port));
    step("the checker listens on %s:%d", o->host ? o->host : "127.0.0.1", port);
    return l;
}

const char *port_of(Listener *l)
{
    return l->port;
}

void stop_listening(Listener *l)
{
    step("the checker stops listening on %s", l->place);
    if (l->fd < 0)
        return;
    uv_poll_stop(&l->poll);
    close(l->fd);
    l->fd = -1;
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    (void)poll, (void)status, (void)events; /* it only wakes accept_conn() */
}

Program *program_with_socket(unsigned long inode)
{
    char wanted[64];

    if (!world.programs || !world.programs->next)
        return world.programs;
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    for (Program *p = world.programs; p && inode; p = p->next) {
        autofree struct open_file *files = NULL;
        size_t n = p->ended ? 0 : process_files(p->pid, &files);
        for (size_t i = 0; i < n; i++)
            if (strcmp(files[i].target, wanted) == 0)
                return p;
    }
    return program_last();
}

static Program *caller_of(int fd)
{
    struct ucred who = {0};
    socklen_t len = sizeof who;
    struct socket_info peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.pid > 0) /* of a unix socket */
        return program_of_pid(who.pid) ? program_of_pid(who.pid) : program_last();
    return program_with_socket(socket_peer(fd, &peer) ? peer.inode : 0);
}

Conn *listener_take(Listener *l)
{
    int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    return fd < 0 ? NULL : conn_new_taking(fd, true, caller_of(fd));
}

Conn *accept_conn_(Listener *l, const struct wait_options *o)
{
    struct wait w = wait_start(o, "a connection", format("to %s", l->place));
    Program *program = program_last();
    const char *name = program ? program->name : "the program";
    int fd;

    if (l->fd < 0)
        world_broken(0, "The check accepts on %s after it stopped listening", l->place);
    uv_poll_start(&l->poll, UV_READABLE, on_connection);
    while ((fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            world_broken(errno, "The checker cannot accept a connection");
        bool gone = programs_all_gone();
        if (gone)
            w.last_look = true;
        if (!wait_more(&w))
            fail(&(struct failing){.cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_ACCEPT,
                                   .program = program,
                                   .expectation = format("%s connects to %s", name, l->place),
                                   .observation = gone && program_endings()
                                                      ? format("no connection came; %s", program_endings())
                                                      : "no connection came",
                                   .wait = gone ? NULL : &w});
    }
    uv_poll_stop(&l->poll);
    Conn *c = conn_new_taking(fd, true, caller_of(fd));
    step("%s connects to %s: %s", c->peer_name, l->place, c->name);
    return c;
}
