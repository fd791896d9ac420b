#include "db/migrations.h"
#include "db/sql.h"

#include "base/mem.h"

#include <stdio.h>
#include <unistd.h>

/* Copies the database as it is, first under a name of our own, so that PATH.vN is never half a copy: others may be at the
 * same. When one of them was quicker and has changed the database already, there is nothing left to copy. */
static int copy_before(const struct store *s, int version, struct error *err)
{
    autofree char *copy = xasprintf("%s.v%d", s->path, version);
    autofree char *unfinished = xasprintf("%s.part%d", copy, (int)getpid());

    unlink(unfinished); /* of a process that had our number and was killed */
    if (sql_finish(s, sql_prepare(s, err, "VACUUM INTO ?", "t", unfinished), err)) {
        unlink(unfinished);
        return error_prefix(err, "no copy of %s could be made before it is changed", s->path);
    }
    int64_t now = sql_number(s, "PRAGMA user_version", err);
    if (now != version) {
        unlink(unfinished);
        return now < 0 ? -1 : 0;
    }
    if (rename(unfinished, copy)) {
        unlink(unfinished);
        return error_errno(err, "no copy of %s could be made before it is changed: %s", s->path, copy);
    }
    return 0;
}

/* One step, unless somebody else has made it in the meantime. */
static int migrate_step(const struct store *s, int version, struct error *err)
{
    autofree char *set_version = xasprintf("PRAGMA user_version = %d", version + 1);

    if (sql_run(s, "BEGIN IMMEDIATE", err))
        return -1;
    int64_t now = sql_number(s, "PRAGMA user_version", err);
    if (now == version && sql_run(s, migrations[version].sql, err) == 0 &&
        sql_run(s, set_version, err) == 0 && sql_run(s, "COMMIT", err) == 0)
        return 0;
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return now > version ? 0 : -1;
}

int migrate(struct store *s, struct error *err)
{
    int64_t version = sql_number(s, "PRAGMA user_version", err);
    const int64_t first = version;

    while (version >= 0 && version < migration_count) {
        if (first > 0 && copy_before(s, (int)version, err))
            return -1;
        if (migrate_step(s, (int)version, err))
            return error_prefix(err, "the step %s did not succeed and nothing was changed",
                                migrations[version].name);
        version = sql_number(s, "PRAGMA user_version", err);
    }
    return version < 0 ? -1 : 0;
}
