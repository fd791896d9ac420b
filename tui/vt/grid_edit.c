/* What libvterm's state layer does to the screen: printing, erasing, scrolling. */
#include "vt/grid.h"

#include "base/mem.h"

#include <string.h>

/* ---- Printing ---- */

/* An automatic wrap shows itself by the order of what libvterm does: a character in the last column (or the
 * last but one, when a wide one follows), then one in the first column of the next row, and no move in
 * between. */
static void note_wrap(struct grid *g, int row, int col, int width)
{
    if (row == 0 || col != 0 || !g->put_fresh || g->put_row != row - 1)
        return;
    struct row *before = g->screen[row - 1];
    if (g->put_end == g->cols)
        before->flags = (uint8_t)((before->flags & ~ROW_PADDED) | ROW_WRAPPED);
    else if (width == 2 && g->put_end == g->cols - 1)
        before->flags |= ROW_WRAPPED | ROW_PADDED;
}

void grid_put(struct grid *g, int row, int col, uint32_t cp, int width, bool is_protected)
{
    if (row < 0 || row >= g->rows || col < 0 || col >= g->cols || width < 1)
        return;
    if (col + width > g->cols) {
        cp = 0xfffd;
        width = 1;
    }
    note_wrap(g, row, col, width);
    if (g->stand_in) {
        cp = g->stand_in;
        g->stand_in = 0;
    }
    struct row *r = g->screen[row];
    int end = col + width;
    row_cut(r, col);
    row_cut(r, end);
    struct grid_cell *c = &r->cells[col];
    *c = g->pen;
    c->glyph = cp;
    if (is_protected)
        c->attrs |= GRID_PROTECTED;
    if (width == 2) {
        c[1] = *c;
        c->attrs |= GRID_WIDE;
        c[1].attrs |= GRID_TAIL;
        c[1].glyph = 0;
    }
    if (end > r->used)
        r->used = (uint16_t)end;
    if (end == g->cols)
        r->flags &= (uint8_t) ~(ROW_WRAPPED | ROW_PADDED);
    g->put_fresh = true;
    g->put_row = row;
    g->put_col = col;
    g->put_end = end;
}

void grid_moved(struct grid *g, int row, int col)
{
    /* At the end of a run of text libvterm tells where the cursor is: after the last character, or on it when
     * the row is full. That is no move. */
    if (row != g->put_row || (col != g->put_end && !(g->put_end >= g->cols && col == g->put_col)))
        g->put_fresh = false;
}

int grid_chars(const struct grid *g, const struct grid_cell *c, uint32_t out[1 + GRID_MARKS_MAX])
{
    if (c->glyph == 0)
        return 0;
    if (!(c->glyph & GRID_GRAPHEME)) {
        out[0] = c->glyph;
        return 1;
    }
    size_t n;
    const char *bytes = intern_get(&g->graphemes, c->glyph & 0xffffu, &n);
    memcpy(out, bytes, n);
    return (int)(n / sizeof out[0]);
}

void grid_mark(struct grid *g, int row, int col, uint32_t mark)
{
    uint32_t chars[1 + GRID_MARKS_MAX];

    if (g->put_fresh) {
        row = g->put_row;
        col = g->put_col;
    } else {
        col--;
    }
    if (row < 0 || row >= g->rows || col < 0 || col >= g->screen[row]->used)
        return;
    struct grid_cell *c = &g->screen[row]->cells[col];
    if ((c->attrs & GRID_TAIL) && col > 0)
        c--;
    int n = grid_chars(g, c, chars);
    if (n == 0 || n > GRID_MARKS_MAX)
        return;
    chars[n++] = mark;
    unsigned id = intern_add(&g->graphemes, chars, (size_t)n * sizeof chars[0]);
    if (id)
        c->glyph = GRID_GRAPHEME | id;
}

void grid_fill(struct grid *g, uint32_t cp)
{
    for (int row = 0; row < g->rows; row++) {
        struct row *r = g->screen[row];
        row_clear(r);
        for (int col = 0; col < g->cols; col++)
            r->cells[col].glyph = cp;
        r->used = (uint16_t)g->cols;
    }
    g->put_fresh = false;
}

/* ---- Erasing and scrolling ---- */

static int clamp(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

static void erase_selectively(const struct grid *g, struct row *r, int col, int end)
{
    for (int i = col; i < end && i < r->used; i++)
        if (!(r->cells[i].attrs & GRID_PROTECTED))
            r->cells[i] = (struct grid_cell){.bg = g->pen.bg};
}

void grid_erase(struct grid *g, int row, int end_row, int col, int end_col, bool selective)
{
    row = clamp(row, 0, g->rows);
    end_row = clamp(end_row, row, g->rows);
    col = clamp(col, 0, g->cols);
    end_col = clamp(end_col, col, g->cols);
    if (col == end_col)
        return;
    for (int i = row; i < end_row; i++) {
        struct row *r = g->screen[i];
        if (selective) {
            erase_selectively(g, r, col, end_col);
            continue;
        }
        row_cut(r, col);
        row_cut(r, end_col);
        row_blank(r, col, end_col, g->pen.bg);
        if (end_col == g->cols)
            r->flags &= (uint8_t)(col == 0 ? 0 : ~(ROW_WRAPPED | ROW_PADDED));
    }
}

/* Turns the pointers row .. end_row - 1 so that the one at `first` comes first. */
static void rotate(struct row **rows, int n, int first)
{
    struct row *kept[64];

    while (first > 0) {
        int part = first < (int)ARRAY_LEN(kept) ? first : (int)ARRAY_LEN(kept);
        memcpy(kept, rows, (size_t)part * sizeof *rows);
        memmove(rows, rows + part, (size_t)(n - part) * sizeof *rows);
        memcpy(rows + n - part, kept, (size_t)part * sizeof *rows);
        first -= part;
    }
}

static void unwrap(struct grid *g, int row)
{
    if (row >= 0 && row < g->rows)
        g->screen[row]->flags &= (uint8_t) ~(ROW_WRAPPED | ROW_PADDED);
}

static void scroll_rows(struct grid *g, int row, int end_row, int up)
{
    struct row **rows = g->screen + row;
    int n = end_row - row;
    int count = clamp(up < 0 ? -up : up, 0, n);
    bool to_history = up > 0 && row == 0 && !g->alternate;

    /* The lines at the edges of the region lose their neighbours. */
    if (row > 0)
        unwrap(g, row - 1);
    if (end_row < g->rows)
        unwrap(g, end_row - 1);
    if (up > 0) {
        for (int i = 0; to_history && i < count; i++)
            grid_push_history(g, row_trimmed(rows[i]));
        rotate(rows, n, count);
        for (int i = n - count; i < n; i++)
            grid_blank_row(g, rows[i]);
        if (g->put_row >= row && g->put_row < end_row)
            g->put_row -= count;
    } else {
        rotate(rows, n, n - count);
        for (int i = 0; i < count; i++)
            grid_blank_row(g, rows[i]);
        unwrap(g, end_row - 1);
        g->put_fresh = false;
    }
}

static void scroll_columns(struct grid *g, struct row *r, int col, int end_col, int left)
{
    int n = end_col - col;
    int count = clamp(left < 0 ? -left : left, 0, n);
    size_t bytes = (size_t)(n - count) * sizeof r->cells[0];

    row_cut(r, col);
    row_cut(r, end_col);
    if (left > 0) {
        row_cut(r, col + count);
        memmove(&r->cells[col], &r->cells[col + count], bytes);
        r->used = r->used > end_col ? r->used : (uint16_t)end_col;
        row_blank(r, end_col - count, end_col, g->pen.bg);
    } else {
        row_cut(r, end_col - count);
        memmove(&r->cells[col + count], &r->cells[col], bytes);
        r->used = r->used > end_col ? r->used : (uint16_t)end_col;
        row_blank(r, col, col + count, g->pen.bg);
    }
    row_trim(r);
    if (end_col == g->cols)
        r->flags &= (uint8_t) ~(ROW_WRAPPED | ROW_PADDED);
}

void grid_scroll(struct grid *g, int row, int end_row, int col, int end_col, int up, int left)
{
    row = clamp(row, 0, g->rows);
    end_row = clamp(end_row, row, g->rows);
    col = clamp(col, 0, g->cols);
    end_col = clamp(end_col, col, g->cols);
    if (row == end_row || col == end_col)
        return;
    if (up != 0 && col == 0 && end_col == g->cols) {
        scroll_rows(g, row, end_row, up);
        up = 0;
    }
    /* Scrolling a part of the columns up or down needs margins (mode 69), which the guard does not allow. */
    if (left != 0)
        for (int i = row; i < end_row; i++)
            scroll_columns(g, g->screen[i], col, end_col, left);
}
