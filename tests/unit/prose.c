/* Markdown as text on a plain terminal. */
#include "commands/prose.h"
#include "base/mem.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(const char *markdown, int width, bool colour, const char *expected)
{
    struct buf out = {0};
    prose_add(&out, markdown, &(struct prose){.width = width, .colour = colour});
    assert_string_equal(buf_str(&out), expected);
    buf_free(&out);
}

static void test_joins_and_wraps_paragraphs(void **state)
{
    (void)state;
    assert_text("one two\nthree four\n\nfive\n", 13, false, "one two three\nfour\n\nfive\n");
    assert_text("a-word-that-is-longer-than-the-line b\n", 10, false,
                "a-word-that-is-longer-than-the-line\nb\n");
    assert_text("", 10, false, "");
    assert_text("no line feed", 80, false, "no line feed\n");
}

static void test_underlines_headings_where_there_is_no_weight(void **state)
{
    (void)state;
    assert_text("# Title\n\n## `Part`\n### Detail\n", 40, false, "Title\n=====\n\n`Part`\n------\nDetail\n");
    assert_text("# Title\n", 40, true, "\033[1mTitle\033[0m\n");
}

static void test_hangs_the_lines_of_lists(void **state)
{
    (void)state;
    assert_text("- one two three\n- four\n  five six\n", 12, false,
                "- one two\n  three\n- four five\n  six\n");
    assert_text("1. one two\n2. three\n   - inner item\n", 9, false,
                "1. one\n   two\n2. three\n   - inner\n     item\n");
}

static void test_leaves_code_and_tables_as_they_are(void **state)
{
    (void)state;
    assert_text(
        "Text:\n```c\nint  x; /* **not strong** and longer than the line */\n\n# no heading\n```\nafter\n",
        20, false,
        "Text:\n    int  x; /* **not strong** and longer than the line */\n\n    # no heading\nafter\n");
    assert_text("| a | b |\n|---|---|\n| **x** | y |\n", 5, false, "| a | b |\n|---|---|\n| **x** | y |\n");
}

static void test_shows_emphasis_code_and_links(void **state)
{
    (void)state;
    assert_text("**strong** *soft* `co de` [page](handbook/x) [site](https://x.org)\n", 80, false,
                "strong *soft* `co de` page (handbook/x) site (https://x.org)\n");
    assert_text("**strong** `code`\n", 80, true, "\033[1mstrong\033[0m \033[36mcode\033[0m\n");
    assert_text("2 * 3 * 4, `open, [x] y](, \\*\n", 80, false, "2 * 3 * 4, `open, [x] y](, *\n");
}

static void test_counts_columns_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(prose_columns("\u2014\u00e9", strlen("\u2014\u00e9")), 2);
    assert_int_equal(prose_columns("\033[1mab\033[0m", 10), 2);
    assert_text("\u2014\u2014\u2014 \u2014\u2014\u2014 \u2014\n", 7, false,
                "\u2014\u2014\u2014 \u2014\u2014\u2014\n\u2014\n");
}

static void test_no_text_is_too_odd(void **state)
{
    (void)state;
    static const char odd[] =
        "# \n#\n##x\n- \n-\n1.\n> \n>\n|\n```\n``\n```` \n[](\n[]()\n**\n****\n*\n`\n``\n\\\n  - a\n\n\n\n   b\n```\n";
    for (size_t n = 0; n < sizeof odd; n++)
        for (int width = 1; width < 12; width++) {
            autofree char *text = xstrndup(odd, n);
            struct buf out = {0};
            prose_add(&out, text, &(struct prose){.width = width, .colour = n % 2});
            buf_free(&out);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joins_and_wraps_paragraphs),
        cmocka_unit_test(test_underlines_headings_where_there_is_no_weight),
        cmocka_unit_test(test_hangs_the_lines_of_lists),
        cmocka_unit_test(test_leaves_code_and_tables_as_they_are),
        cmocka_unit_test(test_shows_emphasis_code_and_links),
        cmocka_unit_test(test_counts_columns_not_bytes),
        cmocka_unit_test(test_no_text_is_too_odd),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
