/* What the two halves of the database's tests share. */
#ifndef TESTS_UNIT_DB_H
#define TESTS_UNIT_DB_H

#include "db/store.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A directory of its own for each test, and the path of the database in it. */
struct place {
    char dir[64], db[96];
};
int place_make(void **state);
int place_remove(void **state);

struct store *open_or_fail(const char *path, enum store_access access);
/* Runs SQL on the file, past the store. */
void run_sql(const char *path, const char *sql);
/* A database with one solved attempt. */
void make_database(const char *path);
/* The names and contents of all files of the directory. */
char *snapshot_of(const char *dir, size_t *len);

extern const struct CMUnitTest damage_tests[];
extern const size_t damage_test_count;

#endif
