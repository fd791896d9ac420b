/* How many processes there are in a sandbox, seen from outside: a program that forks without end may leave
 * the checker no chance to say so. */
#ifndef RUNNER_CROWD_H
#define RUNNER_CROWD_H

#include <stddef.h>
#include <sys/types.h>

enum { CROWD_MAX = 1000 }; /* nobody counts further */

/* The descendants of a process, at most CROWD_MAX. Reads /proc/PID/task/PID/children alone, which needs no
 * lock of the process's memory: /proc/PID/cmdline would wait for a process that does nothing but fork. */
size_t crowd_below(pid_t pid);

/* How many of them have ended and are waited for by nobody. Reads the /proc/PID/stat of each, so it is for once, when
 * there are too many. */
size_t crowd_zombies(pid_t pid);

#endif
