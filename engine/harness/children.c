#include "harness/children.h"

#include "harness/processes.h"
#include "harness/program.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static uv_poll_t poll;
static int signal_fd;

void children_reap(void)
{
    int pid, status;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (!program_ended(pid, status))
            processes_ended(pid, status); /* an orphan, which PID 1 adopts */
}

static void on_signal(uv_poll_t *handle, int status, int events)
{
    struct signalfd_siginfo info;

    (void)handle, (void)status, (void)events;
    while (read(signal_fd, &info, sizeof info) > 0)
        ; /* several children may have become one signal */
    children_reap();
}

void children_watch(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGCHLD, SIG_DFL); /* if it were ignored, there would be no status to reap */
    signal(SIGPIPE, SIG_IGN);
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd < 0)
        world_broken(errno, "The end of programs cannot be watched");
    uv_poll_init(&world.loop, &poll, signal_fd);
    uv_poll_start(&poll, UV_READABLE, on_signal);
    children_reap();
}

void children_reset_signals(void)
{
    sigset_t none;

    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL); /* SIGKILL and SIGSTOP refuse */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
