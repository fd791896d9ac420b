/* The pane for reading: the lesson, or the failure of a check, or what the build said. Backspace and q lead
 * back to the lesson, which is where it was. */
#include "panes/pane.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static const struct page *current(const struct model *m)
{
    return m->reader.showing == READER_LESSON ? &m->reader.lesson : &m->reader.other;
}

static int *scroll_of(struct model *m)
{
    return m->reader.showing == READER_LESSON ? &model_open_item(m)->scroll : &m->reader.other_scroll;
}

static int scroll_now(const struct model *m)
{
    return m->reader.showing == READER_LESSON ? model_open_item(m)->scroll : m->reader.other_scroll;
}

/* The learner's place is what they scrolled to. It is kept as a place in the text, so that neither another
 * width nor a window that shows everything at once loses it. */
static void prepare_lesson(struct model *m, int width)
{
    struct reader_view *v = &m->reader;
    struct item *it = model_open_item(m);
    bool same = v->lesson_of == m->open;
    if (same && it->scroll != it->placed) {
        it->placed = it->chosen = it->scroll;
        it->chosen_width = v->lesson.width;
        it->place = (size_t)it->scroll < v->lesson.n_lines ? v->lesson.lines[it->scroll].position : 0;
    }
    if (same && v->lesson.width == width - 1 && v->lesson_hints == it->hints_shown &&
        v->lesson_left == v->left)
        return;
    lesson_page(&v->lesson, m, width);
    it->scroll = it->place > 0 ? (int)page_line_at(&v->lesson, it->place) : 0;
    if (it->chosen_width == v->lesson.width)
        it->scroll = it->chosen;
    it->scroll = it->placed =
        view_clamp(it->scroll, (int)v->lesson.n_lines, m->layout.pane[PANE_READER].rows);
    v->lesson_of = m->open;
    v->lesson_hints = it->hints_shown;
    v->lesson_left = v->left;
}

/* The line that stays in sight when a page without places is laid out for another width: by its share of the
 * whole. */
static void keep_place(int *scroll, size_t before, size_t after)
{
    if (before > 0 && *scroll > 0)
        *scroll = (int)((size_t)*scroll * after / before);
}

/* A page that a link has led to. */
static void prepare_text(struct model *m, int width)
{
    struct reader_view *v = &m->reader;
    if (v->showing == READER_MANUAL && v->text_width != manual_width(width)) {
        v->text_width = manual_width(width);
        model_want(m, INTENT_MANUAL, v->name, v->text_width);
    }
    if (!v->fresh && !v->new_text && v->other.width == width - 1 && v->other_left == v->left)
        return;
    size_t before = v->fresh ? 0 : v->other.n_lines;
    if (v->showing == READER_MANUAL) {
        manual_page(&v->other, v->name, v->text, width);
    } else {
        page_clear(&v->other, width - 1);
        page_blank(&v->other);
        page_markdown(&v->other, 1, v->text, v->left);
        page_blank(&v->other);
    }
    keep_place(&v->other_scroll, before, v->other.n_lines);
    v->fresh = v->new_text = false;
    v->other_left = v->left;
}

static void prepare_other(struct model *m, int width)
{
    struct reader_view *v = &m->reader;
    if (v->text || v->showing == READER_MANUAL) {
        prepare_text(m, width);
        return;
    }
    size_t before = v->other.n_lines;
    bool reflow = v->other.width != width - 1 && !v->fresh;
    if (v->showing == READER_BUILD) {
        build_page(&v->other, m, width);
    } else if (v->showing == READER_SOLVED) {
        solved_page(&v->other, m, width);
    } else {
        struct check_row *c = v->failed_check ? run_find(model_open_item(m)->run, v->failed_check) : NULL;
        if (!c) { /* the engine no longer has this check */
            reader_show(m, READER_LESSON);
            return;
        }
        failure_page(&v->other, m, c, width);
    }
    v->fresh = false;
    if (reflow)
        keep_place(&v->other_scroll, before, v->other.n_lines);
}

/* A link that is out of sight is not followed by mistake. */
static void let_go_of_link(struct model *m, int top, int rows)
{
    const struct page_link *l = page_link_find(current(m), m->reader.link);
    if (!l || (int)l->line < top || (int)l->line >= top + rows)
        m->reader.link = 0;
}

static void prepare(struct model *m, struct rect inner)
{
    if (m->reader.showing != READER_LESSON)
        prepare_other(m, inner.cols);
    prepare_lesson(m, inner.cols);
    if (m->reader.showing == READER_MANUAL && !m->reader.text)
        return; /* the place is kept until there is a text again */
    int *scroll = scroll_of(m);
    *scroll = view_clamp(*scroll, (int)current(m)->n_lines, inner.rows);
    let_go_of_link(m, *scroll, inner.rows);
}

static void title(const struct model *m, struct buf *out)
{
    static const char *const titles[READER_PAGE_COUNT_] = {
        [READER_LESSON] = "Lesson", [READER_FAILURE] = "Check",         [READER_BUILD] = "Build",
        [READER_SOLVED] = "Solved", [READER_SOLUTION] = "Our solution", [READER_HANDBOOK] = "Handbook",
        [READER_MANUAL] = "Manual"};
    bool named = m->reader.name && *m->reader.name;
    bool early = m->reader.showing == READER_SOLVED && !model_open_item(m)->solved;
    buf_addstr(out, named ? m->reader.name : early ? "So far" : titles[m->reader.showing]);
}

/* Markdown moves its code alone to the left. */
static bool moves_code_alone(enum reader_page page)
{
    return page == READER_LESSON || page == READER_HANDBOOK || page == READER_SOLUTION;
}

/* Whether something in sight goes on to the right or the left: code shows a mark where it is cut, other pages
 * are as wide as their lines. */
static bool is_cut(const struct model *m, const struct line *l)
{
    if (!moves_code_alone(m->reader.showing))
        return l->width > m->layout.pane[PANE_READER].cols || (m->reader.left > 0 && l->width > 0);
    const char *right = ui_unicode() ? "›" : ">", *left = ui_unicode() ? "‹" : "<";
    for (size_t i = 0; l->kind == LINE_CODE && i < l->n_spans; i++)
        if (l->spans[i].role == ROLE_MUTED &&
            (strstr(l->spans[i].text, right) || strstr(l->spans[i].text, left)))
            return true;
    return false;
}

static void status(const struct model *m, struct page *out)
{
    const struct reader_view *v = &m->reader;
    bool cut = false;
    int n = (int)current(m)->n_lines, height = m->layout.pane[PANE_READER].rows, top = scroll_now(m);
    if (*m->needle && page_count(current(m), m->needle) > 0)
        page_printf(out, 0, ROLE_MUTED, "%d found  ", page_count(current(m), m->needle));
    for (int i = top; i < top + height && i < n && !cut; i++)
        cut = is_cut(m, &current(m)->lines[i]);
    bool room = v->n_trail == 0 || m->layout.pane[PANE_READER].cols >= 42; /* beside the way back */
    if (cut && room && m->focus == PANE_READER) {
        page_add(out, -1, ROLE_KEY, 0, ui_unicode() ? "← →" : "Left Right");
        page_add(out, -1, ROLE_HINT, 0, v->n_trail > 0 ? "  " : " more  ");
    }
    if (v->n_trail > 0) {
        bool to_lesson = v->trail[v->n_trail - 1].showing == READER_LESSON;
        page_add(out, -1, ROLE_KEY, 0, "Backspace");
        page_add(out, -1, ROLE_HINT, 0, to_lesson ? " lesson  " : " back  ");
    }
    if (n <= height)
        page_add(out, -1, ROLE_MUTED, 0, "all");
    else if (top == 0)
        page_add(out, -1, ROLE_MUTED, 0, "top");
    else if (top + height >= n)
        page_add(out, -1, ROLE_MUTED, 0, "end");
    else
        page_printf(out, -1, ROLE_MUTED, "%d%%", 100 * top / (n - height));
}

static void draw(const struct model *m, struct area a, bool focused)
{
    int left = moves_code_alone(m->reader.showing) ? 0 : m->reader.left;
    if (focused)
        draw_cursor(a, 0, 0, CURSOR_BLOCK);
    page_draw(current(m), m->theme, a, scroll_now(m), left, m->needle);
    page_draw_links(current(m), m->theme, a, scroll_now(m), left, focused ? m->reader.link : 0);
}

/* ---- Ways in ---- */

void reader_show_check(struct model *m, const struct check_row *c)
{
    char *id = xstrdup(c->id);
    free(m->reader.failed_check);
    m->reader.failed_check = id;
    reader_show(m, READER_FAILURE);
    model_focus(m, PANE_READER);
}

bool reader_shows_check(const struct model *m, const struct check_row *c)
{
    const struct reader_view *v = &m->reader;
    return v->showing == READER_FAILURE && v->failed_check && strcmp(v->failed_check, c->id) == 0;
}

void reader_show_build(struct model *m)
{
    reader_show(m, READER_BUILD);
    model_focus(m, PANE_READER);
}

void reader_show_handbook(struct model *m)
{
    if (m->reader.showing != READER_HANDBOOK || *m->reader.name)
        reader_go(m, READER_HANDBOOK, "", handbook_index(m));
    model_focus(m, PANE_READER);
}

void reader_show_solution(struct model *m)
{
    const struct item *it = model_open_item(m);
    const char *language = it->run->language ? it->run->language : m->language;
    struct error err = {0};
    autofree char *name = NULL;
    char *text = course_solution(m->course, it->info, language, &name, &err);
    if (!text) {
        model_complain(m, "%s", err.text);
        return;
    }
    if (m->reader.showing == READER_SOLUTION)
        reader_return(m);
    struct buf page = {0};
    buf_printf(&page,
               "# %s\n\nOne way among many: %s. What does it do otherwise than yours, and why?\n\n"
               "~~~~~~~~\n%s\n~~~~~~~~\n",
               it->info->title, name, text);
    free(text);
    reader_go(m, READER_SOLUTION, name, buf_take(&page));
    model_focus(m, PANE_READER);
}

void reader_scroll_to(struct model *m, int line)
{
    *scroll_of(m) = line;
}

void reader_next_hint(struct model *m)
{
    struct item *it = model_open_item(m);
    if (!it->lesson_loaded || !it->lesson.hints[0]) {
        model_say(m, "There are no hints for this challenge.");
        return;
    }
    reader_show(m, READER_LESSON);
    if (it->hints_shown < 3 && it->lesson.hints[it->hints_shown])
        it->hints_shown++;
    else
        model_say(m,
                  "That was the last hint. The handbook and the man pages that the lesson names know more.");
    model_focus(m, PANE_READER);
    if (m->layout.pane[PANE_READER].rows > 0) {
        lesson_page(&m->reader.lesson, m, m->layout.pane[PANE_READER].cols);
        autofree char *name = xasprintf("Hint %d of ", it->hints_shown);
        int line = page_find(&m->reader.lesson, name, 0, 1);
        if (line >= 0)
            it->scroll = line > 0 ? line - 1 : 0;
        m->reader.lesson_of = m->open;
        m->reader.lesson_hints = it->hints_shown;
    }
}

/* ---- Requests ---- */

static bool search(struct model *m, int from, int direction)
{
    int line = page_find(current(m), m->needle, from, direction);
    if (line < 0)
        return false;
    *scroll_of(m) = line;
    return true;
}

/* Copies the first code block that is in sight, else the first one below. */
static bool copy(struct model *m)
{
    const char *code = page_code_at(current(m), (size_t)scroll_now(m));
    if (code)
        model_want(m, INTENT_COPY, code, 0);
    else
        model_say(m, "There is no code to copy from here on.");
    return true;
}

/* ---- Links ---- */

/* What a link leads to, in words. */
static char *link_name(const struct model *m, const char *target)
{
    size_t item = model_find(m, target);
    if (item < m->n_items)
        return xasprintf("Challenge %d %s", m->items[item].info->number, m->items[item].info->title);
    if (strncmp(target, "man:", 4) == 0)
        return xasprintf("The manual page %s", target + 4);
    if (strncmp(target, "handbook/", 9) == 0) {
        autofree char *title = handbook_title(m, target + 9);
        return xasprintf("The handbook: %s", title);
    }
    if (*target == '#')
        return xasprintf("Further on in this page, %s", target + 1);
    return xstrdup(target);
}

static bool choose_link(struct model *m, int direction)
{
    const struct page *p = current(m);
    int top = scroll_now(m), rows = m->layout.pane[PANE_READER].rows;
    int number = page_link_step(p, m->reader.link, direction, (size_t)top, (size_t)(top + rows));
    const struct page_link *l = page_link_find(p, number);
    if (!l) {
        model_say(m, p->n_links == 0 ? "There are no links on this page."
                     : direction > 0 ? "There is no further link; F goes back to the ones before."
                                     : "This is the first link.");
        return true;
    }
    m->reader.link = number;
    if ((int)l->line < top || (int)l->line >= top + rows)
        *scroll_of(m) = view_clamp((int)l->line - rows / 3, (int)p->n_lines, rows);
    autofree char *name = link_name(m, l->target);
    model_say(m, "%s: Enter goes there, f to the next link.", name);
    return true;
}

static bool enter(struct model *m)
{
    const struct page_link *l = page_link_find(current(m), m->reader.link);
    if (!l)
        return choose_link(m, 1);
    autofree char *target = xstrdup(l->target);
    follow_link(m, target);
    return true;
}

/* How far what is shown can be moved to the left. */
static int max_left(const struct model *m)
{
    const struct page *p = current(m);
    int width = 0;
    if (moves_code_alone(m->reader.showing))
        return p->max_scroll;
    for (size_t i = 0; i < p->n_lines; i++)
        if (p->lines[i].width > width)
            width = p->lines[i].width;
    return width + 1 - m->layout.pane[PANE_READER].cols;
}

static bool request(struct model *m, enum request r)
{
    int n = (int)current(m)->n_lines;
    switch (r) {
    case REQUEST_BACK:
        return reader_return(m);
    case REQUEST_ENTER:
        return enter(m);
    case REQUEST_NEXT_LINK:
        return choose_link(m, 1);
    case REQUEST_PREVIOUS_LINK:
        return choose_link(m, -1);
    case REQUEST_LEFT:
        m->reader.left = m->reader.left > 4 ? m->reader.left - 4 : 0;
        return true;
    case REQUEST_RIGHT:
        m->reader.left = m->reader.left + 4 < max_left(m) ? m->reader.left + 4
                         : max_left(m) > 0                ? max_left(m)
                                                          : 0;
        return true;
    case REQUEST_COPY:
        return copy(m);
    case REQUEST_FIRST_MATCH:
        return search(m, scroll_now(m), 1);
    case REQUEST_NEXT_MATCH:
        return search(m, scroll_now(m) + 1, 1);
    case REQUEST_PREVIOUS_MATCH:
        return search(m, scroll_now(m) - 1, -1);
    default:
        return scroll_request(r, scroll_of(m), n, m->layout.pane[PANE_READER].rows);
    }
}

static bool mouse(struct model *m, const struct mouse *e)
{
    if (e->action == MOUSE_PRESS && e->button == 1) {
        int left = moves_code_alone(m->reader.showing) ? 0 : m->reader.left;
        const struct page_link *l = page_link_at(current(m), (size_t)(scroll_now(m) + e->row), e->col + left);
        m->reader.link = l ? l->number : 0;
        return l && enter(m);
    }
    if (e->action != MOUSE_WHEEL_UP && e->action != MOUSE_WHEEL_DOWN)
        return false;
    int d = e->action == MOUSE_WHEEL_UP ? -3 : 3;
    *scroll_of(m) = view_clamp(*scroll_of(m) + d, (int)current(m)->n_lines, m->layout.pane[PANE_READER].rows);
    return true;
}

const struct pane_ops reader_pane = {
    .name = "Lesson",
    .title = title,
    .status = status,
    .prepare = prepare,
    .draw = draw,
    .request = request,
    .mouse = mouse,
};
