/* A program that runs in a sandbox like that of a check, but for a person: on the caller's standard streams.
 *
 * When stdin is a terminal, the program gets one of its own, made in the sandbox, and everything is relayed:
 * job control, Ctrl-C and the window's size work as outside, and the program cannot touch the caller's
 * terminal. The streams that are no terminals, and all of them when stdin is none, are handed to it as they
 * are. */
#ifndef LIVE_LIVE_H
#define LIVE_LIVE_H

#include "base/error.h"
#include "sandbox/sandbox.h"

#include <stdbool.h>

struct live_spec {
    const char *workspace, *binary; /* see struct sandbox_spec */
    bool as_root;
    enum sandbox_level level;     /* see struct sandbox_spec */
    const char *const *arguments; /* [0]: the program, a path as seen inside; ends with NULL */
    const char *const
        *more_environment; /* "NAME=value", besides what a check gives its programs; NULL: nothing */
};

/* Runs it to its end. *status is as from waitpid(2). Whatever it started is gone then. The terminal is as it
 * was before. Ctrl-] three times within a second ends it in any case; so does a second SIGINT or SIGTERM to
 * us, of which the first goes to the program. -1 with a sentence when there is no sandbox, or the program
 * cannot be started. */
int live_run(const struct live_spec *spec, int *status, struct error *err);

#endif
