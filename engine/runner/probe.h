/* One probe: a check that runs as PID 1 of a sandbox of its own, watched from outside. */
#ifndef RUNNER_PROBE_H
#define RUNNER_PROBE_H

#include "event/event.h"
#include "harness/harness.h"
#include "sandbox/sandbox.h"

#include <stdint.h>
#include <uv.h>

/* How long, before the time scale, a checker may go on after the check's own deadline: it has to look at the
 * processes and to write down what happened. After that it is killed. */
enum { PROBE_GRACE_MS = 3000, PROBE_DEADLINE_MS = 10000 };

struct probe_options {
    uv_loop_t *loop;
    const struct check *check;
    const char *workspace, *binary; /* see struct sandbox_spec */
    enum sandbox_level level;
    uint64_t seed;
    double time_scale;
    int trace_fd;            /* see struct harness_run */
    bool show_output;        /* see struct harness_run */
    event_handler *on_event; /* EVENT_STEP and EVENT_NOTICE, as they come */
    /* Everything in the sandbox is gone. `end` is an EVENT_CHECK_END: the probe's own, or one with
     * VERDICT_ERROR that says what became of the probe. It belongs to the caller until the callback returns.
     */
    void (*on_end)(void *context, struct event *end);
    void *context;
};

struct probe;

/* Starts it. NULL with a sentence when there is no sandbox to be had; no callback comes then. The strings of
 * the options must live until on_end. */
struct probe *probe_start(const struct probe_options *o, struct error *err);

/* Ends everything in its sandbox; on_end follows. */
void probe_kill(struct probe *p);

#endif
