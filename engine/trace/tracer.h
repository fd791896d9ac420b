/* The tracer's own process. Private to this folder. */
#ifndef TRACE_TRACER_H
#define TRACE_TRACER_H

#include <stdint.h>
#include <sys/types.h>

struct record_head { /* before each text, which ends with a NUL that size counts */
    uint64_t epoch_ns, at_ns;
    uint32_t size;
};

/* Follows whoever joins, until the other ends of the socket are closed and nobody is followed any more; then
 * writes the records. */
_Noreturn void tracer_main(pid_t lux, int join_fd, int records_fd);

#endif
