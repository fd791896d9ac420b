#include "golden.h"

#include "../unit/cmocka_all.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 4 << 20 };

static void dump_row(const struct surface *s, int row, struct buf *out)
{
    buf_addch(out, '|');
    for (int col = 0; col < s->cols; col++) {
        const struct cell *c = surface_at(s, row, col);
        char bytes[4];
        if (c->width == 0)
            continue;
        buf_add(out, bytes, utf8_encode(c->ch, bytes));
        for (int k = 0; k < CELL_MARKS && c->marks[k]; k++)
            buf_add(out, bytes, utf8_encode(c->marks[k], bytes));
    }
    buf_addstr(out, "|\n");
}

static bool same_style(struct style a, struct style b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

static void dump_color(color c, struct buf *out)
{
    if (COLOR_KIND(c) == 0)
        buf_addstr(out, " -");
    else if (COLOR_KIND(c) == 1)
        buf_printf(out, " %u", c & 0xff);
    else
        buf_printf(out, " #%06x", c & 0xffffff);
}

static void dump_attrs(uint16_t attrs, struct buf *out)
{
    static const char *const names[] = {"bold",    "dim",    "italic", "underline",
                                        "reverse", "strike", "blink",  "conceal"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (attrs & 1 << i)
            buf_printf(out, " %s", names[i]);
}

/* The first line in which two texts differ, from 1. */
static int first_difference(const char *a, const char *b)
{
    int line = 1;
    while (*a && *a == *b) {
        line += *a == '\n';
        a++;
        b++;
    }
    return line;
}

/* ---- Styles ---- */

/* The letter of a style: 'a' for the first that occurs. */
static char letter_of(struct style *known, int *n, struct style st)
{
    enum { LETTERS = 52 };
    int i = 0;
    while (i < *n && !same_style(known[i], st))
        i++;
    if (i == *n && *n < LETTERS)
        known[(*n)++] = st;
    return (char)(i < 26 ? 'a' + i : 'A' + i - 26);
}

/* "5a 3. 2b": so many columns in each style; a dot is none at all. What is left is none, too. */
static void row_styles(const struct surface *s, int row, struct style *known, int *n, struct buf *out)
{
    int last = s->cols;
    while (last > 0 && same_style(surface_at(s, row, last - 1)->style, (struct style){0}))
        last--;
    for (int col = 0; col < last;) {
        struct style st = surface_at(s, row, col)->style;
        int end = col + 1;
        while (end < last && same_style(surface_at(s, row, end)->style, st))
            end++;
        buf_printf(out, " %d%c", end - col,
                   same_style(st, (struct style){0}) ? '.' : letter_of(known, n, st));
        col = end;
    }
}

void golden_styles(const struct surface *s, struct buf *out)
{
    struct style known[52];
    struct buf before = {0};
    int n = 0;
    for (int row = 0; row < s->rows; row++) {
        struct buf line = {0};
        row_styles(s, row, known, &n, &line);
        if (line.len > 0 && strcmp(buf_str(&line), buf_str(&before)) == 0)
            buf_printf(out, "%d =\n", row); /* as the row above */
        else if (line.len > 0)
            buf_printf(out, "%d%s\n", row, buf_str(&line));
        buf_free(&before);
        before = line;
    }
    buf_free(&before);
    for (int i = 0; i < n; i++) {
        buf_addch(out, letter_of(known, &n, known[i]));
        dump_color(known[i].fg, out);
        dump_color(known[i].bg, out);
        dump_attrs(known[i].attrs, out);
        buf_addch(out, '\n');
    }
}

void golden_dump(const struct surface *s, struct buf *out)
{
    for (int row = 0; row < s->rows; row++)
        dump_row(s, row, out);
    if (s->cursor_visible)
        buf_printf(out, "cursor %d,%d\n", s->cursor_row, s->cursor_col);
    golden_styles(s, out);
}

/* ---- Comparing ---- */

void golden_check(const char *name, const struct buf *now)
{
    autofree char *path = xasprintf("%s/tests/golden/screens/%s.scr", LUX_SOURCE_DIR, name);
    struct buf golden = {0};
    struct error err = {0};
    const char *update = getenv("UPDATE_GOLDEN");
    if (update && strcmp(update, "1") == 0) {
        if (file_write_atomic(path, buf_str(now), now->len, 0644, &err) < 0)
            fail_msg("%s", err.text);
    } else if (file_read(path, FILE_MAX, &golden, &err) < 0) {
        fail_msg("%s. It should be:\n%s", err.text, buf_str(now));
    } else if (strcmp(buf_str(&golden), buf_str(now)) != 0) {
        int line = first_difference(buf_str(&golden), buf_str(now));
        print_message("%s differs from line %d on. Now it is:\n%s", path, line, buf_str(now));
        fail_msg("%s differs from line %d on (UPDATE_GOLDEN=1 takes it over)", path, line);
    }
    buf_free(&golden);
}
