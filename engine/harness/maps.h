/* What a process has in its memory, as the bytes of /proc/PID/maps: proc_pid_maps(5). */
#ifndef HARNESS_MAPS_H
#define HARNESS_MAPS_H

#include "harness/check.h"

enum mapping { MAPPED_NOT, MAPPED_PRIVATE, MAPPED_READ_ONLY, MAPPED_SHARED };

/* How the file of this name is mapped, in the best of its mappings; its name may have been removed since. */
enum mapping maps_find(Bytes maps, const char *path);

#endif
