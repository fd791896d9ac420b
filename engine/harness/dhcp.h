/* The other side of a DHCP client, to be included by challenges beside check.h and links.h.
 *
 * The check itself is the server, or several: it waits for a message of the client, looks at it, and answers as it
 * likes.
 *
 *     DhcpWire *wire = dhcp_on(link);
 *     Program *client = start("eth0");
 *     const DhcpMessage *discover = expect_dhcp(wire, DHCP_DISCOVER);
 *     send_offer(wire, discover, .address = "10.77.0.50", .lease = 60);
 *     send_offer(wire, discover, .address = "10.77.0.60", .lease = 60, .server = "10.77.0.2");
 *     const DhcpMessage *request = expect_dhcp(wire, DHCP_REQUEST);
 *     send_ack(wire, request, .address = "10.77.0.50", .lease = 60, .renew = 2, .rebind = 4);
 *
 * A message that is no DHCP message, or whose checksums are wrong, fails the check that waits. An answer goes where RFC
 * 2131, 4.1 wants it: to the client's address if it has one, else by broadcast if it has asked for that, else to the
 * new address and the client's MAC address; a DHCPNAK always by broadcast. */
#ifndef HARNESS_DHCP_H
#define HARNESS_DHCP_H

#include "harness/dhcppacket.h"
#include "harness/links.h"

typedef struct dhcp_wire DhcpWire;

/* The client is at the near end of the link. */
DhcpWire *dhcp_on(Link *link);

struct dhcp_options {
    int within_ms;
    const char *what;
    bool again; /* the same message once more is what is waited for */
};
/* The next message of the client has this type. A client that has not got an answer yet sends the same message once
 * more: such ones are passed over. */
#define expect_dhcp(wire, type, ...) expect_dhcp_(wire, type, &(const struct dhcp_options){__VA_ARGS__})
const DhcpMessage *expect_dhcp_(DhcpWire *wire, enum dhcp_type type, const struct dhcp_options *o);
/* How many messages of the client have come and were not asked for. */
size_t dhcp_waiting(DhcpWire *wire);

/* What an answer says; what is 0 or NULL is left out. */
struct dhcp_answer {
    const char *address; /* yiaddr */
    const char *server;  /* which server answers; default "10.77.0.1" */
    uint32_t lease, renew, rebind;
    const char *mask;   /* default "255.255.255.0" */
    const char *router; /* default: the server */
    const char *dns, *dns2;
    Bytes more; /* options as bytes, behind the others */

    /* How it is laid out: instead of all of the above. */
    Bytes options;     /* with option 53, and with the end */
    Bytes sname, file; /* what these fields hold */
    /* And what a stranger, or a broken server, sends. */
    uint32_t foreign_xid;                  /* this is added to the client's */
    bool foreign_chaddr;                   /* it is for another client */
    bool is_request;                       /* op is 1 */
    bool no_cookie, no_type, no_server_id; /* these are not there */
    size_t cut;                            /* only so many bytes of the message */
};
#define send_offer(wire, to, ...) send_dhcp(wire, to, DHCP_OFFER, &(const struct dhcp_answer){__VA_ARGS__})
#define send_ack(wire, to, ...)   send_dhcp(wire, to, DHCP_ACK, &(const struct dhcp_answer){__VA_ARGS__})
#define send_nak(wire, to, ...)   send_dhcp(wire, to, DHCP_NAK, &(const struct dhcp_answer){__VA_ARGS__})
void send_dhcp(DhcpWire *wire, const DhcpMessage *to, enum dhcp_type type, const struct dhcp_answer *a);

#endif
