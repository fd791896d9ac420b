/* libvterm's state layer on a grid. Only emulator.c knows libvterm; it is given what vt/guard.h let through
 * and nothing else. */
#ifndef VT_EMULATOR_H
#define VT_EMULATOR_H

#include "vt/grid.h"

#include <stdbool.h>
#include <stddef.h>

struct emulator;

/* Draws on the grid, which must outlive it. Answers of libvterm go to output. */
struct emulator *emulator_new(struct grid *grid, void (*output)(const char *bytes, size_t n, void *user),
                              void (*bell)(void *user), void *user);
void emulator_free(struct emulator *e);

void emulator_write(struct emulator *e, const char *bytes, size_t n);
/* After grid_resize: the size is the grid's, and the cursor goes to row, col. The scroll region becomes the
 * screen. */
void emulator_resize(struct emulator *e, int row, int col);
/* Modes, pen, tabs, scroll region; `hard` also homes the cursor and blanks the screen. */
void emulator_reset(struct emulator *e, bool hard);

void emulator_cursor(const struct emulator *e, int *row, int *col);
/* In origin mode row and col count from the scroll region, as in CUP. */
void emulator_move(struct emulator *e, int row, int col);
/* Makes the pen look like that (attributes and colours; not the link). */
void emulator_set_pen(struct emulator *e, const struct grid_cell *pen);

#endif
