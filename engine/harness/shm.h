/* POSIX shared memory objects, to be included by challenges beside check.h: shm_overview(7). A name has no slash before
 * it: what shm_open(3) calls "/q" is "q" here, and /dev/shm/q for everybody who looks. */
#ifndef HARNESS_SHM_H
#define HARNESS_SHM_H

#include "harness/check.h"

/* A name that nothing has, "q-48151": it is different in each run. */
const char *shm_name(void);

/* ---- What the check does ------------------------------------------------------------------------------- */

/* Makes the object, which holds these bytes; with none it has the length 0. */
void shm_make(const char *name, Bytes content);
void shm_remove(const char *name);

/* ---- What the check sees ------------------------------------------------------------------------------- */

bool shm_is_there(const char *name);
/* What is in it at this moment, its length, and its permissions; the check fails if there is none. */
Bytes shm_content(const char *name);
int64_t shm_size(const char *name);
int shm_permissions(const char *name);

/* ---- What the check expects ---------------------------------------------------------------------------- */

/* Until there is such an object. */
#define expect_shm(name, ...) expect_shm_(name, WAIT_(__VA_ARGS__))
void expect_shm_(const char *name, const struct wait_options *w);
/* Until there is none. */
#define expect_no_shm(name, ...) expect_no_shm_(name, WAIT_(__VA_ARGS__))
void expect_no_shm_(const char *name, const struct wait_options *w);
/* Until the program has the object in its memory, shared and to be written: mmap(2) with MAP_SHARED. */
#define expect_shm_mapped(p, name, ...) expect_shm_mapped_(p, name, WAIT_(__VA_ARGS__))
void expect_shm_mapped_(Program *p, const char *name, const struct wait_options *w);

#endif
