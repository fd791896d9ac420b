#include "harness/dhcp.h"

#include "base/mem.h"
#include "harness/failure.h"
#include "harness/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static const char default_server[] = "10.77.0.1";

struct dhcp_wire {
    Link *link;
    DhcpMessage last; /* that was taken; size 0: none was */
    DhcpMessage *kept;
    size_t n_kept, n_taken;
};

DhcpWire *dhcp_on(Link *link)
{
    DhcpWire *wire = xcalloc(1, sizeof *wire);
    struct sockaddr_in port = {.sin_family = AF_INET, .sin_port = htons(DHCP_SERVER_PORT)};

    wire->link = link;
    /* Somebody has the port: otherwise the kernel would answer "port unreachable" to a client. */
    int fd = socket_in(far_node_of(link), AF_INET, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *)&port, sizeof port) < 0)
        world_broken(errno, "Port %d of the DHCP server could not be taken", DHCP_SERVER_PORT);
    return wire;
}

/* ---- Receiving ----------------------------------------------------------------------------------------- */

static _Noreturn void fail_malformed(const char *wrong)
{
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .program = program_last(),
                           .expectation = format("what %s sends to port %d is a DHCP message",
                                                 world.program_name, DHCP_SERVER_PORT),
                           .observation = format("the message %s", wrong)});
}

/* Sorts the frames that have come. */
static void sort_frames(DhcpWire *wire)
{
    Frame f;

    while (take_frame(wire->link, &f)) {
        DhcpMessage m;
        const char *wrong;
        enum dhcp_frame kind = f.from_b ? DHCP_FRAME_OTHER : dhcp_parse_frame(f.content, &m, &wrong);
        if (kind == DHCP_FRAME_OTHER || m.to_port != DHCP_SERVER_PORT)
            continue;
        if (kind == DHCP_FRAME_BAD)
            fail_malformed(wrong);
        m.sent_ns = f.sent_ns;
        wire->kept = xreallocarray(wire->kept, wire->n_kept + 1, sizeof *wire->kept);
        wire->kept[wire->n_kept++] = m;
    }
}

size_t dhcp_waiting(DhcpWire *wire)
{
    sort_frames(wire);
    return wire->n_kept - wire->n_taken;
}

static bool is_repetition(const DhcpMessage *m, const DhcpMessage *of)
{
    return of->size > 0 && m->type == of->type && m->xid == of->xid && m->ciaddr == of->ciaddr &&
           m->to == of->to;
}

static const char *message_words(const DhcpMessage *m)
{
    const char *words = format("%s from %s:%d to %s:%d, xid %08x", dhcp_type_name(m->type),
                               ipv4_words(m->from), m->from_port, ipv4_words(m->to), m->to_port, m->xid);

    if (m->ciaddr)
        words = format("%s, ciaddr %s", words, ipv4_words(m->ciaddr));
    if (m->options[DHCP_ADDRESS].data)
        words = format("%s, asks for %s", words, ipv4_words(dhcp_number(m, DHCP_ADDRESS)));
    if (m->options[DHCP_SERVER].data)
        words = format("%s, server %s", words, ipv4_words(dhcp_number(m, DHCP_SERVER)));
    return words;
}

static _Noreturn void fail_without(DhcpWire *wire, enum dhcp_type type, int repeated, const struct wait *w)
{
    const char *observation = "it sent nothing";
    Program *program = program_last();

    failure_settle();
    bool ended = program && program->ended;
    if (ended)
        observation = format("it sent nothing more: %s", program_endings());
    else if (repeated > 0)
        observation = format("it sent its %s again (%d times), and nothing else",
                             dhcp_type_name(wire->last.type), repeated);
    fail(&(struct failing){.cause = ended ? CAUSE_WRONG : CAUSE_TIMEOUT,
                           .program = program,
                           .expectation = format("%s sends a %s", world.program_name, dhcp_type_name(type)),
                           .observation = observation,
                           .wait = ended ? NULL : w});
}

const DhcpMessage *expect_dhcp_(DhcpWire *wire, enum dhcp_type type, const struct dhcp_options *o)
{
    struct wait w = wait_start(&(const struct wait_options){o->within_ms, o->what}, dhcp_type_name(type),
                               "of the client");
    int repeated = 0;

    for (;;) {
        while (dhcp_waiting(wire) == 0) {
            if (program_last() && program_last()->ended) /* what it sent before its end has arrived */
                w.last_look = true;
            if (!await_frame(wire->link, &w))
                fail_without(wire, type, repeated, &w);
        }
        DhcpMessage *m = xmalloc(sizeof *m);
        *m = wire->kept[wire->n_taken++];
        step("%s → %s", world.program_name, message_words(m));
        if (!o->again && is_repetition(m, &wire->last)) {
            repeated++;
            continue;
        }
        wire->last = *m;
        if (m->type == type)
            return m;
        fail(&(struct failing){
            .cause = CAUSE_WRONG,
            .program = program_last(),
            .expectation = format("the next message of %s is a %s", world.program_name, dhcp_type_name(type)),
            .observation = format("it is a %s", message_words(m))});
    }
}

/* ---- Answering ----------------------------------------------------------------------------------------- */

static void add(Bytes *options, Bytes more)
{
    *options = join(*options, more);
}

static void add_number(Bytes *options, enum dhcp_option code, uint32_t number)
{
    if (number)
        add(options, dhcp_option_number(code, number));
}

static Bytes options_of(enum dhcp_type type, const struct dhcp_answer *a)
{
    const uint8_t number = (uint8_t)type, end = DHCP_END;
    Bytes options = text("");

    if (a->options.data)
        return a->options;
    if (!a->no_type)
        add(&options, dhcp_option_bytes(DHCP_TYPE, bytes(&number, 1)));
    if (!a->no_server_id)
        add_number(&options, DHCP_SERVER, ipv4_number(a->server));
    if (type != DHCP_NAK) {
        add_number(&options, DHCP_LEASE, a->lease);
        add_number(&options, DHCP_RENEW, a->renew);
        add_number(&options, DHCP_REBIND, a->rebind);
        add_number(&options, DHCP_MASK, ipv4_number(a->mask ? a->mask : "255.255.255.0"));
        add_number(&options, DHCP_ROUTER, ipv4_number(a->router ? a->router : a->server));
        if (a->dns) {
            uint8_t both[8];
            uint32_t first = htonl(ipv4_number(a->dns)), second = htonl(a->dns2 ? ipv4_number(a->dns2) : 0);
            memcpy(both, &first, 4);
            memcpy(both + 4, &second, 4);
            add(&options, dhcp_option_bytes(DHCP_DNS, bytes(both, a->dns2 ? 8 : 4)));
        }
    }
    if (a->more.data)
        add(&options, a->more);
    return join(options, bytes(&end, 1));
}

/* Where it goes: RFC 2131, 4.1. */
static void address_it(DhcpMessage *m, const DhcpMessage *to, const uint8_t *mac)
{
    memcpy(m->to_mac, mac, MAC_SIZE);
    if (m->type == DHCP_NAK || (!to->ciaddr && to->flags & 0x8000)) {
        memset(m->to_mac, 0xff, MAC_SIZE);
        m->to = UINT32_MAX;
    } else
        m->to = to->ciaddr ? to->ciaddr : m->yiaddr;
}

static void fill_field(uint8_t *field, size_t size, Bytes with)
{
    if (with.data)
        memcpy(field, with.data, with.size < size ? with.size : size);
}

void send_dhcp(DhcpWire *wire, const DhcpMessage *to, enum dhcp_type type, const struct dhcp_answer *answer)
{
    struct dhcp_answer a = *answer;

    a.server = a.server ? a.server : default_server;
    DhcpMessage m = {.type = type,
                     .op = a.is_request ? 1 : 2,
                     .htype = 1,
                     .hlen = MAC_SIZE,
                     .xid = to->xid + a.foreign_xid,
                     .flags = to->flags,
                     .ciaddr = type == DHCP_ACK ? to->ciaddr : 0,
                     .yiaddr = a.address ? ipv4_number(a.address) : 0,
                     .from = ipv4_number(a.server),
                     .from_port = DHCP_SERVER_PORT,
                     .to_port = DHCP_CLIENT_PORT};
    memcpy(m.from_mac, far_mac_of(wire->link), MAC_SIZE);
    memcpy(m.chaddr, to->chaddr, sizeof m.chaddr);
    m.chaddr[MAC_SIZE - 1] ^= a.foreign_chaddr;
    address_it(&m, to, mac_of(wire->link));
    fill_field(m.sname, sizeof m.sname, a.sname);
    fill_field(m.file, sizeof m.file, a.file);
    Bytes message = dhcp_build(&m, options_of(type, &a));
    if (a.no_cookie)
        message =
            join(slice(message, 0, DHCP_OPTIONS_AT - 4),
                 join(text("\1\2\3\4"), slice(message, DHCP_OPTIONS_AT, message.size - DHCP_OPTIONS_AT)));
    if (a.cut)
        message = slice(message, 0, a.cut);
    step("server %s → %s  %s%s%s, xid %08x", a.server, m.to == UINT32_MAX ? "everybody" : ipv4_words(m.to),
         dhcp_type_name(type), a.address ? " of " : "", a.address ? a.address : "", m.xid);
    send_frame(wire->link, dhcp_build_frame(&m, message));
}
