#include "home.h"

#include "cmocka_all.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char home[64];
static char *workspace, *env_home, *env_path;

static int write_text(const char *name, const char *text)
{
    struct error err;
    autofree char *path = path_join(home, name);
    return file_write_atomic(path, text, strlen(text), 0644, &err);
}

int home_make(void **state)
{
    (void)state;
    snprintf(home, sizeof home, "/tmp/lux-terminal-XXXXXX");
    if (!mkdtemp(home))
        return -1;
    env_home = xasprintf("HOME=%s", home);
    env_path = xasprintf("PATH=%s", getenv("PATH"));
    workspace = path_join(home, "lux/02-tcp-echo-server");
    autofree char *command =
        xasprintf("env -i '%s' '%s' " LUX " start 2 --lang c >/dev/null", env_home, env_path);
    if (system(command) != 0)
        return -1;
    static const char vimrc[] =
        "set nocompatible nobackup noswapfile mouse=a ttymouse=sgr\nset shortmess+=I\n";
    static const char bashrc[] = "PS1='ready% '\n"; /* after the machine's own */
    return write_text(".vimrc", vimrc) < 0 || write_text(".bashrc", bashrc) < 0 ? -1 : 0;
}

int home_remove(void **state)
{
    (void)state;
    autofree char *command = xasprintf("rm -rf '%s'", home);
    free(env_home);
    free(env_path);
    free(workspace);
    return system(command) == 0 ? 0 : -1;
}

const char *home_dir(void)
{
    return home;
}

const char *home_workspace(void)
{
    return workspace;
}

const char *home_env(void)
{
    return env_home;
}

const char *home_path(void)
{
    return env_path;
}

struct ptest *home_open(const char *const *argv, const char *const *more_env)
{
    const char *env[8] = {env_home, env_path, "LUXTUI_TEST=1", "EDITOR=vim"};
    for (size_t n = 4; *more_env; more_env++, n++) {
        assert_true(n + 1 < ARRAY_LEN(env));
        env[n] = *more_env;
    }
    struct ptest *p =
        pt_start(&(struct pt_options){.rows = 40, .cols = 120, .argv = argv, .env = env, .cwd = home});
    static const char *const either[] = {"In which language", "TCP Echo Server", NULL};
    pt_wait_any(p, either, PT_TIMEOUT_MS);
    pt_sync(p);
    if (pt_has(p, "In which language")) {
        pt_keys(p, "<Esc>"); /* the questions, and then the map */
        pt_wait_gone(p, "In which language");
        pt_keys(p, "<Esc>");
        pt_sync(p);
    }
    pt_keys(p, "w"); /* no checks when a file is saved */
    return p;
}

struct ptest *home_open_shell(const char *shell)
{
    autofree char *shell_env = xasprintf("SHELL=%s", shell);
    const char *const argv[] = {LUXTUI, "2", NULL};
    struct ptest *p = home_open(argv, (const char *const[]){shell_env, "PS1=ready% ", NULL});
    pt_keys(p, "t");
    pt_wait_text(p, "ready%");
    return p;
}

void home_leave(struct ptest *p)
{
    /* A command whose last line was seen may not be gone yet, and then luxtui asks. */
    pt_keys(p, "<F12>q");
    for (uint64_t begun = clock_now_ns(); !pt_ended(p) && clock_ms_since(begun) < PT_TIMEOUT_MS; pt_look(p))
        if (pt_has(p, "Quit all the same?")) {
            pt_keys(p, "n");
            pt_wait_gone(p, "Quit all the same?");
            pt_keys(p, "q");
        }
    int status = pt_wait_exit(p);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(pt_is_sane(p));
    pt_free(p);
}
