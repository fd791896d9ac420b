/* The checks of the open challenge: what the build says, then each check with its verdict, as they come in.
 * Results never move the cursor: it stays on its check. */
#include "panes/checks_rows.h"
#include "panes/pane.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static int cursor_limit(const struct run *r)
{
    return (int)(r->phase == RUN_BUILD_FAILED ? r->n_messages : r->n_checks);
}

static void prepare(struct model *m, struct rect inner)
{
    int limit = cursor_limit(model_open_item(m)->run);
    if (m->checks.cursor >= limit)
        m->checks.cursor = limit > 0 ? limit - 1 : 0;
    struct rows list = checks_rows(m);
    int row = list.cursor < 0 ? 0 : list.cursor;
    int height = inner.rows - 1; /* the first line is the state's */
    if (list.cursor > 0 && list.rows[list.cursor - 1].kind == ROW_TIER && list.cursor - 1 < m->checks.top)
        m->checks.top = list.cursor - 1;
    int last = row; /* a message is in sight with all its rows, where there is room */
    while (last + 1 < list.n && list.rows[last + 1].part > 0)
        last++;
    view_follow(&m->checks.top, &last, list.n, height);
    view_follow(&m->checks.top, &row, list.n, height);
    free(list.rows);
}

/* ---- The line that says how things stand ---- */

/* What may be left out where it is narrow. */
static void add_if_fits(struct page *p, const char *text)
{
    if (p->lines[p->n_lines - 1].width + text_width(text) <= p->width)
        page_add(p, -1, ROLE_MUTED, 0, text);
}

static void state_line(const struct model *m, struct page *p)
{
    const struct item *it = model_open_item(m);
    const struct run *r = it->run;
    struct run_counts n = run_count(r);
    char time[32];
    switch (r->phase) {
    case RUN_NONE:
        if (!it->available) {
            page_add(p, 0, ROLE_MUTED, 0, "This challenge is not yet available.");
        } else {
            page_add(p, 0, ROLE_KEY, 0, "r");
            if (it->n_checks > 0)
                page_printf(p, -1, ROLE_MUTED, " runs the %d checks", it->n_checks);
            else
                page_add(p, -1, ROLE_MUTED, 0, " runs the checks");
        }
        break;
    case RUN_STARTING:
        page_add(p, 0, ROLE_RUNNING, 0, "starting");
        break;
    case RUN_BUILDING:
        page_add(p, 0, ROLE_RUNNING, 0, "building  ");
        page_add(p, -1, ROLE_MUTED, 0, r->command);
        break;
    case RUN_BUILD_FAILED:
        page_printf(p, 0, ROLE_FAIL, "%s build failed", sign(SIGN_FAIL));
        add_if_fits(p, r->n_messages > 0 ? "  Enter: edit" : "  o: what the build said");
        add_if_fits(p, r->n_messages > 0 ? "   o: all output" : "");
        break;
    case RUN_CHECKING:
        page_printf(p, 0, ROLE_RUNNING, "checking");
        page_printf(p, -1, ROLE_MUTED, "  %zu of %zu", r->n_checks - (size_t)n.open, r->n_checks);
        break;
    case RUN_DONE:
        if (r->n_checks > 0 && n.core_pass == n.core_total && n.core_total > 0)
            page_printf(p, 0, ROLE_PASS, "%s solved", sign(SIGN_PASS));
        else if (n.fail > 0)
            page_printf(p, 0, ROLE_FAIL, "%s %d failed", sign(SIGN_FAIL), n.fail);
        else
            page_add(p, 0, ROLE_WARN, 0, "not solved yet");
        page_printf(p, -1, ROLE_MUTED, "  core %d/%d", n.core_pass, n.core_total);
        if (r->ms > 0 && !r->partial) { /* the time of one check is no time of them all */
            autofree char *took = xasprintf("  in %s", duration_text(r->ms, time));
            add_if_fits(p, took);
        }
        if (n.fail > 0)
            add_if_fits(p, "  Enter: why");
        break;
    case RUN_CANCELLED:
        page_add(p, 0, ROLE_WARN, 0, "cancelled");
        page_add(p, -1, ROLE_MUTED, 0, "  r runs it again");
        break;
    case RUN_BROKEN:
        page_printf(p, 0, ROLE_FAIL, "%s ", sign(SIGN_ERROR));
        page_add(p, -1, ROLE_FAIL, 0, r->trouble ? r->trouble : "lux ended without a result");
        break;
    }
}

/* ---- Rows ---- */

static void draw_tier(const struct model *m, struct area a, int row, enum tier tier)
{
    static const char *const names[] = {[TIER_CORE] = "Core", [TIER_ROBUST] = "Robust", [TIER_FAST] = "Fast"};
    const struct run *r = model_open_item(m)->run;
    int pass = 0, total = 0;
    for (size_t i = 0; i < r->n_checks; i++)
        if (r->checks[i].tier == tier) {
            total++;
            pass += r->checks[i].verdict == VERDICT_PASS && !r->checks[i].stale; /* as the title counts */
        }
    int col = draw_text(a, row, 1, theme_style(m->theme, ROLE_STRONG), names[tier]);
    draw_printf(a, row, col + 1, theme_style(m->theme, ROLE_MUTED), "%d/%d", pass, total);
}

/* Several checks that wait for the same thing. */
static void draw_blocked(const struct model *m, struct area a, int row, const struct check_row *c, int count)
{
    const char *reason = c->end && c->end->check_end.reason ? c->end->check_end.reason : "";
    int col = draw_text(a, row, 1, theme_style(m->theme, verdict_role(c)), sign(verdict_sign(c)));
    col = draw_printf(a, row, col + 1, theme_style(m->theme, ROLE_TEXT), "%d blocked", count);
    draw_text_cut(a, row, col + 2, a.rect.cols - col - 3, theme_style(m->theme, ROLE_MUTED), reason);
}

/* The right end of a check's row: how long it took, and a word for whatever is no pass. */
static void outcome_text(const struct check_row *c, bool wide, char out[64])
{
    char time[32] = "";
    const char *word = check_word(c);
    if (c->ms > 0)
        duration_text(c->ms, time);
    if (c->running || c->verdict == VERDICT_NONE)
        snprintf(out, 64, "%s", word);
    else if (c->stale)
        snprintf(out, 64, "%s before", word);
    else if (!*time)
        snprintf(out, 64, "%s", word);
    else if (wide)
        snprintf(out, 64, "%s %7s", word, time);
    else
        snprintf(out, 64, "%s", c->verdict == VERDICT_PASS ? time : word);
}

static void draw_check(const struct model *m, struct area a, int row, const struct check_row *c)
{
    bool wide = a.rect.cols >= 56;
    char outcome[64];
    outcome_text(c, wide, outcome);
    if (reader_shows_check(m, c))
        draw_text(a, row, 0, theme_style(m->theme, ROLE_KEY), sign(SIGN_HERE));
    struct style mark = theme_style(m->theme, verdict_role(c));
    int width = text_width(outcome);
    int col = a.rect.cols - (width > 0 ? 1 : 0) - width;
    draw_text(a, row, 1, mark, sign(verdict_sign(c)));
    enum role role = c->verdict == VERDICT_NONE && !c->running ? ROLE_MUTED : ROLE_TEXT;
    int end = draw_text_cut(a, row, 3, col - 4, theme_style(m->theme, role), c->title);
    if (c->unstable && end + 11 < col)
        draw_text(a, row, end + 1, theme_style(m->theme, ROLE_WARN), "unstable");
    else if (c->running && c->step && end + 8 < col)
        draw_text_cut(a, row, end + 2, col - end - 4, theme_style(m->theme, ROLE_MUTED), c->step);
    bool calm = c->verdict == VERDICT_PASS || c->stale;
    draw_text(a, row, col, calm ? theme_style(m->theme, ROLE_MUTED) : mark, outcome);
}

static void draw_message_row(const struct model *m, struct area a, int row, const struct build_message *msg,
                             int part)
{
    struct page p = {0};
    int parts = checks_wrap_message(&p, msg, a.rect.cols), indent = part > 0 ? 1 + CHECKS_MESSAGE_INDENT : 1;
    page_draw(&p, m->theme, area_sub(a, (struct rect){row, indent, 1, a.rect.cols - indent}), part, 0, NULL);
    if (part + 1 == parts && (size_t)parts < p.n_lines)
        draw_text(a, row, indent + p.lines[part].width, theme_style(m->theme, ROLE_TEXT),
                  sign(SIGN_ELLIPSIS));
    page_free(&p);
    if (part > 0)
        return;
    bool error = strstr(msg->severity, "error");
    autofree char *place = checks_message_place(msg);
    int width = text_width(place);
    draw_restyle(a, (struct rect){row, indent, 1, width}, theme_style(m->theme, ROLE_LINK));
    draw_restyle(a, (struct rect){row, indent + width + 1, 1, text_width(msg->severity)},
                 theme_style(m->theme, error ? ROLE_FAIL : ROLE_WARN));
}

/* Nothing is listed: say what there is to know, and what to do. */
static void draw_empty(const struct model *m, struct area a)
{
    const struct item *it = model_open_item(m);
    struct page p = {0};
    page_clear(&p, a.rect.cols - 2);
    if (!it->available) {
        page_wrap(
            &p, 0, ROLE_MUTED,
            "Its lesson and checks are still being written. The stage list shows with a bright name what can be "
            "done today.");
    } else if (it->run->phase == RUN_BUILD_FAILED && it->run->trouble) {
        page_wrap(&p, 0, ROLE_TEXT, it->run->trouble);
    } else if (it->workspace_state == WORKSPACE_MISSING) {
        page_wrap(&p, 0, ROLE_MUTED,
                  "There is no program to check yet. The terminal pane makes a place for it: press t.");
    }
    page_draw(&p, m->theme, area_sub(a, (struct rect){0, 1, a.rect.rows, a.rect.cols - 2}), 0, 0, NULL);
    page_free(&p);
}

static void draw(const struct model *m, struct area a, bool focused)
{
    const struct run *r = model_open_item(m)->run;
    struct page state = {0};
    page_clear(&state, a.rect.cols - 2);
    state_line(m, &state);
    page_draw(&state, m->theme, area_sub(a, (struct rect){0, 1, 1, a.rect.cols - 2}), 0, 0, NULL);
    page_free(&state);

    struct area list_area = area_sub(a, (struct rect){1, 0, a.rect.rows - 1, a.rect.cols});
    struct rows list = checks_rows(m);
    if (list.n == 0) {
        draw_empty(m, area_sub(list_area, (struct rect){1, 0, list_area.rect.rows - 1, list_area.rect.cols}));
        if (focused)
            draw_cursor(a, 0, 1, CURSOR_BLOCK);
    }
    for (int i = 0; i < list_area.rect.rows && m->checks.top + i < list.n; i++) {
        struct row row = list.rows[m->checks.top + i];
        if (row.kind == ROW_TIER)
            draw_tier(m, list_area, i, (enum tier)row.index);
        else if (row.kind == ROW_CHECK)
            draw_check(m, list_area, i, &r->checks[row.index]);
        else if (row.kind == ROW_BLOCKED)
            draw_blocked(m, list_area, i, &r->checks[row.index], row.count);
        else
            draw_message_row(m, list_area, i, &r->messages[row.index], row.part);
        if (!focused || list.cursor < 0 || m->checks.top + i - row.part != list.cursor)
            continue;
        draw_restyle(list_area, (struct rect){i, 0, 1, a.rect.cols}, theme_style(m->theme, ROLE_SELECTED));
        if (row.part == 0)
            draw_cursor(list_area, i, 0, CURSOR_BLOCK);
    }
    free(list.rows);
}

static void status(const struct model *m, struct page *out)
{
    const struct run *r = model_open_item(m)->run;
    if (r->n_checks == 0 || r->phase == RUN_BUILD_FAILED) /* those are of an earlier program */
        return;
    struct run_counts n = run_count(r);
    page_printf(out, 0, ROLE_PASS, "%d %s", n.pass, sign(SIGN_PASS));
    if (n.fail > 0)
        page_printf(out, -1, ROLE_FAIL, "  %d %s", n.fail, sign(SIGN_FAIL));
    if (n.blocked > 0)
        page_printf(out, -1, ROLE_SKIP, "  %d %s", n.blocked, sign(SIGN_BLOCKED));
    if (n.skip + n.error > 0)
        page_printf(out, -1, ROLE_SKIP, "  %d %s", n.skip + n.error, sign(SIGN_SKIP));
    if (n.open > 0)
        page_printf(out, -1, ROLE_MUTED, "  %d %s", n.open, sign(SIGN_OPEN));
}

static void enter(struct model *m)
{
    const struct run *r = model_open_item(m)->run;
    if (r->phase == RUN_BUILD_FAILED) {
        if (m->checks.cursor < (int)r->n_messages) {
            const struct build_message *msg = &r->messages[m->checks.cursor];
            model_want(m, INTENT_EDIT, msg->file, msg->line);
        } else {
            reader_show_build(m);
        }
        return;
    }
    struct rows list = checks_rows(m);
    if (list.cursor >= 0 && list.rows[list.cursor].kind == ROW_BLOCKED)
        m->checks.unfolded = true;
    else if (m->checks.cursor < (int)r->n_checks)
        reader_show_check(m, &r->checks[m->checks.cursor]);
    free(list.rows);
}

/* Moves the cursor from row to row, whatever number of checks one stands for. */
static bool move(struct model *m, enum request r)
{
    struct rows list = checks_rows(m);
    autofree int *stops = xcalloc((size_t)list.n + 1, sizeof *stops);
    int n = 0, at = 0;
    for (int i = 0; i < list.n; i++) {
        if (list.rows[i].kind == ROW_TIER || list.rows[i].part > 0)
            continue;
        if (i == list.cursor)
            at = n;
        stops[n++] = list.rows[i].index;
    }
    free(list.rows);
    int before = at;
    if (!cursor_request(r, &at, n, m->layout.pane[PANE_CHECKS].rows - 1))
        return false;
    if (n > 0 && at != before)
        m->checks.cursor = stops[at];
    return true;
}

static bool search(struct model *m, int direction, bool from_here)
{
    const struct run *r = model_open_item(m)->run;
    int n = cursor_limit(r);
    for (int i = from_here ? 0 : 1; i <= n && n > 0; i++) {
        int k = ((m->checks.cursor + direction * i) % n + n) % n;
        const char *text = r->phase == RUN_BUILD_FAILED ? r->messages[k].text : r->checks[k].title;
        if (text_find(text, m->needle) >= 0) {
            m->checks.cursor = k;
            return true;
        }
    }
    return false;
}

static bool request(struct model *m, enum request r)
{
    const struct run *run = model_open_item(m)->run;
    switch (r) {
    case REQUEST_ENTER:
    case REQUEST_RIGHT:
        enter(m);
        return true;
    case REQUEST_COPY:
        if (run->phase != RUN_BUILD_FAILED && m->checks.cursor < (int)run->n_checks)
            model_want(m, INTENT_COPY, run->checks[m->checks.cursor].id, 0);
        return true;
    case REQUEST_FIRST_MATCH:
        return search(m, 1, true);
    case REQUEST_NEXT_MATCH:
        return search(m, 1, false);
    case REQUEST_PREVIOUS_MATCH:
        return search(m, -1, false);
    default:
        return move(m, r);
    }
}

static bool mouse(struct model *m, const struct mouse *e)
{
    if (e->action == MOUSE_WHEEL_UP || e->action == MOUSE_WHEEL_DOWN)
        return move(m, e->action == MOUSE_WHEEL_UP ? REQUEST_UP : REQUEST_DOWN);
    if (e->action != MOUSE_PRESS || e->button != 1 || e->row < 1)
        return false;
    struct rows list = checks_rows(m);
    int at = m->checks.top + e->row - 1;
    bool hit = at < list.n && list.rows[at].kind != ROW_TIER;
    if (hit) {
        bool again = m->checks.cursor == list.rows[at].index;
        m->checks.cursor = list.rows[at].index;
        if (again)
            enter(m);
    }
    free(list.rows);
    return hit;
}

const struct pane_ops checks_pane = {
    .name = "Checks",
    .status = status,
    .prepare = prepare,
    .draw = draw,
    .request = request,
    .mouse = mouse,
};
