/* Knows as much markdown as lessons use: headings, paragraphs, lists, fenced code, tables, quotes; within a
 * line strong, emphasis, code and links. */
#include "commands/prose.h"

#include "base/escape.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { WIDTH_DEFAULT = 80, WIDTH_MAX = 100, WIDTH_MIN = 20, CODE_INDENT = 4 };

#define STRONG   "\033[1m"
#define EMPHASIS "\033[3m"
#define CODE     "\033[36m"
#define PLAIN    "\033[0m"

struct prose prose_for_stdout(void)
{
    bool is_terminal = isatty(STDOUT_FILENO);
    const char *columns = getenv("COLUMNS"), *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    struct winsize size = {.ws_col = 0};
    int width = WIDTH_DEFAULT;

    if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    else if (columns && atoi(columns) > 0)
        width = atoi(columns);
    if (width > WIDTH_MAX)
        width = WIDTH_MAX;
    if (width < WIDTH_MIN)
        width = WIDTH_MIN;
    bool dumb = !term || !term[0] || strcmp(term, "dumb") == 0;
    return (struct prose){.width = width, .colour = is_terminal && !dumb && !(no_colour && no_colour[0])};
}

int prose_columns(const char *text, size_t n)
{
    int columns = 0;
    for (size_t i = 0; i < n;) {
        unsigned cp;
        if (text[i] == '\033') {
            while (i < n && text[i] != 'm')
                i++;
            i++;
            continue;
        }
        size_t length = utf8_decode(text + i, n - i, &cp);
        int width = length ? wcwidth((wchar_t)cp) : 1;
        columns += width < 0 ? 1 : width;
        i += length ? length : 1;
    }
    return columns;
}

/* ---- Within a line ---- */

/* The place of the mark that closes a span which opened before `from`; NULL if it stays open. */
static const char *closing(const char *from, const char *mark)
{
    const char *end = strstr(from, mark);
    return end && end > from ? end : NULL;
}

static void add_span(struct buf *out, const char *from, const char *end, const char *sgr)
{
    buf_addstr(out, sgr);
    buf_add(out, from, (size_t)(end - from));
    buf_addstr(out, PLAIN);
}

/* [text](target): the target is worth its place when it is an address, or what `lux show` takes: a page. */
static const char *add_link(struct buf *out, const char *p)
{
    const char *middle = strstr(p, "](");
    const char *stop = strchr(p, ']');
    const char *end = middle ? strchr(middle, ')') : NULL;
    if (!end || stop != middle)
        return NULL;
    buf_add(out, p + 1, (size_t)(middle - p - 1));
    if (strncmp(middle + 2, "http", 4) == 0 || strncmp(middle + 2, "handbook/", 9) == 0) {
        buf_addstr(out, " (");
        buf_add(out, middle + 2, (size_t)(end - middle - 2));
        buf_addch(out, ')');
    }
    return end + 1;
}

static void add_inline(struct buf *out, const char *p, const struct prose *how)
{
    while (*p) {
        const char *end;
        if (*p == '`' && (end = closing(p + 1, "`"))) {
            if (how->colour)
                add_span(out, p + 1, end, CODE);
            else
                buf_add(out, p, (size_t)(end + 1 - p));
            p = end + 1;
        } else if (strncmp(p, "**", 2) == 0 && (end = closing(p + 2, "**"))) {
            if (how->colour)
                add_span(out, p + 2, end, STRONG);
            else
                buf_add(out, p + 2, (size_t)(end - p - 2));
            p = end + 2;
        } else if (*p == '*' && p[1] != ' ' && p[1] != '*' && (end = closing(p + 1, "*")) && end[-1] != ' ') {
            if (how->colour)
                add_span(out, p + 1, end, EMPHASIS);
            else
                buf_add(out, p, (size_t)(end + 1 - p));
            p = end + 1;
        } else if (*p == '[' && (end = add_link(out, p))) {
            p = end;
        } else if (*p == '\\' && p[1] && strchr("\\`*_{}[]()#+-.!|<>", p[1])) {
            buf_addch(out, p[1]);
            p += 2;
        } else {
            buf_addch(out, *p++);
        }
    }
}

/* ---- Paragraphs ---- */

static void add_spaces(struct buf *out, int n)
{
    for (int i = 0; i < n; i++)
        buf_addch(out, ' ');
}

void prose_wrap(struct buf *out, const char *text, int indent, const struct prose *how)
{
    int column = indent;
    bool is_start = true;

    for (const char *p = text; *p;) {
        size_t n = strcspn(p, " ");
        int columns = prose_columns(p, n);
        if (!is_start && n > 0 && column + 1 + columns > how->width) {
            buf_addch(out, '\n');
            add_spaces(out, indent);
            column = indent;
            is_start = true;
        }
        if (n > 0) {
            buf_printf(out, "%s%.*s", is_start ? "" : " ", (int)n, p);
            column += columns + !is_start;
            is_start = false;
        }
        p += n;
        p += strspn(p, " ");
    }
    buf_addch(out, '\n');
}

/* The first line begins with `first`, the others with as many spaces. */
static void add_wrapped(struct buf *out, const char *text, const char *first, const struct prose *how)
{
    struct buf line = {0};
    add_inline(&line, text, how);
    buf_addstr(out, first);
    prose_wrap(out, buf_str(&line), prose_columns(first, strlen(first)), how);
    buf_free(&line);
}

struct block { /* the paragraph or list item that is being gathered */
    struct buf text;
    char *first; /* what its first line begins with; NULL: there is none */
};

static void end_block(struct buf *out, struct block *b, const struct prose *how)
{
    if (b->first)
        add_wrapped(out, buf_str(&b->text), b->first, how);
    free(b->first);
    b->first = NULL;
    buf_clear(&b->text);
}

static void begin_block(struct block *b, int indent, const char *mark, size_t n)
{
    struct buf first = {0};
    add_spaces(&first, indent);
    buf_add(&first, mark, n);
    b->first = buf_take(&first);
}

static void add_to_block(struct block *b, const char *text)
{
    if (b->text.len)
        buf_addch(&b->text, ' ');
    buf_addstr(&b->text, text);
}

/* The length of "- ", "* " or "12. " at p, 0 if there is none. */
static size_t list_mark(const char *p)
{
    if ((p[0] == '-' || p[0] == '*') && p[1] == ' ')
        return 2;
    size_t digits = strspn(p, "0123456789");
    return digits > 0 && digits < 4 && p[digits] == '.' && p[digits + 1] == ' ' ? digits + 2 : 0;
}

static void add_heading(struct buf *out, const char *line, const struct prose *how)
{
    size_t level = strspn(line, "#");
    struct buf text = {0};
    add_inline(&text, line + level + 1, &(struct prose){.width = how->width});
    if (how->colour) {
        buf_printf(out, STRONG "%s" PLAIN "\n", buf_str(&text));
    } else {
        buf_printf(out, "%s\n", buf_str(&text));
        for (int i = prose_columns(buf_str(&text), text.len); level <= 2 && i > 0; i--)
            buf_addch(out, level == 1 ? '=' : '-');
        if (level <= 2)
            buf_addch(out, '\n');
    }
    buf_free(&text);
}

static void add_line(struct buf *out, struct block *b, char *line, const struct prose *how)
{
    char *p = line + strspn(line, " ");
    int indent = (int)(p - line);
    size_t mark = list_mark(p);

    if (*p == '\0') {
        end_block(out, b, how);
        if (out->len && !(out->len > 1 && strcmp(out->data + out->len - 2, "\n\n") == 0))
            buf_addch(out, '\n');
    } else if (line[0] == '#' && line[strspn(line, "#")] == ' ') {
        end_block(out, b, how);
        add_heading(out, line, how);
    } else if (*p == '|') {
        end_block(out, b, how);
        buf_printf(out, "%s\n", line);
    } else if (mark) {
        end_block(out, b, how);
        begin_block(b, indent, p, mark);
        add_to_block(b, p + mark);
    } else if (strncmp(p, "> ", 2) == 0) {
        if (!b->first)
            begin_block(b, CODE_INDENT, "", 0);
        add_to_block(b, p + 2);
    } else {
        if (!b->first)
            begin_block(b, indent, "", 0);
        add_to_block(b, p);
    }
}

void prose_add(struct buf *out, const char *markdown, const struct prose *how)
{
    autofree char *copy = xstrdup(markdown);
    struct block block = {.first = NULL};
    size_t fence = 0; /* length of the mark that opened a block of code; 0 outside of one */
    char *rest = copy;

    for (char *line = strsep(&rest, "\n"); line && (rest || *line); line = strsep(&rest, "\n")) {
        char *p = line + strspn(line, " ");
        size_t marks = *p == '`' ? strspn(p, "`") : 0;
        if (fence == 0 && marks < 3) {
            add_line(out, &block, line, how);
        } else if (fence == 0) {
            end_block(out, &block, how);
            fence = marks;
        } else if (marks >= fence) {
            fence = 0;
        } else if (*line == '\0') {
            buf_addch(out, '\n');
        } else {
            add_spaces(out, CODE_INDENT);
            buf_printf(out, "%s\n", line);
        }
    }
    end_block(out, &block, how);
    buf_free(&block.text);
}
