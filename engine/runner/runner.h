/* The runner: runs the checks of a challenge, several at a time, merges their events into one stream and
 * decides what each of them comes to.
 *
 * Order: what failed last time first, then as listed; a check that needs another one waits for it, and is
 * blocked if that one does not pass; FAST checks and those marked `alone` come last, one at a time. A check
 * that fails because a wait ran out is run once more with nothing beside it: if it then comes to another
 * verdict, the machine may be to blame and nobody is charged: VERDICT_ERROR, unstable, but what needs it runs
 * if it has passed now. Once CONFIRMATIONS of them have failed again, the machine is out of suspicion and
 * further ones are believed at once. The steps of such a check come twice: a second EVENT_CHECK_START means
 * that it begins anew. */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "course/course.h"
#include "harness/harness.h"
#include "runner/bus.h"
#include "sandbox/sandbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum { CONFIRMATIONS = 2 };

struct run_check {
    const struct check *check;
    bool failed_before; /* runs before the others */
};

struct run_plan { /* everything that it points to must live until the run has ended */
    const struct challenge *challenge;
    const struct lesson *lesson; /* for the clauses' sentences; NULL: failures name the clause alone */
    const char *dir;             /* the workspace, absolute, with the binary */
    const struct run_check *checks;
    size_t n_checks;
    bool is_whole; /* these are all checks of the challenge: only then can it be solved */
    uint64_t seed;
    int jobs; /* at least 1 */
    double time_scale;
    int trace_fd;     /* the programs join a tracer there; 0: they do not */
    bool show_output; /* the programs' output comes as steps */
    enum sandbox_level level;
};

/* The checks of a run may wait for one another in a way that nobody noticed, and so on: these are the totals.
 */
struct run_totals {
    struct event_run_end end; /* as it was sent */
    int core_skipped;
};

struct runner;

/* Sends EVENT_RUN_START and begins; everything else happens in the loop, up to EVENT_RUN_END and then `done`.
 */
struct runner *runner_start(uv_loop_t *loop, const struct run_plan *plan, struct bus *bus,
                            void (*done)(void *context, const struct run_totals *totals), void *context);

/* Ends all checks that are running and starts no other; EVENT_RUN_END with `interrupted` follows. */
void runner_cancel(struct runner *r);

/* Once the loop has run out of things to do. */
void runner_free(struct runner *r);

#endif
