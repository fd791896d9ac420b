/* Control groups, cgroups(7), as far as the machine has delegated a part of the tree of version 2 to us. Without that
 * everything here does nothing, and says why.
 *
 *   D                      delegated: it has no processes, and hands memory and pids on
 *   ├─ lux.host            lux, and whoever was in D before it: the shell, luxtui
 *   └─ lux.4711.1          one sandbox, of the lux with pid 4711; the root of the tree as the sandbox sees it
 *       ├─ checker         PID 1
 *       └─ programs        the limits
 *           ├─ own         the learner's programs
 *           └─ containers  empty: for programs that make groups */
#ifndef SANDBOX_CGROUPS_H
#define SANDBOX_CGROUPS_H

#include "base/error.h"
#include "sandbox/sandbox.h"

/* ---- Outside ------------------------------------------------------------------------------------------- */

/* Makes a group for one sandbox; the first call moves the processes of D to D/lux.host, unless D is the root of all groups.
 * Its number; 0: nothing is delegated. */
unsigned cgroups_make(void);
/* The calling process moves into the group. */
void cgroups_enter(unsigned group);
/* Once all processes in it have ended: with everything below. */
void cgroups_remove(unsigned group);

/* ---- Inside -------------------------------------------------------------------------------------------- */

/* PID 1, whose cgroup namespace has the group as its root: divides it as above and sets the limits. What cannot be done
 * is left out. */
void cgroups_divide(const struct sandbox_spec *spec);
/* The calling process, on its way to a learner's program, moves to `own`. Async-signal-safe. */
void cgroups_join_programs(void);

#endif
