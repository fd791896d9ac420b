#include "lux_help.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "scratch.h"

enum { FINISH_MS = 60000, GONE_MS = 5000 };

void lux_as_nobody(int argc, char **argv)
{
    enum { NOBODY = 65534 };
    if (argc < 2 || strcmp(argv[1], "--as-nobody") != 0 || geteuid() != 0)
        return;
    if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
        exit(125);
}

int lux_setup(void **state)
{
    if (scratch_make(state))
        return -1;
    const struct {
        const char *name, *path;
    } places[] = {{"HOME", "home"}, {"LUX_HOME", "lux"}, {"LUX_DB", "lux.db"}, {"XDG_CONFIG_HOME", "config"}};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        autofree char *path = path_join(scratch, places[i].path);
        setenv(places[i].name, path, 1);
    }
    autofree char *lux_home = path_join(scratch, "lux"), *home = path_join(scratch, "home");
    struct error err;
    if (file_make_dirs(lux_home, 0755, &err) || file_make_dirs(home, 0755, &err))
        return -1;
    unsetenv("LUX_DATA_DIR");
    unsetenv("NO_COLOR");
    setenv("LC_ALL", "C.UTF-8", 1);
    return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

int lux_teardown(void **state)
{
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    return scratch_remove(state);
}

struct lux *lux_start_(const char *const *arguments, int out_fd)
{
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    if ((out_fd < 0 && pipe2(out, O_CLOEXEC)) || pipe2(err, O_CLOEXEC))
        fail_msg("pipe: %s", strerror(errno));
    struct lux *l = xcalloc(1, sizeof *l);
    l->pid = fork();
    if (l->pid == 0) {
        int null = open("/dev/null", O_RDONLY);
        dup2(null, 0);
        dup2(out_fd < 0 ? out[1] : out_fd, 1);
        dup2(err[1], 2);
        execv(LUX_BINARY_DIR "/lux", (char *const *)arguments);
        _exit(126);
    }
    if (out_fd < 0)
        close(out[1]);
    close(err[1]);
    l->out_fd = out[0];
    l->err_fd = err[0];
    l->out = xstrdup("");
    l->err = xstrdup("");
    return l;
}

static bool take(int *fd, char **text, size_t *len)
{
    char bytes[65536];
    ssize_t n = read(*fd, bytes, sizeof bytes);
    if (n <= 0) {
        close(*fd);
        *fd = -1;
        return false;
    }
    *text = xrealloc(*text, *len + (size_t)n + 1);
    memcpy(*text + *len, bytes, (size_t)n);
    *len += (size_t)n;
    (*text)[*len] = '\0';
    return true;
}

/* Takes what comes on either stream, waiting at most ms. False once both have ended, or if nothing came. */
static bool take_more(struct lux *l, int ms)
{
    struct pollfd fds[2] = {{.fd = l->out_fd, .events = POLLIN}, {.fd = l->err_fd, .events = POLLIN}};
    if (l->out_fd < 0 && l->err_fd < 0)
        return false;
    if (poll(fds, 2, ms) <= 0)
        return false;
    if (fds[0].revents)
        take(&l->out_fd, &l->out, &l->out_len);
    if (fds[1].revents)
        take(&l->err_fd, &l->err, &l->err_len);
    return true;
}

void lux_expect(struct lux *l, const char *text)
{
    while (!strstr(l->out, text))
        if (!take_more(l, FINISH_MS)) {
            kill(l->pid, SIGKILL);
            fail_msg("no \"%s\" in \"%s\" and \"%s\"", text, l->out, l->err);
        }
}

/* Who is still there, for the message. */
static void say_who_is_left(void)
{
    char command[128];
    snprintf(command, sizeof command, "ps -o pid,ppid,stat,args --ppid %d >&2", (int)getpid());
    if (system(command) != 0)
        fprintf(stderr, "somebody\n");
}

static void wait_until_nothing_is_left(struct lux *l, int ms)
{
    uint64_t began = clock_now_ns();
    bool ended = false;
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno == ECHILD)
            break;
        if (pid == l->pid) {
            ended = true;
            began = clock_now_ns();
            ms = GONE_MS;
            l->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            l->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        }
        if (pid != 0)
            continue;
        if (clock_ms_since(began) > ms) {
            say_who_is_left();
            kill(l->pid, SIGKILL);
            fail_msg("%s", ended ? "lux has left processes behind" : "lux did not end");
        }
        poll(NULL, 0, 1); /* there is no descriptor for "any child" */
    }
}

void lux_finish(struct lux *l)
{
    while (take_more(l, FINISH_MS)) {
    }
    if (l->out_fd >= 0 || l->err_fd >= 0) {
        kill(l->pid, SIGKILL);
        fail_msg("lux did not end; so far: %s%s", l->out, l->err);
    }
    wait_until_nothing_is_left(l, FINISH_MS);
}

void lux_finish_unread(struct lux *l)
{
    if (l->out_fd >= 0)
        close(l->out_fd);
    if (l->err_fd >= 0)
        close(l->err_fd);
    l->out_fd = l->err_fd = -1;
    wait_until_nothing_is_left(l, FINISH_MS);
}

void lux_free(struct lux *l)
{
    free(l->out);
    free(l->err);
    free(l);
}

struct lux *lux_run_(const char *const *arguments, int code)
{
    struct lux *l = lux_start_(arguments, -1);
    lux_finish(l);
    if (l->code != code)
        fail_msg("exit status %d (signal %d) instead of %d; stdout: %s\nstderr: %s", l->code, l->signal, code,
                 l->out, l->err);
    return l;
}

void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in: %s", part, text);
}

void assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" in: %s", part, text);
}

const char *lux_program_text(const char *dir, const char *file, const char *text)
{
    static char path[256];
    autofree char *name = path_join(dir, file);
    scratch_put_bytes(name, text, strlen(text), 0755);
    snprintf(path, sizeof path, "%s/%s", scratch, dir);
    return path;
}

const char *lux_program(const char *dir, const char *source)
{
    struct buf text = {0};
    struct error err;
    autofree char *path = path_join(LUX_SOURCE_DIR "/tests", source);
    if (file_read(path, 1 << 20, &text, &err))
        fail_msg("%s", err.text);
    const char *made = lux_program_text(dir, "main.c", buf_str(&text));
    buf_free(&text);
    return made;
}

const char *lux_scratch(void)
{
    return scratch;
}

void lux_put(const char *name, const char *text)
{
    scratch_put(name, text);
}
