/* The one check that this process runs: its loop, its clock and everything that it started. The check
 * language has no parameter to pass such a thing through, so there is one for the whole process. */
#ifndef HARNESS_WORLD_H
#define HARNESS_WORLD_H

#include "harness/harness.h"

#include <stdint.h>
#include <uv.h>

enum {
    CHECK_DEADLINE_MS = 10000, /* of a whole check, unless it says otherwise */
    WAIT_DEADLINE_MS = 2000    /* of one wait */
};

struct world {
    const struct harness_run *run;
    const char *program_name; /* "./tcp-echo-server" */
    const char *directory;    /* in which the check begins */
    uv_loop_t loop;
    uv_timer_t alarm;
    uint64_t began_ns, deadline_ns;
    Program *programs; /* in the order in which they were started; so are the others */
    Program *asked;    /* the last one whose time, memory, descriptors or children the check looked at */
    Conn *conns;
    Listener *listeners;
    const char *flood; /* a sentence: somebody sent more than anybody wants to keep; NULL: nobody did */
};

extern struct world world;

void world_begin(const struct harness_run *run);
/* Runs the loop until something happened, for at most this long. 0: only what has happened already. */
void world_run(uint64_t max_ns);
/* Seconds since the check began. */
double world_seconds(uint64_t at_ns);
/* A time that a check names, as this machine needs it. */
uint64_t world_scaled_ns(int ms);

/* The checker itself cannot go on: the check ends as VERDICT_ERROR with this sentence, and errno if it is not
 * 0. */
_Noreturn void world_broken(int error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
