/* Opening: everything that can be wrong with the file is found here, before anything is changed. */
#include "db/store.h"

#include "db/header.h"
#include "db/migrations.h"
#include "db/process.h"
#include "db/sql.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    APPLICATION_ID = 0x4c757831, /* "Lux1", set by the first migration */
    BUSY_MS = 2000,              /* how long a call waits for somebody else's lock */
    CHECKED_WHOLE_MAX = 4 << 20, /* a larger file is checked in part when it is opened, to be quick */
};

char *store_default_path(void)
{
    const char *path = getenv("LUX_DB");
    if (path && *path)
        return xstrdup(path);
    autofree char *dir = path_xdg("XDG_DATA_HOME", ".local/share");
    return path_join(dir, "lux.db");
}

static int newer(const struct store *s, int64_t version, struct error *err)
{
    return error_set(
        err,
        "%s was written by a newer Lux (its version is %lld, this Lux knows %d) and is left as it is: update "
        "Lux, or set LUX_DB to another file",
        s->path, (long long)version, migration_count);
}

/* The size of PATH-wal: what has been committed and is not yet in the file itself. */
static off_t wal_size(const struct store *s)
{
    autofree char *wal = xasprintf("%s-wal", s->path);
    struct stat st;
    return stat(wal, &st) == 0 ? st.st_size : 0;
}

static bool can_write(const char *path)
{
    autofree char *dir = xstrdup(path);
    char *slash = strrchr(dir, '/');

    if (slash)
        slash[slash == dir ? 1 : 0] = '\0';
    return access(path, W_OK) == 0 && access(slash ? dir : ".", W_OK) == 0;
}

/* "file:PATH?immutable=1" with everything that means something in a URI written as %HH. */
static char *immutable_uri(const char *path)
{
    struct buf uri = {0};
    buf_addstr(&uri, "file:");
    for (const char *p = path; *p; p++) {
        if (strchr("%?#", *p))
            buf_printf(&uri, "%%%02X", *p);
        else
            buf_addch(&uri, *p);
    }
    buf_addstr(&uri, "?immutable=1");
    return buf_take(&uri);
}

static int connect_db(struct store *s, const char *name, int flags, struct error *err)
{
    int code = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK)
        return sql_error(s, code, err);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return 0;
}

/* Is it ours, of a version that we know, and sound? Nothing is written. */
static int inspect(const struct store *s, struct error *err)
{
    int64_t version = sql_number(s, "PRAGMA user_version", err);
    int64_t tables = version < 0 ? -1 : sql_number(s, "SELECT count(*) FROM sqlite_schema", err);
    int64_t application = tables < 0 ? -1 : sql_number(s, "PRAGMA application_id", err);
    int64_t pages = application < 0 ? -1 : sql_number(s, "PRAGMA page_count", err);
    int64_t page_size = pages < 0 ? -1 : sql_number(s, "PRAGMA page_size", err);

    if (page_size < 0)
        return -1;
    if (tables > 0 && application != APPLICATION_ID)
        return error_set(
            err, "%s belongs to another program and is left as it is: set LUX_DB to another file", s->path);
    if (version > migration_count)
        return newer(s, version, err);

    bool whole = pages * page_size <= CHECKED_WHOLE_MAX || version == 0;
    const char *check = whole ? "PRAGMA quick_check(1)" : "PRAGMA quick_check('attempts')";
    sqlite3_stmt *stmt = sql_prepare(s, err, check, "");
    if (!stmt)
        return -1;
    int code = sqlite3_step(stmt);
    const char *verdict = code == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    bool sound = verdict && strcmp(verdict, "ok") == 0;
    sqlite3_finalize(stmt);
    if (sound)
        return 0;
    return sql_error(s, code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_CORRUPT : code, err);
}

/* Attempts whose process ended before it could say how they went. */
static int mark_interrupted(const struct store *s, struct error *err)
{
    sqlite3_stmt *stmt =
        sql_prepare(s, err, "SELECT id, process, started_at FROM attempts WHERE outcome = 'running'", "");
    int64_t gone[64];
    size_t n = 0;
    int code = SQLITE_DONE;

    if (!stmt)
        return -1;
    while (n < ARRAY_LEN(gone) && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (process_is_gone((const char *)sqlite3_column_text(stmt, 1), sqlite3_column_int64(stmt, 2)))
            gone[n++] = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return sql_error(s, code, err);
    for (size_t i = 0; i < n; i++) {
        if (sql_finish(s,
                       sql_prepare(
                           s, err,
                           "UPDATE attempts SET outcome = 'interrupted' WHERE id = ? AND outcome = 'running'",
                           "i", gone[i]),
                       err))
            return -1;
    }
    return n == ARRAY_LEN(gone) ? mark_interrupted(s, err) : 0;
}

static int make_directory(const char *path, struct error *err)
{
    autofree char *dir = xstrdup(path);
    char *slash = strrchr(dir, '/');

    if (!slash || slash == dir)
        return 0;
    *slash = '\0';
    if (file_make_dirs(dir, 0700, err) == 0)
        return 0;
    if (err) {
        autofree char *why = xstrdup(err->text);
        error_set(err, "%s; make it yourself, or set LUX_DB to a file that you can write", why);
    }
    return -1;
}

static int open_to_write(struct store *s, const struct header *h, struct error *err)
{
    if (!h->exists && make_directory(s->path, err))
        return -1;
    if (h->exists && !can_write(s->path))
        return sql_error(s, SQLITE_READONLY, err);

    off_t wal = wal_size(s);
    if (connect_db(s, s->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err))
        return -1;
    if (inspect(s, err)) {
        /* What lies in the log is not ours to move into a file that we do not understand. */
        if (wal > 0)
            sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return -1;
    }
    s->can_write = true;
    if (sql_run(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON", err) ||
        migrate(s, err) || mark_interrupted(s, err))
        return -1;
    return 0;
}

/* Where the file and its directory are ours to write, SQLite may keep its log's index beside the file while
 * it is open: so a reader sees what a writer commits meanwhile. Elsewhere nothing can change, and nothing may
 * be made. */
static int open_to_read(struct store *s, struct error *err)
{
    off_t wal = wal_size(s);
    int failed;

    if (can_write(s->path)) {
        failed = connect_db(s, s->path, SQLITE_OPEN_READWRITE, err);
        if (!failed && wal > 0)
            sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    } else if (wal > 0) {
        failed = connect_db(s, s->path, SQLITE_OPEN_READONLY, err);
    } else {
        autofree char *uri = immutable_uri(s->path);
        failed = connect_db(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
    }
    return failed || sql_run(s, "PRAGMA query_only = ON", err) ? -1 : inspect(s, err);
}

struct store *store_open(const char *path, enum store_access access, struct error *err)
{
    struct store *s = xcalloc(1, sizeof *s);
    struct header header;

    s->path = xstrdup(path);
    int failed = header_read(s, &header, err);
    if (!failed && header.version > (uint32_t)migration_count && header.application == APPLICATION_ID)
        failed = newer(s, header.version, err);
    if (!failed && access == STORE_WRITE)
        failed = open_to_write(s, &header, err);
    else if (!failed && header.exists && !header.is_empty)
        failed = open_to_read(s, err);
    if (failed) {
        store_close(s);
        return NULL;
    }
    header_opened(s);
    return s;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    sqlite3_close(s->db);
    header_release(s);
    free(s->path);
    free(s);
}
