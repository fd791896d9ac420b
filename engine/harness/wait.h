/* Waiting for a condition until a deadline. Every verb that waits is a loop of this form:
 *
 *     struct wait w = wait_start(options, "3 bytes");
 *     while (!condition) {
 *         if (it cannot come true any more)
 *             fail(...);
 *         if (!wait_more(&w))
 *             fail(... TIMEOUT, .wait = &w);
 *     }
 *
 * wait_more() gives true once more when the deadline has passed, so that the condition is looked at a last
 * time. */
#ifndef HARNESS_WAIT_H
#define HARNESS_WAIT_H

#include "harness/check.h"

#include <stdint.h>

struct wait {
    const char *what;  /* "the 2nd echo", "3 bytes" */
    const char *where; /* "on client#1"; NULL: the name says it all */
    uint64_t began_ns, deadline_ns;
    uint64_t poll_ns; /* look again after this long although nothing happened; 0: only events count */
    bool of_check;    /* it is the deadline of the whole check that limits it */
    bool last_look;
};

struct wait wait_start(const struct wait_options *o, const char *fallback, const char *where);
/* The same for conditions that only asking shows: they are looked at every few milliseconds. */
struct wait wait_start_polling(const struct wait_options *o, const char *fallback, const char *where);
bool wait_more(struct wait *w);
/* "waited 2.0 s for the 2nd echo on client#1". */
const char *wait_sentence(const struct wait *w);

#endif
