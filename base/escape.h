/* Bytes of somebody else's program, made harmless to print and to store.
 *
 * Printable ASCII and printable, well-formed UTF-8 stay as they are; a backslash becomes \\, the usual
 * control characters become \n \t \r \0 \e, every other byte becomes \xHH. The result is valid UTF-8 without
 * control characters, and escape_decode brings back the very same bytes. */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include "base/buf.h"

#include <stddef.h>

/* Adds the escaped form of n bytes to out. */
void escape_bytes(struct buf *out, const void *bytes, size_t n);

/* The same, but line feeds and tabs stay themselves: for text that is shown line by line. */
void escape_text(struct buf *out, const void *bytes, size_t n);

/* Adds the bytes that an escaped text stands for; an unknown escape is copied as it is. */
void escape_decode(struct buf *out, const char *text);

/* The length in bytes (1 to 4) of the well-formed UTF-8 sequence at s, with its code point in *cp; 0 if none.
 */
size_t utf8_decode(const void *s, size_t n, unsigned *cp);

/* Writes cp as UTF-8 into out (room for 4) and returns the length. */
size_t utf8_encode(unsigned cp, char *out);

#endif
