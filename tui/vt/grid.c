#include "vt/grid.h"

#include "base/mem.h"

#include <string.h>

/* ---- Rows ---- */

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

static void row_clear(struct row *r)
{
    memset(r->cells, 0, r->used * sizeof r->cells[0]);
    r->used = 0;
    r->flags = 0;
}

static void row_copy(struct row *to, const struct row *from)
{
    row_clear(to);
    to->used = from->used < to->cols ? from->used : to->cols;
    to->flags = from->flags;
    memcpy(to->cells, from->cells, to->used * sizeof to->cells[0]);
}

static struct row **rows_new(int rows, int cols)
{
    struct row **a = xcalloc((size_t)rows, sizeof *a);

    for (int i = 0; i < rows; i++)
        a[i] = row_new(cols);
    return a;
}

static void rows_free(struct row **a, int rows)
{
    for (int i = 0; a && i < rows; i++)
        free(a[i]);
    free(a);
}

/* Erased cells take the pen's background and nothing else of it (xterm's "bce"). */
static void fill_blank(const struct grid *g, struct row *r, int col, int end)
{
    if (!g->pen.bg) {
        if (end > r->used)
            end = r->used;
        if (col < end)
            memset(&r->cells[col], 0, (size_t)(end - col) * sizeof r->cells[0]);
        if (end == r->used && col < r->used)
            r->used = (uint16_t)col;
        return;
    }
    for (int i = col; i < end; i++)
        r->cells[i] = (struct grid_cell){.bg = g->pen.bg};
    if (end > r->used)
        r->used = (uint16_t)end;
}

/* Makes sure that no wide character lies across the border before column `col`: both its halves become blank.
 */
static void cut(struct row *r, int col)
{
    if (col <= 0 || col >= r->used || !(r->cells[col].attrs & GRID_TAIL))
        return;
    r->cells[col].attrs &= (uint16_t)~GRID_TAIL;
    r->cells[col - 1].attrs &= (uint16_t)~GRID_WIDE;
    r->cells[col - 1].glyph = 0;
}

/* ---- The grid ---- */

struct grid *grid_new(int rows, int cols, int history_max)
{
    struct grid *g = xcalloc(1, sizeof *g);

    g->rows = rows;
    g->cols = cols;
    g->primary_rows = rows_new(rows, cols);
    g->alternate_rows = rows_new(rows, cols);
    g->screen = g->primary_rows;
    g->history_max = history_max > 0 ? history_max : 0;
    g->history = xcalloc((size_t)g->history_max + 1, sizeof *g->history);
    return g;
}

void grid_free(struct grid *g)
{
    if (!g)
        return;
    grid_clear_history(g);
    grid_drop_snapshot(g);
    rows_free(g->primary_rows, g->rows);
    rows_free(g->alternate_rows, g->rows);
    intern_free(&g->graphemes);
    intern_free(&g->links);
    free(g->history);
    free(g);
}

void grid_reset(struct grid *g)
{
    grid_drop_snapshot(g);
    g->pen = (struct grid_cell){0};
    grid_use_alternate(g, true, true);
    grid_use_alternate(g, false, false);
    for (int i = 0; i < g->rows; i++)
        row_clear(g->screen[i]);
    grid_clear_history(g);
    intern_free(&g->graphemes);
    intern_free(&g->links);
}

void grid_push_history(struct grid *g, struct row *take)
{
    if (g->history_max == 0) {
        free(take);
        g->dropped++;
        return;
    }
    int at = g->history_start + g->history_count;
    if (at >= g->history_max)
        at -= g->history_max;
    if (g->history_count == g->history_max) {
        free(g->history[at]);
        g->history_start = g->history_start + 1 == g->history_max ? 0 : g->history_start + 1;
        g->dropped++;
    } else {
        g->history_count++;
    }
    g->history[at] = take;
}

void grid_clear_history(struct grid *g)
{
    for (int i = 0; i < g->history_count; i++)
        free(g->history[(g->history_start + i) % g->history_max]);
    g->dropped += g->history_count;
    g->history_start = g->history_count = 0;
}

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
    cut(r, col);
    cut(r, end);
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
        cut(r, col);
        cut(r, end_col);
        fill_blank(g, r, col, end_col);
        if (end_col == g->cols)
            r->flags &= (uint8_t)(col == 0 ? 0 : ~(ROW_WRAPPED | ROW_PADDED));
    }
}

static void blank_row(const struct grid *g, struct row *r)
{
    row_clear(r);
    if (g->pen.bg)
        fill_blank(g, r, 0, g->cols);
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
            blank_row(g, rows[i]);
        if (g->put_row >= row && g->put_row < end_row)
            g->put_row -= count;
    } else {
        rotate(rows, n, n - count);
        for (int i = 0; i < count; i++)
            blank_row(g, rows[i]);
        unwrap(g, end_row - 1);
        g->put_fresh = false;
    }
}

static void scroll_columns(struct grid *g, struct row *r, int col, int end_col, int left)
{
    int n = end_col - col;
    int count = clamp(left < 0 ? -left : left, 0, n);
    size_t bytes = (size_t)(n - count) * sizeof r->cells[0];

    cut(r, col);
    cut(r, end_col);
    if (left > 0) {
        cut(r, col + count);
        memmove(&r->cells[col], &r->cells[col + count], bytes);
        r->used = r->used > end_col ? r->used : (uint16_t)end_col;
        fill_blank(g, r, end_col - count, end_col);
    } else {
        cut(r, end_col - count);
        memmove(&r->cells[col + count], &r->cells[col], bytes);
        r->used = r->used > end_col ? r->used : (uint16_t)end_col;
        fill_blank(g, r, col, col + count);
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

/* ---- Screens ---- */

void grid_use_alternate(struct grid *g, bool on, bool clear)
{
    g->alternate = on;
    g->screen = on ? g->alternate_rows : g->primary_rows;
    g->put_fresh = false;
    for (int i = 0; on && clear && i < g->rows; i++)
        blank_row(g, g->screen[i]);
}

void grid_take_snapshot(struct grid *g)
{
    grid_drop_snapshot(g);
    g->snapshot = rows_new(g->rows, g->cols);
    g->snapshot_rows = g->rows;
    for (int i = 0; i < g->rows; i++)
        row_copy(g->snapshot[i], g->screen[i]);
}

void grid_drop_snapshot(struct grid *g)
{
    rows_free(g->snapshot, g->snapshot_rows);
    g->snapshot = NULL;
    g->snapshot_rows = 0;
}

/* ---- Lines ---- */

long grid_first_line(const struct grid *g)
{
    return g->alternate ? grid_screen_line(g) : g->dropped;
}

const struct row *grid_line(const struct grid *g, long line)
{
    long screen = grid_screen_line(g);

    if (line >= screen)
        return line < screen + g->rows ? g->screen[line - screen] : NULL;
    if (line < grid_first_line(g))
        return NULL;
    long at = g->history_start + (line - g->dropped);
    return g->history[at >= g->history_max ? at - g->history_max : at];
}

struct grid_cell grid_cell_at(const struct row *r, int col)
{
    return r && col >= 0 && col < r->used ? r->cells[col] : (struct grid_cell){0};
}

bool grid_continues(const struct grid *g, long line)
{
    const struct row *r = grid_line(g, line);
    const struct row *next = r && (r->flags & ROW_WRAPPED) ? grid_line(g, line + 1) : NULL;

    return next && next->used > 0;
}

/* ---- Links ---- */

static void mark_links(uint8_t *live, const struct row *r)
{
    for (int i = 0; i < r->used; i++)
        live[r->cells[i].link / 8] |= (uint8_t)(1u << r->cells[i].link % 8);
}

/* Frees the addresses that no cell leads to any more. */
static void sweep_links(struct grid *g)
{
    uint8_t *live = xcalloc(1, INTERN_MAX / 8 + 1);

    for (int i = 0; i < g->history_count; i++)
        mark_links(live, g->history[(g->history_start + i) % g->history_max]);
    for (int i = 0; i < g->rows; i++) {
        mark_links(live, g->primary_rows[i]);
        mark_links(live, g->alternate_rows[i]);
    }
    for (int i = 0; i < g->snapshot_rows; i++)
        mark_links(live, g->snapshot[i]);
    intern_sweep(&g->links, live);
    free(live);
}

void grid_set_link(struct grid *g, const char *uri, size_t n)
{
    enum { SWEEP_EVERY = 1024 };

    g->pen.link = 0;
    if (n == 0)
        return;
    g->pen.link = (uint16_t)intern_add(&g->links, uri, n);
    if (g->pen.link == 0 && g->links_refused++ % SWEEP_EVERY == 0) {
        sweep_links(g);
        g->pen.link = (uint16_t)intern_add(&g->links, uri, n);
    }
}
