/* The sandbox: a world of its own for one check.
 *
 *   lux                              no capabilities needed, works for root and for an ordinary user
 *    |  fork, unshare(NEWUSER|NEWNS)
 *    +- A, the builder               makes the read-only view of the host, then clones B and exits
 *    +- B, PID 1                     own pid, net, mount, ipc, uts and cgroup namespaces; runs `main`: the
 * checker
 *        +- the learner's programs
 *
 * Two user namespaces, because mounts that A made are locked for B: not even a program that is root inside
 * can make the host writable again (user_namespaces(7), mount_namespaces(7)). SIGKILL to PID 1 ends
 * everything in it; that is what sandbox_kill does, what the kernel does when PID 1 returns, and what happens
 * when lux itself dies.
 *
 * Inside: the host is read-only; /tmp, /var/tmp, /run and /dev are private and empty but for the usual
 * devices; /proc, /sys, message queues and shared memory are those of the sandbox; of the network there is lo
 * alone, with every port free to bind. The workspace is at its own path, with symbolic links resolved.
 *
 * When lux runs as the real root, the programs have the uid 0 without capabilities, unless the way to the
 * workspace is open to another user alone (sudo lux): then they have that user's. The kernel has no limit on
 * the processes of the real root before Linux 6.14, and lets one that is root inside, too, change global
 * settings in /proc/sys.
 *
 * Where a machine refuses some of this, there are two lower levels:
 *
 *   nopid    all of it but the pid namespace and the /proc that belongs to it (a container masks its own)
 *   shared   no namespace at all: an empty directory in $TMPDIR, a session, the limits. The programs see the
 *            host, its files and its network, as when the learner runs them
 *
 *   lux
 *    +- the keeper                   a process of its own; all that loses its parent becomes its child
 *        +- the checker              adopts orphans likewise, so that it sees how they end, as PID 1 does
 *            +- the learner's programs
 *
 * There is no PID 1 whose end is the end of all; so the keeper stops every process below it until no new one
 * comes, and kills them: when the checker ends, when lux says so, and when lux dies. Nor does the kernel keep the
 * programs from others' processes; so they ask the keeper before each fork, which bounds their number, and before each
 * signal, which must be for one of themselves (supervise.c). */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum sandbox_level {
    SANDBOX_NONE, /* nothing works here: see the error */
    SANDBOX_SHARED,
    SANDBOX_NOPID,
    SANDBOX_FULL
};

/* What a level has, and a lower one has not. */
enum sandbox_part {
    SANDBOX_NETWORK, /* interfaces, ports and settings of its own */
    SANDBOX_FILES,   /* mounts of its own: files can be replaced, and what is shared is private */
    SANDBOX_ROOT,    /* programs can be root of it */
    SANDBOX_PIDS     /* pids and a /proc of its own */
};
bool sandbox_level_has(enum sandbox_level level, enum sandbox_part part);

enum { SANDBOX_PROCESSES = 256 }; /* that the programs of one sandbox may have, when nobody says otherwise */

struct sandbox_limits { /* of the learner's programs; 0 takes the default. The caller's own hard limits bound
                           them. */
    long open_files;    /* RLIMIT_NOFILE, 1024 */
    long processes;     /* RLIMIT_NPROC, SANDBOX_PROCESSES, counted inside this sandbox alone */
    long file_mb;       /* RLIMIT_FSIZE, 256 */
    long cpu_seconds;   /* RLIMIT_CPU, 60, soft; the hard one is a second more */
    long tmp_mb;        /* size of each tmpfs, 64 */
    long memory_mb;     /* of all programs together, 1024; only where there are control groups, see below */
};

struct sandbox_spec {
    const char *workspace; /* the learner's directory, absolute: in there it is an overlay; writes go to
                              memory. NULL: none */
    const char *binary; /* name of the program in the workspace; "./binary" in the empty working directory */
    bool as_root; /* the programs are root of the namespace; otherwise the learner's own uid, no capabilities
                   */
    struct sandbox_limits limits;
    enum sandbox_level level;   /* at which it is made, see sandbox_probe; SANDBOX_NONE: full */
    int (*main)(void *context); /* runs as PID 1 in the working directory; its result is the exit status */
    void *context;
    int keep_fd;      /* the descriptor above 2 that main needs (the event pipe); -1: none */
    int also_keep_fd; /* one more; 0: none */
};

/* What main finds: it runs in a copy of the caller's memory, in one thread, in a session of its own. Signals
 * have their default actions and none is blocked, but as PID 1 it is told only of those for which it installs
 * a handler (or a signalfd). stdin and stdout are /dev/null, stderr is the caller's, keep_fd is as it was,
 * every other descriptor is closed. It has all capabilities over the sandbox. A library that the caller has
 * initialised still believes in the caller's descriptors and threads: in main, make a new libuv loop and
 * leave alone uv_signal, uv_spawn and the thread pool (signalfd, fork and pidfd do their work). stdio is not
 * flushed when main returns. Below the level full it is not PID 1, but orphans become its children all the
 * same; on shared it has no capabilities that lux has not. */

struct sandbox {
    pid_t pid; /* of PID 1, as seen from outside; below the level full, of the keeper */
    int pidfd; /* readable when it has ended, pidfd_open(2); -1 once it is reaped */
    enum sandbox_level level;
    unsigned group; /* its control group; 0: none */
};

/* Starts a sandbox at the level of the spec, and returns when it is ready. Must be called from the thread
 * that will outlive the sandbox (PR_SET_PDEATHSIG is tied to it). A set-up that fails inside is reported
 * here, with the step that failed and what to do about it; nothing stays behind then. */
int sandbox_start(const struct sandbox_spec *spec, struct sandbox *out, struct error *err);

/* Ends everything in it at once. Safe at any time; the caller still reaps. */
void sandbox_kill(const struct sandbox *s);

/* Reaps PID 1 if it has ended, or waits for its end; closes pidfd (stop polling it first). True once it is
 * gone, and everything in it with it; *status, which may be NULL, as from waitpid, set by the call that
 * reaps. */
bool sandbox_reap(struct sandbox *s, bool wait, int *status);

/* In a process forked by PID 1, before it becomes a learner's program: default signals, own session, the
 * limits, no capabilities (unless as_root) and no way to new ones; every descriptor above 2 is closed by the
 * coming exec. Async-signal-safe. 0, or -1 with errno. */
int sandbox_enter_program(const struct sandbox_spec *spec);

/* ---- Control groups ---- */

/* Where lux's own control group (version 2, with the controllers memory and pids) is delegated to it, the memory and the
 * number of the programs are limited by the kernel. This is the directory of that group; NULL with the reason, and how
 * to get one. The caller frees. */
char *sandbox_delegated_cgroup(struct error *why);

/* In PID 1 and its children: whether that is so. Then programs that are root of the namespace find here an empty group,
 * which has memory and pids for the groups that they make in it. */
bool sandbox_has_cgroups(void);
#define SANDBOX_CGROUP "/sys/fs/cgroup/programs/containers"

/* Whether the programs wanted more memory than the limit, and the kernel has killed one of them. */
bool sandbox_memory_ran_out(void);
/* The limit. Without control groups whoever wants it kept has to watch the programs. */
long sandbox_memory_mb(const struct sandbox_spec *spec);

/* The highest level that this machine allows: tries a sandbox and ends it. The reason in *why is set when the
 * level is not FULL: what is refused, by what, and how to allow it. LUX_SANDBOX=nopid or =shared in the
 * environment sets a lower one. */
enum sandbox_level sandbox_probe(struct error *why);

const char *sandbox_level_name(enum sandbox_level level);

/* The working directory of the programs inside, but on shared. Not below /tmp, where people keep workspaces
 * with any name. */
#define SANDBOX_WORKDIR "/run/lux"

#endif
