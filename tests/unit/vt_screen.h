/* A terminal under test: bytes in, expectations on what is seen. Included by one test program each. */
#ifndef TESTS_VT_SCREEN_H
#define TESTS_VT_SCREEN_H

#include "cmocka_all.h"

#include "base/buf.h"
#include "base/escape.h"
#include "vt/terminal.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct screen {
    struct terminal *t;
    struct buf output, title, clipboard, directory;
    int bells, damages;
};

static void screen_output(const char *bytes, size_t n, void *user)
{
    buf_add(&((struct screen *)user)->output, bytes, n);
}

static void screen_title(const char *title, void *user)
{
    struct screen *s = user;
    buf_clear(&s->title);
    buf_addstr(&s->title, title);
}

static void screen_bell(void *user)
{
    ((struct screen *)user)->bells++;
}

static void screen_clipboard(const char *text, size_t n, void *user)
{
    buf_add(&((struct screen *)user)->clipboard, text, n);
}

static void screen_directory(const char *path, void *user)
{
    struct screen *s = user;
    buf_clear(&s->directory);
    buf_addstr(&s->directory, path);
}

static void screen_damage(void *user)
{
    ((struct screen *)user)->damages++;
}

static inline struct screen *screen_new(int rows, int cols, int history)
{
    static const struct terminal_callbacks callbacks = {
        .output = screen_output,
        .title = screen_title,
        .bell = screen_bell,
        .clipboard = screen_clipboard,
        .directory = screen_directory,
        .damage = screen_damage,
    };
    struct screen *s = calloc(1, sizeof *s);
    s->t = terminal_new(rows, cols, history, &callbacks, s);
    return s;
}

static inline void screen_free(struct screen *s)
{
    terminal_free(s->t);
    buf_free(&s->output);
    buf_free(&s->title);
    buf_free(&s->clipboard);
    buf_free(&s->directory);
    free(s);
}

static inline void feed(struct screen *s, const char *text)
{
    terminal_feed(s->t, text, strlen(text));
}

/* The lines first .. end - 1, without blank ones at the end. */
static inline void add_lines(const struct screen *s, long first, long end, struct buf *out)
{
    size_t kept = 0;

    for (long line = first; line < end; line++) {
        terminal_line_text(s->t, line, out);
        size_t len = out->len;
        bool blank = len == 0 || out->data[len - 1] == '\n';
        buf_addch(out, '\n');
        if (!blank)
            kept = len;
    }
    out->len = kept;
    if (out->data)
        out->data[kept] = '\0';
}

static inline void lines_are(const struct screen *s, long first, long end, const char *expected,
                             const char *file, int line)
{
    struct buf got = {0};

    add_lines(s, first, end, &got);
    if (strcmp(buf_str(&got), expected) != 0) {
        print_error("expected:\n%s\nthe screen is:\n%s\n", expected, buf_str(&got));
        buf_free(&got);
        _fail(file, line);
    }
    buf_free(&got);
}

/* What is on the screen, and what is on it and in the history. */
#define screen_is(s, expected) \
    lines_are(s, terminal_screen_line((s)->t), terminal_end_line((s)->t), expected, __FILE__, __LINE__)
#define all_is(s, expected) \
    lines_are(s, terminal_first_line((s)->t), terminal_end_line((s)->t), expected, __FILE__, __LINE__)

static inline struct cell cell_at(const struct screen *s, int row, int col)
{
    return terminal_cell(s->t, (struct terminal_pos){terminal_screen_line(s->t) + row, col});
}

static inline void cursor_is_at(const struct screen *s, int row, int col, const char *file, int line)
{
    struct terminal_cursor c = terminal_cursor(s->t);

    _assert_int_equal((uint64_t)(c.at.line - terminal_screen_line(s->t)), (uint64_t)row, file, line);
    _assert_int_equal((uint64_t)c.at.col, (uint64_t)col, file, line);
}
#define cursor_is(s, row, col) cursor_is_at(s, row, col, __FILE__, __LINE__)

/* What went to the child since the last look, escaped. */
static inline void output_is_at(struct screen *s, const char *expected, const char *file, int line)
{
    struct buf got = {0};

    escape_bytes(&got, s->output.data, s->output.len);
    buf_clear(&s->output);
    if (strcmp(buf_str(&got), expected) != 0) {
        print_error("expected output: %s\ngot:             %s\n", expected, buf_str(&got));
        buf_free(&got);
        _fail(file, line);
    }
    buf_free(&got);
}
#define output_is(s, expected) output_is_at(s, expected, __FILE__, __LINE__)

#endif
