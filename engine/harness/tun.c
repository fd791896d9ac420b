#include "harness/tun.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/failure.h"
#include "harness/mismatch.h"
#include "harness/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKETS_MAX = 10000 }; /* that nobody asked for; those after them are lost, as on a full queue */

struct tun {
    const char *interface;
    int fd; /* packet(7), without link-layer headers */
    int index;
    uv_poll_t poll;
    Bytes *packets;
    size_t n_packets, n_taken;
};

/* ---- The interface ------------------------------------------------------------------------------------- */

/* Its flags, 0 if there is none. */
static int flags_of(int fd, const char *interface)
{
    struct ifreq r = {0};

    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", interface);
    return ioctl(fd, SIOCGIFFLAGS, &r) < 0 ? 0 : r.ifr_flags;
}

static int index_of(int fd, const char *interface)
{
    struct ifreq r = {0};

    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", interface);
    return ioctl(fd, SIOCGIFINDEX, &r) < 0 ? 0 : r.ifr_ifindex;
}

/* What the program writes arrives at the interface; what goes out of it is the kernel's, or ours. */
static void receive_packets(Tun *t)
{
    static uint8_t packet[65536];

    for (;;) {
        struct sockaddr_ll from = {0};
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(t->fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        if (from.sll_pkttype == PACKET_OUTGOING || t->n_packets - t->n_taken >= PACKETS_MAX)
            continue;
        if ((t->n_packets & (t->n_packets - 1)) == 0)
            t->packets = xreallocarray(t->packets, t->n_packets ? 2 * t->n_packets : 1, sizeof *t->packets);
        t->packets[t->n_packets++] = join(bytes(packet, (size_t)n), text(""));
    }
}

static void on_packets(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    receive_packets(poll->data);
}

Tun *expect_tun_(Node *node, const char *interface, const struct wait_options *o)
{
    enum { WANTED = IFF_UP | IFF_RUNNING };
    struct wait w = wait_start_polling(o, "the interface", interface);
    Program *p = program_last();
    int probe = socket_in(node, AF_INET, SOCK_DGRAM, 0);

    while ((flags_of(probe, interface) & WANTED) != WANTED) {
        bool gone = programs_all_gone();
        const char *observation =
            index_of(probe, interface) ? "it is there, but down" : "there is no such interface";
        if (gone || !wait_more(&w))
            fail(&(struct failing){.cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
                                   .program = p,
                                   .expectation = format("%s makes the interface %s, and sets it up",
                                                         p ? p->name : "the program", interface),
                                   .observation = gone && program_endings()
                                                      ? format("%s: %s", observation, program_endings())
                                                      : observation,
                                   .wait = gone ? NULL : &w});
    }
    Tun *t = xcalloc(1, sizeof *t);
    t->interface = interface;
    t->index = index_of(probe, interface);
    close(probe);
    t->fd = socket_in(node, AF_PACKET, SOCK_DGRAM, 0);
    struct sockaddr_ll on = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = t->index};
    setsockopt(t->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &(int){1}, sizeof(int));
    if (bind(t->fd, (struct sockaddr *)&on, sizeof on) < 0)
        world_broken(errno, "The packets on %s could not be watched", interface);
    uv_poll_init(&world.loop, &t->poll, t->fd);
    t->poll.data = t;
    uv_poll_start(&t->poll, UV_READABLE, on_packets);
    step("the interface %s is up", interface);
    return t;
}

void expect_no_tun_(Node *node, const char *interface, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "the interface to be gone:", interface);
    int probe = socket_in(node, AF_INET, SOCK_DGRAM, 0);

    while (index_of(probe, interface))
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_LEAK,
                                   .program = program_last(),
                                   .expectation = format("there is no interface %s any more", interface),
                                   .observation = "it is still there",
                                   .wait = &w});
    close(probe);
    step("there is no interface %s", interface);
}

/* ---- Packets ------------------------------------------------------------------------------------------- */

void tun_send(Tun *t, Bytes packet)
{
    bool v6 = packet.size > 0 && packet.data[0] >> 4 == 6;
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(v6 ? ETH_P_IPV6 : ETH_P_IP),
                             .sll_ifindex = t->index,
                             .sll_halen = MAC_SIZE};

    step("%s ← %s", t->interface, quote_sized(packet));
    while (sendto(t->fd, packet.data, packet.size, 0, (struct sockaddr *)&to, sizeof to) < 0) {
        if (errno != EINTR && errno != ENOBUFS && errno != EAGAIN)
            world_broken(errno, "A packet of %zu bytes could not be sent into %s", packet.size, t->interface);
        world_run(1000000);
    }
}

static Bytes await_packet(Tun *t, const char *expectation, Bytes expected, const char *what,
                          const struct wait_options *o)
{
    struct wait w = wait_start(o, what, format("on %s", t->interface));

    receive_packets(t);
    while (t->n_taken == t->n_packets) {
        bool gone = programs_all_gone();
        if (gone)
            w.last_look = true;
        if (!wait_more(&w))
            fail(&(struct failing){.cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
                                   .program = program_last(),
                                   .expectation = expectation,
                                   .observation = gone && program_endings()
                                                      ? format("none came: %s", program_endings())
                                                      : "none came",
                                   .compares = expected.size > 0,
                                   .expected = expected,
                                   .wait = gone ? NULL : &w});
        receive_packets(t);
    }
    return t->packets[t->n_taken++];
}

Bytes tun_receive_(Tun *t, const struct wait_options *o)
{
    Bytes b = await_packet(t, format("a packet comes out of %s", t->interface), text(""), "a packet", o);

    step("%s → %s", t->interface, quote_sized(b));
    return b;
}

void expect_packet_(Tun *t, Bytes packet, const struct wait_options *o)
{
    const char *expectation =
        format("the packet of %s comes out of %s", count_bytes(packet.size), t->interface);
    Bytes b = await_packet(t, expectation, packet, "a packet", o);

    if (compare_bytes(packet, b) >= 0)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .program = program_last(),
                               .expectation = expectation,
                               .observation = mismatch_words(packet, b, NULL),
                               .compares = true,
                               .expected = packet,
                               .received = b});
    step("%s → %s", t->interface, quote_sized(b));
}

static uint32_t sum_of(const uint8_t *data, size_t size)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
    return sum;
}

/* RFC 1071. */
static uint16_t checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

Bytes udp_packet(const char *from, int from_port, const char *to, int to_port, Bytes content)
{
    enum { IP_SIZE = 20, UDP_SIZE = 8, PROTOCOL_UDP = 17, TTL = 64 };
    size_t size = IP_SIZE + UDP_SIZE + content.size;
    uint8_t *p = xcalloc(1, size), *udp = p + IP_SIZE;

    p[0] = 0x45;
    put16(p + 2, size);
    p[8] = TTL;
    p[9] = PROTOCOL_UDP;
    if (inet_pton(AF_INET, from, p + 12) != 1 || inet_pton(AF_INET, to, p + 16) != 1)
        world_broken(0, "The check makes a packet from %s to %s", from, to);
    put16(p + 10, checksum(sum_of(p, IP_SIZE)));
    put16(udp, (size_t)from_port);
    put16(udp + 2, (size_t)to_port);
    put16(udp + 4, UDP_SIZE + content.size);
    if (content.size > 0)
        memcpy(udp + UDP_SIZE, content.data, content.size);
    uint16_t sum = checksum(sum_of(p + 12, 8) + PROTOCOL_UDP + UDP_SIZE + (uint32_t)content.size +
                            sum_of(udp, UDP_SIZE + content.size));
    put16(udp + 6, sum ? sum : 0xffff);
    return bytes(p, size);
}
