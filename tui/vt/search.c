/* Searching plain text in the lines, wrapped ones included. */
#include "vt/terminal_parts.h"

#include "base/escape.h"
#include "base/mem.h"
#include "vt/width.h"

#include <string.h>
#include <wctype.h>

static uint32_t fold(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    return (uint32_t)towlower((wint_t)c);
}

bool needle_of(const char *text, struct needle *out)
{
    size_t left = strlen(text);

    *out = (struct needle){.fold = true};
    out->chars = xreallocarray(NULL, left + 1, sizeof *out->chars);
    while (left > 0) {
        unsigned cp = (uint8_t)*text;
        size_t n = utf8_decode(text, left, &cp);
        n = n ? n : 1;
        text += n;
        left -= n;
        if (width_is_zero(cp))
            continue;
        if (fold(cp) != cp)
            out->fold = false;
        out->chars[out->n++] = cp;
    }
    if (out->n == 0)
        needle_free(out);
    return out->n > 0;
}

void needle_free(struct needle *n)
{
    free(n->chars);
    n->chars = NULL;
}

static bool matches(const struct line_text *text, size_t at, const struct needle *needle)
{
    for (size_t i = 0; i < needle->n; i++) {
        uint32_t c = text->chars[at + i];
        if ((needle->fold ? fold(c) : c) != needle->chars[i])
            return false;
    }
    return true;
}

void search_line(const struct line_text *text, const struct needle *needle,
                 bool (*found)(const struct terminal_match *m, void *context), void *context)
{
    for (size_t at = 0; at + needle->n <= text->n; at++) {
        if (!matches(text, at, needle))
            continue;
        struct terminal_match m = {text->at[at], text->at[at + needle->n - 1]};
        if (!found(&m, context))
            return;
    }
}

static int compare(struct terminal_pos a, struct terminal_pos b)
{
    if (a.line != b.line)
        return a.line < b.line ? -1 : 1;
    return a.col < b.col ? -1 : a.col > b.col;
}

struct nearest {
    struct terminal_pos from;
    bool backwards, any;
    struct terminal_match match;
};

/* Forwards the first match after `from`, backwards the last one before it. */
static bool take_nearest(const struct terminal_match *m, void *context)
{
    struct nearest *n = context;
    int order = compare(m->first, n->from);

    if (n->backwards ? order >= 0 : order <= 0)
        return !n->backwards;
    n->match = *m;
    n->any = true;
    return n->backwards;
}

bool terminal_search(const struct terminal *t, const char *text, struct terminal_pos from, bool backwards,
                     struct terminal_match *found)
{
    struct nearest n = {.from = from, .backwards = backwards};
    struct line_text line = {0};
    struct needle needle;
    long first = terminal_first_line(t), end = terminal_end_line(t);
    long at = from.line < first ? first : from.line >= end ? end - 1 : from.line;

    if (!needle_of(text, &needle))
        return false;
    while (!n.any && at >= first && at < end) {
        text_of_line(t, at, &line);
        search_line(&line, &needle, take_nearest, &n);
        at = backwards ? line.first - 1 : line.end;
    }
    text_free(&line);
    needle_free(&needle);
    if (n.any)
        *found = n.match;
    return n.any;
}
