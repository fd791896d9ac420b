/* The terminal pane without a child: looking back, searching, selecting, copying, with keys and the mouse. */
#include "../unit/cmocka_all.h"

#include "scenes.h"

#include "app/update.h"
#include "base/buf.h"
#include "base/mem.h"
#include "model/shell.h"
#include "panes/pane.h"

#include <string.h>

static struct model *with_lines(int n)
{
    struct model *m = scene_new(40, 120);
    struct buf text = {0};
    scene_workspace(m);
    scene_key(m, "t");
    buf_addstr(&text, "\r\n");
    for (int i = 1; i <= n; i++)
        buf_printf(&text, "line-%d of %d\r\n", i, n);
    buf_addstr(&text, "$ ");
    shell_print(model_open_item(m)->shell, text.data, text.len);
    buf_free(&text);
    return m;
}

static struct shell *shell_of(struct model *m)
{
    return model_open_item(m)->shell;
}

static void say(struct model *m, const char *text)
{
    shell_print(shell_of(m), text, strlen(text));
}

/* The intention to copy, and nothing before it. */
static void expect_copied(struct model *m, const char *text)
{
    char *got = NULL;
    assert_int_equal(scene_intent(m, &got), (int)INTENT_COPY);
    assert_string_equal(got, text);
    free(got);
}

static char *status_of(struct model *m)
{
    struct page p = {0};
    page_clear(&p, 60);
    terminal_pane.status(m, &p);
    char *text = page_line_text(&p, 0);
    page_free(&p);
    return text;
}

static void send_mouse(struct model *m, enum mouse_action action, int row, int col, int clicks)
{
    struct input_event e = {.type = INPUT_MOUSE, .mouse = {.action = action, .button = 1, .clicks = clicks}};
    e.mouse.row = m->layout.pane[PANE_TERMINAL].row + row;
    e.mouse.col = m->layout.pane[PANE_TERMINAL].col + col;
    update_input(m, &e);
}

static void looking_back_stands_still_and_counts_what_comes(void **state)
{
    (void)state;
    struct model *m = with_lines(200);
    scene_keys(m, "C-g [");
    assert_true(model_looking_back(m));
    scene_keys(m, "k k");
    struct shell_look_state before = shell_look_state(shell_of(m));
    say(m, "one\r\ntwo\r\nthree\r\n");
    struct shell_look_state after = shell_look_state(shell_of(m));
    assert_int_equal(after.line, before.line);
    assert_int_equal(after.new_lines, 3);
    autofree char *status = status_of(m);
    assert_non_null(strstr(status, "+3 new"));
    scene_key(m, "g");
    assert_int_equal(shell_look_state(shell_of(m)).line, 1);
    scene_key(m, "G");
    assert_int_equal(shell_look_state(shell_of(m)).line, shell_look_state(shell_of(m)).lines);
    scene_key(m, "q");
    assert_false(model_looking_back(m));
    assert_true(model_in_shell(m));
    scene_free(m);
}

static void a_search_goes_both_ways_and_v_and_y_copy(void **state)
{
    (void)state;
    struct model *m = with_lines(200);
    scene_keys(m, "C-g [ ? l i n e - 1 7 Enter");
    assert_false(m->searching);
    scene_keys(m, "v $ y");
    expect_copied(m, "line-179 of 200");
    assert_false(model_looking_back(m));
    scene_keys(m, "C-g [ ? l i n e - 1 7 Enter n n N V j y");
    expect_copied(m, "line-178 of 200\nline-179 of 200\n");
    scene_keys(m, "C-g [ g / l i n e - 2 Enter n");
    scene_keys(m, "C-v j e y");
    char *got = NULL;
    assert_int_equal(scene_intent(m, &got), (int)INTENT_COPY);
    assert_string_equal(got, "line\nline");
    free(got);
    scene_free(m);
}

static void escape_ends_the_selection_first(void **state)
{
    (void)state;
    struct model *m = with_lines(50);
    scene_keys(m, "C-g [ v k Esc");
    assert_true(model_looking_back(m));
    assert_false(shell_look_state(shell_of(m)).selecting);
    scene_key(m, "Esc");
    assert_false(model_looking_back(m));
    scene_free(m);
}

static void another_size_keeps_the_place(void **state)
{
    (void)state;
    struct model *m = with_lines(200);
    scene_keys(m, "C-g [ ? l i n e - 1 2 3 Enter v");
    for (int cols = 60; cols < 200; cols += 7)
        update_resize(m, 20 + cols % 30, cols);
    update_resize(m, 40, 120);
    scene_keys(m, "$ y");
    expect_copied(m, "line-123 of 200");
    scene_free(m);
}

static void the_alternate_screen_ends_looking_back(void **state)
{
    (void)state;
    struct model *m = with_lines(100);
    scene_keys(m, "C-g [ g v");
    say(m, "\033[?1049h\033[2J\033[Hfull screen");
    assert_false(model_looking_back(m));
    surface_free(scene_draw(m));
    scene_free(m);
}

static void the_wheel_looks_back_and_comes_home(void **state)
{
    (void)state;
    struct model *m = with_lines(100);
    send_mouse(m, MOUSE_WHEEL_DOWN, 1, 1, 0);
    assert_false(model_looking_back(m));
    send_mouse(m, MOUSE_WHEEL_UP, 1, 1, 0);
    send_mouse(m, MOUSE_WHEEL_UP, 1, 1, 0);
    assert_true(model_looking_back(m));
    send_mouse(m, MOUSE_WHEEL_DOWN, 1, 1, 0);
    assert_true(model_looking_back(m));
    send_mouse(m, MOUSE_WHEEL_DOWN, 1, 1, 0);
    assert_false(model_looking_back(m));
    scene_free(m);
}

static void a_drag_copies_and_two_clicks_take_the_word(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_key(m, "t");
    say(m, "\033[2J\033[Hcat src/main.c --all \"two words\"\r\nmore");
    send_mouse(m, MOUSE_PRESS, 0, 4, 1);
    send_mouse(m, MOUSE_DRAG, 0, 6, 0);
    send_mouse(m, MOUSE_RELEASE, 0, 6, 0);
    expect_copied(m, "src");
    send_mouse(m, MOUSE_PRESS, 0, 7, 2);
    send_mouse(m, MOUSE_RELEASE, 0, 7, 0);
    expect_copied(m, "src/main.c");
    send_mouse(m, MOUSE_PRESS, 0, 23, 2);
    send_mouse(m, MOUSE_RELEASE, 0, 23, 0);
    expect_copied(m, "two");
    send_mouse(m, MOUSE_PRESS, 0, 7, 3);
    send_mouse(m, MOUSE_RELEASE, 0, 7, 0);
    expect_copied(m, "cat src/main.c --all \"two words\"");
    scene_free(m);
}

static void the_clipboard_is_asked_for_once(void **state)
{
    (void)state;
    struct model *m = with_lines(3);
    char *got = NULL;
    say(m, "\033]52;c;aGVsbG8=\033\\");
    model_hear_shell(m, m->open);
    assert_int_equal(scene_intent(m, &got), -1);
    assert_non_null(strstr(m->message, "clipboard"));
    scene_keys(m, "C-g C");
    assert_int_equal(scene_intent(m, &got), (int)INTENT_SAVE_SETTING);
    assert_string_equal(got, "clipboard=on");
    free(got);
    expect_copied(m, "hello");
    say(m, "\033]52;c;d29ybGQ=\033\\");
    model_hear_shell(m, m->open);
    expect_copied(m, "world");
    scene_keys(m, "C-g C");
    assert_int_equal(scene_intent(m, &got), (int)INTENT_SAVE_SETTING);
    free(got);
    say(m, "\033]52;c;d29ybGQ=\033\\");
    model_hear_shell(m, m->open);
    assert_int_equal(scene_intent(m, &got), -1);
    scene_free(m);
}

static void the_border_tells_of_the_bell_and_the_directory(void **state)
{
    (void)state;
    struct model *m = with_lines(3);
    say(m, "\a\033]7;file:///srv/data\033\\");
    autofree char *rung = status_of(m);
    assert_non_null(strstr(rung, "bell"));
    struct buf title = {0};
    terminal_pane.title(m, &title);
    assert_string_equal(buf_str(&title), "Terminal /srv/data");
    buf_clear(&title);
    say(m, "\033[?1049h\033]2;main.c - VIM\033\\");
    terminal_pane.title(m, &title);
    assert_string_equal(buf_str(&title), "Terminal main.c - VIM");
    buf_free(&title);
    scene_free(m);
}

static void prompts_are_found_where_the_shell_marks_them(void **state)
{
    (void)state;
    struct model *m = with_lines(60);
    scene_keys(m, "C-g {");
    assert_non_null(strstr(m->message, "No other prompt"));
    scene_key(m, "q");
    say(m, "\r\n\033]133;A\033\\% first\r\nout\r\nout\r\n\033]133;A\033\\% second\r\nout\r\nout\r\n");
    scene_keys(m, "C-g { v $ y");
    expect_copied(m, "% second");
    scene_keys(m, "C-g { { v $ y");
    expect_copied(m, "% first");
    scene_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looking_back_stands_still_and_counts_what_comes),
        cmocka_unit_test(a_search_goes_both_ways_and_v_and_y_copy),
        cmocka_unit_test(escape_ends_the_selection_first),
        cmocka_unit_test(another_size_keeps_the_place),
        cmocka_unit_test(the_alternate_screen_ends_looking_back),
        cmocka_unit_test(the_wheel_looks_back_and_comes_home),
        cmocka_unit_test(a_drag_copies_and_two_clicks_take_the_word),
        cmocka_unit_test(the_clipboard_is_asked_for_once),
        cmocka_unit_test(the_border_tells_of_the_bell_and_the_directory),
        cmocka_unit_test(prompts_are_found_where_the_shell_marks_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
