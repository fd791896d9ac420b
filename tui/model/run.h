/* A run as the screen knows it: what the build said, the checks with their verdicts, and why each failed. Fed
 * by the event stream of a running `lux check`, and by the database for runs that happened elsewhere. */
#ifndef MODEL_RUN_H
#define MODEL_RUN_H

#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>

enum run_phase {
    RUN_NONE, /* nothing is known */
    RUN_STARTING,
    RUN_BUILDING,
    RUN_BUILD_FAILED,
    RUN_CHECKING,
    RUN_DONE,
    RUN_CANCELLED,
    RUN_BROKEN /* the engine ended without an end of the run; `trouble` says why */
};

struct check_row {
    char *id, *title, *clause;
    enum tier tier;
    bool running;
    bool stale; /* the verdict is of an earlier run; a new one has begun and has not come to it */
    enum verdict verdict;
    enum cause cause;
    double ms;
    bool unstable;
    char *step;        /* the newest step of a running check; NULL: none yet */
    struct event *end; /* the whole check_end, kept when it has something to tell; NULL otherwise */
};

struct build_message { /* a compiler's message that names a place */
    char *file, *severity, *text;
    int line, column;
};

enum { RUN_OUTPUT_MAX = 2000 }; /* lines of the toolchain that are kept: the first ones, where the cause is */

struct run {
    enum run_phase phase;
    bool partial; /* one check alone is being repeated */
    char *language, *command, *dir;
    char *trouble; /* why it could not be built or run, one sentence */
    char *warning; /* what lux warned of, the newest: nothing is recorded, for instance; NULL: nothing */
    double build_ms, ms; /* ms: of the whole run */
    char **output;
    size_t n_output, output_left_out;
    struct build_message *messages;
    size_t n_messages;
    struct check_row *checks; /* CORE first, then ROBUST, then FAST; within a tier as announced */
    size_t n_checks;
    bool solved;
};

struct run *run_new(void);
void run_free(struct run *r);

/* A run is about to start; its old verdicts stay in sight, marked stale, until new ones come. */
void run_begin(struct run *r, bool partial);
void run_apply(struct run *r, const struct event *e);
/* The engine is gone. `trouble` says why if that was no regular end, NULL otherwise. */
void run_end(struct run *r, bool cancelled, const char *trouble);

bool run_is_active(const struct run *r);
/* The build's first error, else its first message; NULL: it named no place. */
const struct build_message *run_first_error(const struct run *r);
struct run_counts {
    int pass, fail, skip, blocked, error, open; /* open: running or not yet run */
    int core_pass, core_total;
};
struct run_counts run_count(const struct run *r);
struct check_row *run_find(struct run *r, const char *id);
/* Takes a verdict from the database. The detail (a check_end event as JSON) may be NULL. */
void run_recall(struct run *r, const char *id, const char *title, const char *tier, const char *verdict,
                const char *cause, double ms, const char *detail);

/* "pass", "timeout", "wrong", "crash", "leak", "skip", "blocked", "error", "running", "" : the word beside
 * the sign. */
const char *check_word(const struct check_row *c);

#endif
