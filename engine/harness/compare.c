#include "harness/compare.h"

#include "base/escape.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int64_t compare_bytes(Bytes a, Bytes b)
{
    size_t shorter = a.size < b.size ? a.size : b.size, i = 0;
    enum { BLOCK = 4096 };

    while (i + BLOCK <= shorter && memcmp(a.data + i, b.data + i, BLOCK) == 0)
        i += BLOCK;
    while (i < shorter && a.data[i] == b.data[i])
        i++;
    return i == shorter && a.size == b.size ? -1 : (int64_t)i;
}

/* The beginning of a sequence, and nothing behind it. */
static bool is_cut_sequence(const uint8_t *s, size_t n)
{
    size_t whole = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return false;
    return s[0] >= 0xc2 && s[0] <= 0xf4 && n < whole;
}

bool bytes_are_text(Bytes b)
{
    for (size_t i = 0; i < b.size;) {
        unsigned cp;
        size_t len = utf8_decode(b.data + i, b.size - i, &cp);
        if (len == 0)
            return is_cut_sequence(b.data + i, b.size - i);
        if ((cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || (cp >= 0x7f && cp < 0xa0))
            return false;
        i += len;
    }
    return true;
}

/* Moves the start of a window to the first byte of a UTF-8 sequence. */
static size_t sequence_start(Bytes b, size_t at)
{
    for (size_t back = 0; back < 3 && back < at && at < b.size && (b.data[at - back] & 0xc0) == 0x80; back++)
        if ((b.data[at - back - 1] & 0xc0) == 0xc0)
            return at - back - 1;
    return at;
}

struct excerpt excerpt_around(Bytes b, size_t at)
{
    struct buf out = {0};
    size_t from = at > EXCERPT_BEFORE ? sequence_start(b, at - EXCERPT_BEFORE) : 0;
    size_t to = at + EXCERPT_AFTER < b.size ? at + EXCERPT_AFTER : b.size;

    if (from > b.size)
        from = b.size;
    escape_bytes(&out, b.data + from, to > from ? to - from : 0);
    return (struct excerpt){.text = buf_take(&out), .offset = from, .total = b.size};
}

static const char *hex_line(Bytes b, size_t from)
{
    struct buf line = {0};
    char shown[17] = {0};

    buf_printf(&line, "%08zx ", from);
    for (size_t i = 0; i < 16; i++) {
        buf_addstr(&line, i == 8 ? "  " : " ");
        if (from + i >= b.size) {
            buf_addstr(&line, "  ");
            continue;
        }
        uint8_t byte = b.data[from + i];
        buf_printf(&line, "%02x", byte);
        shown[i] = byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
    }
    buf_printf(&line, "  |%s|", shown);
    return buf_take(&line);
}

const char **hex_around(Bytes b, size_t at, size_t *n)
{
    const char **lines = xreallocarray(NULL, HEX_LINES, sizeof *lines);
    size_t line = at / 16, first = line > HEX_LINES / 2 ? line - HEX_LINES / 2 : 0;

    *n = 0;
    for (size_t i = first; i < first + HEX_LINES && i * 16 < b.size; i++)
        lines[(*n)++] = hex_line(b, i * 16);
    return lines;
}

static const char *quote_cut(Bytes b, size_t max)
{
    struct buf out = {0};
    bool cut = b.size > max;
    size_t size = b.size;

    if (cut) {
        size = max;
        while (size > max - 4 && (b.data[size] & 0xc0) == 0x80)
            size--;
    }
    buf_addch(&out, '"');
    escape_bytes(&out, b.data, size);
    buf_addstr(&out, cut ? "\"..." : "\"");
    return buf_take(&out);
}

const char *quote(Bytes b)
{
    return quote_cut(b, QUOTE_MAX);
}

const char *quote_long(Bytes b)
{
    return quote_cut(b, QUOTE_LONG_MAX);
}

const char *quote_sized(Bytes b)
{
    return b.size ? format("%s %s", count_bytes(b.size), quote(b)) : "nothing";
}

const char *count_bytes(uint64_t n)
{
    char digits[32], *out = xmalloc(64), *p = out;
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n);

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && len > 4)
            *p++ = ' ';
        *p++ = digits[i];
    }
    snprintf(p, 16, n == 1 ? " byte" : " bytes");
    return out;
}

const char *name_byte(uint8_t b)
{
    struct buf out = {0};

    if (b >= 0x20 && b < 0x7f)
        buf_printf(&out, "'%c' (0x%02x)", b, b);
    else if (b == '\n' || b == '\r' || b == '\t' || b == '\0')
        buf_printf(&out, "'\\%c' (0x%02x)", b == '\n' ? 'n' : b == '\r' ? 'r' : b == '\t' ? 't' : '0', b);
    else
        buf_printf(&out, "0x%02x", b);
    return buf_take(&out);
}

const char *ordinal(size_t n)
{
    const char *suffix = "th";

    if (n % 100 < 11 || n % 100 > 13)
        suffix = n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
    return format("%zu%s", n, suffix);
}

size_t missing_bytes(Bytes expected, Bytes received, size_t difference)
{
    enum { ENOUGH = 24 }; /* so many bytes do not stand in the same order by chance */

    if (received.size < difference + ENOUGH || expected.size <= difference)
        return 0;
    const uint8_t *later =
        memmem(expected.data + difference, expected.size - difference, received.data + difference, ENOUGH);
    return later ? (size_t)(later - expected.data) - difference : 0;
}
