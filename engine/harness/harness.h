/* What the runner knows of the harness: the registry of checks, and how to run one inside a sandbox. */
#ifndef HARNESS_HARNESS_H
#define HARNESS_HARNESS_H

#include "harness/check.h"

#include <stddef.h>
#include <stdint.h>

struct sandbox_spec;

/* The checks of a challenge, in the order of its source file. Returns how many; *out is an array of pointers
 * that the caller frees, NULL when there are none. out may be NULL, to count. */
size_t harness_checks_of(const char *slug, const struct check ***out);

struct harness_run {
    const struct check *check;
    const struct sandbox_spec *spec; /* of the sandbox in which it runs */
    uint64_t seed;
    double time_scale;
    bool show_output; /* what the programs print comes as steps, too; these are no part of a failure */
    int trace_fd;     /* for trace_join: the programs are followed; 0: they are not */
    int event_fd;     /* step and check_end events are written here; SIGPIPE is ignored */
};

/* The main function of PID 1 (struct sandbox_spec.main): context is a struct harness_run. Emits steps as they
 * happen and one check_end; returns 0 once check_end is written, whatever its verdict. */
int harness_main(void *context);

#endif
