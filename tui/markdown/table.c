/* Tables: columns share the pane's width, cells are wrapped. Where not even the longest words fit, each row
 * becomes a list of "header: cell". */
#include "markdown/layout.h"

#include "base/mem.h"

#include <string.h>

enum { WORD_MAX = 16 }; /* longer words are broken before a neighbour starves */

struct column {
    int line, word; /* what its widest line and its longest word would take */
    int width;
};

struct table {
    const struct node *cells; /* row by row */
    size_t rows, columns;
    struct column *column;
};

static void measure_columns(const struct layout *l, struct table *t)
{
    for (size_t i = 0; i < t->rows * t->columns; i++) {
        struct column *column = &t->column[i % t->columns];
        int line, word;
        measure(l->doc, t->cells[i].start, t->cells[i].end, &line, &word);
        column->line = line > column->line ? line : column->line;
        column->word = word > column->word ? word : column->word;
    }
    for (size_t i = 0; i < t->columns; i++) {
        struct column *column = &t->column[i];
        column->line = column->line ? column->line : 1;
        column->word = column->word < WORD_MAX ? column->word : WORD_MAX;
        column->word = column->word < column->line ? column->word : column->line;
    }
}

/* Gives each column what it likes up to `cap`, but room for its longest word, and returns the sum. */
static int share(struct table *t, int cap)
{
    int sum = 0;
    for (size_t i = 0; i < t->columns; i++) {
        struct column *c = &t->column[i];
        c->width = cap < c->word ? c->word : cap > c->line ? c->line : cap;
        sum += c->width;
    }
    return sum;
}

/* The widths of the columns: narrow ones get what they like, wide ones share the rest equally. False if not
 * even the longest words fit. */
static bool fit_columns(struct table *t, int room)
{
    int low = 0, high = room;

    if (share(t, 0) > room)
        return false;
    while (low < high) {
        int middle = low + (high - low + 1) / 2;
        if (share(t, middle) <= room)
            low = middle;
        else
            high = middle - 1;
    }
    int left = room - share(t, low);
    for (size_t i = 0; left > 0 && i < t->columns; i++) {
        struct column *c = &t->column[i];
        if (c->width == low && c->width < c->line) { /* what the equal shares leave over */
            c->width++;
            left--;
        }
    }
    return true;
}

static void put_border(struct layout *l, const struct table *t, const char *left, const char *middle,
                       const char *right)
{
    struct canvas *c = &l->canvas;

    layout_begin_line(l);
    for (size_t i = 0; i < t->columns; i++) {
        canvas_puts(c, LOOK(ROLE_BORDER), i == 0 ? left : middle);
        canvas_repeat(c, LOOK(ROLE_BORDER), layout_box(l)->h, t->column[i].width + 2);
    }
    canvas_puts(c, LOOK(ROLE_BORDER), right);
    canvas_end_line(c, c->position);
}

static struct look cell_look(const struct layout *l, bool header)
{
    return header ? LOOK(ROLE_STRONG) : layout_text_look(l);
}

/* One row; its cells are wrapped into l->pieces, one cell after the other, ends[i] pieces up to cell i.
 * Returns how many lines it takes. */
static size_t wrap_row(struct layout *l, const struct table *t, size_t row, size_t *ends)
{
    size_t height = 1, before = 0;

    l->pieces.n = 0;
    for (size_t i = 0; i < t->columns; i++) {
        const struct node *cell = &t->cells[row * t->columns + i];
        wrap(l->doc, cell->start, cell->end, t->column[i].width, &l->pieces);
        ends[i] = l->pieces.n;
        height = ends[i] - before > height ? ends[i] - before : height;
        before = ends[i];
    }
    return height;
}

static void put_row(struct layout *l, const struct table *t, size_t row, const size_t *ends, size_t height)
{
    const struct box *box = layout_box(l);
    struct canvas *c = &l->canvas;
    uint32_t position = t->cells[row * t->columns].start;

    for (size_t line = 0; line < height; line++) {
        layout_begin_line(l);
        for (size_t i = 0; i < t->columns; i++) {
            size_t at = (i ? ends[i - 1] : 0) + line;
            int width = t->column[i].width, start = c->col;
            canvas_puts(c, LOOK(ROLE_BORDER), box->v);
            if (at < ends[i]) {
                const struct piece *p = &l->pieces.list[at];
                int align = t->cells[row * t->columns + i].cell.align, free_room = width - p->width;
                canvas_goto(c, start + 2 + (align > 0 ? free_room : align == 0 ? free_room / 2 : 0));
                put_piece(c, l->doc, p, cell_look(l, row == 0), l->links);
            }
            canvas_goto(c, start + width + 3);
        }
        canvas_puts(c, LOOK(ROLE_BORDER), box->v);
        canvas_end_line(c, position);
    }
}

static void put_table(struct layout *l, const struct table *t)
{
    const struct box *box = layout_box(l);
    size_t *ends = xcalloc(t->columns, sizeof *ends);
    bool ruled = false; /* rows of several lines need rules between them */

    for (size_t row = 1; row < t->rows && !ruled; row++)
        ruled = wrap_row(l, t, row, ends) > 1;
    put_border(l, t, box->tl, box->t, box->tr);
    for (size_t row = 0; row < t->rows; row++) {
        if (row == 1 || (row > 1 && ruled))
            put_border(l, t, box->l, box->x, box->r);
        size_t height = wrap_row(l, t, row, ends);
        put_row(l, t, row, ends, height);
    }
    put_border(l, t, box->bl, box->b, box->br);
    free(ends);
}

/* A header or a cell of a record, on lines of its own. */
static void put_part(struct layout *l, const struct node *n, struct look look, int indent, const char *end,
                     uint32_t position)
{
    struct canvas *c = &l->canvas;

    l->pieces.n = 0;
    wrap(l->doc, n->start, n->end, layout_width(l) - indent - (int)strlen(end), &l->pieces);
    for (size_t i = 0; i < l->pieces.n; i++) {
        layout_begin_line(l);
        canvas_goto(c, c->col + indent);
        put_piece(c, l->doc, &l->pieces.list[i], look, l->links);
        if (i + 1 == l->pieces.n)
            canvas_puts(c, look, end);
        canvas_end_line(c, position);
    }
}

/* "header: cell" on one line if that fits; without a header the cell is a title itself. */
static void put_field(struct layout *l, const struct node *header, const struct node *cell)
{
    struct canvas *c = &l->canvas;
    int header_width, cell_width, word;

    measure(l->doc, header->start, header->end, &header_width, &word);
    measure(l->doc, cell->start, cell->end, &cell_width, &word);
    if (header_width == 0) {
        put_part(l, cell, cell_look(l, true), 0, "", cell->start);
    } else if (header_width + 2 + cell_width <= layout_width(l)) {
        layout_begin_line(l);
        put_piece(c, l->doc, &(struct piece){header->start, header->end, header_width}, cell_look(l, true),
                  l->links);
        canvas_puts(c, cell_look(l, true), ":");
        canvas_goto(c, c->col + (cell_width > 0));
        put_piece(c, l->doc, &(struct piece){cell->start, cell->end, cell_width}, cell_look(l, false),
                  l->links);
        canvas_end_line(c, cell->start);
    } else {
        put_part(l, header, cell_look(l, true), 0, ":", cell->start);
        put_part(l, cell, cell_look(l, false), 2, "", cell->start);
    }
}

/* The rows as records, a blank line between them. */
static void put_records(struct layout *l, const struct table *t)
{
    struct canvas *c = &l->canvas;

    for (size_t row = t->rows > 1 ? 1 : 0; row < t->rows; row++) {
        for (size_t i = 0; i < t->columns; i++)
            put_field(l, &t->cells[i], &t->cells[row * t->columns + i]);
        if (row + 1 < t->rows) {
            layout_begin_line(l);
            canvas_end_line(c, c->position);
        }
    }
}

void layout_table(struct layout *l, size_t node)
{
    const struct node *n = &l->doc->nodes[node];
    struct table t = {.cells = n + 1, .columns = n->table.columns};

    /* The parser fills rows up, so that each has all columns; count what is there all the same. */
    if (t.columns == 0 || n->next <= node + 1)
        return;
    t.rows = (n->next - node - 1) / t.columns;
    t.column = xcalloc(t.columns, sizeof *t.column);
    measure_columns(l, &t);
    int frame = (int)t.columns * 3 + 1;
    if (t.rows > 0 && t.columns < (size_t)layout_width(l) && fit_columns(&t, layout_width(l) - frame))
        put_table(l, &t);
    else
        put_records(l, &t);
    free(t.column);
}
