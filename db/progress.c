/* Reading: what the views say. */
#include "db/store.h"

#include "db/sql.h"

#include "base/mem.h"

static const char *text_column(sqlite3_stmt *stmt, int column)
{
    return (const char *)sqlite3_column_text(stmt, column);
}

/* The first column of the first row as a string that the caller frees; NULL when there is none. */
static char *first_text(sqlite3_stmt *stmt)
{
    char *text = NULL;
    if (stmt && sqlite3_step(stmt) == SQLITE_ROW && text_column(stmt, 0))
        text = xstrdup(text_column(stmt, 0));
    sqlite3_finalize(stmt);
    return text;
}

/* Ends a statement whose rows have been read; code is what the last step said. */
static int finish_rows(const struct store *s, sqlite3_stmt *stmt, int code, struct error *err)
{
    if (code != SQLITE_DONE)
        sql_error(s, code, err);
    sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? 0 : -1;
}

int store_progress(struct store *s, void (*f)(void *context, const struct challenge_progress *p),
                   void *context, struct error *err)
{
    int code;

    if (!sql_has(s, "challenge_progress"))
        return 0;
    sqlite3_stmt *stmt = sql_prepare(
        s, err,
        "SELECT slug, attempts, solved, first_attempt_at, solved_at, core_passed, core_total, passed, total, "
        "last_outcome, last_attempt_at FROM challenge_progress ORDER BY slug",
        "");
    if (!stmt)
        return -1;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct challenge_progress p = {
            .slug = text_column(stmt, 0),
            .attempts = sqlite3_column_int(stmt, 1),
            .solved = sqlite3_column_int(stmt, 2) != 0,
            .first_attempt_at = sqlite3_column_int64(stmt, 3),
            .solved_at = sqlite3_column_int64(stmt, 4),
            .core_passed = sqlite3_column_int(stmt, 5),
            .core_total = sqlite3_column_int(stmt, 6),
            .passed = sqlite3_column_int(stmt, 7),
            .total = sqlite3_column_int(stmt, 8),
            .last_outcome = text_column(stmt, 9),
            .last_attempt_at = sqlite3_column_int64(stmt, 10),
        };
        f(context, &p);
    }
    return finish_rows(s, stmt, code, err);
}

int store_last_checks(struct store *s, const char *slug, void (*f)(void *context, const struct last_check *c),
                      void *context, struct error *err)
{
    int code;

    if (!sql_has(s, "current_checks"))
        return 0;
    sqlite3_stmt *stmt =
        sql_prepare(s, err,
                    "SELECT name, title, tier, verdict, cause, ms, detail FROM current_checks "
                    "WHERE slug = ? ORDER BY position, first_id",
                    "t", slug);
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

char *store_last_slug(struct store *s)
{
    if (!sql_has(s, "attempts"))
        return NULL;
    return first_text(sql_prepare(s, NULL, "SELECT slug FROM attempts ORDER BY id DESC LIMIT 1", ""));
}

char *store_setting_get(struct store *s, const char *name)
{
    if (!sql_has(s, "settings"))
        return NULL;
    return first_text(sql_prepare(s, NULL, "SELECT value FROM settings WHERE name = ?", "t", name));
}
