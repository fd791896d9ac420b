#include "vt/environment.h"

#include "base/mem.h"

#include <stdbool.h>
#include <string.h>

/* An outer terminal's marks: programs that see them talk to it past us, or refuse to start (tmux in tmux). A
 * name that ends in * stands for all that begin so. */
static const char *const removed[] = {
    "ALACRITTY_*",
    "GHOSTTY_*",
    "GNOME_TERMINAL_*",
    "INSIDE_EMACS",
    "ITERM_*",
    "KITTY_*",
    "KONSOLE_*",
    "LC_TERMINAL*",
    "COLUMNS",
    "LINES",
    "NVIM",
    "STY",
    "TERMCAP",
    "TERMINAL_EMULATOR",
    "TERM_PROGRAM*",
    "TERM_SESSION_ID",
    "TILIX_ID",
    "TMUX",
    "TMUX_PANE",
    "VIM",
    "VIMRUNTIME",
    "VTE_VERSION",
    "WEZTERM_*",
    "WINDOW",
    "WINDOWID",
    "WT_SESSION",
    "WT_PROFILE_ID",
    "XTERM_*",
    "ZELLIJ*",
};

static const char *const added[] = {
    "TERM=xterm-256color",
    "COLORTERM=truecolor",
    "TERM_PROGRAM=luxtui",
    ("TERM_PROGRAM_VERSION=" LUX_VERSION),
    "LUXTUI=1",
};

static size_t name_length(const char *entry)
{
    return strcspn(entry, "=");
}

static bool is_removed(const char *entry)
{
    size_t n = name_length(entry);

    for (size_t i = 0; i < ARRAY_LEN(removed); i++) {
        size_t length = strlen(removed[i]);
        bool open = removed[i][length - 1] == '*';
        length -= open;
        if (strncmp(entry, removed[i], length) == 0 && (open ? n >= length : n == length))
            return true;
    }
    return false;
}

static void put(char **env, size_t *count, const char *entry)
{
    size_t n = name_length(entry);
    size_t at = 0;

    while (at < *count && !(strncmp(env[at], entry, n) == 0 && name_length(env[at]) == n))
        at++;
    bool remove = entry[n] != '=';
    if (at < *count)
        free(env[at]);
    if (!remove) {
        env[at] = xstrdup(entry);
        if (at == *count)
            (*count)++;
    } else if (at < *count) {
        env[at] = env[--*count];
    }
}

char **environment_new(char *const *base, const char *const *changes)
{
    size_t max = ARRAY_LEN(added) + 1, count = 0;

    for (size_t i = 0; base && base[i]; i++)
        max++;
    for (size_t i = 0; changes && changes[i]; i++)
        max++;
    char **env = xcalloc(max, sizeof *env);
    for (size_t i = 0; base && base[i]; i++)
        if (!is_removed(base[i]))
            env[count++] = xstrdup(base[i]);
    for (size_t i = 0; i < ARRAY_LEN(added); i++)
        put(env, &count, added[i]);
    for (size_t i = 0; changes && changes[i]; i++)
        put(env, &count, changes[i]);
    env[count] = NULL;
    return env;
}

void environment_free(char **env)
{
    for (size_t i = 0; env && env[i]; i++)
        free(env[i]);
    free(env);
}
