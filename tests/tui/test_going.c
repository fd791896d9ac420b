/* Going about: lessons and links, the map, what comes next, searches, overlays, the mouse. */
#include "../unit/cmocka_all.h"

#include "scenes.h"

#include "app/update.h"
#include "base/mem.h"
#include "model/diff.h"
#include "panes/pane.h"

#include <stdlib.h>
#include <string.h>

static void keys_lead_through_stages_and_challenges(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_key(m, "}");
    assert_int_equal(model_open_item(m)->info->number, 3);
    scene_keys(m, "{ {");
    assert_int_equal(model_open_item(m)->info->number, 1);
    scene_key(m, "{");
    assert_int_equal(model_open_item(m)->info->number, 1);
    assert_true(*m->message);
    scene_key(m, "]");
    assert_int_equal(model_open_item(m)->info->number, 7);
    scene_key(m, "[");
    assert_int_equal(model_open_item(m)->info->number, 1);
    scene_keys(m, "1 G Enter j Enter");
    assert_int_equal(model_open_item(m)->info->stage->number, 8);
    assert_int_equal(m->focus, PANE_READER);
    scene_free(m);
}

static void tab_and_digits_change_the_pane(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_key(m, "1");
    assert_int_equal(m->focus, PANE_STAGES);
    scene_keys(m, "Tab Tab Tab");
    assert_int_equal(m->focus, PANE_CHECKS);
    scene_key(m, "Tab");
    assert_int_equal(m->focus, PANE_STAGES);
    scene_key(m, "S-Tab");
    assert_int_equal(m->focus, PANE_CHECKS);
    scene_free(m);
}

static void a_place_in_the_lesson_survives_another_width(void **state)
{
    (void)state;
    struct model *m = scene_new(24, 120);
    scene_keys(m, "/ a c c e p t Enter");
    struct item *it = model_open_item(m);
    autofree char *before = page_line_text(&m->reader.lesson, (size_t)it->scroll);
    update_resize(m, 24, 200);
    update_resize(m, 24, 90);
    update_resize(m, 24, 120);
    autofree char *after = page_line_text(&m->reader.lesson, (size_t)it->scroll);
    assert_string_equal(before, after);
    scene_free(m);
}

static void links_lead_away_and_backspace_leads_back_to_the_place(void **state)
{
    (void)state;
    struct model *m = scene_new(24, 80);
    struct item *it = model_open_item(m);
    scene_keys(m, "2 j j j j");
    int place = it->scroll;
    assert_int_equal(place, 4);
    follow_link(m, "man:poll(2)");
    update_settle(m);
    char *name;
    assert_int_equal(scene_intent(m, &name), INTENT_MANUAL);
    assert_string_equal(name, "poll(2)");
    free(name);
    autofree char *text = xcalloc(1, 4000);
    memset(text, '\n', 2000);
    strcat(text, "see epoll(7)\n");
    update_manual(m, "poll(2)", text);
    update_settle(m);
    scene_keys(m, "C-d C-d");
    int in_manual = m->reader.other_scroll;
    assert_true(in_manual > 5);
    follow_link(m, "handbook/udp");
    update_settle(m);
    assert_int_equal(m->reader.other_scroll, 0);
    scene_keys(m, "G");
    update_manual(m, "poll(2)", "late"); /* an answer for a page that is not in sight */
    scene_key(m, "Backspace");
    assert_int_equal(m->reader.showing, READER_MANUAL);
    assert_int_equal(m->reader.other_scroll, in_manual);
    scene_key(m, "Backspace");
    assert_int_equal(m->reader.showing, READER_LESSON);
    assert_int_equal(it->scroll, place);
    assert_int_equal(scene_intent(m, &name),
                     -1); /* nothing was fetched again, and q has not been thought of */
    scene_free(m);
}

static void f_goes_from_link_to_link_and_enter_follows(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    char *name;
    scene_keys(m, "2 Enter"); /* nothing is chosen: the first link in sight is */
    const struct page_link *first = page_link_find(&m->reader.lesson, m->reader.link);
    assert_non_null(first);
    assert_string_equal(first->target, "man:accept(2)");
    scene_key(m, "f");
    assert_string_equal(page_link_find(&m->reader.lesson, m->reader.link)->target, "man:close(2)");
    scene_key(m, "f"); /* there is no further one */
    assert_string_equal(page_link_find(&m->reader.lesson, m->reader.link)->target, "man:close(2)");
    scene_keys(m, "F Enter");
    assert_int_equal(m->reader.showing, READER_MANUAL);
    assert_string_equal(m->reader.name, "accept(2)");
    assert_int_equal(scene_intent(m, &name), INTENT_MANUAL);
    free(name);
    scene_keys(m, "q");
    assert_int_equal(m->reader.showing, READER_LESSON);
    follow_link(m, "#contract");
    follow_link(m, "handbook/no-such-page");
    assert_true(m->message_is_error);
    follow_link(m, "https://example.org/");
    assert_int_equal(scene_intent(m, &name), INTENT_COPY);
    assert_string_equal(name, "https://example.org/");
    free(name);
    scene_free(m);
}

static void every_link_of_the_lessons_and_the_handbook_leads_somewhere(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    struct error err = {0};
    struct page page = {0};
    char **names = course_handbook_names(m->course);
    assert_non_null(names[0]);
    for (size_t i = 0; i < m->n_items || names[i - m->n_items]; i++) {
        struct lesson lesson = {0};
        autofree char *handbook = NULL;
        const char *text, *who;
        if (i >= m->n_items) {
            who = names[i - m->n_items];
            text = handbook = course_handbook_page(m->course, who, &err);
        } else {
            who = m->items[i].info->slug;
            if (!m->items[i].info->has_lesson)
                continue;
            assert_int_equal(lesson_load(m->course, m->items[i].info, &lesson, &err), 0);
            text = lesson.body;
        }
        page_clear(&page, 80);
        page_markdown(&page, 1, text, 0);
        for (size_t k = 0; k < page.n_links; k++) {
            const char *to = page.links[k].target;
            bool known = strncmp(to, "man:", 4) == 0 || strstr(to, "://") ||
                         (to[0] == '#' && page_heading(&page, to + 1) >= 0) || model_find(m, to) < m->n_items;
            autofree char *target =
                strncmp(to, "handbook/", 9) == 0 ? course_handbook_page(m->course, to + 9, NULL) : NULL;
            if (!known && !target)
                fail_msg("%s: the link to %s leads nowhere", who, to);
        }
        lesson_free(&lesson);
    }
    for (char **n = names; *n; n++)
        free(*n);
    free(names);
    page_free(&page);
    scene_free(m);
}

static void arrows_move_on_the_map_and_enter_opens(void **state)
{
    (void)state;
    struct model *m = scene_new(24, 80);
    scene_key(m, "m");
    assert_int_equal(model_overlay(m), OVERLAY_MAP);
    assert_int_equal(m->map_cursor, 1);
    scene_keys(m, "Right");
    assert_int_not_equal(m->items[m->map_cursor].info->stage->number, 1);
    scene_keys(m, "Left");
    assert_int_equal(m->map_cursor, 1);
    scene_keys(m, "Left Up Up Up");
    assert_int_equal(m->map_cursor, 0);
    scene_keys(m, "G");
    assert_int_equal(m->map_cursor, 55);
    scene_keys(m, "/ r e d i s Enter Enter");
    assert_int_equal(model_overlay(m), OVERLAY_NONE);
    assert_string_equal(model_open_item(m)->info->slug, "redis-client");
    assert_int_equal(m->focus, PANE_READER);
    scene_keys(m, "m Esc");
    assert_int_equal(model_overlay(m), OVERLAY_NONE);
    scene_free(m);
}

static void what_is_begun_comes_next_and_then_what_one_is_prepared_for(void **state)
{
    (void)state;
    struct model *m = scene_new(24, 80);
    autofree char *first = model_why(m, 0);
    assert_int_equal(model_next(m), 0);
    assert_non_null(strstr(first, "builds on"));
    m->items[4].attempts = 1;
    assert_int_equal(model_next(m), 4);
    m->items[1].attempts = 2; /* is open */
    assert_int_equal(model_next(m), 1);
    m->items[1].solved = m->items[4].solved = true;
    assert_int_equal(model_next(m), 2); /* behind the open one, though the first was skipped */
    m->open = 0;
    assert_int_equal(model_next(m), 0);
    for (size_t i = 0; i < 48; i++)
        m->items[i].solved = true;
    assert_int_equal(model_next(m), m->n_items); /* the rest has no checks */
    assert_int_equal(model_state(m, 50), ITEM_UNAVAILABLE);
    scene_free(m);
}

static void solving_shows_what_was_reached_and_takes_no_focus(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    scene_keys(m, "2 j j j");
    int place = model_open_item(m)->scroll;
    scene_key(m, "t");
    scene_solved(m);
    assert_int_equal(m->focus, PANE_TERMINAL);
    assert_int_equal(m->reader.showing, READER_SOLVED);
    scene_keys(m, "F12 Backspace");
    assert_int_equal(m->reader.showing, READER_LESSON);
    assert_int_equal(model_open_item(m)->scroll, place);
    scene_solved(m); /* once more: nothing new */
    assert_int_equal(m->reader.showing, READER_LESSON);
    scene_keys(m, "v f Enter");
    assert_int_equal(m->open, 2); /* the next one */
    scene_free(m);
}

static void our_solution_is_shown_after_solving_or_a_clear_yes(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_keys(m, "s n");
    assert_int_equal(m->reader.showing, READER_LESSON);
    expect_no_intent(m);
    scene_keys(m, "s y");
    expect_intent(m, INTENT_SOLUTION, NULL);
    update_solution(m);
    assert_int_equal(m->reader.showing, READER_SOLUTION);
    assert_non_null(strstr(m->reader.text, "int main("));
    scene_key(m, "Backspace");
    model_open_item(m)->solved = true;
    scene_key(m, "s");
    assert_int_equal(m->reader.showing, READER_SOLUTION);
    scene_free(m);
}

static void expect_diff(const char *a, const char *b, const char *expected)
{
    struct buf out = {0};
    diff_texts(a, b, &out);
    assert_string_equal(buf_str(&out), expected);
    buf_free(&out);
}

static void a_diff_has_the_changed_lines_and_what_is_around_them(void **state)
{
    (void)state;
    expect_diff("", "", "");
    expect_diff("a\nb\n", "a\nb\n", "");
    expect_diff("", "a\nb", "@ 1\n+a\n+b\n");
    expect_diff("a\n", "", "@ 1\n-a\n");
    expect_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
                "@ 3\n 3\n 4\n-5\n+five\n 6\n 7\n");
    expect_diff("a\n2\n3\n4\n5\n6\n7\n8\nb\n", "2\n3\n4\n5\n6\n7\n8\nb\nc\n",
                "@ 1\n-a\n 2\n 3\n@ 7\n 8\n b\n+c\n");
}

static void days_and_dates_are_the_calendars(void **state)
{
    (void)state;
    int y, m, d;
    assert_int_equal(day_of(1970, 1, 1), 0);
    assert_int_equal(day_of(2000, 3, 1), 11017);
    assert_int_equal(day_of(2024, 2, 29) + 1, day_of(2024, 3, 1));
    for (int64_t day = -800; day < 30000; day += 13) {
        date_of(day, &y, &m, &d);
        assert_int_equal(day_of(y, m, d), day);
    }
}

static void a_source_is_put_back_after_a_question(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_key(m, "H");
    expect_intent(m, INTENT_HISTORY, NULL);
    m->history.rows = xcalloc(2, sizeof *m->history.rows);
    m->history.n = 2;
    for (int i = 0; i < 2; i++)
        m->history.rows[i] = (struct attempt_row){
            .id = 71 - i, .number = 2 - i, .outcome = xstrdup("solved"), .has_source = i == 1};
    update_settle(m);
    expect_intent(m, INTENT_CHANGES, NULL);
    scene_key(m, "Enter"); /* the newest has none */
    assert_int_equal(model_overlay(m), OVERLAY_HISTORY);
    scene_keys(m, "Down");
    expect_intent(m, INTENT_CHANGES, NULL);
    scene_keys(m, "Enter y");
    expect_intent(m, INTENT_RESTORE, "70");
    scene_keys(m, "u");
    expect_intent(m, INTENT_RESTORE, NULL);
    scene_keys(m, "H");
    assert_int_equal(model_overlay(m), OVERLAY_NONE);
    scene_free(m);
}

static void the_palette_does_what_its_letters_find(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_keys(m, ": r e d i s Enter");
    assert_int_equal(m->n_overlays, 0);
    assert_string_equal(model_open_item(m)->info->slug, "redis-client");
    scene_keys(m, ": z o o m Enter");
    assert_int_equal(m->size, SIZE_FULL);
    scene_keys(m, ": s t a t i s Enter"); /* opens an overlay of its own */
    assert_int_equal(model_overlay(m), OVERLAY_STATS);
    scene_keys(m, "Esc : x Backspace Backspace");
    assert_int_equal(m->n_overlays, 0);
    scene_keys(m, ": Esc");
    assert_int_equal(m->n_overlays, 0);
    scene_free(m);
}

static void settings_hold_at_once_and_are_kept(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_keys(m, ", Right");
    expect_intent(m, INTENT_SAVE_SETTING, "theme=default");
    scene_keys(m, "Left Left");
    expect_intent(m, INTENT_SAVE_SETTING, "theme=auto");
    expect_intent(m, INTENT_SAVE_SETTING, "theme=mono");
    assert_ptr_equal(m->theme, theme_find("mono"));
    scene_keys(m, "Down Enter");
    expect_intent(m, INTENT_SAVE_SETTING, "language=go");
    assert_string_equal(m->language, "go");
    scene_keys(m, "Down Enter x"); /* needed in a shell */
    expect_no_intent(m);
    scene_keys(m, "Enter C-o");
    expect_intent(m, INTENT_SAVE_SETTING, "leave_key=C-o");
    scene_keys(m, "Down Enter");
    expect_intent(m, INTENT_WATCH, NULL);
    expect_intent(m, INTENT_SAVE_SETTING, "watch=off");
    scene_keys(m, "Down Enter");
    expect_intent(m, INTENT_MOUSE, NULL);
    expect_intent(m, INTENT_SAVE_SETTING, "mouse=off");
    scene_key(m, "Esc");
    assert_int_equal(m->n_overlays, 0);
    scene_free(m);
}

static void say_background(struct model *m, const char *reply)
{
    struct input_event e = {.type = INPUT_REPLY, .data = reply, .size = strlen(reply)};
    update_input(m, &e);
}

static void a_light_background_brings_darker_colours(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    say_background(m, "\033]11;rgb:1e1e/1e1e/2e2e\033\\");
    assert_ptr_equal(m->theme, theme_find("default"));
    say_background(m, "\033]11;rgb:ffff/fafa/f0f0\033\\");
    assert_ptr_equal(m->theme, theme_find("light"));
    say_background(m, "\033]11;rgb:f/f/\033\\");
    say_background(m, "\033]11;rgb:0000000/0/0\007");
    say_background(m, "\033]10;rgb:00/00/00\007");
    assert_ptr_equal(m->theme, theme_find("light"));
    say_background(m, "\033]11;rgb:00/00/00\007");
    assert_ptr_equal(m->theme, theme_find("default"));
    model_choose_theme(m, "contrast"); /* is not changed by what a terminal says */
    say_background(m, "\033]11;rgb:ff/ff/ff\007");
    assert_ptr_equal(m->theme, theme_find("contrast"));
    m->no_color = true;
    model_choose_theme(m, THEME_AUTO);
    assert_ptr_equal(m->theme, theme_find("mono"));
    scene_free(m);
}

static void notes_open_in_the_editor(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_key(m, "a");
    assert_true(m->message_is_error);
    expect_no_intent(m);
    scene_workspace(m);
    scene_key(m, "a");
    expect_intent(m, INTENT_NOTES, NULL);
    scene_free(m);
}

static void a_search_finds_challenges_in_folded_stages(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_keys(m, "1 / r a f t Enter Enter");
    assert_int_equal(model_open_item(m)->info->number, 56);
    scene_keys(m, "1 / x y z z y Enter");
    assert_non_null(strstr(m->message, "Not found"));
    scene_free(m);
}

static void what_fewer_letters_found_leaves_no_trace(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_keys(m, "1");
    int rows = m->stages.n_rows, cursor = m->stages.cursor;
    scene_keys(m, "/ l o"); /* Log Rotator, in stage 3 */
    assert_true(m->stages.unfolded[2]);
    scene_keys(m, "a d"); /* Load Balancer, in stage 6 */
    assert_false(m->stages.unfolded[2]);
    assert_true(m->stages.unfolded[5]);
    scene_keys(m, "Esc"); /* given up */
    assert_int_equal(m->stages.n_rows, rows);
    assert_int_equal(m->stages.cursor, cursor);
    scene_keys(m, "/ l o a d Enter Enter");
    assert_int_equal(model_open_item(m)->info->number, 39);
    scene_free(m);

    m = scene_new(24, 80);
    scene_keys(m, "G");
    int end = model_open_item(m)->scroll;
    scene_keys(m, "/ c o n t r a c t");
    assert_true(model_open_item(m)->scroll < end);
    scene_keys(m, "Esc");
    assert_int_equal(model_open_item(m)->scroll, end);
    scene_free(m);
}

static void a_search_goes_round_and_is_put_away_with_escape(void **state)
{
    (void)state;
    struct model *m = scene_new(24, 80);
    scene_keys(m, "/ c l i e n t Enter");
    int first = model_open_item(m)->scroll;
    scene_key(m, "n");
    scene_key(m, "N");
    assert_int_equal(model_open_item(m)->scroll, first);
    scene_key(m, "Esc");
    assert_string_equal(m->needle, "");
    scene_free(m);
}

static void quitting_asks_only_when_something_runs(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_key(m, "q");
    expect_intent(m, INTENT_QUIT, NULL);
    scene_workspace(m);
    scene_running(m);
    scene_keys(m, "q n");
    expect_no_intent(m);
    scene_keys(m, "q y");
    expect_intent(m, INTENT_QUIT, NULL);
    scene_free(m);
}

/* ---- What comes next ---- */

static void the_next_failure_has_a_key(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_key(m, "."); /* nothing was checked yet */
    assert_int_equal(m->reader.showing, READER_LESSON);
    scene_workspace(m);
    scene_failed(m);
    scene_key(m, ".");
    assert_int_equal(m->reader.showing, READER_FAILURE);
    assert_string_equal(m->reader.failed_check, "echoes_a_line");
    assert_int_equal(m->checks.cursor, 1);
    assert_int_equal(m->focus, PANE_READER);
    scene_key(m, "."); /* there is no other: it stays, and says so */
    assert_non_null(strstr(m->message, "only check that has failed"));
    assert_string_equal(m->reader.failed_check, "echoes_a_line");
    scene_keys(m, "h"); /* a hint, and back to where one was */
    assert_int_equal(m->reader.showing, READER_LESSON);
    scene_key(m, ".");
    assert_string_equal(m->reader.failed_check, "echoes_a_line");

    scene_build_failed(m);
    scene_key(m, ".");
    char *file;
    assert_int_equal(scene_intent(m, &file), INTENT_EDIT);
    assert_string_equal(file, "main.c");
    free(file);
    scene_free(m);
}

static void the_next_challenge_has_a_key(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    for (int i = 0; i < 4; i++)
        m->items[i].solved = true;
    scene_keys(m, "m >");
    assert_int_equal(model_overlay(m), OVERLAY_NONE);
    assert_int_equal(model_open_item(m)->info->number, 5);
    scene_key(m, ">"); /* one is there */
    assert_int_equal(model_open_item(m)->info->number, 5);
    scene_free(m);
}

static void send_mouse(struct model *m, enum mouse_action action, int row, int col)
{
    struct input_event e = {.type = INPUT_MOUSE,
                            .mouse = {.action = action, .button = 1, .row = row, .col = col}};
    update_input(m, &e);
}

static void click(struct model *m, int row, int col)
{
    send_mouse(m, MOUSE_PRESS, row, col);
    send_mouse(m, MOUSE_RELEASE, row, col);
}

static void the_mouse_selects_and_opens(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    click(m, m->layout.pane[PANE_STAGES].row + 3, 5); /* the third challenge */
    assert_int_equal(model_open_item(m)->info->number, 3);
    click(m, m->layout.pane[PANE_CHECKS].row + 1, m->layout.pane[PANE_CHECKS].col + 1);
    assert_int_equal(m->focus, PANE_CHECKS);
    scene_free(m);
}

static void a_drag_copies_what_it_was_drawn_over(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    struct rect r = m->layout.pane[PANE_READER];
    int row = r.row + 4, col = r.col + 1; /* "A server is a program that other", "people's ..." */
    send_mouse(m, MOUSE_PRESS, r.row + 1, col);
    assert_false(m->selection.active);
    send_mouse(m, MOUSE_DRAG, r.row + 1, col + 2);
    send_mouse(m, MOUSE_RELEASE, r.row + 1, col + 2);
    expect_intent(m, INTENT_COPY, "TCP");
    assert_true(m->selection.active); /* until the next key */

    send_mouse(m, MOUSE_PRESS, row, col + 9); /* backwards, and out of the pane: lines of the pane */
    send_mouse(m, MOUSE_DRAG, row - 1, 0);
    send_mouse(m, MOUSE_RELEASE, row - 1, 0);
    char *text;
    assert_int_equal(scene_intent(m, &text), INTENT_COPY);
    assert_non_null(strchr(text, '\n'));
    assert_null(strstr(text, "│"));
    free(text);
    scene_key(m, "j");
    assert_false(m->selection.active);

    scene_key(m, "?"); /* in what lies over the panes, too */
    send_mouse(m, MOUSE_PRESS, 5, 20);
    send_mouse(m, MOUSE_DRAG, 5, 40);
    send_mouse(m, MOUSE_RELEASE, 5, 40);
    assert_int_equal(scene_intent(m, &text), INTENT_COPY);
    free(text);
    scene_free(m);
}

static void a_drag_over_a_link_does_not_follow_it(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_keys(m, "f");
    struct page_link l = *page_link_find(&m->reader.lesson, m->reader.link);
    struct rect r = m->layout.pane[PANE_READER];
    int row = r.row + (int)l.line - model_open_item(m)->scroll;
    send_mouse(m, MOUSE_PRESS, row, r.col + l.col);
    send_mouse(m, MOUSE_DRAG, row, r.col + l.col + 3);
    send_mouse(m, MOUSE_RELEASE, row, r.col + l.col + 3);
    assert_int_equal(m->reader.showing, READER_LESSON);
    click(m, row, r.col + l.col);
    assert_int_not_equal(m->reader.showing, READER_LESSON);
    scene_free(m);
}

static void a_click_on_a_hint_is_its_key(void **state)
{
    (void)state;
    struct model *m = scene_new(40, 120);
    scene_workspace(m);
    struct input_event press = {.type = INPUT_MOUSE, .mouse = {.action = MOUSE_PRESS, .button = 1}};
    press.mouse.row = m->layout.footer.row;
    struct key k;
    bool clicked = false;
    for (int col = 0; col < 120 && !clicked; col++)
        if (footer_key(m, press.mouse.row, col, &k) && k.code == 'r') {
            press.mouse.col = col + 2; /* on its name */
            update_input(m, &press);
            clicked = true;
        }
    assert_true(clicked);
    expect_intent(m, INTENT_RUN, NULL);
    assert_false(footer_key(m, press.mouse.row - 5, press.mouse.col, &k));
    press.mouse.col = 0; /* nothing stands there */
    update_input(m, &press);
    expect_no_intent(m);
    scene_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_lead_through_stages_and_challenges),
        cmocka_unit_test(tab_and_digits_change_the_pane),
        cmocka_unit_test(a_place_in_the_lesson_survives_another_width),
        cmocka_unit_test(arrows_move_on_the_map_and_enter_opens),
        cmocka_unit_test(what_is_begun_comes_next_and_then_what_one_is_prepared_for),
        cmocka_unit_test(solving_shows_what_was_reached_and_takes_no_focus),
        cmocka_unit_test(our_solution_is_shown_after_solving_or_a_clear_yes),
        cmocka_unit_test(a_diff_has_the_changed_lines_and_what_is_around_them),
        cmocka_unit_test(days_and_dates_are_the_calendars),
        cmocka_unit_test(a_source_is_put_back_after_a_question),
        cmocka_unit_test(the_palette_does_what_its_letters_find),
        cmocka_unit_test(settings_hold_at_once_and_are_kept),
        cmocka_unit_test(a_light_background_brings_darker_colours),
        cmocka_unit_test(notes_open_in_the_editor),
        cmocka_unit_test(links_lead_away_and_backspace_leads_back_to_the_place),
        cmocka_unit_test(f_goes_from_link_to_link_and_enter_follows),
        cmocka_unit_test(every_link_of_the_lessons_and_the_handbook_leads_somewhere),
        cmocka_unit_test(a_search_finds_challenges_in_folded_stages),
        cmocka_unit_test(what_fewer_letters_found_leaves_no_trace),
        cmocka_unit_test(a_search_goes_round_and_is_put_away_with_escape),
        cmocka_unit_test(quitting_asks_only_when_something_runs),
        cmocka_unit_test(the_next_failure_has_a_key),
        cmocka_unit_test(the_next_challenge_has_a_key),
        cmocka_unit_test(the_mouse_selects_and_opens),
        cmocka_unit_test(a_drag_copies_what_it_was_drawn_over),
        cmocka_unit_test(a_drag_over_a_link_does_not_follow_it),
        cmocka_unit_test(a_click_on_a_hint_is_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
