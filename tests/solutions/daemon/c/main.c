/* daemon: a service that detaches from whoever starts it, runs once in a directory, and is controlled by a
 * pid file.
 *
 * The truth about whether it runs is not the number in the pid file but a lock on it: the kernel gives the
 * lock to one process alone, takes it back when that ends in whatever way, and tells who has it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DONE = 0, FAILED = 1, WRONG_USAGE = 2, STATUS_CRASHED = 1, STATUS_STOPPED = 3 };

static char pid_path[PATH_MAX + 16], log_path[PATH_MAX + 16];

static int fail(const char *what)
{
    fprintf(stderr, "daemon: %s: %s\n", what, strerror(errno));
    return FAILED;
}

/* ---- The pid file and its lock ---- */

/* Takes the lock on an open pid file, as far as nobody has it. */
static bool take_lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &whole) == 0;
}

/* The daemon that runs in this directory; 0: none. Asking takes no lock, so it disturbs nobody who wants it.
 */
static pid_t running_daemon(void)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(pid_path, O_RDWR | O_CLOEXEC);
    bool locked = fd >= 0 && fcntl(fd, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
    if (fd >= 0)
        close(fd);
    return locked ? whole.l_pid : 0;
}

/* The path may have been removed, or made anew, between open and lock: such a lock is worth nothing. */
static bool is_current(int fd)
{
    struct stat ours, current;
    return fstat(fd, &ours) == 0 && stat(pid_path, &current) == 0 && ours.st_ino == current.st_ino &&
           ours.st_dev == current.st_dev;
}

/* Returns the locked pid file; -1 with errno, which is EAGAIN or EACCES when another has the lock. */
static int claim_pid_file(int flags)
{
    for (;;) {
        int fd = open(pid_path, O_RDWR | O_CLOEXEC | flags, 0644);
        if (fd < 0)
            return -1;
        if (!take_lock(fd)) {
            int reason = errno == EACCES ? EAGAIN : errno;
            close(fd);
            errno = reason;
            return -1;
        }
        if (is_current(fd))
            return fd;
        close(fd);
    }
}

static bool write_pid(int fd)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
}

/* ---- The daemon ---- */

static int open_log(void)
{
    return open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static void log_line(int log, const char *word)
{
    if (dprintf(log, "%s %d\n", word, (int)getpid()) < 0) {
        /* there is nobody left to tell */
    }
}

/* What `start` hears from the daemon through the pipe: one of these, or nothing if it died. */
enum news_kind { READY, ALREADY_RUNNING, CANNOT_LOCK, CANNOT_LOG };
struct news {
    enum news_kind kind;
    int error;
};

static void tell(int pipe, enum news_kind kind)
{
    struct news news = {kind, errno};
    if (write(pipe, &news, sizeof news) < 0) {
        /* `start` was killed; the daemon goes its way */
    }
}

/* The service itself: it waits for signals, which are blocked and taken one by one. */
static void serve(int log, const sigset_t *wanted)
{
    for (;;) {
        int signal;
        if (sigwait(wanted, &signal) != 0)
            continue;
        if (signal == SIGHUP) {
            int fresh = open_log();
            if (fresh < 0)
                continue; /* better the old log than none */
            close(log);
            log = fresh;
            log_line(log, "reopened");
        } else {
            log_line(log, "stopped");
            return;
        }
    }
}

/* Nothing of the caller stays: its directory, its umask, its signals, its descriptors but the pipe. */
static int leave_everything(int pipe)
{
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    umask(0);
    if (chdir("/") < 0)
        _exit(FAILED);
    dup2(pipe, 3);
    syscall(SYS_close_range, 4, ~0U, 0);
    return 3;
}

static void quiet_standard_descriptors(void)
{
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd <= 2; fd++)
        dup2(null, fd);
    if (null > 2)
        close(null);
}

static void be_daemon(int pipe)
{
    pipe = leave_everything(pipe);
    fcntl(pipe, F_SETFD, FD_CLOEXEC);

    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGHUP);
    sigprocmask(SIG_SETMASK, &wanted, NULL);

    int pid_file = claim_pid_file(O_CREAT);
    if (pid_file < 0) {
        tell(pipe, errno == EAGAIN ? ALREADY_RUNNING : CANNOT_LOCK);
        _exit(FAILED);
    }
    int log = open_log();
    if (log < 0 || !write_pid(pid_file)) {
        tell(pipe, CANNOT_LOG);
        unlink(pid_path);
        _exit(FAILED);
    }
    quiet_standard_descriptors();
    log_line(log, "started");
    tell(pipe, READY);
    close(pipe);

    serve(log, &wanted);
    unlink(pid_path); /* while the lock is still ours */
    _exit(DONE);
}

/* ---- start, stop, status ---- */

/* Forks twice: the first child leads the new session and ends, so that the second, the daemon, leads none and
 * can never get a terminal. */
static int start(void)
{
    int news_pipe[2];
    if (pipe2(news_pipe, O_CLOEXEC) < 0)
        return fail("pipe");
    pid_t child = fork();
    if (child < 0)
        return fail("fork");
    if (child == 0) {
        setsid();
        pid_t grandchild = fork();
        if (grandchild == 0)
            be_daemon(news_pipe[1]);
        _exit(grandchild < 0 ? FAILED : DONE);
    }
    close(news_pipe[1]);
    waitpid(child, NULL, 0);

    struct news news;
    ssize_t n;
    while ((n = read(news_pipe[0], &news, sizeof news)) < 0 && errno == EINTR)
        ;
    if (n != (ssize_t)sizeof news) {
        fprintf(stderr, "daemon: it ended before it was ready\n");
        return FAILED;
    }
    errno = news.error;
    switch (news.kind) {
    case READY:
    case ALREADY_RUNNING:
        return DONE;
    case CANNOT_LOCK:
        return fail(pid_path);
    case CANNOT_LOG:
        return fail(log_path);
    }
    return FAILED;
}

/* Removes a pid file that belongs to nobody. Whoever removes it has to have the lock. */
static int remove_stale(void)
{
    int fd = claim_pid_file(0);
    if (fd < 0)
        return errno == ENOENT || errno == EAGAIN ? DONE : fail(pid_path);
    int result = unlink(pid_path) < 0 ? fail(pid_path) : DONE;
    close(fd);
    return result;
}

static int stop(void)
{
    pid_t pid = running_daemon();
    if (pid == 0)
        return remove_stale();

    /* From pidfd_open on the descriptor means this process, even if it ends and its number is given away.
     * That it has the lock now proves that it is the one. */
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd >= 0 && running_daemon() == pid && syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0) < 0)
        return fail("cannot stop it");
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    while (pidfd >= 0 && poll(&end, 1, -1) < 0 && errno == EINTR)
        ;
    return remove_stale(); /* it has done so itself, unless it was killed */
}

static int status(void)
{
    pid_t pid = running_daemon();
    if (pid != 0) {
        printf("running %d\n", (int)pid);
        return DONE;
    }
    bool stale = access(pid_path, F_OK) == 0;
    puts(stale ? "crashed" : "stopped");
    return stale ? STATUS_CRASHED : STATUS_STOPPED;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *verb;
        int (*run)(void);
    } verbs[] = {{"start", start}, {"stop", stop}, {"status", status}};

    for (size_t i = 0; argc == 2 && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(argv[1], verbs[i].verb) != 0)
            continue;
        char directory[PATH_MAX];
        if (getcwd(directory, sizeof directory) == NULL)
            return fail("the working directory");
        snprintf(pid_path, sizeof pid_path, "%s/daemon.pid", directory);
        snprintf(log_path, sizeof log_path, "%s/daemon.log", directory);
        return verbs[i].run();
    }
    fprintf(stderr, "daemon: usage: ./daemon start|stop|status\n");
    return WRONG_USAGE;
}
