/* Curses, which only draws: a surface -> the bytes that change the terminal from the last frame to this one.
 * Curses writes into memory (memfd_create(2)), so a frame can go out in one non-blocking write of ours. The
 * one file of Lux that calls curses is output.c. */
#ifndef TTY_OUTPUT_H
#define TTY_OUTPUT_H

#include "base/buf.h"
#include "base/error.h"
#include "ui/cell.h"

struct output;

struct output *output_new(const char *term, int rows, int cols, struct error *err);
void output_free(struct output *o);
void output_resize(struct output *o, int rows, int cols);
/* The next frame is drawn from nothing. */
void output_repaint(struct output *o);
/* Adds the frame's bytes. A surface of another size than the terminal is drawn as far as it goes. */
void output_frame(struct output *o, const struct surface *s, struct buf *out);
int output_colors(const struct output *o);
/* The strings of the terminal's own that enter and leave the alternate screen; "" where it has none. */
const char *output_enter(const struct output *o);
const char *output_leave(const struct output *o);

#endif
