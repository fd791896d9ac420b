/* A sandbox while it is being built: what its three processes share. Private to this folder. */
#ifndef SANDBOX_WORLD_H
#define SANDBOX_WORLD_H

#include "sandbox/sandbox.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The steps of the set-up, in their order. Each has a row in the table of explain.c. */
enum setup_step {
    STEP_NONE, /* it ended without a word */
    STEP_DESCRIPTORS,
    STEP_WORKSPACE,
    STEP_USER_NAMESPACE,
    STEP_ID_MAP,
    STEP_PRIVATE_MOUNTS,
    STEP_DEVICES,
    STEP_READ_ONLY,
    STEP_OVERLAY,
    STEP_PRIVATE_DIRECTORY,
    STEP_PLACE_WORKSPACE,
    STEP_WORKDIR,
    STEP_NAMESPACES,
    STEP_INNER_ID_MAP,
    STEP_LIFELINE,
    STEP_LOOPBACK,
    STEP_PROC,
    STEP_KERNEL_SETTING,
    STEP_KEEPER,
    STEP_SHARED_DIRECTORY,
    STEP_SUPERVISION,
    STEP_COUNT
};

/* In memory that lux, A and B share. */
struct report {
    pid_t init;           /* of B as lux sees it, written by the kernel before B runs (CLONE_PARENT_SETTID) */
    enum setup_step step; /* that failed */
    int error;            /* its errno */
    char detail[PATH_MAX]; /* the path or the setting that it was about, "" if none */
};

struct world {
    const struct sandbox_spec *spec;
    struct report *report;
    int channel; /* B says one byte when all is ready. It ends on either side with the process that holds it.
                  */
    unsigned group; /* its control group, see cgroups.h; 0: none */
    pid_t lux;
    pid_t parent; /* of the builder: lux, or the keeper */
    enum sandbox_level level;
    uid_t uid; /* lux's own, outside */
    gid_t gid;
    int supervision;           /* below full: a channel from the checker to the keeper; -1: none */
    char workspace[PATH_MAX];  /* without symbolic links, "" if none */
    char shared_directory[64]; /* of the level shared: the working directory; "" otherwise */
};

/* The builder: process A, and later the part of it that goes on as B. */
_Noreturn void builder_run(struct world *w);
_Noreturn void init_run(struct world *w);

/* The keeper of the levels below full, and what it starts on shared instead of a builder. */
_Noreturn void keeper_run(struct world *w);
_Noreturn void shared_run(struct world *w);

void setup_raise_open_files(void);
/* Says that all is ready and becomes the checker. */
_Noreturn void setup_done(struct world *w);

/* What stands in for a pid namespace, supervise.c: the checker joins, and hands its descriptor to the keeper through
 * this channel; the keeper accepts it (-1: none came) and answers one question, which waits in it, at a time. `most`
 * processes may be below the keeper. */
int supervise_join(int channel);
int supervise_accept(int channel);
void supervise_answer(int listener, pid_t checker, long most);

bool has_descendant_in_group(pid_t group);
long count_descendants(void);
/* Ends all descendants of this process, which adopts orphans. False if some could not be ended. */
bool sweep(void);

/* Records the failure for lux and ends this process. errno says why. */
_Noreturn void setup_fail(const struct world *w, enum setup_step step, const char *detail);

/* The first steps of the builder, and of shared_run: closes what is inherited, enters the workspace. */
void builder_keep_descriptors(struct world *w);
void builder_enter_workspace(struct world *w);

/* Maps the one id `inside` to `outside`, an id of the parent namespace, for users and for groups. */
int setup_map_ids(uid_t uid_inside, uid_t uid_outside, gid_t gid_inside, gid_t gid_outside);

int setup_write(const char *path, const char *text);

/* Default action for every signal, none blocked. Async-signal-safe. */
void setup_reset_signals(void);

/* The spec's limit, or the default for it. */
long setup_limit(long wanted, long otherwise);

/* The sentence for a set-up that failed at report->step: what, why and what to do. lux runs it, outside. */
void explain_failure(const struct world *w, struct error *err);

enum {
    DEFAULT_OPEN_FILES = 1024,
    DEFAULT_FILE_MB = 256,
    DEFAULT_CPU_SECONDS = 60,
    DEFAULT_TMP_MB = 64,
    DEFAULT_MEMORY_MB = 1024
};

#endif
