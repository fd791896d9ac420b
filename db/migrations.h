/* The schema, step by step: db/schema/NNN-name.sql, built in. Private to the module. */
#ifndef DB_MIGRATIONS_H
#define DB_MIGRATIONS_H

#include "base/error.h"

struct store;

struct migration {
    const char *name; /* "001-attempts" */
    const char *sql;
};

/* A database of version N has been through the first N. */
extern const struct migration migrations[];
extern const int migration_count;

/* Runs the missing steps, each in one transaction. Before each step a copy of what the database was is left
 * beside it, as PATH.vN; a new database needs none. */
int migrate(struct store *s, struct error *err);

#endif
