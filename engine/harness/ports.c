#include "harness/ports.h"

#include "base/clock.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/level.h"
#include "harness/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    RANGE_LOWEST = 10000, /* below the ports that the system gives to clients */
    RANGE_HIGHEST = 29999,
    TRIES = 200
};

static bool is_free(int port)
{
    socklen_t len;
    struct sockaddr_storage any = address_named("0.0.0.0", port, &len);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is = fd >= 0 && bind(fd, (struct sockaddr *)&any, len) == 0;

    if (fd >= 0)
        close(fd);
    return is;
}

int free_ports(int n)
{
    for (int i = 0; i < TRIES; i++) {
        int first = random_between(RANGE_LOWEST, RANGE_HIGHEST - n), port = first - 1;
        while (port <= first + n && is_free(port))
            port++;
        if (port <= first + n) /* before any is taken: those would be lost for the next try */
            continue;
        port = first - 1;
        while (port <= first + n && claim_port(port))
            port++;
        if (port > first + n)
            return first;
    }
    world_broken(0, "There are no %d free ports in a row", n);
}

/* A filter on a listening socket sees each packet for its port before TCP does, and what it refuses leaves no
 * trace: socket(7), SO_ATTACH_FILTER. It needs no privilege. */
void fall_silent(Listener *l)
{
    struct sock_filter refuse_all = {.code = BPF_RET | BPF_K, .k = 0};
    struct sock_fprog program = {.len = 1, .filter = &refuse_all};

    if (setsockopt(l->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
        world_broken(errno, "Port %s could not be made silent", l->port);
    step("port %s answers nobody", l->port);
}

void answer_again(Listener *l)
{
    if (setsockopt(l->fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, sizeof(int)) < 0)
        world_broken(errno, "Port %s could not be made to answer", l->port);
    step("port %s answers again", l->port);
}

static size_t knocks_at(int port)
{
    autofree struct socket_info *all = NULL;
    size_t n = sockets_in(1u << TCP_SYN_SENT, &all), knocks = 0;

    for (size_t i = 0; i < n; i++)
        knocks += port == 0 || all[i].remote.port == port;
    return knocks;
}

void expect_knock_(Listener *l, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "somebody to ask", format("at port %s", l->port));
    Program *p = program_last();

    while (knocks_at(atoi(l->port)) == 0) {
        bool gone = programs_all_gone();
        if (gone || !wait_more(&w))
            fail(&(struct failing){
                .cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
                .program = p,
                .expectation = format("%s asks port %s for a connection, and waits for the answer",
                                      p ? p->name : "the program", l->port),
                .observation = gone && program_endings() ? format("it does not wait: %s", program_endings())
                                                         : "no such connection is under way",
                .wait = gone ? NULL : &w});
    }
    step("%s has asked port %s and waits for the answer", p ? p->name : "the program", l->port);
}

size_t knocks_waiting(void)
{
    require_own_network("to count the connections that are asked for");
    return knocks_at(0);
}

size_t knocks_settled(void)
{
    enum { STILL_MS = 100 };
    size_t n = knocks_waiting(), before;

    do {
        uint64_t end_ns = clock_now_ns() + STILL_MS * (uint64_t)1000000;
        for (uint64_t now = clock_now_ns(); now < end_ns; now = clock_now_ns())
            world_run(end_ns - now);
        before = n;
        n = knocks_waiting();
    } while (n > before);
    step("%zu connections are under way and have no answer", n);
    return n;
}

size_t connections_waiting(Listener *l)
{
    autofree struct socket_info *all = NULL;
    struct endpoint local;
    size_t n = sockets_in(1u << TCP_LISTEN, &all);

    if (l->fd < 0 || !socket_local(l->fd, &local))
        return 0;
    for (size_t i = 0; i < n; i++)
        if (endpoint_same(&all[i].local, &local))
            return all[i].receive_queue;
    return 0;
}

void expect_silent_end_(Conn *c, const struct wait_options *o)
{
    struct wait w = wait_start(o, format("%s to end the connection", c->peer_name), format("of %s", c->name));
    const char *expectation = format("%s ends the connection of %s without a word", c->peer_name, c->name);

    while (!c->in.ended && unread_bytes(c) == 0)
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_END,
                                   .conn = c,
                                   .program = c->peer,
                                   .expectation = expectation,
                                   .observation = "the connection stays open",
                                   .wait = &w});
    if (unread_bytes(c) > 0)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .conn = c,
                               .program = c->peer,
                               .expectation = expectation,
                               .observation = format("%s came", quote_sized(inbox_unread(&c->in)))});
    step("%s ends the connection of %s without a word", c->peer_name, c->name);
}

void set_local_ports(int lowest, int highest)
{
    static const char path[] = "/proc/sys/net/ipv4/ip_local_port_range";
    const char *range = format("%d %d", lowest, highest);

    require_own_network("to say which ports the kernel gives to connections");
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, range, strlen(range)) != (ssize_t)strlen(range))
        skip("This check needs to say which ports the kernel gives to connections, and here it cannot: "
             "%s: %s. It can in "
             "a sandbox of the level full; lux doctor says what that takes.",
             path, strerror(errno));
    close(fd);
    step("the kernel gives connections a local port from %d to %d", lowest, highest);
}

void require_unreachable(const char *host)
{
    socklen_t len;
    struct sockaddr_storage to = address_named(host, 9, &len);
    int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool reachable =
        fd < 0 || connect(fd, (struct sockaddr *)&to, len) == 0; /* sends nothing, but asks for a route */

    if (fd >= 0)
        close(fd);
    if (reachable)
        skip("This check needs a sandbox with a network of its own, so that %s cannot be reached; lux "
             "doctor says what "
             "that takes.",
             host);
    step("there is no route to %s", host);
}
