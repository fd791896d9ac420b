/* The three layouts: see layout.h. */
#include "model/layout.h"

static int clamp(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

/* The right column: the terminal over the checks, the larger part for the one that was made large. */
static void split_right(struct layout *l, struct rect right, enum pane_id focus, enum pane_size size)
{
    int inner = right.rows - 1; /* one line of border between the two */
    int terminal = inner * 58 / 100;
    if (size == SIZE_LARGE && focus == PANE_TERMINAL)
        terminal = inner * 75 / 100;
    else if (size == SIZE_LARGE && focus == PANE_CHECKS)
        terminal = inner * 30 / 100;
    terminal = clamp(terminal, 3, inner - 3);
    l->pane[PANE_TERMINAL] = (struct rect){right.row, right.col, terminal, right.cols};
    l->pane[PANE_CHECKS] = (struct rect){right.row + terminal + 1, right.col, inner - terminal, right.cols};
}

static void three(struct layout *l, struct rect body, enum pane_id focus, enum pane_size size)
{
    int inner = body.cols - 4; /* four vertical borders */
    int stages = clamp(inner / 5, 27, 40);
    int rest = inner - stages;
    int reader = rest * 48 / 100;
    if (size == SIZE_LARGE)
        reader = focus == PANE_READER ? rest * 65 / 100 : focus == PANE_STAGES ? reader : rest * 32 / 100;
    else
        reader = clamp(reader, 40, 84); /* longer lines are hard to read */
    l->pane[PANE_STAGES] = (struct rect){body.row + 1, body.col + 1, body.rows - 2, stages};
    l->pane[PANE_READER] = (struct rect){body.row + 1, body.col + stages + 2, body.rows - 2, reader};
    split_right(l, (struct rect){body.row + 1, body.col + stages + reader + 3, body.rows - 2, rest - reader},
                focus, size);
}

/* Whether the stage list stands beside the others. A pane that was made large gets its columns first, so that
 * an editor has its eighty; where there is room for both, it stays. */
static bool has_stages(int cols, enum pane_id focus, enum pane_size size)
{
    return size != SIZE_LARGE || focus == PANE_STAGES || cols >= LAYOUT_WIDE_COLS;
}

static void two(struct layout *l, struct rect body, enum pane_id focus, enum pane_size size)
{
    int inner = body.cols - 3;
    int left = inner * 48 / 100;
    if (size == SIZE_LARGE)
        left = focus == PANE_READER || focus == PANE_STAGES ? inner * 64 / 100 : inner * 34 / 100;
    enum pane_id shown = focus == PANE_STAGES ? PANE_STAGES : PANE_READER;
    l->pane[shown] = (struct rect){body.row + 1, body.col + 1, body.rows - 2, left};
    split_right(l, (struct rect){body.row + 1, body.col + left + 2, body.rows - 2, inner - left}, focus,
                size);
}

struct layout layout_compute(int rows, int cols, enum pane_id focus, enum pane_size size)
{
    struct layout l = {.kind = LAYOUT_TOO_SMALL};
    if (rows < LAYOUT_MIN_ROWS || cols < LAYOUT_MIN_COLS)
        return l;
    l.kind = cols >= LAYOUT_THREE_COLS ? LAYOUT_THREE : cols >= LAYOUT_TWO_COLS ? LAYOUT_TWO : LAYOUT_TABS;
    if (l.kind == LAYOUT_THREE && !has_stages(cols, focus, size))
        l.kind = LAYOUT_TWO;

    int top = 0, bottom = rows;
    l.top = (struct rect){top++, 0, 1, cols};
    if (l.kind == LAYOUT_TABS)
        l.tabs = (struct rect){top++, 0, 1, cols};
    l.footer = (struct rect){--bottom, 0, 1, cols};
    if (rows >= LAYOUT_MESSAGE_ROWS)
        l.message = (struct rect){--bottom, 0, 1, cols};

    struct rect body = {top, 0, bottom - top, cols};
    if (l.kind == LAYOUT_TABS || size == SIZE_FULL)
        l.pane[focus] = (struct rect){body.row + 1, body.col + 1, body.rows - 2, body.cols - 2};
    else if (l.kind == LAYOUT_TWO)
        two(&l, body, focus, size);
    else
        three(&l, body, focus, size);
    return l;
}

enum pane_id layout_at(const struct layout *l, int row, int col)
{
    for (int i = 0; i < PANE_COUNT_; i++) {
        struct rect r = l->pane[i];
        if (row >= r.row && row < r.row + r.rows && col >= r.col && col < r.col + r.cols)
            return (enum pane_id)i;
    }
    return PANE_COUNT_;
}

enum pane_id layout_neighbour(const struct layout *l, enum pane_id from, int dr, int dc)
{
    struct rect r = l->pane[from];
    /* Just beyond the border, at the middle of the side; left and right enter at the upper part, where one
     * reads. */
    int row = dr < 0 ? r.row - 2 : dr > 0 ? r.row + r.rows + 1 : r.row + r.rows / 3;
    int col = dc < 0 ? r.col - 2 : dc > 0 ? r.col + r.cols + 1 : r.col + r.cols / 2;
    enum pane_id to = layout_at(l, row, col);
    return to == PANE_COUNT_ ? from : to;
}
