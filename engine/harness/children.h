/* The children of PID 1: the programs, and every process whose parent has ended. */
#ifndef HARNESS_CHILDREN_H
#define HARNESS_CHILDREN_H

/* Begins to watch; to be called once, before the first program is started. */
void children_watch(void);
/* Reaps those that have ended. */
void children_reap(void);
/* In a child, before it becomes a program: signals as a program expects to find them. Async-signal-safe. */
void children_reset_signals(void);

#endif
