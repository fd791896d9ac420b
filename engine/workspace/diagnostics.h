/* A compiler's messages, found in its output: file, line, column, severity, message. */
#ifndef WORKSPACE_DIAGNOSTICS_H
#define WORKSPACE_DIAGNOSTICS_H

#include "base/error.h"
#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    DIAGNOSTICS_MAX = 200, /* whoever has more errors mends the first ones first; later ones are not kept */
    DIAGNOSTIC_LINE_MAX = 2000 /* a longer line is nobody's message and is not looked at */
};

struct diagnostics;

/* `style` is one of "gcc", "go", "rust", "python", or NULL; `pattern` an extended regular expression with the
 * groups file, line, column, severity, message, or NULL. Names of files in dir are made relative to it. Never
 * NULL: an unknown style or a bad pattern finds nothing (diagnostics_check tells). */
struct diagnostics *diagnostics_new(const char *style, const char *pattern, const char *dir);
void diagnostics_free(struct diagnostics *d);

/* Looks at one line of output, without its line feed. */
void diagnostics_line(struct diagnostics *d, const char *line);

/* What was found so far, strings escaped (base/escape.h). Valid until the next line and as long as d. */
struct diagnostic *diagnostics_list(const struct diagnostics *d, size_t *n);

/* 0 if style and pattern can be used; otherwise -1 with a sentence. */
int diagnostics_check(const char *style, const char *pattern, struct error *err);

#endif
