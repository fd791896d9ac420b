#include "workspace/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CONTROL = 3,          /* where the supervisor has its end of `control` */
    CANNOT_RUN = 127,     /* an exit status, as the shell has it */
    SWEEP_ROUND_MS = 100, /* how often the sweep looks for processes that were born meanwhile */
    SWEEP_ROUNDS = 50 /* after 5 s it gives up: what is left cannot be killed by us (setuid, a dead disk) */
};

static void on_child(int signal_number)
{
    (void)signal_number; /* only to interrupt ppoll */
}

/* ---- The command ---- */

/* Go refuses to build without a place for its cache; a home that cannot be written is no reason not to build.
 */
static bool has_cache_directory(void)
{
    const char *home = getenv("HOME");
    char cache[PATH_MAX];
    if (getenv("XDG_CACHE_HOME"))
        return true;
    snprintf(cache, sizeof cache, "%s/.cache", home ? home : "");
    return access(cache, F_OK) == 0 ? access(cache, W_OK) == 0 : home && access(home, W_OK) == 0;
}

_Noreturn static void run_command(const struct supervise_options *o, const char *scratch, pid_t parent)
{
    sigset_t none;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(CANNOT_RUN);
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir(o->dir)) {
        dprintf(STDERR_FILENO, "cannot enter %s: %s\n", o->dir, strerror(errno));
        _exit(CANNOT_RUN);
    }
    environ = (char **)o->environment;
    setenv("TMPDIR", scratch, 1);
    if (!has_cache_directory())
        setenv("XDG_CACHE_HOME", scratch, 1);
    execl("/bin/sh", "sh", "-c", o->command, (char *)NULL);
    dprintf(STDERR_FILENO, "cannot run /bin/sh: %s\n", strerror(errno));
    _exit(CANNOT_RUN);
}

/* ---- The supervisor ---- */

/* Kills every child that this process has; true if it could look. Needs a kernel with CONFIG_PROC_CHILDREN.
 */
static bool kill_children(void)
{
    FILE *f = fopen("/proc/thread-self/children", "re");
    int pid;
    if (!f)
        return false;
    while (fscanf(f, "%d", &pid) == 1)
        kill(pid, SIGKILL);
    fclose(f);
    return true;
}

/* Ends all descendants. Whoever loses its parent becomes a child of this process, a subreaper, and is found
 * by the next round; so it is over when there is no child left. */
static void sweep(pid_t group, const sigset_t *waiting)
{
    for (int round = 0; round < SWEEP_ROUNDS; round++) {
        kill(-group, SIGKILL);
        kill_children();
        pid_t reaped;
        while ((reaped = waitpid(-1, NULL, WNOHANG)) > 0)
            round = 0;
        if (reaped < 0 && errno == ECHILD)
            return;
        ppoll(NULL, 0, &(struct timespec){.tv_nsec = SWEEP_ROUND_MS * 1000000L}, waiting);
    }
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    remove(path);
    return 0;
}

/* Waits until lux has closed its side, the only thing that it ever does; with a mask a SIGCHLD ends the wait
 * too. */
static bool wait_for_lux(const sigset_t *mask)
{
    struct pollfd lux = {.fd = CONTROL, .events = POLLIN};
    return ppoll(&lux, 1, NULL, mask) > 0;
}

/* Runs the command until it has ended or lux lets go, then ends all that it started. Returns its status. */
static int supervise(const struct supervise_options *o, const char *scratch, const sigset_t *waiting)
{
    int status = SIGKILL; /* what it is ended by when lux lets go */
    pid_t parent = getpid();
    pid_t command = fork();
    if (command == 0)
        run_command(o, scratch, parent);
    if (command > 0)
        setpgid(command, command); /* here too: whichever of the two comes first */
    else
        dprintf(STDERR_FILENO, "cannot start a process: %s\n", strerror(errno));
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    if (command < 0)
        return CANNOT_RUN << 8;
    while (waitpid(command, &status, WNOHANG) == 0 && !wait_for_lux(waiting))
        ;
    sweep(command, waiting);
    return status;
}

/* Only the descriptors in `keep` stay open, as 0, 1, 2 and CONTROL; the others belong to lux. */
static int keep_only(const int keep[4])
{
    int high[4];
    for (int i = 0; i < 4; i++) {
        high[i] = fcntl(keep[i], F_DUPFD_CLOEXEC, 64);
        if (high[i] < 0)
            return -1;
    }
    for (int i = 0; i < 4; i++)
        dup2(high[i], i);
    fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
    return close_range(CONTROL + 1, ~0U, 0);
}

_Noreturn static void supervisor(const struct supervise_options *o, const int keep[4])
{
    struct sigaction wake = {.sa_handler = on_child};
    sigset_t waiting; /* all signals are blocked, except SIGCHLD while it waits: nobody ends it but SIGKILL */

    setsid(); /* no terminal: neither Ctrl-C nor a question on /dev/tty reaches the build */
    prctl(PR_SET_NAME, "lux-build");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigaction(SIGCHLD, &wake, NULL);
    sigfillset(&waiting);
    sigdelset(&waiting, SIGCHLD);
    if (keep_only(keep))
        _exit(1);

    const char *tmp = getenv("TMPDIR");
    char scratch[PATH_MAX];
    snprintf(scratch, sizeof scratch, "%s/lux-build-XXXXXX", tmp && tmp[0] == '/' ? tmp : "/tmp");
    int status = CANNOT_RUN << 8;
    if (mkdtemp(scratch)) {
        status = supervise(o, scratch, &waiting);
        nftw(scratch, remove_one, 32, FTW_DEPTH | FTW_PHYS);
    } else {
        dprintf(STDERR_FILENO, "cannot make a temporary directory (%s): %s\n", scratch, strerror(errno));
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
    }
    send(CONTROL, &status, sizeof status, MSG_NOSIGNAL);
    wait_for_lux(NULL);
    if (o->leftover)
        unlink(o->leftover);
    _exit(0);
}

/* ---- lux's side ---- */

struct ends {
    int control[2], out[2], err[2], null;
};

static void close_all(struct ends *e)
{
    int *all[] = {&e->control[0], &e->control[1], &e->out[0], &e->out[1], &e->err[0], &e->err[1], &e->null};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (*all[i] >= 0)
            close(*all[i]);
}

static void take(int *from, int *to)
{
    *to = *from;
    *from = -1;
}

int supervise_start(const struct supervise_options *o, struct supervised *out, struct error *err)
{
    struct ends e = {{-1, -1}, {-1, -1}, {-1, -1}, -1};
    int result = 0;

    e.null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (e.null < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, e.control) ||
        pipe2(e.out, O_CLOEXEC) || pipe2(e.err, O_CLOEXEC)) {
        result = error_errno(err, "cannot start the build");
    } else {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        out->pid = fork();
        if (out->pid == 0)
            supervisor(o, (const int[]){e.null, e.out[1], e.err[1], e.control[1]});
        if (out->pid < 0)
            result = error_errno(err, "cannot start the build");
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (result == 0) {
        take(&e.control[0], &out->control);
        take(&e.out[0], &out->out);
        take(&e.err[0], &out->err);
    }
    close_all(&e);
    return result;
}
