/* The language of checks, continued: root file systems, and the containers that run in them. Only for checks whose
 * programs are root of the namespace (.as_root). */
#ifndef HARNESS_IMAGE_H
#define HARNESS_IMAGE_H

#include "harness/check.h"
#include "harness/processes.h"

/* Makes the directory images/NAME, a root file system with the empty directories dev, proc and tmp, and the puppet as
 * bin/puppet; returns its path. images/ is a file system of its own without any mount flags, for flags such as nosuid
 * would be locked for a program in a new user namespace: it could not make its root read-only, mount_namespaces(7). */
const char *make_image(const char *name);

/* What is in the directory and below, one line for each: path, type, permissions, time of change, size, and a checksum of
 * what is in a file or where a link points. The same text means that nothing was changed. */
const char *listing_of(const char *directory);
/* The listing is as it was; if not, the failure names something that is new, gone or changed. */
void expect_unchanged(const char *directory, const char *listing);

/* A control group in which programs may make others, with memory and pids for them. Skips the check where there is none.
 */
const char *delegated_cgroup(void);

/* The mounts of the checker's namespace, a line for each, and that they are as they were. */
const char *mounts_now(void);
void expect_same_mounts(const char *before);

/* Until the program has a descendant that is process 1 in a pid namespace below ours; returns it. */
#define expect_first_process(p, ...) expect_first_process_(p, WAIT_(__VA_ARGS__))
Process *expect_first_process_(Program *p, const struct wait_options *w);

#endif
