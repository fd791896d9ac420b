/* The keeper: where there is no pid namespace, the one process that sees to it that nothing stays. It is no
 * part of lux, so that it outlives lux's death for the moment that it takes, and no part of the checker, so
 * that it outlives the checker's. It waits for three things: the end of the checker, lux's word (SIGTERM), and
 * lux's death (SIGTERM too, PR_SET_PDEATHSIG). */
#include "sandbox/world.h"

#include <errno.h>
#include <fts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void block_signals(sigset_t *awaited);
static void make_shared_directory(struct world *w);
static pid_t start_builder(struct world *w);
static bool await_end(const struct world *w, const sigset_t *awaited, int *status);
static _Noreturn void end_likewise(int status);
static void remove_tree(const char *path);

void keeper_run(struct world *w)
{
    sigset_t awaited;
    int status = 0;

    block_signals(&awaited);
    builder_keep_descriptors(w);
    builder_enter_workspace(w);
    /* After the last change of credentials, which would undo it. */
    if (setsid() < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
        setup_fail(w, STEP_KEEPER, NULL);
    if (getppid() != w->lux)
        _exit(125);
    w->parent = getpid();
    if (w->level == SANDBOX_SHARED)
        make_shared_directory(w);
    pid_t builder = start_builder(w);
    if (builder < 0)
        setup_fail(w, STEP_KEEPER, NULL);
    close(w->channel); /* its end is to tell lux that the set-up has failed */
    if (w->spec->keep_fd > 2)
        close(w->spec->keep_fd);
    if (w->spec->also_keep_fd > 2)
        close(w->spec->also_keep_fd);
    bool ended = await_end(w, &awaited, &status);
    sweep();
    if (*w->shared_directory) {
        if (chdir("/") < 0)
            _exit(125);
        remove_tree(w->shared_directory);
    }
    end_likewise(ended ? status : SIGKILL); /* a status that says: killed by it, wait(2) */
}

static void block_signals(sigset_t *awaited)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigemptyset(awaited);
    sigaddset(awaited, SIGCHLD);
    sigaddset(awaited, SIGTERM);
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

static pid_t start_builder(struct world *w)
{
    pid_t builder = fork();

    if (builder != 0)
        return builder;
    if (w->level == SANDBOX_SHARED)
        shared_run(w);
    builder_run(w);
}

/* True with the status of the checker once that has ended, or could not be made; false if lux wants the end. */
static bool await_end(const struct world *w, const sigset_t *awaited, int *status)
{
    for (;;) {
        int number = sigwaitinfo(awaited, NULL), one;
        pid_t pid;
        if (number == SIGTERM)
            return false;
        while ((pid = waitpid(-1, &one, WNOHANG)) > 0) {
            if (pid == w->report->init) {
                *status = one;
                return true;
            }
        }
        if (pid < 0 && errno == ECHILD) { /* the builder has failed and said so */
            *status = 125 << 8;
            return true;
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
