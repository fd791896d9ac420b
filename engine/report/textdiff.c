/* A diff for looking at: one block of difference between a common beginning and a common end. What the
 * checker wants to show is the first difference, and a shortest edit script would only scatter it. */
#include "report/textdiff.h"

#include "base/mem.h"

#include <string.h>

enum {
    LINES_MAX = 512,   /* of an excerpt; what follows counts as one more line */
    CONTEXT = 3,       /* lines that are alike, shown before and after */
    DIFFERENT_MAX = 20 /* lines of one side of the difference that are shown; the others are counted */
};

struct lines {
    size_t n;
    struct line {
        const char *text;
        size_t len;
    } items[LINES_MAX];
};

/* Up to and with the escape \n or a real line feed. */
static size_t line_length(const char *s)
{
    size_t i = 0;
    while (s[i] && s[i] != '\n') {
        if (s[i] == '\\' && s[i + 1]) {
            if (s[i + 1] == 'n')
                return i + 2;
            i++;
        }
        i++;
    }
    return i + (s[i] == '\n');
}

static void split(struct lines *lines, const char *s)
{
    lines->n = 0;
    while (s && *s && lines->n < LINES_MAX) {
        size_t len = lines->n == LINES_MAX - 1 ? strlen(s) : line_length(s);
        lines->items[lines->n++] = (struct line){s, len};
        s += len;
    }
}

static bool same(const struct line *a, const struct line *b)
{
    return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

static void paint_line(const struct paint *p, int indent, enum style style, const char *sign,
                       const struct line *line)
{
    paint_spaces(p, indent);
    paint_styled(p, style, sign);
    size_t len = line->len;
    while (len && line->text[len - 1] == '\n')
        len--;
    paint_verbatim(p, style, indent + 2, indent + 2, line->text, len);
    buf_addch(p->out, '\n');
}

static void paint_remark(const struct paint *p, int indent, const char *format, size_t n)
{
    autofree char *text = xasprintf("%zu %s", n, format);
    paint_spaces(p, indent + 2);
    paint_styled(p, STYLE_DIM, "… ");
    paint_styled(p, STYLE_DIM, text);
    buf_addch(p->out, '\n');
}

static void paint_side(const struct paint *p, int indent, enum style style, const char *sign,
                       const struct lines *lines, size_t from, size_t to)
{
    if (from == to)
        paint_line(p, indent, style, sign, &(struct line){"(nothing)", strlen("(nothing)")});
    for (size_t i = from; i < to; i++) {
        if (i - from == DIFFERENT_MAX && to - i > 1) {
            paint_remark(p, indent, "more lines", to - i);
            return;
        }
        paint_line(p, indent, style, sign, &lines->items[i]);
    }
}

void textdiff_paint(const struct paint *p, int indent, const struct excerpt *expected,
                    const struct excerpt *received)
{
    struct lines *e = xmalloc(sizeof *e), *r = xmalloc(sizeof *r);
    split(e, expected->text);
    split(r, received->text);

    size_t alike = 0, tail = 0;
    if (expected->offset == received->offset) {
        while (alike < e->n && alike < r->n && same(&e->items[alike], &r->items[alike]))
            alike++;
        while (tail < e->n - alike && tail < r->n - alike &&
               same(&e->items[e->n - 1 - tail], &r->items[r->n - 1 - tail]))
            tail++;
    }
    size_t from = alike > CONTEXT ? alike - CONTEXT : 0;
    if (from)
        paint_remark(p, indent, from == 1 ? "line alike" : "lines alike", from);
    for (size_t i = from; i < alike; i++)
        paint_line(p, indent, STYLE_PLAIN, "  ", &e->items[i]);
    paint_side(p, indent, STYLE_GOOD, "- ", e, alike, e->n - tail);
    paint_side(p, indent, STYLE_BAD, "+ ", r, alike, r->n - tail);
    size_t shown = tail > CONTEXT ? CONTEXT : tail;
    for (size_t i = e->n - tail; i < e->n - tail + shown; i++)
        paint_line(p, indent, STYLE_PLAIN, "  ", &e->items[i]);
    if (tail > shown)
        paint_remark(p, indent, tail - shown == 1 ? "more line alike" : "more lines alike", tail - shown);
    free(e);
    free(r);
}
