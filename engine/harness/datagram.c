#include "harness/datagram.h"

#include "base/clock.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/level.h"
#include "harness/program.h"
#include "harness/udptable.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    UDP_PORT_LOWEST = 10000, /* below the ports that the system gives to clients */
    UDP_PORT_HIGHEST = 29999,
    PORT_TRIES = 100,
    RECEIVE_BUFFER = 4 << 20, /* as much as the system gives of it */
    KEPT_MAX = 64 << 20       /* bytes that arrived and nobody asked for */
};

struct udp_socket {
    const char *name;      /* "client#1" for one that talks with a program, "socket#1" for another one */
    const char *peer_name; /* "./udpserver" */
    Program *peer;         /* NULL: not known */
    int fd;                /* -1: closed */
    uv_poll_t poll;
    struct endpoint local, remote; /* remote: port 0 if it talks with nobody in particular */
    struct sockaddr_storage to;
    socklen_t to_len;
    Datagram *kept;
    size_t n_kept, kept_bytes;
};

/* ---- In the background --------------------------------------------------------------------------------- */

static struct endpoint endpoint_from(const struct sockaddr_storage *s)
{
    struct endpoint e = {0};
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (s->ss_family == AF_INET6) {
        memcpy(&in6, s, sizeof in6);
        return (struct endpoint){in6.sin6_addr, ntohs(in6.sin6_port)};
    }
    memcpy(&in, s, sizeof in);
    e.address.s6_addr[10] = e.address.s6_addr[11] = 0xff;
    memcpy(&e.address.s6_addr[12], &in.sin_addr, 4);
    e.port = ntohs(in.sin_port);
    return e;
}

static void keep(UdpSocket *u, Bytes content, const struct sockaddr_storage *from)
{
    struct endpoint e = endpoint_from(from);
    char host[INET6_ADDRSTRLEN];

    if (u->kept_bytes + content.size > KEPT_MAX) {
        if (!world.flood)
            world.flood = format("%s has sent %s to %s that nothing had asked for", u->peer_name,
                                 count_bytes(KEPT_MAX), u->name);
        return;
    }
    if (from->ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)from)->sin6_addr, host, sizeof host);
    else
        inet_ntop(AF_INET, &((const struct sockaddr_in *)from)->sin_addr, host, sizeof host);
    if ((u->n_kept & (u->n_kept - 1)) == 0)
        u->kept = xreallocarray(u->kept, u->n_kept ? 2 * u->n_kept : 1, sizeof *u->kept);
    u->kept[u->n_kept++] = (Datagram){.content = join(content, text("")),
                                      .from = endpoint_words(&e),
                                      .host = format("%s", host),
                                      .port = e.port};
    u->kept_bytes += content.size;
}

static void receive_some(UdpSocket *u)
{
    enum { MOST = 256 }; /* then others get their turn */
    static uint8_t content[1 << 16];

    for (int i = 0; i < MOST && u->fd >= 0; i++) {
        struct sockaddr_storage from = {0};
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(u->fd, content, sizeof content, 0, (struct sockaddr *)&from, &len);
        if (n >= 0)
            keep(u, bytes(content, (size_t)n), &from);
        else if (errno == EAGAIN)
            return;
        /* anything else is the news that an earlier datagram could not be delivered */
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    receive_some(poll->data);
}

static void drop_first(UdpSocket *u)
{
    u->kept_bytes -= u->kept[0].content.size;
    memmove(u->kept, u->kept + 1, --u->n_kept * sizeof *u->kept);
}

/* ---- Opening and closing ------------------------------------------------------------------------------- */

static int port_number(const char *port)
{
    char *end;
    long number = strtol(port, &end, 10);

    if (*end || end == port || number < 1 || number > 65535)
        world_broken(0, "The check names the port \"%s\", which is none", port);
    return (int)number;
}

/* Bound to the port; -1 with errno. */
static int bound_udp_socket(const char *host, int port)
{
    socklen_t len;
    struct sockaddr_storage address = address_named(host, port, &len);
    int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        world_broken(errno, "A UDP socket could not be made");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){RECEIVE_BUFFER}, sizeof(int));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){RECEIVE_BUFFER}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, len) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int bound_to_any(const char *host, int *port)
{
    for (int i = 0; i < PORT_TRIES; i++) {
        *port = random_between(UDP_PORT_LOWEST, UDP_PORT_HIGHEST);
        if (!claim_port(*port))
            continue;
        int fd = bound_udp_socket(host, *port);
        if (fd >= 0)
            return fd;
        if (errno != EADDRINUSE)
            break;
    }
    world_broken(errno, "No free UDP port was found on %s", host ? host : "127.0.0.1");
}

static UdpSocket *socket_new_taking(int fd, const char *name)
{
    UdpSocket *u = xcalloc(1, sizeof *u);
    Program *program = program_last();

    u->fd = fd;
    u->name = name;
    u->peer = program;
    u->peer_name = program ? program->name : world.program_name;
    socket_local(fd, &u->local);
    int status = uv_poll_init(&world.loop, &u->poll, fd);
    if (status < 0)
        world_broken(-status, "A UDP socket could not be watched");
    u->poll.data = u;
    uv_poll_start(&u->poll, UV_READABLE, on_readable);
    return u;
}

UdpSocket *udp_open_(const struct udp_options *o)
{
    static int opened;
    int port = o->port;
    int fd = port ? bound_udp_socket(o->host, port) : bound_to_any(o->host, &port);

    if (fd < 0)
        world_broken(errno, "The checker cannot take UDP port %d", port);
    UdpSocket *u = socket_new_taking(fd, format("socket#%d", ++opened));
    step("the checker opens a UDP socket on %s: %s", endpoint_words(&u->local), u->name);
    return u;
}

const char *udp_port_of(UdpSocket *u)
{
    return format("%d", u->local.port);
}

const char *free_udp_port(void)
{
    int port;

    close(bound_to_any("0.0.0.0", &port));
    return format("%d", port);
}

void close_udp(UdpSocket *u)
{
    step("%s closes its socket", u->name);
    if (u->fd < 0)
        return;
    uv_poll_stop(&u->poll);
    close(u->fd);
    u->fd = -1;
}

/* ---- Who has a port ------------------------------------------------------------------------------------ */

static bool is_any(const struct endpoint *e)
{
    static const uint8_t any4[16] = {[10] = 0xff, [11] = 0xff};

    return IN6_IS_ADDR_UNSPECIFIED(&e->address) || memcmp(&e->address, any4, sizeof any4) == 0;
}

static bool port_is_bound(const struct endpoint *wanted, struct udp_info *out)
{
    autofree struct udp_info *all = NULL;
    size_t n = udptable_all(&all);

    for (size_t i = 0; i < n; i++) {
        if (all[i].local.port == wanted->port &&
            (is_any(&all[i].local) || endpoint_same(&all[i].local, wanted))) {
            *out = all[i];
            return true;
        }
    }
    return false;
}

static Program *owner_of(unsigned long inode)
{
    char wanted[64];

    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    for (Program *p = world.programs; p; p = p->next) {
        autofree struct open_file *files = NULL;
        size_t n = p->ended ? 0 : process_files(p->pid, &files);
        for (size_t i = 0; i < n; i++)
            if (strcmp(files[i].target, wanted) == 0)
                return p;
    }
    return program_last();
}

/* What somebody has instead of what was asked for; NULL: nothing that tells. */
static const char *bound_instead(const struct endpoint *wanted, const char **swapped)
{
    autofree struct udp_info *all = NULL;
    autofree struct socket_info *listeners = NULL;
    size_t n = udptable_all(&all), n_listeners = sockets_in(1u << TCP_LISTEN, &listeners);

    for (size_t i = 0; i < n_listeners; i++)
        if (listeners[i].local.port == wanted->port)
            return "it listens there for TCP connections; UDP has ports of its own";
    for (size_t i = 0; i < n; i++) {
        if (all[i].local.port == wanted->port)
            return format("it has that port on %s alone", endpoint_words(&all[i].local));
        if (all[i].local.port == htons(wanted->port)) {
            *swapped = format("%d", all[i].local.port);
            return format("it receives on %s instead", endpoint_words(&all[i].local));
        }
    }
    return NULL;
}

static _Noreturn void fail_to_find(const struct endpoint *wanted, bool gone, const struct wait *w)
{
    Program *p = program_last();
    const char *swapped = NULL, *instead = gone ? NULL : bound_instead(wanted, &swapped);
    const char *observation = instead ? instead : "nobody has bound that UDP port";

    if (gone)
        observation = format("nobody has bound that UDP port: %s",
                             program_endings() ? program_endings() : "no program is running");
    fail(&(struct failing){.cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
                           .expecting = EXPECTING_CONNECTION,
                           .program = p,
                           .port = swapped,
                           .expectation = format("%s receives datagrams on %s", p ? p->name : "the program",
                                                 endpoint_words(wanted)),
                           .observation = observation,
                           .wait = gone ? NULL : w});
}

UdpSocket *udp_client_(const char *port, const struct udp_options *o)
{
    static int opened;
    struct wait w = wait_start_polling(&(struct wait_options){.within_ms = o->within_ms}, "a UDP socket",
                                       format("on port %s", port));
    socklen_t len;
    struct sockaddr_storage to = address_named(o->host, port_number(port), &len);
    struct endpoint wanted = endpoint_from(&to);
    struct udp_info info;

    while (!port_is_bound(&wanted, &info)) {
        bool gone = programs_all_gone();
        if (gone || !wait_more(&w))
            fail_to_find(&wanted, gone, &w);
    }
    int fd = bound_udp_socket(to.ss_family == AF_INET6 ? "::" : "0.0.0.0", 0);
    if (fd < 0)
        world_broken(errno, "The checker has no UDP port of its own");
    UdpSocket *u = socket_new_taking(fd, format("client#%d", ++opened));
    u->peer = owner_of(info.inode);
    u->peer_name = u->peer ? u->peer->name : world.program_name;
    u->to = to;
    u->to_len = len;
    u->remote = wanted;
    step("%s has port %d of its own and talks with %s at %s", u->name, u->local.port, u->peer_name,
         endpoint_words(&u->remote));
    return u;
}

void expect_udp_port_free_(const char *port, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "everybody to let go", format("of UDP port %s", port));
    struct endpoint wanted = {.port = (uint16_t)port_number(port)};
    struct udp_info info = {0};

    while (port_is_bound(&wanted, &info))
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .program = program_last(),
                                   .expectation = format("nobody has UDP port %s any more", port),
                                   .observation = "it is still taken",
                                   .wait = &w});
    step("nobody has UDP port %s any more", port);
}

size_t bytes_queued_at(const char *port)
{
    autofree struct udp_info *all = NULL;
    size_t n = udptable_all(&all), queued = 0;

    for (size_t i = 0; i < n; i++)
        if (all[i].local.port == port_number(port))
            queued += all[i].receive_queue;
    return queued;
}

/* ---- Sending ------------------------------------------------------------------------------------------- */

static const char *sized(Bytes b)
{
    return b.size ? quote_sized(b) : "an empty datagram";
}

static void send_to(UdpSocket *u, const struct sockaddr_storage *to, socklen_t len, Bytes content)
{
    if (u->fd < 0)
        world_broken(0, "The check sends a datagram on %s, which it has closed", u->name);
    for (;;) {
        if (sendto(u->fd, content.data, content.size, 0, (const struct sockaddr *)to, len) >= 0)
            return;
        if (errno == EAGAIN || errno == ENOBUFS) /* what was sent before is still on its way */
            world_run(1000000);
        else if (errno != EINTR && errno != ECONNREFUSED)
            world_broken(errno, "A datagram of %zu bytes could not be sent on %s", content.size, u->name);
    }
}

void send_datagram(UdpSocket *u, Bytes content)
{
    if (!u->remote.port)
        world_broken(0, "The check sends a datagram on %s, which talks with nobody", u->name);
    step("%s → %s  %s", u->name, u->peer_name, sized(content));
    send_to(u, &u->to, u->to_len, content);
}

void answer_datagram(UdpSocket *u, Datagram to, Bytes content)
{
    socklen_t len;
    struct sockaddr_storage address = address_named(to.host, to.port, &len);

    step("%s → %s  %s", u->name, to.from, sized(content));
    send_to(u, &address, len, content);
}

void send_forged_datagram(const char *port, int from_port, Bytes content)
{
    size_t size = sizeof(struct udphdr) + content.size;
    autofree uint8_t *packet = xmalloc(size);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    /* Without a checksum, which IPv4 allows: RFC 768. */
    struct udphdr header = {.uh_sport = htons((uint16_t)from_port),
                            .uh_dport = htons((uint16_t)port_number(port)),
                            .uh_ulen = htons((uint16_t)size)};
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);

    if (fd < 0)
        skip("This check needs a raw socket, to send what no program can, and there is none here: %s. "
             "There is one in "
             "a sandbox of the level full; lux doctor says what that takes.",
             strerror(errno));
    memcpy(packet, &header, sizeof header);
    memcpy(packet + sizeof header, content.data, content.size);
    step("127.0.0.1:%d → 127.0.0.1:%s  %s, made by the checker", from_port, port, sized(content));
    if (sendto(fd, packet, size, 0, (struct sockaddr *)&to, sizeof to) < 0)
        world_broken(errno, "A datagram from port %d could not be made", from_port);
    close(fd);
}

/* ---- Receiving ----------------------------------------------------------------------------------------- */

const char *datagram_difference(Bytes expected, Bytes received)
{
    int64_t at = compare_bytes(expected, received);

    if (at < 0)
        return NULL;
    if (received.size == 0)
        return "an empty datagram came";
    if ((size_t)at == received.size)
        return format("only the first %s of %s came", count_bytes(received.size), count_bytes(expected.size));
    if ((size_t)at == expected.size)
        return format("%s came: %s, and %s after it", count_bytes(received.size),
                      expected.size ? "what was expected" : "what should be empty",
                      quote_sized(slice(received, expected.size, received.size)));
    if (expected.size <= QUOTE_MAX && received.size <= QUOTE_MAX)
        return format("%s came", quote_sized(received));
    return format("%s came; the first %s are right, then comes %s instead of %s", count_bytes(received.size),
                  count_bytes((uint64_t)at), name_byte(received.data[at]), name_byte(expected.data[at]));
}

static void require_open(UdpSocket *u)
{
    if (u->fd < 0)
        world_broken(0, "The check expects a datagram on %s, which it has closed", u->name);
}

static _Noreturn void fail_without(UdpSocket *u, Bytes expected, const char *expectation,
                                   const char *observation, const struct wait *w)
{
    bool ended = u->peer && u->peer->ended;

    if (ended && program_endings())
        observation = format("%s: %s", observation, program_endings());
    fail(&(struct failing){.cause = ended ? CAUSE_WRONG : CAUSE_TIMEOUT,
                           .expecting = EXPECTING_DATAGRAM,
                           .program = u->peer,
                           .expectation = expectation,
                           .observation = observation,
                           .compares = true,
                           .expected = expected,
                           .wait = ended ? NULL : w});
}

/* Waits until n have arrived; false if they do not come. */
static bool await(UdpSocket *u, size_t n, struct wait *w)
{
    receive_some(u);
    while (u->n_kept < n) {
        if (u->peer && u->peer->ended) /* what it sent before its end has arrived */
            w->last_look = true;
        if (!wait_more(w))
            break;
        receive_some(u);
    }
    if (u->n_kept < n)
        failure_settle();
    return u->n_kept >= n;
}

static void require_sender(UdpSocket *u, const Datagram *d)
{
    const char *peer = endpoint_words(&u->remote);

    if (!u->remote.port || strcmp(d->from, peer) == 0)
        return;
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .expecting = EXPECTING_DATAGRAM,
                           .program = u->peer,
                           .expectation =
                               format("what %s receives comes from %s, where it has sent to", u->name, peer),
                           .observation = format("%s came from %s", sized(d->content), d->from)});
}

void expect_datagram_(UdpSocket *u, Bytes content, const struct wait_options *o)
{
    struct wait w = wait_start(o, sized(content), format("at %s", u->name));
    const char *expectation = format("%s sends %s to %s", u->peer_name, sized(content), u->name);

    require_open(u);
    if (!await(u, 1, &w))
        fail_without(u, content, expectation, "nothing came", &w);
    Datagram d = u->kept[0];
    require_sender(u, &d);
    if (compare_bytes(content, d.content) >= 0) {
        failure_settle();
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expecting = EXPECTING_DATAGRAM,
                               .program = u->peer,
                               .expectation = expectation,
                               .observation = datagram_difference(content, d.content),
                               .compares = true,
                               .expected = content,
                               .received = d.content});
    }
    drop_first(u);
    step("%s → %s  %s", u->peer_name, u->name, sized(content));
}

/* Takes the first of those that arrived out of those that were expected; false if it is none of them. */
static bool strike_out(Datagram d, const Bytes *contents, bool *came, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (came[i] || compare_bytes(contents[i], d.content) >= 0)
            continue;
        came[i] = true;
        return true;
    }
    return false;
}

static size_t first_missing(const bool *came, size_t n)
{
    size_t i = 0;

    while (i < n && came[i])
        i++;
    return i;
}

void expect_datagrams_(UdpSocket *u, const Bytes *contents, size_t n, const struct wait_options *o)
{
    const char *name = format("%zu datagrams", n);
    struct wait w = wait_start(o, name, format("at %s", u->name));
    autofree bool *came = xcalloc(n, sizeof *came);
    const char *expectation = format("%s sends %s to %s, each once", u->peer_name, name, u->name);

    require_open(u);
    for (size_t i = 0; i < n; i++) {
        if (!await(u, 1, &w))
            fail_without(u, contents[first_missing(came, n)], expectation,
                         format("%zu of them came; %s is missing%s", i,
                                sized(contents[first_missing(came, n)]),
                                n - i > 1 ? format(", with %zu others", n - i - 1) : ""),
                         &w);
        require_sender(u, &u->kept[0]);
        if (!strike_out(u->kept[0], contents, came, n))
            fail(&(struct failing){.cause = CAUSE_WRONG,
                                   .expecting = EXPECTING_DATAGRAM,
                                   .program = u->peer,
                                   .expectation = expectation,
                                   .observation = format("%s came, which is none of those that are due",
                                                         sized(u->kept[0].content)),
                                   .compares = true,
                                   .expected = contents[first_missing(came, n)],
                                   .received = u->kept[0].content});
        step("%s → %s  %s", u->peer_name, u->name, sized(u->kept[0].content));
        drop_first(u);
    }
}

Datagram receive_datagram_(UdpSocket *u, const struct wait_options *o)
{
    struct wait w = wait_start(o, "a datagram", format("at %s", u->name));

    require_open(u);
    if (!await(u, 1, &w))
        fail_without(u, text(""), format("%s sends a datagram to %s", u->peer_name, u->name), "nothing came",
                     &w);
    Datagram d = u->kept[0];
    drop_first(u);
    step("%s → %s  %s", d.from, u->name, sized(d.content));
    return d;
}

size_t datagrams_waiting(UdpSocket *u)
{
    receive_some(u);
    return u->n_kept;
}
