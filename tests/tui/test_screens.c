/* What stands on the screen, in every state that matters and at three sizes. */
#include "../unit/cmocka_all.h"

#include "golden.h"
#include "scenes.h"

#include "app/update.h"
#include "base/mem.h"
#include "model/diff.h"
#include "panes/pane.h"

#include <stdio.h>

static void check_screen(const char *name, void (*set_up)(struct model *m), int rows, int cols)
{
    struct model *m = scene_new(rows, cols);
    autofree char *file = xasprintf("%s-%dx%d", name, cols, rows);
    if (set_up)
        set_up(m);
    update_settle(m);
    struct surface *s = scene_draw(m);
    golden_check(file, s);
    surface_free(s);
    scene_free(m);
}

static void check_sizes(const char *name, void (*set_up)(struct model *m))
{
    check_screen(name, set_up, 24, 80);
    check_screen(name, set_up, 40, 120);
    check_screen(name, set_up, 60, 200);
}

static void first_challenge_has_no_workspace(void **state)
{
    (void)state;
    check_sizes("first", NULL);
}

static void offer(struct model *m)
{
    scene_keys(m, "t Right");
}

static void terminal_pane_offers_a_workspace(void **state)
{
    (void)state;
    check_sizes("offer", offer);
}

static void welcome(struct model *m)
{
    model_push_overlay(m, OVERLAY_WELCOME);
}

static void welcome_key(struct model *m)
{
    welcome(m);
    scene_keys(m, "Down Enter x");
}

static void welcome_doctor(struct model *m)
{
    welcome(m);
    scene_keys(m, "Enter F5");
    m->doctor_text =
        xstrdup("sandbox   full\nC         cc (gcc 12.2.0)\nGo        missing: apt install golang-go\n");
}

static void welcome_has_three_steps(void **state)
{
    (void)state;
    check_sizes("welcome-language", welcome);
    check_screen("welcome-key", welcome_key, 24, 80);
    check_screen("welcome-doctor", welcome_doctor, 24, 80);
}

static void running(struct model *m)
{
    scene_workspace(m);
    scene_running(m);
}

static void results_stream_into_the_checks_pane(void **state)
{
    (void)state;
    check_sizes("running", running);
}

static void failed(struct model *m)
{
    scene_workspace(m);
    scene_failed(m);
    scene_keys(m, "4 j");
}

static void failure(struct model *m)
{
    failed(m);
    scene_key(m, "Enter");
}

static void failure_end(struct model *m)
{
    failure(m);
    scene_key(m, "G");
}

static void failures_are_listed_and_explained(void **state)
{
    (void)state;
    check_sizes("failed", failed);
    check_sizes("failure", failure);
    check_screen("failure-end", failure_end, 40, 120);
}

static void build_failed(struct model *m)
{
    scene_workspace(m);
    scene_build_failed(m);
    scene_key(m, "4");
}

static void build_output(struct model *m)
{
    build_failed(m);
    scene_key(m, "o");
}

static void build_errors_are_listed_with_their_places(void **state)
{
    (void)state;
    check_sizes("build-failed", build_failed);
    check_screen("build-output", build_output, 40, 120);
}

static void solved(struct model *m)
{
    scene_workspace(m);
    scene_failed(m);
    scene_solved(m);
    model_open_item(m)->first_attempt_at = 1700000000;
    model_open_item(m)->solved_at = 1700000000 + 7800;
}

static void a_solved_challenge_says_what_comes_next(void **state)
{
    (void)state;
    check_sizes("solved", solved);
}

static void in_shell(struct model *m)
{
    scene_workspace(m);
    scene_key(m, "t");
}

static void after_prefix(struct model *m)
{
    in_shell(m);
    scene_key(m, "C-g");
}

static void zoomed(struct model *m)
{
    in_shell(m);
    scene_keys(m, "C-g z");
}

static void the_terminal_says_how_to_leave_it(void **state)
{
    (void)state;
    check_sizes("shell", in_shell);
    check_sizes("prefix", after_prefix);
    check_screen("zoomed", zoomed, 24, 80);
}

static void help(struct model *m)
{
    scene_key(m, "?");
}

static void help_lists_every_key(void **state)
{
    (void)state;
    check_sizes("help", help);
}

static void stages(struct model *m)
{
    scene_keys(m, "1 ] ] [ j j");
}

static void stages_show_what_is_solved_and_begun(void **state)
{
    (void)state;
    check_sizes("stages", stages);
}

static void hints(struct model *m)
{
    scene_keys(m, "h h h");
}

static void hints_unfold_one_at_a_time(void **state)
{
    (void)state;
    check_screen("hints", hints, 40, 120);
}

static void link_chosen(struct model *m)
{
    scene_keys(m, "f f");
}

static void handbook(struct model *m)
{
    static const char text[] =
        "# How a TCP connection ends\n\nA TCP connection is *two* streams, and each ends by itself: see "
        "[partial reads](handbook/partial-reads-and-writes), `shutdown(2)` and tcp(7).\n\n"
        "```c\nwhile ((n = recv(fd, bytes, sizeof bytes, 0)) > 0)\n    send_all(fd, bytes, n);\n```\n";
    reader_go(m, READER_HANDBOOK, "tcp-close", xstrdup(text));
    update_settle(m);
    scene_keys(m, "f f");
}

static const char manual[] = "poll(2)                  System Calls Manual                  poll(2)\n"
                             "\n"
                             "N\bNA\bAM\bME\bE\n"
                             "       poll, ppoll - wait for some event on a file descriptor\n"
                             "\n"
                             "S\bSY\bYN\bNO\bOP\bPS\bSI\bIS\bS\n"
                             "       i\bin\bnt\bt p\bpo\bol\bll\bl(\b(_\bf_\bd_\bs)\b)\n"
                             "\n"
                             "S\bSE\bEE\bE A\bAL\bLS\bSO\bO\n"
                             "       s\bse\bel\ble\bec\bct\bt(2), e\bep\bpo\bol\bll\bl(7)\n";

static void manual_page_open(struct model *m)
{
    follow_link(m, "man:poll(2)");
    update_manual(m, "poll(2)", manual);
    update_settle(m);
    scene_keys(m, "f f");
}

static void links_lead_to_the_handbook_and_to_manual_pages(void **state)
{
    (void)state;
    check_screen("link", link_chosen, 40, 120);
    check_sizes("handbook", handbook);
    check_sizes("manual", manual_page_open);
}

static void map(struct model *m)
{
    struct item *it = &m->items[0];
    it->solved = true;
    it->attempts = 3;
    it->core_passed = it->core_total = 5;
    it = model_open_item(m);
    it->attempts = 4;
    it->core_passed = 2;
    it->core_total = 6;
    it->workspace_state = WORKSPACE_PRESENT;
    scene_keys(m, "m Right Down");
}

static void the_map_shows_the_whole_way(void **state)
{
    (void)state;
    check_sizes("map", map);
    check_screen("map", map, 30, 70);
    check_screen("map", map, 16, 60);
}

static void attempts(struct model *m)
{
    static const struct {
        const char *when, *outcome;
        double ms;
        bool partial, has_source;
        int passed;
    } past[] = {
        {"Nov 23 07:12", "solved", 2310, false, true, 6},
        {"Nov 23 07:02", "unsolved", 4100, false, true, 4},
        {"Nov 22 19:40", "unsolved", 310, true, true, 1},
        {"Nov 22 19:31", "build failed", 0, false, true, 0},
        {"Nov 22 19:30", "interrupted", 900, false, false, 2},
    };
    struct history_view *v = &m->history;
    v->n = (int)ARRAY_LEN(past);
    v->rows = xcalloc(ARRAY_LEN(past), sizeof *v->rows);
    for (size_t i = 0; i < ARRAY_LEN(past); i++) {
        v->rows[i] = (struct attempt_row){.id = 100 - (int)i,
                                          .number = v->n - (int)i,
                                          .ms = past[i].ms,
                                          .outcome = xstrdup(past[i].outcome),
                                          .partial = past[i].partial,
                                          .has_source = past[i].has_source,
                                          .passed = past[i].passed,
                                          .total = past[i].ms > 0 ? 6 : 0};
        snprintf(v->rows[i].when, sizeof v->rows[i].when, "%s", past[i].when);
    }
}

static void history(struct model *m)
{
    struct buf text = {0};
    attempts(m);
    scene_keys(m, "H");
    buf_addstr(&text, "= main.c\n");
    diff_texts("int main(void)\n{\n    int fd;\n    char c;\n    read(fd, &c, 1);\n    return 0;\n}\n",
               "int main(void)\n{\n    int fd;\n    char bytes[4096];\n    read(fd, bytes, sizeof bytes);\n"
               "    return 0;\n}\n",
               &text);
    buf_addstr(&text, "= notes.txt (new)\n@ 1\n+half-close!\n");
    m->history.changes = buf_take(&text);
}

static void history_question(struct model *m)
{
    history(m);
    scene_keys(m, "Enter");
}

static void no_history(struct model *m)
{
    scene_keys(m, "H");
}

static void attempts_are_listed_with_what_changed(void **state)
{
    (void)state;
    check_sizes("history", history);
    check_screen("history-question", history_question, 24, 80);
    check_screen("history-none", no_history, 24, 80);
}

static void statistics(struct model *m)
{
    static const int tried[] = {3, 12, 0, 0, 7, 1, 0, 2, 0, 0, 0, 5, 4};
    attempts(m);
    m->stats.today = day_of(2026, 11, 23);
    m->stats.days = xcalloc(ARRAY_LEN(tried), sizeof *m->stats.days);
    for (size_t i = 0; i < ARRAY_LEN(tried); i++)
        if (tried[i] > 0)
            m->stats.days[m->stats.n++] = (struct stats_day){m->stats.today - 2 * (int)i, tried[i], 0};
    for (int i = 0; i < 3; i++) {
        struct item *it = &m->items[i];
        it->solved = true;
        it->attempts = 3 + 4 * i;
        it->first_attempt_at = 1700000000;
        it->solved_at = 1700000000 + 5000 * (i + 1) * (i + 1) - 4000;
    }
    scene_keys(m, "S");
}

static void statistics_ascii(struct model *m)
{
    ui_set_unicode(false);
    statistics(m);
}

static void statistics_are_plots_of_characters(void **state)
{
    (void)state;
    check_sizes("statistics", statistics);
    check_screen("statistics-ascii", statistics_ascii, 40, 120);
    ui_set_unicode(true);
}

static void palette(struct model *m)
{
    scene_keys(m, ": s e r v");
}

static void palette_all(struct model *m)
{
    scene_keys(m, ": Down Down");
}

static void palette_nothing(struct model *m)
{
    scene_keys(m, ": q x q");
}

static void the_palette_finds_actions_and_challenges(void **state)
{
    (void)state;
    check_sizes("palette", palette);
    check_screen("palette-all", palette_all, 40, 120);
    check_screen("palette-nothing", palette_nothing, 24, 80);
}

static void settings(struct model *m)
{
    scene_keys(m, ", Right");
}

static void settings_key(struct model *m)
{
    scene_keys(m, ", Down Down Enter");
}

static void settings_are_changed_in_place(void **state)
{
    (void)state;
    check_sizes("settings", settings);
    check_screen("settings-key", settings_key, 24, 80);
}

static void searching(struct model *m)
{
    scene_keys(m, "/ s e r v e");
}

static void a_search_shows_what_it_finds(void **state)
{
    (void)state;
    check_screen("search", searching, 40, 120);
    check_screen("search", searching, 24, 80);
}

static void question(struct model *m)
{
    running(m);
    scene_key(m, "q");
}

static void quitting_asks_while_checks_run(void **state)
{
    (void)state;
    check_screen("question", question, 24, 80);
}

static void mono(struct model *m)
{
    m->theme = theme_find("mono");
    failed(m);
}

static void light(struct model *m)
{
    m->theme = theme_find("light");
    failed(m);
}

static void contrast(struct model *m)
{
    m->theme = theme_find("contrast");
    failed(m);
}

static void ascii(struct model *m)
{
    ui_set_unicode(false);
    m->reader.lesson_of = m->n_items; /* was laid out before */
    failed(m);
}

static void themes_and_ascii_say_the_same(void **state)
{
    (void)state;
    check_screen("mono", mono, 24, 80);
    check_screen("light", light, 24, 80);
    check_screen("contrast", contrast, 24, 80);
    check_screen("ascii", ascii, 24, 80);
    ui_set_unicode(true);
}

static void narrow_screens_have_tabs_and_tiny_ones_a_sentence(void **state)
{
    (void)state;
    check_screen("tabs", failed, 30, 70);
    check_screen("tiny", NULL, 12, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_challenge_has_no_workspace),
        cmocka_unit_test(terminal_pane_offers_a_workspace),
        cmocka_unit_test(welcome_has_three_steps),
        cmocka_unit_test(results_stream_into_the_checks_pane),
        cmocka_unit_test(failures_are_listed_and_explained),
        cmocka_unit_test(build_errors_are_listed_with_their_places),
        cmocka_unit_test(a_solved_challenge_says_what_comes_next),
        cmocka_unit_test(the_terminal_says_how_to_leave_it),
        cmocka_unit_test(help_lists_every_key),
        cmocka_unit_test(stages_show_what_is_solved_and_begun),
        cmocka_unit_test(hints_unfold_one_at_a_time),
        cmocka_unit_test(links_lead_to_the_handbook_and_to_manual_pages),
        cmocka_unit_test(the_map_shows_the_whole_way),
        cmocka_unit_test(attempts_are_listed_with_what_changed),
        cmocka_unit_test(statistics_are_plots_of_characters),
        cmocka_unit_test(the_palette_finds_actions_and_challenges),
        cmocka_unit_test(settings_are_changed_in_place),
        cmocka_unit_test(a_search_shows_what_it_finds),
        cmocka_unit_test(quitting_asks_while_checks_run),
        cmocka_unit_test(themes_and_ascii_say_the_same),
        cmocka_unit_test(narrow_screens_have_tabs_and_tiny_ones_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
