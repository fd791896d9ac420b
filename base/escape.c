#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

size_t utf8_decode(const void *s, size_t n, unsigned *cp)
{
    const uint8_t *b = s;
    size_t len;
    unsigned c, least;

    if (n == 0)
        return 0;
    if (b[0] < 0x80) {
        *cp = b[0];
        return 1;
    }
    if (b[0] >= 0xc2 && b[0] <= 0xdf) {
        len = 2, c = b[0] & 0x1fu, least = 0x80;
    } else if (b[0] >= 0xe0 && b[0] <= 0xef) {
        len = 3, c = b[0] & 0x0fu, least = 0x800;
    } else if (b[0] >= 0xf0 && b[0] <= 0xf4) {
        len = 4, c = b[0] & 0x07u, least = 0x10000;
    } else {
        return 0;
    }
    if (n < len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (b[i] & 0x3fu);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *cp = c;
    return len;
}

size_t utf8_encode(unsigned cp, char *out)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

/* Code points that a terminal may act on or show as something else than what they are: C1 controls,
 * separators, zero-width and bidirectional controls, the byte order mark, noncharacters and private use. */
static bool is_harmless(unsigned cp)
{
    if (cp < 0xa0 || cp == 0xad)
        return false;
    if (cp >= 0x200b && cp <= 0x200f)
        return false;
    if ((cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f))
        return false;
    if ((cp >= 0xe000 && cp <= 0xf8ff) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xffff && cp != 0xfffd))
        return false;
    return cp < 0xe0000;
}

static void escape_one(struct buf *out, uint8_t byte)
{
    static const char hex[] = "0123456789abcdef";

    switch (byte) {
    case '\n':
        buf_addstr(out, "\\n");
        return;
    case '\t':
        buf_addstr(out, "\\t");
        return;
    case '\r':
        buf_addstr(out, "\\r");
        return;
    case '\0':
        buf_addstr(out, "\\0");
        return;
    case 0x1b:
        buf_addstr(out, "\\e");
        return;
    case '\\':
        buf_addstr(out, "\\\\");
        return;
    default:
        buf_add(out, (char[]){'\\', 'x', hex[byte >> 4], hex[byte & 15]}, 4);
    }
}

static void escape(struct buf *out, const void *bytes, size_t n, const char *kept)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < n;) {
        unsigned cp;
        size_t len = utf8_decode(b + i, n - i, &cp);
        bool plain = len == 1 ? (b[i] >= 0x20 && b[i] < 0x7f && b[i] != '\\') || (b[i] && strchr(kept, b[i]))
                              : len > 1 && is_harmless(cp);
        if (plain) {
            buf_add(out, b + i, len);
            i += len;
        } else {
            escape_one(out, b[i++]);
        }
    }
}

void escape_bytes(struct buf *out, const void *bytes, size_t n)
{
    escape(out, bytes, n, "");
}

void escape_text(struct buf *out, const void *bytes, size_t n)
{
    escape(out, bytes, n, "\n\t");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void escape_decode(struct buf *out, const char *text)
{
    static const char letters[] = "ntr0e\\", bytes[] = "\n\t\r\0\x1b\\";

    for (const char *p = text; *p; p++) {
        if (*p != '\\' || !p[1]) {
            buf_addch(out, *p);
            continue;
        }
        const char *known = strchr(letters, p[1]);
        if (known) {
            buf_addch(out, bytes[known - letters]);
            p++;
        } else if (p[1] == 'x' && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0) {
            buf_addch(out, (char)(hex_digit(p[2]) << 4 | hex_digit(p[3])));
            p += 3;
        } else {
            buf_addch(out, *p);
        }
    }
}
