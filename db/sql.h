/* Statements and failures of SQLite in few words. Private to the module. */
#ifndef DB_SQL_H
#define DB_SQL_H

#include "base/error.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct store {
    sqlite3 *db; /* NULL: reading a file that does not exist yet, or one without tables */
    char *path;
    bool can_write;

    /* header.c's: the file, the descriptor of its header (-1: another store of the process has it), and the next
     * of the process's stores. */
    dev_t device;
    ino_t inode;
    int file;
    struct store *next;
};

/* "PATH: what is wrong, and what to do", for the last failure of the connection. Returns -1. */
int sql_error(const struct store *s, int code, struct error *err);

/* Prepares a statement and binds what follows, a letter each: t text (NULL allowed), i int64_t, d double,
 * b bytes (a pointer and a size_t). NULL on failure. */
sqlite3_stmt *sql_prepare(const struct store *s, struct error *err, const char *sql, const char *types, ...);

/* Steps a statement that returns no rows to its end and finalises it; stmt may be NULL after a failed
 * prepare. */
int sql_finish(const struct store *s, sqlite3_stmt *stmt, struct error *err);

/* Runs statements without parameters. */
int sql_run(const struct store *s, const char *sql, struct error *err);

/* The first column of the first row; -1 with err set on failure. */
int64_t sql_number(const struct store *s, const char *sql, struct error *err);

/* Whether the database has that table or view: an older one may lack it, and then there is nothing to tell.
 */
bool sql_has(const struct store *s, const char *name);

#endif
