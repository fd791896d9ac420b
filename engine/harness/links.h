/* Machines and the wires between them, to be included by challenges beside check.h.
 *
 * A node is a machine of its own as far as the network goes: a network namespace with its own interfaces, addresses,
 * routes and ports. Where a Node is asked for, NULL is the one in which programs start and in which the checker's
 * other sockets are. A link is a wire (a veth pair) between the interfaces of two nodes; the checker sees the frames
 * that cross it and can send some itself. A bridge is a switch in the programs' node, for clusters:
 *
 *     Link *wire = lay_link(NULL, "eth0", make_node("server"), "srv0");      a client, and a peer that is ours
 *     start("eth0");
 *     Frame f = receive_frame(wire);
 *
 *     Node *left = make_node("left"), *right = make_node("right");           two programs, each with its machine
 *     Link *between = lay_link(left, "eth0", right, "eth0");
 *     set_address(left, "eth0", "192.0.2.1/24"), set_address(right, "eth0", "192.0.2.2/24");
 *     start_with((.node = left), "left.conf");
 *
 *     Bridge *lan = make_bridge("lan", "10.0.0.254/24");                     five of them, and a partition
 *     for (int i = 0; i < 5; i++)
 *         cable[i] = plug_in(lan, node[i], "eth0");
 *     cut(cable[3]), cut(cable[4]);
 *
 * Whatever makes a node or a link skips the check where this machine does not allow it. */
#ifndef HARNESS_LINKS_H
#define HARNESS_LINKS_H

#include "harness/check.h"

typedef struct node Node;
typedef struct link Link;
typedef struct bridge Bridge;

enum { MAC_SIZE = 6 };

/* ---- Making them --------------------------------------------------------------------------------------- */

/* Its lo is up. The name is for steps. */
Node *make_node(const char *name);
/* Both interfaces are new and up, without an address; IPv6 is off on them, so that nothing is on the wire that no
 * program has sent. */
Link *lay_link(Node *a, const char *interface_a, Node *b, const char *interface_b);
/* In the programs' node, where it has this address; NULL: none. */
Bridge *make_bridge(const char *name, const char *address);
/* A link whose other end is a port of the bridge. */
Link *plug_in(Bridge *bridge, Node *node, const char *interface);

/* "10.0.0.1/24". */
void set_address(Node *node, const char *interface, const char *address);
/* set_route(node, "0.0.0.0/0", "10.0.0.254") */
void set_route(Node *node, const char *to, const char *gateway);
void set_up(Node *node, const char *interface, bool up);

/* Nothing crosses the link any more: its far end (b) is down, and the near end has lost its carrier. And back. */
void cut(Link *link);
void heal(Link *link);

/* ---- What is there ------------------------------------------------------------------------------------- */

Node *far_node_of(Link *link);
const uint8_t *mac_of(Link *link);     /* of the interface of a */
const uint8_t *far_mac_of(Link *link); /* and of b */
bool is_up(Node *node, const char *interface);
/* Both ends are up and the kernel sends on both, which is a moment later: before, what the kernel sends by itself
 * (an answer of ARP) may be lost. */
bool is_connected(Link *link);
/* The IPv4 addresses of an interface, as "10.0.0.1/24 10.0.0.2/24"; "" if it has none. */
const char *addresses_of(Node *node, const char *interface);
/* The gateway of the default route through it; "" if there is none. */
const char *default_route_of(Node *node, const char *interface);

struct network_options {
    int within_ms;
    const char *what;
    Node *node;
};
#define NETWORK_(...) (&(const struct network_options){__VA_ARGS__})
/* Until the interface has exactly these addresses, or this default route; "": none. */
#define expect_addresses(interface, addresses, ...) \
    expect_addresses_(interface, addresses, NETWORK_(__VA_ARGS__))
void expect_addresses_(const char *interface, const char *addresses, const struct network_options *o);
#define expect_default_route(interface, gateway, ...) \
    expect_default_route_(interface, gateway, NETWORK_(__VA_ARGS__))
void expect_default_route_(const char *interface, const char *gateway, const struct network_options *o);

/* ---- Frames -------------------------------------------------------------------------------------------- */

typedef struct {
    Bytes content; /* from the Ethernet header on; checksums are as they would be on a wire */
    bool from_b;   /* it was sent on the far end */
    uint64_t
        sent_ns; /* the kernel's clock at the moment at which it crossed; only differences mean something */
} Frame;

/* The next frame that crosses the link, in either direction but for what the checker itself sends. */
#define receive_frame(l, ...) receive_frame_(l, WAIT_(__VA_ARGS__))
Frame receive_frame_(Link *l, const struct wait_options *w);
/* The next one if it is there already; false if not. */
bool take_frame(Link *l, Frame *out);
/* Until a frame is there that was not taken; false when the wait has run out. For nouns that stand on frames. */
bool await_frame(Link *l, struct wait *w);
/* Puts a frame on the wire at the far end, as it is: it arrives at a. */
void send_frame(Link *l, Bytes frame);

/* ---- For other nouns ----------------------------------------------------------------------------------- */

/* A descriptor made with socket(2) in that node: a socket stays where it was made. */
int socket_in(Node *node, int domain, int type, int protocol);
/* On every interface that is made in that node from now on there is no IPv6, so that nothing is sent that no program
 * has sent, and broadcasts arrive; or in the namespace in which the caller is. */
void be_quiet_in(Node *node);
void prepare_interfaces(void);
/* The calling process moves there for good. Async-signal-safe; 0, or -1 with errno. */
int node_enter(const Node *node);

#endif
