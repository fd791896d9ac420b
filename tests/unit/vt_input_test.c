/* Keys, pasted text, mouse and focus as the child gets them. */
#include "vt_screen.h"

static void keys_are_written_as_xterm_does(void **state)
{
    static const struct {
        const char *modes;
        enum terminal_key key;
        unsigned mods;
        const char *bytes;
    } cases[] = {
        {"", TKEY_UP, 0, "\\e[A"},
        {"\033[?1h", TKEY_UP, 0, "\\eOA"},
        {"\033[?1h", TKEY_HOME, 0, "\\eOH"},
        {"", TKEY_END, 0, "\\e[F"},
        {"\033[?1h", TKEY_LEFT, TMOD_CTRL, "\\e[1;5D"},
        {"", TKEY_RIGHT, TMOD_SHIFT | TMOD_ALT, "\\e[1;4C"},
        {"", TKEY_DELETE, 0, "\\e[3~"},
        {"", TKEY_PAGE_UP, TMOD_SHIFT, "\\e[5;2~"},
        {"", TKEY_F1, 0, "\\eOP"},
        {"", TKEY_F4, TMOD_CTRL, "\\e[1;5S"},
        {"", TKEY_F5, 0, "\\e[15~"},
        {"", TKEY_F12, TMOD_SHIFT, "\\e[24;2~"},
        {"", TKEY_BACKTAB, TMOD_SHIFT, "\\e[Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct screen *s = screen_new(4, 10, 0);
        feed(s, cases[i].modes);
        terminal_key(s->t, cases[i].key, cases[i].mods);
        output_is(s, cases[i].bytes);
        screen_free(s);
    }
}

static void bytes_pass_as_they_are(void **state)
{
    struct screen *s = screen_new(4, 10, 0);
    (void)state;
    terminal_send(s->t, "\x00\x1b\t\x7f\xff", 5);
    output_is(s, "\\0\\e\\t\\x7f\\xff");
    screen_free(s);
}

static void pasted_text_is_cleaned(void **state)
{
    static const char text[] = "a\r\nb\nc\td\x1b[201~rm\x03\x7f\xc2\x9b\xc3\xbc";
    struct screen *s = screen_new(4, 10, 0);
    (void)state;
    terminal_paste(s->t, text, sizeof text - 1);
    output_is(s, "a\\rb\\rc\\td[201~rm\xc3\xbc");
    feed(s, "\033[?2004h");
    terminal_paste(s->t, text, sizeof text - 1);
    output_is(s, "\\e[200~a\\nb\\nc\\td[201~rm\xc3\xbc\\e[201~");
    terminal_paste(s->t, "", 0);
    output_is(s, "\\e[200~\\e[201~");
    screen_free(s);
}

static void a_paste_in_parts_is_one_paste(void **state)
{
    static const char text[] = "a\r\nb\xe4\xbd\xa0\xf0\x9f\x98\x80\xc2\x9b\xe4\xbd\r\r\n\xff\xc3";
    struct screen *s = screen_new(4, 10, 0);
    struct buf whole = {0};
    (void)state;
    feed(s, "\033[?2004h");
    terminal_paste(s->t, text, sizeof text - 1);
    escape_bytes(&whole, s->output.data, s->output.len);
    assert_string_equal(buf_str(&whole),
                        "\\e[200~a\\nb\xe4\xbd\xa0\xf0\x9f\x98\x80\\xe4\\xbd\\n\\n\\xff\\xc3\\e[201~");
    buf_clear(&s->output);
    for (size_t split = 0; split < sizeof text; split++) {
        terminal_paste_part(s->t, text, split, false);
        terminal_paste_part(s->t, text + split, sizeof text - 1 - split, true);
        output_is(s, buf_str(&whole));
    }
    for (size_t i = 0; i < sizeof text - 1; i++)
        terminal_paste_part(s->t, text + i, 1, false);
    terminal_paste_part(s->t, NULL, 0, true);
    output_is(s, buf_str(&whole));
    buf_free(&whole);
    screen_free(s);
}

static bool mouse(struct screen *s, enum terminal_mouse_kind kind, enum terminal_button button, int row,
                  int col)
{
    return terminal_mouse(s->t,
                          &(struct terminal_mouse){.kind = kind, .button = button, .row = row, .col = col});
}

static void the_mouse_is_reported_only_when_asked_for(void **state)
{
    struct screen *s = screen_new(5, 10, 0);
    (void)state;
    assert_false(mouse(s, TMOUSE_PRESS, TBUTTON_LEFT, 1, 2));
    output_is(s, "");
    feed(s, "\033[?1000;1006h");
    assert_true(mouse(s, TMOUSE_PRESS, TBUTTON_LEFT, 1, 2));
    assert_true(mouse(s, TMOUSE_MOVE, TBUTTON_LEFT, 1, 3));
    assert_true(mouse(s, TMOUSE_RELEASE, TBUTTON_LEFT, 1, 3));
    assert_true(mouse(s, TMOUSE_PRESS, TBUTTON_WHEEL_UP, 0, 0));
    output_is(s, "\\e[<0;3;2M\\e[<0;4;2m\\e[<64;1;1M");
    assert_false(mouse(s, TMOUSE_PRESS, TBUTTON_LEFT, 5, 2)); /* outside */
    feed(s, "\033c");
    assert_false(mouse(s, TMOUSE_PRESS, TBUTTON_LEFT, 1, 2));
    output_is(s, "");
    screen_free(s);
}

static void motion_is_reported_once_a_cell(void **state)
{
    struct screen *s = screen_new(5, 10, 0);
    (void)state;
    feed(s, "\033[?1002h\033[?1006h");
    mouse(s, TMOUSE_MOVE, TBUTTON_NONE, 1, 1);
    mouse(s, TMOUSE_MOVE, TBUTTON_RIGHT, 1, 2);
    mouse(s, TMOUSE_MOVE, TBUTTON_RIGHT, 1, 2);
    output_is(s, "\\e[<34;3;2M");
    feed(s, "\033[?1003h");
    mouse(s, TMOUSE_MOVE, TBUTTON_NONE, 1, 2);
    mouse(s, TMOUSE_MOVE, TBUTTON_NONE, 1, 3);
    output_is(s, "\\e[<35;3;2M\\e[<35;4;2M");
    screen_free(s);
}

static void older_mouse_encodings_work_too(void **state)
{
    struct screen *s = screen_new(300, 300, 0);
    (void)state;
    feed(s, "\033[?1000h");
    mouse(s, TMOUSE_PRESS, TBUTTON_MIDDLE, 0, 1);
    mouse(s, TMOUSE_RELEASE, TBUTTON_MIDDLE, 0, 1);
    mouse(s, TMOUSE_PRESS, TBUTTON_LEFT, 250, 1); /* cannot be told */
    output_is(s, "\\e[M!\"!\\e[M#\"!");
    feed(s, "\033[?1005h");
    mouse(s, TMOUSE_PRESS, TBUTTON_LEFT, 250, 1);
    output_is(s, "\\e[M \"\xc4\x9b");
    feed(s, "\033[?1005l\033[?1015h");
    mouse(s, TMOUSE_PRESS, TBUTTON_LEFT, 250, 1);
    output_is(s, "\\e[32;2;251M");
    feed(s, "\033[?1015l\033[?9h");
    mouse(s, TMOUSE_PRESS, TBUTTON_LEFT, 0, 0);
    mouse(s, TMOUSE_RELEASE, TBUTTON_LEFT, 0, 0);
    output_is(s, "\\e[M !!");
    screen_free(s);
}

static void the_wheel_moves_full_screen_programs_without_a_mouse(void **state)
{
    struct screen *s = screen_new(5, 10, 0);
    (void)state;
    assert_false(mouse(s, TMOUSE_PRESS, TBUTTON_WHEEL_UP, 1, 1));
    feed(s, "\033[?1049h");
    assert_true(mouse(s, TMOUSE_PRESS, TBUTTON_WHEEL_UP, 1, 1));
    output_is(s, "\\e[A\\e[A\\e[A");
    feed(s, "\033[?1h");
    assert_true(mouse(s, TMOUSE_PRESS, TBUTTON_WHEEL_DOWN, 1, 1));
    output_is(s, "\\eOB\\eOB\\eOB");
    assert_false(mouse(s, TMOUSE_PRESS, TBUTTON_LEFT, 1, 1));
    feed(s, "\033[?1007l");
    assert_false(mouse(s, TMOUSE_PRESS, TBUTTON_WHEEL_UP, 1, 1));
    screen_free(s);
}

static void focus_is_told_when_asked_for(void **state)
{
    struct screen *s = screen_new(5, 10, 0);
    (void)state;
    terminal_focus(s->t, true);
    output_is(s, "");
    feed(s, "\033[?1004h");
    terminal_focus(s->t, true);
    terminal_focus(s->t, false);
    output_is(s, "\\e[I\\e[O");
    screen_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_written_as_xterm_does),
        cmocka_unit_test(bytes_pass_as_they_are),
        cmocka_unit_test(pasted_text_is_cleaned),
        cmocka_unit_test(a_paste_in_parts_is_one_paste),
        cmocka_unit_test(the_mouse_is_reported_only_when_asked_for),
        cmocka_unit_test(motion_is_reported_once_a_cell),
        cmocka_unit_test(older_mouse_encodings_work_too),
        cmocka_unit_test(the_wheel_moves_full_screen_programs_without_a_mouse),
        cmocka_unit_test(focus_is_told_when_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
