/* The workspace of the open challenge: whether it is there, its files, its shell, the editor in it. */
#include "app/program.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "model/shell.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The workspace ---- */

/* The file that one edits, and the language that it tells: the first of these that is there; NULL: none is. */
struct main_file {
    const char *name, *language;
};
static const struct main_file *find_main_file(const char *dir)
{
    static const struct main_file known[] = {
        {"main.c", "c"},         {"main.go", "go"},   {"main.cpp", "cpp"},   {"main.cc", "cpp"},
        {"src/main.rs", "rust"}, {"main.zig", "zig"}, {"main.py", "python"}, {"main.rs", "rust"}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        autofree char *path = path_join(dir, known[i].name);
        if (file_exists(path))
            return &known[i];
    }
    return NULL;
}

static const char *main_file(const char *dir)
{
    const struct main_file *found = find_main_file(dir);
    return found ? found->name : ".";
}

/* Until a build tells the language, the files do. */
static void know_language(struct item *it)
{
    const struct main_file *found = it->run->language ? NULL : find_main_file(it->workspace);
    if (found)
        it->run->language = xstrdup(found->language);
}

/* Says from when on the files are looked at, instead of waiting to be told. */
static void say_how_it_watches(struct program *p, const char *why)
{
    enum watch_state before = p->m->watch;
    p->m->watch = why ? WATCH_POLLING : WATCH_EVENTS;
    if (why && before != WATCH_POLLING)
        model_say(p->m, "Cannot be told of saved files (%s); looking twice a second instead.", why);
}

static void on_files_changed(void *user)
{
    struct program *p = user;
    const struct item *it = model_open_item(p->m);
    say_how_it_watches(p, watch_polls(p->watch)); /* there may be more directories now */
    if (p->m->watch_wanted && it->available)
        engine_check(p, NULL);
    program_changed(p);
}

void workspace_watch(struct program *p)
{
    struct item *it = model_open_item(p->m);
    watch_stop(p->watch);
    p->m->watch = WATCH_OFF;
    if (!p->m->watch_wanted || it->workspace_state != WORKSPACE_PRESENT)
        return;
    say_how_it_watches(p, watch_start(p->watch, it->workspace, it->info->binary));
}

void workspace_look(struct program *p, size_t item)
{
    struct item *it = &p->m->items[item];
    enum workspace_state before = it->workspace_state;
    if (before == WORKSPACE_MAKING)
        return;
    it->workspace_state = it->workspace && file_is_dir(it->workspace) ? WORKSPACE_PRESENT : WORKSPACE_MISSING;
    if (it->workspace_state == WORKSPACE_PRESENT)
        know_language(it);
    if (it->workspace_state != before && item == p->m->open)
        workspace_watch(p);
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
        workspace_look(p, i);
    }
}

void workspace_open(struct program *p)
{
    model_open_item(p->m)->workspace_state = WORKSPACE_UNKNOWN;
    workspace_look(p, p->m->open);
    if (model_open_item(p->m)->run->phase == RUN_NONE)
        progress_recall(p, p->m->open);
}

/* ---- Shells ---- */

void workspace_shell(struct program *p, size_t item)
{
    struct item *it = &p->m->items[item];
    struct error err = {0};
    struct rect r = p->m->layout.pane[PANE_TERMINAL];
    int rows = r.rows > 0 ? r.rows : 24, cols = r.cols > 0 ? r.cols : 80;
    const char *env[] = {p->shell_path, NULL};
    workspace_look(p, item);
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

void workspace_shell_output(struct program *p, size_t item)
{
    struct shell_handle *h = &p->shells[item];
    if (!h->type || !shell_at_prompt(p->m->items[item].shell))
        return;
    shell_type(p->m->items[item].shell, h->type);
    free(h->type);
    h->type = NULL;
}

void workspace_type(struct program *p, const char *text)
{
    struct item *it = model_open_item(p->m);
    bool fresh = !it->shell || !shell_alive(it->shell);
    if (fresh) {
        workspace_shell(p, p->m->open);
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
    /* To the end of the line, and away with it; there is a blank in it, or the shell would ring. */
    autofree char *line = xasprintf("\005 \025%s", text);
    shell_type(it->shell, line);
    program_poll_shell(p, p->m->open);
}

/* ---- The editor ---- */

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

/* An editor that understands ":drop": vim and nvim, whatever the package calls them. */
static bool is_vim(const char *program)
{
    return strncmp(program, "vim", 3) == 0 || strcmp(program, "nvim") == 0 || strcmp(program, "vi") == 0;
}

/* The learner is in an editor already: goes to the file and line in it, where that can be asked for. */
static void edit_in_running(struct program *p, const char *program, const char *file, int line)
{
    struct item *it = model_open_item(p->m);
    model_focus(p->m, PANE_TERMINAL);
    if (!file && line == 0)
        return;
    if (!is_vim(program)) {
        model_say(p->m, "%s is open: go to %s:%d in it.", program, file ? file : main_file(it->workspace),
                  line);
        return;
    }
    struct buf command = {0};
    buf_addstr(&command, "\034\016:drop "); /* C-\ C-n: normal mode, from every other one */
    for (const char *c = file ? file : main_file(it->workspace); *c; c++) {
        if (strchr(" \\|%#\"", *c))
            buf_addch(&command, '\\');
        buf_addch(&command, *c);
    }
    if (line > 0)
        buf_printf(&command, "|%d", line); /* with +LINE, a file that is open already would not move */
    buf_addch(&command, '\r');
    shell_type(it->shell, buf_str(&command));
    program_poll_shell(p, p->m->open);
    buf_free(&command);
}

/* Whether a program is the learner's editor, by its name. */
static bool is_editor(const struct program *p, const char *program)
{
    const char *name = strrchr(p->shell_editor, '/');
    name = name ? name + 1 : p->shell_editor;
    size_t n = strcspn(name, " ");
    return *program && (is_vim(program) || (strlen(program) == n && strncmp(program, name, n) == 0));
}

void workspace_edit(struct program *p, const char *file, int line)
{
    struct item *it = model_open_item(p->m);
    char program[32] = "";
    if (it->shell && shell_alive(it->shell) && is_editor(p, shell_runs(it->shell, program))) {
        edit_in_running(p, program, file, line);
        return;
    }
    struct buf command = {0};
    buf_addstr(&command, p->shell_editor);
    if (line > 0)
        buf_printf(&command, " +%d", line); /* vi, vim, nano, emacs, micro and kakoune all take it */
    buf_addch(&command, ' ');
    add_quoted(&command, file ? file : main_file(it->workspace));
    buf_addch(&command, '\r');
    workspace_type(p, buf_str(&command));
    buf_free(&command);
}

void workspace_notes(struct program *p)
{
    const struct challenge *info = model_open_item(p->m)->info;
    struct error err = {0};
    autofree char *data = path_xdg("XDG_DATA_HOME", ".local/share");
    autofree char *dir = path_join(data, "notes");
    autofree char *name = xasprintf("%s.md", info->slug);
    autofree char *path = path_join(dir, name);
    autofree char *first = xasprintf("# %d %s\n\n", info->number, info->title);
    if (file_make_dirs(dir, 0700, &err) < 0 ||
        (!file_exists(path) && file_write_atomic(path, first, strlen(first), 0600, &err) < 0))
        model_complain(p->m, "%s", err.text);
    else
        workspace_edit(p, path, 0);
}

/* ---- Begin and end ---- */

void workspace_start(struct program *p)
{
    const char *path = getenv("PATH");
    p->shell_editor = find_editor();
    if (p->engine && strchr(p->engine, '/')) {
        autofree char *dir = xstrndup(p->engine, (size_t)(strrchr(p->engine, '/') - p->engine));
        p->shell_path = xasprintf("PATH=%s:%s", dir, path ? path : "/usr/local/bin:/usr/bin:/bin");
    }
    p->watch = watch_new(&p->loop, on_files_changed, p);
    name_workspaces(p);
}

void workspace_stop(struct program *p)
{
    watch_free(p->watch);
    p->watch = NULL;
}
