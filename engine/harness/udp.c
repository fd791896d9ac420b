/* UDP sockets of the checker, and who has which port. */
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/datagram_socket.h"
#include "harness/failure.h"
#include "harness/level.h"
#include "harness/program.h"
#include "harness/udptable.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    UDP_PORT_LOWEST = 10000, /* below the ports that the system gives to clients */
    UDP_PORT_HIGHEST = 29999,
    PORT_TRIES = 100,
    RECEIVE_BUFFER = 4 << 20 /* as much as the system gives of it */
};

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

static UdpSocket *open_on(int fd, const char *name)
{
    UdpSocket *u = datagram_socket_new_taking(fd, name);

    socket_local(fd, &u->local);
    return u;
}

UdpSocket *udp_open_(const struct udp_options *o)
{
    static int opened;
    int port = o->port;
    int fd = port ? bound_udp_socket(o->host, port) : bound_to_any(o->host, &port);

    if (fd < 0)
        world_broken(errno, "The checker cannot take UDP port %d", port);
    UdpSocket *u = open_on(fd, format("socket#%d", ++opened));
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
    close_datagrams(u);
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
    struct endpoint wanted = endpoint_of_address(&to);
    struct udp_info info;

    while (!port_is_bound(&wanted, &info)) {
        bool gone = programs_all_gone();
        if (gone || !wait_more(&w))
            fail_to_find(&wanted, gone, &w);
    }
    int fd = bound_udp_socket(to.ss_family == AF_INET6 ? "::" : "0.0.0.0", 0);
    if (fd < 0)
        world_broken(errno, "The checker has no UDP port of its own");
    UdpSocket *u = open_on(fd, format("client#%d", ++opened));
    u->peer = program_with_socket(info.inode);
    u->peer_name = u->peer ? u->peer->name : world.program_name;
    u->to = to;
    u->to_len = len;
    u->talks_with = endpoint_words(&wanted);
    step("%s has port %d of its own and talks with %s at %s", u->name, u->local.port, u->peer_name,
         u->talks_with);
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

/* ---- Forging ------------------------------------------------------------------------------------------- */

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
    step("127.0.0.1:%d → 127.0.0.1:%s  %s, made by the checker", from_port, port, quote_sized(content));
    if (sendto(fd, packet, size, 0, (struct sockaddr *)&to, sizeof to) < 0)
        world_broken(errno, "A datagram from port %d could not be made", from_port);
    close(fd);
}
