/* A change of the size. When the width changes, the lines of the primary screen and its history are joined
 * where they had been wrapped and wrapped again; the alternate screen is cut or extended, its program draws
 * it anew. */
#include "vt/grid.h"

#include "base/mem.h"

#include <string.h>

struct reflow {
    const struct grid *g;
    int cols;        /* the new width */
    struct row **in; /* all old rows, the oldest first; owned */
    long n_in;
    struct row **out; /* all new ones */
    long n_out, cap_out;
    struct grid_pos *pos; /* lines count from in[0], from out[0] once they are moved */
    size_t n_pos;
    bool *moved;              /* which positions have been */
    struct grid_cell *joined; /* one whole line */
    size_t cap_joined;
};

static void add_row(struct reflow *f, struct row *take)
{
    if (f->n_out == f->cap_out) {
        f->cap_out = f->cap_out ? f->cap_out * 2 : 256;
        f->out = xreallocarray(f->out, (size_t)f->cap_out, sizeof *f->out);
    }
    f->out[f->n_out++] = take;
}

/* How many columns of a row belong to its line. */
static int length_of(const struct reflow *f, const struct row *r)
{
    if (r->flags & ROW_WRAPPED)
        return f->g->cols - (r->flags & ROW_PADDED ? 1 : 0);
    return r->used;
}

static void move_positions(struct reflow *f, long in_first, long in_end, const size_t *starts, long n_starts,
                           size_t total);

/* A line of one row that still fits stays as it is. */
static bool keep_row(struct reflow *f, long i)
{
    struct row *r = f->in[i];

    if ((r->flags & ROW_WRAPPED) || r->used > f->cols)
        return false;
    add_row(f, r);
    move_positions(f, i, i + 1, (size_t[]){0}, 1, r->used);
    f->in[i] = NULL;
    return true;
}

/* Where the rows of a line end: at the width, or one before it if a wide character would be cut. */
static size_t row_length(const struct reflow *f, size_t at, size_t total)
{
    size_t n = total - at;

    if (n <= (size_t)f->cols)
        return n;
    n = (size_t)f->cols;
    return (f->joined[at + n].attrs & GRID_TAIL) ? n - 1 : n;
}

static size_t join(struct reflow *f, long first, long end)
{
    size_t total = 0;

    for (long i = first; i < end; i++)
        total += (size_t)length_of(f, f->in[i]);
    if (total + 1 > f->cap_joined) {
        f->cap_joined = (total + 1) * 2;
        f->joined = xreallocarray(f->joined, f->cap_joined, sizeof *f->joined);
    }
    size_t at = 0;
    for (long i = first; i < end; i++) {
        const struct row *r = f->in[i];
        size_t length = (size_t)length_of(f, r);
        size_t there = r->used < length ? r->used : length;
        memcpy(f->joined + at, r->cells, there * sizeof r->cells[0]);
        memset(f->joined + at + there, 0, (length - there) * sizeof r->cells[0]);
        at += length;
    }
    return total;
}

static void wrap_line(struct reflow *f, long first, long end)
{
    size_t total = join(f, first, end);
    long out_first = f->n_out;
    size_t cap = 8, n = 0;
    size_t *starts = xreallocarray(NULL, cap, sizeof *starts);

    for (size_t at = 0; at < total || at == 0;) {
        size_t length = row_length(f, at, total);
        struct row *r = xcalloc(1, sizeof *r + length * sizeof r->cells[0]);
        r->cols = r->used = (uint16_t)length;
        memcpy(r->cells, f->joined + at, length * sizeof r->cells[0]);
        if (n == cap)
            starts = xreallocarray(starts, cap *= 2, sizeof *starts);
        starts[n++] = at;
        at += length;
        if (at < total)
            r->flags = (uint8_t)(ROW_WRAPPED | (length < (size_t)f->cols ? ROW_PADDED : 0));
        add_row(f, r);
        if (length == 0)
            break;
    }
    f->out[out_first]->flags |= f->in[first]->flags & ROW_PROMPT;
    move_positions(f, first, end, starts, (long)n, total);
    free(starts);
    for (long i = first; i < end; i++) {
        free(f->in[i]);
        f->in[i] = NULL;
    }
}

/* The positions that lie in in[in_first .. in_end - 1] go to where their characters went: the last n_starts
 * new rows, of which starts[] says with which offset of the line they begin. */
static void move_positions(struct reflow *f, long in_first, long in_end, const size_t *starts, long n_starts,
                           size_t total)
{
    long out_first = f->n_out - n_starts;

    for (size_t k = 0; k < f->n_pos; k++) {
        struct grid_pos *p = &f->pos[k];
        if (f->moved[k] || p->line < in_first || p->line >= in_end)
            continue;
        size_t offset = (size_t)(p->col < 0 ? 0 : p->col);
        for (long i = in_first; i < p->line; i++)
            offset += (size_t)length_of(f, f->in[i]);
        long row = 0;
        while (row + 1 < n_starts && starts[row + 1] <= offset)
            row++;
        p->line = out_first + row;
        p->col = (int)(offset - starts[row]);
        f->moved[k] = true;
        /* A cursor right after a line that fills its row belongs to the start of the next one, as line
         * editors see it. */
        if (p->is_cursor && offset == total && p->col == f->cols) {
            struct row *r = f->out[p->line];
            r->flags |= ROW_WRAPPED;
            add_row(f, xcalloc(1, sizeof *r));
            p->line++;
            p->col = 0;
        } else if (p->col >= f->cols) {
            p->col = f->cols - 1;
        }
    }
}

/* Takes all rows of history and primary screen, but the blank ones below both the text and the cursor. */
static void collect(struct reflow *f, struct grid *g)
{
    long last = -1;

    for (int i = 0; i < g->rows; i++) {
        row_trim(g->primary_rows[i]);
        if (g->primary_rows[i]->used)
            last = i;
    }
    for (size_t k = 0; k < f->n_pos; k++)
        if (f->pos[k].is_cursor && f->pos[k].line - grid_screen_line(g) > last)
            last = f->pos[k].line - grid_screen_line(g);
    if (last >= g->rows)
        last = g->rows - 1;
    f->n_in = g->history_count + last + 1;
    f->in = xcalloc((size_t)f->n_in + 1, sizeof *f->in);
    for (int i = 0; i < g->history_count; i++)
        f->in[i] = g->history[(g->history_start + i) % g->history_max];
    for (int i = 0; i < g->rows; i++) {
        if (i <= last)
            f->in[g->history_count + i] = g->primary_rows[i];
        else
            free(g->primary_rows[i]);
    }
    for (size_t k = 0; k < f->n_pos; k++)
        f->pos[k].line -= g->dropped;
}

/* A wrap into nothing is the end of the line, unless the cursor waits there. */
static bool goes_on(const struct reflow *f, long i)
{
    if (!(f->in[i]->flags & ROW_WRAPPED) || i + 1 >= f->n_in)
        return false;
    for (size_t k = 0; k < f->n_pos; k++)
        if (f->pos[k].is_cursor && !f->moved[k] && f->pos[k].line == i + 1)
            return true;
    return f->in[i + 1]->used > 0;
}

static void wrap_all(struct reflow *f)
{
    long end;

    for (long i = 0; i < f->n_in; i = end) {
        end = i + 1;
        if (f->cols == f->g->cols) {
            add_row(f, f->in[i]);
            move_positions(f, i, end, (size_t[]){0}, 1, f->in[i]->used);
            continue;
        }
        if (keep_row(f, i))
            continue;
        while (goes_on(f, end - 1))
            end++;
        f->in[end - 1]->flags &= (uint8_t) ~(ROW_WRAPPED | ROW_PADDED);
        wrap_line(f, i, end);
    }
}

/* A new row of full width for the screen. */
static struct row *screen_row(struct row *take, int cols)
{
    struct row *r = row_new(cols);

    if (take) {
        r->used = take->used < r->cols ? take->used : r->cols;
        r->flags = take->flags;
        memcpy(r->cells, take->cells, r->used * sizeof r->cells[0]);
        free(take);
    }
    return r;
}

/* Which new row is the first on the screen. A screen that was full stays full, with lines from the history if
 * there are some; one that was not keeps its first line where it is, as far as the rest fits. */
static long screen_top(const struct reflow *f, int rows, bool was_full, long old_top, long cursor)
{
    long last = f->n_out > rows ? f->n_out - rows : 0;
    long top = was_full || old_top < last ? last : old_top;

    return top > cursor ? cursor : top;
}

static void push_history(struct grid *g, struct row *take)
{
    struct row *r = take;

    if (take->used < take->cols) {
        r = row_trimmed(take);
        free(take);
    }
    grid_push_history(g, r);
}

static void distribute(struct reflow *f, struct grid *g, int rows, long top)
{
    struct row **screen = xcalloc((size_t)rows, sizeof *screen);

    g->history_start = g->history_count = 0;
    for (long i = 0; i < f->n_out; i++) {
        if (i < top) {
            push_history(g, f->out[i]);
        } else if (i < top + rows) {
            screen[i - top] = screen_row(f->out[i], f->cols);
        } else {
            free(f->out[i]);
        }
    }
    for (int i = 0; i < rows; i++)
        if (!screen[i])
            screen[i] = row_new(f->cols);
    free(g->primary_rows);
    g->primary_rows = screen;
}

static void resize_primary(struct grid *g, int rows, int cols, struct grid_pos *pos, size_t n)
{
    struct reflow f = {.g = g, .cols = cols, .n_pos = n + 1};
    long screen = grid_screen_line(g);
    long first = g->dropped;
    long cursor = -1;

    f.pos = xreallocarray(NULL, n + 1, sizeof *f.pos);
    if (n)
        memcpy(f.pos, pos, n * sizeof *pos);
    f.pos[n] = (struct grid_pos){.line = screen};
    f.moved = xcalloc(n + 1, sizeof *f.moved);
    collect(&f, g);
    bool was_full = f.n_in - g->history_count == g->rows;
    wrap_all(&f);
    for (size_t k = 0; k < n; k++)
        if (f.pos[k].is_cursor && (cursor < 0 || f.pos[k].line < cursor))
            cursor = f.pos[k].line;
    long top = screen_top(&f, rows, was_full, f.moved[n] ? f.pos[n].line : 0, cursor < 0 ? f.n_out : cursor);
    distribute(&f, g, rows, top);
    for (size_t k = 0; k < n; k++) {
        /* What lay below all text was not collected; it stays that far below. */
        if (!f.moved[k])
            f.pos[k].line += f.n_out - f.n_in;
        pos[k].line = f.pos[k].line + first;
        pos[k].col = f.pos[k].col < cols ? f.pos[k].col : cols - 1;
        if (pos[k].line < g->dropped)
            pos[k].line = g->dropped, pos[k].col = 0;
        if (pos[k].line >= grid_screen_line(g) + rows)
            pos[k].line = grid_screen_line(g) + rows - 1;
    }
    free(f.pos);
    free(f.moved);
    free(f.in);
    free(f.out);
    free(f.joined);
}

static void resize_alternate(struct grid *g, int rows, int cols)
{
    struct row **screen = xcalloc((size_t)rows, sizeof *screen);

    for (int i = 0; i < g->rows || i < rows; i++) {
        struct row *old = i < g->rows ? g->alternate_rows[i] : NULL;
        if (i >= rows) {
            free(old);
            continue;
        }
        /* Half of a wide character is worse than none. */
        if (old && cols < old->used && (old->cells[cols].attrs & GRID_TAIL))
            old->cells[cols - 1] = (struct grid_cell){0};
        screen[i] = screen_row(old, cols);
    }
    free(g->alternate_rows);
    g->alternate_rows = screen;
}

void grid_resize(struct grid *g, int rows, int cols, struct grid_pos *pos, size_t n)
{
    grid_drop_snapshot(g);
    resize_primary(g, rows, cols, pos, n);
    resize_alternate(g, rows, cols);
    g->rows = rows;
    g->cols = cols;
    g->screen = g->alternate ? g->alternate_rows : g->primary_rows;
    g->put_fresh = false;
}
