/* The lines around the panes: where one is and how far one is; the tabs of narrow screens; what just happened
 * or what to do next; which keys matter here. */
#include "panes/pane.h"

#include "base/mem.h"
#include "model/action.h"
#include "model/shell.h"

#include <stdio.h>
#include <string.h>

/* ---- The top line ---- */

static void progress_part(const struct model *m, struct page *p)
{
    const struct item *it = model_open_item(m);
    struct run_counts n = run_count(it->run);
    int core_total = n.core_total ? n.core_total : it->core_total;
    int core_pass = n.core_total ? n.core_pass : it->core_passed;
    const char *language = it->run->language ? it->run->language : m->language;
    if (m->running < m->n_items)
        page_printf(p, -1, ROLE_RUNNING, "%s checking   ", sign(SIGN_RUNNING));
    if (language && *language)
        page_printf(p, -1, ROLE_TITLE, "%s   ", language_title(language));
    if (core_total > 0)
        page_printf(p, -1, ROLE_TITLE, "core %d/%d   ", core_pass, core_total);
    page_printf(p, -1, ROLE_TITLE, "solved %d/%zu", model_solved(m), m->n_items);
}

void draw_top_line(const struct model *m, struct area a)
{
    const struct challenge *info = model_open_item(m)->info;
    struct style st = theme_style(m->theme, ROLE_TITLE), strong = st;
    strong.attrs |= ATTR_BOLD;
    draw_fill(a, (struct rect){0, 0, 1, a.rect.cols}, st, ' ');

    struct page right = {0};
    page_clear(&right, a.rect.cols);
    page_line(&right);
    progress_part(m, &right);
    int width = right.lines[0].width, start = a.rect.cols - 1 - width;
    page_draw(&right, m->theme, area_sub(a, (struct rect){0, start, 1, width}), 0, 0, NULL);
    page_free(&right);

    int col = draw_text(a, 0, 1, strong, "lux") + 2;
    autofree char *stage =
        xasprintf("%d %s %s ", info->stage->number, info->stage->title, sign(SIGN_SEPARATOR));
    autofree char *title = xasprintf("%d %s", info->number, info->title);
    int room = start - col - 2;
    if (text_width(stage) + text_width(title) <= room)
        col = draw_text(a, 0, col, st, stage);
    draw_text_cut(a, 0, col, start - col - 2, strong, title);
}

void draw_tabs(const struct model *m, struct area a)
{
    struct style plain = theme_style(m->theme, ROLE_MUTED),
                 active = theme_style(m->theme, ROLE_PANE_TITLE_FOCUS);
    int col = 1;
    for (int i = 0; i < PANE_COUNT_; i++) {
        bool here = m->focus == (enum pane_id)i;
        autofree char *text =
            xasprintf(here ? "[%d %s]" : " %d %s ", i + 1, pane_ops_of((enum pane_id)i)->name);
        col = draw_text(a, 0, col, here ? active : plain, text) + 1;
    }
}

enum pane_id tab_at(int col)
{
    int end = 1;
    for (int i = 0; i < PANE_COUNT_; i++) {
        end += text_width(pane_ops_of((enum pane_id)i)->name) + 5; /* "[1 NAME] " */
        if (col < end)
            return (enum pane_id)i;
    }
    return PANE_COUNT_;
}

/* ---- Hints ---- */

/* A walk over the hints from left to right: draws them, or looks which one is at a column. */
struct hint_walk {
    const struct model *m;
    const struct area *draw; /* NULL: only looks */
    int cols, at;
    int end;      /* behind the last one that found room */
    char key[64]; /* of the hint at that column; "" if there is none */
};

static int add_hint(struct hint_walk *w, int col, const char *key, const char *name)
{
    int width = text_width(key) + 1 + text_width(name);
    if (col + width > w->cols)
        return -1;
    w->end = col + width;
    if (w->draw) {
        int end = draw_text(*w->draw, 0, col, theme_style(w->m->theme, ROLE_KEY), key);
        draw_text(*w->draw, 0, end + 1, theme_style(w->m->theme, ROLE_HINT), name);
    } else if (w->at >= col && w->at < col + width) {
        snprintf(w->key, sizeof w->key, "%s", key);
    }
    return col + width + 3;
}

static int add_action(struct hint_walk *w, int col, const struct action *action)
{
    char key[64];
    return add_hint(w, col, action_first_key(w->m, action, key),
                    action->label ? action->label(w->m) : action->name);
}

static void hints_from_table(struct hint_walk *w, int col, unsigned contexts)
{
    const struct model *m = w->m;
    /* The way back out of a zoom comes first: nothing else on the screen tells of it. */
    const struct action *zoom =
        m->size == SIZE_FULL && m->layout.kind != LAYOUT_TABS ? model_action(m, "zoom") : NULL;
    if (zoom && (zoom->contexts & contexts))
        col = add_action(w, col, zoom);
    for (int rank = 1; rank < 20; rank++)
        for (size_t i = 0; i < m->n_actions && col >= 0; i++)
            if (m->actions[i].rank == rank && (m->actions[i].contexts & contexts) && &m->actions[i] != zoom)
                col = add_action(w, col, &m->actions[i]);
}

/* After the key that leaves the shell almost every action can follow: those that one wants most. */
static void hints_after_prefix(struct hint_walk *w)
{
    static const char *const ids[] = {"quit",      "run-all", "zoom",        "help", "look-back",
                                      "next-pane", "paste",   "send-prefix", "lock", "stay"};
    static const char then[] = "and then";
    struct style st = theme_style(w->m->theme, ROLE_WARN);
    char leave[32];
    key_name(&w->m->leave_key, leave);
    int col = 1 + text_width(leave) + 1;
    if (w->draw) {
        draw_text(*w->draw, 0, 1, st, leave);
        draw_text(*w->draw, 0, col, st, then);
    }
    col += text_width(then) + 2;
    for (size_t i = 0; i < ARRAY_LEN(ids) && col >= 0; i++)
        col = add_action(w, col, model_action(w->m, ids[i]));
}

static void hints_in_shell(struct hint_walk *w, unsigned contexts)
{
    static const char others[] = "other keys go to the shell";
    hints_from_table(w, 1, contexts);
    int start = w->cols - text_width(others) - 6;
    if (w->draw && start >= w->end + 2)
        draw_text(*w->draw, 0, start, theme_style(w->m->theme, ROLE_MUTED), others);
}

static void walk_hints(struct hint_walk *w)
{
    unsigned contexts = model_contexts(w->m);
    if (contexts & IN_PREFIX)
        hints_after_prefix(w);
    else if (contexts & (IN_SHELL | IN_LOCKED))
        hints_in_shell(w, contexts);
    else if (w->m->n_overlays == 0 ||
             model_overlay(w->m) == OVERLAY_HELP) /* the others name their keys themselves */
        hints_from_table(w, 1, contexts & ~(unsigned)IN_ENDED);
}

void draw_footer(const struct model *m, struct area a)
{
    walk_hints(&(struct hint_walk){.m = m, .draw = &a, .cols = a.rect.cols});
}

bool footer_key(const struct model *m, int row, int col, struct key *out)
{
    struct rect r = m->layout.footer;
    bool covered = m->layout.message.rows == 0 && (m->searching || *m->message);
    struct hint_walk w = {.m = m, .cols = r.cols, .at = col - r.col};
    if (r.rows == 0 || row != r.row || covered)
        return false;
    walk_hints(&w);
    return key_parse(w.key, out);
}

/* ---- The message line ---- */

/* Adds a sentence in which {id} stands for the key of that action; in the shell the key that leaves it comes
 * first. */
static void add_step(const struct model *m, struct page *p, const char *text)
{
    bool in_shell = (model_contexts(m) & IN_SHELL) != 0;
    while (*text) {
        size_t n = strcspn(text, "{"), end = strcspn(text, "}");
        autofree char *plain = xstrndup(text, n);
        page_add(p, -1, ROLE_MUTED, 0, plain);
        text += n;
        if (*text != '{')
            continue;
        autofree char *id = xstrndup(text + 1, end - n - 1);
        const struct action *action = model_action(m, id);
        char key[64], leave[32];
        if (in_shell)
            page_printf(p, -1, ROLE_KEY, "%s ", key_name(&m->leave_key, leave));
        page_add(p, -1, ROLE_KEY, 0, action ? action_first_key(m, action, key) : id);
        text += end - n + (text[end - n] == '}');
    }
}

/* The same with a name in it, in place of %s, which is cut to what there is room for. */
static void add_step_about(const struct model *m, struct page *p, const char *before, const char *name,
                           const char *after)
{
    struct page rest = {0};
    page_clear(&rest, p->width);
    page_line(&rest);
    add_step(m, &rest, before);
    add_step(m, &rest, after);
    int room = p->width - 1 - p->lines[p->n_lines - 1].width - rest.lines[0].width;
    page_free(&rest);
    add_step(m, p, before);
    if (text_width(name) > room && room > 4) {
        autofree char *cut = page_cut(name, room - text_width(sign(SIGN_ELLIPSIS)));
        page_printf(p, -1, ROLE_MUTED, "%s%s", cut, sign(SIGN_ELLIPSIS));
    } else if (text_width(name) <= room) {
        page_add(p, -1, ROLE_MUTED, 0, name);
    }
    add_step(m, p, after);
}

/* The first error itself: where the terminal has the whole screen, no list of them is in sight. */
static void mend_build(const struct model *m, struct page *p, const struct build_message *error)
{
    if (!error) {
        add_step(m, p, "mend the build: {output} shows what it said");
        return;
    }
    autofree char *what = xasprintf("%s:%d %s", error->file, error->line, error->text);
    add_step_about(m, p, "{next-failure} goes to the build error ", what, "");
}

/* The step that brings the learner on, in one sentence. */
static void next_step(const struct model *m, struct page *p)
{
    const struct item *it = model_open_item(m);
    size_t failure = model_next_failure(m);
    const char *failed = failure < it->run->n_checks ? it->run->checks[failure].title : NULL;
    size_t next = model_next(m);
    autofree char *name = next < m->n_items
                              ? xasprintf("%d %s", m->items[next].info->number, m->items[next].info->title)
                              : NULL;
    page_add(p, 1, ROLE_MUTED, 0, run_is_active(it->run) ? "Checking: " : "Next: ");
    if (run_is_active(it->run))
        add_step(m, p, "saving again begins anew, {cancel} ends it");
    else if (it->available && it->workspace_state == WORKSPACE_MISSING)
        add_step(m, p, "a place for your program. {terminal} goes to the terminal pane, Enter makes it");
    else if (it->run->phase == RUN_BUILD_FAILED)
        mend_build(m, p, run_first_error(it->run));
    else if (!it->available || (it->solved && !failed))
        add_step_about(m, p, "", name ? name : "nothing is left. Well done",
                       name ? ". {go-on} goes there" : "");
    else if (failed && m->reader.showing == READER_FAILURE)
        add_step(m, p,
                 reader_shows_check(m, &it->run->checks[failure])
                     ? "mend it. {edit} opens your editor, {hint} gives a hint"
                     : "mend it. {edit} opens your editor, {hint} gives a hint, "
                       "{next-failure} shows another failure");
    else if (failed)
        add_step_about(m, p, "{next-failure} shows why \"", failed, "\" failed, {hint} gives a hint");
    else
        add_step(m, p,
                 m->watch != WATCH_OFF
                     ? "write your program. {edit} opens your editor; saving runs the checks"
                     : "write your program. {edit} opens your editor, {run-all} runs the checks");
}

static void message_page(const struct model *m, struct page *p)
{
    page_clear(p, m->cols - 1);
    page_wrap(p, 1, m->message_is_error ? ROLE_MESSAGE_ERROR : ROLE_MESSAGE, m->message);
}

int message_rows(const struct model *m)
{
    struct page p = {0};
    if (m->searching || !*m->message)
        return 1;
    message_page(m, &p);
    int rows = (int)p.n_lines;
    page_free(&p);
    return rows < MESSAGE_ROWS_MAX ? rows : MESSAGE_ROWS_MAX;
}

void draw_message(const struct model *m, struct area a)
{
    if (m->searching) {
        int col = draw_text(a, 0, 1, theme_style(m->theme, ROLE_KEY), m->search_backwards ? "?" : "/");
        lineedit_draw(&m->search_line, a, 0, col, a.rect.cols - col - 1, theme_style(m->theme, ROLE_TEXT));
        return;
    }
    struct page p = {0};
    if (*m->message) {
        struct style st = theme_style(m->theme, m->message_is_error ? ROLE_MESSAGE_ERROR : ROLE_MESSAGE);
        message_page(m, &p);
        draw_fill(a, (struct rect){0, 0, a.rect.rows, a.rect.cols}, st, ' ');
        page_draw(&p, m->theme, a, 0, 0, NULL);
        page_free(&p);
        return;
    }
    page_clear(&p, a.rect.cols);
    page_line(&p);
    if (m->n_overlays == 0) /* what lies over the panes names its own keys */
        next_step(m, &p);
    page_draw(&p, m->theme, a, 0, 0, NULL);
    page_free(&p);
}
