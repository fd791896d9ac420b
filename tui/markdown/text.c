/* Bytes -> text that can be laid out: printable UTF-8 and nothing else. */
#include "markdown/doc.h"

#include "base/escape.h"
#include "base/mem.h"

#include <string.h>

static const char replacement[] = "\xef\xbf\xbd";

static bool is_printable(unsigned cp)
{
    if (cp < 0x20)
        return cp == '\n' || cp == '\t' || cp == '\r';
    if (cp >= 0x7f && cp < 0xa0)
        return false;
    /* Line separators and what turns the direction of writing. */
    return !(cp >= 0x2028 && cp <= 0x202e) && !(cp >= 0x2066 && cp <= 0x2069) && cp != 0xfeff;
}

void clean_text(struct buf *out, const char *text, size_t len)
{
    const char *p = text, *end = text + len, *clean = text; /* from `clean` to p everything is fine */

    while (p < end) {
        unsigned cp;
        if (*p >= 0x20 && *p < 0x7f) {
            p++;
            continue;
        }
        size_t n = utf8_decode(p, (size_t)(end - p), &cp);
        if (n && is_printable(cp)) {
            p += n;
            continue;
        }
        buf_add(out, clean, (size_t)(p - clean));
        buf_addstr(out, replacement);
        p += n ? n : 1;
        clean = p;
    }
    buf_add(out, clean, (size_t)(p - clean));
}

/* Those that people write by hand; HTML knows 2,125. */
static const struct {
    const char *name;
    unsigned cp;
} entities[] = {
    {"amp", '&'},      {"lt", '<'},       {"gt", '>'},       {"quot", '"'},      {"apos", '\''},
    {"nbsp", 0xa0},    {"copy", 0xa9},    {"reg", 0xae},     {"deg", 0xb0},      {"plusmn", 0xb1},
    {"micro", 0xb5},   {"middot", 0xb7},  {"frac12", 0xbd},  {"times", 0xd7},    {"divide", 0xf7},
    {"sect", 0xa7},    {"para", 0xb6},    {"laquo", 0xab},   {"raquo", 0xbb},    {"szlig", 0xdf},
    {"auml", 0xe4},    {"ouml", 0xf6},    {"uuml", 0xfc},    {"Auml", 0xc4},     {"Ouml", 0xd6},
    {"Uuml", 0xdc},    {"eacute", 0xe9},  {"egrave", 0xe8},  {"ecirc", 0xea},    {"agrave", 0xe0},
    {"aacute", 0xe1},  {"acirc", 0xe2},   {"ccedil", 0xe7},  {"ntilde", 0xf1},   {"oslash", 0xf8},
    {"aring", 0xe5},   {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018},  {"rsquo", 0x2019},
    {"ldquo", 0x201c}, {"rdquo", 0x201d}, {"bull", 0x2022},  {"hellip", 0x2026}, {"prime", 0x2032},
    {"euro", 0x20ac},  {"trade", 0x2122}, {"larr", 0x2190},  {"uarr", 0x2191},   {"rarr", 0x2192},
    {"darr", 0x2193},  {"harr", 0x2194},  {"rArr", 0x21d2},  {"hArr", 0x21d4},   {"forall", 0x2200},
    {"exist", 0x2203}, {"isin", 0x2208},  {"sum", 0x2211},   {"minus", 0x2212},  {"radic", 0x221a},
    {"infin", 0x221e}, {"and", 0x2227},   {"or", 0x2228},    {"cap", 0x2229},    {"cup", 0x222a},
    {"asymp", 0x2248}, {"ne", 0x2260},    {"equiv", 0x2261}, {"le", 0x2264},     {"ge", 0x2265},
    {"alpha", 0x3b1},  {"beta", 0x3b2},   {"gamma", 0x3b3},  {"delta", 0x3b4},   {"epsilon", 0x3b5},
    {"lambda", 0x3bb}, {"mu", 0x3bc},     {"pi", 0x3c0},     {"sigma", 0x3c3},   {"tau", 0x3c4},
    {"omega", 0x3c9},  {"Delta", 0x394},  {"Omega", 0x3a9},  {"Sigma", 0x3a3},
};

/* The code point of "&name;" or "&#...;"; 0 if it is none that we know. */
static unsigned entity_value(const char *text, size_t len)
{
    if (len < 4 || len > 12)
        return 0;
    if (text[1] == '#') {
        bool hex = text[2] == 'x' || text[2] == 'X';
        unsigned long cp = strtoul(text + (hex ? 3 : 2), NULL, hex ? 16 : 10);
        bool valid = cp > 0 && cp <= 0x10ffff && (cp < 0xd800 || cp > 0xdfff);
        return valid && is_printable((unsigned)cp) ? (unsigned)cp : 0xfffd;
    }
    for (size_t i = 0; i < ARRAY_LEN(entities); i++) {
        if (strlen(entities[i].name) == len - 2 && memcmp(entities[i].name, text + 1, len - 2) == 0)
            return entities[i].cp;
    }
    return 0;
}

void add_entity(struct buf *out, const char *text, size_t len)
{
    char utf8[4];
    unsigned cp = entity_value(text, len);

    if (cp)
        buf_add(out, utf8, utf8_encode(cp < 0x20 ? ' ' : cp, utf8));
    else
        buf_add(out, text, len);
}
