/* The language of checks, continued: files of the system that are replaced for this check alone. */
#ifndef HARNESS_REPLACE_H
#define HARNESS_REPLACE_H

#include "harness/check.h"

/* From now on whoever opens the file finds these bytes: a file of our own is mounted over it. `purpose` completes "This
 * check needs files of its own ..." where that cannot be done, and the check is skipped: replace_file("/etc/services",
 * text(...), "to name a service"). Called again, it writes the same file anew. */
void replace_file(const char *path, Bytes content, const char *purpose);

#endif
