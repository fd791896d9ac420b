/* The mount system calls of Linux 5.2 to 5.12; the C library has them only since glibc 2.36. */
#ifndef SANDBOX_MOUNTS_H
#define SANDBOX_MOUNTS_H

#include <stdbool.h>
#include <stdint.h>

/* A descriptor of a detached copy of what is mounted at path and below it. path "" means the current
 * directory, which needs no right to walk the path to it. */
int mounts_copy(const char *path);

/* Mounts the detached copy, and closes it if that worked. */
int mounts_attach(int tree, const char *path);

/* Sets and clears MOUNT_ATTR_ flags at path, and below it. */
int mounts_set(const char *path, uint64_t set, uint64_t clear, bool below);

/* Makes the directories of a path as far as they are missing. */
int mounts_make_dirs(const char *path);

#endif
