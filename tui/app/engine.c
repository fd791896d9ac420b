/* Running lux: the checks, the list of challenges, the doctor, new workspaces. */
#include "app/program.h"

#include "app/update.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/mem.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KILL_AFTER_MS = 2000, ANSWER_MAX = 256 << 10 };

/* ---- Finding lux ---- */

/* LUX_ENGINE, else beside this program, else in PATH. NULL if there is none. */
static char *find_engine(void)
{
    const char *given = getenv("LUX_ENGINE");
    if (given && *given)
        return xstrdup(given);
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        *strrchr(self, '/') = '\0';
        char *beside = path_join(self, "lux");
        if (access(beside, X_OK) == 0)
            return beside;
        free(beside);
    }
    autofree char *path = xstrdup(getenv("PATH") ? getenv("PATH") : "");
    char *save = NULL;
    for (char *dir = strtok_r(path, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
        char *candidate = path_join(dir, "lux");
        if (access(candidate, X_OK) == 0)
            return candidate;
        free(candidate);
    }
    return NULL;
}
static struct child *spawn_lux(struct program *p, const char *const *argv,
                               const struct child_callbacks *callbacks)
{
    struct error err = {0};
    if (!p->engine) {
        model_complain(p->m, "lux is neither beside luxtui nor in PATH: nothing can be checked without it.");
        return NULL;
    }
    struct child *c = child_spawn(&p->loop, argv, callbacks, p, &err);
    if (!c)
        model_complain(p->m, "%s", err.text);
    return c;
}

/* The last line of a complaint, where the sentence is that matters. */
static char *last_line(const char *text)
{
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    size_t begin = n;
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    return xstrndup(text + begin, n - begin);
}

static char *trouble_text(const char *what, int status, const char *complaint)
{
    autofree char *line = last_line(complaint);
    if (*line)
        return xstrdup(line);
    if (status > 128)
        return xasprintf("%s was ended by signal %d (%s).", what, status - 128, strsignal(status - 128));
    return xasprintf("%s ended with status %d and said nothing.", what, status);
}
/* ---- Checks ---- */

static void start_check(struct program *p, size_t item, const char *only);

static void on_check_event(void *context, const struct event *e)
{
    struct program *p = context;
    update_engine(p->m, p->check_item, e);
    program_changed(p);
}

static void on_check_output(void *user, const char *bytes, size_t n)
{
    struct program *p = user;
    event_reader_feed(p->reader, bytes, n);
}

static void on_check_done(void *user, int status, const char *complaint)
{
    struct program *p = user;
    uv_timer_stop(&p->kill_timer);
    event_reader_end(p->reader);
    event_reader_free(p->reader);
    p->reader = NULL;
    p->check = NULL;
    bool regular = status == 0 || status == 1 || status == 3; /* solved, unsolved, not built */
    autofree char *trouble = regular && !*complaint ? NULL : trouble_text("lux check", status, complaint);
    update_engine_gone(p->m, p->check_item, p->check_cancelled,
                       trouble ? trouble : "lux check ended in the middle of the run.");
    if (!regular && trouble && !p->check_cancelled)
        model_complain(p->m, "%s", trouble);
    progress_refresh(p);
    if (p->next_check) {
        autofree char *only = p->next_check;
        p->next_check = NULL;
        start_check(p, p->next_item, only);
    }
    program_changed(p);
}

static void start_check(struct program *p, size_t item, const char *only)
{
    struct item *it = &p->m->items[item];
    workspace_look(p, item);
    if (it->workspace_state != WORKSPACE_PRESENT) {
        model_complain(p->m, "There is nothing to check: %s does not exist. The terminal pane (t) makes it.",
                       it->workspace);
        return;
    }
    const char *argv[] = {p->engine, "check", it->info->slug, "--format", "ndjson", NULL, NULL, NULL};
    if (*only) {
        argv[5] = "--only";
        argv[6] = only;
    }
    p->check_item = item;
    p->check_cancelled = false;
    if (item == p->m->open)
        watch_mark_seen(p->watch);
    p->check = spawn_lux(p, argv, &(struct child_callbacks){.out = on_check_output, .done = on_check_done});
    if (!p->check)
        return;
    p->reader = event_reader_new(on_check_event, p);
    p->m->running = p->check_item;
    run_begin(it->run, *only != '\0');
}

static void on_kill_timer(uv_timer_t *timer)
{
    struct program *p = timer->data;
    if (p->check)
        child_signal(p->check, SIGKILL);
}

void engine_cancel(struct program *p)
{
    if (!p->check)
        return;
    p->check_cancelled = true;
    child_signal(p->check, SIGTERM);
    uv_timer_start(&p->kill_timer, on_kill_timer, KILL_AFTER_MS, 0);
}

void engine_check(struct program *p, const char *only)
{
    if (!p->check) {
        start_check(p, p->m->open, only ? only : "");
        return;
    }
    free(p->next_check);
    p->next_check = xstrdup(only ? only : "");
    p->next_item = p->m->open;
    engine_cancel(p);
}

/* ---- lux list, doctor, start ---- */

static void on_list_output(void *user, const char *bytes, size_t n)
{
    buf_add(&((struct program *)user)->list_answer, bytes, n);
}

static void on_list_done(void *user, int status, const char *complaint)
{
    struct program *p = user;
    struct error err = {0};
    p->list = NULL;
    if (status != 0) {
        autofree char *text = trouble_text("lux list", status, complaint);
        model_complain(p->m, "%s", text);
    } else if (update_course_list(p->m, buf_str(&p->list_answer), p->list_answer.len, &err) < 0) {
        model_complain(p->m, "%s", err.text);
    }
    buf_clear(&p->list_answer);
    program_changed(p);
}

static void on_doctor_output(void *user, const char *bytes, size_t n)
{
    buf_add(&((struct program *)user)->doctor_answer, bytes, n);
}

static void on_doctor_done(void *user, int status, const char *complaint)
{
    struct program *p = user;
    struct buf text = {0};
    p->doctor = NULL;
    escape_text(&text, buf_str(&p->doctor_answer), p->doctor_answer.len);
    if (text.len == 0) {
        autofree char *why = trouble_text("lux doctor", status, complaint);
        buf_addstr(&text, why);
    }
    free(p->m->doctor_text);
    p->m->doctor_text = buf_take(&text);
    buf_clear(&p->doctor_answer);
    program_changed(p);
}

void engine_doctor(struct program *p)
{
    const char *argv[] = {p->engine, "doctor", NULL};
    if (p->doctor)
        return;
    p->doctor =
        spawn_lux(p, argv, &(struct child_callbacks){.out = on_doctor_output, .done = on_doctor_done});
    if (!p->doctor) {
        free(p->m->doctor_text);
        p->m->doctor_text = xstrdup(p->m->message);
    }
}

static void on_start_done(void *user, int status, const char *complaint)
{
    struct program *p = user;
    struct item *it = &p->m->items[p->start_item];
    p->start = NULL;
    it->workspace_state = WORKSPACE_UNKNOWN;
    workspace_look(p, p->start_item);
    if (it->workspace_state == WORKSPACE_PRESENT) {
        autofree char *path = model_tilde(p->m, it->workspace);
        bool in_shell = p->start_item == p->m->open && p->m->focus == PANE_TERMINAL;
        char key[32] = "";
        if (in_shell) {
            workspace_shell(p, p->start_item);
            key_name(&p->m->leave_key, key);
        }
        model_say(p->m, "Made %s. %s%se opens the editor, saving runs the checks.", path, key,
                  in_shell ? " " : "");
    } else {
        autofree char *why = trouble_text("lux start", status, complaint);
        model_complain(p->m, "%s", why);
    }
    program_changed(p);
}

void engine_make_workspace(struct program *p, const char *language)
{
    struct item *it = model_open_item(p->m);
    const char *argv[] = {p->engine, "start", it->info->slug, "--lang", language, NULL};
    if (p->start)
        return;
    p->start_item = p->m->open;
    p->start = spawn_lux(p, argv, &(struct child_callbacks){.done = on_start_done});
    if (!p->start)
        it->workspace_state = WORKSPACE_MISSING;
}

/* ---- Begin and end ---- */

void engine_start(struct program *p)
{
    p->engine = find_engine();
    p->list_answer.limit = p->doctor_answer.limit = ANSWER_MAX;
    const char *argv[] = {p->engine, "list", "--format", "json", NULL};
    p->list = spawn_lux(p, argv, &(struct child_callbacks){.out = on_list_output, .done = on_list_done});
}

void engine_stop(struct program *p)
{
    /* An engine that has said all may still be writing it down: it is left alone. */
    child_free(p->check, p->check && run_is_active(p->m->items[p->check_item].run) ? SIGTERM : 0);
    child_free(p->list, SIGTERM);
    child_free(p->doctor, SIGTERM);
    child_free(p->start, SIGTERM);
    event_reader_free(p->reader);
}
