/* The terminal pane: the learner's own shell in the workspace. While it has the focus every key goes to the
 * shell, but for the prefix and F12; the border says so. Before there is a workspace, the pane offers to make
 * one. */
#include "panes/pane.h"

#include "base/mem.h"
#include "model/shell.h"

#include <string.h>

enum { WHEEL_LINES = 3 };

static void title(const struct model *m, struct buf *out)
{
    const struct item *it = model_open_item(m);
    buf_addstr(out, "Terminal");
    const char *program = it->shell ? shell_title(it->shell) : "";
    const char *dir = it->shell ? shell_directory(it->shell) : "";
    if (*program) {
        buf_printf(out, " %s", program);
    } else if (*dir || it->workspace) {
        autofree char *path = model_tilde(m, *dir ? dir : it->workspace);
        buf_printf(out, " %s", path);
    }
}

/* Where one is, what has come meanwhile, and how to get back. */
static void looking_status(const struct model *m, const struct shell *s, struct page *out)
{
    struct shell_look_state at = shell_look_state(s);
    if (at.new_lines > 0)
        page_printf(out, -1, ROLE_WARN, "+%ld new  ", at.new_lines);
    if (at.selecting)
        page_printf(out, -1, ROLE_STRONG, "%s  ", at.kind);
    page_printf(out, -1, ROLE_TEXT, "%ld/%ld", at.line, at.lines);
    if (model_looking_back(m)) {
        page_add(out, -1, ROLE_KEY, 0, "  q");
        page_add(out, -1, ROLE_HINT, 0, " back");
    }
}

static void status(const struct model *m, struct page *out)
{
    const struct item *it = model_open_item(m);
    char key[32];
    if (!it->shell)
        return;
    if (shell_looking(it->shell)) {
        looking_status(m, it->shell, out);
        return;
    }
    if (shell_rang(it->shell))
        page_add(out, -1, ROLE_WARN, ATTR_BOLD, "bell  ");
    if (!model_in_shell(m)) {
        page_add(out, -1, ROLE_KEY, 0, "t");
        page_add(out, -1, ROLE_HINT, 0, " enter");
    } else if (m->locked) {
        page_add(out, -1, ROLE_WARN, 0, "locked  ");
        page_add(out, -1, ROLE_KEY, 0, "F12");
        page_add(out, -1, ROLE_HINT, 0, " leaves");
    } else {
        page_printf(out, -1, ROLE_KEY, "%s q", key_name(&m->leave_key, key));
        page_add(out, -1, ROLE_HINT, 0, " or ");
        page_add(out, -1, ROLE_KEY, 0, "F12");
        page_add(out, -1, ROLE_HINT, 0, " leaves");
    }
}

static void prepare(struct model *m, struct rect inner)
{
    struct item *it = model_open_item(m);
    if (it->shell && inner.rows > 0)
        shell_resize(it->shell, inner.rows, inner.cols);
}

/* ---- Drawing ---- */

/* There is no workspace: what would be made, and in which language. */
static void offer_page(const struct model *m, struct page *p, int width)
{
    const struct item *it = model_open_item(m);
    page_clear(p, width);
    page_blank(p);
    if (!it->available) {
        page_wrap(p, 0, ROLE_MUTED, "Nothing to build here yet.");
        return;
    }
    autofree char *path = model_tilde(m, it->workspace ? it->workspace : "");
    if (it->workspace_state == WORKSPACE_MAKING) {
        autofree char *text = xasprintf("Making %s", path);
        page_wrap(p, 0, ROLE_RUNNING, text);
        return;
    }
    page_wrap(p, 0, ROLE_STRONG, "A place for your program");
    page_blank(p);
    autofree char *text =
        xasprintf("Enter makes %s with a small program that compiles and does nothing yet.", path);
    page_wrap(p, 0, ROLE_TEXT, text);
    page_blank(p);
    page_line(p);
    page_add(p, 0, ROLE_MUTED, 0, "in");
    for (int i = 0; m->languages[i]; i++) {
        bool chosen = i == m->start_language;
        page_add(p, -1, ROLE_TEXT, 0, " ");
        autofree char *name = xasprintf(chosen ? "[%s]" : " %s ", language_title(m->languages[i]));
        page_add(p, -1, chosen ? ROLE_SELECTED_UNFOCUSED : ROLE_TEXT, chosen ? ATTR_BOLD : 0, name);
    }
    page_blank(p);
    page_line(p);
    page_add(p, 0, ROLE_KEY, 0, "Enter");
    page_add(p, -1, ROLE_HINT, 0, " make it   ");
    page_add(p, -1, ROLE_KEY, 0, ui_unicode() ? "← →" : "Left Right");
    page_add(p, -1, ROLE_HINT, 0, " other language");
}

/* Fitted into the pane: without the blank lines where it is low. */
static void draw_offer(const struct model *m, struct area a, bool focused)
{
    struct page p = {0};
    offer_page(m, &p, a.rect.cols - 2);
    struct page low = {0};
    const struct page *shown = &p;
    if ((int)p.n_lines > a.rect.rows) {
        low.lines = xcalloc(p.n_lines, sizeof *low.lines);
        for (size_t i = 0; i < p.n_lines; i++)
            if (p.lines[i].n_spans > 0)
                low.lines[low.n_lines++] = p.lines[i];
        shown = &low;
    }
    page_draw(shown, m->theme, area_sub(a, (struct rect){0, 1, a.rect.rows, a.rect.cols - 2}), 0, 0, NULL);
    free(low.lines);
    page_free(&p);
    if (focused)
        draw_cursor(a, 0, 0, CURSOR_BLOCK);
}

/* A line over the last row, once the shell has ended. */
static void draw_ended(const struct model *m, struct area a, const char *how)
{
    int row = a.rect.rows - 1;
    draw_fill(a, (struct rect){row, 0, 1, a.rect.cols}, theme_style(m->theme, ROLE_MESSAGE), ' ');
    int col = draw_printf(a, row, 1, theme_style(m->theme, ROLE_MESSAGE), "The shell %s.  ", how);
    col = draw_text(a, row, col, theme_style(m->theme, ROLE_KEY), "Enter");
    draw_text(a, row, col, theme_style(m->theme, ROLE_MESSAGE), " starts anew");
}

static void draw(const struct model *m, struct area a, bool focused)
{
    const struct item *it = model_open_item(m);
    if (it->shell) {
        bool ended = *shell_end_text(it->shell);
        shell_draw(it->shell, m->theme, a, focused && !ended, m->needle);
        if (ended)
            draw_ended(m, a, shell_end_text(it->shell));
        return;
    }
    if (it->workspace_state != WORKSPACE_PRESENT) {
        draw_offer(m, a, focused);
        return;
    }
    int col = draw_text(a, 1, 1, theme_style(m->theme, ROLE_KEY), "t");
    draw_text(a, 1, col, theme_style(m->theme, ROLE_MUTED), " opens a shell here");
}

/* ---- Input ---- */

/* What the keys of looking back do has actions of its own: these are the requests that come from elsewhere.
 */
static bool shell_request(struct model *m, struct shell *s, enum request r)
{
    switch (r) {
    case REQUEST_ENTER:
        if (!shell_alive(s))
            model_want(m, INTENT_SHELL, NULL, 0);
        return true;
    case REQUEST_PAGE_UP:
    case REQUEST_PAGE_DOWN:
    case REQUEST_HALF_UP:
    case REQUEST_HALF_DOWN:
        shell_look_begin(s);
        return shell_look(s, LOOK_PAGE_UP + (r - REQUEST_PAGE_UP));
    case REQUEST_COPY: {
        autofree char *text = shell_selected(s);
        if (text)
            model_want(m, INTENT_COPY, text, 0);
        else
            model_say(m,
                      "Nothing is selected: drag with the mouse over what you want to copy, or look back and "
                      "begin with v.");
        return true;
    }
    case REQUEST_FIRST_MATCH:
    case REQUEST_NEXT_MATCH:
        return shell_search(s, m->needle, false);
    case REQUEST_PREVIOUS_MATCH:
        return shell_search(s, m->needle, true);
    default:
        return false;
    }
}

static bool request(struct model *m, enum request r)
{
    struct item *it = model_open_item(m);
    int n = 0;
    if (it->shell)
        return shell_request(m, it->shell, r);
    while (m->languages[n])
        n++;
    if (it->workspace_state != WORKSPACE_MISSING || !it->available)
        return false;
    if ((r == REQUEST_LEFT || r == REQUEST_RIGHT) && n > 0) {
        m->start_language = (m->start_language + (r == REQUEST_RIGHT ? 1 : n - 1)) % n;
        return true;
    }
    if (r == REQUEST_ENTER && n > 0) {
        it->workspace_state = WORKSPACE_MAKING;
        model_want(m, INTENT_START, m->languages[m->start_language], 0);
        return true;
    }
    return false;
}

/* Keys of the shell: all that the table of actions does not keep back. */
static void text(struct model *m, const struct key *k)
{
    struct item *it = model_open_item(m);
    if (model_in_shell(m) && shell_alive(it->shell) && !shell_looking(it->shell))
        shell_key(it->shell, k);
}

static bool mouse(struct model *m, const struct mouse *e)
{
    struct item *it = model_open_item(m);
    if (!it->shell)
        return false;
    if (shell_alive(it->shell) && shell_mouse(it->shell, e))
        return true;
    switch (e->action) {
    case MOUSE_WHEEL_UP:
        return shell_wheel(it->shell, -WHEEL_LINES);
    case MOUSE_WHEEL_DOWN:
        return shell_wheel(it->shell, WHEEL_LINES);
    case MOUSE_PRESS:
        shell_select_begin(it->shell, e->row, e->col, e->clicks);
        return true;
    case MOUSE_DRAG:
        shell_select_to(it->shell, e->row, e->col);
        return true;
    case MOUSE_RELEASE: {
        autofree char *text = shell_selected(it->shell);
        if (text && *text)
            model_want(m, INTENT_COPY, text, 0);
        return text != NULL;
    }
    case MOUSE_MOVE:
        break;
    }
    return false;
}

const struct pane_ops terminal_pane = {
    .name = "Terminal",
    .title = title,
    .status = status,
    .prepare = prepare,
    .draw = draw,
    .request = request,
    .text = text,
    .mouse = mouse,
};
