/* What the files behind vt/terminal.h share; nobody else includes it. */
#ifndef VT_TERMINAL_PARTS_H
#define VT_TERMINAL_PARTS_H

#include "vt/emulator.h"
#include "vt/grid.h"
#include "vt/guard.h"
#include "vt/terminal.h"

/* What DECSC keeps; each screen has its own. */
struct saved_cursor {
    int row, col;
    struct grid_cell pen;
    struct guard_shift shift;
};

struct terminal {
    struct grid *grid;
    struct guard guard;
    struct emulator *emulator;
    struct terminal_callbacks callbacks;
    void *user;
    struct buf title, directory;

    long foreground, background;  /* 0xRRGGBB of the outer terminal; -1: not known */
    struct saved_cursor saved[2]; /* of the primary and of the alternate screen */
    int primary_row, primary_col; /* the cursor of the primary screen while the other is shown */
    struct terminal_cursor snapshot_cursor;
    int snapshot_row; /* of the cursor in it */

    uint64_t sync_deadline, string_deadline; /* of clock_now_ns; 0: none */
    unsigned strings;                        /* how many had begun when string_deadline was set */
    struct {
        bool open;      /* a part has come, the last one has not */
        bool bracketed; /* as it was at the first part */
        bool after_cr;
        char rest[4]; /* the start of a character whose end is in the next part */
        size_t n_rest;
    } paste;
    int mouse_row, mouse_col; /* where the last motion was reported */
};

#define NS_PER_MS UINT64_C(1000000)

void terminal_output(struct terminal *t, const char *bytes, size_t n);

/* events.c: an event of the guard, with the terminal as context. */
void terminal_event(void *context, const struct guard_event *e);
void terminal_reset_screen(struct terminal *t);
void terminal_end_sync(struct terminal *t);

/* One whole line, wrapped or not, as characters with their places; blank cells are spaces, the second columns
 * of wide characters are left out. Filled by text_of_line, freed by text_free. */
struct line_text {
    long first, end; /* its rows */
    size_t n, cap;
    uint32_t *chars;
    struct terminal_pos *at;
};

void text_of_line(const struct terminal *t, long line, struct line_text *out);
void text_free(struct line_text *text);
/* The first and one past the last row of the line that this row belongs to. */
long text_first_row(const struct terminal *t, long line);
long text_end_row(const struct terminal *t, long line);

/* search.c: every match in the line, in order; stops when found() returns false. */
struct needle {
    uint32_t *chars;
    size_t n;
    bool fold; /* either case */
};
bool needle_of(const char *text, struct needle *out);
void needle_free(struct needle *n);
void search_line(const struct line_text *text, const struct needle *needle,
                 bool (*found)(const struct terminal_match *m, void *context), void *context);

/* draw.c */
struct cell draw_cell_of(const struct terminal *t, const struct grid_cell *c);

#endif
