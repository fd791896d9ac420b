/* The cells of a terminal: the primary screen with its history, the alternate screen, and what libvterm's
 * state layer does to them. Rows are separate pieces of memory, so that scrolling moves pointers only. */
#ifndef VT_GRID_H
#define VT_GRID_H

#include "vt/intern.h"
#include "vt/row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct grid {
    int rows, cols;
    bool alternate;
    struct row **screen; /* the one that is shown: one of the two below */
    struct row **primary_rows, **alternate_rows;
    uint32_t stand_in;    /* what the next character stands for; 0: itself */
    struct grid_cell pen; /* what new cells look like; glyph is not used */

    /* A ring of history_max pointers. */
    struct row **history;
    int history_max, history_start, history_count;
    long dropped; /* lines that were in the history and are gone */

    /* Where the last character was printed, for as long as nothing else has moved the cursor: how an
     * automatic wrap is told from a line feed. */
    bool put_fresh;
    int put_row, put_col, put_end;

    struct row **snapshot; /* the screen from before a synchronised update; NULL: none */
    int snapshot_rows;

    struct intern graphemes, links;
    unsigned links_refused;
};

struct grid *grid_new(int rows, int cols, int history_max);
void grid_free(struct grid *g);
/* Everything blank, the history included; pen and tables too. */
void grid_reset(struct grid *g);

/* ---- What happens on the screen; all rows and columns are clipped ---- */

void grid_put(struct grid *g, int row, int col, uint32_t cp, int width, bool is_protected);
/* Puts a combining character on the last printed one, or on the character before row, col. */
void grid_mark(struct grid *g, int row, int col, uint32_t mark);
/* `selective` spares protected cells. */
void grid_erase(struct grid *g, int row, int end_row, int col, int end_col, bool selective);
/* Moves the content up and left (negative: down and right) within the rectangle. */
void grid_scroll(struct grid *g, int row, int end_row, int col, int end_col, int up, int left);
/* The cursor was moved there. */
void grid_moved(struct grid *g, int row, int col);
void grid_fill(struct grid *g, uint32_t cp);

/* Switches screens; `clear` empties the alternate one. */
void grid_use_alternate(struct grid *g, bool on, bool clear);
void grid_clear_history(struct grid *g);
/* The pen's link; "" for none. */
void grid_set_link(struct grid *g, const char *uri, size_t n);

void grid_take_snapshot(struct grid *g);
void grid_drop_snapshot(struct grid *g);

/* ---- Lines: numbered as in vt/terminal.h ---- */

long grid_first_line(const struct grid *g);
static inline long grid_screen_line(const struct grid *g)
{
    return g->dropped + g->history_count;
}
/* NULL if it is not kept. */
const struct row *grid_line(const struct grid *g, long line);
/* The cell there; a blank one beyond what is stored. */
struct grid_cell grid_cell_at(const struct row *r, int col);
/* Whether the line goes on in the next, which is not blank. */
bool grid_continues(const struct grid *g, long line);

/* The code points of a cell into out; returns how many, 0 for a blank one. */
int grid_chars(const struct grid *g, const struct grid_cell *c, uint32_t out[1 + GRID_MARKS_MAX]);

/* ---- reflow.c ---- */

struct grid_pos {
    long line;
    int col;
    bool is_cursor; /* may stand right after the end of a line */
};

/* Changes the size of both screens, and moves the n positions on the primary screen and its history with the
 * text. */
void grid_resize(struct grid *g, int rows, int cols, struct grid_pos *pos, size_t n);

/* Shared by the files of the grid. */
void grid_blank_row(const struct grid *g, struct row *r);
void grid_push_history(struct grid *g, struct row *take);

#endif
