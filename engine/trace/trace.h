/* The system calls of programs in a sandbox, followed with ptrace(2) from outside.
 *
 * The tracer is a process beside lux. A program joins it on its way to exec: it says who it is over a socket,
 * is seized, and installs a seccomp filter that stops it at the calls of the table in calls.c alone;
 * everything that it starts is followed too. Other calls run at full speed. When the tracer ends, what it
 * follows ends (PTRACE_O_EXITKILL). */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

enum { TRACE_RECORDS_MAX = 20000 }; /* later calls are counted, and their number is told */

struct tracer {
    pid_t pid;
    int join_fd; /* for trace_join, in the sandbox */
    int records_fd;
};

int tracer_start(struct tracer *t, struct error *err);

struct trace_record {
    uint64_t epoch_ns; /* as the program gave it */
    double at;         /* seconds since then */
    const char *text;  /* "[3] read(4, "hello\n", 4096) = 6" */
};

/* Once the sandbox is gone: hands out what was seen, in the order of time. */
void tracer_finish(struct tracer *t, void (*f)(void *context, const struct trace_record *r), void *context);

/* In a process that is about to exec, without privileges to lose (no_new_privs is set): it is followed from
 * here on. Times count from epoch_ns. Without a tracer it goes on unfollowed. Async-signal-safe. */
void trace_join(int join_fd, uint64_t epoch_ns);

#endif
