/* Interfaces, addresses and routes of the network namespace in which the caller is: rtnetlink(7), without a tool or
 * a library. Each function asks the kernel for one thing and returns 0, or -1 with errno as the kernel gave it. */
#ifndef SANDBOX_NETLINK_H
#define SANDBOX_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

/* A pair of interfaces: what is sent on one arrives at the other. `far` is made in the network namespace that the
 * descriptor stands for. Both are down. EOPNOTSUPP: the kernel has no veth. */
int netlink_make_veth(const char *near, const char *far, int far_namespace);
/* A switch, and an interface that becomes one of its ports. */
int netlink_make_bridge(const char *name);
int netlink_plug(const char *name, const char *bridge);
int netlink_set_up(const char *name, bool up);
/* Addresses are IPv4 in network byte order. */
int netlink_add_address(const char *name, uint32_t address, int prefix);
int netlink_add_route(uint32_t to, int prefix, uint32_t gateway);
/* The kernel computes checksums itself, in place of an adapter that is not there: what a packet socket sees on
 * the other end is then what would be on a wire. */
int netlink_checksum_in_software(const char *name);

/* In a process and namespaces of its own: can an ordinary user make a veth pair here? 0, or -1 with errno. */
int netlink_try_veth(void);

#endif
