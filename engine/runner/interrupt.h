/* Being told to stop: SIGINT, SIGTERM and SIGHUP become a descriptor that a loop can watch, so that
 * everything is put away before the program dies of the signal after all. SIGPIPE no longer kills; writes
 * fail with EPIPE instead.
 *
 * Signal dispositions belong to the process, so there is one of these and it is global. A signal that was
 * ignored when the program began (nohup) stays ignored. */
#ifndef RUNNER_INTERRUPT_H
#define RUNNER_INTERRUPT_H

#include "base/error.h"

/* Starts to watch. Returns the descriptor that is readable from the first signal on, or -1. */
int interrupt_watch(struct error *err);

/* The first signal that came, 0 for none. */
int interrupt_signal(void);

/* In a child that does not exec: back to the default of every signal, and none blocked. Async-signal-safe. */
void interrupt_forget(void);

/* Dies of the signal, so that a shell sees what happened to us. */
_Noreturn void interrupt_die(int signal_number);

#endif
