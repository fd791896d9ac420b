/* The list of stages and challenges: what is solved, what is begun, what is there to begin. */
#include "panes/pane.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

static int solved_in(const struct model *m, const struct stage *stage, int *total)
{
    int solved = 0;
    *total = 0;
    for (size_t i = 0; i < m->n_items; i++)
        if (m->items[i].info->stage == stage) {
            ++*total;
            solved += m->items[i].solved;
        }
    return solved;
}

char *stage_short_title(const struct stage *stage)
{
    char *name = xstrdup(stage->slug);
    size_t n = strlen(name) <= 3 ? strlen(name) : 1;
    for (size_t i = 0; i < n; i++)
        name[i] = (char)toupper((unsigned char)name[i]);
    return name;
}

/* All titles or none: a list of both kinds looks like a mistake. */
static bool titles_fit(const struct model *m, int room)
{
    for (size_t i = 0; i < course_stage_count(m->course); i++)
        if (text_width(course_stage(m->course, i)->title) + 2 > room)
            return false;
    return true;
}

static void draw_stage(const struct model *m, struct area a, int row, int stage_index)
{
    const struct stage *stage = course_stage(m->course, (size_t)stage_index);
    const int bar = 5;
    int total, solved = solved_in(m, stage, &total);
    bool unfolded = m->stages.unfolded[stage_index];
    draw_text(a, row, 1, theme_style(m->theme, ROLE_MUTED), sign(unfolded ? SIGN_UNFOLDED : SIGN_FOLDED));
    int room = a.rect.cols - bar - 5;
    autofree char *name = titles_fit(m, room) ? xstrdup(stage->title) : stage_short_title(stage);
    autofree char *text = xasprintf("%d %s", stage->number, name);
    draw_text_cut(a, row, 3, room, theme_style(m->theme, ROLE_STRONG), text);
    draw_bar(m, a, row, a.rect.cols - bar - 1, bar, solved, total);
}

static void draw_challenge(const struct model *m, struct area a, int row, size_t index)
{
    const struct item *it = &m->items[index];
    enum item_state state = model_state(m, index);
    struct style st = theme_style(m->theme, state_role(state));
    struct style mark = theme_style(m->theme, state_sign_role(state));
    if (index == m->open) {
        draw_text(a, row, 1, theme_style(m->theme, ROLE_KEY), sign(SIGN_HERE));
        st.attrs |= ATTR_BOLD;
    }
    draw_text(a, row, 3, mark, sign(state_sign(state)));
    autofree char *text = xasprintf("%2d %s", it->info->number, it->info->title);
    draw_text_cut(a, row, 5, a.rect.cols - 6, st, text);
}

static void draw(const struct model *m, struct area a, bool focused)
{
    const struct stages_view *v = &m->stages;
    for (int row = 0; row < a.rect.rows && v->top + row < v->n_rows; row++) {
        struct stage_row r = v->rows[v->top + row];
        if (r.challenge < 0)
            draw_stage(m, a, row, r.stage);
        else
            draw_challenge(m, a, row, (size_t)r.challenge);
        if (v->top + row == v->cursor && focused) {
            draw_restyle(a, (struct rect){row, 0, 1, a.rect.cols}, theme_style(m->theme, ROLE_SELECTED));
            draw_cursor(a, row, 0, CURSOR_BLOCK);
        }
    }
}

static void prepare(struct model *m, struct rect inner)
{
    view_follow(&m->stages.top, &m->stages.cursor, m->stages.n_rows, inner.rows);
}

static void fold(struct model *m, int stage, bool unfold)
{
    struct stages_view *v = &m->stages;
    for (int r = 0; r < v->n_rows; r++)
        if (v->rows[r].stage == stage && v->rows[r].challenge < 0)
            v->cursor = r;
    v->unfolded[stage] = unfold;
    stages_rebuild(m);
}

static bool enter(struct model *m)
{
    struct stage_row r = m->stages.rows[m->stages.cursor];
    if (r.challenge < 0) {
        fold(m, r.stage, !m->stages.unfolded[r.stage]);
        return true;
    }
    model_open(m, (size_t)r.challenge);
    model_focus(m, PANE_READER);
    return true;
}

static const char *row_text(const struct model *m, int row)
{
    struct stage_row r = m->stages.rows[row];
    return r.challenge < 0 ? course_stage(m->course, (size_t)r.stage)->title
                           : m->items[r.challenge].info->title;
}

/* A search looks at every challenge, those of folded stages too. */
static bool search(struct model *m, int direction, bool from_here)
{
    struct stage_row at = m->stages.rows[m->stages.cursor];
    int n = (int)m->n_items;
    if (n == 0)
        return false;
    int from = at.challenge >= 0 ? at.challenge : 0;
    while (at.challenge < 0 && from < n &&
           m->items[from].info->stage != course_stage(m->course, (size_t)at.stage))
        from++;
    bool include = from_here || (at.challenge < 0 && direction > 0);
    for (int i = include ? 0 : 1; i <= n; i++) {
        int k = ((from + direction * i) % n + n) % n;
        if (text_find(m->items[k].info->title, m->needle) >= 0 ||
            text_find(m->items[k].info->slug, m->needle) >= 0) {
            stages_show(m, (size_t)k);
            return true;
        }
    }
    for (int i = 1; i <= m->stages.n_rows; i++) {
        int k = ((m->stages.cursor + direction * i) % m->stages.n_rows + m->stages.n_rows) % m->stages.n_rows;
        if (text_find(row_text(m, k), m->needle) >= 0) {
            m->stages.cursor = k;
            return true;
        }
    }
    return false;
}

static bool request(struct model *m, enum request r)
{
    struct stages_view *v = &m->stages;
    struct stage_row at = v->rows[v->cursor];
    switch (r) {
    case REQUEST_ENTER:
        return enter(m);
    case REQUEST_LEFT:
        fold(m, at.stage, false);
        return true;
    case REQUEST_RIGHT:
        if (at.challenge >= 0 || v->unfolded[at.stage])
            return false;
        fold(m, at.stage, true);
        return true;
    case REQUEST_FIRST_MATCH:
        return search(m, 1, true);
    case REQUEST_NEXT_MATCH:
        return search(m, 1, false);
    case REQUEST_PREVIOUS_MATCH:
        return search(m, -1, false);
    default:
        return cursor_request(r, &v->cursor, v->n_rows, m->layout.pane[PANE_STAGES].rows);
    }
}

static bool mouse(struct model *m, const struct mouse *e)
{
    struct stages_view *v = &m->stages;
    if (e->action == MOUSE_WHEEL_UP || e->action == MOUSE_WHEEL_DOWN)
        return cursor_request(e->action == MOUSE_WHEEL_UP ? REQUEST_UP : REQUEST_DOWN, &v->cursor, v->n_rows,
                              1);
    if (e->action != MOUSE_PRESS || e->button != 1 || v->top + e->row >= v->n_rows)
        return false;
    v->cursor = v->top + e->row;
    return enter(m);
}

const struct pane_ops stages_pane = {
    .name = "Stages",
    .prepare = prepare,
    .draw = draw,
    .request = request,
    .mouse = mouse,
};
