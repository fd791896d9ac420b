/* Connecting to a program that is about to listen, and saying why it does not. */
#include "base/clock.h"
#include "base/mem.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int port_number(const char *port)
{
    char *end;
    long number = strtol(port, &end, 10);

    if (*end || end == port || number < 1 || number > 65535)
        world_broken(0, "The check connects to \"%s\", which is no port", port);
    return (int)number;
}

/* Begins to connect; the descriptor, or -1 with errno. *done says that it is connected already. */
static int begin_to_connect(const struct connect_options *o, int port, bool *done)
{
    socklen_t len;
    struct sockaddr_storage address = address_named(o->host, port, &len);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        world_broken(errno, "A socket could not be made");
    if (o->receive_buffer) /* before the handshake, which fixes the scale of the window */
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &o->receive_buffer, sizeof o->receive_buffer);
    *done = connect(fd, (struct sockaddr *)&address, len) == 0;
    if (*done || errno == EINPROGRESS)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Whether the handshake is over. On loopback it is, unless the backlog is full: then SYNs are dropped. */
static bool is_connected(int fd, int *error)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    socklen_t len = sizeof *error;

    *error = 0;
    if (poll(&p, 1, 0) <= 0)
        return false;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, error, &len);
    return *error == 0;
}

/* The program that listens on this port. */
static Program *listening_program(int port)
{
    autofree struct socket_info *all = NULL;
    size_t n = sockets_in(1u << TCP_LISTEN, &all);

    for (size_t i = 0; i < n; i++)
        if (all[i].local.port == port)
            return program_with_socket(all[i].inode);
    return program_last();
}

/* What listens instead of what was asked for; NULL: nothing does. */
static const char *listening_instead(int port, const char **diagnosis_port)
{
    autofree struct socket_info *all = NULL;
    size_t n = sockets_in(1u << TCP_LISTEN, &all);
    const char *words = NULL;

    for (size_t i = 0; i < n; i++) {
        bool ours = false;
        for (Listener *l = world.listeners; l; l = l->next)
            ours = ours || (l->fd >= 0 && l->port && atoi(l->port) == all[i].local.port);
        if (ours)
            continue;
        if (all[i].local.port == port)
            return format("it listens on %s alone", endpoint_words(&all[i].local));
        words = format("it listens on %s instead", endpoint_words(&all[i].local));
        if (all[i].local.port == htons((uint16_t)port))
            *diagnosis_port = format("%d", all[i].local.port);
    }
    return words;
}

static _Noreturn void fail_to_connect(const char *port, const char *host, int error, bool gone,
                                      const struct wait *w)
{
    Program *p = program_last();
    const char *swapped = NULL, *instead = gone ? NULL : listening_instead(port_number(port), &swapped);
    const char *observation = "nobody listens there";

    if (gone && program_endings())
        observation = format("nobody listens there: %s", program_endings());
    else if (gone)
        observation = "nobody listens there, and no program is running";
    else if (error == EINPROGRESS)
        observation = "it listens, but its queue of connections is full and it accepts none";
    else if (instead)
        observation = instead;
    fail(&(struct failing){.cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
                           .expecting = EXPECTING_CONNECTION,
                           .program = p,
                           .port = swapped,
                           .expectation = format("%s listens on %s, port %s", p ? p->name : "the program",
                                                 host ? host : "127.0.0.1", port),
                           .observation = observation,
                           .wait = gone ? NULL : w});
}

Conn *tcp_connect_(const char *port, const struct connect_options *o)
{
    struct wait w = wait_start_polling(&(struct wait_options){.within_ms = o->within_ms}, "a listener",
                                       format("on port %s", port));
    int number = port_number(port), fd = -1, error = 0;
    bool done = false;

    for (;;) {
        if (fd < 0)
            fd = begin_to_connect(o, number, &done);
        if (fd < 0)
            error = errno;
        else if (done || is_connected(fd, &error))
            break;
        if (fd >= 0 && error) {
            close(fd);
            fd = -1;
        }
        if (fd >= 0)
            error = EINPROGRESS;
        bool gone = programs_all_gone();
        if (gone && w.last_look)
            fail_to_connect(port, o->host, error, true, &w);
        if (gone)
            w.last_look = true; /* it may have listened just before it ended: nothing more will come */
        else if (!wait_more(&w))
            fail_to_connect(port, o->host, error, false, &w);
    }
    Conn *c = conn_new_taking(fd, false, listening_program(number));
    step("%s connects to %s at %s", c->name, c->peer_name, endpoint_words(&c->remote));
    return c;
}

void expect_refused_(const char *port, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "a refusal", format("of connections to port %s", port));
    int number = port_number(port);

    for (;;) {
        bool done;
        int error = 0, fd = begin_to_connect(&(struct connect_options){0}, number, &done);
        if (fd < 0)
            error = errno;
        else if (!done)
            is_connected(fd, &error);
        if (fd >= 0)
            close(fd);
        if (error == ECONNREFUSED) {
            step("a connection to port %s is refused", port);
            return;
        }
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_OTHER,
                                   .program = program_last(),
                                   .expectation = format("nobody listens on port %s any more", port),
                                   .observation = "a connection to it still succeeds",
                                   .wait = &w});
    }
}
