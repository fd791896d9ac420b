#include "harness/terminal.h"

#include "base/mem.h"
#include "harness/children.h"
#include "harness/world.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct terminal {
    struct terminal *next;
    int master, slave;
    int shell; /* pid */
};

static struct terminal *all;

struct terminal *program_terminal_new(void)
{
    struct terminal *t = xcalloc(1, sizeof *t);

    t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (t->master < 0 || unlockpt(t->master) < 0)
        world_broken(errno, "A terminal could not be made");
    t->slave = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (t->slave < 0)
        world_broken(errno, "A terminal could not be opened");
    t->next = all;
    all = t;
    return t;
}

int terminal_slave(struct terminal *t)
{
    return t->slave;
}

/* The process that becomes the program: a job of its own, in the foreground. */
static int become_foreground(int slave)
{
    sigset_t ttou, old;

    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU); /* one that is not in the foreground yet gets it from tcsetpgrp() */
    sigprocmask(SIG_BLOCK, &ttou, &old);
    int status = setpgid(0, 0) < 0 || tcsetpgrp(slave, getpid()) < 0 ? -1 : 0;
    sigprocmask(SIG_SETMASK, &old, NULL);
    return status;
}

/* Leads the session, and forks the program as its own sibling: PID 1 is the parent of both. Returns in the
 * program alone. */
static void be_shell(struct terminal *t, const struct sandbox_spec *spec, int report_fd)
{
    children_reset_signals();
    int pid = -1;
    if (sandbox_enter_program(spec) == 0 && ioctl(t->slave, TIOCSCTTY, 0) == 0) {
        pid = (int)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (pid == 0) {
            if (become_foreground(t->slave) < 0)
                _exit(127);
            return;
        }
    }
    int answer = pid < 0 ? -errno : pid;
    if (write(report_fd, &answer, sizeof answer) != (ssize_t)sizeof answer)
        _exit(1);
    for (int fd = 0; fd < 3; fd++)
        dup2(t->slave, fd);
    syscall(SYS_close_range, 3, ~0U, 0); /* no pipe of the program's may stay open here */
    for (;;)
        pause();
}

int terminal_fork(struct terminal *t, const struct sandbox_spec *spec)
{
    int report[2], answer = -EPIPE;

    if (pipe2(report, O_CLOEXEC) < 0)
        return -1;
    t->shell = _Fork(); /* as in program.c */
    if (t->shell == 0) {
        be_shell(t, spec, report[1]);
        return 0;
    }
    close(report[1]);
    if (t->shell > 0 && read(report[0], &answer, sizeof answer) != (ssize_t)sizeof answer)
        answer = -EPIPE;
    close(report[0]);
    if (answer > 0)
        return answer;
    errno = -answer;
    return -1;
}

void terminal_hang_up(struct terminal *t)
{
    if (t->master < 0)
        return;
    close(t->master);
    t->master = -1;
}

bool terminal_is_shell(int pid)
{
    for (struct terminal *t = all; t; t = t->next)
        if (t->shell == pid)
            return true;
    return false;
}
