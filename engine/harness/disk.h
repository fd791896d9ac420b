/* The language of checks, continued: file systems that are small, or that cannot be written. Each skips the check where
 * the sandbox has no mounts of its own. */
#ifndef HARNESS_DISK_H
#define HARNESS_DISK_H

#include "harness/check.h"

struct disk_options {
    int64_t size;  /* bytes; 0: 1 MiB */
    int64_t files; /* that it can hold, directories included; 0: as many as fit */
};
/* A new, empty file system at the directory, which is made if it is not there: mount_disk("full", .size = 64 << 10). */
#define mount_disk(path, ...) mount_disk_(path, &(const struct disk_options){__VA_ARGS__})
void mount_disk_(const char *path, const struct disk_options *o);
/* A file in it takes all space but so many bytes, in whole pages; and the space is free again. */
void fill_disk(const char *path, int64_t all_but);
void empty_disk(const char *path);
/* From now on nobody can write to it (EROFS). */
void make_disk_read_only(const char *path);
/* Bytes that can still be written. */
int64_t free_on_disk(const char *path);

#endif
