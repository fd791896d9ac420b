/* See history.h. */
#include "model/history.h"

#include "base/mem.h"

void history_clear(struct history_view *v)
{
    for (int i = 0; i < v->n; i++) {
        free(v->rows[i].outcome);
        free(v->rows[i].language);
    }
    free(v->rows);
    free(v->changes);
    page_free(&v->page);
    *v = (struct history_view){0};
}

void stats_clear(struct stats_view *v)
{
    free(v->days);
    page_free(&v->page);
    *v = (struct stats_view){0};
}

/* Years begin in March here, so that the leap day is the last of its year; an era is 400 years. */
int64_t day_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_of(int64_t day, int *year, int *month, int *day_of_month)
{
    day += 719468;
    int64_t era = (day >= 0 ? day : day - 146096) / 146097, of_era = day - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    *day_of_month = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}
