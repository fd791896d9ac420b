/* What is known of the past: the attempts of the open challenge, and the days on which something was tried.
 * Filled by the loop from the database when one of the screens that show it is opened. */
#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include "model/page.h"

#include <stdint.h>

enum { HISTORY_MAX = 1000, STATS_DAYS_MAX = 400 };

struct attempt_row {
    int64_t id;
    int number;
    char when[24]; /* in the learner's time zone */
    double ms;
    char *outcome, *language; /* language: NULL if it was not recognised */
    bool partial, has_source;
    int passed, total, core_passed, core_total;
};

struct history_view {
    struct attempt_row *rows; /* the newest first */
    int n, cursor, top;
    int64_t changes_of; /* the attempt whose changes were asked for; 0: none */
    char *changes;      /* lines of diff.h, "= FILE" before each file's; NULL: still on their way */
    struct page page;
    int scroll, left;
};

struct stats_day {
    int64_t day; /* since 1970-01-01 */
    int attempts, solved;
};
struct stats_view {
    int64_t today;
    struct stats_day *days; /* the newest first */
    int n;
    struct page page;
};

void history_clear(struct history_view *v);
void stats_clear(struct stats_view *v);

/* The day of a date, and back. */
int64_t day_of(int year, int month, int day);
void date_of(int64_t day, int *year, int *month, int *day_of_month);

#endif
