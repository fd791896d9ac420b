#include "vt/row.h"

#include "base/mem.h"

#include <string.h>

struct row *row_new(int cols)
{
    struct row *r = xcalloc(1, sizeof *r + (size_t)cols * sizeof r->cells[0]);

    r->cols = (uint16_t)cols;
    return r;
}

static bool is_blank(const struct grid_cell *c)
{
    return (c->glyph | c->bg | c->attrs | c->link) == 0;
}

void row_trim(struct row *r)
{
    while (r->used > 0 && is_blank(&r->cells[r->used - 1]))
        r->cells[--r->used] = (struct grid_cell){0};
}

struct row *row_trimmed(const struct row *r)
{
    int n = r->used;

    while (n > 0 && is_blank(&r->cells[n - 1]))
        n--;
    size_t bytes = (size_t)n * sizeof r->cells[0];
    struct row *copy = xmalloc(sizeof *copy + bytes);
    copy->cols = copy->used = (uint16_t)n;
    copy->flags = r->flags;
    memcpy(copy->cells, r->cells, bytes);
    return copy;
}

void row_clear(struct row *r)
{
    memset(r->cells, 0, r->used * sizeof r->cells[0]);
    r->used = 0;
    r->flags = 0;
}

void row_copy(struct row *to, const struct row *from)
{
    row_clear(to);
    to->used = from->used < to->cols ? from->used : to->cols;
    to->flags = from->flags;
    memcpy(to->cells, from->cells, to->used * sizeof to->cells[0]);
}

struct row **rows_new(int rows, int cols)
{
    struct row **a = xcalloc((size_t)rows, sizeof *a);

    for (int i = 0; i < rows; i++)
        a[i] = row_new(cols);
    return a;
}

void rows_free(struct row **a, int rows)
{
    for (int i = 0; a && i < rows; i++)
        free(a[i]);
    free(a);
}

void row_blank(struct row *r, int col, int end, color bg)
{
    if (bg == COLOR_DEFAULT) {
        if (end > r->used)
            end = r->used;
        if (col < end)
            memset(&r->cells[col], 0, (size_t)(end - col) * sizeof r->cells[0]);
        if (end == r->used && col < r->used)
            r->used = (uint16_t)col;
        return;
    }
    for (int i = col; i < end; i++)
        r->cells[i] = (struct grid_cell){.bg = bg};
    if (end > r->used)
        r->used = (uint16_t)end;
}

void row_cut(struct row *r, int col)
{
    if (col <= 0 || col >= r->used || !(r->cells[col].attrs & GRID_TAIL))
        return;
    r->cells[col].attrs &= (uint16_t)~GRID_TAIL;
    r->cells[col - 1].attrs &= (uint16_t)~GRID_WIDE;
    r->cells[col - 1].glyph = 0;
}
