/* The sentence for bytes that are not the expected ones, the same for stdout and for connections. */
#ifndef HARNESS_MISMATCH_H
#define HARNESS_MISMATCH_H

#include "harness/check.h"

/* `end` says how the stream ended, "then ./server ended with status 1"; NULL: it goes on. */
const char *mismatch_words(Bytes expected, Bytes received, const char *end);
/* True once received can no longer become expected by bytes that are still to come. */
bool mismatch_is_certain(Bytes expected, Bytes received);

#endif
