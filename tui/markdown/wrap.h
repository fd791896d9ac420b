/* Running text -> lines of a width. Private to the module. */
#ifndef MARKDOWN_WRAP_H
#define MARKDOWN_WRAP_H

#include "markdown/canvas.h"

/* A line of the pool: its bytes without blanks at the ends, and its width. */
struct piece {
    uint32_t start, end;
    int width;
};

struct pieces {
    struct piece *list;
    size_t n, cap;
};

/* Breaks pool[start, end) into lines, at blanks, beside wide characters, and within words that are longer
 * than a line. Adds to `out`. */
void wrap(const struct md_doc *d, uint32_t start, uint32_t end, int width, struct pieces *out);

/* Room that the text would like (its longest line) and that its longest word takes. */
void measure(const struct md_doc *d, uint32_t start, uint32_t end, int *line, int *word);

/* Draws a line of the pool with the styles of its spans. `links` maps the document's targets to the layout's
 * links. */
void put_piece(struct canvas *c, const struct md_doc *d, const struct piece *p, struct look base, int *links);

#endif
