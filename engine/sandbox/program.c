/* The last steps of a process before it becomes the learner's program. Async-signal-safe throughout. */
#include "sandbox/cgroups.h"
#include "sandbox/sandbox.h"
#include "sandbox/world.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int set_limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
    struct rlimit now;
    if (getrlimit(resource, &now) < 0)
        return -1;
    rlim_t most = now.rlim_max; /* nobody without CAP_SYS_RESOURCE outside may exceed it */
    struct rlimit wanted = {.rlim_cur = soft < most ? soft : most, .rlim_max = hard < most ? hard : most};
    return setrlimit(resource, &wanted);
}

static int set_limits(const struct sandbox_spec *spec)
{
    const struct sandbox_limits *l = &spec->limits;
    rlim_t cpu = (rlim_t)setup_limit(l->cpu_seconds, DEFAULT_CPU_SECONDS);
    rlim_t files = (rlim_t)setup_limit(l->open_files, DEFAULT_OPEN_FILES);
    rlim_t processes = (rlim_t)setup_limit(l->processes, SANDBOX_PROCESSES);
    rlim_t size = (rlim_t)setup_limit(l->file_mb, DEFAULT_FILE_MB) << 20;
    if (set_limit(RLIMIT_CORE, 0, 0) < 0 || set_limit(RLIMIT_NOFILE, files, files) < 0 ||
        set_limit(RLIMIT_FSIZE, size, size) < 0)
        return -1;
    /* On shared it would count all that the user runs; the keeper counts for itself. */
    if (spec->level != SANDBOX_SHARED && set_limit(RLIMIT_NPROC, processes, processes) < 0)
        return -1;
    /* Soft below hard: SIGXCPU comes first, and can be told from our own SIGKILL. */
    return set_limit(RLIMIT_CPU, cpu, cpu + 1);
}

/* Without the bounding set an exec as uid 0 regains nothing; it must be emptied while CAP_SETPCAP is still
 * there. On shared it never was, for most; PR_SET_NO_NEW_PRIVS alone has to do. */
static int drop_capabilities(void)
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return -1;
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM)
            return -1;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    return (int)syscall(SYS_capset, &header, none);
}

int sandbox_enter_program(const struct sandbox_spec *spec)
{
    setup_reset_signals();
    cgroups_join_programs();
    if (setsid() < 0 && getsid(0) != getpid())
        return -1;
    if (set_limits(spec) < 0)
        return -1;
    /* Marked, not closed: the caller may still have to say over one of them that exec failed. */
    if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return -1;
    if (!spec->as_root && drop_capabilities() < 0)
        return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
