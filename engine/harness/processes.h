/* The language of checks, continued: processes that the check did not start itself, but the learner's program
 * did, and of which the kernel tells: daemons, workers, whoever is still there. PID 1 is the checker, so an
 * orphan becomes its child. */
#ifndef HARNESS_PROCESSES_H
#define HARNESS_PROCESSES_H

#include "harness/check.h"

typedef struct process Process;

/* The process that has this pid at this moment; the check fails if there is none. `name` is what failures
 * call it: "the daemon". */
Process *process_with_pid(int pid, const char *name);
/* A program as a process, and the only child of a process, once it has one. */
Process *process_of(Program *p);
#define child_of(p, ...) child_of_(p, WAIT_(__VA_ARGS__))
Process *child_of_(Process *p, const struct wait_options *w);
/* Its children at this moment that have not ended, in the order of their birth; returns how many there are. */
int children_of(Process *p, Process **out, int most);
int pid_of_process(Process *p);
/* "the daemon (pid 12)" */
const char *process_words(const Process *p);
/* It has not ended. A zombie has, and another process that has its pid by now is not it. */
bool process_is_alive(Process *p);
void expect_alive(Process *p);
/* Until it has ended. */
#define expect_gone(p, ...) expect_gone_(p, WAIT_(__VA_ARGS__))
void expect_gone_(Process *p, const struct wait_options *w);
/* It has ended by this moment: for what has to be done when something else is. */
void expect_gone_now(Process *p);
/* Until it has ended, with this status: only of orphans, whose status PID 1 gets. */
#define expect_process_exit(p, code, ...) expect_process_exit_(p, code, WAIT_(__VA_ARGS__))
void expect_process_exit_(Process *p, int code, const struct wait_options *w);
void signal_process(Process *p, int signal);
/* SIGSTOP, until each of its threads has stopped: what is sent to it after that stays pending. */
void stop_process(Process *p);
/* Until this signal has been sent to it and was not delivered yet, because it is stopped or blocks it. */
#define expect_pending(p, signal, ...) expect_pending_(p, signal, WAIT_(__VA_ARGS__))
void expect_pending_(Process *p, int signal, const struct wait_options *w);

/* The processes, other than the programs and their descendants, that live at this moment: daemons above all.
 */
int orphans_alive(void);

/* What the kernel says of it; credentials(7), proc(5). The check fails if it has ended. */
struct process_facts {
    int parent, group, session; /* pids; the parent of an orphan is 1, at every level of the sandbox */
    bool has_terminal;          /* a controlling one */
    int umask;
    const char *directory; /* in which it works */
};
struct process_facts facts_of(Process *p);
/* What its descriptor stands for, "/dev/null", "pipe:[4711]"; NULL: it is not open. */
const char *descriptor_of(Process *p, int fd);
int open_files_of_process(Process *p);
/* As cpu_ms_while_idle(). */
double process_cpu_ms_while_idle(Process *p, int ms);

/* read(2) and its like have brought it so many bytes so far (rchar in /proc/PID/io). */
int64_t bytes_read_by(Program *p);
/* How often its threads went to sleep by themselves (voluntary_ctxt_switches), within at least `ms` of time in which
 * it should only wait: what asks again and again, a little later each time, shows here though it costs hardly any
 * CPU time. */
int64_t naps_while_idle(Program *p, int ms);

/* ---- For the harness itself ---------------------------------------------------------------------------- */

/* Called when a child was reaped that is none of the programs. */
void processes_ended(int pid, int status);

#endif
