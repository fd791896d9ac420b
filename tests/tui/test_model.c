/* What keys, results and sizes do to the model, and what they make it want. */
#include "../unit/cmocka_all.h"

#include "scenes.h"

#include "app/update.h"
#include "base/mem.h"
#include "model/shell.h"

#include <stdlib.h>
#include <string.h>

/* ---- Layouts ---- */

static bool overlap(struct rect a, struct rect b)
{
    return a.rows > 0 && b.rows > 0 && a.row < b.row + b.rows && b.row < a.row + a.rows &&
           a.col < b.col + b.cols && b.col < a.col + a.cols;
}

static void panes_never_overlap_nor_leave_the_screen(void **state)
{
    (void)state;
    for (int rows = LAYOUT_MIN_ROWS; rows < 90; rows += 3)
        for (int cols = LAYOUT_MIN_COLS; cols < 260; cols += 3)
            for (int focus = 0; focus < PANE_COUNT_; focus++)
                for (int size = 0; size < SIZE_COUNT_; size++) {
                    struct layout l = layout_compute(rows, cols, (enum pane_id)focus, (enum pane_size)size);
                    assert_true(l.pane[focus].rows >= 3 && l.pane[focus].cols >= 20);
                    for (int i = 0; i < PANE_COUNT_; i++) {
                        struct rect r = l.pane[i];
                        if (r.rows == 0)
                            continue;
                        assert_true(r.row >= 2 && r.col >= 1 && r.cols > 0);
                        assert_true(r.row + r.rows < rows && r.col + r.cols < cols);
                        for (int k = 0; k < i; k++)
                            assert_false(overlap(r, l.pane[k]));
                    }
                }
}

static void the_layout_follows_the_width(void **state)
{
    (void)state;
    assert_int_equal(layout_compute(40, 120, PANE_READER, SIZE_NORMAL).kind, LAYOUT_THREE);
    assert_int_equal(layout_compute(40, 119, PANE_READER, SIZE_NORMAL).kind, LAYOUT_TWO);
    assert_int_equal(layout_compute(24, 80, PANE_READER, SIZE_NORMAL).kind, LAYOUT_TWO);
    assert_int_equal(layout_compute(24, 79, PANE_READER, SIZE_NORMAL).kind, LAYOUT_TABS);
    assert_int_equal(layout_compute(15, 200, PANE_READER, SIZE_NORMAL).kind, LAYOUT_TOO_SMALL);
    assert_int_equal(layout_compute(60, 59, PANE_READER, SIZE_NORMAL).kind, LAYOUT_TOO_SMALL);
}

static void a_pane_made_large_gets_the_columns_of_the_stage_list_first(void **state)
{
    (void)state;
    struct layout l = layout_compute(40, 120, PANE_TERMINAL, SIZE_LARGE);
    assert_int_equal(l.pane[PANE_STAGES].rows, 0);
    assert_true(l.pane[PANE_TERMINAL].cols >= 75);
    assert_true(l.pane[PANE_READER].cols >= 38);
    assert_true(layout_compute(40, 120, PANE_STAGES, SIZE_LARGE).pane[PANE_STAGES].rows > 0);
    l = layout_compute(60, 200, PANE_TERMINAL, SIZE_LARGE); /* room for both */
    assert_true(l.pane[PANE_STAGES].rows > 0);
    assert_true(l.pane[PANE_TERMINAL].cols >= 80);
}

static void any_size_can_be_drawn_with_any_screen_over_it(void **state)
{
    (void)state;
    static const char *const screens[] = {"m", "H", "S", ": s", ",", "K f", "v", "?"};
    for (size_t i = 0; i < ARRAY_LEN(screens); i++) {
        struct model *m = scene_new(40, 120);
        scene_keys(m, screens[i]);
        for (int rows = 1; rows < 70; rows += 5)
            for (int cols = 1; cols < 220; cols += 11) {
                update_resize(m, rows, cols);
                surface_free(scene_draw(m));
                if (cols % 2)
                    scene_keys(m, "Down Right");
            }
        scene_free(m);
    }
}

static void any_size_can_be_drawn(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_failed(m);
    scene_keys(m, "4 j Enter ?");
    for (int rows = 1; rows < 70; rows += 4)
        for (int cols = 1; cols < 220; cols += 7) {
            update_resize(m, rows, cols);
            surface_free(scene_draw(m));
        }
    update_resize(m, 40, 120);
    scene_keys(m, "Esc");
    assert_int_equal(m->reader.showing, READER_FAILURE);
    scene_free(m);
}

static void zoom_and_sizes_change_the_pane_and_come_back(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    int normal = m->layout.pane[PANE_READER].cols;
    scene_key(m, "+");
    assert_true(m->layout.pane[PANE_READER].cols > normal);
    scene_key(m, "+");
    assert_int_equal(m->layout.pane[PANE_READER].cols, 118);
    scene_keys(m, "_ _");
    assert_int_equal(m->layout.pane[PANE_READER].cols, normal);
    scene_key(m, "z");
    assert_int_equal(m->layout.pane[PANE_READER].cols, 118);
    scene_key(m, "z");
    assert_int_equal(m->layout.pane[PANE_READER].cols, normal);
    scene_free(m);
}

/* ---- The shell and its keys ---- */

static void the_prefix_and_f12_are_all_that_the_shell_does_not_get(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_key(m, "t");
    assert_true(model_in_shell(m));
    scene_key(m, "F12");
    assert_int_equal(m->focus, PANE_READER);
    scene_keys(m, "t C-g");
    assert_true(m->prefix);
    assert_int_equal(m->focus, PANE_TERMINAL);
    scene_key(m, "Esc");
    assert_false(m->prefix);
    assert_int_equal(m->focus, PANE_TERMINAL);
    scene_keys(m, "C-g q");
    assert_int_equal(m->focus, PANE_READER);
    expect_no_intent(m);
    scene_free(m);
}

static void after_the_prefix_a_key_does_what_it_does_elsewhere(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_keys(m, "t C-g r");
    expect_intent(m, INTENT_RUN, NULL);
    assert_int_equal(m->focus, PANE_TERMINAL);
    scene_keys(m, "C-g z");
    assert_int_equal(m->size, SIZE_FULL);
    assert_int_equal(m->focus, PANE_TERMINAL);
    scene_keys(m, "C-g z C-g Down");
    assert_int_equal(m->focus, PANE_CHECKS);
    scene_keys(m, "t C-g Left");
    assert_int_equal(m->focus, PANE_READER);
    scene_keys(m, "t C-g 1");
    assert_int_equal(m->focus, PANE_STAGES);
    scene_keys(m, "t C-g ?");
    assert_int_equal(model_overlay(m), OVERLAY_HELP);
    scene_key(m, "Esc");
    assert_true(model_in_shell(m));
    scene_free(m);
}

static void a_locked_shell_gets_the_prefix_too(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_keys(m, "t C-g L C-g");
    assert_true(m->locked);
    assert_false(m->prefix);
    scene_key(m, "F12");
    assert_false(m->locked);
    assert_int_equal(m->focus, PANE_READER);
    scene_free(m);
}

static void another_key_can_leave_the_shell(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    model_push_overlay(m, OVERLAY_WELCOME);
    scene_keys(m, "Enter");
    expect_intent(m, INTENT_SAVE_SETTING, "language=c");
    scene_keys(m, "a C-c Tab"); /* needed in a shell */
    assert_int_equal(m->welcome.step, WELCOME_KEY);
    scene_keys(m, "C-o");
    expect_intent(m, INTENT_SAVE_SETTING, "leave_key=C-o");
    expect_intent(m, INTENT_DOCTOR, NULL);
    scene_key(m, "Enter");
    expect_intent(m, INTENT_SAVE_SETTING, "welcome=done");
    assert_int_equal(model_overlay(m), OVERLAY_MAP);
    scene_key(m, "Esc");
    scene_workspace(m);
    scene_keys(m, "t C-o");
    assert_true(m->prefix);
    scene_free(m);
}

static void the_welcome_can_be_skipped(void **state)
{
    (void)state;
    struct model *m = scene_new(24, 80);
    model_push_overlay(m, OVERLAY_WELCOME);
    scene_key(m, "Esc");
    expect_intent(m, INTENT_SAVE_SETTING, "welcome=done");
    expect_no_intent(m);
    assert_int_equal(model_overlay(m), OVERLAY_MAP);
    scene_free(m);
}

static void entering_the_terminal_starts_a_shell_or_offers_a_workspace(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_key(m, "t");
    expect_no_intent(m);
    assert_false(model_in_shell(m));
    scene_keys(m, "Right Enter");
    expect_intent(m, INTENT_START, "go");
    assert_int_equal(model_open_item(m)->workspace_state, WORKSPACE_MAKING);
    scene_keys(m, "Enter Enter"); /* not twice */
    expect_no_intent(m);
    scene_key(m, "2");
    model_open_item(m)->workspace_state = WORKSPACE_PRESENT;
    scene_key(m, "t");
    expect_intent(m, INTENT_SHELL, NULL);
    scene_free(m);
}

/* ---- Checks ---- */

static void results_never_move_focus_selection_or_scroll(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_failed(m);
    scene_keys(m, "4 j j 2 j");
    int scroll = model_open_item(m)->scroll;
    scene_running(m);
    assert_int_equal(m->checks.cursor, 2);
    assert_int_equal(m->focus, PANE_READER);
    assert_int_equal(model_open_item(m)->scroll, scroll);
    scene_failed(m);
    assert_int_equal(m->checks.cursor, 2);
    scene_free(m);
}

static void old_verdicts_stay_until_new_ones_come(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_solved(m);
    struct run *r = model_open_item(m)->run;
    scene_running(m);
    struct check_row *last = run_find(r, "many");
    assert_int_equal(last->verdict, VERDICT_PASS);
    assert_true(last->stale);
    assert_int_equal(run_count(r).open, 4);
    assert_int_equal(run_count(r).pass, 1);
    assert_false(run_find(r, "accepts")->stale);
    scene_free(m);
}

static void a_check_alone_leaves_the_others_as_they_are(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_failed(m);
    scene_keys(m, "4 j R");
    expect_intent(m, INTENT_RUN, "echoes_a_line");
    struct run *r = model_open_item(m)->run;
    struct event_run_check one = {"echoes_a_line", "Sends a line back", "echo", TIER_CORE};
    run_begin(r, true);
    run_apply(r, &(struct event){.type = EVENT_RUN_START, .run_start = {.checks = &one, .n_checks = 1}});
    run_apply(r, &(struct event){.type = EVENT_CHECK_START, .check_start = {"echoes_a_line"}});
    assert_true(run_find(r, "echoes_a_line")->running);
    run_apply(r, &(struct event){.type = EVENT_CHECK_END,
                                 .check_end = {.check = "echoes_a_line", .verdict = VERDICT_PASS, .ms = 1}});
    update_engine(m, m->open,
                  &(struct event){.type = EVENT_RUN_END, .run_end = {.solved = true, .core_total = 1}});
    assert_int_equal(r->n_checks, 6);
    assert_int_equal(run_count(r).pass, 4);
    assert_int_equal(run_count(r).fail, 0);
    assert_false(model_open_item(m)->solved); /* one check is not all of core */
    scene_free(m);
}

static void a_solved_run_solves_the_challenge(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    assert_int_equal(model_solved(m), 0);
    scene_solved(m);
    assert_int_equal(model_solved(m), 1);
    assert_non_null(strstr(m->message, "Solved"));
    assert_int_equal(model_next(m), 2);
    scene_free(m);
}

static void an_engine_that_dies_is_a_message(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_running(m);
    update_engine_gone(m, m->open, false, "lux check was ended by signal 9 (Killed).");
    assert_true(m->message_is_error);
    assert_int_equal(model_open_item(m)->run->phase, RUN_BROKEN);
    assert_int_equal(m->running, m->n_items);
    assert_false(run_find(model_open_item(m)->run, "next_client")->running);
    scene_running(m);
    update_engine_gone(m, m->open, true, NULL);
    assert_int_equal(model_open_item(m)->run->phase, RUN_CANCELLED);
    scene_free(m);
}

static void that_it_waits_for_another_run_is_said_while_it_does(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    struct event waits = {.type = EVENT_NOTICE,
                          .notice = {.text = "Another run is under way in ~/lux/02-tcp-echo-server: waiting "
                                             "for its end."}};
    update_engine(m, m->open, &waits);
    assert_non_null(strstr(m->message, "waiting"));
    scene_running(m);
    assert_string_equal(m->message, "");
    scene_free(m);
}

static void r_says_why_it_cannot_run(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_key(m, "r");
    expect_no_intent(m);
    assert_true(m->message_is_error);
    model_open(m, 50);
    expect_intent(m, INTENT_OPEN, NULL);
    scene_key(m, "r");
    expect_no_intent(m);
    assert_non_null(strstr(m->message, "not yet available"));
    scene_free(m);
}

static void enter_on_a_compiler_message_opens_the_editor_there(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    struct intent i;
    scene_workspace(m);
    scene_build_failed(m);
    scene_keys(m, "4 j Enter");
    assert_true(model_take_intent(m, &i));
    assert_int_equal(i.type, INTENT_EDIT);
    assert_string_equal(i.text, "main.c");
    assert_int_equal(i.number, 40);
    free(i.text);
    scene_free(m);
}

static void blocked_checks_share_a_row_where_there_is_no_room(void **state)
{
    (void)state;
    struct model *m = scene_new(24, 80);
    scene_workspace(m);
    scene_blocked(m);
    scene_keys(m, "4 j"); /* the failure, "2 blocked", "2 blocked", the last one alone */
    assert_int_equal(m->checks.cursor, 1);
    scene_key(m, "j");
    assert_int_equal(m->checks.cursor, 3);
    scene_key(m, "j");
    assert_int_equal(m->checks.cursor, 5);
    scene_keys(m, "k k Enter"); /* shows each of them */
    assert_int_equal(m->reader.showing, READER_LESSON);
    scene_keys(m, "j Enter");
    assert_int_equal(m->checks.cursor, 2);
    assert_int_equal(m->reader.showing, READER_FAILURE);
    scene_free(m);
}

static void the_first_error_is_gone_to_although_a_warning_stands_before_it(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_build_failed(m);
    struct run *r = model_open_item(m)->run;
    struct build_message first = r->messages[0];
    r->messages[0] = r->messages[1];
    r->messages[1] = first;
    scene_key(m, ".");
    expect_intent(m, INTENT_EDIT, "main.c");
    assert_ptr_equal(run_first_error(r), &r->messages[1]);
    scene_free(m);
}

static void a_failure_can_be_opened_copied_run_and_left(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_failed(m);
    scene_keys(m, "4 j Enter");
    assert_int_equal(m->focus, PANE_READER);
    assert_int_equal(m->reader.showing, READER_FAILURE);
    scene_key(m, "y");
    expect_intent(m, INTENT_COPY, "./server 7000 &\nprintf 'hello\\n' | nc -N localhost 7000\n");
    scene_key(m, "x");
    expect_intent(m, INTENT_TYPE, "./server 7000 &\rprintf 'hello\\n' | nc -N localhost 7000\r");
    /* Once more, perhaps with a mended program: the old one must not have the port any more. */
    scene_key(m, "x");
    expect_intent(m, INTENT_TYPE,
                  "kill -9 '%?./server 7000' 2>/dev/null\r"
                  "./server 7000 &\rprintf 'hello\\n' | nc -N localhost 7000\r");
    scene_key(m, "Esc"); /* closes overlays and nothing else */
    assert_int_equal(m->reader.showing, READER_FAILURE);
    scene_key(m, "Backspace");
    assert_int_equal(m->reader.showing, READER_LESSON);
    scene_free(m);
}

static void details_come_back_from_the_database(void **state)
{
    (void)state;
    struct run *r = run_new();
    static const char detail[] =
        "{\"v\":1,\"type\":\"check_end\",\"t\":1,\"check\":\"echo\",\"verdict\":\"fail\","
        "\"cause\":\"wrong\",\"ms\":4,\"failure\":{\"clause\":\"echo\",\"expectation\":\"an echo\"}}";
    run_recall(r, "echo", "Echoes", "core", "fail", "wrong", 4, detail);
    run_recall(r, "big", "Big", "robust", "pass", NULL, 2, NULL);
    run_recall(r, "odd", "Odd", "fast", "fail", "wrong", 2, "no JSON");
    assert_int_equal(r->phase, RUN_DONE);
    assert_int_equal(r->n_checks, 3);
    assert_string_equal(run_find(r, "echo")->end->check_end.failure->expectation, "an echo");
    assert_null(run_find(r, "odd")->end);
    assert_string_equal(check_word(run_find(r, "echo")), "wrong");
    assert_string_equal(check_word(run_find(r, "big")), "pass");
    run_free(r);
}

static void the_list_of_lux_says_what_is_available(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    struct error err = {0};
    static const char json[] =
        "[{\"slug\":\"tcp-echo-client\",\"available\":true,\"checks\":24,\"solved\":true},"
        "{\"slug\":\"unheard-of\",\"available\":true},"
        "{\"slug\":\"netcat\",\"available\":false,\"checks\":0}]";
    assert_int_equal(update_course_list(m, json, sizeof json - 1, &err), 0);
    assert_true(m->items[0].available && m->items[0].solved);
    assert_int_equal(m->items[0].n_checks, 24);
    assert_false(m->items[5].available);
    assert_int_equal(update_course_list(m, "{}", 2, &err), -1);
    assert_int_equal(update_course_list(m, "[", 1, &err), -1);
    scene_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panes_never_overlap_nor_leave_the_screen),
        cmocka_unit_test(the_layout_follows_the_width),
        cmocka_unit_test(a_pane_made_large_gets_the_columns_of_the_stage_list_first),
        cmocka_unit_test(any_size_can_be_drawn),
        cmocka_unit_test(any_size_can_be_drawn_with_any_screen_over_it),
        cmocka_unit_test(zoom_and_sizes_change_the_pane_and_come_back),
        cmocka_unit_test(the_prefix_and_f12_are_all_that_the_shell_does_not_get),
        cmocka_unit_test(after_the_prefix_a_key_does_what_it_does_elsewhere),
        cmocka_unit_test(a_locked_shell_gets_the_prefix_too),
        cmocka_unit_test(another_key_can_leave_the_shell),
        cmocka_unit_test(the_welcome_can_be_skipped),
        cmocka_unit_test(entering_the_terminal_starts_a_shell_or_offers_a_workspace),
        cmocka_unit_test(results_never_move_focus_selection_or_scroll),
        cmocka_unit_test(old_verdicts_stay_until_new_ones_come),
        cmocka_unit_test(a_check_alone_leaves_the_others_as_they_are),
        cmocka_unit_test(a_solved_run_solves_the_challenge),
        cmocka_unit_test(an_engine_that_dies_is_a_message),
        cmocka_unit_test(that_it_waits_for_another_run_is_said_while_it_does),
        cmocka_unit_test(r_says_why_it_cannot_run),
        cmocka_unit_test(enter_on_a_compiler_message_opens_the_editor_there),
        cmocka_unit_test(blocked_checks_share_a_row_where_there_is_no_room),
        cmocka_unit_test(the_first_error_is_gone_to_although_a_warning_stands_before_it),
        cmocka_unit_test(a_failure_can_be_opened_copied_run_and_left),
        cmocka_unit_test(details_come_back_from_the_database),
        cmocka_unit_test(the_list_of_lux_says_what_is_available),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
