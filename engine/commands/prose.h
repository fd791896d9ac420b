/* Lessons on a plain terminal: markdown as readable text, wrapped. */
#ifndef COMMANDS_PROSE_H
#define COMMANDS_PROSE_H

#include "base/buf.h"

#include <stdbool.h>

struct prose {
    int width;   /* columns of a line */
    bool colour; /* emphasis and code by colour and weight, not by marks */
};

/* How the terminal behind stdout wants it: its width, but at most 100 columns, and 80 where it is no
 * terminal; colour only on a terminal, without NO_COLOR. */
struct prose prose_for_stdout(void);

/* Adds the markdown as text. Paragraphs and lists are wrapped; code and tables stay as they are. */
void prose_add(struct buf *out, const char *markdown, const struct prose *how);

/* Adds the text, no markdown, to the line that out ends with, wrapped so that the following lines begin
 * `indent` columns in, and a line feed. */
void prose_wrap(struct buf *out, const char *text, int indent, const struct prose *how);

/* How many columns the text takes; escape sequences of colour take none. */
int prose_columns(const char *text, size_t n);

#endif
