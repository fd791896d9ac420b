/* What the screen shows for what a program writes. */
#include "vt_screen.h"

#include <wchar.h>

#define WITH_SCREEN(s, rows, cols) struct screen *s = screen_new(rows, cols, 100)

static void text_wraps_and_scrolls(void **state)
{
    WITH_SCREEN(s, 3, 5);
    (void)state;
    feed(s, "abcdefg\r\nhi\r\njk");
    all_is(s, "abcde\nfg\nhi\njk");
    screen_is(s, "fg\nhi\njk");
    cursor_is(s, 2, 2);
    assert_true(terminal_line_wrapped(s->t, 0));
    assert_false(terminal_line_wrapped(s->t, 1));
    screen_free(s);
}

static void a_full_line_followed_by_a_line_end_is_not_wrapped(void **state)
{
    WITH_SCREEN(s, 4, 4);
    (void)state;
    feed(s, "abcd\r\nef\033[3;4Hx\033[4;1Hy");
    screen_is(s, "abcd\nef\n   x\ny");
    for (int i = 0; i < 4; i++)
        assert_false(terminal_line_wrapped(s->t, i));
    screen_free(s);
}

static void wrapping_is_seen_across_chunks_and_at_the_bottom(void **state)
{
    WITH_SCREEN(s, 2, 4);
    (void)state;
    feed(s, "\r\nabcd");
    feed(s, "e");
    feed(s, "f");
    all_is(s, "\nabcd\nef");
    assert_true(terminal_line_wrapped(s->t, 1));
    screen_free(s);
}

static void wide_characters_take_two_columns_and_never_lie_across_the_edge(void **state)
{
    WITH_SCREEN(s, 3, 5);
    (void)state;
    feed(s, "ab\xe4\xbd\xa0\xe5\xa5\xbd"
            "c");
    screen_is(s, "ab\xe4\xbd\xa0\n\xe5\xa5\xbd"
                 "c");
    assert_int_equal(cell_at(s, 0, 2).width, 2);
    assert_int_equal(cell_at(s, 0, 3).width, 0);
    assert_true(terminal_line_wrapped(s->t, 0));
    screen_free(s);
}

/* Programs place their cursor by the C library's widths, so a difference would garble their screens. */
static void widths_are_those_of_the_c_library(void **state)
{
    WITH_SCREEN(s, 2, 8);
    (void)state;
    unsigned differences = 0;
    for (unsigned cp = 0xa0; cp < 0x110000; cp++) {
        char text[8] = "\r";
        if (cp >= 0xd800 && cp < 0xe000)
            continue;
        terminal_feed(s->t, text, 1 + utf8_encode(cp, text + 1));
        int width = wcwidth((wchar_t)cp);
        differences += width >= 0 && terminal_cursor(s->t).at.col != width;
    }
    assert_in_range(differences, 0, 20);
    feed(s, "\r\033[K\xf0\x9f\xa7\xaax");
    screen_is(s, "\xf0\x9f\xa7\xaax");
    cursor_is(s, 0, 3);
    screen_free(s);
}

static void half_a_wide_character_is_no_character(void **state)
{
    WITH_SCREEN(s, 2, 8);
    (void)state;
    feed(s, "\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0\033[1;2Hx");
    screen_is(s, " x\xe4\xbd\xa0\xe4\xbd\xa0");
    feed(s, "\033[1;3Hy");
    screen_is(s, " xy \xe4\xbd\xa0");
    feed(s, "\033[1;6H\033[K");
    screen_is(s, " xy");
    feed(s, "\r\xe4\xbd\xa0"
            "abc\033[1;2H\033[P");
    screen_is(s, " abc");
    feed(s, "\r\033[Ka\xe4\xbd\xa0"
            "bc\033[1;3H\033[@");
    screen_is(s, "a   bc");
    screen_free(s);
}

static void combining_characters_join_the_one_before(void **state)
{
    WITH_SCREEN(s, 2, 4);
    (void)state;
    feed(s, "e");
    feed(s, "\xcc\x81");
    feed(s, "abc\xcc\x81\xcc\xa3");
    screen_is(s, "e\xcc\x81"
                 "abc\xcc\x81\xcc\xa3");
    struct cell c = cell_at(s, 0, 3);
    assert_int_equal(c.ch, 'c');
    assert_int_equal(c.marks[0], 0x301);
    assert_int_equal(c.marks[1], 0x323);
    feed(s, "\033[2;3Hz\033[2;4H\xcc\x81");
    screen_is(s, "e\xcc\x81"
                 "abc\xcc\x81\xcc\xa3\n  z\xcc\x81");
    screen_free(s);
}

static void joiners_are_kept_but_not_drawn(void **state)
{
    WITH_SCREEN(s, 2, 8);
    (void)state;
    feed(s, "a\xe2\x80\x8d"
            "b\xef\xb8\x8f");
    screen_is(s, "a\xe2\x80\x8d"
                 "b\xef\xb8\x8f");
    assert_int_equal(cell_at(s, 0, 0).marks[0], 0);
    assert_int_equal(cell_at(s, 0, 1).marks[0], 0);
    screen_free(s);
}

static void attributes_and_colours_reach_the_cells(void **state)
{
    static const struct {
        const char *sgr;
        struct style style;
    } cases[] = {
        {"0", {0}},
        {"1", {.attrs = ATTR_BOLD}},
        {"2", {.attrs = ATTR_DIM}},
        {"3", {.attrs = ATTR_ITALIC}},
        {"4", {.attrs = ATTR_UNDERLINE}},
        {"4:3", {.attrs = ATTR_UNDERLINE}},
        {"5", {.attrs = ATTR_BLINK}},
        {"7", {.attrs = ATTR_REVERSE}},
        {"9", {.attrs = ATTR_STRIKE}},
        {"1;2;3;4;7", {.attrs = ATTR_BOLD | ATTR_DIM | ATTR_ITALIC | ATTR_UNDERLINE | ATTR_REVERSE}},
        {"1;2;22", {0}},
        {"31;44", {.fg = COLOR_INDEX(1), .bg = COLOR_INDEX(4)}},
        {"91;104", {.fg = COLOR_INDEX(9), .bg = COLOR_INDEX(12)}},
        {"38;5;200;48;5;20", {.fg = COLOR_INDEX(200), .bg = COLOR_INDEX(20)}},
        {"38;2;1;2;3", {.fg = COLOR_RGB(1, 2, 3)}},
        {"38:2::1:2:3", {.fg = COLOR_RGB(1, 2, 3)}},
        {"31;39;1", {.attrs = ATTR_BOLD}},
        {"1;58;2;0;0;0", {.attrs = ATTR_BOLD}}, /* an underline's colour resets nothing */
        {"38:2:59:66:97;48:2:36:40:59;58:2:224:175:104;4:3",
         {.fg = COLOR_RGB(59, 66, 97), .bg = COLOR_RGB(36, 40, 59), .attrs = ATTR_UNDERLINE}},
    };
    WITH_SCREEN(s, 2, 4);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        snprintf(text, sizeof text, "\033[m\r\033[%smx", cases[i].sgr);
        feed(s, text);
        struct style got = cell_at(s, 0, 0).style;
        if (got.fg != cases[i].style.fg || got.bg != cases[i].style.bg || got.attrs != cases[i].style.attrs)
            fail_msg("SGR %s: fg %x bg %x attrs %x", cases[i].sgr, got.fg, got.bg, got.attrs);
    }
    screen_free(s);
}

static void concealed_text_is_there_but_not_shown(void **state)
{
    WITH_SCREEN(s, 2, 8);
    (void)state;
    feed(s, "\033[8msecret\033[28m.");
    screen_is(s, "secret.");
    assert_int_equal(cell_at(s, 0, 0).ch, ' ');
    assert_int_equal(cell_at(s, 0, 6).ch, '.');
    screen_free(s);
}

static void erasing_takes_the_background_colour(void **state)
{
    WITH_SCREEN(s, 3, 4);
    (void)state;
    feed(s, "\033[41m\033[2J\033[m\033[1;1Habc\r\n\033[42m\033[K\n\n");
    assert_int_equal(cell_at(s, 0, 3).style.bg, COLOR_INDEX(2)); /* has scrolled up */
    assert_int_equal(cell_at(s, 1, 3).style.bg, COLOR_INDEX(1));
    assert_int_equal(cell_at(s, 2, 0).style.bg, COLOR_INDEX(2));
    screen_free(s);
}

static void scroll_regions_scroll_alone(void **state)
{
    WITH_SCREEN(s, 5, 4);
    (void)state;
    feed(s, "1\r\n2\r\n3\r\n4\r\n5\033[2;4r\033[4;1H\n\nx");
    screen_is(s, "1\n4\n\nx\n5");
    feed(s, "\033[2;1H\033M");
    screen_is(s, "1\n\n4\n\n5");
    feed(s, "\033[2;1H\033[2M");
    screen_is(s, "1\n\n\n\n5");
    assert_int_equal(terminal_first_line(s->t), terminal_screen_line(s->t));
    feed(s, "\033[1;3r\033[3;1H\n");
    all_is(s, "1\n\n\n\n\n5"); /* a region at the top goes into the history */
    screen_free(s);
}

static void characters_and_lines_are_inserted_and_deleted(void **state)
{
    WITH_SCREEN(s, 4, 6);
    (void)state;
    feed(s, "abcdef\033[1;2H\033[2@");
    screen_is(s, "a  bcd");
    feed(s, "\033[3P");
    screen_is(s, "acd");
    feed(s, "\033[4hXY\033[4l");
    screen_is(s, "aXYcd");
    feed(s, "\033[1;2H\033[2X");
    screen_is(s, "a  cd");
    feed(s, "\r\033[L2");
    screen_is(s, "2\na  cd");
    feed(s, "\033[M");
    screen_is(s, "a  cd");
    screen_free(s);
}

static void origin_mode_counts_from_the_region(void **state)
{
    WITH_SCREEN(s, 5, 6);
    (void)state;
    feed(s, "\033[2;4r\033[?6h\033[1;1Ha\033[99;1Hb\0337\033[?6l\033[1;1Hc\0338d");
    screen_is(s, "c\na\n\nbd");
    screen_free(s);
}

static void the_cursor_is_saved_with_pen_and_character_set(void **state)
{
    WITH_SCREEN(s, 4, 8);
    (void)state;
    feed(s, "\033[2;3H\033[1;31;2m\033(0\0337\033[m\033(B\033[1;1Hq\0338qx\033(Bq");
    screen_is(s, "q\n  \xe2\x94\x80\xe2\x94\x82q");
    struct style st = cell_at(s, 1, 2).style;
    assert_int_equal(st.fg, COLOR_INDEX(1));
    assert_int_equal(st.attrs, ATTR_BOLD | ATTR_DIM);
    assert_int_equal(cell_at(s, 0, 0).style.attrs, 0);
    screen_free(s);
}

static void restoring_does_not_show_a_hidden_cursor(void **state)
{
    WITH_SCREEN(s, 2, 4);
    (void)state;
    feed(s, "\0337\033[?25l\0338");
    assert_false(terminal_cursor(s->t).visible);
    feed(s, "\033[?25h");
    assert_true(terminal_cursor(s->t).visible);
    screen_free(s);
}

static void the_cursor_takes_the_shape_that_was_asked_for(void **state)
{
    WITH_SCREEN(s, 2, 4);
    (void)state;
    assert_int_equal(terminal_cursor(s->t).shape, CURSOR_BLOCK);
    feed(s, "\033[4 q");
    assert_int_equal(terminal_cursor(s->t).shape, CURSOR_UNDERLINE);
    assert_false(terminal_cursor(s->t).blink);
    feed(s, "\033[5 q");
    assert_int_equal(terminal_cursor(s->t).shape, CURSOR_BAR);
    assert_true(terminal_cursor(s->t).blink);
    feed(s, "\033[0 q");
    assert_int_equal(terminal_cursor(s->t).shape, CURSOR_BLOCK);
    screen_free(s);
}

static void the_alternate_screen_leaves_the_primary_one_alone(void **state)
{
    WITH_SCREEN(s, 3, 6);
    (void)state;
    feed(s, "1\r\n2\r\n3\r\n4\033[2;2H\033[1m");
    feed(s, "\033[?1049h\033[m\033[H\033[2Jvim\r\n\n\n\n");
    screen_is(s, "");
    assert_true(terminal_modes(s->t).alternate);
    assert_int_equal(terminal_first_line(s->t), terminal_screen_line(s->t));
    feed(s, "\0337\033[1;1H\033[?1049l");
    assert_false(terminal_modes(s->t).alternate);
    all_is(s, "1\n2\n3\n4");
    cursor_is(s, 1, 1);
    feed(s, "x");
    assert_int_equal(cell_at(s, 1, 1).style.attrs, ATTR_BOLD);
    screen_free(s);
}

static void each_screen_has_its_own_saved_cursor(void **state)
{
    WITH_SCREEN(s, 4, 8);
    (void)state;
    feed(s, "\033[2;5H\033[?1049h\033[4;4H\0337\033[1;1H\0338");
    cursor_is(s, 3, 3);
    feed(s, "\033[?1049l");
    cursor_is(s, 1, 4);
    screen_free(s);
}

static void modes_are_told(void **state)
{
    WITH_SCREEN(s, 2, 4);
    (void)state;
    feed(s, "\033[?1;1000;1006;1004;2004h\033=");
    struct terminal_modes m = terminal_modes(s->t);
    assert_true(m.mouse && m.focus && m.bracketed_paste && m.application_cursor && m.application_keypad);
    feed(s, "\033[?1;1000;1006;1004;2004l\033>");
    m = terminal_modes(s->t);
    assert_false(m.mouse || m.focus || m.bracketed_paste || m.application_cursor || m.application_keypad);
    screen_free(s);
}

static void a_reset_brings_back_the_beginning(void **state)
{
    WITH_SCREEN(s, 3, 6);
    (void)state;
    feed(s, "\033[1;31m1\r\n2\r\n3\r\n4\033[?25l\033[?2004h\033[?1049hx\033[2;3r\033]2;t\007\033c");
    all_is(s, "");
    cursor_is(s, 0, 0);
    assert_true(terminal_cursor(s->t).visible);
    assert_false(terminal_modes(s->t).bracketed_paste);
    assert_false(terminal_modes(s->t).alternate);
    feed(s, "x");
    assert_int_equal(cell_at(s, 0, 0).style.attrs, 0);
    assert_int_equal(cell_at(s, 0, 0).style.fg, COLOR_DEFAULT);
    screen_free(s);
}

static void a_soft_reset_keeps_the_text(void **state)
{
    WITH_SCREEN(s, 4, 6);
    (void)state;
    feed(s, "ab\r\ncd\033[2;3r\033[3;2H\033[1m\033[?6h\033[4h\033[?25l\033(0\033[2;2H\033[!p");
    screen_is(s, "ab\ncd");
    cursor_is(s, 2, 1);
    assert_true(terminal_cursor(s->t).visible);
    feed(s, "q\033[4;1H\n");
    screen_is(s, "cd\n q");
    screen_free(s);
}

static void erasing_can_spare_protected_cells(void **state)
{
    WITH_SCREEN(s, 2, 8);
    (void)state;
    feed(s, "ab\033[1\"qcd\033[0\"qef\033[1;1H\033[?2J");
    screen_is(s, "  cd");
    screen_free(s);
}

static void tabs_can_be_set_and_cleared(void **state)
{
    WITH_SCREEN(s, 2, 20);
    (void)state;
    feed(s, "\033[3g\033[1;4H\033H\r\tx\033[Iy\033[Zz");
    cursor_is(s, 0, 4);
    screen_free(s);
}

static void decaln_fills_the_screen(void **state)
{
    WITH_SCREEN(s, 2, 3);
    (void)state;
    feed(s, "\033#8");
    screen_is(s, "EEE\nEEE");
    assert_false(terminal_line_wrapped(s->t, 0));
    screen_free(s);
}

static void titles_directories_and_the_bell_are_told(void **state)
{
    WITH_SCREEN(s, 2, 8);
    (void)state;
    feed(s, "\033]0;one");
    feed(s, " two\007\007\007");
    assert_string_equal(buf_str(&s->title), "one two");
    assert_string_equal(terminal_title(s->t), "one two");
    assert_int_equal(s->bells, 2);
    feed(s, "\033]7;file:///home/x%20y\033\\");
    assert_string_equal(buf_str(&s->directory), "/home/x y");
    feed(s, "\033]7;file://some-other-machine/root\007");
    assert_string_equal(terminal_directory(s->t), "/home/x y");
    screen_free(s);
}

static void a_long_title_in_many_pieces_arrives_whole(void **state)
{
    WITH_SCREEN(s, 2, 8);
    char title[201];
    (void)state;
    memset(title, 'x', 200);
    title[200] = '\0';
    feed(s, "\033]2;");
    for (int i = 0; i < 200; i++)
        terminal_feed(s->t, title + i, 1);
    feed(s, "\033");
    feed(s, "\\");
    assert_string_equal(buf_str(&s->title), title);
    screen_free(s);
}

static void the_clipboard_can_be_written_and_never_read(void **state)
{
    WITH_SCREEN(s, 2, 8);
    (void)state;
    feed(s, "\033]52;c;aGVsbG8gd29ybGQ=\007\033]52;c;?\007");
    assert_string_equal(buf_str(&s->clipboard), "hello world");
    output_is(s, "");
    screen_free(s);
}

static void links_belong_to_their_cells(void **state)
{
    WITH_SCREEN(s, 2, 8);
    (void)state;
    feed(s, "a\033]8;;http://x/\007b\033[1mc\033]8;;\007d");
    assert_null(terminal_link(s->t, (struct terminal_pos){0, 0}));
    assert_string_equal(terminal_link(s->t, (struct terminal_pos){0, 1}), "http://x/");
    assert_string_equal(terminal_link(s->t, (struct terminal_pos){0, 2}), "http://x/");
    assert_null(terminal_link(s->t, (struct terminal_pos){0, 3}));
    screen_free(s);
}

static void questions_are_answered(void **state)
{
    static const struct {
        const char *question, *answer;
    } cases[] = {
        {"\033[2;3H\033[6n", "\\e[2;3R"},
        {"\033[5n", "\\e[0n"},
        {"\033[c", "\\e[?1;2c"},
        {"\033Z", "\\e[?1;2c"},
        {"\033[>c", "\\e[>0;100;0c"},
        {"\033[18t", "\\e[8;4;10t"},
        {"\033[?2004$p", "\\e[?2004;2$y"},
        {"\033[?25$p", "\\e[?25;1$y"},
        {"\033[21t\033[14t\033]11;?\007\033[?u", ""}, /* not told, or not known */
    };
    WITH_SCREEN(s, 4, 10);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        feed(s, cases[i].question);
        output_is(s, cases[i].answer);
    }
    screen_free(s);
}

static void colours_are_told_when_they_are_known(void **state)
{
    WITH_SCREEN(s, 4, 10);
    (void)state;
    feed(s, "\033]10;?\033\\\033]11;?\007");
    output_is(s, "");
    terminal_set_colors(s->t, 0xeeeeec, 0x102030);
    feed(s, "\033]10;?\033\\\033]11;?\007\033]11;#ffffff\007");
    output_is(s, "\\e]10;rgb:eeee/eeee/ecec\\e\\\\\\e]11;rgb:1010/2020/3030\\x07");
    screen_free(s);
}

/* ---- Drawing ---- */

static struct surface *drawn(struct screen *s, int rows, int cols, const struct terminal_view *v)
{
    struct surface *surface = surface_new(rows, cols);
    terminal_draw(s->t, area_of(surface, (struct rect){0, 0, rows, cols}), v);
    return surface;
}

static void surface_is(const struct surface *s, const char *expected)
{
    struct buf got = {0};

    for (int row = 0; row < s->rows; row++) {
        for (int col = 0; col < s->cols; col++) {
            const struct cell *c = surface_at(s, row, col);
            char bytes[4];
            if (c->width > 0)
                buf_add(&got, bytes, utf8_encode(c->ch, bytes));
        }
        buf_addstr(&got, "|");
    }
    assert_string_equal(buf_str(&got), expected);
    buf_free(&got);
}

static void a_view_shows_screen_cursor_and_history(void **state)
{
    WITH_SCREEN(s, 3, 4);
    struct terminal_view v = {.top = TERMINAL_FOLLOW, .focused = true};
    (void)state;
    feed(s, "1\r\n2\r\n3\r\n4\r\n5\xe4\xbd\xa0");
    struct surface *f = drawn(s, 3, 4, &v);
    surface_is(f, "3   |4   |5\xe4\xbd\xa0 |");
    assert_true(f->cursor_visible);
    assert_int_equal(f->cursor_row, 2);
    assert_int_equal(f->cursor_col, 3);
    surface_free(f);
    assert_true(terminal_scroll(s->t, &v, -1));
    v.focused = false;
    f = drawn(s, 3, 5, &v);
    surface_is(f, "2    |3    |4    |");
    assert_false(f->cursor_visible);
    surface_free(f);
    assert_true(terminal_scroll(s->t, &v, -100));
    assert_int_equal(v.top, 0);
    assert_false(terminal_scroll(s->t, &v, -1));
    feed(s, "\r\n6\r\n7"); /* the view stays where it is while output goes on */
    f = drawn(s, 3, 4, &v);
    surface_is(f, "1   |2   |3   |");
    surface_free(f);
    assert_true(terminal_scroll(s->t, &v, 100));
    assert_int_equal(v.top, TERMINAL_FOLLOW);
    f = drawn(s, 2, 4, &v); /* lower than the screen: the part with the cursor */
    surface_is(f, "6   |7   |");
    assert_int_equal(surface_at(f, 1, 1)->style.attrs, ATTR_REVERSE);
    surface_free(f);
    screen_free(s);
}

static void drawing_over_an_older_frame_leaves_nothing_of_it(void **state)
{
    WITH_SCREEN(s, 2, 4);
    struct terminal_view v = {.top = TERMINAL_FOLLOW};
    (void)state;
    struct surface *f = surface_new(1, 6);
    struct area middle = area_of(f, (struct rect){0, 1, 1, 4});
    draw_text(area_of(f, (struct rect){0, 0, 1, 6}), 0, 0, (struct style){0},
              "\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0");
    feed(s, "abcd\033[?25l");
    terminal_draw(s->t, middle, &v);
    surface_is(f, " abcd |");
    feed(s, "\r\xe4\xbd\xa0\xe4\xbd\xa0");
    terminal_draw(s->t, middle, &v);
    surface_is(f, " \xe4\xbd\xa0\xe4\xbd\xa0 |");
    feed(s, "\rabcd");
    terminal_draw(s->t, middle, &v);
    surface_is(f, " abcd |");
    feed(s, "\ra\xe4\xbd\xa0"
            "d");
    terminal_draw(s->t, area_sub(middle, (struct rect){0, 0, 1, 2}), &v);
    surface_is(f, " a cd |");
    surface_free(f);
    screen_free(s);
}

static void a_selection_and_matches_are_marked(void **state)
{
    WITH_SCREEN(s, 3, 6);
    struct terminal_selection sel = {SELECT_CHARS, {1, 2}, {0, 4}};
    struct terminal_view v = {.top = TERMINAL_FOLLOW,
                              .selection = &sel,
                              .selected = {.attrs = ATTR_REVERSE},
                              .search = "ab",
                              .match = {.attrs = ATTR_UNDERLINE}};
    (void)state;
    feed(s, "xxxxxabxxabxAB\033[?25l");
    struct surface *f = drawn(s, 3, 6, &v);
    static const uint16_t expected[3][6] = {
        {0, 0, 0, 0, ATTR_REVERSE, ATTR_UNDERLINE},
        {ATTR_UNDERLINE, ATTR_REVERSE, ATTR_REVERSE, ATTR_UNDERLINE, ATTR_UNDERLINE, 0},
        {ATTR_UNDERLINE, ATTR_UNDERLINE, 0, 0, 0, 0},
    };
    for (int row = 0; row < 3; row++)
        for (int col = 0; col < 6; col++)
            assert_int_equal(surface_at(f, row, col)->style.attrs, expected[row][col]);
    surface_free(f);
    screen_free(s);
}

static void a_synchronised_update_is_shown_at_its_end(void **state)
{
    WITH_SCREEN(s, 2, 4);
    struct terminal_view v = {.top = TERMINAL_FOLLOW};
    (void)state;
    feed(s, "old\033[?2026h\r\033[Knew\n\n\n");
    assert_true(terminal_modes(s->t).synchronised);
    assert_true(terminal_deadline(s->t) > 0);
    struct surface *f = drawn(s, 2, 4, &v);
    surface_is(f, "old |    |");
    surface_free(f);
    feed(s, "\033[?2026l\033[Hdone");
    assert_int_equal(terminal_deadline(s->t), 0);
    f = drawn(s, 2, 4, &v);
    surface_is(f, "done|    |");
    surface_free(f);
    feed(s, "\033[?2026h\033[2J");
    terminal_tick(s->t, terminal_deadline(s->t));
    f = drawn(s, 2, 4, &v);
    surface_is(f, "    |    |");
    surface_free(f);
    screen_free(s);
}

static void a_string_that_never_ends_is_given_up_in_time(void **state)
{
    WITH_SCREEN(s, 2, 8);
    (void)state;
    feed(s, "a\033]0;lost");
    uint64_t at = terminal_deadline(s->t);
    assert_true(at > 0);
    feed(s, "more");
    assert_int_equal(terminal_deadline(s->t), at);
    terminal_tick(s->t, at - 1);
    feed(s, "more");
    terminal_tick(s->t, at);
    feed(s, "b");
    screen_is(s, "ab");
    assert_int_equal(terminal_deadline(s->t), 0);
    screen_free(s);
}

static void reverse_video_swaps_the_whole_screen(void **state)
{
    WITH_SCREEN(s, 2, 4);
    (void)state;
    feed(s, "a\033[7mb\033[?5h");
    assert_int_equal(cell_at(s, 0, 0).style.attrs, ATTR_REVERSE);
    assert_int_equal(cell_at(s, 0, 1).style.attrs, 0);
    screen_free(s);
}

static void without_utf8_everything_is_drawn_in_ascii(void **state)
{
    WITH_SCREEN(s, 2, 8);
    struct terminal_view v = {.top = TERMINAL_FOLLOW};
    (void)state;
    ui_set_unicode(false);
    feed(s, "\033(0qx\033(B\xc3\xbc\xe4\xbd\xa0.\033[?25l");
    struct surface *f = drawn(s, 1, 8, &v);
    surface_is(f, "-|?? .  |");
    surface_free(f);
    ui_set_unicode(true);
    screen_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_wraps_and_scrolls),
        cmocka_unit_test(a_full_line_followed_by_a_line_end_is_not_wrapped),
        cmocka_unit_test(wrapping_is_seen_across_chunks_and_at_the_bottom),
        cmocka_unit_test(wide_characters_take_two_columns_and_never_lie_across_the_edge),
        cmocka_unit_test(widths_are_those_of_the_c_library),
        cmocka_unit_test(half_a_wide_character_is_no_character),
        cmocka_unit_test(combining_characters_join_the_one_before),
        cmocka_unit_test(joiners_are_kept_but_not_drawn),
        cmocka_unit_test(attributes_and_colours_reach_the_cells),
        cmocka_unit_test(concealed_text_is_there_but_not_shown),
        cmocka_unit_test(erasing_takes_the_background_colour),
        cmocka_unit_test(scroll_regions_scroll_alone),
        cmocka_unit_test(characters_and_lines_are_inserted_and_deleted),
        cmocka_unit_test(origin_mode_counts_from_the_region),
        cmocka_unit_test(the_cursor_is_saved_with_pen_and_character_set),
        cmocka_unit_test(restoring_does_not_show_a_hidden_cursor),
        cmocka_unit_test(the_cursor_takes_the_shape_that_was_asked_for),
        cmocka_unit_test(the_alternate_screen_leaves_the_primary_one_alone),
        cmocka_unit_test(each_screen_has_its_own_saved_cursor),
        cmocka_unit_test(modes_are_told),
        cmocka_unit_test(a_reset_brings_back_the_beginning),
        cmocka_unit_test(a_soft_reset_keeps_the_text),
        cmocka_unit_test(erasing_can_spare_protected_cells),
        cmocka_unit_test(tabs_can_be_set_and_cleared),
        cmocka_unit_test(decaln_fills_the_screen),
        cmocka_unit_test(titles_directories_and_the_bell_are_told),
        cmocka_unit_test(a_long_title_in_many_pieces_arrives_whole),
        cmocka_unit_test(the_clipboard_can_be_written_and_never_read),
        cmocka_unit_test(links_belong_to_their_cells),
        cmocka_unit_test(questions_are_answered),
        cmocka_unit_test(colours_are_told_when_they_are_known),
        cmocka_unit_test(a_view_shows_screen_cursor_and_history),
        cmocka_unit_test(drawing_over_an_older_frame_leaves_nothing_of_it),
        cmocka_unit_test(a_selection_and_matches_are_marked),
        cmocka_unit_test(a_synchronised_update_is_shown_at_its_end),
        cmocka_unit_test(a_string_that_never_ends_is_given_up_in_time),
        cmocka_unit_test(reverse_video_swaps_the_whole_screen),
        cmocka_unit_test(without_utf8_everything_is_drawn_in_ascii),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
