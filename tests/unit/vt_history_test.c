/* Scrollback, reflow, selection, search and the motions of copy mode. */
#include "vt_screen.h"

static struct terminal_pos pos(long line, int col)
{
    return (struct terminal_pos){line, col};
}

static void the_history_keeps_so_many_lines_and_no_more(void **state)
{
    struct screen *s = screen_new(2, 8, 3);
    (void)state;
    for (int i = 1; i <= 10; i++) {
        char text[16];
        snprintf(text, sizeof text, "%sline %d", i > 1 ? "\r\n" : "", i);
        feed(s, text);
    }
    all_is(s, "line 6\nline 7\nline 8\nline 9\nline 10");
    assert_int_equal(terminal_first_line(s->t), 5); /* a number stays with its line */
    assert_int_equal(terminal_end_line(s->t), 10);
    screen_free(s);
}

static void a_terminal_without_history_works(void **state)
{
    struct screen *s = screen_new(2, 4, 0);
    (void)state;
    feed(s, "1\r\n2\r\n3\r\n4");
    all_is(s, "3\n4");
    terminal_resize(s->t, 3, 2, NULL, 0);
    feed(s, "567\r\n8");
    all_is(s, "45\n67\n8");
    screen_free(s);
}

static void clear_empties_the_history(void **state)
{
    struct screen *s = screen_new(2, 4, 10);
    (void)state;
    feed(s, "1\r\n2\r\n3\r\n4\033[H\033[2J\033[3J");
    all_is(s, "");
    assert_int_equal(terminal_first_line(s->t), terminal_screen_line(s->t));
    feed(s, "5\r\n6\r\n7");
    all_is(s, "5\n6\n7");
    screen_free(s);
}

/* ---- Reflow ---- */

static void narrower_and_wider_again_changes_nothing(void **state)
{
    static const char *const texts[] = {
        "hello world, this is one long line\r\nshort\r\n\r\nanother that is long enough to wrap",
        "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c wide \xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c",
        "a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh",
        "e\xcc\x81"
        "e\xcc\x81"
        "e\xcc\x81"
        "e\xcc\x81"
        "e\xcc\x81",
        "\033[31mred red red\033[m plain \033[44mblue\033[K\033[m\r\nend",
        "0123456789012345678901234567890123456789\r\nexactly the width, twice",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct screen *s = screen_new(6, 20, 100);
        struct buf before = {0}, after = {0};
        feed(s, texts[i]);
        add_lines(s, terminal_first_line(s->t), terminal_end_line(s->t), &before);
        struct terminal_cursor c = terminal_cursor(s->t);
        long from_end = terminal_end_line(s->t) - c.at.line;
        for (int cols = 2; cols < 60; cols++) {
            terminal_resize(s->t, 6, cols, NULL, 0);
            terminal_resize(s->t, 6, 20, NULL, 0);
            buf_clear(&after);
            add_lines(s, terminal_first_line(s->t), terminal_end_line(s->t), &after);
            assert_string_equal(buf_str(&after), buf_str(&before));
        }
        c = terminal_cursor(s->t);
        assert_true(terminal_end_line(s->t) - c.at.line <= from_end + 6);
        buf_free(&before);
        buf_free(&after);
        screen_free(s);
    }
}

static void lines_are_wrapped_anew_and_the_cursor_goes_with_them(void **state)
{
    struct screen *s = screen_new(4, 8, 100);
    (void)state;
    feed(s, "abcdefghijkl\r\n$ cmd");
    terminal_resize(s->t, 4, 6, NULL, 0);
    screen_is(s, "abcdef\nghijkl\n$ cmd");
    cursor_is(s, 2, 5);
    terminal_resize(s->t, 4, 3, NULL, 0);
    all_is(s, "abc\ndef\nghi\njkl\n$ c\nmd");
    cursor_is(s, 3, 2);
    terminal_resize(s->t, 4, 20, NULL, 0);
    screen_is(s, "abcdefghijkl\n$ cmd");
    cursor_is(s, 1, 5);
    feed(s, "!");
    screen_is(s, "abcdefghijkl\n$ cmd!");
    screen_free(s);
}

static void a_cursor_after_a_line_that_fills_its_row_goes_to_the_next(void **state)
{
    struct screen *s = screen_new(4, 10, 100);
    (void)state;
    feed(s, "$ abcd");
    terminal_resize(s->t, 4, 6, NULL, 0);
    cursor_is(s, 1, 0);
    terminal_resize(s->t, 4, 10, NULL, 0);
    screen_is(s, "$ abcd");
    cursor_is(s, 0, 6);
    screen_free(s);
}

static void a_wide_character_moves_whole_to_the_next_row(void **state)
{
    struct screen *s = screen_new(4, 8, 100);
    (void)state;
    feed(s, "abc\xe4\xbd\xa0\xe5\xa5\xbd");
    terminal_resize(s->t, 4, 4, NULL, 0);
    screen_is(s, "abc\n\xe4\xbd\xa0\xe5\xa5\xbd");
    assert_true(terminal_line_wrapped(s->t, terminal_screen_line(s->t)));
    terminal_resize(s->t, 4, 8, NULL, 0);
    screen_is(s, "abc\xe4\xbd\xa0\xe5\xa5\xbd");
    screen_free(s);
}

static void a_lower_screen_pushes_lines_and_a_higher_one_brings_them_back(void **state)
{
    struct screen *s = screen_new(5, 8, 100);
    (void)state;
    feed(s, "1\r\n2\r\n3\r\n4\r\n5");
    terminal_resize(s->t, 3, 8, NULL, 0);
    screen_is(s, "3\n4\n5");
    all_is(s, "1\n2\n3\n4\n5");
    cursor_is(s, 2, 1);
    terminal_resize(s->t, 5, 8, NULL, 0);
    screen_is(s, "1\n2\n3\n4\n5");
    cursor_is(s, 4, 1);
    screen_free(s);
}

static void blank_rows_below_are_given_up_first(void **state)
{
    struct screen *s = screen_new(5, 8, 100);
    (void)state;
    feed(s, "0\r\n0\r\n0\r\n0\r\n0\r\n0\033[H\033[2J1\r\n2");
    terminal_resize(s->t, 3, 8, NULL, 0);
    screen_is(s, "1\n2");
    cursor_is(s, 1, 1);
    terminal_resize(s->t, 6, 8, NULL, 0); /* what was cleared away does not come back */
    screen_is(s, "1\n2");
    screen_free(s);
}

static void text_below_the_cursor_does_not_push_it_out(void **state)
{
    struct screen *s = screen_new(5, 8, 100);
    (void)state;
    feed(s, "1\r\n2\r\n3\r\n4\r\n5\033[2;1H");
    terminal_resize(s->t, 3, 8, NULL, 0);
    cursor_is(s, 0, 0);
    screen_is(s, "2\n3\n4");
    screen_free(s);
}

static void the_alternate_screen_is_not_reflowed_but_the_primary_one_behind_it_is(void **state)
{
    struct screen *s = screen_new(4, 8, 100);
    (void)state;
    feed(s, "abcdefghijkl\r\n$ \033[?1049h\033[H12345678\r\nx\033[4;8Hy");
    terminal_resize(s->t, 3, 5, NULL, 0);
    screen_is(s, "12345\nx");
    cursor_is(s, 2, 4);
    feed(s, "\033[?1049l");
    screen_is(s, "fghij\nkl\n$");
    all_is(s, "abcde\nfghij\nkl\n$");
    screen_free(s);
}

static void positions_move_with_the_text(void **state)
{
    struct screen *s = screen_new(3, 10, 100);
    struct terminal_pos keep[] = {{0, 7}, {2, 1}, {3, 0}};
    (void)state;
    feed(s, "abcdefghij"
            "klm\r\nx\r\ny\r\nz");
    keep[1] = pos(2, 0);
    terminal_resize(s->t, 3, 5, keep, 3);
    assert_int_equal(keep[0].line, 1);
    assert_int_equal(keep[0].col, 2);
    assert_int_equal(keep[1].line, 3);
    assert_int_equal(keep[2].line, 4);
    terminal_resize(s->t, 3, 10, keep, 3);
    assert_int_equal(keep[0].line, 0);
    assert_int_equal(keep[0].col, 7);
    screen_free(s);
}

static void a_wrapped_row_that_was_erased_is_an_empty_line(void **state)
{
    struct screen *s = screen_new(4, 4, 100);
    (void)state;
    feed(s, "abcdef\033[1;1H\033[?J\033[4;1Hen");
    terminal_resize(s->t, 4, 3, NULL, 0);
    screen_is(s, "\n\n\nen");
    screen_free(s);
}

static void reflow_keeps_within_the_limit_of_the_history(void **state)
{
    struct screen *s = screen_new(2, 40, 5);
    (void)state;
    feed(s, "0123456789012345678901234567890123456789\r\nend");
    terminal_resize(s->t, 2, 4, NULL, 0);
    assert_int_equal(terminal_screen_line(s->t) - terminal_first_line(s->t), 5);
    screen_is(s, "6789\nend");
    screen_free(s);
}

/* ---- Selecting ---- */

static void selected_is(struct screen *s, enum terminal_select_kind kind, struct terminal_pos a,
                        struct terminal_pos b, const char *expected)
{
    struct terminal_selection forwards = {kind, a, b}, backwards = {kind, b, a};
    struct buf got = {0};

    terminal_selection_text(s->t, &forwards, &got);
    assert_string_equal(buf_str(&got), expected);
    buf_clear(&got);
    terminal_selection_text(s->t, &backwards, &got);
    assert_string_equal(buf_str(&got), expected);
    buf_free(&got);
}

static void a_selection_joins_wrapped_lines(void **state)
{
    struct screen *s = screen_new(4, 6, 100);
    (void)state;
    feed(s, "abcdefghij  \r\nk  l  \r\n\xe4\xbd\xa0z");
    selected_is(s, SELECT_CHARS, pos(0, 2), pos(1, 1), "cdefgh");
    selected_is(s, SELECT_CHARS, pos(0, 4), pos(3, 2), "efghij\nk  l\n\xe4\xbd\xa0z");
    selected_is(s, SELECT_CHARS, pos(3, 1), pos(3, 1), "\xe4\xbd\xa0");
    selected_is(s, SELECT_LINES, pos(0, 4), pos(2, 0), "abcdefghij\nk  l\n");
    selected_is(s, SELECT_BLOCK, pos(0, 1), pos(2, 3), "bcd\nhij\n  l");
    screen_free(s);
}

/* ---- Searching ---- */

static void found_at(struct screen *s, const char *text, struct terminal_pos from, bool backwards, long line,
                     int col)
{
    struct terminal_match m;

    assert_true(terminal_search(s->t, text, from, backwards, &m));
    assert_int_equal(m.first.line, line);
    assert_int_equal(m.first.col, col);
}

static void search_finds_text_over_wrapped_lines_in_both_directions(void **state)
{
    struct screen *s = screen_new(2, 6, 100);
    struct terminal_match m;
    (void)state;
    feed(s, "one two three\r\nTwo\r\ntwo");
    found_at(s, "two", pos(0, 0), false, 0, 4);
    assert_true(terminal_search(s->t, "two", pos(0, 0), false, &m));
    assert_int_equal(m.last.line, 1);
    assert_int_equal(m.last.col, 0);
    found_at(s, "two", pos(0, 4), false, 3, 0);
    found_at(s, "two", pos(3, 0), false, 4, 0);
    assert_false(terminal_search(s->t, "two", pos(4, 0), false, &m));
    found_at(s, "two", pos(4, 0), true, 3, 0);
    found_at(s, "two", pos(3, 0), true, 0, 4);
    assert_false(terminal_search(s->t, "two", pos(0, 4), true, &m));
    found_at(s, "Two", pos(0, 0), false, 3, 0); /* a capital means that case matters */
    assert_false(terminal_search(s->t, "", pos(0, 0), false, &m));
    assert_false(terminal_search(s->t, "four", pos(0, 0), false, &m));
    screen_free(s);
}

static void search_knows_letters_beyond_ascii(void **state)
{
    struct screen *s = screen_new(2, 20, 100);
    (void)state;
    feed(s, "x \xc3\x9c"
            "BER \xe4\xbd\xa0\xe5\xa5\xbd");
    found_at(s,
             "\xc3\xbc"
             "ber",
             pos(0, 0), false, 0, 2);
    found_at(s, "\xe5\xa5\xbd", pos(0, 0), false, 0, 9);
    screen_free(s);
}

/* ---- Motions ---- */

static void moves_to(struct screen *s, struct terminal_pos from, enum terminal_motion m, long line, int col)
{
    struct terminal_pos p = terminal_move(s->t, from, m);

    assert_int_equal(p.line, line);
    assert_int_equal(p.col, col);
}

static void motions_are_those_of_vi(void **state)
{
    struct screen *s = screen_new(6, 10, 100);
    (void)state;
    feed(s, "  ab, cd efghij\r\n\r\nlast \xe4\xbd\xa0x");
    moves_to(s, pos(0, 2), MOTION_WORD_NEXT, 0, 4);
    moves_to(s, pos(0, 4), MOTION_WORD_NEXT, 0, 6);
    moves_to(s, pos(0, 6), MOTION_WORD_NEXT, 0, 9);
    moves_to(s, pos(0, 9), MOTION_WORD_NEXT, 3, 0);
    moves_to(s, pos(3, 0), MOTION_WORD_PREVIOUS, 0, 9);
    moves_to(s, pos(0, 6), MOTION_WORD_PREVIOUS, 0, 4);
    moves_to(s, pos(0, 2), MOTION_WORD_END, 0, 3);
    moves_to(s, pos(0, 7), MOTION_WORD_END, 1, 4);
    moves_to(s, pos(1, 3), MOTION_LINE_START, 0, 0);
    moves_to(s, pos(1, 3), MOTION_LINE_TEXT, 0, 2);
    moves_to(s, pos(0, 3), MOTION_LINE_END, 1, 4);
    moves_to(s, pos(3, 0), MOTION_LINE_END, 3, 7);
    moves_to(s, pos(3, 7), MOTION_LEFT, 3, 5);
    moves_to(s, pos(3, 5), MOTION_RIGHT, 3, 7);
    moves_to(s, pos(0, 0), MOTION_LEFT, 0, 0);
    moves_to(s, pos(0, 9), MOTION_RIGHT, 0, 9);
    moves_to(s, pos(0, 5), MOTION_UP, 0, 5);
    moves_to(s, pos(5, 5), MOTION_DOWN, 5, 5);
    moves_to(s, pos(3, 5), MOTION_HISTORY_START, 0, 0);
    moves_to(s, pos(0, 5), MOTION_HISTORY_END, 5, 0);
    moves_to(s, pos(0, 5), MOTION_PARAGRAPH_NEXT, 2, 0);
    moves_to(s, pos(3, 5), MOTION_PARAGRAPH_PREVIOUS, 2, 0);
    screen_free(s);
}

static void every_motion_stays_inside_whatever_the_place(void **state)
{
    struct screen *s = screen_new(3, 5, 4);
    (void)state;
    feed(s, "\xe4\xbd\xa0\xe4\xbd\xa0 a\r\n\r\n  b.c def ghi\r\n\r\n\xe4\xbd\xa0");
    for (int m = 0; m < MOTION_COUNT_; m++) {
        for (long line = -3; line < terminal_end_line(s->t) + 3; line++) {
            for (int col = 0; col < 5; col++) {
                struct terminal_pos p = terminal_move(s->t, pos(line, col), (enum terminal_motion)m);
                assert_true(p.line >= terminal_first_line(s->t) && p.line < terminal_end_line(s->t));
                assert_true(p.col >= 0 && p.col < 5);
            }
        }
    }
    screen_free(s);
}

static void prompts_are_found(void **state)
{
    struct screen *s = screen_new(2, 8, 100);
    (void)state;
    feed(s, "\033]133;A\007$ a\r\nout\r\n\033]133;A\007$ b\r\nout\r\nout");
    assert_int_equal(terminal_prompt(s->t, 4, true), 2);
    assert_int_equal(terminal_prompt(s->t, 2, true), 0);
    assert_int_equal(terminal_prompt(s->t, 0, true), -1);
    assert_int_equal(terminal_prompt(s->t, 0, false), 2);
    screen_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_history_keeps_so_many_lines_and_no_more),
        cmocka_unit_test(a_terminal_without_history_works),
        cmocka_unit_test(clear_empties_the_history),
        cmocka_unit_test(narrower_and_wider_again_changes_nothing),
        cmocka_unit_test(lines_are_wrapped_anew_and_the_cursor_goes_with_them),
        cmocka_unit_test(a_cursor_after_a_line_that_fills_its_row_goes_to_the_next),
        cmocka_unit_test(a_wide_character_moves_whole_to_the_next_row),
        cmocka_unit_test(a_lower_screen_pushes_lines_and_a_higher_one_brings_them_back),
        cmocka_unit_test(blank_rows_below_are_given_up_first),
        cmocka_unit_test(text_below_the_cursor_does_not_push_it_out),
        cmocka_unit_test(the_alternate_screen_is_not_reflowed_but_the_primary_one_behind_it_is),
        cmocka_unit_test(positions_move_with_the_text),
        cmocka_unit_test(a_wrapped_row_that_was_erased_is_an_empty_line),
        cmocka_unit_test(reflow_keeps_within_the_limit_of_the_history),
        cmocka_unit_test(a_selection_joins_wrapped_lines),
        cmocka_unit_test(search_finds_text_over_wrapped_lines_in_both_directions),
        cmocka_unit_test(search_knows_letters_beyond_ascii),
        cmocka_unit_test(motions_are_those_of_vi),
        cmocka_unit_test(every_motion_stays_inside_whatever_the_place),
        cmocka_unit_test(prompts_are_found),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
