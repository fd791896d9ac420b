/* The language of checks, continued: files and directories.
 *
 * Paths are relative to the working directory, which is that of the programs too. What the check does to
 * files cannot fail: if it does, the checker is broken. What it expects of them is waited for, as everywhere.
 */
#ifndef HARNESS_FILES_H
#define HARNESS_FILES_H

#include "harness/check.h"

/* ---- What the check does ------------------------------------------------------------------------------- */

/* Makes the file, or replaces what is in it; the file stays the same one (its inode). */
void write_file(const char *path, Bytes b);
/* One write(2) at the end of the file, which is made if there is none. */
void append_file(const char *path, Bytes b);
/* Sets the length: cuts the file, or makes it longer by a hole. */
void truncate_file(const char *path, int64_t size);
/* A file of this length that is all hole and takes no space, followed by these bytes. */
void write_sparse_file(const char *path, int64_t hole, Bytes end);
/* rename(2): what was at `to` is replaced. */
void rename_file(const char *from, const char *to);
void remove_file(const char *path);
void make_directory(const char *path);
void make_fifo(const char *path);
/* Makes the symbolic link, or lets the one that is there point to the target in one step, as rename(2) does.
 */
void make_symlink(const char *target, const char *path);
void set_permissions(const char *path, int mode);
void set_mtime(const char *path, int64_t seconds, int nanoseconds);

/* Appends without a step: for checks that append thousands of times and say so in one. */
void append_silently(const char *path, Bytes b);

/* ---- What the check sees ------------------------------------------------------------------------------- */

bool is_there(const char *path); /* a symbolic link that points nowhere exists, too */
/* What is in it at this moment; the check fails if it cannot be read. */
Bytes read_file(const char *path);
int64_t size_of_file(const char *path);
int permissions_of(const char *path);
int64_t space_of_file(const char *path); /* bytes on the disk; holes take none */
int64_t mtime_of(const char *path);      /* in nanoseconds since 1970 */
uint64_t inode_of(const char *path);     /* the same one is the same file */
int links_to(const char *path);          /* names that it has */
const char *target_of_symlink(const char *path);

/* ---- What the check expects ---------------------------------------------------------------------------- */

/* Until the file holds exactly this. */
#define expect_file(path, s, ...)       expect_file_(path, text(s), WAIT_(__VA_ARGS__))
#define expect_file_bytes(path, b, ...) expect_file_(path, b, WAIT_(__VA_ARGS__))
void expect_file_(const char *path, Bytes b, const struct wait_options *w);
/* It holds exactly this at this moment: for what has to be done when something else is. */
void expect_file_now(const char *path, const char *s);
/* Until there is no such file. */
#define expect_no_file(path, ...) expect_no_file_(path, WAIT_(__VA_ARGS__))
void expect_no_file_(const char *path, const struct wait_options *w);

#endif
