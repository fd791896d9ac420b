/* Events -> model: see update.h. */
#include "app/update.h"

#include "app/act.h"
#include "app/actions.h"
#include "base/mem.h"
#include "model/shell.h"
#include "panes/pane.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- Keys ---- */

/* A key that no action has taken is text, or it means nothing. */
static void type_key(struct model *m, const struct key *k, unsigned contexts)
{
    char name[32];
    const struct pane_ops *ops = focused_ops(m);
    if (contexts & IN_PREFIX)
        model_say(m, "%s means nothing here; ? shows the keys.", key_name(k, name));
    else if (contexts & IN_LOOK)
        model_say(m, "%s means nothing while you look back: q leads back to the shell.", key_name(k, name));
    else if ((contexts & IN_SEARCH) && line_type(&m->search_line, k))
        act_line_changed(m);
    else if (!(contexts & (IN_SMALL | IN_SEARCH)) && ops->text)
        ops->text(m, k);
}

void update_key(struct model *m, const struct key *k)
{
    model_hush(m);
    m->selection = (struct selection){0};
    unsigned contexts = model_contexts(m);
    const struct action *a = action_for_key(m, k, contexts);
    m->pressed = *k;
    m->prefix = false;
    if (a)
        a->function(m, a->argument);
    else
        type_key(m, k, contexts);
}

static void on_paste(struct model *m, const struct input_event *e)
{
    if (m->searching || model_overlay(m) == OVERLAY_PALETTE) {
        lineedit_insert(m->searching ? &m->search_line : &m->palette.line, e->data, e->size);
        act_line_changed(m);
    } else if (model_in_shell(m) && shell_alive(model_open_item(m)->shell)) {
        model_paste(m, e->data, e->size, e->paste_end);
    }
}

/* ---- What the terminal tells ---- */

/* The background that the terminal tells (OSC 11): "rgb:RR/GG/BB" with one to four digits each. What is
 * nearer to white than to black is light. */
static void on_reply(struct model *m, const struct input_event *e)
{
    static const char start[] = "\033]11;rgb:";
    char text[64];
    unsigned part[3];
    size_t n = e->size < sizeof text - 1 ? e->size : sizeof text - 1;
    memcpy(text, e->data, n);
    text[n] = '\0';
    if (strncmp(text, start, sizeof start - 1) != 0)
        return;
    const char *at = text + sizeof start - 1;
    for (int i = 0; i < 3; i++) {
        size_t digits = strspn(at, "0123456789abcdefABCDEF");
        if (digits == 0 || digits > 4 || (i < 2 && at[digits] != '/'))
            return;
        part[i] = (unsigned)strtoul(at, NULL, 16) * 255 / ((1u << (4 * digits)) - 1);
        at += digits + (i < 2);
    }
    m->light_background = part[0] * 299 + part[1] * 587 + part[2] * 114 > 128 * 1000;
    model_choose_theme(m, m->theme_choice);
}

/* In the shell, with nothing of ours in sight that a key would take away. */
static bool quietly_in_shell(const struct model *m)
{
    return model_in_shell(m) && !m->prefix && !*m->message && m->n_intents == 0 &&
           shell_alive(model_open_item(m)->shell) && !shell_has_view(model_open_item(m)->shell);
}

bool update_input(struct model *m, const struct input_event *e)
{
    bool quiet = (e->type == INPUT_KEY || e->type == INPUT_PASTE) && quietly_in_shell(m);
    switch (e->type) {
    case INPUT_KEY:
        update_key(m, &e->key);
        break;
    case INPUT_PASTE:
        on_paste(m, e);
        break;
    case INPUT_MOUSE:
        update_mouse(m, &e->mouse);
        break;
    case INPUT_FOCUS:
        if (m->focus == PANE_TERMINAL && model_open_item(m)->shell)
            shell_focus(model_open_item(m)->shell, e->focused);
        break;
    case INPUT_REPLY:
        on_reply(m, e);
        break;
    }
    update_settle(m);
    return !quiet || !quietly_in_shell(m);
}

void update_resize(struct model *m, int rows, int cols)
{
    model_resize(m, rows, cols);
    update_settle(m);
}

/* ---- The engine ---- */

static void take_run_result(struct model *m, struct item *it, const struct event_run_end *e)
{
    bool first_time = e->solved && !it->solved;
    it->attempts++;
    if (!it->run->partial) {
        it->core_passed = e->core_passed;
        it->core_total = e->core_total;
        it->passed = e->passed;
        it->total = (int)it->run->n_checks;
        it->solved = it->solved || e->solved;
    }
    if (!first_time || it->run->partial)
        return;
    if (it == model_open_item(m)) /* the lesson keeps its place below; focus and keys stay where they are */
        reader_show(m, READER_SOLVED);
    if (it->run->warning) /* it must not be covered by good news: solved, and tomorrow it is not */
        model_complain(m, "Solved: %d %s. But: %s", it->info->number, it->info->title, it->run->warning);
    else
        model_say(m, "Solved: %d %s. All of core passes.", it->info->number, it->info->title);
}

void update_engine(struct model *m, size_t item, const struct event *e)
{
    struct item *it = &m->items[item];
    /* The cursor stays on its check, wherever the list puts that. */
    autofree char *at = NULL;
    if (item == m->open && m->checks.cursor < (int)it->run->n_checks)
        at = xstrdup(it->run->checks[m->checks.cursor].id);
    run_apply(it->run, e);
    for (size_t i = 0; at && i < it->run->n_checks; i++)
        if (strcmp(it->run->checks[i].id, at) == 0)
            m->checks.cursor = (int)i;
    if (!run_is_active(it->run) && m->running == item)
        m->running = m->n_items; /* the engine only has to go home */
    /* The engine's turn has come: that it waits for another one's end is no longer true. */
    if (e->type == EVENT_BUILD_START && strstr(m->message, "waiting for its end"))
        model_hush(m);
    if (e->type == EVENT_RUN_END)
        take_run_result(m, it, &e->run_end);
    else if (e->type == EVENT_NOTICE && e->notice.is_warning)
        model_complain(m, "%s", e->notice.text);
    else if (e->type == EVENT_NOTICE)
        model_say(m, "%s", e->notice.text);
    else if (e->type == EVENT_BUILD_END && !e->build_end.ok && item == m->open)
        m->checks = (struct checks_view){0};
}

void update_engine_gone(struct model *m, size_t item, bool cancelled, const char *trouble)
{
    if (item >= m->n_items)
        return;
    bool was_active = run_is_active(m->items[item].run);
    run_end(m->items[item].run, cancelled, trouble);
    if (m->running == item)
        m->running = m->n_items;
    if (was_active && !cancelled && trouble)
        model_complain(m, "%s", trouble);
}

void update_solution(struct model *m)
{
    reader_show_solution(m);
    update_settle(m);
}

void update_manual(struct model *m, const char *name, const char *text)
{
    struct reader_view *v = &m->reader;
    if (v->showing != READER_MANUAL || strcmp(v->name, name) != 0)
        return;
    free(v->text);
    v->text = xstrdup(text);
    v->new_text = true;
}

int update_course_list(struct model *m, const char *json, size_t n, struct error *err)
{
    json_error_t why;
    json_t *list = json_loadb(json, n, 0, &why);
    if (!json_is_array(list)) {
        json_decref(list);
        return error_set(err, "The answer of lux list cannot be read: %s", list ? "it is no list" : why.text);
    }
    size_t i;
    json_t *one;
    json_array_foreach (list, i, one) {
        const char *slug = json_string_value(json_object_get(one, "slug"));
        size_t k = slug ? model_find(m, slug) : m->n_items;
        if (k == m->n_items)
            continue;
        m->items[k].available = json_is_true(json_object_get(one, "available"));
        json_t *checks = json_object_get(one, "checks");
        m->items[k].n_checks =
            json_is_array(checks) ? (int)json_array_size(checks) : (int)json_integer_value(checks);
        m->items[k].solved = m->items[k].solved || json_is_true(json_object_get(one, "solved"));
    }
    json_decref(list);
    return 0;
}

/* ---- After every event ---- */

void update_settle(struct model *m)
{
    model_relayout(m);
    for (int i = 0; i < PANE_COUNT_; i++) {
        const struct pane_ops *ops = pane_ops_of((enum pane_id)i);
        if (ops->prepare && m->layout.pane[i].rows > 0)
            ops->prepare(m, m->layout.pane[i]);
    }
    const struct pane_ops *overlay = overlay_ops_of(model_overlay(m));
    if (overlay && overlay->prepare && m->layout.kind != LAYOUT_TOO_SMALL)
        overlay->prepare(m, overlay_rect(m, model_overlay(m)));
}
