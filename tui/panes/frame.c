/* Borders. Neighbouring panes share theirs, so a border is drawn as what it connects: each cell collects how
 * strongly it reaches up, right, down and left, and the character follows from that. The focused pane's
 * border is heavy: focus shows without colour. */
#include "panes/pane.h"

#include "base/mem.h"
#include "model/action.h"

#include <string.h>

enum { UP = 0, RIGHT = 2, DOWN = 4, LEFT = 6 }; /* shifts of two bits each: 0 nothing, 1 light, 2 heavy */
#define REACH(up, right, down, left) ((up) | (right) << RIGHT | (down) << DOWN | (left) << LEFT)

/* The box-drawing block of Unicode has a character for every combination with two or more ends. */
static const uint16_t box_chars[256] = {
#include "panes/boxchars.inc"
};

static uint32_t box_char(unsigned reach)
{
    if (ui_unicode())
        return box_chars[reach] ? box_chars[reach] : ' ';
    bool vertical = reach & (REACH(3, 0, 3, 0)), horizontal = reach & (REACH(0, 3, 0, 3));
    bool heavy = reach & REACH(2, 2, 2, 2);
    if (vertical && horizontal)
        return '+';
    return vertical ? (heavy ? '#' : '|') : (heavy ? '=' : '-');
}

struct grid {
    int rows, cols;
    unsigned char *reach;
};

static void connect(struct grid *g, int row, int col, int direction, unsigned weight)
{
    if (row < 0 || col < 0 || row >= g->rows || col >= g->cols)
        return;
    unsigned char *cell = &g->reach[row * g->cols + col];
    unsigned old = (unsigned)*cell >> direction & 3u;
    if (weight > old)
        *cell = (unsigned char)((*cell & ~(3u << direction)) | weight << direction);
}

static void add_frame(struct grid *g, struct rect inner, unsigned weight)
{
    int top = inner.row - 1, bottom = inner.row + inner.rows;
    int left = inner.col - 1, right = inner.col + inner.cols;
    for (int c = left; c < right; c++)
        for (int k = 0; k < 2; k++) {
            connect(g, k ? bottom : top, c, RIGHT, weight);
            connect(g, k ? bottom : top, c + 1, LEFT, weight);
        }
    for (int r = top; r < bottom; r++)
        for (int k = 0; k < 2; k++) {
            connect(g, r, k ? right : left, DOWN, weight);
            connect(g, r + 1, k ? right : left, UP, weight);
        }
}

static void draw_grid(const struct grid *g, const struct theme *t, struct area a)
{
    struct style light = theme_style(t, ROLE_BORDER), heavy = theme_style(t, ROLE_BORDER_FOCUS);
    for (int r = 0; r < g->rows; r++)
        for (int c = 0; c < g->cols; c++) {
            unsigned reach = g->reach[r * g->cols + c];
            if (!reach)
                continue;
            struct cell cell = {.ch = box_char(reach), .width = 1};
            cell.style = reach & REACH(2, 2, 2, 2) ? heavy : light;
            draw_cell(a, r, c, &cell);
        }
}

static void draw_status(const struct model *m, struct area a, int row, int end, const struct page *status,
                        int *room)
{
    if (status->n_lines == 0 || status->lines[0].width == 0)
        return;
    int width = status->lines[0].width;
    if (width + 3 > *room)
        return;
    int col = end - width - 2;
    struct area at = area_sub(a, (struct rect){row, col, 1, width + 2});
    draw_fill(at, (struct rect){0, 0, 1, width + 2}, theme_style(m->theme, ROLE_BORDER), ' ');
    page_draw(status, m->theme, area_sub(at, (struct rect){0, 1, 1, width}), 0, 0, NULL);
    *room -= width + 3;
}

static void draw_titles(const struct model *m, struct area a, enum pane_id id)
{
    const struct pane_ops *ops = pane_ops_of(id);
    struct rect r = m->layout.pane[id];
    bool focused = m->focus == id && m->n_overlays == 0;
    int room = r.cols - 2;

    struct page status = {0};
    page_clear(&status, r.cols);
    if (ops->status)
        ops->status(m, &status);
    draw_status(m, a, r.row - 1, r.col + r.cols, &status, &room);
    page_free(&status);

    struct buf title = {0};
    if (ops->title)
        ops->title(m, &title);
    else
        buf_addstr(&title, ops->name);
    struct style st = theme_style(m->theme, focused ? ROLE_PANE_TITLE_FOCUS : ROLE_PANE_TITLE);
    int col = r.col;
    if (room > 4) {
        draw_text(a, r.row - 1, col, st, " ");
        col = draw_text_cut(a, r.row - 1, col + 1, room - 2, st, buf_str(&title));
        draw_text(a, r.row - 1, col, st, " ");
    }
    buf_free(&title);
}

void draw_frames(const struct model *m, struct area screen)
{
    struct grid g = {.rows = m->rows, .cols = m->cols};
    g.reach = xcalloc((size_t)g.rows * (size_t)g.cols, 1);
    for (int i = 0; i < PANE_COUNT_; i++)
        if (m->layout.pane[i].rows > 0)
            add_frame(&g, m->layout.pane[i], m->focus == (enum pane_id)i ? 2 : 1);
    draw_grid(&g, m->theme, screen);
    free(g.reach);
    for (int i = 0; i < PANE_COUNT_; i++)
        if (m->layout.pane[i].rows > 0)
            draw_titles(m, screen, (enum pane_id)i);
}

/* Keys of actions that mean something just now, and what they do here. */
static void draw_hints(const struct model *m, struct area a, const struct hint *hints)
{
    struct page p = {0};
    page_clear(&p, a.rect.cols);
    page_line(&p);
    for (; hints->action; hints++) {
        const struct action *action = model_action(m, hints->action);
        char key[64];
        if (!action || !(action->contexts & model_contexts(m)))
            continue;
        bool goes_on = p.lines[0].n_spans > 0 && hints[-1].word;
        page_add(&p, -1, ROLE_HINT, 0, goes_on ? "   " : " ");
        page_add(&p, -1, ROLE_KEY, 0, action_first_key(m, action, key));
        if (hints->word)
            page_printf(&p, -1, ROLE_HINT, " %s",
                        *hints->word    ? hints->word
                        : action->label ? action->label(m)
                                        : action->name);
    }
    if (p.lines[0].n_spans > 0)
        page_add(&p, -1, ROLE_HINT, 0, " ");
    page_draw(&p, m->theme, a, 0, 0, NULL);
    page_free(&p);
}

void draw_box(const struct model *m, struct area screen, struct rect inner, const char *title,
              const struct hint *hints)
{
    struct rect outer = {inner.row - 1, inner.col - 1, inner.rows + 2, inner.cols + 2};
    draw_fill(screen, outer, theme_style(m->theme, ROLE_TEXT), ' ');
    struct grid g = {.rows = m->rows, .cols = m->cols};
    g.reach = xcalloc((size_t)g.rows * (size_t)g.cols, 1);
    add_frame(&g, inner, 2);
    draw_grid(&g, m->theme, screen);
    free(g.reach);
    draw_text_cut(screen, outer.row, inner.col + 1, inner.cols - 2,
                  theme_style(m->theme, ROLE_PANE_TITLE_FOCUS), title);
    if (hints)
        draw_hints(
            m, area_sub(screen, (struct rect){outer.row + outer.rows - 1, inner.col + 1, 1, inner.cols - 2}),
            hints);
}
