/* The mouse: a click is what the pane under it makes of it, a drag selects text, which its end copies. See
 * act.h. */
#include "app/act.h"

#include "app/draw.h"
#include "base/buf.h"
#include "base/escape.h"
#include "model/shell.h"
#include "panes/pane.h"

static int clamp(int v, int low, int n)
{
    return v < low ? low : v >= low + n ? low + n - 1 : v;
}

/* ---- Selecting ---- */

static void begin_selection(struct model *m, const struct mouse *e, struct rect within)
{
    m->selection = (struct selection){.pressed = true,
                                      .within = within,
                                      .row = clamp(e->row, within.row, within.rows),
                                      .col = clamp(e->col, within.col, within.cols),
                                      .press = *e};
}

static void select_to(struct model *m, const struct mouse *e)
{
    struct selection *s = &m->selection;
    s->to_row = clamp(e->row, s->within.row, s->within.rows);
    s->to_col = clamp(e->col, s->within.col, s->within.cols);
    s->active = s->active || s->to_row != s->row || s->to_col != s->col;
}

/* The text of the cells of a row, without the blanks at its end. */
static void add_row(struct buf *out, const struct surface *s, struct rect r)
{
    int end = r.col + r.cols;
    while (end > r.col && surface_at(s, r.row, end - 1)->ch == ' ')
        end--;
    for (int col = r.col; col < end; col++) {
        const struct cell *c = surface_at(s, r.row, col);
        char bytes[4];
        if (c->width == 0)
            continue;
        buf_add(out, bytes, utf8_encode(c->ch, bytes));
        for (int k = 0; k < CELL_MARKS && c->marks[k]; k++)
            buf_add(out, bytes, utf8_encode(c->marks[k], bytes));
    }
}

static void copy_selection(struct model *m)
{
    struct surface *s = surface_new(m->rows, m->cols);
    struct buf text = {0};
    draw_screen(m, s);
    for (int i = 0; i < selection_rows(&m->selection); i++) {
        if (i > 0)
            buf_addch(&text, '\n');
        add_row(&text, s, selection_row(&m->selection, i));
    }
    if (text.len > 0)
        model_want(m, INTENT_COPY, buf_str(&text), 0);
    buf_free(&text);
    surface_free(s);
}

/* ---- What a click means ---- */

static void click_in_overlay(struct model *m, const struct mouse *e)
{
    const struct pane_ops *ops = focused_ops(m);
    struct rect r = overlay_rect(m, model_overlay(m));
    struct mouse at = *e;
    at.row -= r.row;
    at.col -= r.col;
    if (ops->mouse)
        ops->mouse(m, &at);
}

static void click_in_pane(struct model *m, enum pane_id id, const struct mouse *e)
{
    struct rect r = m->layout.pane[id];
    struct mouse at = *e;
    at.row = clamp(e->row, r.row, r.rows) - r.row;
    at.col -= r.col;
    if (r.rows > 0 && pane_ops_of(id)->mouse)
        pane_ops_of(id)->mouse(m, &at);
}

/* The button is up again: what was drawn over is copied, else it was a click. */
static void end_selection(struct model *m)
{
    struct selection *s = &m->selection;
    struct mouse press = s->press;
    s->pressed = false;
    if (s->active) {
        copy_selection(m);
        return;
    }
    if (m->n_overlays > 0)
        click_in_overlay(m, &press);
    else
        click_in_pane(m, m->focus, &press);
}

/* A click on a hint is its key. */
static bool click_on_hint(struct model *m, const struct mouse *e)
{
    struct key k;
    if (e->action != MOUSE_PRESS || !footer_key(m, e->row, e->col, &k))
        return false;
    if (k.code < 128) { /* what a keyboard would have sent, for a shell */
        k.bytes[0] = (char)(k.mods & MOD_CTRL ? k.code & 0x1f : k.code);
        k.n_bytes = 1;
    }
    update_key(m, &k);
    return true;
}

static void mouse_on_overlay(struct model *m, const struct mouse *e)
{
    struct rect r = overlay_rect(m, model_overlay(m));
    bool inside =
        e->row >= r.row - 1 && e->row <= r.row + r.rows && e->col >= r.col - 1 && e->col <= r.col + r.cols;
    if (inside && e->action == MOUSE_PRESS && e->button == 1)
        begin_selection(m, e, r);
    else if (inside)
        click_in_overlay(m, e);
    else if (e->action == MOUSE_PRESS && model_overlay(m) == OVERLAY_HELP)
        model_pop_overlay(m);
}

static void mouse_on_panes(struct model *m, const struct mouse *e)
{
    enum pane_id id = layout_at(&m->layout, e->row, e->col);
    /* A drag belongs to the pane in which it began. */
    if (e->action == MOUSE_DRAG || e->action == MOUSE_RELEASE)
        id = m->focus;
    if (m->layout.tabs.rows > 0 && e->row == m->layout.tabs.row && e->action == MOUSE_PRESS) {
        if (tab_at(e->col) != PANE_COUNT_)
            model_focus(m, tab_at(e->col));
        return;
    }
    if (id == PANE_COUNT_ || m->layout.pane[id].rows == 0)
        return;
    if (e->action == MOUSE_PRESS) {
        model_hush(m);
        model_focus(m, id);
    }
    /* The terminal selects by itself: it scrolls, and programs in it may want the mouse. */
    bool own = id == PANE_TERMINAL && model_open_item(m)->shell;
    if (!own && e->action == MOUSE_PRESS && e->button == 1)
        begin_selection(m, e, m->layout.pane[id]);
    else
        click_in_pane(m, id, e);
}

void update_mouse(struct model *m, const struct mouse *e)
{
    if (m->layout.kind == LAYOUT_TOO_SMALL)
        return;
    if (m->selection.pressed && e->action == MOUSE_DRAG) {
        select_to(m, e);
        return;
    }
    if (m->selection.pressed && e->action == MOUSE_RELEASE) {
        end_selection(m);
        return;
    }
    if (e->action != MOUSE_MOVE)
        m->selection = (struct selection){0};
    if (click_on_hint(m, e))
        return;
    if (m->n_overlays > 0)
        mouse_on_overlay(m, e);
    else
        mouse_on_panes(m, e);
}
