/* The state of a layout that is being made. Private to the module. */
#ifndef MARKDOWN_LAYOUT_H
#define MARKDOWN_LAYOUT_H

#include "markdown/wrap.h"

enum { INDENT_MAX = 24 }; /* containers that still move their content to the right; deeper ones do not */

/* What stands in front of every line inside of a quote or an item. */
struct indent {
    char first[24]; /* the item's mark, in front of its first line */
    int width;
    bool is_quote;
    bool first_used;
};

struct layout {
    struct canvas canvas;
    const struct md_doc *doc;
    const struct md_options *options;
    int *links; /* the document's targets -> the layout's links; -1: not seen yet */
    struct indent indents[INDENT_MAX];
    size_t n_indents;
    bool blank_due;            /* before the next block */
    struct pieces pieces;      /* scratch, as are these */
    struct buf whole, visible; /* a line of code, and what is in sight of it */
};

/* Columns left for content. */
int layout_width(const struct layout *l);
/* Draws what stands in front of the line. */
void layout_begin_line(struct layout *l);
/* How running text looks here. */
struct look layout_text_look(const struct layout *l);

void layout_table(struct layout *l, size_t node);
void layout_code(struct layout *l, const struct node *n);

/* Characters of boxes: Unicode's or ASCII's. */
struct box {
    const char *h, *v, *tl, *t, *tr, *l, *x, *r, *bl, *b, *br;
};
const struct box *layout_box(const struct layout *l);

#endif
