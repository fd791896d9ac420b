/* The motions of copy mode. */
#include "vt/terminal_parts.h"

#include <stdlib.h>

enum kind { KIND_BLANK, KIND_WORD, KIND_OTHER };

static enum kind kind_at(const struct terminal *t, struct terminal_pos p)
{
    uint32_t chars[1 + GRID_MARKS_MAX];
    struct grid_cell c = grid_cell_at(grid_line(t->grid, p.line), p.col);
    uint32_t ch = grid_chars(t->grid, &c, chars) ? chars[0] : ' ';

    if (c.attrs & GRID_TAIL)
        return KIND_WORD;
    if (ch == ' ')
        return KIND_BLANK;
    bool word =
        ch >= 0x80 || (ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') || ch == '_';
    return word ? KIND_WORD : KIND_OTHER;
}

static int used_of(const struct terminal *t, long line)
{
    const struct row *r = grid_line(t->grid, line);

    return r ? r->used : 0;
}

/* One cell further; false at the end of everything. A line that does not go on has one blank place after its
 * text, so that the end of a line separates words. */
static bool step_forward(const struct terminal *t, struct terminal_pos *p)
{
    int last = grid_continues(t->grid, p->line) ? t->grid->cols - 1 : used_of(t, p->line);

    if (p->col < last && p->col < t->grid->cols - 1) {
        p->col++;
        return true;
    }
    if (p->line + 1 >= terminal_end_line(t))
        return false;
    p->line++;
    p->col = 0;
    return true;
}

static bool step_back(const struct terminal *t, struct terminal_pos *p)
{
    if (p->col > 0) {
        p->col--;
        return true;
    }
    if (p->line <= terminal_first_line(t))
        return false;
    p->line--;
    int used = used_of(t, p->line);
    p->col = used < t->grid->cols ? used : t->grid->cols - 1;
    return true;
}

typedef struct terminal_pos mover(const struct terminal *t, struct terminal_pos p);

static struct terminal_pos left(const struct terminal *t, struct terminal_pos p)
{
    if (p.col > 0)
        p.col--;
    if (p.col > 0 && (grid_cell_at(grid_line(t->grid, p.line), p.col).attrs & GRID_TAIL))
        p.col--;
    return p;
}

static struct terminal_pos right(const struct terminal *t, struct terminal_pos p)
{
    int step = grid_cell_at(grid_line(t->grid, p.line), p.col).attrs & GRID_WIDE ? 2 : 1;

    if (p.col + step < t->grid->cols)
        p.col += step;
    return p;
}

static struct terminal_pos up(const struct terminal *t, struct terminal_pos p)
{
    if (p.line > terminal_first_line(t))
        p.line--;
    return p;
}

static struct terminal_pos down(const struct terminal *t, struct terminal_pos p)
{
    if (p.line + 1 < terminal_end_line(t))
        p.line++;
    return p;
}

static struct terminal_pos word_next(const struct terminal *t, struct terminal_pos p)
{
    enum kind was = kind_at(t, p);

    while (was != KIND_BLANK && kind_at(t, p) == was)
        if (!step_forward(t, &p))
            return p;
    while (kind_at(t, p) == KIND_BLANK)
        if (!step_forward(t, &p))
            return p;
    return p;
}

static struct terminal_pos word_previous(const struct terminal *t, struct terminal_pos p)
{
    do
        if (!step_back(t, &p))
            return p;
    while (kind_at(t, p) == KIND_BLANK);
    enum kind in = kind_at(t, p);
    struct terminal_pos before = p;
    while (step_back(t, &before) && kind_at(t, before) == in)
        p = before;
    return p;
}

static struct terminal_pos word_end(const struct terminal *t, struct terminal_pos p)
{
    do
        if (!step_forward(t, &p))
            return p;
    while (kind_at(t, p) == KIND_BLANK);
    enum kind in = kind_at(t, p);
    struct terminal_pos after = p;
    while (step_forward(t, &after) && kind_at(t, after) == in)
        p = after;
    return p;
}

static struct terminal_pos line_start(const struct terminal *t, struct terminal_pos p)
{
    return (struct terminal_pos){text_first_row(t, p.line), 0};
}

static struct terminal_pos line_text(const struct terminal *t, struct terminal_pos p)
{
    struct terminal_pos at = line_start(t, p);
    long end = text_end_row(t, p.line);

    while (kind_at(t, at) == KIND_BLANK)
        if (!step_forward(t, &at) || at.line >= end)
            return line_start(t, p);
    return at;
}

static struct terminal_pos line_end(const struct terminal *t, struct terminal_pos p)
{
    p.line = text_end_row(t, p.line) - 1;
    p.col = used_of(t, p.line);
    p.col -= p.col > 0;
    return left(t, (struct terminal_pos){p.line, p.col + 1});
}

static struct terminal_pos history_start(const struct terminal *t, struct terminal_pos p)
{
    (void)p;
    return (struct terminal_pos){terminal_first_line(t), 0};
}

static struct terminal_pos history_end(const struct terminal *t, struct terminal_pos p)
{
    (void)p;
    return (struct terminal_pos){terminal_end_line(t) - 1, 0};
}

static bool is_empty(const struct terminal *t, long line)
{
    const struct row *r = grid_line(t->grid, line);

    for (int i = 0; r && i < r->used; i++)
        if (r->cells[i].glyph != 0 && r->cells[i].glyph != ' ')
            return false;
    return true;
}

static struct terminal_pos paragraph_next(const struct terminal *t, struct terminal_pos p)
{
    while (p.line + 1 < terminal_end_line(t) && is_empty(t, p.line))
        p.line++;
    while (p.line + 1 < terminal_end_line(t) && !is_empty(t, p.line))
        p.line++;
    p.col = 0;
    return p;
}

static struct terminal_pos paragraph_previous(const struct terminal *t, struct terminal_pos p)
{
    while (p.line > terminal_first_line(t) && is_empty(t, p.line))
        p.line--;
    while (p.line > terminal_first_line(t) && !is_empty(t, p.line))
        p.line--;
    p.col = 0;
    return p;
}

static mover *const motions[MOTION_COUNT_] = {
    [MOTION_LEFT] = left,
    [MOTION_RIGHT] = right,
    [MOTION_UP] = up,
    [MOTION_DOWN] = down,
    [MOTION_WORD_NEXT] = word_next,
    [MOTION_WORD_PREVIOUS] = word_previous,
    [MOTION_WORD_END] = word_end,
    [MOTION_LINE_START] = line_start,
    [MOTION_LINE_TEXT] = line_text,
    [MOTION_LINE_END] = line_end,
    [MOTION_HISTORY_START] = history_start,
    [MOTION_HISTORY_END] = history_end,
    [MOTION_PARAGRAPH_NEXT] = paragraph_next,
    [MOTION_PARAGRAPH_PREVIOUS] = paragraph_previous,
};

struct terminal_pos terminal_move(const struct terminal *t, struct terminal_pos from,
                                  enum terminal_motion motion)
{
    if (from.line < terminal_first_line(t))
        from.line = terminal_first_line(t);
    if (from.line >= terminal_end_line(t))
        from.line = terminal_end_line(t) - 1;
    return motions[motion](t, from);
}
