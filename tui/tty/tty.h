/* The learner's terminal: raw mode and its restoration on every way out, and frames out in one write.
 *
 * We open a file description of our own and make that non-blocking, since O_NONBLOCK on descriptor 0 would be
 * shared with the parent shell. The restoration is armed before raw mode is entered: on tty_close, on exit(),
 * and on every fatal signal it writes one prebuilt string and calls tcsetattr, both async-signal-safe, and a
 * signal is raised again afterwards so that the shell sees the true cause. One terminal a process. */
#ifndef TTY_TTY_H
#define TTY_TTY_H

#include "base/error.h"
#include "ui/cell.h"

#include <stdbool.h>
#include <stddef.h>

struct tty;

struct tty_options {
    bool mouse; /* ask for mouse reports */
};

/* Opens the terminal of stdin/stdout, enters raw mode and the alternate screen. NULL with a sentence: no
 * terminal, a terminal that cannot move its cursor (TERM=dumb), an unknown TERM. Nothing has been changed
 * then. */
struct tty *tty_open(const struct tty_options *o, struct error *err);
/* Gives everything back. */
void tty_close(struct tty *t);

/* For uv_poll: readable when keys have come, and to be polled for writing while tty_is_writing. Non-blocking.
 */
int tty_fd(const struct tty *t);
void tty_size(const struct tty *t, int *rows, int *cols); /* asks the kernel (TIOCGWINSZ); at least 1x1 */

/* Draws the surface: what differs from the frame before goes out in one write, inside a synchronised update.
 * When the terminal does not take all of it, the rest waits (tty_is_writing) and no new frame may be begun.
 */
void tty_draw(struct tty *t, const struct surface *s);
bool tty_is_writing(const struct tty *t);
/* Writes what waits. -1 when the terminal is gone (hang-up). */
int tty_flush(struct tty *t);
/* The next frame is drawn whole. Needed after a resize or when something else wrote to the terminal. */
void tty_repaint(struct tty *t);

/* Bytes that go out as they are, after the current frame: the clipboard (OSC 52), a bell, a test's barrier.
 */
void tty_send(struct tty *t, const void *bytes, size_t n);

void tty_set_mouse(struct tty *t, bool on);

/* Ctrl-Z: gives the terminal back / takes it again (then repaints). */
void tty_suspend(struct tty *t);
void tty_resume(struct tty *t);

/* What the terminal can do. */
int tty_colors(const struct tty *t); /* 0 none, 8, 16, 256 */

/* Restores the terminal now, from any context, signal handlers included. Does nothing when none is open. */
void tty_restore(void);

/* 24-bit colours to the nearest of the 256 (the 6x6x6 cube and the greys), and the 256 to the first 16. */
int color_to_256(int r, int g, int b);
int color_256_to_16(int index);

#endif
