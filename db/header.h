/* What a database file says of itself, read without SQLite, which would leave traces beside it. Private to the
 * module. */
#ifndef DB_HEADER_H
#define DB_HEADER_H

#include "db/sql.h"

struct header {
    bool exists, is_empty;
    uint32_t version, application;
};

/* Reads the header of s->path. The descriptor that it needs is the store's until header_release(). */
int header_read(struct store *s, struct header *out, struct error *err);

/* SQLite has opened the file, and has perhaps made it. */
void header_opened(struct store *s);

/* After SQLite's connection was closed. */
void header_release(struct store *s);

#endif
