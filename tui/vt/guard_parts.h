/* What the guard's own files share; nobody else includes it. */
#ifndef VT_GUARD_PARTS_H
#define VT_GUARD_PARTS_H

#include "vt/guard.h"

/* Adds a whole unit to the output. */
void guard_put(struct guard *g, const struct guard_sink *sink, const char *bytes, size_t n);
/* guard_text.c: a run of printable ASCII (returns how many bytes it took, perhaps none), one byte from 80 up,
 * the end of a character that is not complete. */
size_t guard_print_run(struct guard *g, const struct guard_sink *sink, const uint8_t *b, size_t n);
void guard_high_byte(struct guard *g, const struct guard_sink *sink, uint8_t c);
void guard_print_replacement(struct guard *g, const struct guard_sink *sink);
/* Prints the last character once more. */
void guard_print_last(struct guard *g, const struct guard_sink *sink);
/* Writes what is there, then hands over the event. */
void guard_emit(struct guard *g, const struct guard_sink *sink, struct guard_event e);
void guard_reply(struct guard *g, const struct guard_sink *sink, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The parameter as a number, `missing` if it is not there or empty. */
int guard_param(const struct guard *g, int i, int missing);
static inline bool guard_is_sub(const struct guard *g, int i)
{
    return g->sub >> i & 1u;
}

/* guard_csi.c: a complete CSI with the final byte; guard_sgr.c: CSI m; guard_string.c: a complete OSC, DCS
 * ... */
void guard_csi(struct guard *g, const struct guard_sink *sink, uint8_t final);
void guard_sgr(struct guard *g, const struct guard_sink *sink);
void guard_string(struct guard *g, const struct guard_sink *sink);
void guard_set_extra(struct guard *g, const struct guard_sink *sink, uint8_t extra);

#endif
