/* The text of lines: one at a time, a selection, a whole wrapped line for searching. */
#include "vt/terminal_parts.h"

#include "base/escape.h"
#include "base/mem.h"

static void add_cell(const struct terminal *t, const struct grid_cell *c, struct buf *out)
{
    uint32_t chars[1 + GRID_MARKS_MAX];
    int n = grid_chars(t->grid, c, chars);
    char bytes[4];

    if (c->attrs & GRID_TAIL)
        return;
    if (n == 0)
        buf_addch(out, ' ');
    for (int i = 0; i < n; i++)
        buf_add(out, bytes, utf8_encode(chars[i], bytes));
}

static int visible_end(const struct row *r)
{
    int end = r->used;

    while (end > 0 && (r->cells[end - 1].glyph == 0 || r->cells[end - 1].glyph == ' ') &&
           !(r->cells[end - 1].attrs & GRID_TAIL))
        end--;
    return end;
}

/* The columns from col to end (not included) of a line; blanks at the end are left out unless the line goes
 * on. */
static void add_part(const struct terminal *t, long line, int col, int end, bool goes_on, struct buf *out)
{
    const struct row *r = grid_line(t->grid, line);
    int last;

    if (!r)
        return;
    last = goes_on ? t->grid->cols - (r->flags & ROW_PADDED ? 1 : 0) : visible_end(r);
    if (col > 0 && (grid_cell_at(r, col).attrs & GRID_TAIL))
        col--;
    for (; col < end && col < last; col++) {
        struct grid_cell c = grid_cell_at(r, col);
        add_cell(t, &c, out);
    }
}

void terminal_line_text(const struct terminal *t, long line, struct buf *out)
{
    add_part(t, line, 0, t->grid->cols, false, out);
}

bool terminal_line_wrapped(const struct terminal *t, long line)
{
    return grid_continues(t->grid, line);
}

void terminal_selection_text(const struct terminal *t, const struct terminal_selection *s, struct buf *out)
{
    struct terminal_pos a = s->anchor, b = s->point;
    bool block = s->kind == SELECT_BLOCK;
    int cols = t->grid->cols;

    if (a.line > b.line || (a.line == b.line && a.col > b.col)) {
        a = s->point;
        b = s->anchor;
    }
    int left = a.col < b.col ? a.col : b.col;
    int right = a.col < b.col ? b.col : a.col;
    for (long line = a.line; line <= b.line; line++) {
        bool joined = !block && grid_continues(t->grid, line) && (line < b.line || s->kind == SELECT_LINES);
        int from = block ? left : line == a.line && s->kind == SELECT_CHARS ? a.col : 0;
        int to = block ? right + 1 : line == b.line && s->kind == SELECT_CHARS ? b.col + 1 : cols;
        add_part(t, line, from, to, joined, out);
        if ((line < b.line && !joined) || (line == b.line && s->kind == SELECT_LINES))
            buf_addch(out, '\n');
    }
}

/* ---- Whole lines ---- */

long text_first_row(const struct terminal *t, long line)
{
    while (line > terminal_first_line(t) && grid_continues(t->grid, line - 1))
        line--;
    return line;
}

long text_end_row(const struct terminal *t, long line)
{
    while (grid_continues(t->grid, line))
        line++;
    return line + 1;
}

void text_of_line(const struct terminal *t, long line, struct line_text *out)
{
    out->first = text_first_row(t, line);
    out->end = text_end_row(t, line);
    out->n = 0;
    for (long i = out->first; i < out->end; i++) {
        const struct row *r = grid_line(t->grid, i);
        int end = !r ? 0 : i + 1 < out->end ? t->grid->cols - (r->flags & ROW_PADDED ? 1 : 0) : r->used;
        for (int col = 0; col < end; col++) {
            struct grid_cell c = grid_cell_at(r, col);
            uint32_t chars[1 + GRID_MARKS_MAX];
            if (c.attrs & GRID_TAIL)
                continue;
            if (out->n == out->cap) {
                out->cap = out->cap ? out->cap * 2 : 256;
                out->chars = xreallocarray(out->chars, out->cap, sizeof *out->chars);
                out->at = xreallocarray(out->at, out->cap, sizeof *out->at);
            }
            out->chars[out->n] = grid_chars(t->grid, &c, chars) ? chars[0] : ' ';
            out->at[out->n++] = (struct terminal_pos){i, col};
        }
    }
}

void text_free(struct line_text *text)
{
    free(text->chars);
    free(text->at);
}
