/* How many processes there are in a sandbox, seen from outside: a program that forks without end may leave
 * the checker no chance to say so. */
#ifndef RUNNER_CROWD_H
#define RUNNER_CROWD_H

#include <stddef.h>
#include <sys/types.h>

enum { CROWD_MAX = 1000 }; /* nobody counts further */

struct crowd {
    size_t processes, zombies; /* the zombies are among the processes */
};

/* The descendants of a process, at most CROWD_MAX. Reads /proc/PID/task/PID/children and /proc/PID/stat alone, which
 * need no lock of the process's memory: /proc/PID/cmdline would wait for a process that does nothing but fork. */
struct crowd crowd_below(pid_t pid);

#endif
