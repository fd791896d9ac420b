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
    /* A letter an argument: d decimal, x hexadecimal, o octal, p pointer, s text, w bytes that the next
     * argument counts, r bytes that the result counts, a address that the next argument measures, A address
     * that comes back, D domain, T type of a socket, S signal, O flags of open(2), n not shown. A, r and
     * the following are known when the call returns: b struct stat, 2 two descriptors, W status of wait(2), V value
     * of an option. Before it: t timespec, f pollfds that the next argument counts, E verb of epoll_ctl(2) and e
     * its event, L level of an option, N its name, v its value, whose size is the next argument. */
    const char *arguments;
};

extern const struct call calls[];
extern const size_t call_count;

const struct call *call_find(long number);

/* "name(arguments" at the entry of the call; the rest and the result at its return. */
void call_enter(struct buf *out, const struct call *c, pid_t tid, const uint64_t args[6]);
void call_return(struct buf *out, const struct call *c, pid_t tid, const uint64_t args[6], int64_t result,
                 int is_error);

/* The text at that address of the process; "" if it cannot be read. */
void call_read_text(pid_t tid, uint64_t address, char *room, size_t size);

#endif
