#include "harness/dhcppacket.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <string.h>

enum { ETHERNET = 14, IP_LEAST = 20, UDP = 8, PROTOCOL_UDP = 17, FRAME_LEAST = 60 };

static const uint8_t cookie[] = {99, 130, 83, 99};

/* ---- Numbers ------------------------------------------------------------------------------------------- */

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, unsigned n)
{
    p[0] = (uint8_t)(n >> 8);
    p[1] = (uint8_t)n;
}

static void put32(uint8_t *p, uint32_t n)
{
    put16(p, n >> 16);
    put16(p + 2, n & 0xffff);
}

/* The sum of RFC 1071, begun with what was summed before; 0xffff over something whose checksum is right. */
static unsigned add_up(unsigned sum, const uint8_t *p, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sum += i % 2 ? p[i] : (unsigned)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* Of a UDP datagram behind an IP header: over the pseudo header, too. */
static unsigned udp_sum(const uint8_t *ip, const uint8_t *udp, size_t size)
{
    return add_up(add_up((unsigned)(PROTOCOL_UDP + size), ip + 12, 8), udp, size);
}

const char *ipv4_words(uint32_t address)
{
    return format("%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

uint32_t ipv4_number(const char *words)
{
    struct in_addr in;

    return inet_pton(AF_INET, words, &in) == 1 ? ntohl(in.s_addr) : 0;
}

const char *dhcp_type_name(enum dhcp_type type)
{
    static const char *const names[] = {"message without a type",
                                        "DHCPDISCOVER",
                                        "DHCPOFFER",
                                        "DHCPREQUEST",
                                        "DHCPDECLINE",
                                        "DHCPACK",
                                        "DHCPNAK",
                                        "DHCPRELEASE",
                                        "DHCPINFORM"};
    return (size_t)type < ARRAY_LEN(names) ? names[type] : "message of an unknown type";
}

uint32_t dhcp_number(const DhcpMessage *m, enum dhcp_option code)
{
    return m->options[code].data && m->options[code].size == 4 ? get32(m->options[code].data) : 0;
}

/* ---- Reading ------------------------------------------------------------------------------------------- */

/* One field of options: the one at the end, or `file` or `sname` when option 52 says so. */
static const char *read_options(Bytes field, DhcpMessage *out, bool must_end)
{
    size_t at = 0;

    while (at < field.size && field.data[at] != DHCP_END) {
        uint8_t code = field.data[at++];
        if (code == DHCP_PAD)
            continue;
        if (at == field.size || field.data[at] > field.size - at - 1)
            return format("ends in the middle of option %d", code);
        Bytes value = slice(field, at + 1, field.data[at]);
        out->options[code] =
            out->options[code].data ? join(out->options[code], value) : join(value, text(""));
        at += 1 + value.size;
    }
    if (at == field.size)
        return must_end ? "has no option 255 at its end" : NULL;
    for (at++; at < field.size; at++)
        if (field.data[at] != 0)
            return "goes on behind option 255";
    return NULL;
}

static void read_fixed_part(const uint8_t *p, DhcpMessage *out)
{
    out->op = p[0];
    out->htype = p[1];
    out->hlen = p[2];
    out->hops = p[3];
    out->xid = get32(p + 4);
    out->secs = get16(p + 8);
    out->flags = get16(p + 10);
    out->ciaddr = get32(p + 12);
    out->yiaddr = get32(p + 16);
    out->siaddr = get32(p + 20);
    out->giaddr = get32(p + 24);
    memcpy(out->chaddr, p + 28, sizeof out->chaddr);
    memcpy(out->sname, p + 44, sizeof out->sname);
    memcpy(out->file, p + 108, sizeof out->file);
}

const char *dhcp_parse(Bytes message, DhcpMessage *out)
{
    const char *wrong;

    out->size = message.size;
    if (message.size < DHCP_OPTIONS_AT)
        return format("has %zu bytes: the fixed part and the cookie alone take %d", message.size,
                      DHCP_OPTIONS_AT);
    read_fixed_part(message.data, out);
    if (memcmp(message.data + DHCP_OPTIONS_AT - sizeof cookie, cookie, sizeof cookie) != 0)
        return "does not have the cookie 99.130.83.99 in front of its options";
    wrong = read_options(slice(message, DHCP_OPTIONS_AT, message.size - DHCP_OPTIONS_AT), out, true);
    if (wrong)
        return wrong;
    Bytes overload = out->options[DHCP_OVERLOAD];
    int fields = overload.data && overload.size == 1 ? overload.data[0] : 0;
    if (fields & 1)
        wrong = read_options(bytes(out->file, sizeof out->file), out, true);
    if (!wrong && fields & 2)
        wrong = read_options(bytes(out->sname, sizeof out->sname), out, true);
    if (wrong)
        return wrong;
    Bytes type = out->options[DHCP_TYPE];
    if (!type.data || type.size != 1)
        return "has no option 53 (message type) of one byte";
    out->type = type.data[0];
    return NULL;
}

enum dhcp_frame dhcp_parse_frame(Bytes frame, DhcpMessage *out, const char **wrong)
{
    const uint8_t *ip = frame.data + ETHERNET;

    memset(out, 0, sizeof *out);
    *wrong = NULL;
    if (frame.size < ETHERNET + IP_LEAST || get16(frame.data + 12) != 0x0800 || ip[0] >> 4 != 4)
        return DHCP_FRAME_OTHER;
    size_t header = (size_t)(ip[0] & 15) * 4, total = get16(ip + 2);
    if (header < IP_LEAST || ip[9] != PROTOCOL_UDP || total < header + UDP || total > frame.size - ETHERNET ||
        (get16(ip + 6) & 0x1fff) != 0)
        return DHCP_FRAME_OTHER;
    const uint8_t *udp = ip + header;
    size_t size = get16(udp + 4);
    memcpy(out->to_mac, frame.data, 6);
    memcpy(out->from_mac, frame.data + 6, 6);
    out->from = get32(ip + 12);
    out->to = get32(ip + 16);
    out->from_port = get16(udp);
    out->to_port = get16(udp + 2);
    if (out->to_port != DHCP_SERVER_PORT && out->to_port != DHCP_CLIENT_PORT)
        return DHCP_FRAME_OTHER;
    if (add_up(0, ip, header) != 0xffff)
        *wrong = "is in a packet whose IP checksum is wrong";
    else if (size < UDP || size > total - header)
        *wrong = "is in a datagram whose UDP length does not fit its packet";
    else if (get16(udp + 6) != 0 && udp_sum(ip, udp, size) != 0xffff)
        *wrong = "is in a datagram whose UDP checksum is wrong";
    else
        *wrong = dhcp_parse(bytes(udp + UDP, size - UDP), out);
    return *wrong ? DHCP_FRAME_BAD : DHCP_FRAME_WHOLE;
}

/* ---- Writing ------------------------------------------------------------------------------------------- */

Bytes dhcp_option_bytes(enum dhcp_option code, Bytes value)
{
    const uint8_t head[] = {(uint8_t)code, (uint8_t)value.size};

    return join(bytes(head, sizeof head), value);
}

Bytes dhcp_option_number(enum dhcp_option code, uint32_t number)
{
    uint8_t value[4];

    put32(value, number);
    return dhcp_option_bytes(code, bytes(value, sizeof value));
}

Bytes dhcp_build(const DhcpMessage *m, Bytes options)
{
    size_t size = DHCP_OPTIONS_AT + options.size;
    uint8_t *p = xcalloc(size < DHCP_SMALLEST ? DHCP_SMALLEST : size, 1);

    p[0] = m->op;
    p[1] = m->htype;
    p[2] = m->hlen;
    p[3] = m->hops;
    put32(p + 4, m->xid);
    put16(p + 8, m->secs);
    put16(p + 10, m->flags);
    put32(p + 12, m->ciaddr);
    put32(p + 16, m->yiaddr);
    put32(p + 20, m->siaddr);
    put32(p + 24, m->giaddr);
    memcpy(p + 28, m->chaddr, sizeof m->chaddr);
    memcpy(p + 44, m->sname, sizeof m->sname);
    memcpy(p + 108, m->file, sizeof m->file);
    memcpy(p + DHCP_OPTIONS_AT - sizeof cookie, cookie, sizeof cookie);
    if (options.size > 0)
        memcpy(p + DHCP_OPTIONS_AT, options.data, options.size);
    return bytes(p, size < DHCP_SMALLEST ? DHCP_SMALLEST : size);
}

Bytes dhcp_build_frame(const DhcpMessage *m, Bytes message)
{
    size_t udp_size = UDP + message.size, size = ETHERNET + IP_LEAST + udp_size;
    uint8_t *p = xcalloc(size < FRAME_LEAST ? FRAME_LEAST : size, 1), *ip = p + ETHERNET,
            *udp = ip + IP_LEAST;

    memcpy(p, m->to_mac, 6);
    memcpy(p + 6, m->from_mac, 6);
    put16(p + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, (unsigned)(IP_LEAST + udp_size));
    ip[8] = 64;
    ip[9] = PROTOCOL_UDP;
    put32(ip + 12, m->from);
    put32(ip + 16, m->to);
    put16(ip + 10, 0xffff - add_up(0, ip, IP_LEAST));
    put16(udp, (unsigned)m->from_port);
    put16(udp + 2, (unsigned)m->to_port);
    put16(udp + 4, (unsigned)udp_size);
    if (message.size > 0)
        memcpy(udp + UDP, message.data, message.size);
    unsigned sum = 0xffff - udp_sum(ip, udp, udp_size);
    put16(udp + 6, sum ? sum : 0xffff);
    return bytes(p, size < FRAME_LEAST ? FRAME_LEAST : size);
}
