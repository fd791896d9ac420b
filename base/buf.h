/* A growing buffer of bytes with a limit. The bytes are always followed by a NUL that len does not count, so
 * data can be used as a string. A zeroed struct is an empty buffer without a limit. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NULL as long as nothing was ever added */
    size_t len;
    size_t cap;
    size_t limit; /* len never exceeds it; 0 means none */
};

void buf_free(struct buf *b);
/* Empties the buffer and keeps its memory. */
void buf_clear(struct buf *b);
/* Adds n bytes, all or none: false if the limit would be exceeded. */
bool buf_add(struct buf *b, const void *bytes, size_t n);
bool buf_addstr(struct buf *b, const char *s);
bool buf_addch(struct buf *b, char c);
bool buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Removes the first n bytes (n <= len). */
void buf_drop(struct buf *b, size_t n);
/* Makes room for n more bytes and returns where they go; the caller then adds to len. NULL if over the limit.
 */
char *buf_reserve(struct buf *b, size_t n);
/* The bytes as a string that the caller frees; the buffer is empty afterwards. Never NULL. */
char *buf_take(struct buf *b);
/* The text, "" when empty. */
const char *buf_str(const struct buf *b);

#endif
