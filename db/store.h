/* Progress: the one place that speaks SQL. One SQLite file; the engine writes attempts, everybody reads
 * views.
 *
 * Nothing here is worth a lost result: when the file cannot be used (read-only, corrupt, of a newer version,
 * disk full, locked by somebody for too long) the functions fail with a plain sentence, the file stays as it
 * was, and the caller goes on without recording. */
#ifndef DB_STORE_H
#define DB_STORE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* $LUX_DB if set, else $XDG_DATA_HOME/lux/lux.db; the caller frees. */
char *store_default_path(void);

enum store_access {
    STORE_WRITE, /* makes the file and its directory if needed, brings it up to date, marks dead attempts
                    interrupted */
    STORE_READ   /* a file that does not exist yet reads as empty progress; an older one is read as far as it
                    goes */
};

struct store *store_open(const char *path, enum store_access access, struct error *err);
void store_close(struct store *s);

/* ---- Writing, as it happens: each call is one short transaction ---- */

struct attempt {
    const char *slug, *dir, *language; /* language: NULL if not recognised */
    uint64_t seed;
    const char *lux_version;
    const char *uid; /* see db/exchange.h; NULL: it gets one */
    bool partial; /* only some of the checks were asked for: it refreshes their results, and cannot solve the
                     challenge */
};
/* Returns the attempt's id (> 0), or -1. The attempt counts as running until it is ended or its process is
 * gone. */
int64_t store_attempt_begin(struct store *s, const struct attempt *a, struct error *err);
int store_attempt_built(struct store *s, int64_t id, bool ok, double ms, const char *message,
                        struct error *err);

struct check_result {
    const char *check, *title, *tier, *verdict; /* the words of the event stream */
    const char *cause;                          /* NULL unless it failed */
    double ms;
    const char *detail; /* the check_end event as JSON; NULL on a pass */
    int position;       /* among the checks of the challenge: store_last_checks sorts by it, then by time */
};
/* A second result of the same check in the same attempt replaces the first. */
int store_check_result(struct store *s, int64_t id, const struct check_result *r, struct error *err);

enum outcome { OUTCOME_SOLVED, OUTCOME_UNSOLVED, OUTCOME_BUILD_FAILED, OUTCOME_INTERRUPTED, OUTCOME_ERROR };
int store_attempt_end(struct store *s, int64_t id, enum outcome outcome, double ms, struct error *err);

/* Settings, written by the screen too. */
int store_setting_set(struct store *s, const char *name, const char *value, struct error *err);
char *store_setting_get(struct store *s, const char *name); /* the caller frees; NULL when unset */

/* ---- Reading ---- */

struct challenge_progress {
    const char *slug;
    int attempts;
    bool solved;
    int64_t first_attempt_at, solved_at; /* unix seconds; 0: never */
    int core_passed, core_total;         /* of the current results, see store_last_checks */
    int passed, total;
    const char *last_outcome; /* "solved", "unsolved", "build failed", "interrupted", "running", "error" */
    int64_t last_attempt_at;
};
/* Calls f for each challenge that was ever attempted. The strings live during the call alone. */
int store_progress(struct store *s, void (*f)(void *context, const struct challenge_progress *p),
                   void *context, struct error *err);

struct last_check {
    const char *check, *title, *tier, *verdict, *cause;
    double ms;
    const char *detail; /* the check_end event as JSON; NULL on a pass */
};
/* The current results of a challenge: those of its newest attempt that ran all checks to the end, each
 * replaced by a newer one where a later attempt, interrupted or partial, came to it. Until there is such an
 * attempt: the newest of each. */
int store_last_checks(struct store *s, const char *slug, void (*f)(void *context, const struct last_check *c),
                      void *context, struct error *err);

/* The challenge of the newest attempt; the caller frees. NULL if there is none. */
char *store_last_slug(struct store *s);

#endif
