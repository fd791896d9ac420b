/* One run at a time in a workspace: a second build would replace the program under the checks of the first.
 * The lock is on the directory itself (flock(2)), so it needs no file and is gone with the process, however
 * that ends. */
#ifndef COMMANDS_LOCK_H
#define COMMANDS_LOCK_H

#include "runner/bus.h"

enum { LOCK_INTERRUPTED = -2 };

/* Waits until the lock is ours, after a notice on the bus if somebody else has it. Returns the descriptor
 * that holds it until it is closed; -1 where the file system knows no such locks: then there is none;
 * LOCK_INTERRUPTED when interrupt_fd became readable meanwhile. */
int lock_workspace(const char *dir, int interrupt_fd, struct bus *bus);

#endif
