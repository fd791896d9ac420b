/* Snapshots: the source of a workspace as it was at a moment. Contents are kept once, whatever the number of
 * snapshots that they are in. */
#ifndef DB_SNAPSHOT_H
#define DB_SNAPSHOT_H

#include "db/store.h"

struct source_file {
    char *path; /* below the workspace */
    bool executable;
    char *data;
    size_t size;
};

struct snapshot {
    const char *slug, *dir;
    int64_t attempt; /* 0: taken before the workspace is changed */
    const struct source_file *files;
    size_t n_files;
    const char *left_out; /* a line for each file that is not among them; NULL: none */
};

/* Returns the snapshot's id (> 0), or -1. One short transaction: it is there whole or not at all. *is_new
 * (NULL is fine): the same files were never kept before. */
int64_t store_snapshot_add(struct store *s, const struct snapshot *snapshot, bool *is_new, struct error *err);

/* The snapshot of an attempt; the newest one that was taken of `dir` before a change. 0 if there is none. */
int64_t store_snapshot_of_attempt(struct store *s, int64_t attempt);
int64_t store_snapshot_before_change(struct store *s, const char *slug, const char *dir);

/* Calls f for each file, in the order of paths; what it points to lives during the call alone. */
int store_snapshot_files(struct store *s, int64_t snapshot,
                         int (*f)(void *context, const struct source_file *file, struct error *err),
                         void *context, struct error *err);

/* What is not in it, a line each; the caller frees. NULL: nothing. */
char *store_snapshot_left_out(struct store *s, int64_t snapshot);

#endif
