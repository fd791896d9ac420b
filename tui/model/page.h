/* A page: lines of styled text that were laid out for one width. Lessons, failures, help and the doctor's
 * answer are pages, so scrolling, searching and drawing are written once.
 *
 * Build: page_clear, then lines; each line is page_line() followed by any number of page_add(). page_wrap()
 * adds a whole paragraph. Texts may hold any bytes: drawing makes them harmless. */
#ifndef MODEL_PAGE_H
#define MODEL_PAGE_H

#include "ui/cell.h"
#include "ui/theme.h"

#include <stdbool.h>
#include <stddef.h>

struct span {
    char *text;
    enum role role;
    uint16_t attrs; /* in addition to the role's */
    int col;        /* where it begins */
};

enum line_kind {
    LINE_TEXT,
    LINE_HEADING, /* [ and ] of later milestones, and the outline, go from one to the next */
    LINE_CODE     /* of a block that `y` copies */
};

struct line {
    struct span *spans;
    size_t n_spans;
    int width; /* columns used */
    enum line_kind kind;
    int block;       /* 1, 2 ...: a line of that code block; 0: of none */
    size_t position; /* the place in the text, the same for every width; never less than in the line before */
};

/* A part of a line that leads somewhere. A link that goes on in the next line has a part there too. */
struct page_link {
    int number;   /* 1, 2 ...: parts of the same link have the same */
    char *target; /* "handbook/udp", "man:poll(2)", "#contract", "https://..." */
    size_t line;
    int col, width;
};

struct page {
    struct line *lines;
    size_t n_lines, cap_lines;
    int width;    /* that it was laid out for */
    char **codes; /* the text of each code block, for copying */
    size_t n_codes;
    struct page_link *links; /* in the order of lines */
    size_t n_links;
    int max_scroll; /* columns by which code can be moved to the left and still be in sight */
};

void page_clear(struct page *p, int width);
void page_free(struct page *p);

/* Begins a line; everything added next stands in it. */
struct line *page_line(struct page *p);
/* Adds text at column `col` of the last line (col < 0: right after what is there). */
void page_add(struct page *p, int col, enum role role, uint16_t attrs, const char *text);
void page_printf(struct page *p, int col, enum role role, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Adds a paragraph in lines of at most the page's width, each indented by `indent`. Line feeds end a line. */
void page_wrap(struct page *p, int indent, enum role role, const char *text);
void page_blank(struct page *p);
/* Begins a code block whose text is `text`. Returns its number, for the `block` of its lines. */
int page_code(struct page *p, const char *text);
/* Puts text before what stands in a line, e.g. a label into the indentation of a wrapped paragraph. */
void page_label(struct page *p, size_t line, int col, enum role role, const char *text);

/* The last line at or before a position. */
size_t page_line_at(const struct page *p, size_t position);
/* The code block in sight at line `top` or below; NULL: none. */
const char *page_code_at(const struct page *p, size_t top);

/* Draws the lines from `top` on, shifted left by `left` columns; matches of `needle` (NULL or "": none) stand
 * out. A line that goes on beyond the area has a mark at its end. */
void page_draw(const struct page *p, const struct theme *t, struct area a, int top, int left,
               const char *needle);

/* ---- Links: links.c ---- */

/* Makes a part of a line lead somewhere. number: that of the link's first part, 0 for a new link. Returns the
 * number. Call it in the order of lines. */
int page_link(struct page *p, int number, const char *target, size_t line, int col, int width);
/* Makes a link of each manual page that is named ("poll(2)") in the lines from `first` on, but for code
 * blocks. */
void page_link_manuals(struct page *p, size_t first);
/* The first part of a link; NULL if there is no such link. */
const struct page_link *page_link_find(const struct page *p, int number);
/* The link at a place; NULL: none. */
const struct page_link *page_link_at(const struct page *p, size_t line, int col);
/* The link that follows `number` in the direction (+1, -1); from 0: the nearest one from line `top` on, or
 * before line `bottom`. 0: there is none. */
int page_link_step(const struct page *p, int number, int direction, size_t top, size_t bottom);
/* Makes the links in sight stand out, and the chosen one most. */
void page_draw_links(const struct page *p, const struct theme *t, struct area a, int top, int left,
                     int chosen);
/* The line of the heading "Contract" or "What you build" for "contract", "what-you-build"; -1: none. */
int page_heading(const struct page *p, const char *anchor);

/* The beginning of a text that fits into so many columns; the caller frees. */
char *page_cut(const char *text, int width);
/* The text of one line; the caller frees. */
char *page_line_text(const struct page *p, size_t line);
/* The nearest line that holds the needle, from `from` on in the given direction (+1, -1), going round; -1 if
 * none. A needle without upper case letters matches any case. */
int page_find(const struct page *p, const char *needle, int from, int direction);
/* How many lines hold it. */
int page_count(const struct page *p, const char *needle);

/* Whether `text` holds the needle by the same rule; its byte offset, or -1. */
int text_find(const char *text, const char *needle);

#endif
