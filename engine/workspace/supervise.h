/* A command under supervision: between lux and the command stands a small process that ends everything the
 * command started, daemons included, when the command ends, when it is told to, and when lux is gone.
 *
 *   lux ──control──> supervisor (subreaper, session of its own)
 *                      └─ /bin/sh -c command (process group of its own)
 *                           └─ whatever that starts */
#ifndef WORKSPACE_SUPERVISE_H
#define WORKSPACE_SUPERVISE_H

#include "base/error.h"

#include <sys/types.h>

struct supervise_options {
    const char *command; /* for /bin/sh */
    const char *dir;     /* where it runs */
    char *const *environment;
    const char *scratch;  /* a directory to be removed at the end, with all that is in it; NULL: none */
    const char *leftover; /* a file to be removed unless the command succeeds; NULL: none */
};

struct supervised {
    pid_t pid;    /* of the supervisor: to be reaped once control is at its end */
    int control;  /* gives one int, the command's status as from waitpid(2), then the end. When our side of it
                   * is shut  down or closed, everything is killed. */
    int out, err; /* what the command prints */
};

/* -1 with a sentence; nothing runs then. */
int supervise_start(const struct supervise_options *o, struct supervised *out, struct error *err);

#endif
