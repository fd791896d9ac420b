/* Snapshots of a workspace: its source goes into the database, and comes back from there.
 *
 * The source is what the learner wrote: not the binary, not what a build makes (object files, target/ and the
 * like), nothing whose name begins with a dot, nothing but regular files. What counts and is over a limit is
 * left out, and told. */
#ifndef SNAPSHOT_SNAPSHOT_H
#define SNAPSHOT_SNAPSHOT_H

#include "db/snapshot.h"

enum {
    SNAPSHOT_FILE_MAX = 256 << 10, /* bytes; a larger file is left out */
    SNAPSHOT_TOTAL_MAX = 4 << 20,  /* bytes of all files; from there on files are left out */
    SNAPSHOT_FILES_MAX = 500,
    SNAPSHOT_DEPTH_MAX = 8, /* directories in directories; deeper ones are left out */
    SNAPSHOT_TOLD_MAX = 20  /* files that are left out and named; of more, their number is told */
};

struct source_tree {
    struct source_file *files; /* sorted by path */
    size_t n_files, total;     /* total: bytes */
    char *left_out;            /* a line each: "big.dat: 3 MB, more than 256 KiB"; NULL: nothing */
    size_t n_left_out;
};

/* Reads the source in dir; binary: the name of the program that the build makes there. */
int source_read(const char *dir, const char *binary, struct source_tree *out, struct error *err);
void source_free(struct source_tree *t);

/* Reads and stores it. attempt: its id, or 0 before a change. *left_out (NULL is fine; the caller frees): set
 * when something was left out and these very files were never kept before, so that it is told once. Returns
 * the snapshot's id (> 0), or -1. */
int64_t snapshot_take(struct store *s, const char *slug, const char *dir, const char *binary, int64_t attempt,
                      char **left_out, struct error *err);

/* Makes the files of `now` in dir those of the list: writes what differs, then removes what is not on it.
 * Files that are not in `now` are not touched: one that stands where a file is to be written is an error, and
 * nothing is changed then. */
int source_replace(const char *dir, const struct source_tree *now, const struct source_file *files, size_t n,
                   struct error *err);

/* The files of a snapshot; out->left_out is not set. */
int snapshot_read(struct store *s, int64_t snapshot, struct source_tree *out, struct error *err);

#endif
