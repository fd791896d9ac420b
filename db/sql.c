#include "db/sql.h"

#include "base/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>

enum { ROOM_LEAST = 64 << 10 }; /* a disk with less room is full: the log's index alone takes 32 KiB */

static int damaged(const struct store *s, struct error *err)
{
    return error_set(
        err,
        "%s is damaged and is left as it is: move it away (mv %s %s.damaged) and Lux starts a new one; "
        "\"sqlite3 %s.damaged .recover\" may bring back what was in it",
        s->path, s->path, s->path, s->path);
}

static int cannot_write(const struct store *s, struct error *err)
{
    return error_set(
        err,
        "%s cannot be written: make the file and its directory writable for you, or set LUX_DB to a file "
        "that you can write",
        s->path);
}

static int disk_full(const struct store *s, struct error *err)
{
    return error_set(err, "the disk of %s is full: make room, then what you do next is recorded again",
                     s->path);
}

static bool no_room(const char *path)
{
    autofree char *dir = xstrdup(path);
    char *slash = strrchr(dir, '/');
    struct statvfs fs;

    if (slash)
        slash[slash == dir ? 1 : 0] = '\0';
    return statvfs(slash ? dir : ".", &fs) == 0 &&
           (fs.f_bavail * fs.f_frsize < ROOM_LEAST || (fs.f_files && !fs.f_favail));
}

/* A system call below SQLite failed. Which one, and why, SQLite has often forgotten when it returns: so look
 * for the most frequent reason ourselves. */
static int system_failure(const struct store *s, int code, struct error *err)
{
    int number = s->db ? sqlite3_system_errno(s->db) : 0;

    if (number == ENOSPC || no_room(s->path))
        return disk_full(s, err);
    if (number == EACCES || number == EPERM || number == EROFS)
        return cannot_write(s, err);
    if (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_FSYNC)
        return error_set(
            err,
            "%s cannot grow: its disk takes no more, because of a quota, of a limit on the size of files "
            "(ulimit -f), or because it fails (dmesg); end the limit, or set LUX_DB to another file",
            s->path);
    return error_set(err,
                     "%s cannot be %s%s%s: look at its directory and its disk, or set LUX_DB to another file",
                     s->path, (code & 0xff) == SQLITE_CANTOPEN ? "opened" : "read or written",
                     number ? ": " : "", number ? strerror(number) : "");
}

int sql_error(const struct store *s, int code, struct error *err)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(
            err,
            "%s is locked by another program: close what has it open (\"fuser %s\" names it) and try again",
            s->path, s->path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return cannot_write(s, err);
    case SQLITE_FULL:
        return disk_full(s, err);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return damaged(s, err);
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return system_failure(s, code, err);
    default:
        return error_set(err, "%s cannot be used: %s; move it away and Lux starts a new one", s->path,
                         s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(code));
    }
}

sqlite3_stmt *sql_prepare(const struct store *s, struct error *err, const char *sql, const char *types, ...)
{
    sqlite3_stmt *stmt;
    va_list args;
    int code = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);

    va_start(args, types);
    for (int i = 1; types[i - 1] && code == SQLITE_OK; i++) {
        switch (types[i - 1]) {
        case 't':
            code = sqlite3_bind_text(stmt, i, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
            break;
        case 'b': {
            const void *data = va_arg(args, const void *);
            size_t size = va_arg(args, size_t);
            code = size ? sqlite3_bind_blob64(stmt, i, data, size, SQLITE_TRANSIENT)
                        : sqlite3_bind_zeroblob(stmt, i, 0);
            break;
        }
        case 'i':
            code = sqlite3_bind_int64(stmt, i, va_arg(args, int64_t));
            break;
        default:
            code = sqlite3_bind_double(stmt, i, va_arg(args, double));
        }
    }
    va_end(args);
    if (code == SQLITE_OK)
        return stmt;
    sql_error(s, code, err);
    sqlite3_finalize(stmt);
    return NULL;
}

int sql_finish(const struct store *s, sqlite3_stmt *stmt, struct error *err)
{
    if (!stmt)
        return -1;
    int code = sqlite3_step(stmt);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        sql_error(s, code, err);
    sqlite3_finalize(stmt);
    return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : -1;
}

int sql_run(const struct store *s, const char *sql, struct error *err)
{
    int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : sql_error(s, code, err);
}

int64_t sql_number(const struct store *s, const char *sql, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(s, err, sql, "");
    if (!stmt)
        return -1;
    int code = sqlite3_step(stmt);
    int64_t n = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
    if (code != SQLITE_ROW)
        sql_error(s, code, err);
    sqlite3_finalize(stmt);
    return n;
}

bool sql_has(const struct store *s, const char *name)
{
    if (!s->db)
        return false;
    sqlite3_stmt *stmt = sql_prepare(s, NULL, "SELECT 1 FROM sqlite_schema WHERE name = ?", "t", name);
    bool found = stmt && sqlite3_step(stmt) == SQLITE_ROW;
    sqlite3_finalize(stmt);
    return found;
}
