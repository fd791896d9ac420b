/* Where each pane is. Three layouts by the width of the screen; a pane that is not shown has no rows.
 *
 * Rectangles of panes are what is inside the border; borders are shared between neighbours. */
#ifndef MODEL_LAYOUT_H
#define MODEL_LAYOUT_H

#include "ui/cell.h"

#include <stdbool.h>

enum pane_id { PANE_STAGES, PANE_READER, PANE_TERMINAL, PANE_CHECKS, PANE_COUNT_ };

enum layout_kind {
    LAYOUT_TOO_SMALL, /* one sentence */
    LAYOUT_TABS,      /* one pane and a line of tabs */
    LAYOUT_TWO,       /* stages or reader left; terminal over checks right */
    LAYOUT_THREE      /* stages, reader, terminal over checks */
};

/* How much of the screen the focused pane has: `+` and `_` walk through these, `z` jumps to the last and
 * back. */
enum pane_size { SIZE_NORMAL, SIZE_LARGE, SIZE_FULL, SIZE_COUNT_ };

enum {
    LAYOUT_MIN_COLS = 60,
    LAYOUT_MIN_ROWS = 16,
    LAYOUT_TWO_COLS = 80,
    LAYOUT_THREE_COLS = 120,
    LAYOUT_WIDE_COLS = 160,  /* from there on the stage list stays beside a pane that was made large */
    LAYOUT_MESSAGE_ROWS = 22 /* from there on the message has a line of its own, with the next step in it */
};

struct layout {
    enum layout_kind kind;
    struct rect top;  /* one line: where one is and how far one is */
    struct rect tabs; /* no rows unless LAYOUT_TABS */
    struct rect pane[PANE_COUNT_];
    struct rect message; /* a line of its own on tall screens; no rows when the footer has to lend its line */
    struct rect footer;
};

struct layout layout_compute(int rows, int cols, enum pane_id focus, enum pane_size size);

/* The pane at a position of the screen, or PANE_COUNT_. */
enum pane_id layout_at(const struct layout *l, int row, int col);

/* The pane beyond the border of `from` in the direction (dr, dc), or `from` if there is none. */
enum pane_id layout_neighbour(const struct layout *l, enum pane_id from, int dr, int dc);

#endif
