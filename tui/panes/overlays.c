/* Overlays: the keys (`?`), and a question with yes and no. */
#include "panes/pane.h"

#include "base/mem.h"
#include "model/action.h"

#include <string.h>

bool overlay_is_full(enum overlay o)
{
    return o == OVERLAY_MAP || o == OVERLAY_HISTORY || o == OVERLAY_STATS;
}

struct rect overlay_rect(const struct model *m, enum overlay o)
{
    int rows = m->rows - 6, cols = m->cols - 6;
    if (o == OVERLAY_CONFIRM) {
        rows = 4;
        cols = cols > 64 ? 64 : cols;
    } else if (o == OVERLAY_SETTINGS) {
        rows = 11;
        cols = cols > 64 ? 64 : cols;
    } else if (o == OVERLAY_PALETTE) {
        rows = rows > 24 ? 24 : rows;
        cols = cols > 90 ? 90 : cols;
    } else if (o == OVERLAY_WELCOME) {
        rows = rows > 20 ? 20 : rows;
        cols = cols > 76 ? 76 : cols;
    } else if (overlay_is_full(o)) {
        return (struct rect){2, 1, m->layout.footer.row - 3, m->cols - 2};
    } else if (cols > 96) {
        cols = 96;
    }
    return (struct rect){(m->rows - rows) / 2, (m->cols - cols) / 2, rows, cols};
}

/* ---- Help ---- */

static void add_key_line(const struct model *m, struct page *p, const struct action *action)
{
    enum { KEY_COLUMN = 2, NAME_COLUMN = 20 };
    char keys[64];
    size_t first = p->n_lines;
    page_wrap(p, NAME_COLUMN, ROLE_TEXT, action->help);
    page_label(p, first, KEY_COLUMN, ROLE_KEY, action_keys(m, action, keys));
}

static void help_prepare(struct model *m, struct rect inner)
{
    char leave[32];
    struct page *p = &m->help;
    page_clear(p, inner.cols - 2);
    page_blank(p);
    autofree char *intro = xasprintf(
        "In the terminal pane every key goes to the shell, but for %s and F12. F12 leaves the shell. After "
        "%s, one of the keys below does here what it does everywhere; %s again sends it to the shell.",
        key_name(&m->leave_key, leave), leave, leave);
    page_wrap(p, 2, ROLE_MUTED, intro);
    for (int g = 0; g < GROUP_COUNT_; g++) {
        page_blank(p);
        page_line(p)->kind = LINE_HEADING;
        page_add(p, 2, ROLE_HEADING2, 0, action_group_name((enum action_group)g));
        for (size_t i = 0; i < m->n_actions; i++)
            if ((int)m->actions[i].group == g)
                add_key_line(m, p, &m->actions[i]);
    }
    page_blank(p);
    m->overlay_scroll = view_clamp(m->overlay_scroll, (int)p->n_lines, inner.rows);
}

static void help_draw(const struct model *m, struct area a, bool focused)
{
    page_draw(&m->help, m->theme, a, m->overlay_scroll, 0, m->needle);
    if (focused)
        draw_cursor(a, 0, 0, CURSOR_BLOCK);
}

bool page_request(struct model *m, enum request r, const struct page *p, enum overlay o)
{
    struct rect inner = overlay_rect(m, o);
    int from = m->overlay_scroll, line = -1;
    switch (r) {
    case REQUEST_BACK:
        model_pop_overlay(m);
        return true;
    case REQUEST_FIRST_MATCH:
        line = page_find(p, m->needle, from, 1);
        break;
    case REQUEST_NEXT_MATCH:
        line = page_find(p, m->needle, from + 1, 1);
        break;
    case REQUEST_PREVIOUS_MATCH:
        line = page_find(p, m->needle, from - 1, -1);
        break;
    default:
        return scroll_request(r, &m->overlay_scroll, (int)p->n_lines, inner.rows);
    }
    if (line >= 0)
        m->overlay_scroll = line;
    return line >= 0;
}

static bool help_request(struct model *m, enum request r)
{
    return page_request(m, r, &m->help, OVERLAY_HELP);
}

static bool help_mouse(struct model *m, const struct mouse *e)
{
    if (e->action == MOUSE_WHEEL_UP || e->action == MOUSE_WHEEL_DOWN)
        return help_request(m, e->action == MOUSE_WHEEL_UP ? REQUEST_UP : REQUEST_DOWN);
    return false;
}

const struct pane_ops help_overlay = {
    .name = "Keys",
    .hints = (const struct hint[]){{"page-down", "on"}, {"find", "finds"}, {"close", "closes"}, {NULL, NULL}},
    .prepare = help_prepare,
    .draw = help_draw,
    .request = help_request,
    .mouse = help_mouse,
};

/* ---- A question ---- */

static void confirm_draw(const struct model *m, struct area a, bool focused)
{
    struct page p = {0};
    page_clear(&p, a.rect.cols - 2);
    page_wrap(&p, 1, ROLE_TEXT, m->confirm.question);
    page_draw(&p, m->theme, a, 0, 0, NULL);
    page_free(&p);
    if (focused)
        draw_cursor(a, 0, 1, CURSOR_BLOCK);
}

static bool confirm_request(struct model *m, enum request r)
{
    if (r != REQUEST_ENTER && r != REQUEST_BACK)
        return false;
    model_pop_overlay(m);
    if (r == REQUEST_ENTER)
        model_want(m, m->confirm.yes.type, m->confirm.yes.text, m->confirm.yes.number);
    return true;
}

const struct pane_ops confirm_overlay = {
    .name = "Are you sure?",
    .hints = (const struct hint[]){{"yes", "yes"}, {"no", "no"}, {NULL, NULL}},
    .draw = confirm_draw,
    .request = confirm_request,
};
