#include "markdown/wrap.h"

#include "base/escape.h"
#include "base/mem.h"

#include <string.h>

/* A character of the pool. */
struct character {
    unsigned cp;
    uint32_t len;
    int width;
};

static struct character character_at(const struct md_doc *d, uint32_t at)
{
    struct character ch;
    unsigned char byte = (unsigned char)d->pool.data[at];

    if (byte < 0x80)
        return (struct character){byte, 1, 1};
    ch.len = (uint32_t)utf8_decode(d->pool.data + at, d->pool.len - at, &ch.cp);
    if (ch.len == 0)
        return (struct character){0xfffd, 1, 1};
    ch.width = char_width(ch.cp);
    return ch;
}

/* What must not begin a line: closing punctuation of East Asian text. */
static bool sticks_to_the_left(unsigned cp)
{
    static const unsigned closing[] = {0x3001, 0x3002, 0x3009, 0x300b, 0x300d, 0x300f, 0x3011, 0x3015, 0x30fc,
                                       0xff01, 0xff09, 0xff0c, 0xff0e, 0xff1a, 0xff1b, 0xff1f, 0xff3d};
    for (size_t i = 0; i < ARRAY_LEN(closing); i++) {
        if (closing[i] == cp)
            return true;
    }
    return false;
}

static void add_piece(struct pieces *out, uint32_t start, uint32_t end, int width)
{
    if (out->n == out->cap) {
        out->cap = out->cap ? out->cap * 2 : 64;
        out->list = xreallocarray(out->list, out->cap, sizeof *out->list);
    }
    out->list[out->n++] = (struct piece){start, end, width};
}

static uint32_t skip_blanks(const struct md_doc *d, uint32_t at, uint32_t end)
{
    while (at < end && d->pool.data[at] == ' ')
        at++;
    return at;
}

/* How many of the next `most` bytes are ASCII and not blank. */
static uint32_t letters(const struct md_doc *d, uint32_t at, uint32_t most)
{
    const char *p = d->pool.data + at;
    uint32_t n = 0;

    while (n < most && p[n] > ' ')
        n++;
    return n;
}

/* One line from `start`; returns where the next one begins. */
static uint32_t wrap_line(const struct md_doc *d, uint32_t start, uint32_t end, int width, struct pieces *out)
{
    struct {
        uint32_t end, next;
        int width;
    } solid = {start, start, 0}, /* up to the last character that is not blank */
        chance = {start, start,
                  0}; /* the last place where the line may be broken; none while next == start */
    uint32_t at = start;
    int col = 0;
    bool after_wide = false;

    while (at < end && d->pool.data[at] != '\n') {
        if (!after_wide && col < width) { /* most text by far: letters of ASCII */
            uint32_t room = (uint32_t)(width - col);
            uint32_t n = letters(d, at, end - at < room ? end - at : room);
            if (n > 0) {
                at += n;
                col += (int)n;
                solid.end = at;
                solid.width = col;
                continue;
            }
        }
        struct character ch = character_at(d, at);
        if (ch.cp == ' ') {
            chance = solid;
            chance.next = skip_blanks(d, at, end);
            col += (int)(chance.next - at);
            at = chance.next;
            after_wide = false;
            continue;
        }
        if ((ch.width == 2 || after_wide) && ch.width > 0 && at > start && !sticks_to_the_left(ch.cp)) {
            chance = solid;
            chance.next = at;
        }
        if (col + ch.width > width && solid.end > start) {
            if (chance.next == start || chance.end == start)
                chance = solid, chance.next = at;
            add_piece(out, start, chance.end, chance.width);
            return chance.next;
        }
        if (ch.width > 0)
            after_wide = ch.width == 2;
        col += ch.width;
        at += ch.len;
        solid.end = at;
        solid.width = col;
    }
    add_piece(out, start, solid.end, solid.width);
    return at < end ? at + 1 : end;
}

void wrap(const struct md_doc *d, uint32_t start, uint32_t end, int width, struct pieces *out)
{
    uint32_t at = start;

    while (at < end) {
        at = skip_blanks(d, at, end);
        if (at < end)
            at = wrap_line(d, at, end, width, out);
    }
}

void measure(const struct md_doc *d, uint32_t start, uint32_t end, int *line, int *word)
{
    int line_now = 0, word_now = 0;

    *line = *word = 0;
    for (uint32_t at = start; at < end;) {
        struct character ch = character_at(d, at);
        if (ch.cp == '\n')
            line_now = word_now = 0;
        else
            line_now += ch.width;
        word_now = ch.cp == ' ' || ch.cp == '\n' ? 0 : ch.width == 2 ? 2 : word_now + ch.width;
        *line = line_now > *line ? line_now : *line;
        *word = word_now > *word ? word_now : *word;
        at += ch.len;
    }
}

/* The span in which this place of the pool lies. */
static size_t span_at(const struct md_doc *d, uint32_t at)
{
    size_t low = 0, high = d->n_spans;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (d->spans[middle].start <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct look look_of(struct canvas *c, const struct md_doc *d, const struct span *s, struct look base,
                           int *links)
{
    struct look look = base;
    bool heading = base.role == ROLE_HEADING1 || base.role == ROLE_HEADING2 || base.role == ROLE_HEADING3;

    if (s->style & SPAN_STRIKE)
        look.attrs |= ATTR_STRIKE;
    if (s->style & SPAN_EM)
        look.attrs |= ATTR_ITALIC;
    if (s->style & SPAN_STRONG)
        look.attrs |= ATTR_BOLD;
    if (s->link >= 0) {
        if (links[s->link] < 0)
            links[s->link] = canvas_add_link(c, d->names.data + d->targets[s->link]);
        look.link = links[s->link];
        look.role = ROLE_LINK;
    } else if (heading) {
        return look;
    } else if (s->style & SPAN_CODE) {
        look.role = ROLE_CODE;
    } else if (s->style & SPAN_HTML) {
        look.role = ROLE_MUTED;
    } else if (s->style & SPAN_STRONG) {
        look.role = ROLE_STRONG;
    } else if (s->style & SPAN_EM) {
        look.role = ROLE_EMPHASIS;
    }
    return look;
}

void put_piece(struct canvas *c, const struct md_doc *d, const struct piece *p, struct look base, int *links)
{
    uint32_t at = p->start;
    int left = p->width;

    if (p->end <= p->start)
        return;
    for (size_t i = span_at(d, at); i < d->n_spans && at < p->end; i++) {
        uint32_t end = i + 1 < d->n_spans && d->spans[i + 1].start < p->end ? d->spans[i + 1].start : p->end;
        if (end <= at)
            continue;
        const char *text = d->pool.data + at;
        int width = end == p->end ? left : width_of(text, end - at);
        canvas_put(c, look_of(c, d, &d->spans[i], base, links), text, end - at, width);
        left -= width;
        at = end;
    }
}
