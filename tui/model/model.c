/* The model's own rules: see model.h. */
#include "model/model.h"

#include "base/mem.h"
#include "model/shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char **copy_list(const char *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    char **out = xcalloc(n + 1, sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = xstrdup(list[i]);
    return out;
}

struct model *model_new(struct course *course, const char *const *languages)
{
    struct model *m = xcalloc(1, sizeof *m);
    m->course = course;
    m->n_items = course_challenge_count(course);
    m->items = xcalloc(m->n_items + 1, sizeof *m->items);
    for (size_t i = 0; i < m->n_items; i++) {
        m->items[i].info = course_challenge(course, i);
        m->items[i].available = m->items[i].info->has_lesson; /* until the engine has said it */
        m->items[i].run = run_new();
    }
    m->running = m->n_items;
    m->stages.unfolded = xcalloc(course_stage_count(course) + 1, sizeof *m->stages.unfolded);
    model_choose_theme(m, THEME_AUTO);
    m->focus = m->before_terminal = PANE_READER;
    m->needle = xstrdup("");
    m->message = xstrdup("");
    m->home = xstrdup("");
    m->languages = copy_list(languages);
    m->language = xstrdup(m->languages[0] ? m->languages[0] : "");
    m->mouse = true;
    m->watch_wanted = true;
    key_parse("C-g", &m->leave_key);
    m->reader.lesson_of = m->n_items;
    stages_show(m, 0);
    return m;
}

void model_free(struct model *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n_items; i++) {
        struct item *it = &m->items[i];
        run_free(it->run);
        shell_free(it->shell);
        free(it->workspace);
        free(it->by_hand_end);
        if (it->lesson_loaded)
            lesson_free(&it->lesson);
    }
    free(m->items);
    free(m->stages.unfolded);
    free(m->origin.unfolded);
    free(m->stages.rows);
    page_free(&m->reader.lesson);
    page_free(&m->reader.other);
    free(m->reader.failed_check);
    reader_forget(m);
    free(m->reader.trail);
    page_free(&m->help);
    history_clear(&m->history);
    stats_clear(&m->stats);
    free(m->palette.hits);
    free(m->doctor_text);
    page_free(&m->notice);
    free(m->confirm.question);
    free(m->confirm.yes.text);
    buf_free(&m->paste);
    free(m->copied);
    free(m->clipboard_asked);
    free(m->needle);
    free(m->message);
    free(m->home);
    free(m->language);
    for (char **l = m->languages; *l; l++)
        free(*l);
    free(m->languages);
    for (size_t i = 0; i < m->n_intents; i++)
        free(m->intents[i].text);
    free(m->intents);
    course_free(m->course);
    free(m);
}

/* ---- Challenges ---- */

struct item *model_open_item(const struct model *m)
{
    return &m->items[m->open];
}

static void load_lesson(struct model *m, struct item *it)
{
    if (it->lesson_loaded || !it->info->has_lesson)
        return;
    struct error err = {0};
    if (lesson_load(m->course, it->info, &it->lesson, &err) == 0)
        it->lesson_loaded = true;
    else
        model_complain(m, "%s", err.text);
}

void model_open(struct model *m, size_t item)
{
    if (item >= m->n_items)
        return;
    m->open = item;
    load_lesson(m, &m->items[item]);
    reader_show(m, READER_LESSON);
    m->reader.lesson_of = m->n_items;
    m->checks = (struct checks_view){0};
    m->prefix = m->locked = false;
    free(m->reader.failed_check);
    m->reader.failed_check = NULL;
    if (m->focus == PANE_TERMINAL)
        m->focus = m->before_terminal;
    stages_show(m, item);
    model_want(m, INTENT_OPEN, NULL, 0);
    model_relayout(m);
}

size_t model_find(const struct model *m, const char *slug)
{
    size_t i = 0;
    while (i < m->n_items && strcmp(m->items[i].info->slug, slug) != 0)
        i++;
    return i;
}

int model_solved(const struct model *m)
{
    int n = 0;
    for (size_t i = 0; i < m->n_items; i++)
        n += m->items[i].solved;
    return n;
}

/* ---- Theme, size and focus ---- */

void model_choose_theme(struct model *m, const char *name)
{
    const char *const *names = theme_names();
    if (strcmp(name, THEME_AUTO) == 0) {
        m->theme_choice = THEME_AUTO;
        m->theme = theme_find(m->no_color ? "mono" : m->light_background ? "light" : "default");
        return;
    }
    for (; *names; names++)
        if (strcmp(*names, name) == 0) {
            m->theme_choice = *names;
            m->theme = theme_find(name);
        }
}

void model_relayout(struct model *m)
{
    m->layout = layout_compute(m->rows, m->cols, m->focus, m->size);
}

void model_resize(struct model *m, int rows, int cols)
{
    m->rows = rows;
    m->cols = cols;
    m->selection = (struct selection){0};
    model_relayout(m);
}

void model_focus(struct model *m, enum pane_id pane)
{
    if (pane == m->focus)
        return;
    if (pane == PANE_TERMINAL)
        m->before_terminal = m->focus;
    m->focus = pane;
    m->prefix = false;
    model_relayout(m);
    if (pane == PANE_TERMINAL && model_open_item(m)->workspace_state == WORKSPACE_PRESENT &&
        !model_open_item(m)->shell)
        model_want(m, INTENT_SHELL, NULL, 0);
}

bool model_in_shell(const struct model *m)
{
    return m->focus == PANE_TERMINAL && model_open_item(m)->shell && m->n_overlays == 0 && !m->searching;
}

bool model_looking_back(const struct model *m)
{
    return model_in_shell(m) && shell_looking(model_open_item(m)->shell);
}

void model_hear_shell(struct model *m, size_t item)
{
    struct shell *s = m->items[item].shell;
    if (shell_take_refused(s))
        model_complain(
            m, "The program in the terminal does not read: some of what you typed or pasted is lost.");
    char *text = shell_take_clipboard(s);
    if (!text)
        return;
    if (m->clipboard == CLIPBOARD_ALLOWED) {
        model_want(m, INTENT_COPY, text, 0);
    } else if (m->clipboard == CLIPBOARD_ASK) {
        char key[32];
        free(m->clipboard_asked);
        m->clipboard_asked = xstrdup(text);
        model_say(m, "A program in the terminal wants to set your clipboard: %s C lets it, now and later.",
                  key_name(&m->leave_key, key));
    }
    free(text);
}

/* ---- Messages, intentions, overlays ---- */

__attribute__((format(printf, 3, 0))) static void set_message(struct model *m, bool is_error,
                                                              const char *format, va_list ap)
{
    char text[ERROR_TEXT_MAX];
    vsnprintf(text, sizeof text, format, ap);
    free(m->message);
    m->message = xstrdup(text);
    m->message_is_error = is_error;
}

void model_say(struct model *m, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    set_message(m, false, format, ap);
    va_end(ap);
}

void model_complain(struct model *m, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    set_message(m, true, format, ap);
    va_end(ap);
}

void model_hush(struct model *m)
{
    m->message[0] = '\0';
}

void model_want(struct model *m, enum intent_type type, const char *text, int number)
{
    m->intents = xreallocarray(m->intents, m->n_intents + 1, sizeof *m->intents);
    m->intents[m->n_intents++] =
        (struct intent){.type = type, .text = text ? xstrdup(text) : NULL, .number = number};
}

bool model_take_intent(struct model *m, struct intent *out)
{
    if (m->n_intents == 0)
        return false;
    *out = m->intents[0];
    memmove(m->intents, m->intents + 1, --m->n_intents * sizeof *m->intents);
    return true;
}

void model_push_overlay(struct model *m, enum overlay o)
{
    if (model_overlay(m) == o || m->n_overlays == OVERLAY_MAX)
        return;
    m->overlays[m->n_overlays++] = o;
    m->overlay_scroll = 0;
    m->prefix = false;
    if (o == OVERLAY_MAP)
        m->map_cursor = m->open;
    if (o == OVERLAY_PALETTE) {
        free(m->palette.hits);
        m->palette = (struct palette_view){0};
    }
    m->settings.waiting = false;
    if (o == OVERLAY_HISTORY || o == OVERLAY_STATS)
        model_want(m, INTENT_HISTORY, NULL, 0);
    if (o == OVERLAY_DOCTOR)
        model_want(m, INTENT_DOCTOR, NULL, 0);
}

void model_pop_overlay(struct model *m)
{
    if (m->n_overlays > 0)
        m->n_overlays--;
    m->overlay_scroll = 0;
}

enum overlay model_overlay(const struct model *m)
{
    return m->n_overlays > 0 ? m->overlays[m->n_overlays - 1] : OVERLAY_NONE;
}

void model_ask(struct model *m, enum intent_type yes, const char *question)
{
    model_ask_for(m, yes, NULL, question);
}

void model_ask_for(struct model *m, enum intent_type yes, const char *text, const char *question)
{
    free(m->confirm.question);
    free(m->confirm.yes.text);
    m->confirm = (struct confirm){.question = xstrdup(question),
                                  .yes = {.type = yes, .text = text ? xstrdup(text) : NULL}};
    model_push_overlay(m, OVERLAY_CONFIRM);
}

/* ---- The list of stages ---- */

void stages_rebuild(struct model *m)
{
    struct stages_view *v = &m->stages;
    struct stage_row at = v->n_rows > 0 ? v->rows[v->cursor] : (struct stage_row){0, -1};
    size_t n_stages = course_stage_count(m->course);
    v->rows = xreallocarray(v->rows, n_stages + m->n_items + 1, sizeof *v->rows);
    v->n_rows = 0;
    for (size_t s = 0; s < n_stages; s++) {
        const struct stage *stage = course_stage(m->course, s);
        if (at.stage == (int)s)
            v->cursor = v->n_rows; /* where a challenge's row that goes away leaves the cursor */
        v->rows[v->n_rows++] = (struct stage_row){(int)s, -1};
        for (size_t i = 0; v->unfolded[s] && i < m->n_items; i++) {
            if (m->items[i].info->stage != stage)
                continue;
            if (at.challenge == (int)i)
                v->cursor = v->n_rows;
            v->rows[v->n_rows++] = (struct stage_row){(int)s, (int)i};
        }
    }
}

void stages_show(struct model *m, size_t item)
{
    struct stages_view *v = &m->stages;
    for (size_t s = 0; item < m->n_items && s < course_stage_count(m->course); s++)
        if (course_stage(m->course, s) == m->items[item].info->stage)
            v->unfolded[s] = true;
    stages_rebuild(m);
    for (int r = 0; r < v->n_rows; r++)
        if (v->rows[r].challenge == (int)item)
            v->cursor = r;
}

/* ---- Windows on lists ---- */

int view_clamp(int top, int n, int height)
{
    if (top > n - height)
        top = n - height;
    return top < 0 ? 0 : top;
}

void view_follow(int *top, int *cursor, int n, int height)
{
    if (*cursor >= n)
        *cursor = n - 1;
    if (*cursor < 0)
        *cursor = 0;
    if (*cursor < *top)
        *top = *cursor;
    if (height > 0 && *cursor >= *top + height)
        *top = *cursor - height + 1;
    *top = view_clamp(*top, n, height);
}

char *model_tilde(const struct model *m, const char *path)
{
    size_t n = strlen(m->home);
    if (n > 1 && strncmp(path, m->home, n) == 0 && (path[n] == '/' || path[n] == '\0'))
        return xasprintf("~%s", path + n);
    return xstrdup(path);
}
