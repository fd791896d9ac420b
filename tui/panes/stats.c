/* Statistics as plots of characters: the days, the time that each challenge took, the checks attempt by
 * attempt. */
#include "panes/pane.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { INDENT = 2, DAYS_A_WEEK = 7, WEEKS_MAX = 53, LEVELS = 5 };

static void heading(struct page *p, const char *text)
{
    page_blank(p);
    page_line(p)->kind = LINE_HEADING;
    page_add(p, INDENT, ROLE_HEADING2, 0, text);
}

/* ---- Days ---- */

static int level(int attempts)
{
    static const int from[LEVELS] = {0, 1, 3, 6, 11};
    int l = 0;
    while (l + 1 < LEVELS && attempts >= from[l + 1])
        l++;
    return l;
}

static const char *level_text(int l)
{
    static const char *const blocks[LEVELS] = {"·", "░", "▒", "▓", "█"};
    static const char *const ascii[LEVELS] = {".", "-", "+", "*", "#"};
    return ui_unicode() ? blocks[l] : ascii[l];
}

static int attempts_on(const struct stats_view *v, int64_t day)
{
    for (int i = 0; i < v->n; i++)
        if (v->days[i].day == day)
            return v->days[i].attempts;
    return 0;
}

/* Monday is 0; the first of January 1970 was a Thursday. */
static int weekday(int64_t day)
{
    return (int)(((day + 3) % DAYS_A_WEEK + DAYS_A_WEEK) % DAYS_A_WEEK);
}

static void month_line(struct page *p, int64_t first, int weeks)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int last_month = 0, next_free = 0;
    page_line(p);
    for (int w = 0; w < weeks; w++) {
        int year, month, day, col = INDENT + 4 + 2 * w;
        date_of(first + w * DAYS_A_WEEK, &year, &month, &day);
        if (month != last_month && col >= next_free && (w == 0 || day <= DAYS_A_WEEK)) {
            page_add(p, col, ROLE_MUTED, 0, months[month - 1]);
            next_free = col + 4;
        }
        last_month = month;
    }
}

static void heat_map(struct page *p, const struct stats_view *v)
{
    static const char *const names[DAYS_A_WEEK] = {"Mon", "", "Wed", "", "Fri", "", "Sun"};
    int weeks = (p->width - INDENT - 5) / 2;
    weeks = weeks > WEEKS_MAX ? WEEKS_MAX : weeks < 1 ? 1 : weeks;
    int64_t monday = v->today - weekday(v->today), first = monday - (weeks - 1) * DAYS_A_WEEK;
    int days = 0, attempts = 0;
    for (int i = 0; i < v->n; i++)
        if (v->days[i].day >= first) {
            days++;
            attempts += v->days[i].attempts;
        }
    heading(p, "Days");
    page_line(p);
    page_printf(p, INDENT, ROLE_TEXT, "%d attempt%s on %d day%s in the last %d weeks", attempts,
                attempts == 1 ? "" : "s", days, days == 1 ? "" : "s", weeks);
    page_blank(p);
    month_line(p, first, weeks);
    for (int d = 0; d < DAYS_A_WEEK; d++) {
        page_line(p);
        page_add(p, INDENT, ROLE_MUTED, 0, names[d]);
        for (int w = 0; w < weeks && first + w * DAYS_A_WEEK + d <= v->today; w++) {
            int l = level(attempts_on(v, first + w * DAYS_A_WEEK + d));
            page_add(p, INDENT + 4 + 2 * w, l > 0 ? ROLE_PROGRESS_DONE : ROLE_PROGRESS_LEFT, 0,
                     level_text(l));
        }
    }
    page_line(p);
    page_add(p, INDENT + 4, ROLE_MUTED, 0, "none ");
    for (int l = 0; l < LEVELS; l++) {
        page_add(p, -1, l > 0 ? ROLE_PROGRESS_DONE : ROLE_PROGRESS_LEFT, 0, level_text(l));
        page_add(p, -1, ROLE_MUTED, 0, " ");
    }
    page_add(p, -1, ROLE_MUTED, 0, "more than ten attempts a day");
}

/* ---- Bars ---- */

/* So many eighths of a column; at least one if there is anything. */
static void add_bar(struct page *p, int col, int width, int64_t part, int64_t whole)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    struct buf text = {0};
    int64_t n = whole > 0 ? part * width * 8 / whole : 0;
    if (n == 0 && part > 0)
        n = 1;
    for (; n >= 8; n -= 8)
        buf_addstr(&text, ui_unicode() ? "█" : "#");
    if (n > 0)
        buf_addstr(&text, ui_unicode() ? eighths[n] : "#");
    page_add(p, col, ROLE_PROGRESS_DONE, 0, buf_str(&text));
    buf_free(&text);
}

static int64_t time_of(const struct item *it)
{
    return it->solved && it->solved_at > 0 ? it->solved_at - it->first_attempt_at : -1;
}

static void times(struct page *p, const struct model *m)
{
    enum { NAME = 28 };
    int64_t longest = 1;
    int n = 0;
    for (size_t i = 0; i < m->n_items; i++)
        if (time_of(&m->items[i]) >= 0) {
            n++;
            longest = time_of(&m->items[i]) > longest ? time_of(&m->items[i]) : longest;
        }
    heading(p, "From the first attempt to the one that solved it");
    if (n == 0) {
        page_wrap(p, INDENT, ROLE_MUTED, "Nothing is solved yet.");
        return;
    }
    int width = p->width - INDENT - NAME - 33;
    width = width > 60 ? 60 : width < 4 ? 4 : width;
    for (size_t i = 0; i < m->n_items; i++) {
        const struct item *it = &m->items[i];
        char span[32];
        if (time_of(it) < 0)
            continue;
        page_line(p);
        page_printf(p, INDENT, ROLE_TEXT, "%2d %.*s", it->info->number, NAME - 4, it->info->title);
        add_bar(p, INDENT + NAME, width, time_of(it), longest);
        page_printf(p, INDENT + NAME + width + 1, ROLE_MUTED, "%s, %d attempt%s in all",
                    span_text(time_of(it), span), it->attempts, it->attempts == 1 ? "" : "s");
    }
}

/* ---- Checks over time ---- */

static void checks(struct page *p, const struct model *m)
{
    enum { HEIGHT = 5 };
    static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const struct history_view *v = &m->history;
    int max = 1, n = 0, room = p->width - INDENT - 6;
    autofree int *passed = xcalloc((size_t)v->n + 1, sizeof *passed);
    for (int i = v->n - 1; i >= 0; i--) /* the newest come last */
        if (!v->rows[i].partial) {
            passed[n++] = v->rows[i].passed;
            max = v->rows[i].total > max ? v->rows[i].total : max;
        }
    autofree char *title =
        xasprintf("Checks passed in %s, attempt by attempt", model_open_item(m)->info->title);
    heading(p, title);
    if (n == 0) {
        page_wrap(p, INDENT, ROLE_MUTED, "There is no attempt yet.");
        return;
    }
    const int *from = n > room ? passed + (n - room) : passed;
    int shown = n > room ? room : n;
    for (int row = HEIGHT - 1; row >= 0; row--) {
        page_line(p);
        if (row == HEIGHT - 1 || row == 0)
            page_printf(p, INDENT, ROLE_MUTED, "%3d", row == 0 ? 0 : max);
        struct buf text = {0};
        for (int i = 0; i < shown; i++) {
            int eighth = from[i] * HEIGHT * 8 / max - row * 8;
            eighth = eighth < 0 ? 0 : eighth > 8 ? 8 : eighth;
            if (row == 0 && from[i] == 0) /* it is an attempt all the same: of a build that failed, say */
                buf_addstr(&text, ui_unicode() ? "·" : ".");
            else
                buf_addstr(&text, ui_unicode() ? eighths[eighth] : eighth >= 4 ? "#" : " ");
        }
        page_add(p, INDENT + 4, ROLE_PROGRESS_DONE, 0, buf_str(&text));
        buf_free(&text);
    }
    page_line(p);
    page_printf(p, INDENT + 4, ROLE_MUTED, "%d attempt%s at all of them, the newest on the right", shown,
                shown == 1 ? "" : "s");
}

static void prepare(struct model *m, struct rect inner)
{
    struct page *p = &m->stats.page;
    page_clear(p, inner.cols - 2);
    page_blank(p);
    page_line(p);
    int solved = model_solved(m), began = 0;
    for (size_t i = 0; i < m->n_items; i++)
        began += m->items[i].attempts > 0;
    page_printf(p, INDENT, ROLE_STRONG, "%d of %zu solved, %d tried", solved, m->n_items, began);
    heat_map(p, &m->stats);
    times(p, m);
    checks(p, m);
    page_blank(p);
    m->overlay_scroll = view_clamp(m->overlay_scroll, (int)p->n_lines, inner.rows);
}

static void draw(const struct model *m, struct area a, bool focused)
{
    page_draw(&m->stats.page, m->theme, a, m->overlay_scroll, 0, m->needle);
    if (focused)
        draw_cursor(a, 0, 0, CURSOR_BLOCK);
}

static bool request(struct model *m, enum request r)
{
    return page_request(m, r, &m->stats.page, OVERLAY_STATS);
}

static bool mouse(struct model *m, const struct mouse *e)
{
    if (e->action == MOUSE_WHEEL_UP || e->action == MOUSE_WHEEL_DOWN)
        return request(m, e->action == MOUSE_WHEEL_UP ? REQUEST_UP : REQUEST_DOWN);
    return false;
}

const struct pane_ops stats_overlay = {
    .name = "Statistics",
    .hints = (const struct hint[]){{"page-down", "on"}, {"find", "finds"}, {"close", "closes"}, {NULL, NULL}},
    .prepare = prepare,
    .draw = draw,
    .request = request,
    .mouse = mouse,
};
