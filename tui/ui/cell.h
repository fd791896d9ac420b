/* Cells and surfaces: what a screen is made of. Knows neither curses nor libuv; a surface is a matrix of
 * cells that panes draw into, and that the tty's output or a golden test reads. */
#ifndef UI_CELL_H
#define UI_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A colour: the terminal's own default, one of its 256, or 24 bits. */
typedef uint32_t color;
#define COLOR_DEFAULT  ((color)0)
#define COLOR_INDEX(i) ((color)0x01000000u | (color)(uint8_t)(i))
#define COLOR_RGB(r, g, b) \
    ((color)0x02000000u | (color)(uint8_t)(r) << 16 | (color)(uint8_t)(g) << 8 | (color)(uint8_t)(b))
#define COLOR_KIND(c) ((c) >> 24) /* 0 default, 1 index, 2 rgb */

enum attr {
    ATTR_BOLD = 1 << 0,
    ATTR_DIM = 1 << 1,
    ATTR_ITALIC = 1 << 2,
    ATTR_UNDERLINE = 1 << 3,
    ATTR_REVERSE = 1 << 4,
    ATTR_STRIKE = 1 << 5,
    ATTR_BLINK = 1 << 6,
    ATTR_CONCEAL = 1 << 7
};

struct style {
    color fg, bg;
    uint16_t attrs; /* of enum attr */
};

enum { CELL_MARKS = 2 };

/* One column of one row. A character of width 2 takes a cell with width 2 and after it a cell with width 0.
 */
struct cell {
    uint32_t ch;                /* code point; ' ' when blank */
    uint32_t marks[CELL_MARKS]; /* combining characters; 0: none */
    struct style style;
    uint8_t width;
};

enum cursor_shape { CURSOR_BLOCK, CURSOR_UNDERLINE, CURSOR_BAR };

struct surface {
    int rows, cols;
    struct cell *cells; /* rows * cols */
    int cursor_row, cursor_col;
    bool cursor_visible;
    enum cursor_shape cursor_shape;
};

struct surface *surface_new(int rows, int cols);
void surface_free(struct surface *s);
/* Changes the size; the content is blank afterwards. */
void surface_resize(struct surface *s, int rows, int cols);
void surface_clear(struct surface *s);
static inline struct cell *surface_at(const struct surface *s, int row, int col)
{
    return &s->cells[(size_t)row * (size_t)s->cols + (size_t)col];
}

struct rect {
    int row, col, rows, cols;
};

/* A part of a surface. Everything drawn into an area is clipped to it, whatever the coordinates; row and col
 * count from its upper left corner. */
struct area {
    struct surface *surface;
    struct rect rect;
};

struct area area_of(struct surface *s, struct rect r); /* clipped to the surface */
struct area area_sub(struct area a, struct rect r);    /* r relative to a; clipped to a */

/* Draws one line of UTF-8 and returns the column after it. Control characters and malformed bytes become
 * U+FFFD; a wide character that does not fit is left out. */
int draw_text(struct area a, int row, int col, struct style st, const char *utf8);
/* The same, but never past `width` columns: a longer text ends in an ellipsis. Returns the column after it.
 */
int draw_text_cut(struct area a, int row, int col, int width, struct style st, const char *utf8);
int draw_printf(struct area a, int row, int col, struct style st, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void draw_cell(struct area a, int row, int col, const struct cell *c);
void draw_fill(struct area a, struct rect r, struct style st, uint32_t ch);
void draw_hline(struct area a, int row, int col, int width, struct style st);
void draw_vline(struct area a, int row, int col, int height, struct style st);
/* Gives existing cells another style, e.g. to show a selection. */
void draw_restyle(struct area a, struct rect r, struct style st);
/* Adds attributes to existing cells, e.g. to underline what leads somewhere. */
void draw_add_attrs(struct area a, struct rect r, uint16_t attrs);
/* Puts the surface's cursor there, if it lies inside the area. */
void draw_cursor(struct area a, int row, int col, enum cursor_shape shape);

/* Columns that a text takes, by the same rules as draw_text. */
int text_width(const char *utf8);
int char_width(uint32_t cp); /* 0 combining, 1 or 2; control characters 1 (they are drawn as U+FFFD) */

/* Whether box-drawing characters may be used; otherwise + - | and the like. Set once at start from the
 * locale. */
void ui_set_unicode(bool yes);
bool ui_unicode(void);

#endif
