/* A temporary directory for one test, with files put into it. */
#ifndef UNIT_SCRATCH_H
#define UNIT_SCRATCH_H

#include "base/file.h"
#include "base/mem.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char scratch[64];

static inline int scratch_remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline int scratch_make(void **state)
{
    (void)state;
    snprintf(scratch, sizeof scratch, "/tmp/lux-test-XXXXXX");
    return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_remove(void **state)
{
    (void)state;
    chmod(scratch, 0755);
    return nftw(scratch, scratch_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_put_bytes(const char *name, const void *bytes, size_t n, mode_t mode)
{
    struct error err;
    autofree char *path = path_join(scratch, name);
    autofree char *dir = xstrdup(path);
    *strrchr(dir, '/') = '\0';
    if (file_make_dirs(dir, 0755, &err) || file_write_atomic(path, bytes, n, mode, &err))
        fail_msg("%s", err.text);
}

static inline void scratch_put(const char *name, const char *text)
{
    scratch_put_bytes(name, text, strlen(text), 0644);
}

#define WITH_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

#endif
