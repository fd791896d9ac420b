/* What is to go out on a stream, written in the background as the other side takes it. */
#ifndef HARNESS_OUTBOX_H
#define HARNESS_OUTBOX_H

#include "base/buf.h"
#include "harness/check.h"

enum {
    OUTBOX_CUTS = 64
}; /* so many first borders between pieces are remembered, to explain what was received */

struct outbox {
    struct buf queue;
    size_t written;  /* of the queue */
    uint64_t total;  /* handed to the kernel, ever */
    uint64_t queued; /* handed to us, ever */
    int error;       /* errno of the write that failed: nothing is written any more */
    uint64_t cuts[OUTBOX_CUTS];
    size_t n_cuts;
};

/* The bytes handed over are a piece of their own. */
void outbox_add(struct outbox *out, Bytes b);
size_t outbox_pending(const struct outbox *out);
/* Writes to a non-blocking descriptor what it takes. */
void outbox_write(struct outbox *out, int fd);

#endif
