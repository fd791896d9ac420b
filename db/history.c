#include "db/history.h"

#include "db/sql.h"

#include "base/clock.h"

int store_hint_reveal(struct store *s, const char *slug, int number, struct error *err)
{
    if (!s->can_write)
        return error_set(err, "%s was opened for reading alone", s->path);
    return sql_finish(s,
                      sql_prepare(s, err,
                                  "INSERT INTO hints (slug, number, revealed_at) VALUES (?, ?, ?) "
                                  "ON CONFLICT DO NOTHING",
                                  "tii", slug, (int64_t)number, clock_unix_seconds()),
                      err);
}

int store_hints_revealed(struct store *s, const char *slug)
{
    int number = 0;
    if (!sql_has(s, "hints"))
        return 0;
    sqlite3_stmt *stmt = sql_prepare(s, NULL, "SELECT max(number) FROM hints WHERE slug = ?", "t", slug);
    if (stmt && sqlite3_step(stmt) == SQLITE_ROW)
        number = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return number;
}

static const char *text_column(sqlite3_stmt *stmt, int column)
{
    return (const char *)sqlite3_column_text(stmt, column);
}

static int finish_rows(const struct store *s, sqlite3_stmt *stmt, int code, struct error *err)
{
    if (code != SQLITE_DONE)
        sql_error(s, code, err);
    sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? 0 : -1;
}

int store_attempts(struct store *s, const char *slug, int max,
                   void (*f)(void *context, const struct past_attempt *a), void *context, struct error *err)
{
    int code;
    if (!sql_has(s, "attempt_summary"))
        return 0;
    sqlite3_stmt *stmt = sql_prepare(
        s, err,
        "SELECT id, number, started_at, ms, outcome, language, dir, seed, build_message, partial, "
        "passed, total, core_passed, core_total, has_source FROM attempt_summary "
        "WHERE slug = ? ORDER BY id DESC LIMIT ?",
        "ti", slug, (int64_t)max);
    if (!stmt)
        return -1;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct past_attempt a = {
            .id = sqlite3_column_int64(stmt, 0),
            .number = sqlite3_column_int(stmt, 1),
            .started_at = sqlite3_column_int64(stmt, 2),
            .ms = sqlite3_column_double(stmt, 3),
            .outcome = text_column(stmt, 4),
            .language = text_column(stmt, 5),
            .dir = text_column(stmt, 6),
            .seed = text_column(stmt, 7),
            .build_message = text_column(stmt, 8),
            .partial = sqlite3_column_int(stmt, 9) != 0,
            .passed = sqlite3_column_int(stmt, 10),
            .total = sqlite3_column_int(stmt, 11),
            .core_passed = sqlite3_column_int(stmt, 12),
            .core_total = sqlite3_column_int(stmt, 13),
            .has_source = sqlite3_column_int(stmt, 14) != 0,
        };
        f(context, &a);
    }
    return finish_rows(s, stmt, code, err);
}

int store_attempt_checks(struct store *s, int64_t attempt,
                         void (*f)(void *context, const struct last_check *c), void *context,
                         struct error *err)
{
    int code;
    if (!sql_has(s, "check_results"))
        return 0;
    sqlite3_stmt *stmt =
        sql_prepare(s, err,
                    "SELECT name, title, tier, verdict, cause, ms, detail FROM check_results "
                    "WHERE attempt = ? ORDER BY position, id",
                    "i", attempt);
    if (!stmt)
        return -1;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct last_check c = {
            .check = text_column(stmt, 0),
            .title = text_column(stmt, 1),
            .tier = text_column(stmt, 2),
            .verdict = text_column(stmt, 3),
            .cause = text_column(stmt, 4),
            .ms = sqlite3_column_double(stmt, 5),
            .detail = text_column(stmt, 6),
        };
        f(context, &c);
    }
    return finish_rows(s, stmt, code, err);
}

int store_days(struct store *s, int max, void (*f)(void *context, const struct day *d), void *context,
               struct error *err)
{
    int code;
    if (!sql_has(s, "activity_by_day"))
        return 0;
    sqlite3_stmt *stmt = sql_prepare(
        s, err, "SELECT day, attempts, challenges, solved FROM activity_by_day ORDER BY day DESC LIMIT ?",
        "i", (int64_t)max);
    if (!stmt)
        return -1;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct day d = {.date = text_column(stmt, 0),
                        .attempts = sqlite3_column_int(stmt, 1),
                        .challenges = sqlite3_column_int(stmt, 2),
                        .solved = sqlite3_column_int(stmt, 3)};
        f(context, &d);
    }
    return finish_rows(s, stmt, code, err);
}
