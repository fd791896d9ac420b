/* Shells: see shell.h. */
#include "model/shell_parts.h"

#include "base/file.h"
#include "base/mem.h"

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the terminal has for the child. */
static void to_child(const char *bytes, size_t n, void *user)
{
    struct shell *s = user;
    if (s->pty && !pty_write(s->pty, bytes, n))
        s->refused = true; /* a full queue means a child that does not read */
}

static void on_title(const char *title, void *user)
{
    struct shell *s = user;
    (void)title;
    s->command_title = s->pty && !shell_at_prompt(s);
}

static void on_bell(void *user)
{
    struct shell *s = user;
    s->rang = true;
}

static void on_clipboard(const char *text, size_t n, void *user)
{
    struct shell *s = user;
    buf_clear(&s->clipboard);
    buf_add(&s->clipboard, text, n);
    s->has_clipboard = true;
}

struct shell *shell_new(int rows, int cols)
{
    struct shell *s = xcalloc(1, sizeof *s);
    struct terminal_callbacks callbacks = {
        .output = to_child, .title = on_title, .bell = on_bell, .clipboard = on_clipboard};
    s->terminal = terminal_new(rows, cols, TERMINAL_HISTORY, &callbacks, s);
    s->view.top = TERMINAL_FOLLOW;
    return s;
}

void shell_free(struct shell *s)
{
    if (!s)
        return;
    if (s->pty)
        pty_free(s->pty);
    terminal_free(s->terminal);
    buf_free(&s->clipboard);
    free(s);
}

/* $SHELL, else the one of the password database, else /bin/sh. */
static const char *shell_program(void)
{
    const char *shell = getenv("SHELL");
    if (shell && shell[0] == '/' && access(shell, X_OK) == 0)
        return shell;
    const struct passwd *pw = getpwuid(getuid());
    if (pw && pw->pw_shell && access(pw->pw_shell, X_OK) == 0)
        return pw->pw_shell;
    return "/bin/sh";
}

int shell_start(struct shell *s, const char *dir, const char *const *env, struct error *err)
{
    const char *argv[] = {shell_program(), NULL};
    struct pty_options options = {
        .argv = argv,
        .env = env,
        .cwd = dir,
        .rows = terminal_rows(s->terminal),
        .cols = terminal_cols(s->terminal),
    };
    if (s->pty)
        pty_free(s->pty);
    terminal_reset(s->terminal);
    shell_look_end(s);
    s->in_command = s->command_title = s->rang = s->refused = false;
    s->end_text[0] = '\0';
    s->pty = pty_spawn(&options, err);
    return s->pty ? 0 : -1;
}

void shell_print(struct shell *s, const char *bytes, size_t n)
{
    terminal_feed(s->terminal, bytes, n);
    shell_look_check(s);
}

bool shell_alive(const struct shell *s)
{
    return s->pty && s->end_text[0] == '\0';
}

int shell_fd(const struct shell *s)
{
    return s->pty ? pty_fd(s->pty) : -1;
}

bool shell_wants_write(const struct shell *s)
{
    return s->pty && pty_queued(s->pty) > 0;
}

bool shell_is_clogged(const struct shell *s)
{
    return s->pty && pty_queued(s->pty) > PTY_QUEUE_HIGH;
}

bool shell_read(struct shell *s, size_t *n)
{
    static char bytes[PTY_READ_MAX]; /* too large for the stack, and used within this call alone */
    ssize_t got = pty_read(s->pty, bytes, sizeof bytes);
    *n = got > 0 ? (size_t)got : 0;
    if (got > 0) {
        terminal_feed(s->terminal, bytes, (size_t)got);
        shell_look_check(s);
        s->in_command = shell_alive(s) && !shell_at_prompt(s);
    }
    return got >= 0;
}

void shell_write_ready(struct shell *s)
{
    if (s->pty)
        pty_flush(s->pty);
}

bool shell_reap(struct shell *s)
{
    int status;
    if (!s->pty || s->end_text[0] || !pty_reap(s->pty, &status))
        return false;
    if (WIFSIGNALED(status))
        snprintf(s->end_text, sizeof s->end_text, "was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(s->end_text, sizeof s->end_text, "ended with status %d", WEXITSTATUS(status));
    return true;
}

const char *shell_end_text(const struct shell *s)
{
    return s->end_text;
}

void shell_resize(struct shell *s, int rows, int cols)
{
    if (rows == terminal_rows(s->terminal) && cols == terminal_cols(s->terminal))
        return;
    /* What one looks at stays what one looks at, whatever the width. */
    struct terminal_pos top = {.line = s->view.top};
    struct terminal_pos kept[] = {s->cursor, s->selection.anchor, s->selection.point, top};
    if (s->looking) {
        terminal_resize(s->terminal, rows, cols, kept, ARRAY_LEN(kept));
        s->cursor = kept[0];
        s->selection.anchor = kept[1];
        s->selection.point = kept[2];
        s->view.top = kept[3].line;
        s->seen_end = terminal_end_line(s->terminal);
        terminal_show_line(s->terminal, &s->view, s->cursor.line);
    } else {
        shell_select_none(s);
        terminal_resize(s->terminal, rows, cols, NULL, 0);
    }
    shell_look_check(s);
    if (s->pty)
        pty_resize(s->pty, terminal_rows(s->terminal), terminal_cols(s->terminal));
}

void shell_size(const struct shell *s, int *rows, int *cols)
{
    *rows = terminal_rows(s->terminal);
    *cols = terminal_cols(s->terminal);
}

/* Keys whose bytes depend on the modes that the child has set. All others go on byte for byte. */
static const struct {
    uint32_t code;
    enum terminal_key key;
} mode_keys[] = {
    {KEYCODE_UP, TKEY_UP},           {KEYCODE_DOWN, TKEY_DOWN},
    {KEYCODE_LEFT, TKEY_LEFT},       {KEYCODE_RIGHT, TKEY_RIGHT},
    {KEYCODE_HOME, TKEY_HOME},       {KEYCODE_END, TKEY_END},
    {KEYCODE_INSERT, TKEY_INSERT},   {KEYCODE_DELETE, TKEY_DELETE},
    {KEYCODE_PAGE_UP, TKEY_PAGE_UP}, {KEYCODE_PAGE_DOWN, TKEY_PAGE_DOWN},
    {KEYCODE_F1, TKEY_F1},           {KEYCODE_F2, TKEY_F2},
    {KEYCODE_F3, TKEY_F3},           {KEYCODE_F4, TKEY_F4},
    {KEYCODE_F5, TKEY_F5},           {KEYCODE_F6, TKEY_F6},
    {KEYCODE_F7, TKEY_F7},           {KEYCODE_F8, TKEY_F8},
    {KEYCODE_F9, TKEY_F9},           {KEYCODE_F10, TKEY_F10},
    {KEYCODE_F11, TKEY_F11},         {KEYCODE_F12, TKEY_F12},
};

void shell_key(struct shell *s, const struct key *k)
{
    shell_look_end(s);
    s->rang = false;
    if (k->code == KEYCODE_TAB && k->mods == MOD_SHIFT) {
        terminal_key(s->terminal, TKEY_BACKTAB, 0);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(mode_keys); i++)
        if (mode_keys[i].code == k->code) {
            terminal_key(s->terminal, mode_keys[i].key, k->mods);
            return;
        }
    terminal_send(s->terminal, k->bytes, k->n_bytes);
}

void shell_paste(struct shell *s, const char *text, size_t n, bool last)
{
    shell_look_end(s);
    terminal_paste_part(s->terminal, text, n, last);
}

bool shell_runs_lines(const struct shell *s)
{
    return shell_at_prompt(s) && !terminal_modes(s->terminal).bracketed_paste;
}

void shell_type(struct shell *s, const char *text)
{
    shell_look_end(s);
    terminal_send(s->terminal, text, strlen(text));
}

void shell_focus(struct shell *s, bool focused)
{
    terminal_focus(s->terminal, focused);
}

bool shell_mouse(struct shell *s, const struct mouse *e)
{
    if (s->looking)
        return false;
    struct terminal_mouse to = {.mods = e->mods, .row = e->row, .col = e->col, .kind = TMOUSE_PRESS};
    static const enum terminal_button buttons[] = {TBUTTON_NONE, TBUTTON_LEFT, TBUTTON_MIDDLE, TBUTTON_RIGHT};
    to.button = buttons[e->button >= 1 && e->button <= 3 ? e->button : 0];
    switch (e->action) {
    case MOUSE_PRESS:
        break;
    case MOUSE_RELEASE:
        to.kind = TMOUSE_RELEASE;
        break;
    case MOUSE_DRAG:
    case MOUSE_MOVE:
        to.kind = TMOUSE_MOVE;
        break;
    case MOUSE_WHEEL_UP:
        to.button = TBUTTON_WHEEL_UP;
        break;
    case MOUSE_WHEEL_DOWN:
        to.button = TBUTTON_WHEEL_DOWN;
        break;
    }
    return terminal_mouse(s->terminal, &to);
}

bool shell_at_prompt(const struct shell *s)
{
    return shell_alive(s) && pty_foreground(s->pty) == pty_pid(s->pty);
}

const char *shell_runs(const struct shell *s, char out[32])
{
    out[0] = '\0';
    pid_t group = s->pty && !shell_at_prompt(s) ? pty_foreground(s->pty) : -1;
    if (group <= 0)
        return out;
    autofree char *path = xasprintf("/proc/%d/comm", (int)group);
    struct buf name = {0};
    struct error err;
    if (file_read(path, 64, &name, &err) == 0)
        snprintf(out, 32, "%.*s", (int)strcspn(buf_str(&name), "\n"), buf_str(&name));
    buf_free(&name);
    return out;
}

bool shell_fullscreen(const struct shell *s)
{
    return terminal_modes(s->terminal).alternate;
}

const char *shell_title(const struct shell *s)
{
    bool own = shell_fullscreen(s) || (s->in_command && s->command_title);
    return own ? terminal_title(s->terminal) : "";
}

const char *shell_directory(const struct shell *s)
{
    return terminal_directory(s->terminal);
}

bool shell_rang(const struct shell *s)
{
    return s->rang;
}

void shell_quiet(struct shell *s)
{
    s->rang = false;
}

char *shell_take_clipboard(struct shell *s)
{
    if (!s->has_clipboard)
        return NULL;
    s->has_clipboard = false;
    return buf_take(&s->clipboard);
}

bool shell_take_refused(struct shell *s)
{
    bool refused = s->refused;
    s->refused = false;
    return refused;
}

void shell_set_colors(struct shell *s, long foreground, long background)
{
    terminal_set_colors(s->terminal, foreground, background);
}

uint64_t shell_deadline(const struct shell *s)
{
    return terminal_deadline(s->terminal);
}

void shell_tick(struct shell *s, uint64_t now_ns)
{
    terminal_tick(s->terminal, now_ns);
}
