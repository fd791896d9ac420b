/* A command under supervision: between lux and the command stands a small process that ends everything the
 * command started, daemons included, when the command ends, when it is told to, and when lux is gone.
 *
 *   lux ──control──> supervisor (subreaper, session of its own)
 *                      └─ /bin/sh -c command (process group of its own)
 *                           └─ whatever that starts
 *
 * The command has a temporary directory of its own (TMPDIR), which the supervisor removes. On `control` the
 * supervisor sends one int, the command's status as from waitpid(2), once nothing is left of the command;
 * then it waits until our side is closed, removes `leftover`, and is gone. When our side is shut down or
 * closed before the status has come, everything is killed. */
#ifndef WORKSPACE_SUPERVISE_H
#define WORKSPACE_SUPERVISE_H

#include "base/error.h"

#include <sys/types.h>

struct supervise_options {
    const char *command; /* for /bin/sh */
    const char *dir;     /* where it runs */
    char *const *environment;
    const char *leftover; /* a file to be removed at the very end, if it is still there; NULL: none */
};

struct supervised {
    pid_t pid; /* of the supervisor: to be reaped once control is closed */
    int control;
    int out, err; /* what the command prints */
};

/* -1 with a sentence; nothing runs then. */
int supervise_start(const struct supervise_options *o, struct supervised *out, struct error *err);

#endif
