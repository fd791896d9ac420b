/* What is done with the learner's program: see act.h. */
#include "app/act.h"

#include "base/buf.h"
#include "base/mem.h"
#include "panes/pane.h"

#include <string.h>

/* Why the open challenge cannot be checked now; NULL if it can. */
static const char *no_check(const struct model *m)
{
    const struct item *it = model_open_item(m);
    if (!it->available)
        return "This challenge is not yet available: it has no checks.";
    if (it->workspace_state == WORKSPACE_MISSING)
        return "There is no program to check yet: t goes to the terminal pane, Enter makes a place for it.";
    return NULL;
}

void act_run_all(struct model *m, int argument)
{
    (void)argument;
    const char *why = no_check(m);
    if (why)
        model_complain(m, "%s", why);
    else
        model_want(m, INTENT_RUN, NULL, 0);
}

void act_run_selected(struct model *m, int argument)
{
    (void)argument;
    const struct run *r = model_open_item(m)->run;
    const char *why = no_check(m);
    if (why)
        model_complain(m, "%s", why);
    else if (m->checks.cursor >= (int)r->n_checks)
        model_say(m, "No check is selected: r runs all of them.");
    else if (m->focus == PANE_READER && m->reader.showing == READER_FAILURE && m->reader.failed_check)
        model_want(m, INTENT_RUN, m->reader.failed_check, 0);
    else
        model_want(m, INTENT_RUN, r->checks[m->checks.cursor].id, 0);
}

void act_cancel(struct model *m, int argument)
{
    (void)argument;
    if (m->running < m->n_items)
        model_want(m, INTENT_CANCEL, NULL, 0);
    else
        model_say(m, "Nothing is running.");
}

void act_toggle_watch(struct model *m, int argument)
{
    (void)argument;
    m->watch_wanted = !m->watch_wanted;
    model_want(m, INTENT_WATCH, NULL, 0);
    model_say(m, m->watch_wanted ? "Watch is on: saving a file runs the checks."
                                 : "Watch is off: r runs the checks.");
}

const char *label_watch(const struct model *m)
{
    if (!m->watch_wanted)
        return "watch off";
    return m->watch == WATCH_POLLING ? "watch (polls)" : "watch on";
}

void act_edit(struct model *m, int argument)
{
    (void)argument;
    const struct item *it = model_open_item(m);
    if (it->workspace_state == WORKSPACE_PRESENT) {
        char key[32];
        model_want(m, INTENT_EDIT, NULL, 0);
        if (m->size == SIZE_NORMAL && m->cols - m->layout.pane[PANE_TERMINAL].cols > 20)
            model_say(m, "%s + makes the terminal larger, %s z fills the screen with it.",
                      key_name(&m->leave_key, key), key);
    } else
        model_focus(m, PANE_TERMINAL);
}

void act_enter_terminal(struct model *m, int argument)
{
    (void)argument;
    model_focus(m, PANE_TERMINAL);
}

void act_hint(struct model *m, int argument)
{
    (void)argument;
    reader_next_hint(m);
}

void act_build_output(struct model *m, int argument)
{
    (void)argument;
    if (model_open_item(m)->run->command)
        reader_show_build(m);
    else
        model_say(m, "Nothing was built yet: r builds and checks.");
}

/* What is to be mended next: the build's first error in the editor, else the next failed check. */
void act_next_failure(struct model *m, int argument)
{
    const struct run *r = model_open_item(m)->run;
    (void)argument;
    const struct build_message *error = r->phase == RUN_BUILD_FAILED ? run_first_error(r) : NULL;
    if (error) {
        model_want(m, INTENT_EDIT, error->file, error->line);
        return;
    }
    size_t next = model_next_failure(m);
    if (next == r->n_checks) {
        model_say(m, r->n_checks > 0 ? "No check has failed." : "Nothing was checked yet: r does.");
        return;
    }
    m->checks.cursor = (int)next;
    if (reader_shows_check(m, &r->checks[next]))
        model_say(m, "This is the only check that has failed.");
    reader_show_check(m, &r->checks[next]);
}

/* What a shell would find a background command again by: a part of its text that every shell prints alike.
 * Allocated; NULL if the command ends by itself, or has no such part. */
static char *job_of(const char *command)
{
    size_t n = strlen(command);
    while (n > 0 && command[n - 1] == ' ')
        n--;
    if (n == 0 || command[n - 1] != '&')
        return NULL;
    autofree char *text = xstrndup(command, n - 1);
    char *last = strrchr(text, ';');
    last = last ? last + 1 : text;
    last += strspn(last, " (");
    last[strcspn(last, "'\"`$\\<>|&)")] = '\0';
    n = strlen(last);
    while (n > 0 && last[n - 1] == ' ')
        n--;
    return n > 0 ? xstrndup(last, n) : NULL;
}

/* The command that ends what these commands leave in the background; NULL: nothing. At once and without asking:
 * the port has to be free again for what comes next. */
static char *end_of_jobs(const struct failure *f)
{
    struct buf jobs = {0};
    for (size_t i = 0; i < f->n_by_hand; i++) {
        autofree char *job = job_of(f->by_hand[i]);
        if (job)
            buf_printf(&jobs, " '%%?%s'", job);
    }
    char *command = jobs.len > 0 ? xasprintf("kill -9%s 2>/dev/null", buf_str(&jobs)) : NULL;
    buf_free(&jobs);
    return command;
}

/* Runs the commands that show the failure in the terminal. A server that they started for an earlier failure
 * would still have the port, and the old program would answer for the new one: it is ended first. The first one repeats the check, which r and R do,
 * too: it is left out where there are others. */
void act_by_hand(struct model *m, int argument)
{
    (void)argument;
    struct item *it = model_open_item(m);
    struct check_row *c = m->reader.failed_check ? run_find(it->run, m->reader.failed_check) : NULL;
    const struct failure *f = c && c->end ? c->end->check_end.failure : NULL;
    if (m->reader.showing != READER_FAILURE || !f || f->n_by_hand == 0) {
        model_say(m, "Open a failed check first: Enter on it shows the commands that x runs.");
        return;
    }
    struct buf text = {0};
    if (it->by_hand_end)
        buf_printf(&text, "%s\r", it->by_hand_end);
    free(it->by_hand_end);
    it->by_hand_end = end_of_jobs(f);
    bool repeats = f->n_by_hand > 1 && strncmp(f->by_hand[0], "lux check", 9) == 0;
    for (size_t i = repeats ? 1 : 0; i < f->n_by_hand; i++)
        buf_printf(&text, "%s\r", f->by_hand[i]);
    model_want(m, INTENT_TYPE, buf_str(&text), 0);
    buf_free(&text);
    if (it->by_hand_end)
        model_say(m, "What these commands start in the background goes on until x is pressed again.");
}
