/* Patterns in bytes that differ from those that were expected, on a connection or on stdout. */
#ifndef HARNESS_DIAGNOSE_BYTES_H
#define HARNESS_DIAGNOSE_BYTES_H

#include "harness/diagnose.h"

/* Each: false if it does not fit. diagnose() knows their order. */
bool stopped_at_nul(const struct symptoms *s, struct diagnosis *out);
bool sent_the_terminator(const struct symptoms *s, struct diagnosis *out);
bool swallowed_a_byte(const struct symptoms *s, struct diagnosis *out);
bool line_ends(const struct symptoms *s, struct diagnosis *out);
bool missing_in_the_middle(const struct symptoms *s, struct diagnosis *out);
bool one_read_one_message(const struct symptoms *s, struct diagnosis *out);
bool size_of_a_buffer(const struct symptoms *s, struct diagnosis *out);
bool short_write(const struct symptoms *s, struct diagnosis *out);
bool waits_for_a_line(const struct symptoms *s, struct diagnosis *out);

#endif
