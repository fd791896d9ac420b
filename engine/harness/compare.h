/* Where two sequences of bytes part, and how to show it: everything here is a pure function of its arguments.
 * Results live as long as the check. */
#ifndef HARNESS_COMPARE_H
#define HARNESS_COMPARE_H

#include "harness/check.h"

enum {
    EXCERPT_BEFORE = 60,  /* bytes shown before the first difference */
    EXCERPT_AFTER = 60,   /* and from it on */
    QUOTE_MAX = 40,       /* bytes of a quotation in a sentence */
    QUOTE_LONG_MAX = 200, /* of one that the sentence is about */
    HEX_LINES = 5         /* lines of a hex dump */
};

/* The offset of the first byte that differs, or at which one of them ends; -1 if they are the same. */
int64_t compare_bytes(Bytes a, Bytes b);
/* Well-formed UTF-8 without control characters other than tab, line feed and carriage return. A sequence that
 * is cut at the end of the bytes does not count against it. */
bool bytes_are_text(Bytes b);
/* A piece of b around `at`, escaped. */
struct excerpt excerpt_around(Bytes b, size_t at);
/* Lines of a hex dump around `at`, with 16 bytes each. */
const char **hex_around(Bytes b, size_t at, size_t *n);
/* The bytes in quotation marks, escaped; a long one is cut and followed by "...". */
const char *quote(Bytes b);
/* "6 bytes "hello\n"". */
const char *quote_sized(Bytes b);
/* "1 byte", "6 bytes", "8 388 608 bytes". */
const char *count_bytes(uint64_t n);
/* One byte in words: "'x' (0x78)", "0x00". */
const char *name_byte(uint8_t b);
/* "1st", "2nd" ... */
const char *ordinal(size_t n);
/* If received continues, from the difference on, with something that stands further on in expected: how many
 * bytes of expected are missing. 0 otherwise. */
size_t missing_bytes(Bytes expected, Bytes received, size_t difference);

#endif
