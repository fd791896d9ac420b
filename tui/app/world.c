/* Intentions carried out: running lux, starting shells, watching files, copying. */
#include "app/program.h"

#include "app/session.h"
#include "app/update.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/mem.h"
#include "model/shell.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KILL_AFTER_MS = 2000, ANSWER_MAX = 256 << 10, COPY_MAX = 100 << 10 };

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

static bool in_path(const char *program)
{
    autofree char *path = xstrdup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    char *save = NULL;
    for (char *dir = strtok_r(path, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
        autofree char *candidate = path_join(dir, program);
        if (access(candidate, X_OK) == 0)
            return true;
    }
    return false;
}

/* $VISUAL, $EDITOR, else a sensible editor that exists. */
static char *find_editor(void)
{
    static const char *const known[] = {"vim", "nvim", "nano", "vi", "emacs"};
    const char *editor = getenv("VISUAL");
    if (!editor || !*editor)
        editor = getenv("EDITOR");
    if (editor && *editor)
        return xstrdup(editor);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (in_path(known[i]))
            return xstrdup(known[i]);
    return xstrdup("vi");
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
    world_look_at_workspace(p, item);
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

static void cancel_check(struct program *p)
{
    if (!p->check)
        return;
    p->check_cancelled = true;
    child_signal(p->check, SIGTERM);
    uv_timer_start(&p->kill_timer, on_kill_timer, KILL_AFTER_MS, 0);
}

/* A new run replaces the one before, which has to be gone first: both build in the same directory. */
static void run_check(struct program *p, const char *only)
{
    if (!p->check) {
        start_check(p, p->m->open, only ? only : "");
        return;
    }
    free(p->next_check);
    p->next_check = xstrdup(only ? only : "");
    p->next_item = p->m->open;
    cancel_check(p);
}

static void on_files_changed(void *user)
{
    struct program *p = user;
    const struct item *it = model_open_item(p->m);
    if (p->m->watch_wanted && it->available)
        run_check(p, NULL);
    program_changed(p);
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

static void ask_doctor(struct program *p)
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

static void start_shell(struct program *p, size_t item);

static void on_start_done(void *user, int status, const char *complaint)
{
    struct program *p = user;
    struct item *it = &p->m->items[p->start_item];
    p->start = NULL;
    it->workspace_state = WORKSPACE_UNKNOWN;
    world_look_at_workspace(p, p->start_item);
    if (it->workspace_state == WORKSPACE_PRESENT) {
        autofree char *path = model_tilde(p->m, it->workspace);
        model_say(p->m, "%s is made. e opens the editor; saving runs the checks.", path);
        if (p->start_item == p->m->open && p->m->focus == PANE_TERMINAL)
            start_shell(p, p->start_item);
    } else {
        autofree char *why = trouble_text("lux start", status, complaint);
        model_complain(p->m, "%s", why);
    }
    program_changed(p);
}

static void start_workspace(struct program *p, const char *language)
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

/* ---- The workspace ---- */

static void watch_workspace(struct program *p)
{
    struct item *it = model_open_item(p->m);
    watch_stop(p->watch);
    p->m->watch = WATCH_OFF;
    if (!p->m->watch_wanted || it->workspace_state != WORKSPACE_PRESENT)
        return;
    const char *why = watch_start(p->watch, it->workspace, it->info->binary);
    p->m->watch = why ? WATCH_POLLING : WATCH_EVENTS;
    if (why)
        model_say(p->m, "Cannot be told of saved files (%s); looking twice a second instead.", why);
}

void world_look_at_workspace(struct program *p, size_t item)
{
    struct item *it = &p->m->items[item];
    enum workspace_state before = it->workspace_state;
    if (before == WORKSPACE_MAKING)
        return;
    it->workspace_state = it->workspace && file_is_dir(it->workspace) ? WORKSPACE_PRESENT : WORKSPACE_MISSING;
    if (it->workspace_state != before && item == p->m->open)
        watch_workspace(p);
}

static void name_workspaces(struct program *p)
{
    const char *given = getenv("LUX_HOME");
    autofree char *home = path_home();
    autofree char *root = given && *given ? realpath(given, NULL) : NULL;
    if (!root)
        root = given && given[0] == '/' ? xstrdup(given) : path_join(home, "lux");
    for (size_t i = 0; i < p->m->n_items; i++) {
        autofree char *name = course_workspace_name(p->m->items[i].info);
        p->m->items[i].workspace = path_join(root, name);
        world_look_at_workspace(p, i);
    }
}

static void open_challenge(struct program *p)
{
    model_open_item(p->m)->workspace_state = WORKSPACE_UNKNOWN;
    world_look_at_workspace(p, p->m->open);
    if (model_open_item(p->m)->run->phase == RUN_NONE)
        progress_recall(p, p->m->open);
}

/* ---- Shells ---- */

static void start_shell(struct program *p, size_t item)
{
    struct item *it = &p->m->items[item];
    struct error err = {0};
    struct rect r = p->m->layout.pane[PANE_TERMINAL];
    int rows = r.rows > 0 ? r.rows : 24, cols = r.cols > 0 ? r.cols : 80;
    const char *env[] = {p->shell_path, NULL};
    world_look_at_workspace(p, item);
    if (it->workspace_state != WORKSPACE_PRESENT) {
        model_complain(p->m, "%s does not exist any more.", it->workspace);
        return;
    }
    if (!it->shell)
        it->shell = shell_new(rows, cols);
    shell_resize(it->shell, rows, cols);
    if (shell_start(it->shell, it->workspace, env, &err) < 0)
        model_complain(p->m, "%s", err.text);
    program_poll_shell(p, item);
}

void world_shell_output(struct program *p, size_t item)
{
    struct shell_handle *h = &p->shells[item];
    if (!h->type || !shell_at_prompt(p->m->items[item].shell))
        return;
    shell_type(p->m->items[item].shell, h->type);
    free(h->type);
    h->type = NULL;
}

/* Types a command into the open challenge's shell: now if it waits for one, after its first prompt if it is
 * new. */
static void type_into_shell(struct program *p, const char *text)
{
    struct item *it = model_open_item(p->m);
    bool fresh = !it->shell || !shell_alive(it->shell);
    if (fresh) {
        start_shell(p, p->m->open);
        if (!it->shell || !shell_alive(it->shell))
            return;
    } else if (!shell_at_prompt(it->shell)) {
        model_complain(p->m, "Another program runs in the terminal: end it first, then try again.");
        model_focus(p->m, PANE_TERMINAL);
        return;
    }
    model_focus(p->m, PANE_TERMINAL);
    struct shell_handle *h = &p->shells[p->m->open];
    if (fresh) {
        free(h->type);
        h->type = xstrdup(text);
        return;
    }
    autofree char *line = xasprintf("\005\025%s", text); /* to the end of the line, and away with it */
    shell_type(it->shell, line);
    program_poll_shell(p, p->m->open);
}

/* The file that one edits: the first of the usual names. */
static const char *main_file(const char *dir)
{
    static const char *const names[] = {"main.c",      "main.go",  "main.cpp", "main.cc",
                                        "src/main.rs", "main.zig", "main.py",  "main.rs"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        autofree char *path = path_join(dir, names[i]);
        if (file_exists(path))
            return names[i];
    }
    return ".";
}

/* A word for a shell: in quotes where it needs them. */
static void add_quoted(struct buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+";
    if (*word && strspn(word, plain) == strlen(word)) {
        buf_addstr(out, word);
        return;
    }
    buf_addch(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            buf_addstr(out, "'\\''");
        else
            buf_addch(out, *word);
    }
    buf_addch(out, '\'');
}

static void open_editor(struct program *p, const char *file, int line)
{
    struct item *it = model_open_item(p->m);
    struct buf command = {0};
    buf_addstr(&command, p->shell_editor);
    if (line > 0)
        buf_printf(&command, " +%d", line); /* vi, vim, nano, emacs, micro and kakoune all take it */
    buf_addch(&command, ' ');
    add_quoted(&command, file ? file : main_file(it->workspace));
    buf_addch(&command, '\r');
    type_into_shell(p, buf_str(&command));
    buf_free(&command);
}

/* ---- Copying ---- */

static void add_base64(struct buf *out, const unsigned char *s, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned v =
            (unsigned)s[i] << 16 | (i + 1 < n ? (unsigned)s[i + 1] << 8 : 0) | (i + 2 < n ? s[i + 2] : 0u);
        buf_addch(out, digits[v >> 18]);
        buf_addch(out, digits[v >> 12 & 63]);
        buf_addch(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
        buf_addch(out, i + 2 < n ? digits[v & 63] : '=');
    }
}

/* By OSC 52, which travels through ssh too; a terminal that does not know it ignores it. */
static void copy(struct program *p, const char *text)
{
    size_t n = strlen(text), lines = 1;
    if (n > COPY_MAX) {
        model_complain(p->m, "That is too much for a clipboard: %zu bytes.", n);
        return;
    }
    struct buf out = {0};
    buf_addstr(&out, "\033]52;c;");
    add_base64(&out, (const unsigned char *)text, n);
    buf_addstr(&out, "\033\\");
    tty_send(p->tty, out.data, out.len);
    buf_free(&out);
    for (size_t i = 0; i + 1 < n; i++)
        lines += text[i] == '\n';
    if (lines == 1)
        model_say(p->m, "Copied: %s", text);
    else
        model_say(p->m, "Copied %zu lines.", lines);
}

/* ---- Intentions ---- */

static void suspend(struct program *p)
{
    tty_suspend(p->tty);
    uv_signal_t *handle = &p->signals[SIGNAL_STOP];
    uv_signal_cb callback = handle->signal_cb;
    uv_signal_stop(handle); /* the default again, which stops us */
    raise(SIGTSTP);
    p->continued = true;
    uv_signal_start(handle, callback, SIGTSTP);
    tty_resume(p->tty);
    int rows, cols;
    tty_size(p->tty, &rows, &cols);
    update_resize(p->m, rows, cols);
}

static void carry_out(struct program *p, const struct intent *i)
{
    switch (i->type) {
    case INTENT_QUIT:
        p->quitting = true;
        uv_stop(&p->loop);
        break;
    case INTENT_SUSPEND:
        suspend(p);
        break;
    case INTENT_REPAINT:
        tty_repaint(p->tty);
        break;
    case INTENT_OPEN:
        open_challenge(p);
        watch_workspace(p);
        session_save(p->m, NULL); /* losing it is a nuisance and no more */
        break;
    case INTENT_RUN:
        run_check(p, i->text);
        break;
    case INTENT_CANCEL:
        cancel_check(p);
        break;
    case INTENT_START:
        start_workspace(p, i->text);
        break;
    case INTENT_SHELL:
        start_shell(p, p->m->open);
        break;
    case INTENT_EDIT:
        open_editor(p, i->text, i->number);
        break;
    case INTENT_TYPE:
        type_into_shell(p, i->text);
        break;
    case INTENT_COPY:
        copy(p, i->text);
        break;
    case INTENT_WATCH:
        watch_workspace(p);
        break;
    case INTENT_MOUSE:
        tty_set_mouse(p->tty, p->m->mouse);
        break;
    case INTENT_SAVE_SETTING:
        progress_save_setting(p, i->text);
        break;
    case INTENT_DOCTOR:
        ask_doctor(p);
        break;
    }
}

void world_do_intentions(struct program *p)
{
    struct intent i;
    if (!p->tty || !p->watch) /* not before world_start */
        return;
    while (model_take_intent(p->m, &i)) {
        carry_out(p, &i);
        free(i.text);
        program_changed(p);
    }
}

void world_start(struct program *p)
{
    p->engine = find_engine();
    p->shell_editor = find_editor();
    const char *path = getenv("PATH");
    if (p->engine && strchr(p->engine, '/')) {
        autofree char *dir = xstrndup(p->engine, (size_t)(strrchr(p->engine, '/') - p->engine));
        p->shell_path = xasprintf("PATH=%s:%s", dir, path ? path : "/usr/local/bin:/usr/bin:/bin");
    }
    p->watch = watch_new(&p->loop, on_files_changed, p);
    p->list_answer.limit = p->doctor_answer.limit = ANSWER_MAX;
    name_workspaces(p);
    const char *argv[] = {p->engine, "list", "--format", "json", NULL};
    p->list = spawn_lux(p, argv, &(struct child_callbacks){.out = on_list_output, .done = on_list_done});
    world_do_intentions(p);
    program_changed(p);
}

void world_stop(struct program *p)
{
    /* An engine that has said all may still be writing it down: it is left alone. */
    child_free(p->check, p->check && run_is_active(p->m->items[p->check_item].run) ? SIGTERM : 0);
    child_free(p->list, SIGTERM);
    child_free(p->doctor, SIGTERM);
    child_free(p->start, SIGTERM);
    event_reader_free(p->reader);
    watch_free(p->watch);
    p->watch = NULL;
}
