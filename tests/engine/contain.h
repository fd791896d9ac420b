/* For tests that try fork bombs below the level full: should lux fail to stop one, the machine must not pay for it. */
#ifndef TESTS_CONTAIN_H
#define TESTS_CONTAIN_H

/* As root: goes on in a pid namespace that has room for a thousand processes, and ends with all of them.
 * As another user, or where the kernel has no such limit (before Linux 6.14), as if nothing had been said. */
void contain_processes(void);

#endif
