#include "markdown/markdown.h"

#include "base/file.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <glob.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN LUX_SOURCE_DIR "/tests/golden/markdown/"

/* ---- Helpers ---- */

static struct md_layout *lay_out_bytes(const char *text, size_t len, struct md_options options)
{
    ui_set_unicode(options.unicode);
    struct md_doc *d = md_doc_new(text, len);
    struct md_layout *l = md_layout(d, &options);
    md_doc_free(d); /* the layout does not need it */
    ui_set_unicode(true);
    return l;
}

static struct md_layout *lay_out(const char *text, int width)
{
    return lay_out_bytes(text, strlen(text), (struct md_options){.width = width, .unicode = true});
}

static char *text_of(const struct md_layout *l)
{
    struct buf all = {0};
    for (size_t i = 0; i < l->n_lines; i++)
        buf_printf(&all, "%s\n", l->lines[i].text);
    return buf_take(&all);
}

static void assert_text(const char *markdown, int width, const char *expected)
{
    struct md_layout *l = lay_out(markdown, width);
    autofree char *text = text_of(l);
    assert_string_equal(text, expected);
    md_layout_free(l);
}

/* The runs of a line that are not plain text, as "role:text " */
static char *roles_of(const struct md_line *line)
{
    static const char *const names[ROLE_COUNT_] = {
        [ROLE_TEXT] = "text",        [ROLE_MUTED] = "muted",   [ROLE_BORDER] = "border",
        [ROLE_HEADING1] = "h1",      [ROLE_HEADING2] = "h2",   [ROLE_HEADING3] = "h3",
        [ROLE_EMPHASIS] = "em",      [ROLE_STRONG] = "strong", [ROLE_CODE] = "code",
        [ROLE_CODE_BLOCK] = "block", [ROLE_LINK] = "link",     [ROLE_QUOTE] = "quote",
    };
    struct buf all = {0};
    for (size_t i = 0; i < line->n_runs; i++) {
        const struct md_run *r = &line->runs[i];
        uint16_t plain = r->role == ROLE_STRONG ? ATTR_BOLD : r->role == ROLE_EMPHASIS ? ATTR_ITALIC : 0;
        assert_non_null(names[r->role]);
        buf_printf(&all, "%s%s%s:%s|", names[r->role], r->attrs & ATTR_STRIKE ? "-struck" : "",
                   r->attrs & ~(plain | ATTR_STRIKE) ? "-more" : "", r->text);
    }
    return buf_take(&all);
}

static void assert_roles(const char *markdown, size_t line, const char *expected)
{
    struct md_layout *l = lay_out(markdown, 60);
    assert_true(line < l->n_lines);
    autofree char *roles = roles_of(&l->lines[line]);
    assert_string_equal(roles, expected);
    md_layout_free(l);
}

/* What must hold for every layout. */
static void assert_sound(const struct md_layout *l, int width)
{
    size_t position = 0;
    for (size_t i = 0; i < l->n_lines; i++) {
        const struct md_line *line = &l->lines[i];
        int col = 0;
        for (size_t j = 0; j < line->n_runs; j++) {
            const struct md_run *r = &line->runs[j];
            assert_true(r->col >= col);
            assert_int_equal(r->width, text_width(r->text));
            assert_non_null(strstr(line->text, r->text));
            assert_true(r->link >= -1 && r->link < (int)l->n_links);
            col = r->col + r->width;
        }
        if (col > width)
            fail_msg("line %zu has %d columns of %d: %s", i, col, width, line->text);
        assert_true(text_width(line->text) >= col);
        assert_null(strpbrk(line->text, "\n\t\r\x1b"));
        assert_true(line->position >= position);
        position = line->position;
    }
    for (size_t i = 0; i < l->n_links; i++) {
        assert_true(l->links[i].line < l->n_lines);
        assert_true(l->links[i].width > 0);
    }
    for (size_t i = 0; i < l->n_headings; i++)
        assert_true(l->headings[i].line <= l->n_lines);
    for (size_t i = 0; i < l->n_codes; i++)
        assert_true(l->codes[i].first_line + l->codes[i].n_lines <= l->n_lines && l->codes[i].n_lines >= 2);
}

/* ---- Golden texts ---- */

/* UPDATE_GOLDEN=1 writes what is instead of comparing. */
static void assert_golden(const char *name, const char *text)
{
    autofree char *path = xasprintf(GOLDEN "%s", name);
    struct buf expected = {0};
    struct error err = {0};

    if (getenv("UPDATE_GOLDEN")) {
        assert_int_equal(file_write_atomic(path, text, strlen(text), 0644, &err), 0);
        return;
    }
    if (file_read(path, 1 << 20, &expected, &err))
        fail_msg("%s", err.text);
    assert_string_equal(text, buf_str(&expected));
    buf_free(&expected);
}

static void every_kind_of_block_looks_as_it_should(void **state)
{
    static const struct {
        int width;
        bool unicode;
        const char *golden;
    } cases[] = {{80, true, "sample-80.txt"},
                 {44, true, "sample-44.txt"},
                 {20, true, "sample-20.txt"},
                 {60, false, "sample-60-ascii.txt"}};
    struct buf markdown = {0};
    (void)state;

    assert_int_equal(file_read(GOLDEN "sample.md", 1 << 20, &markdown, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct md_layout *l =
            lay_out_bytes(markdown.data, markdown.len,
                          (struct md_options){.width = cases[i].width, .unicode = cases[i].unicode});
        autofree char *text = text_of(l);
        assert_golden(cases[i].golden, text);
        md_layout_free(l);
    }
    buf_free(&markdown);
}

static void nothing_is_wider_than_the_pane_at_any_width(void **state)
{
    glob_t files;
    (void)state;

    assert_int_equal(glob(LUX_SOURCE_DIR "/content/*/*.md", 0, NULL, &files), 0);
    assert_int_equal(glob(LUX_SOURCE_DIR "/docs/*.md", GLOB_APPEND, NULL, &files), 0);
    assert_int_equal(glob(GOLDEN "*.md", GLOB_APPEND, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct buf text = {0};
        assert_int_equal(file_read(files.gl_pathv[i], 1 << 24, &text, NULL), 0);
        for (int width = 20; width <= 200; width += width < 90 ? 7 : 55) {
            struct md_layout *l =
                lay_out_bytes(buf_str(&text), text.len, (struct md_options){.width = width, .unicode = true});
            assert_sound(l, width);
            md_layout_free(l);
        }
        buf_free(&text);
    }
    globfree(&files);
}

/* ---- Wrapping ---- */

static void text_is_wrapped_at_blanks(void **state)
{
    (void)state;
    assert_text("one two three four five six", 20, "one two three four\nfive six\n");
    assert_text("exactly twenty chars and", 20, "exactly twenty chars\nand\n");
    assert_text("a\nb", 20, "a b\n");
    assert_text("a  \nb\\\nc", 20, "a\nb\nc\n");
    assert_text("", 20, "");
    assert_text("\n\n \n", 20, "");
}

static void a_word_longer_than_the_line_is_broken(void **state)
{
    (void)state;
    assert_text("x abcdefghijklmnopqrstuvwxyz y", 20, "x\nabcdefghijklmnopqrst\nuvwxyz y\n");
}

static void wide_characters_and_marks_count_as_they_are_drawn(void **state)
{
    (void)state;
    assert_text("漢字漢字漢字漢字漢字漢字", 21, "漢字漢字漢字漢字漢字\n漢字\n");
    assert_text("漢字漢字漢字漢字漢字。漢", 20, "漢字漢字漢字漢字漢\n字。漢\n");
    assert_text("aaaaaaaaaaaaaaaaaaae\u0301 b", 20, "aaaaaaaaaaaaaaaaaaae\u0301\nb\n");
}

static void a_narrower_pane_than_the_least_is_laid_out_for_the_least(void **state)
{
    (void)state;
    struct md_layout *l = lay_out("some words to be wrapped in a pane of three columns", 3);
    assert_sound(l, MD_WIDTH_MIN);
    md_layout_free(l);
}

/* ---- Styles ---- */

static void runs_know_what_they_are(void **state)
{
    (void)state;
    assert_roles("a *b* **c** `d` ~~e~~", 0,
                 "text:a |em:b|text: |strong:c|text: |code:d|text: |text-struck:e|");
    assert_roles("***b***", 0, "strong-more:b|");
    assert_roles("# A `b`", 0, "h1:A |h1:b|");
    assert_roles("## A", 0, "h2:A|");
    assert_roles("##### A", 0, "h3:A|");
    assert_roles("[a `b`](c) d", 0, "link:a |link:b|text: d|");
    assert_roles("> q `c`", 0, "quote:│|quote:q |code:c|");
    assert_roles("- i", 0, "muted:•|text:i|");
    assert_roles("a <b>", 0, "text:a |muted:<b>|");
    assert_roles(
        "```\nx\n```", 1,
        "border:│|muted: |block:x                                                       |muted: |border:│|");
}

static void one_style_is_one_run(void **state)
{
    (void)state;
    assert_roles("a &amp; b\nc", 0, "text:a & b c|");
}

/* ---- Tables of the layout ---- */

static void links_are_found_where_they_are(void **state)
{
    (void)state;
    struct md_layout *l =
        lay_out("see [the first page](a/b) and then [another long one](<c d>) or [](nowhere)", 30);
    assert_int_equal(l->n_links, 2);
    assert_string_equal(l->links[0].target, "a/b");
    assert_int_equal(l->links[0].line, 0);
    assert_int_equal(l->links[0].col, 4);
    assert_int_equal(l->links[0].width, 14);
    assert_string_equal(l->links[1].target, "c d");
    assert_int_equal(l->links[1].line, 1);
    assert_int_equal(l->links[1].col, 0);
    assert_string_equal(l->lines[1].runs[0].text, "another long one");
    assert_int_equal(l->lines[1].runs[0].link, 1);
    md_layout_free(l);
}

static void headings_can_be_jumped_to(void **state)
{
    (void)state;
    struct md_layout *l = lay_out("# Title\n\ntext\n\n## How it *works*, really!\n\ntext", 40);
    assert_int_equal(l->n_headings, 2);
    assert_string_equal(l->headings[1].text, "How it works, really!");
    const struct md_heading *h = md_heading_at(l, "#how-it-works-really");
    assert_ptr_equal(h, &l->headings[1]);
    assert_int_equal(h->level, 2);
    assert_string_equal(l->lines[h->line].text, "How it works, really!");
    assert_int_equal(l->lines[h->line].heading, 1);
    assert_null(md_heading_at(l, "nowhere"));
    md_layout_free(l);
}

static void code_can_be_copied_as_it_was_written(void **state)
{
    (void)state;
    struct md_layout *l = lay_out("text\n\n```go\nif x {\n\treturn \"<&amp;>\"\n\n}\n```\nmore", 40);
    assert_int_equal(l->n_codes, 1);
    assert_string_equal(l->codes[0].language, "go");
    assert_string_equal(l->codes[0].text, "if x {\n\treturn \"<&amp;>\"\n\n}\n");
    assert_int_equal(l->codes[0].first_line, 2);
    assert_int_equal(l->codes[0].n_lines, 6);
    assert_int_equal(l->lines[2].code, 0);
    assert_int_equal(l->lines[7].code, 0);
    assert_int_equal(l->lines[8].code, -1);
    md_layout_free(l);
}

static void code_is_cut_and_can_be_moved(void **state)
{
    static const char markdown[] = "```\n0123456789abcdefghijklmnop\nshort\n漢漢漢漢漢漢漢漢漢漢漢\n```";
    (void)state;
    struct md_layout *l = lay_out(markdown, 20);
    assert_string_equal(l->lines[1].text, "│ 0123456789abcdef›│");
    assert_string_equal(l->lines[2].text, "│ short            │");
    assert_int_equal(l->max_scroll, 10);
    md_layout_free(l);

    l = lay_out_bytes(markdown, sizeof markdown - 1,
                      (struct md_options){.width = 20, .unicode = true, .scroll = 5});
    assert_string_equal(l->lines[1].text, "│‹56789abcdefghijk›│");
    assert_string_equal(l->lines[2].text, "│‹                 │");
    assert_string_equal(l->lines[3].text, "│‹ 漢漢漢漢漢漢漢 ›│");
    md_layout_free(l);

    l = lay_out_bytes(markdown, sizeof markdown - 1,
                      (struct md_options){.width = 20, .unicode = true, .scroll = 10});
    assert_string_equal(l->lines[1].text, "│‹abcdefghijklmnop │");
    md_layout_free(l);
}

static void a_picture_that_fits_has_no_box(void **state)
{
    static const char markdown[] = "```\n┌────┐ \n│ in │───► out\n└────┘\n```";
    (void)state;
    struct md_layout *l = lay_out(markdown, 20);
    assert_int_equal(l->n_lines, 3);
    assert_string_equal(l->lines[0].text, "┌────┐");
    assert_string_equal(l->lines[1].text, "│ in │───► out");
    assert_int_equal(l->n_codes, 0); /* nothing that one would copy */
    md_layout_free(l);

    l = lay_out("```\n┌──────────────────┐\n```\n\n```c\nx = \"│\";\n```", 20);
    assert_string_equal(l->lines[0].text, "┌──────────────────┐");
    assert_string_equal(l->lines[3].text, "│ x = \"│\";         │"); /* a language makes it code */
    md_layout_free(l);

    l = lay_out("```\n┌───────────────────┐\n```", 20);
    assert_string_equal(l->lines[1].text, "│ ┌───────────────›│"); /* cut, as all that is too wide */
    assert_int_equal(l->n_codes, 1);
    md_layout_free(l);
}

static void a_place_is_found_again_at_another_width(void **state)
{
    struct buf text = {0};
    (void)state;
    for (int i = 0; i < 200; i++)
        buf_printf(&text, "## Section %d\n\nWord%d with some more words after it, so that it wraps.\n\n", i,
                   i);
    struct md_layout *wide = lay_out(text.data, 100), *narrow = lay_out(text.data, 24);
    for (size_t i = 0; i < wide->n_headings; i++) {
        size_t line = md_line_at(narrow, wide->lines[wide->headings[i].line].position);
        assert_int_equal(line, narrow->headings[i].line);
    }
    assert_int_equal(md_line_at(narrow, 0), 0);
    assert_true(md_line_at(narrow, SIZE_MAX) < narrow->n_lines);
    md_layout_free(wide);
    md_layout_free(narrow);
    buf_free(&text);
}

/* ---- Bytes that are no text ---- */

static void what_is_not_printable_is_shown_as_a_replacement(void **state)
{
    static const char bytes[] = "a\x1b[31m b\0c \xff\xfe d\xc2\x9b e\u202e f\x7f";
    (void)state;
    struct md_layout *l =
        lay_out_bytes(bytes, sizeof bytes - 1, (struct md_options){.width = 60, .unicode = true});
    assert_string_equal(l->lines[0].text, "a\ufffd[31m b\ufffdc \ufffd\ufffd d\ufffd e\ufffd f\ufffd");
    md_layout_free(l);
    assert_text("&#27;&#0;&#x202e;&nosuch;&lt;", 60, "\ufffd\ufffd\ufffd&nosuch;<\n");
}

static void blocks_without_content_are_survived(void **state)
{
    static const char *const texts[] = {
        "#",    "# #",   "-",     "1.",  ">", "```", "```\n```", "| |\n|---|", "||\n|---|---|\n||",
        "[]()", "![]()", "- [ ]", "---", "<", "&",   "`"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct md_layout *l = lay_out(texts[i], 30);
        assert_sound(l, 30);
        md_layout_free(l);
    }
    assert_text("1. a\n2.\n3. c", 30, "1. a\n2.\n3. c\n");
}

static void deep_nesting_keeps_room_for_content(void **state)
{
    struct buf text = {0};
    (void)state;
    for (int depth = 0; depth < 60; depth++)
        buf_printf(&text, "%*s- item %d\n", depth * 2, "", depth);
    for (int i = 0; i < 60; i++)
        buf_addstr(&text, "> ");
    buf_addstr(&text, "deep");
    struct md_layout *l = lay_out(text.data, 30);
    assert_sound(l, 30);
    autofree char *all = text_of(l);
    assert_non_null(strstr(all, "item 59"));
    assert_non_null(strstr(all, "deep"));
    md_layout_free(l);
    buf_free(&text);
}

static void a_text_beyond_the_limit_says_what_is_missing(void **state)
{
    (void)state;
    size_t len = MD_TEXT_MAX + 1000;
    char *text = xmalloc(len);
    for (size_t i = 0; i < len; i++)
        text[i] = i % 64 == 63 ? '\n' : 'x';
    struct md_layout *l = lay_out_bytes(text, len, (struct md_options){.width = 80, .unicode = true});
    assert_string_equal(l->lines[l->n_lines - 1].text, "[1000 bytes left out]");
    md_layout_free(l);
    free(text);
}

/* ---- Drawing ---- */

static void a_line_is_drawn_into_its_area(void **state)
{
    (void)state;
    struct surface *s = surface_new(3, 10);
    struct md_layout *l = lay_out("- *ab* `cd` and more", 20);
    struct area a = area_of(s, (struct rect){1, 1, 1, 8});
    const struct theme *theme = theme_find("default");
    md_draw_line(&l->lines[0], a, 0, theme);
    assert_int_equal(surface_at(s, 1, 1)->ch, 0x2022);
    assert_int_equal(surface_at(s, 1, 3)->ch, 'a');
    assert_true(surface_at(s, 1, 3)->style.attrs & ATTR_ITALIC);
    assert_int_equal(surface_at(s, 1, 6)->style.fg, theme_style(theme, ROLE_CODE).fg);
    assert_int_equal(surface_at(s, 1, 8)->ch, ' ');
    assert_int_equal(surface_at(s, 1, 9)->ch, ' '); /* beyond the area */
    assert_int_equal(surface_at(s, 0, 1)->ch, ' ');
    md_layout_free(l);
    surface_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_block_looks_as_it_should),
        cmocka_unit_test(nothing_is_wider_than_the_pane_at_any_width),
        cmocka_unit_test(text_is_wrapped_at_blanks),
        cmocka_unit_test(a_word_longer_than_the_line_is_broken),
        cmocka_unit_test(wide_characters_and_marks_count_as_they_are_drawn),
        cmocka_unit_test(a_narrower_pane_than_the_least_is_laid_out_for_the_least),
        cmocka_unit_test(runs_know_what_they_are),
        cmocka_unit_test(one_style_is_one_run),
        cmocka_unit_test(links_are_found_where_they_are),
        cmocka_unit_test(headings_can_be_jumped_to),
        cmocka_unit_test(code_can_be_copied_as_it_was_written),
        cmocka_unit_test(code_is_cut_and_can_be_moved),
        cmocka_unit_test(a_picture_that_fits_has_no_box),
        cmocka_unit_test(a_place_is_found_again_at_another_width),
        cmocka_unit_test(what_is_not_printable_is_shown_as_a_replacement),
        cmocka_unit_test(blocks_without_content_are_survived),
        cmocka_unit_test(deep_nesting_keeps_room_for_content),
        cmocka_unit_test(a_text_beyond_the_limit_says_what_is_missing),
        cmocka_unit_test(a_line_is_drawn_into_its_area),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
