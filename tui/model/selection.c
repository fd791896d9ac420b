/* What a drag of the mouse has selected: see model.h. */
#include "model/model.h"

int selection_rows(const struct selection *s)
{
    return (s->to_row > s->row ? s->to_row - s->row : s->row - s->to_row) + 1;
}

struct rect selection_row(const struct selection *s, int i)
{
    bool down = s->to_row > s->row || (s->to_row == s->row && s->to_col >= s->col);
    int first = down ? s->row : s->to_row, n = selection_rows(s);
    int from = i > 0 ? s->within.col : down ? s->col : s->to_col;
    int to = i + 1 < n ? s->within.col + s->within.cols - 1 : down ? s->to_col : s->col;
    return (struct rect){first + i, from, 1, to - from + 1};
}
