/* Process A: in a user and a mount namespace of its own it makes the read-only view of the host. All that is
 * mounted here is locked for B, which is cloned last. */
#include "sandbox/cgroups.h"
#include "sandbox/mounts.h"
#include "sandbox/world.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a program may expect in /dev. The nodes are the host's, bound: mknod is refused in a user namespace.
 */
static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty", "net/tun"};

struct trees { /* detached copies, taken before the places they come from are hidden; -1 if absent */
    int device[ARRAY_LEN(devices)];
    int workspace;
};

static void enter_user_namespace(const struct world *w);
static void take_devices(const struct world *w, struct trees *t);
static void make_host_read_only(const struct world *w);
static void make_overlay(const struct world *w, struct trees *t);
static void make_dev(const struct world *w, struct trees *t);
static void hide_writable_directories(const struct world *w);
static void place_workspace(const struct world *w, struct trees *t);
static void make_workdir(const struct world *w);
static pid_t clone_init(const struct world *w);

void builder_run(struct world *w)
{
    struct trees t = {.workspace = -1};

    setup_reset_signals();
    if (w->level == SANDBOX_FULL) { /* otherwise the keeper has done it */
        cgroups_enter(w->group);
        builder_keep_descriptors(w);
        builder_enter_workspace(w);
    }
    enter_user_namespace(w);
    take_devices(w, &t);
    make_host_read_only(w);
    make_overlay(w, &t);
    make_dev(w, &t);
    hide_writable_directories(w);
    place_workspace(w, &t);
    make_workdir(w);
    pid_t init = clone_init(w);
    if (init < 0)
        setup_fail(w, STEP_NAMESPACES, NULL);
    if (init == 0)
        init_run(w);
    _exit(0);
}

static int by_number(const void *a, const void *b)
{
    const unsigned *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* A descriptor that was opened outside bypasses every restriction of the mounts: close all but the two we
 * need. */
void builder_keep_descriptors(struct world *w)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    w->channel = fcntl(w->channel, F_DUPFD_CLOEXEC, 3);
    if (null < 0 || w->channel < 0)
        setup_fail(w, STEP_DESCRIPTORS, "/dev/null");
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    if (fcntl(STDERR_FILENO, F_GETFD) < 0)
        dup2(null, STDERR_FILENO);

    unsigned first = 3;
    unsigned kept[] = {(unsigned)w->channel, (unsigned)(w->spec->keep_fd > 2 ? w->spec->keep_fd : w->channel),
                       (unsigned)(w->spec->also_keep_fd > 2 ? w->spec->also_keep_fd : w->channel)};
    qsort(kept, ARRAY_LEN(kept), sizeof *kept, by_number);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        if (kept[i] > first && syscall(SYS_close_range, first, kept[i] - 1, 0) < 0)
            setup_fail(w, STEP_DESCRIPTORS, "close_range");
        first = kept[i] + 1;
    }
    if (syscall(SYS_close_range, first, ~0U, 0) < 0)
        setup_fail(w, STEP_DESCRIPTORS, "close_range");
}

/* Inside, root has no special rights over others' files. If one of the directories above the workspace is
 * open to its owner alone, as homes are, and lux runs as root (sudo lux), then the sandbox runs as that
 * owner. */
static void become_owner_if_needed(struct world *w)
{
    char path[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s", w->workspace);
    for (char *end = path + strlen(path); end > path; end = strrchr(path, '/')) {
        *end = '\0';
        if (stat(*path ? path : "/", &st) < 0)
            setup_fail(w, STEP_WORKSPACE, path);
        if (st.st_uid != 0 && !(st.st_mode & S_IXOTH)) {
            if (setgroups(0, NULL) < 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) < 0 ||
                setresuid(st.st_uid, st.st_uid, st.st_uid) < 0)
                setup_fail(w, STEP_WORKSPACE, path);
            w->uid = st.st_uid;
            w->gid = st.st_gid;
            return;
        }
    }
}

/* Done with lux's own rights, before the namespaces: root may walk where the root of a namespace may not. */
void builder_enter_workspace(struct world *w)
{
    if (!w->spec->workspace)
        return;
    if (chdir(w->spec->workspace) < 0 || !getcwd(w->workspace, sizeof w->workspace) ||
        access(".", R_OK | X_OK) < 0)
        setup_fail(w, STEP_WORKSPACE, w->spec->workspace);
    size_t n = strlen(SANDBOX_WORKDIR);
    if (!strcmp(w->workspace, "/") ||
        (!strncmp(w->workspace, SANDBOX_WORKDIR, n) && (!w->workspace[n] || w->workspace[n] == '/'))) {
        errno = EBUSY;
        setup_fail(w, STEP_WORKSPACE, w->workspace);
    }
    if (w->uid == 0)
        become_owner_if_needed(w);
}

static void enter_user_namespace(const struct world *w)
{
    /* lux may have been started from a file that only may be executed; /proc/self is root's then. */
    prctl(PR_SET_DUMPABLE, 1);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        setup_fail(w, STEP_USER_NAMESPACE, NULL);
    if (setup_map_ids(0, w->uid, 0, w->gid) < 0)
        setup_fail(w, STEP_ID_MAP, NULL);
    /* After the last change of credentials, which would undo it. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != w->parent)
        _exit(125);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        setup_fail(w, STEP_PRIVATE_MOUNTS, NULL);
}

static void take_devices(const struct world *w, struct trees *t)
{
    for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
        char path[64];
        snprintf(path, sizeof path, "/dev/%s", devices[i]);
        t->device[i] = mounts_copy(path);
        if (t->device[i] < 0 && errno != ENOENT && errno != ENOTDIR)
            setup_fail(w, STEP_DEVICES, path);
    }
}

static void make_host_read_only(const struct world *w)
{
    if (mounts_set("/", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, true) < 0)
        setup_fail(w, STEP_READ_ONLY, NULL);
    /* B can mount a new /proc and /sys only with the flags that are locked on these. Refused where the
     * surroundings have locked them already; B's own mounts tell then. */
    mounts_set("/proc", 0, MOUNT_ATTR_RDONLY, false);
    mounts_set("/sys", 0, MOUNT_ATTR_RDONLY, false);
}

static void private_tmpfs(const struct world *w, const char *path, int mode)
{
    long mb = setup_limit(w->spec->limits.tmp_mb, DEFAULT_TMP_MB);
    char options[96];
    snprintf(options, sizeof options, "mode=%o,size=%ldm,nr_inodes=%ld", (unsigned)mode, mb, mb * 1024);
    if (mount("lux", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0 && errno != ENOENT)
        setup_fail(w, STEP_PRIVATE_DIRECTORY, path);
}

/* In user.* attributes the overlay notes that a directory replaces one below; a tmpfs has them since
 * Linux 6.6. Without them a directory cannot be made where a file or directory of the workspace was removed.
 */
static bool mount_overlay(void)
{
    static const char *const options[] = {
        "lowerdir=/dev/lower,upperdir=/dev/upper,workdir=/dev/work,userxattr",
        "lowerdir=/dev/lower,upperdir=/dev/upper,workdir=/dev/work"};
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (mount("lux", "/dev/all", "overlay", MS_NOSUID | MS_NODEV, options[i]) == 0)
            return true;
    return false;
}

/* The overlay is made in a tmpfs on /dev that is covered right afterwards, so that its parts have no path
 * inside. A file system that cannot be below an overlay is taken as it is, read-only. */
static void make_overlay(const struct world *w, struct trees *t)
{
    if (!*w->workspace)
        return;
    int lower = mounts_copy("");
    if (lower < 0)
        setup_fail(w, STEP_WORKSPACE, w->workspace);
    private_tmpfs(w, "/dev", 0755);
    static const char *const parts[] = {"/dev/lower", "/dev/upper", "/dev/work", "/dev/all"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (mkdir(parts[i], 0755) < 0)
            setup_fail(w, STEP_OVERLAY, parts[i]);
    if (mounts_attach(lower, "/dev/lower") < 0)
        setup_fail(w, STEP_OVERLAY, w->workspace);
    bool done = mount_overlay();
    if (!done &&
        mounts_set("/dev/lower", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, true) < 0)
        setup_fail(w, STEP_OVERLAY, w->workspace);
    t->workspace = mounts_copy(done ? "/dev/all" : "/dev/lower");
    if (t->workspace < 0)
        setup_fail(w, STEP_OVERLAY, w->workspace);
}

static void make_dev(const struct world *w, struct trees *t)
{
    private_tmpfs(w, "/dev", 0755);
    static const char *const directories[] = {"/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/net"};
    for (size_t i = 0; i < ARRAY_LEN(directories); i++)
        if (mkdir(directories[i], 0755) < 0)
            setup_fail(w, STEP_DEVICES, directories[i]);
    for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
        char path[64];
        if (t->device[i] < 0)
            continue;
        snprintf(path, sizeof path, "/dev/%s", devices[i]);
        int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
        if (fd < 0 || close(fd) < 0 || mounts_attach(t->device[i], path) < 0)
            setup_fail(w, STEP_DEVICES, path);
    }
    static const char *const links[][2] = {{"/proc/self/fd", "/dev/fd"},
                                           {"/proc/self/fd/0", "/dev/stdin"},
                                           {"/proc/self/fd/1", "/dev/stdout"},
                                           {"/proc/self/fd/2", "/dev/stderr"},
                                           {"pts/ptmx", "/dev/ptmx"}};
    for (size_t i = 0; i < ARRAY_LEN(links); i++)
        if (symlink(links[i][0], links[i][1]) < 0)
            setup_fail(w, STEP_DEVICES, links[i][1]);
    /* Here, where id 0 is mapped: older kernels insist on that. */
    if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620") <
        0)
        setup_fail(w, STEP_DEVICES, "/dev/pts");
    private_tmpfs(w, "/dev/shm", 01777);
}

/* /run has the sockets of docker, dbus and ssh agents: a read-only mount does not keep anybody from
 * connecting. */
static void hide_writable_directories(const struct world *w)
{
    private_tmpfs(w, "/tmp", 01777);
    private_tmpfs(w, "/var/tmp", 01777);
    private_tmpfs(w, "/run", 0755);
    if (mkdir("/run/lock", 01777) < 0 && errno != EROFS)
        setup_fail(w, STEP_PRIVATE_DIRECTORY, "/run/lock");
}

static void place_workspace(const struct world *w, struct trees *t)
{
    if (t->workspace < 0)
        return;
    if (mounts_make_dirs(w->workspace) < 0 || mounts_attach(t->workspace, w->workspace) < 0)
        setup_fail(w, STEP_PLACE_WORKSPACE, w->workspace);
    if (chdir("/") < 0)
        setup_fail(w, STEP_PLACE_WORKSPACE, "/");
}

static void make_workdir(const struct world *w)
{
    if (mounts_make_dirs(SANDBOX_WORKDIR) < 0)
        setup_fail(w, STEP_WORKDIR, SANDBOX_WORKDIR);
    if (!*w->workspace || !w->spec->binary)
        return;
    char target[PATH_MAX], link[PATH_MAX];
    if (snprintf(target, sizeof target, "%s/%s", w->workspace, w->spec->binary) >= (int)sizeof target ||
        snprintf(link, sizeof link, SANDBOX_WORKDIR "/%s", w->spec->binary) >= (int)sizeof link)
        errno = ENAMETOOLONG;
    else if (symlink(target, link) == 0)
        return;
    setup_fail(w, STEP_WORKDIR, w->spec->binary);
}

/* All the namespaces in one clone with the inner user namespace: they belong to it, and B has its
 * capabilities over them. CLONE_PARENT makes B a child of lux, or of the keeper. clone(2) and not clone3(2),
 * which container runtimes answer with ENOSYS. */
static pid_t clone_init(const struct world *w)
{
    unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                          CLONE_NEWCGROUP | CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD;
    if (sandbox_level_has(w->level, SANDBOX_PIDS))
        flags |= CLONE_NEWPID;
    return (pid_t)syscall(SYS_clone, flags, NULL, &w->report->init, NULL, 0);
}
