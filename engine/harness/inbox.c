#include "harness/inbox.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void inbox_read(struct inbox *in, int fd)
{
    enum { CHUNK = 64 << 10, CHUNKS = 16 }; /* others get their turn after a megabyte */
    static char chunk[CHUNK];

    for (int i = 0; i < CHUNKS && !in->ended; i++) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n > 0) {
            inbox_add(in, chunk, (size_t)n, clock_now_ns());
            if ((size_t)n < sizeof chunk)
                continue;
        } else if (n == 0) {
            in->ended = true;
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            in->ended = true;
            in->error = errno;
        }
    }
}

static void remember_time(struct inbox *in, uint64_t at_ns)
{
    if (!in->pieces)
        in->pieces = xreallocarray(NULL, 8, sizeof *in->pieces);
    if (in->n_pieces == INBOX_PIECES) {
        in->n_pieces /= 2;
        memmove(in->pieces, in->pieces + in->n_pieces, in->n_pieces * sizeof *in->pieces);
    } else if (in->n_pieces >= 8 && (in->n_pieces & (in->n_pieces - 1)) == 0) {
        in->pieces = xreallocarray(in->pieces, 2 * in->n_pieces, sizeof *in->pieces);
    }
    in->pieces[in->n_pieces++] = (struct piece){.offset = in->total, .at_ns = at_ns};
}

/* Forgets what was asked for, but not so often that moving the rest costs more than reading it. */
static void forget_old(struct inbox *in)
{
    size_t old = in->rolling ? in->kept.len : (size_t)(in->taken - in->base);

    if (old <= INBOX_KEPT || old - INBOX_KEPT < INBOX_KEPT || old - INBOX_KEPT < in->kept.len / 2)
        return;
    buf_drop(&in->kept, old - INBOX_KEPT);
    in->base += old - INBOX_KEPT;
}

void inbox_add(struct inbox *in, const void *data, size_t size, uint64_t at_ns)
{
    remember_time(in, at_ns);
    in->total += size;
    if (!in->rolling && (in->dropped || in->kept.len + size > INBOX_MAX)) {
        in->dropped += size;
        return;
    }
    buf_add(&in->kept, data, size);
    if (in->rolling)
        forget_old(in);
}

Bytes inbox_unread(const struct inbox *in)
{
    size_t from = (size_t)(in->taken - in->base);

    return bytes(in->kept.data ? in->kept.data + from : "", in->kept.len - from);
}

void inbox_take(struct inbox *in, size_t size)
{
    in->taken += size;
    forget_old(in);
}

Bytes inbox_kept(const struct inbox *in)
{
    return bytes(buf_str(&in->kept), in->kept.len);
}

uint64_t inbox_time_of(const struct inbox *in, uint64_t offset)
{
    uint64_t at_ns = in->n_pieces ? in->pieces[0].at_ns : 0;

    for (size_t i = 0; i < in->n_pieces && in->pieces[i].offset <= offset; i++)
        at_ns = in->pieces[i].at_ns;
    return at_ns;
}
