/* From (step, errno) to a sentence: what was refused, by what, and how to allow it. Runs in lux, outside: the
 * limits below /proc/sys/user are another namespace's once one has been entered. */
#include "sandbox/world.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAP_SETFCAP_BIT = 31 };

/* What lux tried to do, as in "the sandbox cannot ...". The detail of the report follows. */
static const char *const actions[STEP_COUNT] = {
    [STEP_NONE] = "start: it ended before it was ready",
    [STEP_DESCRIPTORS] = "close the descriptors it inherits",
    [STEP_WORKSPACE] = "enter the workspace",
    [STEP_USER_NAMESPACE] = "make a user namespace",
    [STEP_ID_MAP] = "map its user and group",
    [STEP_PRIVATE_MOUNTS] = "make its mounts private",
    [STEP_DEVICES] = "make its devices",
    [STEP_READ_ONLY] = "make the host read-only",
    [STEP_OVERLAY] = "put a writable layer over the workspace",
    [STEP_PRIVATE_DIRECTORY] = "mount a private",
    [STEP_PLACE_WORKSPACE] = "put the workspace at",
    [STEP_WORKDIR] = "prepare its working directory:",
    [STEP_NAMESPACES] = "make its process, network, ipc, uts and cgroup namespaces",
    [STEP_INNER_ID_MAP] = "map its user and group a second time",
    [STEP_LIFELINE] = "tie its life to lux",
    [STEP_LOOPBACK] = "bring up its loopback interface",
    [STEP_PROC] = "mount a new /proc",
    [STEP_KERNEL_SETTING] = "set",
    [STEP_KEEPER] = "start the process that clears up after it",
    [STEP_SHARED_DIRECTORY] = "make a directory in",
    [STEP_SUPERVISION] = "keep its processes apart from others without a pid namespace",
};

/* A line "NAME:<blanks>VALUE" of /proc/self/status, read in this base; -1 if there is none. */
static long long status_value(const char *name, int base)
{
    char line[256];
    long long value = -1;
    size_t n = strlen(name);
    FILE *f = fopen("/proc/self/status", "re");
    while (f && value < 0 && fgets(line, sizeof line, f))
        if (!strncmp(line, name, n) && line[n] == ':')
            value = (long long)strtoull(line + n + 1, NULL, base);
    if (f)
        fclose(f);
    return value;
}

static bool is_seccomp_filtered(const struct world *w)
{
    (void)w;
    return status_value("Seccomp", 10) == 2;
}

/* In a chroot, the directory that looks like / is not where anything is mounted. */
static bool is_in_chroot(const struct world *w)
{
    (void)w;
    char *line = NULL;
    size_t room = 0;
    bool found = false;
    FILE *f = fopen("/proc/self/mountinfo", "re");
    if (!f)
        return false;
    while (!found && getline(&line, &room, f) > 0) {
        char point[3] = "";
        found = sscanf(line, "%*s %*s %*s %*s %2s", point) == 1 && !strcmp(point, "/");
    }
    free(line);
    fclose(f);
    return !found;
}

static bool is_root_without_setfcap(const struct world *w)
{
    return w->uid == 0 && !(status_value("CapEff", 16) >> CAP_SETFCAP_BIT & 1);
}

static bool is_root(const struct world *w)
{
    return w->uid == 0;
}

/* A number from a file below /proc/sys; -1 if there is none. */
static long setting(const char *path)
{
    char text[32] = "";
    FILE *f = fopen(path, "re");
    if (!f)
        return -1;
    bool read = fgets(text, sizeof text, f);
    fclose(f);
    return read ? strtol(text, NULL, 10) : -1;
}

#define ON(step)   (1U << (step))
#define NAMESPACES (ON(STEP_USER_NAMESPACE) | ON(STEP_NAMESPACES))
#define MAPS       (ON(STEP_ID_MAP) | ON(STEP_INNER_ID_MAP))
#define MOUNTS                                                                            \
    (ON(STEP_PRIVATE_MOUNTS) | ON(STEP_DEVICES) | ON(STEP_READ_ONLY) | ON(STEP_OVERLAY) | \
     ON(STEP_PRIVATE_DIRECTORY) | ON(STEP_PLACE_WORKSPACE))
#define ANY_STEP (~0U)

#define DOCKER                                                                         \
    "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined " \
    "--security-opt systempaths=unconfined"

#define APPARMOR                                                                                            \
    "AppArmor keeps ordinary users' programs from using namespaces, as on Ubuntu since 23.10. Allow them: " \
    "`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`."

/* The first row that fits wins: the certain ones first. */
static const struct cause {
    unsigned steps;
    int error; /* 0: any */
    const char *setting;
    long value; /* of the setting; such a row fits only if it has this value */
    bool (*holds)(const struct world *w);
    const char *advice;
} causes[] = {
    {.steps = ON(STEP_WORKSPACE),
     .error = ENOENT,
     .advice = "Check the path, or make a workspace with `lux start`."},
    {.steps = ON(STEP_WORKSPACE), .error = ENOTDIR, .advice = "The workspace must be a directory."},
    {.steps = ON(STEP_WORKSPACE),
     .error = EACCES,
     .advice = "You must be allowed to read the directory and to walk every directory above it: see `namei "
               "-l` and `chmod`."},
    {.steps = ON(STEP_WORKSPACE),
     .error = EBUSY,
     .advice = "This directory has a meaning of its own inside; take another one."},
    {.steps = ON(STEP_PLACE_WORKSPACE),
     .error = EACCES,
     .holds = is_root,
     .advice = "lux runs as root, but a directory above the workspace is open to its owner alone, and "
               "inside root has no special rights over others' files: run lux as the user who owns the "
               "workspace."},
    {.steps = NAMESPACES,
     .setting = "/proc/sys/user/max_user_namespaces",
     .advice = "User namespaces are switched off (user.max_user_namespaces is 0). Allow them: `sudo sysctl "
               "-w user.max_user_namespaces=10000`."},
    {.steps = NAMESPACES,
     .setting = "/proc/sys/kernel/unprivileged_userns_clone",
     .advice = "User namespaces are switched off for ordinary users (kernel.unprivileged_userns_clone is "
               "0). Allow them: `sudo sysctl -w kernel.unprivileged_userns_clone=1`."},
    {.steps = ON(STEP_NAMESPACES),
     .setting = "/proc/sys/user/max_net_namespaces",
     .advice = "Network namespaces are switched off. Allow them: `sudo sysctl -w "
               "user.max_net_namespaces=10000`."},
    {.steps = ON(STEP_NAMESPACES),
     .setting = "/proc/sys/user/max_pid_namespaces",
     .advice = "Process namespaces are switched off. Allow them: `sudo sysctl -w "
               "user.max_pid_namespaces=10000`."},
    {.steps = NAMESPACES,
     .setting = "/proc/sys/user/max_mnt_namespaces",
     .advice = "Mount namespaces are switched off. Allow them: `sudo sysctl -w "
               "user.max_mnt_namespaces=10000`."},
    {.steps = NAMESPACES,
     .error = ENOSPC,
     .advice = "Too many namespaces exist already, or they are nested too deep: see the settings below "
               "/proc/sys/user."},
    {.steps = NAMESPACES,
     .error = EUSERS,
     .advice = "User namespaces are nested too deep here: run lux further outside."},
    {.steps = NAMESPACES,
     .error = EAGAIN,
     .advice = "You have as many processes as you may have (`ulimit -u`): end some."},
    {.steps = NAMESPACES, .error = ENOMEM, .advice = "The machine has no memory left: close something."},
    {.steps = NAMESPACES | MOUNTS,
     .error = EPERM,
     .holds = is_seccomp_filtered,
     .advice = "A seccomp filter forbids it, as Docker's default one does. Run lux on the host, or start "
               "the container with `" DOCKER "`."},
    {.steps = NAMESPACES | ON(STEP_READ_ONLY) | ON(STEP_DESCRIPTORS),
     .error = ENOSYS,
     .holds = is_seccomp_filtered,
     .advice = "A seccomp filter forbids it, as those of containers do. Run lux on the host, or start the "
               "container with `" DOCKER "`."},
    {.steps = NAMESPACES,
     .error = EPERM,
     .holds = is_in_chroot,
     .advice = "lux runs in a chroot, where the kernel refuses user namespaces: run it outside of it."},
    {.steps = MAPS,
     .error = EPERM,
     .holds = is_root_without_setfcap,
     .advice = "lux runs as a root that lacks CAP_SETFCAP: run it as an ordinary user, or start the "
               "container with --cap-add SETFCAP."},
    {.steps = ANY_STEP & ~ON(STEP_WORKSPACE),
     .error = EPERM,
     .setting = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
     .value = 1,
     .advice = APPARMOR},
    {.steps = ANY_STEP & ~ON(STEP_WORKSPACE),
     .error = EACCES,
     .setting = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
     .value = 1,
     .advice = APPARMOR},
    {.steps = ON(STEP_PROC),
     .error = EPERM,
     .advice = "A container hides parts of its /proc, and the kernel allows no new one then. Run lux on "
               "the host, or start the container with `docker run --security-opt systempaths=unconfined`."},
    {.steps = NAMESPACES | MAPS | MOUNTS | ON(STEP_LOOPBACK),
     .error = EPERM,
     .advice = "Something forbids it that lux does not recognise: a chroot, a container, AppArmor or "
               "SELinux. See `dmesg`."},
    {.steps = MOUNTS, .error = EACCES, .advice = "AppArmor or SELinux forbids it: see `dmesg`."},
    {.steps = ON(STEP_DESCRIPTORS) | ON(STEP_READ_ONLY),
     .error = ENOSYS,
     .advice = "The kernel is too old: lux needs Linux 5.12 or later."},
    {.steps = NAMESPACES, .error = EINVAL, .advice = "The kernel was built without some of the namespaces."},
    {.steps = NAMESPACES, .error = ENOSYS, .advice = "The kernel was built without namespaces."},
    {.steps = ON(STEP_PRIVATE_DIRECTORY) | ON(STEP_OVERLAY),
     .error = ENOSPC,
     .advice = "The machine has no memory left for it: close something."},
    {.steps = ON(STEP_SUPERVISION),
     .advice =
         "It takes a kernel with seccomp (CONFIG_SECCOMP_FILTER) and its notifications, on x86_64 or arm64, and "
         "a container that allows the system call seccomp."},
    {.steps = ON(STEP_SHARED_DIRECTORY),
     .advice = "Lux makes an empty directory for each check there; TMPDIR names another place for it."},
    {.steps = ON(STEP_NONE), .advice = "Something killed it; `dmesg` tells if the memory ran out."},
};

static bool fits(const struct cause *c, const struct world *w)
{
    return (c->steps & ON(w->report->step)) && (!c->error || c->error == w->report->error) &&
           (!c->setting || setting(c->setting) == c->value) && (!c->holds || c->holds(w));
}

void explain_failure(const struct world *w, struct error *err)
{
    const struct report *r = w->report;
    const char *advice = "This is unexpected; please report it with the output of `lux doctor`.";
    for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
        if (fits(&causes[i], w)) {
            advice = causes[i].advice;
            break;
        }
    }
    bool silent = r->step == STEP_NONE;
    error_set(err, "the sandbox cannot %s%s%s%s%s. %s", actions[r->step], *r->detail ? " " : "", r->detail,
              silent ? "" : ": ", silent ? "" : strerror(r->error), advice);
}
