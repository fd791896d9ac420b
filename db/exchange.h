/* Attempts that leave this database and come from others. */
#ifndef DB_EXCHANGE_H
#define DB_EXCHANGE_H

#include "db/store.h"

struct moved_attempt {
    const char *uid;                                        /* its name in every database */
    const char *learner;                                    /* "": the owner of the database */
    const char *slug, *dir, *language, *seed, *lux_version; /* language may be NULL */
    bool partial;
    int64_t started_at; /* unix seconds */
    double ms;
    const char *outcome; /* as in struct challenge_progress, but never "running" */
    bool was_built, build_ok;
    double build_ms;
    const char *build_message; /* NULL: none */
    const struct check_result *results;
    size_t n_results;
};

/* Calls f for each of the owner's attempts, the oldest first; those that are running are left out. What it
 * points to lives during the call alone. f returns nonzero to end; that is what is returned then. */
int store_export(struct store *s, int (*f)(void *context, const struct moved_attempt *a), void *context,
                 struct error *err);

struct import_counts {
    size_t added, completed, known; /* completed: was there, but interrupted, and is whole now */
};

/* Takes them in, all or none. Those that are there already, by their uid, are not taken twice. */
int store_import(struct store *s, const struct moved_attempt *list, size_t n, struct import_counts *counts,
                 struct error *err);

struct learner_progress {
    const char *learner, *slug;
    int attempts;
    bool solved;
    int core_passed, core_total; /* the best */
};
/* Everybody's challenges, sorted by learner. */
int store_learners(struct store *s, void (*f)(void *context, const struct learner_progress *p), void *context,
                   struct error *err);

#endif
