/* Wrapping by columns, not bytes: lessons' sentences and programs' output are UTF-8. */
#include "report/paint.h"

#include "base/escape.h"
#include "base/mem.h"

#include <string.h>
#include <wchar.h>

static const char *const sgr[STYLE_COUNT] = {
    [STYLE_PLAIN] = "",        [STYLE_BOLD] = "\033[1m", [STYLE_DIM] = "\033[2m",
    [STYLE_GOOD] = "\033[32m", [STYLE_BAD] = "\033[31m", [STYLE_WARN] = "\033[33m",
};

static void begin_style(const struct paint *p, enum style style)
{
    if (p->colour)
        buf_addstr(p->out, sgr[style]);
}

static void end_style(const struct paint *p, enum style style)
{
    if (p->colour && *sgr[style])
        buf_addstr(p->out, "\033[0m");
}

/* The bytes of the character at s, with its columns. */
static size_t character(const char *s, size_t len, int *columns)
{
    unsigned cp;
    size_t n = utf8_decode(s, len, &cp);
    if (n == 0) {
        *columns = 1;
        return 1;
    }
    int w = cp < 0x80 ? 1 : wcwidth((wchar_t)cp);
    *columns = w < 0 ? 1 : w;
    return n;
}

int text_columns(const char *text, size_t len)
{
    int total = 0;
    while (len) {
        int columns;
        size_t n = character(text, len, &columns);
        total += columns;
        text += n;
        len -= n;
    }
    return total;
}

void paint_spaces(const struct paint *p, int n)
{
    for (int i = 0; i < n; i++)
        buf_addch(p->out, ' ');
}

void paint_styled(const struct paint *p, enum style style, const char *text)
{
    begin_style(p, style);
    buf_addstr(p->out, text);
    end_style(p, style);
}

static void break_line(const struct paint *p, enum style style, int indent)
{
    end_style(p, style);
    buf_addch(p->out, '\n');
    paint_spaces(p, indent);
    begin_style(p, style);
}

/* Adds characters from column `at` on, breaking wherever the width is reached. Returns the column after them.
 */
static int add_broken(const struct paint *p, enum style style, int at, int indent, const char *text,
                      size_t len)
{
    while (len) {
        int columns;
        size_t n = character(text, len, &columns);
        if (at + columns > p->width && at > indent) {
            break_line(p, style, indent);
            at = indent;
        }
        buf_add(p->out, text, n);
        at += columns;
        text += n;
        len -= n;
    }
    return at;
}

int paint_beside(const struct paint *p, enum style style, int indent, const char *title, int right)
{
    enum { READABLE = 28 }; /* columns for the title */
    struct paint narrow = *p;
    bool is_long = indent + text_columns(title, strlen(title)) + 1 + right > p->width;
    if (is_long && p->width - right - 1 - indent >= READABLE)
        narrow.width -= right + 1;
    int at = paint_wrapped(&narrow, style, indent, indent, title);
    if (at + 1 + right <= p->width)
        return at;
    buf_addch(p->out, '\n');
    return 0;
}

int paint_verbatim(const struct paint *p, enum style style, int at, int indent, const char *text, size_t len)
{
    begin_style(p, style);
    at = add_broken(p, style, at, indent, text, len);
    end_style(p, style);
    return at;
}

int paint_wrapped(const struct paint *p, enum style style, int at, int indent, const char *text)
{
    bool is_first = true; /* of its line: no space goes before it */
    begin_style(p, style);
    while (*text) {
        size_t spaces = strspn(text, " ");
        text += spaces;
        if (*text == '\n') {
            break_line(p, style, indent);
            at = indent;
            is_first = true;
            text++;
            continue;
        }
        size_t len = strcspn(text, " \n");
        if (!len)
            break;
        int columns = text_columns(text, len);
        int gap = is_first ? 0 : (int)(spaces < 8 ? spaces : 8);
        if (at + gap + columns > p->width && at > indent && !is_first) {
            break_line(p, style, indent);
            at = indent;
            gap = 0;
        }
        paint_spaces(p, gap);
        at = add_broken(p, style, at + gap, indent, text, len);
        is_first = false;
        text += len;
    }
    end_style(p, style);
    return at;
}

void paint_fold_to_ascii(struct buf *text)
{
    static const struct {
        unsigned cp;
        const char *ascii;
    } likes[] = {
        {0x2192, "->"}, {0x2190, "<-"}, {0x2026, "..."}, {0x2014, "-"}, {0x2013, "-"},
        {0x00b7, "-"},  {0x2713, "+"},  {0x2717, "x"},   {0x2018, "'"}, {0x2019, "'"},
        {0x201c, "\""}, {0x201d, "\""}, {0x2500, "-"},   {0x2502, "|"},
    };
    struct buf folded = {0};
    for (size_t i = 0; i < text->len;) {
        unsigned cp;
        size_t n = utf8_decode(text->data + i, text->len - i, &cp);
        const char *like = "?";
        for (size_t k = 0; n > 1 && k < ARRAY_LEN(likes); k++)
            if (likes[k].cp == cp)
                like = likes[k].ascii;
        if (n == 1)
            buf_addch(&folded, text->data[i]);
        else
            buf_addstr(&folded, like);
        i += n ? n : 1;
    }
    buf_clear(text);
    buf_add(text, buf_str(&folded), folded.len);
    buf_free(&folded);
}
