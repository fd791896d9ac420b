/* The keeper: where there is no pid namespace, the one process that sees to it that nothing stays. It is no
 * part of lux, so that it outlives lux's death for the moment that it takes, and no part of the checker, so
 * that it outlives the checker's. It waits for three things: the end of the checker, lux's word (SIGTERM), and
 * lux's death (SIGTERM too, PR_SET_PDEATHSIG). */
#include "sandbox/world.h"

#include "base/mem.h"

#include <errno.h>
#include <fts.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct keeper {
    struct world *w;
    int signals;  /* signalfd: SIGCHLD, SIGTERM */
    int channel;  /* the checker's listener comes by it; -1: it has come, or will not */
    int listener; /* supervise.c; -1: none */
};

static int watch_signals(void);
static void make_shared_directory(struct world *w);
static pid_t start_builder(struct keeper *k);
static bool await_end(struct keeper *k, int *status);
static _Noreturn void end_likewise(int status);
static void remove_tree(const char *path);

void keeper_run(struct world *w)
{
    struct keeper k = {.w = w, .signals = -1, .channel = -1, .listener = -1};
    int status = 0;

    builder_keep_descriptors(w);
    builder_enter_workspace(w);
    /* After the last change of credentials, which would undo it. */
    if (setsid() < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
        setup_fail(w, STEP_KEEPER, NULL);
    if (getppid() != w->lux)
        _exit(125);
    w->parent = getpid();
    k.signals = watch_signals();
    if (w->level == SANDBOX_SHARED)
        make_shared_directory(w);
    if (k.signals < 0 || start_builder(&k) < 0)
        setup_fail(w, STEP_KEEPER, NULL);
    close(w->channel); /* its end is to tell lux that the set-up has failed */
    if (w->spec->keep_fd > 2)
        close(w->spec->keep_fd);
    if (w->spec->also_keep_fd > 2)
        close(w->spec->also_keep_fd);
    bool ended = await_end(&k, &status);
    if (k.listener >= 0)
        close(k.listener); /* from here on nobody can fork */
    sweep();
    if (*w->shared_directory) {
        if (chdir("/") < 0)
            _exit(125);
        remove_tree(w->shared_directory);
    }
    end_likewise(ended ? status : SIGKILL); /* a status that says: killed by it, wait(2) */
}

static int watch_signals(void)
{
    sigset_t all, awaited;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    return signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* By the keeper, because it removes it. */
static void make_shared_directory(struct world *w)
{
    const char *tmp = getenv("TMPDIR");
    size_t room = sizeof w->shared_directory;

    if (!tmp || *tmp != '/' ||
        snprintf(w->shared_directory, room, "%s/lux-XXXXXX", tmp) >= (int)sizeof w->shared_directory)
        snprintf(w->shared_directory, room, "/tmp/lux-XXXXXX");
    if (!mkdtemp(w->shared_directory)) {
        *w->shared_directory = '\0';
        setup_fail(w, STEP_SHARED_DIRECTORY, tmp && *tmp == '/' ? tmp : "/tmp");
    }
}

static pid_t start_builder(struct keeper *k)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -1;
    k->channel = ends[0];
    k->w->supervision = ends[1];
    pid_t builder =
        _Fork(); /* not fork(): libuv's handler would close what has the numbers of its pipe in lux */
    if (builder == 0) {
        close(k->signals);
        close(k->channel);
        if (k->w->level == SANDBOX_SHARED)
            shared_run(k->w);
        builder_run(k->w);
    }
    close(ends[1]);
    return builder;
}

/* True once the checker has ended, or could not be made. */
static bool reap_until_checker(const struct world *w, int *status)
{
    pid_t pid;

    while ((pid = waitpid(-1, status, WNOHANG)) > 0)
        if (pid == w->report->init)
            return true;
    if (pid == 0 || errno != ECHILD)
        return false;
    *status = 125 << 8; /* the builder has failed, and said so */
    return true;
}

/* True with the status of the checker once that has ended; false if lux wants the end. */
static bool await_end(struct keeper *k, int *status)
{
    for (;;) {
        struct pollfd fds[] = {{k->signals, POLLIN, 0}, {k->channel, POLLIN, 0}, {k->listener, POLLIN, 0}};
        struct signalfd_siginfo info;
        if (poll(fds, ARRAY_LEN(fds), -1) < 0)
            continue;
        while (read(k->signals, &info, sizeof info) > 0)
            if (info.ssi_signo == SIGTERM)
                return false;
        if (reap_until_checker(k->w, status))
            return true;
        if (fds[1].revents) {
            k->listener = supervise_accept(k->channel);
            close(k->channel);
            k->channel = -1;
        } else if (fds[2].revents & POLLIN) {
            long most = setup_limit(k->w->spec->limits.processes, SANDBOX_PROCESSES);
            supervise_answer(k->listener, k->w->report->init,
                             most + 1); /* the checker is one of those that are counted */
        } else if (fds[2].revents) {    /* nobody is left who could ask */
            close(k->listener);
            k->listener = -1;
        }
    }
}

/* For lux, the keeper's end is the checker's. */
static void end_likewise(int status)
{
    if (WIFSIGNALED(status)) {
        sigset_t all;
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(WTERMSIG(status), SIG_DFL);
        sigfillset(&all);
        kill(getpid(), WTERMSIG(status));
        sigprocmask(SIG_UNBLOCK, &all, NULL);
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 125);
}

/* Whatever the programs have made of it. fts(3) goes as deep as they did. */
static void remove_tree(const char *path)
{
    char *const roots[] = {(char *)(uintptr_t)path, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_XDEV, NULL);
    FTSENT *entry;

    while (tree && (entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_D)
            chmod(entry->fts_accpath, 0700);
        else if (entry->fts_info == FTS_DP)
            rmdir(entry->fts_accpath);
        else
            unlink(entry->fts_accpath);
    }
    if (tree)
        fts_close(tree);
}
