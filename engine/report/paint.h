/* Text for a person: styles, wrapping to a width, hanging indents. Everything is added to a buffer. */
#ifndef REPORT_PAINT_H
#define REPORT_PAINT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_WARN, STYLE_COUNT };

struct paint {
    struct buf *out;
    int width; /* columns */
    bool colour;
};

/* The columns that a text takes, as the terminal shows it. */
int text_columns(const char *text, size_t len);

/* The text in a style, as it is. */
void paint_styled(const struct paint *p, enum style style, const char *text);

/* The text wrapped at spaces, from column `at` (where the cursor is) on; the lines that follow begin at
 * column `indent`. A word that is longer than a line is broken. Returns the column after it; no line feed is
 * added. */
int paint_wrapped(const struct paint *p, enum style style, int at, int indent, const char *text);

/* A title that begins in column `indent`, on as many lines as it takes to leave room for `right` columns at the right
 * edge of the last; in a very narrow report that is a line of its own. Returns the column after it. */
int paint_beside(const struct paint *p, enum style style, int indent, const char *title, int right);

/* The same for a piece of a program's data: broken at the width alone, so that no space is lost. */
int paint_verbatim(const struct paint *p, enum style style, int at, int indent, const char *text, size_t len);

void paint_spaces(const struct paint *p, int n);

/* Replaces what a terminal without Unicode cannot show by ASCII: arrows, dots and signs by their like, the
 * rest by
 * "?". */
void paint_fold_to_ascii(struct buf *text);

#endif
