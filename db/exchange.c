#include "db/exchange.h"

#include "db/sql.h"

#include "base/mem.h"

#include <string.h>

static const char *text_column(sqlite3_stmt *stmt, int column)
{
    return (const char *)sqlite3_column_text(stmt, column);
}

static char *copy_column(sqlite3_stmt *stmt, int column)
{
    const char *text = text_column(stmt, column);
    return text ? xstrdup(text) : NULL;
}

/* ---- Out ---- */

struct results {
    struct check_result *list;
    size_t n;
};

static void free_results(struct results *r)
{
    for (size_t i = 0; i < r->n; i++) {
        const char *const texts[] = {r->list[i].check,   r->list[i].title, r->list[i].tier,
                                     r->list[i].verdict, r->list[i].cause, r->list[i].detail};
        for (size_t k = 0; k < ARRAY_LEN(texts); k++)
            free((char *)(uintptr_t)texts[k]);
    }
    free(r->list);
}

static int read_results(const struct store *s, int64_t attempt, struct results *out, struct error *err)
{
    *out = (struct results){0};
    sqlite3_stmt *stmt =
        sql_prepare(s, err,
                    "SELECT name, title, tier, verdict, cause, ms, detail, position FROM check_results "
                    "WHERE attempt = ? ORDER BY position, id",
                    "i", attempt);
    if (!stmt)
        return -1;
    int code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        out->list = xreallocarray(out->list, out->n + 1, sizeof *out->list);
        out->list[out->n++] = (struct check_result){.check = copy_column(stmt, 0),
                                                    .title = copy_column(stmt, 1),
                                                    .tier = copy_column(stmt, 2),
                                                    .verdict = copy_column(stmt, 3),
                                                    .cause = copy_column(stmt, 4),
                                                    .ms = sqlite3_column_double(stmt, 5),
                                                    .detail = copy_column(stmt, 6),
                                                    .position = sqlite3_column_int(stmt, 7)};
    }
    sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? 0 : sql_error(s, code, err);
}

int store_export(struct store *s, int (*f)(void *context, const struct moved_attempt *a), void *context,
                 struct error *err)
{
    if (!sql_has(s, "learner_progress"))
        return s->db && sql_has(s, "attempts")
                   ? error_set(err, "%s is of an older Lux: lux check brings it up to date first", s->path)
                   : 0;
    sqlite3_stmt *stmt = sql_prepare(
        s, err,
        "SELECT id, uid, slug, dir, language, seed, lux_version, partial, started_at, ms, outcome, "
        "build_ok, build_ms, build_message FROM attempts WHERE learner = '' AND outcome <> 'running' "
        "ORDER BY id",
        "");
    if (!stmt)
        return -1;
    int code, result = 0;
    while (!result && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct results results;
        result = read_results(s, sqlite3_column_int64(stmt, 0), &results, err);
        struct moved_attempt a = {.uid = text_column(stmt, 1),
                                  .learner = "",
                                  .slug = text_column(stmt, 2),
                                  .dir = text_column(stmt, 3),
                                  .language = text_column(stmt, 4),
                                  .seed = text_column(stmt, 5),
                                  .lux_version = text_column(stmt, 6),
                                  .partial = sqlite3_column_int(stmt, 7) != 0,
                                  .started_at = sqlite3_column_int64(stmt, 8),
                                  .ms = sqlite3_column_double(stmt, 9),
                                  .outcome = text_column(stmt, 10),
                                  .was_built = sqlite3_column_type(stmt, 11) != SQLITE_NULL,
                                  .build_ok = sqlite3_column_int(stmt, 11) != 0,
                                  .build_ms = sqlite3_column_double(stmt, 12),
                                  .build_message = text_column(stmt, 13),
                                  .results = results.list,
                                  .n_results = results.n};
        if (!result)
            result = f(context, &a);
        free_results(&results);
    }
    if (!result && code != SQLITE_DONE)
        result = sql_error(s, code, err);
    sqlite3_finalize(stmt);
    return result;
}

/* ---- In ---- */

static int insert(const struct store *s, int64_t id, const struct moved_attempt *a, int64_t first_result,
                  struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(
        s, err,
        "INSERT INTO attempts (id, slug, dir, language, seed, lux_version, partial, started_at, ended_at, ms, "
        "outcome, build_ok, build_ms, build_message, process, uid, learner) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, iif(?, ?, NULL), ?, ?, 'imported', ?, ?)",
        "itttttiiidtiidttt", id, a->slug, a->dir, a->language, a->seed, a->lux_version, (int64_t)a->partial,
        a->started_at, a->started_at + (int64_t)(a->ms / 1e3), a->ms, a->outcome, (int64_t)a->was_built,
        (int64_t)a->build_ok, a->build_ms, a->build_message, a->uid, a->learner);
    if (sql_finish(s, stmt, err))
        return -1;
    for (size_t i = 0; i < a->n_results; i++) {
        const struct check_result *r = &a->results[i];
        stmt = sql_prepare(
            s, err,
            "INSERT OR REPLACE INTO check_results (id, attempt, name, position, title, tier, verdict, "
            "cause, ms, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "iitittttdt", first_result + (int64_t)i, id, r->check, (int64_t)r->position, r->title, r->tier,
            r->verdict, r->cause, r->ms, r->detail);
        if (sql_finish(s, stmt, err))
            return -1;
    }
    return 0;
}

/* A number from the database; the statement is ended. */
static int64_t number(sqlite3_stmt *stmt, int64_t otherwise)
{
    int64_t n = otherwise;
    if (stmt && sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
        n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

/* The ids that keep the order of time: above all others, or, for one that is older than what its learner has
 * done at that challenge since, below all others. */
static int add(const struct store *s, const struct moved_attempt *a, struct error *err)
{
    int64_t newest =
        number(sql_prepare(s, err, "SELECT max(started_at) FROM attempts WHERE slug = ? AND learner = ?",
                           "tt", a->slug, a->learner),
               INT64_MIN);
    bool is_new = a->started_at >= newest;
    int64_t id = is_new ? 1 + number(sql_prepare(s, err, "SELECT max(max(id), 0) FROM attempts", ""), 0)
                        : -1 + number(sql_prepare(s, err, "SELECT min(min(id), 1) FROM attempts", ""), 1);
    int64_t first = is_new
                        ? 1 + number(sql_prepare(s, err, "SELECT max(max(id), 0) FROM check_results", ""), 0)
                        : number(sql_prepare(s, err, "SELECT min(min(id), 1) FROM check_results", ""), 1) -
                              (int64_t)a->n_results;
    return insert(s, id, a, first, err);
}

static int take_in(const struct store *s, const struct moved_attempt *a, struct import_counts *counts,
                   struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(s, err, "SELECT outcome FROM attempts WHERE uid = ?", "t", a->uid);
    if (!stmt)
        return -1;
    bool is_known = sqlite3_step(stmt) == SQLITE_ROW;
    bool is_whole = is_known && strcmp(text_column(stmt, 0), "interrupted") != 0;
    sqlite3_finalize(stmt);
    if (is_known && (is_whole || strcmp(a->outcome, "interrupted") == 0)) {
        counts->known++;
        return 0;
    }
    if (is_known &&
        sql_finish(s, sql_prepare(s, err, "DELETE FROM attempts WHERE uid = ?", "t", a->uid), err))
        return -1;
    if (is_known)
        counts->completed++;
    else
        counts->added++;
    return add(s, a, err);
}

/* Is a older than what is there for its learner and challenge? Asked before anything is added. */
static bool is_older(const struct store *s, const struct moved_attempt *a)
{
    return number(
               sql_prepare(s, NULL,
                           "SELECT count(*) FROM attempts WHERE slug = ? AND learner = ? AND started_at > ?",
                           "tti", a->slug, a->learner, a->started_at),
               0) > 0;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = (*(const struct moved_attempt *const *)a)->started_at;
    int64_t y = (*(const struct moved_attempt *const *)b)->started_at;
    return x < y ? -1 : x > y;
}

int store_import(struct store *s, const struct moved_attempt *list, size_t n, struct import_counts *counts,
                 struct error *err)
{
    *counts = (struct import_counts){0};
    if (!s->can_write)
        return error_set(err, "%s was opened for reading alone", s->path);
    autofree const struct moved_attempt **order = xcalloc(n + 1, sizeof *order);
    autofree bool *older = xcalloc(n + 1, sizeof *older);
    for (size_t i = 0; i < n; i++)
        order[i] = &list[i];
    qsort(order, n, sizeof(struct moved_attempt *), by_time);
    if (sql_run(s, "BEGIN IMMEDIATE", err))
        return -1;
    int failed = 0;
    for (size_t i = 0; i < n; i++)
        older[i] = is_older(s, order[i]);
    for (size_t i = n; i-- > 0 && !failed;) /* those go below, so the newest of them first */
        failed = older[i] ? take_in(s, order[i], counts, err) : 0;
    for (size_t i = 0; i < n && !failed; i++)
        failed = older[i] ? 0 : take_in(s, order[i], counts, err);
    if (!failed && sql_run(s, "COMMIT", err) == 0)
        return 0;
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

int store_learners(struct store *s, void (*f)(void *context, const struct learner_progress *p), void *context,
                   struct error *err)
{
    if (!sql_has(s, "learner_progress"))
        return 0;
    sqlite3_stmt *stmt = sql_prepare(s, err,
                                     "SELECT learner, slug, attempts, solved, core_passed, core_total "
                                     "FROM learner_progress ORDER BY learner, slug",
                                     "");
    if (!stmt)
        return -1;
    int code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct learner_progress p = {.learner = text_column(stmt, 0),
                                     .slug = text_column(stmt, 1),
                                     .attempts = sqlite3_column_int(stmt, 2),
                                     .solved = sqlite3_column_int(stmt, 3) != 0,
                                     .core_passed = sqlite3_column_int(stmt, 4),
                                     .core_total = sqlite3_column_int(stmt, 5)};
        f(context, &p);
    }
    sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? 0 : sql_error(s, code, err);
}
