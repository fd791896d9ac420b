/* What came in on a stream: bytes with the times at which they came, kept until somebody asked for them. */
#ifndef HARNESS_INBOX_H
#define HARNESS_INBOX_H

#include "base/buf.h"
#include "harness/check.h"

enum {
    INBOX_MAX = 64 << 20,  /* bytes that nobody asked for; what comes then is counted and thrown away */
    INBOX_KEPT = 64 << 10, /* bytes that were asked for and stay, to be shown as the tail of the output */
    INBOX_PIECES = 1024,   /* times are kept for so many last pieces */
};

struct piece { /* of what one read(2) brought */
    uint64_t offset;
    uint64_t at_ns;
};

struct inbox {
    struct buf kept;
    uint64_t base;    /* offset in the whole stream of the first kept byte */
    uint64_t taken;   /* offset up to which it was asked for */
    uint64_t total;   /* bytes that came */
    uint64_t dropped; /* of them thrown away */
    bool rolling;     /* nobody asks: the last bytes are kept instead of the first */
    bool ended;       /* end of file, or error */
    int error;        /* errno of the read that failed; 0: a plain end */
    struct piece *pieces;
    size_t n_pieces;
};

/* Reads from a non-blocking descriptor until it has nothing more for now, or for a fair while. */
void inbox_read(struct inbox *in, int fd);
void inbox_add(struct inbox *in, const void *data, size_t size, uint64_t at_ns);
/* What came and was not asked for yet; valid until the next byte comes. */
Bytes inbox_unread(const struct inbox *in);
void inbox_take(struct inbox *in, size_t size);
/* Everything that is kept. */
Bytes inbox_kept(const struct inbox *in);
/* When the byte at this offset of the stream came. */
uint64_t inbox_time_of(const struct inbox *in, uint64_t offset);

#endif
