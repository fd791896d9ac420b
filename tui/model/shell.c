/* Shells: see shell.h. */
#include "model/shell.h"

#include "base/buf.h"
#include "base/mem.h"
#include "vt/pty.h"
#include "vt/terminal.h"

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct shell {
    struct terminal *terminal;
    struct pty *pty; /* NULL: never started, or its end was told */
    struct terminal_view view;
    struct terminal_selection selection;
    bool selecting;
    struct terminal_match match;
    bool has_match;
    char end_text[96];
};

/* What the terminal has for the child. */
static void to_child(const char *bytes, size_t n, void *user)
{
    struct shell *s = user;
    if (s->pty)
        pty_write(s->pty, bytes,
                  n); /* a full queue means a child that does not read: keys are refused, as a tty does */
}

struct shell *shell_new(int rows, int cols)
{
    struct shell *s = xcalloc(1, sizeof *s);
    struct terminal_callbacks callbacks = {.output = to_child};
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
    s->view.top = TERMINAL_FOLLOW;
    s->end_text[0] = '\0';
    s->pty = pty_spawn(&options, err);
    return s->pty ? 0 : -1;
}

void shell_print(struct shell *s, const char *bytes, size_t n)
{
    terminal_feed(s->terminal, bytes, n);
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
    if (got > 0)
        terminal_feed(s->terminal, bytes, (size_t)got);
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
    struct terminal_pos top = {.line = s->view.top};
    bool following = s->view.top == TERMINAL_FOLLOW;
    shell_select_none(s);
    s->has_match = false;
    terminal_resize(s->terminal, rows, cols, following ? NULL : &top, following ? 0 : 1);
    if (!following) {
        s->view.top = top.line;
        terminal_scroll(s->terminal, &s->view, 0);
    }
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
    shell_scroll_end(s);
    shell_select_none(s);
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

void shell_paste(struct shell *s, const char *text, size_t n)
{
    shell_scroll_end(s);
    terminal_paste(s->terminal, text, n);
}

void shell_type(struct shell *s, const char *text)
{
    shell_scroll_end(s);
    terminal_send(s->terminal, text, strlen(text));
}

void shell_focus(struct shell *s, bool focused)
{
    terminal_focus(s->terminal, focused);
}

bool shell_mouse(struct shell *s, const struct mouse *e)
{
    if (shell_scrolled(s))
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

bool shell_fullscreen(const struct shell *s)
{
    return terminal_modes(s->terminal).alternate;
}

const char *shell_title(const struct shell *s)
{
    return terminal_title(s->terminal);
}

uint64_t shell_deadline(const struct shell *s)
{
    return terminal_deadline(s->terminal);
}

void shell_tick(struct shell *s, uint64_t now_ns)
{
    terminal_tick(s->terminal, now_ns);
}

/* ---- Looking back ---- */

bool shell_scroll(struct shell *s, long lines)
{
    return terminal_scroll(s->terminal, &s->view, lines);
}

void shell_scroll_end(struct shell *s)
{
    s->view.top = TERMINAL_FOLLOW;
    s->has_match = false;
}

bool shell_scrolled(const struct shell *s)
{
    return s->view.top != TERMINAL_FOLLOW;
}

bool shell_has_view(const struct shell *s)
{
    return shell_scrolled(s) || s->selecting;
}

long shell_lines_below(const struct shell *s)
{
    return shell_scrolled(s) ? terminal_screen_line(s->terminal) - s->view.top : 0;
}

bool shell_search(struct shell *s, const char *text, bool backwards)
{
    struct terminal_pos from = s->has_match
                                   ? s->match.first
                                   : (struct terminal_pos){.line = terminal_end_line(s->terminal) - 1,
                                                           .col = terminal_cols(s->terminal) - 1};
    if (!terminal_search(s->terminal, text, from, backwards, &s->match))
        return false;
    s->has_match = true;
    terminal_show_line(s->terminal, &s->view, s->match.first.line);
    return true;
}

static struct terminal_pos position(const struct shell *s, int row, int col)
{
    long top = shell_scrolled(s) ? s->view.top : terminal_screen_line(s->terminal);
    int last = terminal_cols(s->terminal) - 1;
    return (struct terminal_pos){.line = top + row, .col = col < 0 ? 0 : col > last ? last : col};
}

void shell_select_begin(struct shell *s, int row, int col)
{
    s->selecting = false;
    s->selection = (struct terminal_selection){.kind = SELECT_CHARS, .anchor = position(s, row, col)};
    s->selection.point = s->selection.anchor;
}

void shell_select_to(struct shell *s, int row, int col)
{
    s->selection.point = position(s, row, col);
    s->selecting = true;
}

void shell_select_none(struct shell *s)
{
    s->selecting = false;
}

char *shell_selected(const struct shell *s)
{
    if (!s->selecting)
        return NULL;
    struct buf text = {0};
    terminal_selection_text(s->terminal, &s->selection, &text);
    return buf_take(&text);
}

void shell_draw(const struct shell *s, const struct theme *t, struct area a, bool focused, const char *needle)
{
    struct terminal_view view = s->view;
    view.focused = focused;
    view.selection = s->selecting ? &s->selection : NULL;
    view.selected = theme_style(t, ROLE_SELECTED);
    view.search = shell_scrolled(s) && needle && *needle ? needle : NULL;
    view.match = theme_style(t, ROLE_MATCH);
    terminal_draw(s->terminal, a, &view);
}
