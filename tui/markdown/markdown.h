/* Markdown as lines for a pane: md_doc_new reads a text once, md_layout wraps it for a width. Knows what a
 * run of text is (its role), not how it looks; the caller keeps the layout until the width changes. */
#ifndef MARKDOWN_MARKDOWN_H
#define MARKDOWN_MARKDOWN_H

#include "ui/theme.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MD_WIDTH_MIN = 20,      /* narrower layouts are made for this width */
    MD_TEXT_MAX = 16 << 20, /* bytes; of a longer text the rest is left out, and the last line says so */
};

struct md_doc;

/* CommonMark with tables, strikethrough, task lists and bare links. Any bytes are accepted: what is not
 * printable UTF-8 shows as U+FFFD. Never NULL. */
struct md_doc *md_doc_new(const char *text, size_t len);
void md_doc_free(struct md_doc *d);

/* A piece of a line that looks the same throughout. */
struct md_run {
    const char *text; /* NUL-terminated UTF-8 */
    int col, width;
    enum role role;
    uint16_t
        attrs; /* of enum attr, to be added to the role's: strong inside of emphasis, strikethrough ... */
    int link;  /* index in md_layout.links; -1: none */
};

struct md_line {
    const char *text; /* the whole line, for searching: the texts of its runs and the blanks between them */
    const struct md_run *runs;
    size_t n_runs;
    int heading;     /* index in md_layout.headings of the heading that this line belongs to; -1: none */
    int code;        /* index in md_layout.codes, for the lines of a code block and its frame; -1: none */
    size_t position; /* the place in the document: the same for every width, see md_line_at */
};

struct md_link {
    const char *target; /* as in the source: "handbook/tcp-close", "https://...", "#contract" */
    size_t line;        /* where it begins; it may go on in the next lines */
    int col, width;     /* of its part on that line */
};

struct md_heading {
    int level;                 /* 1 to 6 */
    const char *text, *anchor; /* "How it works", "how-it-works" */
    size_t line;
};

struct md_code {
    const char *language;       /* "" if none is named */
    const char *text;           /* as in the source, for copying */
    size_t first_line, n_lines; /* with its frame */
};

struct md_options {
    int width;
    bool unicode; /* box-drawing characters and bullets; otherwise ASCII */
    int scroll;   /* columns by which the text of code blocks is moved to the left */
};

struct md_layout {
    const struct md_line *lines;
    size_t n_lines;
    const struct md_link *links;
    size_t n_links;
    const struct md_heading *headings;
    size_t n_headings;
    const struct md_code *codes;
    size_t n_codes;
    int max_scroll; /* the greatest `scroll` that still brings something into sight; 0: nothing is cut */
    void *owner;
};

/* The layout is independent of the document. Code is never wrapped: a line that is cut shows a mark at its
 * end. A block without a language in which lines are drawn is a picture: where it fits it stands without a
 * box, and it is none of the codes. */
struct md_layout *md_layout(const struct md_doc *d, const struct md_options *options);
void md_layout_free(struct md_layout *l);

/* The line at or before a position of another layout of the same document: keeps the reader's place when the
 * width changes. */
size_t md_line_at(const struct md_layout *l, size_t position);

/* The heading with this anchor ("contract", with or without #); NULL if there is none. */
const struct md_heading *md_heading_at(const struct md_layout *l, const char *anchor);

/* Draws one line at `row` of the area. */
void md_draw_line(const struct md_line *line, struct area a, int row, const struct theme *theme);

#endif
