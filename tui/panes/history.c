/* The attempts of the open challenge, and what has changed in the source between each and the one before. */
#include "panes/pane.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static int list_width(int cols)
{
    return cols >= 110 ? 50 : cols / 2;
}

/* ---- What has changed ---- */

static enum role line_role(char sign)
{
    switch (sign) {
    case '+':
        return ROLE_DIFF_ADDED;
    case '-':
        return ROLE_DIFF_REMOVED;
    case '@':
        return ROLE_MUTED;
    default:
        return ROLE_TEXT;
    }
}

static void changes_page(struct page *p, const struct history_view *v, int width)
{
    page_clear(p, width);
    const char *s = v->changes;
    if (!s) {
        page_wrap(p, 0, ROLE_MUTED, "Looking.");
        return;
    }
    while (*s) {
        size_t n = strcspn(s, "\n");
        autofree char *line = xstrndup(s, n);
        if (*line == '=') {
            if (p->n_lines > 0)
                page_blank(p);
            page_line(p)->kind = LINE_HEADING;
            page_add(p, 0, ROLE_HEADING2, 0, line + 2);
        } else if (strcmp(line, "@ 1") == 0) {
            /* from the first line on: nothing is left out before it */
        } else if (*line == '@') {
            page_line(p);
            page_printf(p, 0, ROLE_MUTED, "%s line %s", sign(SIGN_ELLIPSIS), line + 2);
        } else if (*line == '?') {
            page_wrap(p, 0, ROLE_MUTED, line + 2);
        } else {
            page_line(p)->kind = LINE_CODE;
            page_add(p, 0, line_role(*line), 0, line);
        }
        s += n + (s[n] == '\n');
    }
}

static void prepare(struct model *m, struct rect inner)
{
    struct history_view *v = &m->history;
    view_follow(&v->top, &v->cursor, v->n, inner.rows);
    if (v->n == 0)
        return;
    int64_t id = v->rows[v->cursor].id;
    if (v->changes_of != id) {
        v->changes_of = id;
        free(v->changes);
        v->changes = NULL;
        v->scroll = v->left = 0;
        model_want(m, INTENT_CHANGES, NULL, v->cursor);
    }
    changes_page(&v->page, v, inner.cols - list_width(inner.cols) - 2);
    v->scroll = view_clamp(v->scroll, (int)v->page.n_lines, inner.rows);
}

/* ---- Drawing ---- */

static void draw_attempt(const struct model *m, struct area a, int row, const struct attempt_row *r)
{
    bool solved = strcmp(r->outcome, "solved") == 0 && !r->partial;
    bool failed = strcmp(r->outcome, "build failed") == 0 || strcmp(r->outcome, "error") == 0;
    enum sign s = solved ? SIGN_PASS : failed ? SIGN_ERROR : r->partial ? SIGN_SKIP : SIGN_STARTED;
    enum role role = solved ? ROLE_PASS : failed ? ROLE_WARN : ROLE_MUTED;
    struct style muted = theme_style(m->theme, ROLE_MUTED), plain = theme_style(m->theme, ROLE_TEXT);
    char time[32];
    enum { WHEN = 7, OUTCOME = 20, COUNT = 33, TIME_END = 48 };
    draw_text(a, row, 1, theme_style(m->theme, role), sign(s));
    draw_printf(a, row, 3, plain, "%3d", r->number);
    draw_text(a, row, WHEN, muted, r->when);
    draw_text(a, row, OUTCOME, theme_style(m->theme, solved ? ROLE_PASS : ROLE_TEXT),
              r->partial ? "some checks" : r->outcome);
    if (r->total > 0)
        draw_printf(a, row, COUNT, plain, "%d/%d", r->passed, r->total);
    if (r->ms > 0 && TIME_END < a.rect.cols)
        draw_text(a, row, TIME_END - text_width(duration_text(r->ms, time)), muted, time);
}

static void draw(const struct model *m, struct area a, bool focused)
{
    const struct history_view *v = &m->history;
    int width = list_width(a.rect.cols);
    if (v->n == 0) {
        struct page p = {0};
        page_clear(&p, a.rect.cols - 2);
        page_blank(&p);
        page_wrap(&p, 1, ROLE_MUTED,
                  "There is no attempt yet: r builds your program and runs the checks, and each run is kept "
                  "here with the source as it was.");
        page_draw(&p, m->theme, a, 0, 0, NULL);
        page_free(&p);
        draw_cursor(a, 0, 0, CURSOR_BLOCK);
        return;
    }
    struct area list = area_sub(a, (struct rect){0, 0, a.rect.rows, width});
    for (int row = 0; row < a.rect.rows && v->top + row < v->n; row++) {
        draw_attempt(m, list, row, &v->rows[v->top + row]);
        if (v->top + row == v->cursor && focused) {
            draw_restyle(list, (struct rect){row, 0, 1, width}, theme_style(m->theme, ROLE_SELECTED));
            draw_cursor(list, row, 0, CURSOR_BLOCK);
        }
    }
    draw_vline(a, 0, width, a.rect.rows, theme_style(m->theme, ROLE_BORDER));
    page_draw(&v->page, m->theme,
              area_sub(a, (struct rect){0, width + 2, a.rect.rows, a.rect.cols - width - 2}), v->scroll,
              v->left, m->needle);
}

/* ---- Requests ---- */

static bool enter(struct model *m)
{
    const struct history_view *v = &m->history;
    if (v->n == 0)
        return true;
    const struct attempt_row *r = &v->rows[v->cursor];
    if (!r->has_source) {
        model_say(m, "The source of attempt %d was not kept.", r->number);
        return true;
    }
    autofree char *question = xasprintf(
        "Put the source back as it was at attempt %d (%s)? What is there now is kept: u in this list "
        "brings it back.",
        r->number, r->when);
    autofree char *id = xasprintf("%lld", (long long)r->id);
    model_ask_for(m, INTENT_RESTORE, id, question);
    return true;
}

static bool request(struct model *m, enum request r)
{
    struct history_view *v = &m->history;
    int rows = overlay_rect(m, OVERLAY_HISTORY).rows;
    switch (r) {
    case REQUEST_BACK:
        model_pop_overlay(m);
        return true;
    case REQUEST_ENTER:
        return enter(m);
    case REQUEST_UP:
    case REQUEST_DOWN:
    case REQUEST_TOP:
    case REQUEST_BOTTOM:
        return cursor_request(r, &v->cursor, v->n, rows);
    case REQUEST_LEFT:
        v->left = v->left > 4 ? v->left - 4 : 0;
        return true;
    case REQUEST_RIGHT:
        v->left += 4;
        return true;
    case REQUEST_FIRST_MATCH:
    case REQUEST_NEXT_MATCH:
    case REQUEST_PREVIOUS_MATCH: {
        int step = r == REQUEST_PREVIOUS_MATCH ? -1 : 1;
        int line = page_find(&v->page, m->needle, v->scroll + (r == REQUEST_FIRST_MATCH ? 0 : step), step);
        v->scroll = line >= 0 ? line : v->scroll;
        return line >= 0;
    }
    default:
        return scroll_request(r, &v->scroll, (int)v->page.n_lines, rows);
    }
}

static bool mouse(struct model *m, const struct mouse *e)
{
    struct history_view *v = &m->history;
    bool list = e->col < list_width(overlay_rect(m, OVERLAY_HISTORY).cols);
    if (e->action == MOUSE_WHEEL_UP || e->action == MOUSE_WHEEL_DOWN) {
        int d = e->action == MOUSE_WHEEL_UP ? -1 : 1;
        if (list)
            v->cursor += d;
        else
            v->scroll += 3 * d;
        return true;
    }
    if (e->action == MOUSE_PRESS && list && v->top + e->row < v->n)
        v->cursor = v->top + e->row;
    return true;
}

const struct pane_ops history_overlay = {
    .name = "Attempts, and what changed before each",
    .hints = (const struct hint[]){{"page-up", NULL},
                                   {"page-down", "changes"},
                                   {"enter", "puts the source back"},
                                   {"undo-restore", "undoes it"},
                                   {"close", "closes"},
                                   {NULL, NULL}},
    .prepare = prepare,
    .draw = draw,
    .request = request,
    .mouse = mouse,
};
