/* container: runs a command in a root file system, with namespaces of its own.
 *
 *     container, outside              signals in, exit status out, the group of the limits
 *       └─ clone ─► process 1         mounts, pivot_root, then exec: it becomes the command
 *
 * The child waits until the parent has written its maps and put it into its group, and says itself what it cannot do:
 * its exit status is that of the container in any case. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { USAGE = 2, CANNOT_RUN = 125, CANNOT_EXECUTE = 126, NOT_FOUND = 127 };

struct container {
    const char *image;
    char **command;
    char group[PATH_MAX]; /* the directory of its cgroup; "" if it has no limits */
    int go[2];            /* a byte comes when process 1 may begin */
};

static void cannot(const char *what)
{
    fprintf(stderr, "container: %s: %s\n", what, strerror(errno));
    exit(CANNOT_RUN);
}

static void must(int result, const char *what)
{
    if (result < 0)
        cannot(what);
}

static int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, strlen(text));
    int saved = errno;
    close(fd);
    errno = saved;
    return n < 0 ? -1 : 0;
}

/* ---- Inside: process 1 ----------------------------------------------------------------------------------- */

static void mount_devices(void)
{
    static const char *const names[] = {"null", "zero", "full", "random", "urandom"};

    must(mount("dev", "dev", "tmpfs", MS_NOSUID, "mode=755,size=64k"), "mount dev");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char from[64], to[64];
        snprintf(from, sizeof from, "/dev/%s", names[i]);
        snprintf(to, sizeof to, "dev/%s", names[i]);
        int fd = open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0666); /* mknod(2) is refused in a user namespace */
        must(fd, to);
        close(fd);
        must(mount(from, to, NULL, MS_BIND, NULL), from);
    }
}

/* What was mounted in a more privileged namespace keeps its flags: a remount has to name them again. */
static void make_root_read_only(void)
{
    struct statvfs now;
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;

    must(statvfs("/", &now), "/");
    flags |= now.f_flag & ST_NOSUID ? MS_NOSUID : 0;
    flags |= now.f_flag & ST_NODEV ? MS_NODEV : 0;
    flags |= now.f_flag & ST_NOEXEC ? MS_NOEXEC : 0;
    flags |= now.f_flag & ST_NOATIME ? MS_NOATIME : 0;
    flags |= now.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0;
    flags |= now.f_flag & ST_RELATIME ? MS_RELATIME : 0;
    must(mount(NULL, "/", NULL, flags, NULL), "make the root read-only");
}

static void enter_image(const char *image)
{
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make the mounts private");
    must(mount(image, image, NULL, MS_BIND | MS_REC, NULL), image); /* pivot_root(2) wants a mount point */
    must(chdir(image), image);
    mount_devices();
    must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mount proc");
    must(mount("tmp", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"), "mount tmp");
    /* The old root comes to lie on top of the new one, and is taken off: no directory is needed for it. */
    must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
    must(umount2(".", MNT_DETACH), "unmount the old root");
    must(chdir("/"), "/");
    make_root_read_only();
}

static void name_host(const char *image)
{
    size_t end = strlen(image), begin;

    while (end > 0 && image[end - 1] == '/')
        end--;
    for (begin = end; begin > 0 && image[begin - 1] != '/'; begin--)
        ;
    must(sethostname(image + begin, end - begin), "sethostname");
}

static void bring_up_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    must(s, "socket");
    must(ioctl(s, SIOCSIFFLAGS, &request), "bring up lo");
    close(s);
}

static void reset_signals(void)
{
    sigset_t none;

    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void become_command(char **command)
{
    static char *environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/",
                                  NULL};

    must(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
    reset_signals();
    environ = environment;
    execvpe(command[0], command, environment);
    int status = errno == ENOENT || errno == ENOTDIR ? NOT_FOUND : CANNOT_EXECUTE;
    fprintf(stderr, "container: %s: %s\n", command[0], strerror(errno));
    exit(status);
}

static void be_process_1(const struct container *c)
{
    char byte;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(c->go[1]);
    if (read(c->go[0], &byte, 1) != 1) /* the parent is gone already */
        exit(CANNOT_RUN);
    name_host(c->image);
    bring_up_loopback();
    enter_image(c->image);
    become_command(c->command);
}

/* ---- Limits ---------------------------------------------------------------------------------------------- */

/* The number in the environment; 0 if it is not there. */
static long limit_named(const char *name)
{
    const char *text = getenv(name);
    char *end;

    if (!text)
        return 0;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || n <= 0 || errno || n > INT_MAX) {
        fprintf(stderr, "container: %s is '%s', not a number above 0\n", name, text);
        exit(CANNOT_RUN);
    }
    return n;
}

static void set_limit(const struct container *c, const char *file, long value)
{
    char path[PATH_MAX + 32], text[32];

    snprintf(path, sizeof path, "%s/%s", c->group, file);
    snprintf(text, sizeof text, "%ld", value);
    if (write_text(path, text) == 0)
        return;
    int saved = errno;
    rmdir(c->group);
    errno = saved;
    cannot(path);
}

static void make_group(struct container *c)
{
    long memory_mb = limit_named("CONTAINER_MEMORY_MB"), pids = limit_named("CONTAINER_PIDS");
    const char *parent = getenv("CONTAINER_CGROUP");

    if (!memory_mb && !pids)
        return;
    if (!parent) {
        fprintf(stderr, "container: limits need a group to be made in: CONTAINER_CGROUP is not set\n");
        exit(CANNOT_RUN);
    }
    snprintf(c->group, sizeof c->group, "%s/container-%d", parent, getpid());
    must(mkdir(c->group, 0755), c->group);
    if (pids)
        set_limit(c, "pids.max", pids);
    if (memory_mb) {
        char swap[PATH_MAX + 32];
        set_limit(c, "memory.max", memory_mb << 20);
        snprintf(swap, sizeof swap, "%s/memory.swap.max", c->group);
        if (access(swap, F_OK) == 0) /* a kernel without swap has no such file */
            set_limit(c, "memory.swap.max", 0);
    }
}

/* ---- Outside --------------------------------------------------------------------------------------------- */

static int write_map(pid_t pid, const char *file, unsigned id)
{
    char path[64], line[64];

    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    snprintf(line, sizeof line, "0 %u 1", id);
    return write_text(path, line);
}

/* Makes the child root of its user namespace, puts it into its group and lets it go. */
static int release(const struct container *c, pid_t pid)
{
    char path[PATH_MAX + 32], text[32];

    snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
    if (write_text(path, "deny") < 0 || write_map(pid, "uid_map", geteuid()) < 0 ||
        write_map(pid, "gid_map", getegid()) < 0)
        return -1;
    if (*c->group) {
        snprintf(path, sizeof path, "%s/cgroup.procs", c->group);
        snprintf(text, sizeof text, "%d", pid);
        if (write_text(path, text) < 0)
            return -1;
    }
    return write(c->go[1], "", 1) == 1 ? 0 : -1;
}

/* Passes every signal on, until the child has ended. */
static int attend(pid_t pid, const sigset_t *signals)
{
    for (;;) {
        int status, signal;
        sigwait(signals, &signal);
        if (signal != SIGCHLD)
            kill(pid, signal); /* it is not reaped yet, so the number is still its own */
        else if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

static int run(struct container *c)
{
    static const int passed_on[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD};
    unsigned long namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;
    sigset_t signals;

    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        sigaddset(&signals, passed_on[i]);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGCHLD, SIG_DFL); /* whoever called us may have ignored it: nothing could be waited for */

    make_group(c);
    must(pipe2(c->go, O_CLOEXEC), "pipe");
    pid_t pid = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, 0);
    if (pid == 0)
        be_process_1(c);
    int status = CANNOT_RUN;
    if (pid < 0 || release(c, pid) < 0)
        fprintf(stderr, "container: cannot make the container: %s\n", strerror(errno));
    close(c->go[0]);
    close(c->go[1]); /* the end of it ends a child that was not released */
    if (pid > 0)
        status = attend(pid, &signals);
    if (*c->group)
        rmdir(c->group);
    return status;
}

int main(int argc, char **argv)
{
    struct stat st;

    if (argc < 4 || strcmp(argv[1], "run") != 0) {
        fprintf(stderr, "container: usage: ./container run <image> <command> [args...]\n");
        return USAGE;
    }
    struct container c = {.image = argv[2], .command = argv + 3};
    if (stat(c.image, &st) < 0)
        cannot(c.image);
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        cannot(c.image);
    }
    return run(&c);
}
