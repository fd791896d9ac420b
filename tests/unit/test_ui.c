/* Drawing into cells: clipping, wide and combining characters, cutting, the line being typed. */
#include "cmocka_all.h"

#include "base/buf.h"
#include "base/escape.h"
#include "ui/cell.h"
#include "ui/lineedit.h"
#include "ui/theme.h"

#include <locale.h>
#include <string.h>

/* The surface as text, a line feed after each row. */
static const char *shown(const struct surface *s)
{
    static char text[4096];
    size_t n = 0;

    for (int row = 0; row < s->rows; row++) {
        for (int col = 0; col < s->cols; col++) {
            const struct cell *c = surface_at(s, row, col);
            if (c->width == 0)
                continue;
            n += utf8_encode(c->ch, text + n);
            for (int i = 0; i < CELL_MARKS && c->marks[i]; i++)
                n += utf8_encode(c->marks[i], text + n);
        }
        text[n++] = '\n';
    }
    text[n] = '\0';
    return text;
}

static const struct style plain = {0};

static void nothing_is_drawn_outside_its_area(void **state)
{
    (void)state;
    struct surface *s = surface_new(3, 8);
    struct area a = area_of(s, (struct rect){1, 2, 1, 4});

    draw_text(a, 0, -2, plain, "abcdefghij");
    draw_text(a, 1, 0, plain, "no");
    draw_text(a, -1, 0, plain, "no");
    draw_fill(area_of(s, (struct rect){-5, 6, 100, 100}), (struct rect){0, 0, 100, 100}, plain, '#');
    assert_string_equal(shown(s), "      ##\n  cdef##\n      ##\n");
    surface_free(s);
}

static void a_wide_character_is_never_cut_in_half(void **state)
{
    (void)state;
    struct surface *s = surface_new(1, 5);
    struct area a = area_of(s, (struct rect){0, 0, 1, 5});

    assert_int_equal(draw_text(a, 0, 0, plain, "\xe4\xbd\xa0\xe5\xa5\xbd\xe5\x90\x97"), 4);
    assert_string_equal(shown(s), "\xe4\xbd\xa0\xe5\xa5\xbd \n");
    draw_text(a, 0, 1, plain, "x"); /* over the right half of the first */
    assert_string_equal(shown(s), " x\xe5\xa5\xbd \n");
    draw_text(a, 0, 2, plain, "y"); /* over the left half of the second */
    assert_string_equal(shown(s), " xy  \n");
    surface_free(s);
}

static void combining_marks_join_the_character_before(void **state)
{
    (void)state;
    struct surface *s = surface_new(1, 4);
    struct area a = area_of(s, (struct rect){0, 0, 1, 4});

    assert_int_equal(draw_text(a, 0, 0, plain, "e\xcc\x81x"), 2);
    assert_string_equal(shown(s), "e\xcc\x81x  \n");
    assert_int_equal(text_width("e\xcc\x81x\xe4\xbd\xa0"), 4);
    surface_free(s);
}

static void a_text_that_is_too_long_says_so(void **state)
{
    (void)state;
    struct surface *s = surface_new(1, 8);
    struct area a = area_of(s, (struct rect){0, 0, 1, 8});

    assert_int_equal(draw_text_cut(a, 0, 0, 5, plain, "hello"), 5);
    assert_int_equal(draw_text_cut(a, 0, 0, 5, plain, "hello!"), 5);
    assert_string_equal(shown(s), "hell\xe2\x80\xa6   \n");
    assert_int_equal(draw_text_cut(a, 0, 3, 0, plain, "x"), 3);
    surface_free(s);
}

static void control_bytes_are_shown_and_not_obeyed(void **state)
{
    (void)state;
    struct surface *s = surface_new(1, 6);
    struct area a = area_of(s, (struct rect){0, 0, 1, 6});

    draw_text(a, 0, 0, plain, "a\033[\xff\xc2\x9b");
    assert_string_equal(shown(s), "a\xef\xbf\xbd[\xef\xbf\xbd\xef\xbf\xbd \n");
    surface_free(s);
}

static void a_line_is_edited_by_characters_and_words(void **state)
{
    (void)state;
    struct lineedit e;

    lineedit_set(&e, "caf\xc3\xa9 au lait");
    lineedit_erase(&e, ERASE_WORD);
    assert_string_equal(e.text, "caf\xc3\xa9 au ");
    lineedit_move(&e, LINE_WORD_LEFT);
    lineedit_move(&e, LINE_LEFT);
    lineedit_erase(&e, ERASE_LEFT);
    assert_string_equal(e.text, "caf au ");
    lineedit_insert(&e, "\xc3\xa8\033\x01", 4);
    assert_string_equal(e.text, "caf\xc3\xa8 au ");
    lineedit_erase(&e, ERASE_TO_END);
    assert_string_equal(e.text, "caf\xc3\xa8");
    lineedit_move(&e, LINE_START);
    lineedit_erase(&e, ERASE_LEFT);
    lineedit_erase(&e, ERASE_RIGHT);
    assert_string_equal(e.text, "af\xc3\xa8");
}

static void a_line_is_full_at_its_limit(void **state)
{
    (void)state;
    struct lineedit e;
    char big[400];

    memset(big, 'x', sizeof big);
    lineedit_clear(&e);
    assert_false(lineedit_insert(&e, big, sizeof big));
    assert_int_equal(e.len, 0);
    assert_true(lineedit_insert(&e, big, LINEEDIT_MAX));
    assert_false(lineedit_insert(&e, "y", 1));
}

static void the_cursor_of_a_long_line_stays_in_sight(void **state)
{
    (void)state;
    struct surface *s = surface_new(1, 6);
    struct lineedit e;

    lineedit_set(&e, "abcdefghij");
    lineedit_draw(&e, area_of(s, (struct rect){0, 0, 1, 6}), 0, 1, 4, plain);
    assert_string_equal(shown(s), " hij  \n");
    assert_int_equal(s->cursor_col, 4);
    assert_true(s->cursor_visible);
    surface_free(s);
}

/* Signs and words carry the meaning too, but a theme must not make two things look alike that stand side by
 * side. */
static void every_theme_tells_the_focus(void **state)
{
    (void)state;
    for (const char *const *name = theme_names(); *name; name++) {
        const struct theme *t = theme_find(*name);
        assert_non_null(t);
        struct style focus = theme_style(t, ROLE_BORDER_FOCUS), other = theme_style(t, ROLE_BORDER);
        assert_memory_not_equal(&focus, &other, sizeof focus);
        assert_true(focus.attrs & ATTR_BOLD);
        if (strcmp(*name, "mono") == 0) {
            for (int r = 0; r < ROLE_COUNT_; r++) {
                assert_int_equal(theme_style(t, (enum role)r).fg, COLOR_DEFAULT);
                assert_int_equal(theme_style(t, (enum role)r).bg, COLOR_DEFAULT);
            }
        }
    }
    assert_null(theme_find("neon"));
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_drawn_outside_its_area),
        cmocka_unit_test(a_wide_character_is_never_cut_in_half),
        cmocka_unit_test(combining_marks_join_the_character_before),
        cmocka_unit_test(a_text_that_is_too_long_says_so),
        cmocka_unit_test(control_bytes_are_shown_and_not_obeyed),
        cmocka_unit_test(a_line_is_edited_by_characters_and_words),
        cmocka_unit_test(a_line_is_full_at_its_limit),
        cmocka_unit_test(the_cursor_of_a_long_line_stays_in_sight),
        cmocka_unit_test(every_theme_tells_the_focus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
