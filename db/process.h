/* Which process runs an attempt, and whether it still does. Private to the module. */
#ifndef DB_PROCESS_H
#define DB_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* This process, told apart from every other one that this machine ever runs: "BOOT/PIDNS/PID/START". The
 * caller frees. */
char *process_identity(void);

/* Whether that process is gone for certain. A process of another pid namespace cannot be seen from here: it
 * counts as gone a day after it began. */
bool process_is_gone(const char *identity, int64_t began_at);

#endif
