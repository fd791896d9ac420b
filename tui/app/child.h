/* A program that runs beside the screen, with its output in pieces and its end: `lux` in all its uses. */
#ifndef APP_CHILD_H
#define APP_CHILD_H

#include "base/error.h"

#include <stddef.h>
#include <uv.h>

struct child;

struct child_callbacks {
    void (*out)(void *user, const char *bytes, size_t n); /* of stdout; NULL: dropped */
    /* The program has ended and all its output has been given. status: the exit code, or 128 + the signal.
     * complaint: the end of what it wrote on stderr, "" if nothing. The child is freed after the call. */
    void (*done)(void *user, int status, const char *complaint);
};

/* argv[0] is a path. NULL if it cannot be started. */
struct child *child_spawn(uv_loop_t *loop, const char *const *argv, const struct child_callbacks *callbacks,
                          void *user, struct error *err);
/* Sends a signal, unless it has ended already. */
void child_signal(struct child *c, int signal);
/* Lets go of it at once, with a signal if it still runs; no callback is called any more. It is not waited
 * for. */
void child_free(struct child *c, int signal); /* NULL is fine */

#endif
