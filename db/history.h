/* What was done when: attempts, hints, days. */
#ifndef DB_HISTORY_H
#define DB_HISTORY_H

#include "db/store.h"

/* Notes that this hint (from 1) was asked for; a second time changes nothing. */
int store_hint_reveal(struct store *s, const char *slug, int number, struct error *err);
/* The highest number of a hint that was asked for; 0: none. */
int store_hints_revealed(struct store *s, const char *slug);

struct past_attempt {
    int64_t id;
    int number;                                                  /* among those of the challenge, from 1 */
    int64_t started_at;                                          /* unix seconds */
    double ms;                                                   /* 0: unknown */
    const char *outcome, *language, *dir, *seed, *build_message; /* NULL: none, or unknown */
    bool partial;
    int passed, total, core_passed, core_total;
    bool has_source; /* there is a snapshot */
};
/* The attempts of a challenge, the newest first, at most `max`. The strings live during the call alone. */
int store_attempts(struct store *s, const char *slug, int max,
                   void (*f)(void *context, const struct past_attempt *a), void *context, struct error *err);

/* The results of one attempt, in the order of the challenge's checks. */
int store_attempt_checks(struct store *s, int64_t attempt,
                         void (*f)(void *context, const struct last_check *c), void *context,
                         struct error *err);

struct day {
    const char *date; /* "2024-05-31", in the learner's own time zone */
    int attempts, challenges, solved;
};
/* The days on which something was tried, the newest first. */
int store_days(struct store *s, int max, void (*f)(void *context, const struct day *d), void *context,
               struct error *err);

#endif
