/* The classic self-pipe: all that the handler does is to note the signal and to write one byte. */
#include "runner/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t first_signal;
static int pipe_ends[2] = {-1, -1};

static void on_signal(int number)
{
    int saved = errno;
    if (!first_signal)
        first_signal = number;
    ssize_t written = write(pipe_ends[1], "!", 1);
    (void)written; /* a full pipe is readable already */
    errno = saved;
}

static void on_broken_pipe(int number)
{
    (void)number; /* a handler, not SIG_IGN: programs that we exec must begin with the default */
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
        return;
    action = (struct sigaction){.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(number, &action, NULL);
}

int interrupt_watch(struct error *err)
{
    if (pipe_ends[0] >= 0)
        return pipe_ends[0];
    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return error_errno(err, "cannot make the pipe that signals arrive by");
    handle(SIGINT, on_signal);
    handle(SIGTERM, on_signal);
    handle(SIGHUP, on_signal);
    handle(SIGPIPE, on_broken_pipe);
    return pipe_ends[0];
}

int interrupt_signal(void)
{
    return first_signal;
}

void interrupt_forget(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number,
               SIG_DFL); /* fails for SIGKILL, SIGSTOP and those of the C library: nothing to undo there */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void interrupt_die(int signal_number)
{
    signal(signal_number, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal_number);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    raise(signal_number);
    _exit(128 + signal_number);
}
