#include "vt/grid.h"

#include "base/mem.h"

#include <string.h>

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

/* ---- Screens ---- */

/* Erased cells take the pen's background and nothing else of it (xterm's "bce"). */
void grid_blank_row(const struct grid *g, struct row *r)
{
    row_clear(r);
    if (g->pen.bg != COLOR_DEFAULT)
        row_blank(r, 0, g->cols, g->pen.bg);
}

void grid_use_alternate(struct grid *g, bool on, bool clear)
{
    g->alternate = on;
    g->screen = on ? g->alternate_rows : g->primary_rows;
    g->put_fresh = false;
    for (int i = 0; on && clear && i < g->rows; i++)
        grid_blank_row(g, g->screen[i]);
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
