/* The checker of the level shared: the same steps as those of a sandbox, as far as they need no namespace. */
#include "sandbox/world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static void link_program(const struct world *w)
{
    char target[PATH_MAX];

    if (!*w->workspace || !w->spec->binary)
        return;
    if (snprintf(target, sizeof target, "%s/%s", w->workspace, w->spec->binary) >= (int)sizeof target)
        errno = ENAMETOOLONG;
    else if (symlink(target, w->spec->binary) == 0)
        return;
    setup_fail(w, STEP_WORKDIR, w->spec->binary);
}

void shared_run(struct world *w)
{
    w->report->init = getpid();
    setup_reset_signals();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || setsid() < 0)
        setup_fail(w, STEP_LIFELINE, NULL);
    if (getppid() != w->parent)
        _exit(125);
    umask(022);
    if (chdir(w->shared_directory) < 0)
        setup_fail(w, STEP_SHARED_DIRECTORY, w->shared_directory);
    link_program(w);
    setup_raise_open_files();
    setup_done(w);
}
