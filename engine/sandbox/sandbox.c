/* The outer side: lux starts, ends and reaps a sandbox. */
#include "sandbox/sandbox.h"

#include "base/clock.h"
#include "sandbox/cgroups.h"
#include "sandbox/world.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A set-up takes milliseconds; one that hangs (a dead network file system) must not hang lux. */
enum { SETUP_DEADLINE_MS = 15000 };

enum outcome { READY, FAILED, STUCK };

static int check_spec(const struct sandbox_spec *spec, struct error *err)
{
    if (spec->workspace && spec->workspace[0] != '/')
        return error_set(err, "the workspace '%s' must be an absolute path", spec->workspace);
    if (spec->workspace && strlen(spec->workspace) >= PATH_MAX)
        return error_set(err, "the path of the workspace is too long");
    if (spec->workspace && spec->binary && (!*spec->binary || strchr(spec->binary, '/')))
        return error_set(err, "the program '%s' must be a plain name in the workspace", spec->binary);
    return 0;
}

/* The builder, or the keeper, which forks it. No signal may reach the child while it still has lux's
 * handlers: they would write into lux's own pipes. */
static pid_t fork_builder(struct world *w, int lux_end)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        close(lux_end);
        if (w->level != SANDBOX_FULL)
            keeper_run(w);
        builder_run(w);
    }
    int saved = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = saved;
    return pid;
}

static enum outcome wait_until_ready(int channel)
{
    uint64_t start = clock_now_ns();
    for (;;) {
        int left = SETUP_DEADLINE_MS - (int)clock_ms_since(start);
        struct pollfd p = {.fd = channel, .events = POLLIN};
        int n = poll(&p, 1, left > 0 ? left : 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return STUCK;
        char byte;
        ssize_t got = recv(channel, &byte, 1, 0);
        if (got < 0 && errno == EINTR)
            continue;
        return got == 1 ? READY : FAILED;
    }
}

static void reap(pid_t pid, int *status)
{
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
}

static int fail(const struct world *w, enum outcome outcome, pid_t builder, struct error *err)
{
    if (outcome == STUCK)
        kill(builder, w->level == SANDBOX_FULL ? SIGKILL : SIGTERM); /* a keeper has to clear up first */
    reap(builder, NULL);
    /* Read only now: until A is gone it may still be about to clone B. */
    pid_t init = w->level == SANDBOX_FULL ? w->report->init : 0;
    if (init > 0) {
        kill(init, SIGKILL);
        reap(init, NULL);
    }
    if (outcome == STUCK)
        return error_set(
            err, "the sandbox was not ready after %d seconds; is the workspace on a file system that hangs?",
            SETUP_DEADLINE_MS / 1000);
    explain_failure(w, err);
    return -1;
}

static int start(struct world *w, struct sandbox *out, struct error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return error_errno(err, "cannot make a channel to the sandbox");
    w->channel = ends[1];
    pid_t builder = fork_builder(w, ends[0]);
    if (builder < 0)
        error_errno(err, "cannot start a process for the sandbox");
    close(ends[1]);
    if (builder < 0) {
        close(ends[0]);
        return -1;
    }
    enum outcome outcome = wait_until_ready(ends[0]);
    close(ends[0]);
    if (outcome != READY)
        return fail(w, outcome, builder, err);
    out->level = w->level;
    out->pid = builder;
    if (w->level == SANDBOX_FULL) {
        reap(builder, NULL);
        out->pid = w->report->init;
    }
    /* It is our child and not reaped yet, so the number cannot mean another process. */
    out->pidfd = (int)syscall(SYS_pidfd_open, out->pid, 0);
    if (out->pidfd < 0) {
        error_errno(err, "cannot watch the sandbox (pidfd_open)");
        kill(out->pid, w->level == SANDBOX_FULL ? SIGKILL : SIGTERM);
        reap(out->pid, NULL);
        return -1;
    }
    return 0;
}

int sandbox_start(const struct sandbox_spec *spec, struct sandbox *out, struct error *err)
{
    *out = (struct sandbox){.pid = -1, .pidfd = -1, .level = SANDBOX_NONE};
    if (check_spec(spec, err) < 0)
        return -1;
    struct world w = {.spec = spec,
                      .level = spec->level ? spec->level : SANDBOX_FULL,
                      .lux = getpid(),
                      .parent = getpid(),
                      .supervision = -1,
                      .uid = geteuid(),
                      .gid = getegid()};
    w.report = mmap(NULL, sizeof *w.report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (w.report == MAP_FAILED)
        return error_errno(err, "cannot get memory for the sandbox");
    /* Below that nobody knows for certain that all of its processes have ended. */
    w.group = w.level == SANDBOX_FULL ? cgroups_make() : 0;
    int result = start(&w, out, err);
    out->group = w.group;
    if (result < 0)
        cgroups_remove(w.group);
    munmap(w.report, sizeof *w.report);
    return result;
}

void sandbox_kill(const struct sandbox *s)
{
    /* The keeper has to clear up first. */
    if (s->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, s->pidfd, s->level == SANDBOX_FULL ? SIGKILL : SIGTERM, NULL, 0);
}

bool sandbox_reap(struct sandbox *s, bool wait, int *status)
{
    if (s->pidfd < 0)
        return true;
    int ended;
    pid_t pid;
    do {
        pid = waitpid(s->pid, &ended, wait ? 0 : WNOHANG);
    } while (pid < 0 && errno == EINTR);
    if (pid == 0)
        return false;
    if (pid > 0 && status)
        *status = ended;
    close(s->pidfd);
    s->pidfd = -1;
    cgroups_remove(s->group);
    return true;
}

static const char *const level_names[] = {
    [SANDBOX_NONE] = "none", [SANDBOX_SHARED] = "shared", [SANDBOX_NOPID] = "nopid", [SANDBOX_FULL] = "full"};

const char *sandbox_level_name(enum sandbox_level level)
{
    return level_names[level];
}

bool sandbox_level_has(enum sandbox_level level, enum sandbox_part part)
{
    return level == SANDBOX_FULL || (level == SANDBOX_NOPID && part != SANDBOX_PIDS);
}

static int nothing(void *context)
{
    (void)context;
    return 0;
}

/* The level that the environment allows at most; SANDBOX_NONE if it is not the name of one. */
static enum sandbox_level highest_wanted(struct error *why)
{
    const char *name = getenv("LUX_SANDBOX");
    if (!name || !*name)
        return SANDBOX_FULL;
    for (enum sandbox_level level = SANDBOX_SHARED; level <= SANDBOX_FULL; level++) {
        if (strcmp(name, level_names[level]) != 0)
            continue;
        error_set(why, "LUX_SANDBOX=%s in the environment asks for no more. `unset LUX_SANDBOX` allows it.",
                  name);
        return level;
    }
    error_set(why, "LUX_SANDBOX is '%s', but must be full, nopid or shared", name);
    return SANDBOX_NONE;
}

enum sandbox_level sandbox_probe(struct error *why)
{
    struct error refused[SANDBOX_FULL + 1];
    enum sandbox_level highest = highest_wanted(why), level = highest;
    for (; level != SANDBOX_NONE; level--) {
        struct sandbox_spec spec = {.main = nothing, .keep_fd = -1, .level = level};
        struct sandbox s;
        if (sandbox_start(&spec, &s, &refused[level]) == 0) {
            sandbox_reap(&s, true, NULL);
            break;
        }
    }
    if (level != highest)
        *why = refused[highest];
    if (level == SANDBOX_NONE && highest > SANDBOX_SHARED)
        error_set(why, "%s Without namespaces it does not work either: %s", refused[highest].text,
                  refused[SANDBOX_SHARED].text);
    return level;
}
