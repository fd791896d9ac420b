#include "harness/outbox.h"

#include <errno.h>
#include <unistd.h>

void outbox_add(struct outbox *out, Bytes b)
{
    if (out->error || b.size == 0)
        return;
    buf_add(&out->queue, b.data, b.size);
    out->queued += b.size;
    if (out->n_cuts < OUTBOX_CUTS)
        out->cuts[out->n_cuts++] = out->queued;
}

size_t outbox_pending(const struct outbox *out)
{
    return out->queue.len - out->written;
}

static void empty(struct outbox *out)
{
    buf_clear(&out->queue);
    out->written = 0;
}

void outbox_write(struct outbox *out, int fd)
{
    enum { KEEP = 1 << 20 }; /* the queue is moved up when so much of it is behind us */

    while (outbox_pending(out) > 0) {
        ssize_t n = write(fd, out->queue.data + out->written, outbox_pending(out));
        if (n >= 0) {
            out->written += (size_t)n;
            out->total += (size_t)n;
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            out->error = errno;
            empty(out);
            return;
        }
    }
    if (outbox_pending(out) == 0) {
        empty(out);
    } else if (out->written > KEEP && out->written > out->queue.len / 2) {
        buf_drop(&out->queue, out->written);
        out->written = 0;
    }
}
