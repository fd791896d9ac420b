#include "markdown/canvas.h"

#include "base/escape.h"
#include "base/mem.h"

#include <ctype.h>
#include <string.h>

enum { CHUNK_SIZE = 64 << 10 };

struct chunk {
    struct chunk *next;
    size_t used, size;
    char data[];
};

struct owned {
    struct chunk *chunks;
    struct md_line *lines;
    struct md_run *runs;
    size_t n_runs, run_cap, line_cap;
    struct md_link *links;
    struct md_heading *headings;
    struct md_code *codes;
};

struct canvas canvas_begin(bool unicode)
{
    struct canvas c = {.layout = xcalloc(1, sizeof(struct md_layout)),
                       .owned = xcalloc(1, sizeof(struct owned)),
                       .unicode = unicode,
                       .heading = -1,
                       .code = -1};
    c.layout->owner = c.owned;
    return c;
}

/* While lines are being added their runs are known by index: the array of runs moves. */
struct md_layout *canvas_end(struct canvas *c)
{
    struct md_layout *l = c->layout;
    struct owned *o = c->owned;
    size_t run = 0;

    for (size_t i = 0; i < l->n_lines; i++) {
        o->lines[i].runs = o->runs + run;
        run += o->lines[i].n_runs;
    }
    l->lines = o->lines;
    l->links = o->links;
    l->headings = o->headings;
    l->codes = o->codes;
    buf_free(&c->text);
    buf_free(&c->scratch);
    *c = (struct canvas){0};
    return l;
}

void md_layout_free(struct md_layout *l)
{
    if (!l)
        return;
    struct owned *o = l->owner;
    while (o->chunks) {
        struct chunk *next = o->chunks->next;
        free(o->chunks);
        o->chunks = next;
    }
    free(o->lines);
    free(o->runs);
    free(o->links);
    free(o->headings);
    free(o->codes);
    free(o);
    free(l);
}

const char *canvas_keep(struct canvas *c, const char *text, size_t len)
{
    struct chunk *chunk = c->owned->chunks;

    if (!chunk || chunk->size - chunk->used < len + 1) {
        size_t size = len + 1 > CHUNK_SIZE ? len + 1 : CHUNK_SIZE;
        chunk = xmalloc(sizeof *chunk + size);
        chunk->next = c->owned->chunks;
        chunk->used = 0;
        chunk->size = size;
        c->owned->chunks = chunk;
    }
    char *copy = chunk->data + chunk->used;
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    chunk->used += len + 1;
    return copy;
}

int width_of(const char *text, size_t len)
{
    int width = 0;

    for (size_t i = 0; i < len;) {
        unsigned cp;
        if ((unsigned char)text[i] < 0x80) {
            width++, i++;
            continue;
        }
        size_t n = utf8_decode(text + i, len - i, &cp);
        width += n ? char_width(cp) : 1;
        i += n ? n : 1;
    }
    return width;
}

void canvas_put(struct canvas *c, struct look look, const char *text, size_t len, int width)
{
    struct owned *o = c->owned;

    if (len == 0)
        return;
    if (o->n_runs == o->run_cap) {
        o->run_cap = o->run_cap ? o->run_cap * 2 : 256;
        o->runs = xreallocarray(o->runs, o->run_cap, sizeof *o->runs);
    }
    struct md_run *run = &o->runs[o->n_runs++];
    *run = (struct md_run){.text = canvas_keep(c, text, len),
                           .col = c->col,
                           .width = width < 0 ? width_of(text, len) : width,
                           .role = look.role,
                           .attrs = look.attrs,
                           .link = look.link};
    c->col += run->width;
    buf_add(&c->text, text, len);
    if (look.link >= 0) {
        struct md_link *link = &o->links[look.link];
        if (link->line == SIZE_MAX ||
            (link->line == c->layout->n_lines && link->col + link->width == run->col)) {
            if (link->line == SIZE_MAX)
                link->col = run->col;
            link->line = c->layout->n_lines;
            link->width += run->width;
        }
    }
}

void canvas_puts(struct canvas *c, struct look look, const char *text)
{
    canvas_put(c, look, text, strlen(text), -1);
}

void canvas_repeat(struct canvas *c, struct look look, const char *text, int times)
{
    size_t len = strlen(text);

    buf_clear(&c->scratch);
    for (int i = 0; i < times; i++)
        buf_add(&c->scratch, text, len);
    canvas_put(c, look, buf_str(&c->scratch), c->scratch.len, width_of(text, len) * times);
}

void canvas_goto(struct canvas *c, int col)
{
    for (; c->col < col; c->col++)
        buf_addch(&c->text, ' ');
}

void canvas_end_line(struct canvas *c, size_t position)
{
    struct md_layout *l = c->layout;
    struct owned *o = c->owned;
    size_t len = c->text.len;

    if (l->n_lines == o->line_cap) {
        o->line_cap = o->line_cap ? o->line_cap * 2 : 256;
        o->lines = xreallocarray(o->lines, o->line_cap, sizeof *o->lines);
    }
    while (len > 0 && c->text.data[len - 1] == ' ')
        len--;
    o->lines[l->n_lines++] = (struct md_line){
        .text = canvas_keep(c, buf_str(&c->text), len),
        .n_runs = o->n_runs - c->first_run,
        .heading = c->heading,
        .code = c->code,
        .position = position,
    };
    c->col = 0;
    c->position = position;
    c->first_run = o->n_runs;
    buf_clear(&c->text);
}

int canvas_add_link(struct canvas *c, const char *target)
{
    struct md_layout *l = c->layout;

    GROW(c->owned->links, l->n_links);
    c->owned->links[l->n_links] =
        (struct md_link){.target = canvas_keep(c, target, strlen(target)), .line = SIZE_MAX};
    return (int)l->n_links++;
}

/* As GitHub makes them: lower case, blanks become hyphens, punctuation goes. */
static const char *anchor_of(struct canvas *c, const char *text, size_t len)
{
    struct buf anchor = {0};

    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)text[i];
        if (ch == ' ' || ch == '\n')
            buf_addch(&anchor, '-');
        else if (ch >= 0x80 || isalnum(ch) || ch == '-' || ch == '_')
            buf_addch(&anchor, (char)(ch < 0x80 ? tolower(ch) : ch));
    }
    const char *kept = canvas_keep(c, buf_str(&anchor), anchor.len);
    buf_free(&anchor);
    return kept;
}

int canvas_add_heading(struct canvas *c, int level, const char *text, size_t len)
{
    struct md_layout *l = c->layout;

    GROW(c->owned->headings, l->n_headings);
    c->owned->headings[l->n_headings] = (struct md_heading){
        .level = level,
        .text = canvas_keep(c, text, len),
        .anchor = anchor_of(c, text, len),
        .line = l->n_lines,
    };
    return (int)l->n_headings++;
}

int canvas_add_code(struct canvas *c, const char *language, const char *text, size_t len)
{
    struct md_layout *l = c->layout;

    GROW(c->owned->codes, l->n_codes);
    c->owned->codes[l->n_codes] = (struct md_code){
        .language = canvas_keep(c, language, strlen(language)),
        .text = canvas_keep(c, text, len),
        .first_line = l->n_lines,
    };
    return (int)l->n_codes++;
}

void canvas_end_code(struct canvas *c, int code)
{
    struct md_code *block = &c->owned->codes[code];
    block->n_lines = c->layout->n_lines - block->first_line;
}

size_t md_line_at(const struct md_layout *l, size_t position)
{
    size_t low = 0, high = l->n_lines; /* the last line whose position is not beyond lies in [low, high) */

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (l->lines[middle].position <= position)
            low = middle;
        else
            high = middle;
    }
    while (low > 0 && l->lines[low - 1].position == l->lines[low].position)
        low--;
    return low;
}

const struct md_heading *md_heading_at(const struct md_layout *l, const char *anchor)
{
    anchor += *anchor == '#';
    for (size_t i = 0; i < l->n_headings; i++) {
        if (strcmp(l->headings[i].anchor, anchor) == 0)
            return &l->headings[i];
    }
    return NULL;
}

void md_draw_line(const struct md_line *line, struct area a, int row, const struct theme *theme)
{
    for (size_t i = 0; i < line->n_runs; i++) {
        const struct md_run *run = &line->runs[i];
        struct style style = theme_style(theme, run->role);
        style.attrs |= run->attrs;
        draw_text(a, row, run->col, style, run->text);
    }
}
