/* Where a layout is drawn: lines of runs, one after the other. Private to the module. */
#ifndef MARKDOWN_CANVAS_H
#define MARKDOWN_CANVAS_H

#include "markdown/doc.h"

/* How a text looks where nothing else is said. */
struct look {
    enum role role;
    uint16_t attrs;
    int link; /* index in md_layout.links; -1: none */
};
#define LOOK(role_) ((struct look){.role = (role_), .link = -1})

struct canvas {
    struct md_layout *layout; /* grows; its arrays are not const here */
    struct owned *owned;
    bool unicode;

    /* The line that is being drawn. */
    int col;
    int heading, code;
    size_t position;
    size_t first_run;
    struct buf text, scratch;
};

struct canvas canvas_begin(bool unicode);
/* The finished layout; the canvas is used up. */
struct md_layout *canvas_end(struct canvas *c);

/* Adds a text to the line. `width` is what it takes, -1: to be counted. */
void canvas_put(struct canvas *c, struct look look, const char *text, size_t len, int width);
void canvas_puts(struct canvas *c, struct look look, const char *text);
/* The same, `times` times; nothing if times < 1. */
void canvas_repeat(struct canvas *c, struct look look, const char *text, int times);
/* Goes on at this column, if it lies ahead. */
void canvas_goto(struct canvas *c, int col);
void canvas_end_line(struct canvas *c, size_t position);

/* A string that lives as long as the layout. */
const char *canvas_keep(struct canvas *c, const char *text, size_t len);

/* Tables of the layout: add and return the index. The line is the next one that ends. */
int canvas_add_link(struct canvas *c, const char *target);
int canvas_add_heading(struct canvas *c, int level, const char *text, size_t len);
int canvas_add_code(struct canvas *c, const char *language, const char *text, size_t len);
void canvas_end_code(struct canvas *c, int code);

/* The width of so many bytes of clean text. */
int width_of(const char *text, size_t len);

#endif
