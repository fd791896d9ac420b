/* DHCP messages as bytes, RFC 2131 and RFC 2132: pure functions. Addresses are numbers in host byte order. */
#ifndef HARNESS_DHCPPACKET_H
#define HARNESS_DHCPPACKET_H

#include "harness/check.h"

enum dhcp_type {
    DHCP_NONE,
    DHCP_DISCOVER,
    DHCP_OFFER,
    DHCP_REQUEST,
    DHCP_DECLINE,
    DHCP_ACK,
    DHCP_NAK,
    DHCP_RELEASE,
    DHCP_INFORM
};

enum dhcp_option {
    DHCP_PAD = 0,
    DHCP_MASK = 1,
    DHCP_ROUTER = 3,
    DHCP_DNS = 6,
    DHCP_ADDRESS = 50,
    DHCP_LEASE = 51,
    DHCP_OVERLOAD = 52,
    DHCP_TYPE = 53,
    DHCP_SERVER = 54,
    DHCP_PARAMETERS = 55,
    DHCP_RENEW = 58,
    DHCP_REBIND = 59,
    DHCP_END = 255
};

enum {
    DHCP_SERVER_PORT = 67,
    DHCP_CLIENT_PORT = 68,
    DHCP_SNAME_SIZE = 64,
    DHCP_FILE_SIZE = 128,
    DHCP_OPTIONS_AT = 240, /* in a message: behind the fixed part and the cookie */
    DHCP_SMALLEST = 300    /* RFC 1542, 2.1: a BOOTP message has at least so many bytes */
};

struct dhcp_message {
    /* Around it: the frame that carried it. */
    uint8_t from_mac[6], to_mac[6];
    uint32_t from, to;
    int from_port, to_port;
    uint64_t sent_ns;

    uint8_t op, htype, hlen, hops;
    uint32_t xid;
    uint16_t secs, flags;
    uint32_t ciaddr, yiaddr, siaddr, giaddr;
    uint8_t chaddr[16];
    uint8_t sname[DHCP_SNAME_SIZE], file[DHCP_FILE_SIZE];
    Bytes options[256]; /* data is NULL where there is none; the pieces of a split one are joined, RFC 3396 */
    enum dhcp_type type;
    size_t size;
};
typedef struct dhcp_message DhcpMessage;

/* Strict: what is wrong with it as a DHCP message, as the end of a sentence that begins with "the message"; NULL:
 * nothing. */
const char *dhcp_parse(Bytes message, DhcpMessage *out);

enum dhcp_frame {
    DHCP_FRAME_OTHER, /* ARP, another port, ... */
    DHCP_FRAME_WHOLE,
    DHCP_FRAME_BAD /* it is for port 67 or 68, and *wrong says what is wrong with it */
};
enum dhcp_frame dhcp_parse_frame(Bytes frame, DhcpMessage *out, const char **wrong);

/* The bytes of a message, from op to the options, which are taken as they are; at least DHCP_SMALLEST. */
Bytes dhcp_build(const DhcpMessage *m, Bytes options);
/* The frame that carries them, with the addresses and ports of m; its checksums are right. */
Bytes dhcp_build_frame(const DhcpMessage *m, Bytes message);

Bytes dhcp_option_bytes(enum dhcp_option code, Bytes value);
Bytes dhcp_option_number(enum dhcp_option code, uint32_t number); /* 4 bytes */

const char *dhcp_type_name(enum dhcp_type type); /* "DHCPDISCOVER" */
const char *ipv4_words(uint32_t address);
uint32_t ipv4_number(const char *words); /* 0 if they are none */
/* The value of an option of 4 bytes; 0 if it is not there or not so long. */
uint32_t dhcp_number(const DhcpMessage *m, enum dhcp_option code);

#endif
