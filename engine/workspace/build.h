/* Building the learner's program, beside everything else that goes on in a libuv loop.
 *
 * The toolchain runs under a small supervisor process of ours that holds one end of a socket: when lux ends,
 * however it ends, the supervisor kills every process of the build and removes what is half made. */
#ifndef WORKSPACE_BUILD_H
#define WORKSPACE_BUILD_H

#include "base/error.h"
#include "event/event.h"

#include <stdint.h>
#include <uv.h>

enum {
    BUILD_TIME_LIMIT_MS = 120000,
    BUILD_OUTPUT_MAX =
        1 << 20, /* bytes of output that become events; at the limit one line says so, the rest is dropped */
    BUILD_LINE_MAX = 16384 /* bytes of one line of output; what is longer comes in pieces */
};

struct build_options {
    uv_loop_t *loop;
    const char *data_dir; /* see course_data_dir */
    const char *dir;      /* the workspace, absolute */
    const char *binary;   /* the name of the program: dir/binary is made */
    int time_limit_ms;    /* 0: BUILD_TIME_LIMIT_MS */
    uint64_t epoch_ns;    /* a value of clock_now_ns: the times of the events count from it */
    /* Gets EVENT_BUILD_START, any number of EVENT_BUILD_OUTPUT, and EVENT_BUILD_END, which comes exactly once
     * and last, whatever happens. Called from the loop only, never from within build_run or build_cancel. In
     * EVENT_BUILD_START the language is NULL and the command "" when nothing is recognised. */
    event_handler *handler;
    void *context;
};

struct build;

/* Begins. The strings of the options are copied; the handle frees itself after EVENT_BUILD_END, and must not
 * be used from then on. A build that cannot even begin reports that by its EVENT_BUILD_END too. */
struct build *build_run(const struct build_options *o);

/* Kills every process of the build; EVENT_BUILD_END follows, with ok false and the error "the build was
 * cancelled". */
void build_cancel(struct build *b);

#endif
