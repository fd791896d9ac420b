/* TUN devices, to be included by challenges beside check.h: what a program sends into its tunnel, and what comes out of
 * it, as IP packets.
 *
 *     Program *vpn = start_with((.tun = TUN_ANY), "vpn.conf");
 *     Tun *t = expect_tun(NULL, "tun0");
 *     tun_send(t, udp_packet("10.8.0.1", 1000, "10.8.0.2", 2000, text("hello")));      the program reads it
 *     expect_packet(t, answer);                                                       the program has written it
 *
 * Where this machine lets programs open /dev/net/tun, the device is the kernel's. Elsewhere it is emulated: the open and
 * TUNSETIFF are answered by the checker, with one end of a socket pair and an interface that is one end of a veth pair;
 * what is IFF_TAP, or has several queues or virtio headers, is not emulated. A note of the check says which it was. It is
 * skipped where neither works. Programs that make an interface are root of the namespace (.as_root). */
#ifndef HARNESS_TUN_H
#define HARNESS_TUN_H

#include "harness/check.h"
#include "harness/links.h"

typedef struct tun Tun;

/* Until a program has made this interface on its machine, and it is up. */
#define expect_tun(node, interface, ...) expect_tun_(node, interface, WAIT_(__VA_ARGS__))
Tun *expect_tun_(Node *node, const char *interface, const struct wait_options *w);
/* Until there is no such interface. */
#define expect_no_tun(node, interface, ...) expect_no_tun_(node, interface, WAIT_(__VA_ARGS__))
void expect_no_tun_(Node *node, const char *interface, const struct wait_options *w);

/* The kernel routes an IP packet into the interface: the program reads it. */
void tun_send(Tun *t, Bytes packet);
/* The next packet that the program writes, whatever it is, or exactly this. */
#define tun_receive(t, ...) tun_receive_(t, WAIT_(__VA_ARGS__))
Bytes tun_receive_(Tun *t, const struct wait_options *w);
#define expect_packet(t, packet, ...) expect_packet_(t, packet, WAIT_(__VA_ARGS__))
void expect_packet_(Tun *t, Bytes packet, const struct wait_options *w);

/* An IPv4 packet with a UDP datagram in it, with right checksums; pure. */
Bytes udp_packet(const char *from, int from_port, const char *to, int to_port, Bytes content);

#endif
