/* Cells and rows of the terminal's grid. */
#ifndef VT_ROW_H
#define VT_ROW_H

#include "ui/cell.h"

#include <stdbool.h>
#include <stdint.h>

/* Above the attributes of ui/cell.h. */
enum grid_attr {
    GRID_WIDE = 1 << 8,    /* a character of two columns ... */
    GRID_TAIL = 1 << 9,    /* ... and the second of them */
    GRID_DOUBLE = 1 << 10, /* underlines of other kinds */
    GRID_CURLY = 1 << 11,
    GRID_OVERLINE = 1 << 12,
    GRID_PROTECTED = 1 << 13 /* from selective erasing (DECSCA) */
};

enum {
    GRID_GRAPHEME = 1 << 30, /* in `glyph`: the rest is a number of `graphemes` */
    GRID_MARKS_MAX = 5       /* combining characters on one cell; more are dropped */
};

/* 16 bytes. All zero is a blank cell of the default colours. */
struct grid_cell {
    uint32_t glyph; /* code point or GRID_GRAPHEME; 0: never written, or erased */
    color fg, bg;
    uint16_t attrs;
    uint16_t link; /* a number of `links`; 0: none */
};

enum row_flags {
    ROW_WRAPPED = 1 << 0, /* goes on in the next row */
    ROW_PADDED = 1 << 1,  /* and its last column is empty, since a wide character did not fit */
    ROW_PROMPT = 1 << 2   /* a shell's prompt starts here */
};

struct row {
    uint16_t cols; /* that there is memory for */
    uint16_t used; /* cells from here on are all zero */
    uint8_t flags;
    struct grid_cell cells[];
};

struct row *row_new(int cols);
/* Everything blank, all flags off. */
void row_clear(struct row *r);
/* What `from` has, as far as there is room. */
void row_copy(struct row *to, const struct row *from);
/* Lowers `used` to the last cell that is not blank. */
void row_trim(struct row *r);
/* A copy that has no more memory than its used cells need. */
struct row *row_trimmed(const struct row *r);

/* Blanks the cells col .. end - 1, with that background. */
void row_blank(struct row *r, int col, int end, color bg);
/* Makes sure that no wide character lies across the border before column `col`: both its halves become blank.
 */
void row_cut(struct row *r, int col);

/* An array of new rows. */
struct row **rows_new(int rows, int cols);
void rows_free(struct row **a, int rows);

#endif
