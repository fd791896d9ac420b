/* Writing: attempts, results, settings. */
#include "db/store.h"

#include "db/process.h"
#include "db/sql.h"

#include "base/clock.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>

static int check_writable(const struct store *s, struct error *err)
{
    return s->can_write ? 0 : error_set(err, "%s was opened for reading alone", s->path);
}

int64_t store_attempt_begin(struct store *s, const struct attempt *a, struct error *err)
{
    autofree char *seed = xasprintf("%" PRIu64, a->seed);
    autofree char *process = process_identity();

    if (check_writable(s, err))
        return -1;
    sqlite3_stmt *stmt =
        sql_prepare(s, err,
                    "INSERT INTO attempts (slug, dir, language, seed, lux_version, partial, started_at, "
                    "process, uid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, lower(hex(randomblob(16)))))",
                    "tttttiitt", a->slug, a->dir, a->language, seed, a->lux_version, (int64_t)a->partial,
                    clock_unix_seconds(), process, a->uid);
    return sql_finish(s, stmt, err) ? -1 : sqlite3_last_insert_rowid(s->db);
}

int store_attempt_built(struct store *s, int64_t id, bool ok, double ms, const char *message,
                        struct error *err)
{
    if (check_writable(s, err))
        return -1;
    return sql_finish(
        s,
        sql_prepare(s, err, "UPDATE attempts SET build_ok = ?, build_ms = ?, build_message = ? WHERE id = ?",
                    "idti", (int64_t)ok, ms, message, id),
        err);
}

int store_check_result(struct store *s, int64_t id, const struct check_result *r, struct error *err)
{
    if (check_writable(s, err))
        return -1;
    /* A check that ran a second time in the same attempt: the later result counts. */
    return sql_finish(
        s,
        sql_prepare(s, err,
                    "INSERT INTO check_results (attempt, name, position, title, tier, verdict, cause, ms, "
                    "detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (attempt, name) DO UPDATE SET "
                    "verdict = excluded.verdict, cause = excluded.cause, ms = excluded.ms, "
                    "detail = excluded.detail",
                    "itittttdt", id, r->check, (int64_t)r->position, r->title, r->tier, r->verdict, r->cause,
                    r->ms, r->detail),
        err);
}

int store_attempt_end(struct store *s, int64_t id, enum outcome outcome, double ms, struct error *err)
{
    static const char *const words[] = {
        [OUTCOME_SOLVED] = "solved",
        [OUTCOME_UNSOLVED] = "unsolved",
        [OUTCOME_BUILD_FAILED] = "build failed",
        [OUTCOME_INTERRUPTED] = "interrupted",
        [OUTCOME_ERROR] = "error",
    };

    if (check_writable(s, err))
        return -1;
    return sql_finish(s,
                      sql_prepare(s, err,
                                  "UPDATE attempts SET outcome = ?, ms = ?, ended_at = ? WHERE id = ?",
                                  "tdii", words[outcome], ms, clock_unix_seconds(), id),
                      err);
}

int store_setting_set(struct store *s, const char *name, const char *value, struct error *err)
{
    if (check_writable(s, err))
        return -1;
    return sql_finish(s,
                      sql_prepare(s, err,
                                  "INSERT INTO settings (name, value) VALUES (?, ?) "
                                  "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                                  "tt", name, value),
                      err);
}
