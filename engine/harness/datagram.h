/* Datagrams: UDP sockets of the checker, to be included by challenges beside check.h. Those of unix.h are spoken to
 * with the same verbs.
 *
 * What arrives is kept, datagram by datagram, until somebody asks for it; nothing is ever merged or cut. A
 * program can lose a datagram, and so can the kernel when a queue is full: a check sends no more at once than
 * the queue of a program holds (256 small ones at least), and proves that nothing arrives by a follow-up,
 * never by waiting. */
#ifndef HARNESS_DATAGRAM_H
#define HARNESS_DATAGRAM_H

#include "harness/check.h"

enum {
    DATAGRAM_MAX = 65507 /* bytes of content that fit into one UDP datagram over IPv4 */
};

typedef struct datagram_socket DatagramSocket;
typedef DatagramSocket UdpSocket;

typedef struct {
    Bytes content;
    const char *from; /* "127.0.0.1:7000", or a path */
    const char *host; /* "127.0.0.1", or a path */
    int port;         /* 0: it came over a unix socket */
} Datagram;

struct udp_options {
    int within_ms;
    const char *host; /* default "127.0.0.1" */
    int port;         /* of udp_open: which one to take; default: a free one */
};

/* A socket of the checker's own: udp_open(.host = "127.0.0.2"). */
#define udp_open(...) udp_open_(&(const struct udp_options){__VA_ARGS__})
UdpSocket *udp_open_(const struct udp_options *o);
/* Its port as text, for start(...). */
const char *udp_port_of(UdpSocket *u);
/* A UDP port that nobody has. */
const char *free_udp_port(void);

/* Waits until a program has bound the port on this address, and gives a socket that talks with it; when
 * nobody ever does, the failure says what the program did instead. */
#define udp_client(port, ...) udp_client_(port, &(const struct udp_options){__VA_ARGS__})
UdpSocket *udp_client_(const char *port, const struct udp_options *o);
/* Waits until nobody has the port any more. */
#define expect_udp_port_free(port, ...) expect_udp_port_free_(port, WAIT_(__VA_ARGS__))
void expect_udp_port_free_(const char *port, const struct wait_options *w);

/* To the program that the socket talks with. */
void send_datagram(DatagramSocket *u, Bytes content);
/* To whoever sent this one. */
void answer_datagram(DatagramSocket *u, Datagram to, Bytes content);
/* From 127.0.0.1 and a port that is no socket of ours: another program's, or 0, which no socket can have.
 * Skips the check where raw sockets are not allowed. */
void send_forged_datagram(const char *port, int from_port, Bytes content);

/* The next datagram that arrives is exactly this, and comes from where the socket sends to. */
#define expect_datagram(u, content, ...) expect_datagram_(u, content, WAIT_(__VA_ARGS__))
void expect_datagram_(DatagramSocket *u, Bytes content, const struct wait_options *w);
/* The next n datagrams are these, in whatever order. */
#define expect_datagrams(u, contents, n, ...) expect_datagrams_(u, contents, n, WAIT_(__VA_ARGS__))
void expect_datagrams_(DatagramSocket *u, const Bytes *contents, size_t n, const struct wait_options *w);
/* The next datagram, whatever it is and whoever sent it. */
#define receive_datagram(u, ...) receive_datagram_(u, WAIT_(__VA_ARGS__))
Datagram receive_datagram_(DatagramSocket *u, const struct wait_options *w);
/* How many have arrived and were not asked for. */
size_t datagrams_waiting(DatagramSocket *u);

void close_datagrams(DatagramSocket *u);
/* The same: what is sent to it from now on is answered by ICMP "port unreachable". */
void close_udp(UdpSocket *u);

/* Datagrams that wait in the queue of the program that has this port, in bytes of the kernel's memory; 0: it
 * has taken all of them. */
size_t bytes_queued_at(const char *port);

/* How what came differs from what was expected, in words; NULL: it is the same. A pure function. */
const char *datagram_difference(Bytes expected, Bytes received);

#endif
