/* Printed characters: only well-formed UTF-8, in the width that programs expect. */
#include "vt/guard_parts.h"

#include "base/escape.h"
#include "vt/width.h"

#include <string.h>

/* A character to which libvterm gives the wrong width travels beside the stream, with one of the right width
 * in it. */
void guard_print_last(struct guard *g, const struct guard_sink *sink)
{
    unsigned cp = 0;

    if (g->last_n == 4 && utf8_decode(g->last, 4, &cp) == 4 && width_is_late_wide(cp)) {
        guard_emit(g, sink, (struct guard_event){.type = GUARD_STAND_IN, .number = (int)cp});
        guard_put(g, sink, "\xe3\x80\x80", 3);
        return;
    }
    guard_put(g, sink, g->last, g->last_n);
}

static void print(struct guard *g, const struct guard_sink *sink, const void *bytes, size_t n)
{
    memcpy(g->last, bytes, n);
    g->last_n = (uint8_t)n;
    guard_print_last(g, sink);
}

void guard_print_replacement(struct guard *g, const struct guard_sink *sink)
{
    g->utf8_n = 0;
    print(g, sink, "\xef\xbf\xbd", 3);
}

/* A run of printable ASCII: most of what comes. Returns how many bytes it took. */
size_t guard_print_run(struct guard *g, const struct guard_sink *sink, const uint8_t *b, size_t n)
{
    size_t i = 0;

    while (i < n && b[i] >= 0x20 && b[i] < 0x7f)
        i++;
    if (i == 0)
        return 0;
    for (size_t done = 0; done < i;) {
        size_t part = i - done < sizeof g->out ? i - done : sizeof g->out;
        guard_put(g, sink, (const char *)b + done, part);
        done += part;
    }
    g->last[0] = (char)b[i - 1];
    g->last_n = 1;
    return i;
}

/* How the second byte is limited by the first, so that overlong forms, surrogates and code points beyond
 * U+10FFFF are refused as early as Unicode's table 3-7 wants: one U+FFFD for each maximal part of a broken
 * sequence. */
static bool second_byte_ok(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second < 0xa0;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second < 0x90;
    default:
        return true;
    }
}

static void complete_char(struct guard *g, const struct guard_sink *sink)
{
    unsigned cp = 0;
    size_t n = g->utf8_n;

    g->utf8_n = 0;
    if (utf8_decode(g->utf8, n, &cp) != n)
        guard_print_replacement(g, sink);
    else if (cp >= 0xa0 && width_is_zero(cp))
        guard_emit(g, sink, (struct guard_event){.type = GUARD_MARK, .number = (int)cp});
    else if (cp >= 0xa0)
        print(g, sink, g->utf8, n);
    /* else a C1 control in UTF-8: xterm acts on it, most others do not, and nobody sends it. */
}

void guard_high_byte(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    if (g->utf8_n) {
        if ((c & 0xc0) == 0x80 && (g->utf8_n > 1 || second_byte_ok(g->utf8[0], c))) {
            g->utf8[g->utf8_n++] = c;
            if (g->utf8_n == g->utf8_need)
                complete_char(g, sink);
            return;
        }
        guard_print_replacement(g, sink);
    }
    if (c < 0xc2 || c > 0xf4) {
        guard_print_replacement(g, sink);
        return;
    }
    g->utf8[0] = c;
    g->utf8_n = 1;
    g->utf8_need = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}
