/* Surfaces and areas: the matrix of cells and the clipping rectangles in it. */
#include "ui/cell.h"

#include "base/mem.h"

static const struct cell blank = {.ch = ' ', .width = 1};

struct surface *surface_new(int rows, int cols)
{
    struct surface *s = xcalloc(1, sizeof *s);
    surface_resize(s, rows, cols);
    return s;
}

void surface_free(struct surface *s)
{
    if (!s)
        return;
    free(s->cells);
    free(s);
}

void surface_resize(struct surface *s, int rows, int cols)
{
    s->rows = rows > 0 ? rows : 1;
    s->cols = cols > 0 ? cols : 1;
    s->cells = xreallocarray(s->cells, (size_t)s->rows * (size_t)s->cols, sizeof *s->cells);
    surface_clear(s);
}

void surface_clear(struct surface *s)
{
    for (size_t i = 0, n = (size_t)s->rows * (size_t)s->cols; i < n; i++)
        s->cells[i] = blank;
    s->cursor_row = s->cursor_col = 0;
    s->cursor_visible = false;
    s->cursor_shape = CURSOR_BLOCK;
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* The part of r that lies inside the rectangle (0, 0, rows, cols). */
static struct rect clip(struct rect r, int rows, int cols)
{
    int top = clamp(r.row, 0, rows), left = clamp(r.col, 0, cols);
    int bottom = clamp(r.row + r.rows, top, rows), right = clamp(r.col + r.cols, left, cols);
    return (struct rect){.row = top, .col = left, .rows = bottom - top, .cols = right - left};
}

struct area area_of(struct surface *s, struct rect r)
{
    return (struct area){.surface = s, .rect = clip(r, s->rows, s->cols)};
}

struct area area_sub(struct area a, struct rect r)
{
    struct rect inner = clip(r, a.rect.rows, a.rect.cols);
    inner.row += a.rect.row;
    inner.col += a.rect.col;
    return (struct area){.surface = a.surface, .rect = inner};
}
