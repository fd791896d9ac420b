/* Process B, PID 1: mounts what shows the namespaces it was born into, says that all is ready, becomes the
 * checker. */
#include "sandbox/cgroups.h"
#include "sandbox/mounts.h"
#include "sandbox/world.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/mount.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static void bring_up_loopback(const struct world *w);
static void mount_kernel_file_systems(const struct world *w);
static void change_settings(const struct world *w);
static void lock_kernel_settings(const struct world *w);

void init_run(struct world *w)
{
    bool as_root = w->spec->as_root;
    if (setup_map_ids(as_root ? 0 : w->uid, 0, as_root ? 0 : w->gid, 0) < 0)
        setup_fail(w, STEP_INNER_ID_MAP, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || setsid() < 0)
        setup_fail(w, STEP_LIFELINE, NULL);
    umask(022);
    bring_up_loopback(w);
    mount_kernel_file_systems(w);
    if (w->group)
        cgroups_divide(w->spec);
    change_settings(w);
    if (w->uid == 0)
        lock_kernel_settings(w);
    setup_raise_open_files();
    if (chdir(SANDBOX_WORKDIR) < 0)
        setup_fail(w, STEP_WORKDIR, SANDBOX_WORKDIR);
    setup_done(w);
}

static void bring_up_loopback(const struct world *w)
{
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    if (s < 0 || ioctl(s, SIOCSIFFLAGS, &request) < 0)
        setup_fail(w, STEP_LOOPBACK, NULL);
    close(s);
}

static void mount_kernel_file_systems(const struct world *w)
{
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (sandbox_level_has(w->level, SANDBOX_PIDS) && mount("proc", "/proc", "proc", flags, NULL) < 0)
        setup_fail(w, STEP_PROC, NULL);
    /* Not every machine has or allows these two: /sys stays the host's then, read-only, and message queues
     * come without their directory. */
    mount("sysfs", "/sys", "sysfs", flags | MS_RDONLY, NULL);
    mount("mqueue", "/dev/mqueue", "mqueue", flags, NULL);
}

static void change_settings(const struct world *w)
{
    static const char any_port[] = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    /* A container that masks /proc locks its settings too: programs cannot bind the ports below 1024 then. */
    if (setup_write(any_port, "0") < 0 && w->level == SANDBOX_FULL)
        setup_fail(w, STEP_KERNEL_SETTING, any_port);
    char range[32]; /* only ids that are mapped are accepted */
    snprintf(range, sizeof range, "%u %u", getgid(), getgid());
    setup_write("/proc/sys/net/ipv4/ping_group_range", range);
    if (sethostname("lux", 3) < 0)
        setup_fail(w, STEP_KERNEL_SETTING, "hostname");
}

/* RLIMIT_NPROC does not count for the real root. Since Linux 6.14 each pid namespace has a limit of its own.
 */
static void limit_pids(const struct world *w)
{
    enum { RESERVED = 300 }; /* lower numbers are given out only once */
    struct utsname kernel;
    int major = 0, minor = 0;
    if (uname(&kernel) < 0 || sscanf(kernel.release, "%d.%d", &major, &minor) != 2)
        return;
    if (major < 6 || (major == 6 && minor < 14))
        return;
    char text[32];
    snprintf(text, sizeof text, "%ld",
             RESERVED + 2 * setup_limit(w->spec->limits.processes, SANDBOX_PROCESSES));
    setup_write("/proc/sys/kernel/pid_max", text);
}

/* When lux runs as the real root, so do its programs, and the kernel lets that uid change global settings
 * without any capability: they become read-only, but for those of the network, which is ours alone. A program
 * that is root of the namespace could undo it, and the mounts would keep it from mounting a /proc of its own:
 * left alone there. */
static void lock_kernel_settings(const struct world *w)
{
    static const char *const paths[] = {"/proc/sys", "/proc/sysrq-trigger", "/proc/irq",  "/proc/bus",
                                        "/proc/fs",  "/proc/acpi",          "/proc/scsi", "/proc/mtrr"};
    if (sandbox_level_has(w->level, SANDBOX_PIDS)) /* otherwise it would be the host's */
        limit_pids(w);
    if (w->spec->as_root)
        return;
    int net = mounts_copy("/proc/sys/net");
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        if (access(paths[i], F_OK) < 0)
            continue;
        if (mount(paths[i], paths[i], NULL, MS_BIND | MS_REC, NULL) < 0 ||
            mounts_set(paths[i], MOUNT_ATTR_RDONLY, 0, true) < 0)
            setup_fail(w, STEP_KERNEL_SETTING, paths[i]);
    }
    if (net < 0 || mounts_attach(net, "/proc/sys/net") < 0)
        setup_fail(w, STEP_KERNEL_SETTING, "/proc/sys/net");
}
