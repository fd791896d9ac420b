/* The language of checks, continued: what a program costs, judged without a clock.
 *
 *     Program *p = start_with((.counted_calls = COUNTED(SYS_fsync, SYS_fdatasync)), "7000");
 *     ...
 *     claim(calls_of(p, SYS_fsync) >= 100, "...");
 *
 * A call that is counted waits until the checker has seen it (some 20 us): count those that tell something. The numbers
 * are those of <sys/syscall.h>. */
#ifndef HARNESS_COST_H
#define HARNESS_COST_H

#include "harness/check.h"

#include <sys/syscall.h>

#define COUNTED(...) ((const long[]){__VA_ARGS__, -1})

/* How often the program and all that it has started have made this call, which is one of those that are counted. */
long calls_of(Program *p, long number);
/* Several at once: calls_in_all(p, COUNTED(SYS_write, SYS_writev)). */
long calls_in_all(Program *p, const long *numbers);

/* From n to m, the cost has grown no faster than in proportion, with room for noise: a cost below `floor` counts as that
 * much, and twice the proportion is allowed. A program that is quadratic shows when m is 8 n or more. The cost may be CPU
 * time, system calls, bytes. */
void expect_linear(const char *what, double n, double cost_n, double m, double cost_m, double floor);

#endif
