/* What brings libvterm 0.1.4 down, each by name, then noise. Meant to run under ASan and UBSan. */
#include "vt_screen.h"

static void more_than_sixteen_parameters(void **state)
{
    struct screen *s = screen_new(4, 10, 10);
    (void)state;
    feed(s, "\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17m");
    feed(s, "\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17H");
    feed(s, "\033[38:2:59:66:97;48:2:36:40:59;58:2:224:175:104;4:3mok");
    screen_is(s, "ok");
    screen_free(s);
}

static void repeating_before_any_character(void **state)
{
    struct screen *s = screen_new(4, 10, 10);
    (void)state;
    feed(s, "\033[b\033[65535b\xcc\x81\033[b\xe2\x80\x8b\033[3bok");
    screen_is(s, "ok");
    screen_free(s);
}

static void repeating_a_character(void **state)
{
    struct screen *s = screen_new(2, 10, 10);
    (void)state;
    feed(s, "a\033[3b\xe4\xbd\xa0\033[2b");
    screen_is(s, "aaaa\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0");
    feed(s, "\033[65535b");
    screen_free(s);
}

static void interrupted_utf8(void **state)
{
    struct screen *s = screen_new(4, 10, 10);
    (void)state;
    feed(s, "\xe4(\xe4\xbd(\xf0\x9f\x98\xf0\x9f(\xc3");
    feed(s, "\xc3");
    feed(s, "(");
    screen_is(s, "\xef\xbf\xbd(\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd(");
    for (int i = 0; i < 5000; i++)
        feed(s, "\xf0\x9f\xf0");
    screen_free(s);
}

static void shrinking_with_text_below_the_cursor(void **state)
{
    struct screen *s = screen_new(10, 10, 10);
    (void)state;
    feed(s, "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n10\033[1;1H");
    terminal_resize(s->t, 2, 10, NULL, 0);
    feed(s, "x\033[Ay\033[Bz");
    cursor_is(s, 1, 3);
    screen_free(s);
}

static void a_scroll_region_below_the_new_screen(void **state)
{
    struct screen *s = screen_new(20, 10, 10);
    (void)state;
    feed(s, "\033[15;18r\033[18;1H");
    terminal_resize(s->t, 5, 10, NULL, 0);
    feed(s, "\n\n\n\033[L\033[M\033[5T\033[5Sx");
    screen_free(s);
}

static void restoring_a_cursor_from_before_the_screen_shrank(void **state)
{
    struct screen *s = screen_new(20, 60, 10);
    (void)state;
    feed(s, "\033[20;60H\0337\033[?1048h\033[s");
    terminal_resize(s->t, 3, 5, NULL, 0);
    feed(s, "\0338x\033[?1048lx\033[ux\033#8\0338x\xe4\xbd\xa0");
    struct terminal_cursor c = terminal_cursor(s->t);
    assert_true(c.at.line < terminal_end_line(s->t) && c.at.col < 5);
    screen_free(s);
}

static void a_wide_character_on_the_narrowest_screen(void **state)
{
    struct screen *s = screen_new(1, 1, 10);
    (void)state;
    assert_int_equal(terminal_rows(s->t), TERMINAL_MIN_ROWS);
    assert_int_equal(terminal_cols(s->t), TERMINAL_MIN_COLS);
    feed(s, "a\xe4\xbd\xa0\xe4\xbd\xa0\033[?7lb\xe4\xbd\xa0\033[1;2H\xe4\xbd\xa0");
    terminal_resize(s->t, 0, -5, NULL, 0);
    terminal_resize(s->t, 100000, 100000, NULL, 0);
    assert_int_equal(terminal_cols(s->t), TERMINAL_MAX_COLS);
    screen_free(s);
}

static void margins_left_and_right(void **state)
{
    struct screen *s = screen_new(10, 40, 10);
    (void)state;
    feed(s, "\033[?69h\033[10;35sx");
    terminal_resize(s->t, 10, 5, NULL, 0);
    feed(s, "\033[5@\033[5P\033[5L\033['}\033['~\033[5S");
    screen_free(s);
}

static void status_questions_with_a_broken_answer(void **state)
{
    struct screen *s = screen_new(4, 10, 10);
    (void)state;
    feed(s, "\033P$qwhat is this\033\\");
    output_is(s, "\\eP0$r\\e\\\\");
    feed(s, "\033P$qm\033\\");
    output_is(s, "\\eP0$r\\e\\\\");
    screen_free(s);
}

static void eight_bit_controls_are_never_turned_on(void **state)
{
    struct screen *s = screen_new(4, 10, 10);
    (void)state;
    feed(s, "\033 G\033[c");
    output_is(s, "\\e[?1;2c");
    screen_free(s);
}

static void a_mouse_nobody_asked_for(void **state)
{
    struct screen *s = screen_new(4, 10, 10);
    (void)state;
    feed(s, "\033[?1000h\033c");
    terminal_mouse(
        s->t, &(struct terminal_mouse){.kind = TMOUSE_PRESS, .button = TBUTTON_LEFT, .row = 1, .col = 1});
    output_is(s, "");
    screen_free(s);
}

static void printing_at_the_top_after_a_region_of_one_line_has_scrolled(void **state)
{
    struct screen *s = screen_new(2, 2, 10);
    (void)state;
    feed(s, "\033[;1rab\036c\033[1;1Hd\033M");
    feed(s, "abcdef");
    screen_free(s);
}

/* libvterm's buffer of combining characters grows without end, and is searched from its start each time. */
static void a_flood_of_combining_characters(void **state)
{
    struct screen *s = screen_new(4, 10, 10);
    struct buf flood = {0};
    (void)state;
    for (int i = 0; i < 200000; i++)
        buf_addstr(&flood, "\xcc\x81");
    feed(s, "e");
    terminal_feed(s->t, flood.data, flood.len);
    screen_is(s, "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
    buf_free(&flood);
    screen_free(s);
}

/* More different combinations than there are numbers for. */
static void more_combinations_than_can_be_kept(void **state)
{
    struct screen *s = screen_new(4, 10, 0);
    (void)state;
    for (unsigned i = 0; i < 90000; i++) {
        char text[16];
        size_t n = 0;
        n += utf8_encode('a' + i % 26, text + n);
        for (unsigned k = i / 26; k; k /= 100)
            n += utf8_encode(0x300 + k % 100, text + n);
        terminal_feed(s->t, text, n);
    }
    screen_free(s);
}

static void more_links_than_can_be_kept(void **state)
{
    struct screen *s = screen_new(4, 10, 100);
    (void)state;
    for (int i = 0; i < 150000; i++) {
        char text[64];
        snprintf(text, sizeof text, "\r\033]8;;http://x/%d\007x\033]8;;\007", i);
        feed(s, text);
    }
    const char *uri = terminal_link(s->t, (struct terminal_pos){0, 0});
    assert_string_equal(uri, "http://x/149999");
    screen_free(s);
}

static void a_line_without_an_end(void **state)
{
    struct screen *s = screen_new(24, 80, 1000);
    struct buf text = {0};
    (void)state;
    for (int i = 0; i < 1 << 20; i++)
        buf_addch(&text, (char)('a' + i % 26));
    terminal_feed(s->t, text.data, text.len);
    for (int cols = 80; cols > 2; cols -= 13)
        terminal_resize(s->t, 24, cols, NULL, 0);
    terminal_resize(s->t, 24, 80, NULL, 0);
    struct terminal_match m;
    assert_false(terminal_search(s->t, "ba", (struct terminal_pos){0, 0}, false, &m));
    buf_free(&text);
    screen_free(s);
}

/* ---- Noise: LUX_TORTURE times as long as usual, with other numbers each time ---- */

static uint64_t rounds(void)
{
    const char *wanted = getenv("LUX_TORTURE");
    return wanted ? strtoull(wanted, NULL, 10) : 1;
}

static unsigned next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33);
}

/* Everything that can be asked of a terminal, so that whatever is broken inside shows. */
static void look_at_everything(const struct screen *s)
{
    struct surface *surface = surface_new(12, 30);
    struct terminal_selection sel = {SELECT_BLOCK, {0, 1}, {5, 20}};
    struct terminal_view v = {.top = TERMINAL_FOLLOW, .selection = &sel, .search = "a"};
    struct terminal_cursor c = terminal_cursor(s->t);
    struct buf text = {0};
    struct terminal_match m;

    assert_true(c.at.line >= terminal_screen_line(s->t) && c.at.line < terminal_end_line(s->t));
    assert_true(c.at.col >= 0 && c.at.col < terminal_cols(s->t));
    terminal_draw(s->t, area_of(surface, (struct rect){0, 0, 12, 30}), &v);
    terminal_selection_text(s->t, &(struct terminal_selection){SELECT_LINES, {0, 0}, {c.at.line, 3}}, &text);
    terminal_search(s->t, "x y", c.at, true, &m);
    for (int i = 0; i < MOTION_COUNT_; i++)
        terminal_move(s->t, c.at, (enum terminal_motion)i);
    buf_free(&text);
    surface_free(surface);
}

static void a_mebibyte_of_random_bytes(void **state)
{
    struct screen *s = screen_new(12, 30, 100);
    uint64_t seed = 1;

    (void)state;
    for (uint64_t i = 0; i < 256 * rounds(); i++) {
        uint8_t bytes[4096];
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)next_random(&seed);
        terminal_feed(s->t, bytes, sizeof bytes);
        look_at_everything(s);
    }
    screen_free(s);
}

/* Random sequences hit more than random bytes. */
static void add_sequence(struct buf *b, uint64_t *seed)
{
    static const char *const parts[] = {
        "\033[",        "\033[?",   "\033]",     "\033]8;;",  "\033P",       "\033(0",
        "\033(B",       "\0337",    "\0338",     "\033M",     "\033D",       "\033c",
        "\033#8",       "\033\\",   "\007",      "\r\n",      "\n",          "\t",
        "\xe4\xbd\xa0", "\xcc\x81", "hello ",    "x",         "\033[?1049h", "\033[?1049l",
        "\033[?2026h",  "\033[?6h", "\033[4h",   "\033[!p",   "\033[2J",     "\033[3J",
        "\033[;5r",     "\033[b",   "\033[1\"q", "\033[?47h", "\033[?7l",    "\033[41m",
    };
    static const char finals[] = "@ABCDEFGHIJKLMPSTXZ`abcdefghlmnrstu";

    buf_addstr(b, parts[next_random(seed) % (sizeof parts / sizeof *parts)]);
    if (next_random(seed) % 2) {
        buf_addstr(b, "\033[");
        for (unsigned n = next_random(seed) % 4; n > 0; n--)
            buf_printf(b, "%u;", next_random(seed) % (next_random(seed) % 8 ? 20 : 70000));
        buf_printf(b, "%u%c", next_random(seed) % 12, finals[next_random(seed) % (sizeof finals - 1)]);
    }
}

static void random_sequences_in_a_storm_of_resizes(void **state)
{
    struct screen *s = screen_new(12, 30, 50);
    uint64_t seed = 2;

    (void)state;
    for (uint64_t i = 0; i < 1000 * rounds(); i++) {
        struct buf b = {0};
        for (int k = 0; k < 60; k++)
            add_sequence(&b, &seed);
        terminal_feed(s->t, b.data, b.len);
        buf_free(&b);
        struct terminal_pos keep[] = {{terminal_first_line(s->t), terminal_cols(s->t) - 1},
                                      {terminal_end_line(s->t) - 1, 0}};
        int rows = 1 + (int)(next_random(&seed) % 30), cols = 1 + (int)(next_random(&seed) % 60);
        terminal_resize(s->t, rows, cols, keep, 2);
        for (int k = 0; k < 2; k++) {
            assert_true(keep[k].col >= 0 && keep[k].col < terminal_cols(s->t));
            assert_true(keep[k].line < terminal_end_line(s->t));
        }
        look_at_everything(s);
    }
    screen_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_sixteen_parameters),
        cmocka_unit_test(repeating_before_any_character),
        cmocka_unit_test(repeating_a_character),
        cmocka_unit_test(interrupted_utf8),
        cmocka_unit_test(shrinking_with_text_below_the_cursor),
        cmocka_unit_test(a_scroll_region_below_the_new_screen),
        cmocka_unit_test(restoring_a_cursor_from_before_the_screen_shrank),
        cmocka_unit_test(a_wide_character_on_the_narrowest_screen),
        cmocka_unit_test(margins_left_and_right),
        cmocka_unit_test(status_questions_with_a_broken_answer),
        cmocka_unit_test(eight_bit_controls_are_never_turned_on),
        cmocka_unit_test(a_mouse_nobody_asked_for),
        cmocka_unit_test(printing_at_the_top_after_a_region_of_one_line_has_scrolled),
        cmocka_unit_test(a_flood_of_combining_characters),
        cmocka_unit_test(more_combinations_than_can_be_kept),
        cmocka_unit_test(more_links_than_can_be_kept),
        cmocka_unit_test(a_line_without_an_end),
        cmocka_unit_test(a_mebibyte_of_random_bytes),
        cmocka_unit_test(random_sequences_in_a_storm_of_resizes),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
