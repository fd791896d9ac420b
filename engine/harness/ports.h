/* Ports, many at a time, and how they answer: to be included by challenges beside check.h.
 *
 * A port is open (somebody listens), closed (nobody does, and the kernel says so) or silent (what asks gets
 * no answer, as behind a firewall that drops packets). */
#ifndef HARNESS_PORTS_H
#define HARNESS_PORTS_H

#include "harness/check.h"

/* The first of n TCP ports in a row, on all of which nobody listens; nor on those right before and behind
 * them. */
int free_ports(int n);

/* From now on everything that arrives for this port is dropped without an answer, the first packet of a
 * connection too; and back. A program that asked meanwhile asks again: its kernel repeats the first packet
 * (SYN) after one second. */
void fall_silent(Listener *l);
void answer_again(Listener *l);
/* Waits until a program has asked this port, which is silent, and waits for the answer. */
#define expect_knock(l, ...) expect_knock_(l, WAIT_(__VA_ARGS__))
void expect_knock_(Listener *l, const struct wait_options *w);
/* Connections that programs have asked for and that no answer has come to yet. */
size_t knocks_waiting(void);
/* The same, once it has not grown for a tenth of a second: as many as a program asks for at a time. */
size_t knocks_settled(void);
/* Connections that are established, or were, and wait to be accepted. */
size_t connections_waiting(Listener *l);

/* The connection ends, by FIN or by RST, and not a byte came over it. */
#define expect_silent_end(c, ...) expect_silent_end_(c, WAIT_(__VA_ARGS__))
void expect_silent_end_(Conn *c, const struct wait_options *w);

/* The ports that the kernel gives to connections of this sandbox are from now on these. Skips the check where
 * that cannot be set. */
void set_local_ports(int lowest, int highest);
/* Skips the check unless this machine has no way at all to this address. */
void require_unreachable(const char *host);

#endif
