/* Strings: OSC for title, directory, links, clipboard and prompts; DCS questions. Every other string is
 * swallowed. */
#include "vt/guard_parts.h"

#include "base/escape.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Adds text as printable UTF-8, at most max characters of it. */
static void add_clean(struct buf *out, const char *s, size_t n, size_t max)
{
    size_t chars = 0;

    for (size_t i = 0; i < n && chars < max;) {
        unsigned cp;
        size_t len = utf8_decode(s + i, n - i, &cp);
        bool shown = len && cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0) && !(cp >= 0x2028 && cp <= 0x202e) &&
                     !(cp >= 0x2066 && cp <= 0x2069);
        if (shown) {
            buf_add(out, s + i, len);
            chars++;
        }
        i += len ? len : 1;
    }
}

static void emit_buf(struct guard *g, const struct guard_sink *sink, enum guard_event_type type,
                     const struct buf *b)
{
    guard_emit(g, sink, (struct guard_event){.type = type, .text = buf_str(b), .n = b->len});
}

static void osc_title(struct guard *g, const struct guard_sink *sink, const char *s, size_t n)
{
    struct buf title = {0};

    add_clean(&title, s, n, GUARD_TITLE_MAX);
    emit_buf(g, sink, GUARD_TITLE, &title);
    buf_free(&title);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* file://HOST/PATH with %XX; anything else, and a path with control characters, is ignored. */
static void osc_directory(struct guard *g, const struct guard_sink *sink, const char *s, size_t n)
{
    static const char scheme[] = "file://";
    struct buf out = {.limit = 4096 + 256};

    if (n < sizeof scheme || strncmp(s, scheme, sizeof scheme - 1) != 0)
        return;
    s += sizeof scheme - 1;
    n -= sizeof scheme - 1;
    const char *slash = memchr(s, '/', n);
    if (!slash || !buf_add(&out, s, (size_t)(slash - s)) || !buf_addch(&out, '\0'))
        goto end;
    for (const char *p = slash; p < s + n; p++) {
        char c = *p;
        if (c == '%' && s + n - p > 2 && hex_value(p[1]) >= 0 && hex_value(p[2]) >= 0) {
            c = (char)(hex_value(p[1]) << 4 | hex_value(p[2]));
            p += 2;
        }
        if ((c >= 0 && c < 0x20) || c == 0x7f || !buf_addch(&out, c))
            goto end;
    }
    emit_buf(g, sink, GUARD_DIRECTORY, &out);
end:
    buf_free(&out);
}

/* PARAMS;URI: an empty URI ends the link. */
static void osc_link(struct guard *g, const struct guard_sink *sink, const char *s, size_t n)
{
    const char *uri = memchr(s, ';', n);
    if (!uri)
        return;
    uri++;
    n -= (size_t)(uri - s);
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)uri[i] <= 0x20 || (uint8_t)uri[i] >= 0x7f)
            n = 0;
    if (n > GUARD_URI_MAX)
        n = 0;
    if (n == 0 && !g->link)
        return;
    g->link = n > 0;
    struct buf b = {0};
    buf_add(&b, uri, n);
    emit_buf(g, sink, GUARD_LINK, &b);
    buf_free(&b);
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* WHICH;BASE64. A question ("?") stays without an answer: nobody may read the clipboard. */
static void osc_clipboard(struct guard *g, const struct guard_sink *sink, const char *s, size_t n)
{
    const char *end = s + n;
    const char *data = memchr(s, ';', n);
    struct buf text = {.limit = GUARD_STRING_MAX};
    unsigned bits = 0, have = 0;

    if (!data)
        return;
    for (data++; data < end && *data != '='; data++) {
        int v = base64_value(*data);
        if (v < 0)
            goto end;
        bits = (bits << 6 | (unsigned)v) & 0xffffffu;
        have += 6;
        if (have >= 8) {
            have -= 8;
            if (!buf_addch(&text, (char)(bits >> have & 0xffu)))
                goto end;
        }
    }
    if (text.len)
        emit_buf(g, sink, GUARD_CLIPBOARD, &text);
end:
    buf_free(&text);
}

static void osc_prompt(struct guard *g, const struct guard_sink *sink, const char *s, size_t n)
{
    if (n && s[0] >= 'A' && s[0] <= 'D' && (n == 1 || s[1] == ';'))
        guard_emit(g, sink, (struct guard_event){.type = GUARD_PROMPT, .number = s[0]});
}

/* "?" asks for a colour; anything else would set it, which is the outer terminal's business. */
static void color_query(struct guard *g, const struct guard_sink *sink, int number, const char *s, size_t n)
{
    if (n == 1 && s[0] == '?')
        guard_emit(g, sink,
                   (struct guard_event){.type = GUARD_COLOR_QUERY, .number = number, .on = g->string_by_bel});
}

static void osc_foreground(struct guard *g, const struct guard_sink *sink, const char *s, size_t n)
{
    color_query(g, sink, 10, s, n);
}

static void osc_background(struct guard *g, const struct guard_sink *sink, const char *s, size_t n)
{
    color_query(g, sink, 11, s, n);
}

static const struct {
    int number;
    void (*handle)(struct guard *g, const struct guard_sink *sink, const char *s, size_t n);
} oscs[] = {
    {0, osc_title},       {2, osc_title},       {7, osc_directory},  {8, osc_link},
    {10, osc_foreground}, {11, osc_background}, {52, osc_clipboard}, {133, osc_prompt},
    /* The palette (4) and the cursor's colour (12) are the outer terminal's: neither changed nor told, since
     * we do not know them.
     */
};

static void osc(struct guard *g, const struct guard_sink *sink, const char *s, size_t n)
{
    int number = 0;
    size_t i = 0;

    for (; i < n && i < 4 && s[i] >= '0' && s[i] <= '9'; i++)
        number = number * 10 + (s[i] - '0');
    if (i == 0 || i == n || s[i] != ';')
        return;
    for (size_t k = 0; k < ARRAY_LEN(oscs); k++)
        if (oscs[k].number == number)
            oscs[k].handle(g, sink, s + i + 1, n - i - 1);
}

/* DECRQSS and XTGETTCAP wait for an answer; ours is "not known", but for the cursor's style, which vim asks
 * for. */
static void dcs(struct guard *g, const struct guard_sink *sink, const char *s, size_t n)
{
    if (n == 4 && memcmp(s, "$q q", 4) == 0)
        guard_reply(g, sink, "\033P1$r%d q\033\\", g->cursor_style ? g->cursor_style : 1);
    else if (n >= 2 && memcmp(s, "$q", 2) == 0)
        guard_reply(g, sink, "\033P0$r\033\\");
    else if (n >= 2 && memcmp(s, "+q", 2) == 0)
        guard_reply(g, sink, "\033P0+r\033\\");
}

void guard_string(struct guard *g, const struct guard_sink *sink)
{
    const char *s = buf_str(&g->string);
    size_t n = g->string.len;

    if (g->string_kind == ']')
        osc(g, sink, s, n);
    else if (g->string_kind == 'P')
        dcs(g, sink, s, n);
    else if (g->string_kind == 'k')
        osc_title(g, sink, s, n);
}
