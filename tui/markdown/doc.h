/* A parsed document: nodes in the order of the text, one pool of clean text, spans of one style. Private to
 * the module. */
#ifndef MARKDOWN_DOC_H
#define MARKDOWN_DOC_H

#include "markdown/markdown.h"

#include "base/buf.h"

enum node_kind {
    NODE_QUOTE, /* quotes, lists, items and tables hold what follows, until their NODE_END */
    NODE_LIST,
    NODE_ITEM,
    NODE_TABLE,
    NODE_CELL, /* cells come row by row, the first row is the header */
    NODE_TEXT, /* a paragraph */
    NODE_HEADING,
    NODE_CODE,
    NODE_HTML,
    NODE_RULE,
    NODE_END
};

struct node {
    enum node_kind kind;
    uint32_t start, end; /* its text in the pool */
    uint32_t next;       /* of what has a NODE_END: its index */
    union {
        struct {
            bool ordered, tight;
            char delimiter;
            uint32_t first, count; /* number of the first item; how many there are */
        } list;
        struct {
            bool is_task, is_done;
        } item;
        struct {
            uint32_t columns, rows; /* rows with the header */
        } table;
        struct {
            int8_t align; /* -1 left, 0 centre, 1 right */
        } cell;
        struct {
            bool is_tight; /* the text of an item of a tight list */
        } text;
        int level;     /* of a heading */
        uint32_t lang; /* of code: its name in the pool of names */
    };
};

enum span_style { SPAN_EM = 1, SPAN_STRONG = 2, SPAN_CODE = 4, SPAN_STRIKE = 8, SPAN_HTML = 16 };

/* From `start` on the text has this style, until the next span. */
struct span {
    uint32_t start;
    uint16_t style;
    int link; /* index in targets; -1: none */
};

struct md_doc {
    struct buf pool;  /* printable UTF-8 with '\n' for hard breaks and the lines of code */
    struct buf names; /* NUL-terminated languages and link targets */
    struct node *nodes;
    size_t n_nodes;
    struct span *spans;
    size_t n_spans;
    uint32_t *targets; /* of links, in names */
    size_t n_targets;
};

/* Adds the text with everything that is not printable replaced by U+FFFD; line ends and tabs stay. */
void clean_text(struct buf *out, const char *text, size_t len);

/* Adds what an HTML entity ("&amp;", "&#8230;") stands for; an unknown one is added as it is. */
void add_entity(struct buf *out, const char *text, size_t len);

/* Doubles the room of a list whenever its length reaches a power of two. */
#define GROW(list, n)                                                        \
    do {                                                                     \
        if (((n) & ((n)-1)) == 0)                                            \
            (list) = xreallocarray((list), (n) ? (n)*2 : 1, sizeof *(list)); \
    } while (0)

#endif
