/* Whole files and paths. Every failure names the path and says why. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Adds the whole file to out; fails if it has more than max bytes. */
int file_read(const char *path, size_t max, struct buf *out, struct error *err);

/* Writes the file so that a reader sees the old or the new text, never a part: temporary file, fsync, rename.
 */
int file_write_atomic(const char *path, const void *data, size_t n, mode_t mode, struct error *err);

/* Makes the directory and its parents; fine if it exists. */
int file_make_dirs(const char *path, mode_t mode, struct error *err);

bool file_exists(const char *path);
bool file_is_dir(const char *path);

/* "dir/name"; the caller frees. */
char *path_join(const char *dir, const char *name);

/* The directory $variable/lux, else $HOME/fallback/lux (XDG Base Directory rules: a relative value is
 * ignored). The caller frees; never NULL: without HOME, the home directory of the password database is used.
 */
char *path_xdg(const char *variable, const char *fallback);

/* The learner's home directory; the caller frees. */
char *path_home(void);

#endif
