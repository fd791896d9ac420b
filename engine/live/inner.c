/* The inner side: PID 1 of the sandbox starts the program, forwards signals to it, and ends with it. */
#include "live/wire.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct inner {
    const struct wire *wire;
    int fds[3]; /* the program's streams */
    int master, slave;
    pid_t pid;
};

static _Noreturn void give_up(const struct inner *in, int error)
{
    struct tell tell = {TOLD_NOT_STARTED, error};
    wire_send_fds(in->wire->inner, &tell, sizeof tell, NULL, 0);
    _exit(1);
}

static void take_streams(struct inner *in)
{
    int fds[3], next = 0;
    size_t n;
    char byte;
    if (wire_receive_fds(in->wire->inner, &byte, 1, fds, ARRAY_LEN(fds), &n) != 1)
        _exit(1);
    if (in->wire->has_terminal) {
        in->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (in->master < 0 || unlockpt(in->master) < 0)
            give_up(in, errno);
        in->slave = ioctl(in->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (in->slave < 0)
            give_up(in, errno);
        tcsetattr(in->slave, TCSANOW, &in->wire->modes);
        ioctl(in->slave, TIOCSWINSZ, &in->wire->size);
    }
    for (int i = 0; i < 3; i++)
        in->fds[i] = in->wire->has_terminal && in->wire->is_terminal[i] ? in->slave
                     : next < (int)n                                    ? fds[next++]
                                                                        : open("/dev/null", O_RDWR);
}

static char **environment_of(const struct live_spec *live)
{
    enum { PLAIN = 4 };
    size_t more = 0, n = 0;
    autofree char *here = getcwd(NULL, 0);
    while (live->more_environment && live->more_environment[more])
        more++;
    char **environment = xcalloc(PLAIN + more + 1, sizeof *environment);
    environment[n++] = xstrdup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment[n++] = xasprintf("HOME=%s", here ? here : "/");
    environment[n++] = xstrdup("LANG=C.UTF-8");
    environment[n++] = xstrdup("TZ=UTC");
    for (size_t i = 0; i < more; i++)
        environment[n++] = xstrdup(live->more_environment[i]);
    return environment;
}

/* In the child: becomes the program. What fails is written to report_fd, which a successful exec closes. */
static _Noreturn void become(const struct inner *in, char *const *environment, int report_fd)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const struct live_spec *live = in->wire->live;
    /* The streams may have the numbers of one another. */
    int high[3];
    for (int i = 0; i < 3; i++)
        high[i] = fcntl(in->fds[i], F_DUPFD_CLOEXEC, 3);
    for (int i = 0; i < 3; i++)
        dup2(high[i], i);
    if (sandbox_enter_program(&in->wire->sandbox) == 0 &&
        (!in->wire->has_terminal || ioctl(in->slave, TIOCSCTTY, 0) == 0))
        execve(live->arguments[0], (char *const *)(uintptr_t)live->arguments, environment);
    int error = errno;
    ssize_t written = write(report_fd, &error, sizeof error);
    (void)written;
    _exit(127);
}

static void start(struct inner *in)
{
    int report[2], error = 0;
    char **environment = environment_of(in->wire->live);
    if (pipe2(report, O_CLOEXEC) < 0)
        give_up(in, errno);
    /* Not fork(): libuv's handler for it closes descriptors that it had in lux, and here those may be streams. */
    in->pid = _Fork();
    if (in->pid < 0)
        give_up(in, errno);
    if (in->pid == 0)
        become(in, environment, report[1]);
    close(report[1]);
    ssize_t n;
    while ((n = read(report[0], &error, sizeof error)) < 0 && errno == EINTR) {
    }
    if (n == (ssize_t)sizeof error)
        give_up(in, error);
    close(report[0]);
    struct tell tell = {TOLD_STARTED, 0};
    wire_send_fds(in->wire->inner, &tell, sizeof tell, &in->master, in->wire->has_terminal);
    for (int i = 0; i < 3; i++)
        close(in->fds[i]);
    if (in->wire->has_terminal) {
        close(in->slave);
        close(in->master);
    }
}

/* Reaps what has ended. True once the program has. */
static bool reap(const struct inner *in, int *status)
{
    int one;
    bool ended = false;
    for (pid_t pid; (pid = waitpid(-1, &one, WNOHANG)) > 0;)
        if (pid == in->pid) {
            *status = one;
            ended = true;
        }
    return ended;
}

int inner_main(void *context)
{
    struct inner in = {.wire = context, .master = -1, .slave = -1};
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    int ends = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK), status = 0;
    take_streams(&in);
    start(&in);
    while (!reap(&in, &status)) {
        struct pollfd fds[] = {{.fd = ends, .events = POLLIN}, {.fd = in.wire->inner, .events = POLLIN}};
        struct signalfd_siginfo ended;
        int number;
        poll(fds, ARRAY_LEN(fds), -1);
        while (read(ends, &ended, sizeof ended) > 0) {
        }
        if (!fds[1].revents)
            continue;
        if (recv(in.wire->inner, &number, sizeof number, MSG_DONTWAIT) != (ssize_t)sizeof number)
            return 1; /* nobody waits for us any more */
        kill(-in.pid, number);
    }
    struct tell tell = {TOLD_ENDED, status};
    wire_send_fds(in.wire->inner, &tell, sizeof tell, NULL, 0);
    return 0;
}
