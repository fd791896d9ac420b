#include "contain.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1500 }; /* pids below 300 are given out once only */

/* Reaps until this child has ended; its exit status. */
static int await(pid_t child)
{
    int status = 0;
    pid_t pid;

    while ((pid = waitpid(-1, &status, 0)) != child)
        if (pid < 0 && errno != EINTR)
            return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void bound_pids(void)
{
    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
        perror("contain_processes: /proc");
        _exit(1);
    }
    FILE *f = fopen("/proc/sys/kernel/pid_max", "we");
    if (f)
        fprintf(f, "%d", MOST);
    if (f)
        fclose(f);
}

void contain_processes(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
        return;
    pid_t init = fork();
    if (init > 0)
        _exit(await(init));
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bound_pids();
    pid_t test = fork(); /* PID 1 has to reap whatever comes; a test wants to see its own children alone */
    if (test > 0)
        _exit(await(test));
}
