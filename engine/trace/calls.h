/* The calls that are followed, and how their arguments are shown. Private to this folder. */
#ifndef TRACE_CALLS_H
#define TRACE_CALLS_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct call {
    long number;
    const char *name;
    const char *arguments; /* a letter each, of shapes.h; what comes back is shown when the call returns */
};

extern const struct call calls[];
extern const size_t call_count;

const struct call *call_find(long number);

/* "name(arguments" at the entry of the call; the rest and the result at its return. */
void call_enter(struct buf *out, const struct call *c, pid_t tid, const uint64_t args[6]);
void call_return(struct buf *out, const struct call *c, pid_t tid, const uint64_t args[6], int64_t result,
                 int is_error);

#endif
