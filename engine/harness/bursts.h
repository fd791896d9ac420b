/* The language of checks, continued: signals at a chosen moment, and many of them; signal(7). A standard signal that is
 * pending already is not kept twice: who counts them waits for a reaction in between. */
#ifndef HARNESS_BURSTS_H
#define HARNESS_BURSTS_H

#include "harness/check.h"
#include "harness/processes.h"

/* The state of its main thread: R runs, S sleeps, T is stopped, Z has ended (proc(5)). '\0': there is no such process. */
char state_of(Process *p);
/* Until it is in this state. */
#define expect_state(p, state, ...) expect_state_(p, state, WAIT_(__VA_ARGS__))
void expect_state_(Process *p, char state, const struct wait_options *w);
int threads_of(Process *p);

/* So many signals, one right after the other. */
void signal_burst(Process *p, int signal, int n);
/* So many, each at a moment when it sleeps: what interrupts it is each of them, not one for all. Some may find it on its
 * way to sleep. */
void signal_sleeper(Process *p, int signal, int n);
/* It is stopped (SIGSTOP), all these are sent and pend, and it goes on: signal_while_stopped(p, SIGTERM, SIGHUP). */
#define signal_while_stopped(p, ...) signal_while_stopped_(p, (const int[]){__VA_ARGS__, 0})
void signal_while_stopped_(Process *p, const int *signals);
/* sigqueue(3): real-time signals are kept each, with their values. */
void queue_signal(Process *p, int signal, int value);

/* Which signals it blocks, ignores and catches, a bit for each: 1ull << SIGTERM. */
struct signal_masks {
    uint64_t blocked, ignored, caught;
};
struct signal_masks signals_of(Process *p);

#endif
