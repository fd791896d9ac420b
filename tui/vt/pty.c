#include "vt/pty.h"

#include "base/buf.h"
#include "base/mem.h"
#include "vt/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct pty {
    int fd;
    pid_t pid;
    bool ended;
    int status;
    struct buf queue;
    size_t head; /* bytes of the queue that are written */
};

/* ---- Starting ---- */

/* A terminal as a login would find it, and not the raw one that luxtui itself runs in. */
static void sane_termios(struct termios *t)
{
    static const struct {
        int index;
        cc_t value;
    } keys[] = {
        {VINTR, 'C' & 0x1f},
        {VQUIT, '\\' & 0x1f},
        {VERASE, 0x7f},
        {VKILL, 'U' & 0x1f},
        {VEOF, 'D' & 0x1f},
        {VSTART, 'Q' & 0x1f},
        {VSTOP, 'S' & 0x1f},
        {VSUSP, 'Z' & 0x1f},
        {VREPRINT, 'R' & 0x1f},
        {VDISCARD, 'O' & 0x1f},
        {VWERASE, 'W' & 0x1f},
        {VLNEXT, 'V' & 0x1f},
        {VMIN, 1},
        {VTIME, 0},
    };

    memset(t, 0, sizeof *t);
    t->c_iflag = BRKINT | ICRNL | IMAXBEL | IXON | IUTF8;
    t->c_oflag = OPOST | ONLCR;
    t->c_cflag = CS8 | CREAD | HUPCL;
    t->c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
    for (size_t i = 0; i < NCCS; i++)
        t->c_cc[i] = _POSIX_VDISABLE;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        t->c_cc[keys[i].index] = keys[i].value;
    cfsetispeed(t, B38400);
    cfsetospeed(t, B38400);
}

static void reset_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int i = 1; i < NSIG; i++)
        sigaction(i, &action, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What the child tells before it becomes another program, if it cannot. */
struct failure {
    enum { NO_DIRECTORY, NO_PROGRAM } what;
    int error;
};

/* Only async-signal-safe calls: the parent may have threads. */
static _Noreturn void become(const struct pty_options *o, char *const *argv, char *const *env, int report)
{
    enum { REPORT_FD = 3 };
    struct failure f = {.what = NO_PROGRAM};

    reset_signals();
    if (report != REPORT_FD)
        report = dup2(report, REPORT_FD);
    fcntl(report, F_SETFD, FD_CLOEXEC);
    close_range(REPORT_FD + 1, ~0u, 0);
    if (o->cwd && chdir(o->cwd) != 0)
        f.what = NO_DIRECTORY;
    else
        execvpe(o->argv[0], argv, env);
    f.error = errno;
    ssize_t written = write(report, &f, sizeof f);
    _exit(written < 0 ? 126 : 127);
}

static int explain(const struct failure *f, const struct pty_options *o, struct error *err)
{
    errno = f->error;
    if (f->what == NO_DIRECTORY)
        return error_errno(err, "cannot start %s in %s", o->argv[0], o->cwd);
    return error_errno(err, "cannot start %s", o->argv[0]);
}

/* The end of the pipe without a word means that the program runs. */
static int wait_for_exec(int fd, struct failure *f)
{
    ssize_t n;

    do
        n = read(fd, f, sizeof *f);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *f ? -1 : 0;
}

static char **named_argv(const struct pty_options *o)
{
    size_t n = 0;

    while (o->argv[n])
        n++;
    char **argv = xcalloc(n + 1, sizeof *argv);
    for (size_t i = 0; i < n; i++)
        argv[i] = (char *)o->argv[i];
    if (o->argv0)
        argv[0] = (char *)o->argv0;
    return argv;
}

static struct winsize size_of(int rows, int cols)
{
    return (struct winsize){.ws_row = (unsigned short)(rows < 1 ? 1 : rows),
                            .ws_col = (unsigned short)(cols < 1 ? 1 : cols)};
}

struct pty *pty_spawn(const struct pty_options *options, struct error *err)
{
    struct winsize size = size_of(options->rows, options->cols);
    struct failure failure = {0};
    struct termios termios;
    int report[2], fd;

    if (pipe2(report, O_CLOEXEC) != 0) {
        error_errno(err, "cannot start %s: no pipe", options->argv[0]);
        return NULL;
    }
    char **argv = named_argv(options);
    char **env = environment_new(environ, options->env);
    sane_termios(&termios);
    pid_t pid = forkpty(&fd, NULL, &termios, &size);
    if (pid == 0)
        become(options, argv, env, report[1]);
    int saved = errno;
    close(report[1]);
    free(argv);
    environment_free(env);
    if (pid < 0) {
        close(report[0]);
        errno = saved;
        error_errno(err, "cannot start %s: no pseudo-terminal", options->argv[0]);
        return NULL;
    }
    int failed = wait_for_exec(report[0], &failure);
    close(report[0]);
    if (failed) {
        close(fd);
        waitpid(pid, NULL, 0);
        explain(&failure, options, err);
        return NULL;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct pty *p = xcalloc(1, sizeof *p);
    p->fd = fd;
    p->pid = pid;
    p->queue.limit = PTY_QUEUE_MAX;
    return p;
}

static void end(struct pty *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
    pty_drop_queue(p);
}

void pty_free(struct pty *p)
{
    int status;

    if (!p)
        return;
    /* Closing the master hangs up the foreground group only; the shell itself may be in the background or
     * stopped. */
    if (!pty_reap(p, &status)) {
        kill(p->pid, SIGHUP);
        kill(p->pid, SIGCONT);
    }
    end(p);
    buf_free(&p->queue);
    free(p);
}

int pty_fd(const struct pty *p)
{
    return p->fd;
}

pid_t pty_pid(const struct pty *p)
{
    return p->pid;
}

/* ---- Bytes ---- */

ssize_t pty_read(struct pty *p, void *buffer, size_t n)
{
    ssize_t got;

    if (p->fd < 0)
        return -1;
    do
        got = read(p->fd, buffer, n);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        return got;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    /* On Linux the end is EIO, after all that was written has been read. */
    end(p);
    return -1;
}

/* Writes what the child takes; the number of bytes. */
static size_t write_some(struct pty *p, const char *bytes, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t wrote = write(p->fd, bytes + done, n - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    return done;
}

bool pty_write(struct pty *p, const void *bytes, size_t n)
{
    if (p->fd < 0)
        return true;
    if (pty_queued(p) + n > PTY_QUEUE_MAX)
        return false;
    size_t done = pty_queued(p) ? 0 : write_some(p, bytes, n);
    if (done == n)
        return true;
    buf_drop(&p->queue, p->head);
    p->head = 0;
    return buf_add(&p->queue, (const char *)bytes + done, n - done);
}

void pty_flush(struct pty *p)
{
    if (p->fd < 0 || !pty_queued(p))
        return;
    p->head += write_some(p, p->queue.data + p->head, pty_queued(p));
    if (p->head == p->queue.len)
        pty_drop_queue(p);
}

size_t pty_queued(const struct pty *p)
{
    return p->queue.len - p->head;
}

void pty_drop_queue(struct pty *p)
{
    enum { KEPT = 64 << 10 };

    p->head = 0;
    if (p->queue.cap > KEPT)
        buf_free(&p->queue);
    else
        buf_clear(&p->queue);
}

/* ---- The child ---- */

void pty_resize(struct pty *p, int rows, int cols)
{
    struct winsize size = size_of(rows, cols);

    if (p->fd >= 0)
        ioctl(p->fd, TIOCSWINSZ, &size);
}

bool pty_reap(struct pty *p, int *status)
{
    if (!p->ended && waitpid(p->pid, &p->status, WNOHANG) == p->pid)
        p->ended = true;
    if (p->ended)
        *status = p->status;
    return p->ended;
}

pid_t pty_foreground(const struct pty *p)
{
    return p->fd >= 0 ? tcgetpgrp(p->fd) : -1;
}

void pty_signal(struct pty *p, int signal)
{
    pid_t group = pty_foreground(p);

    if (group > 0)
        kill(-group, signal);
    else if (!p->ended)
        kill(p->pid, signal);
}
