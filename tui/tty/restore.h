/* The one way back to a sane terminal, safe in any context. Internal to tty. */
#ifndef TTY_RESTORE_H
#define TTY_RESTORE_H

#include <stddef.h>
#include <termios.h>

/* Arms tty_restore for this descriptor: `bytes` (copied, at most RESTORE_MAX) undo the modes that were set,
 * and `modes` are the terminal's own. From now on exit() and every fatal signal restore it. */
void restore_arm(int fd, const struct termios *modes, const char *bytes, size_t n);
void restore_disarm(void);

enum { RESTORE_MAX = 512 };

#endif
