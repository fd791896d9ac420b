/* Every screen there is, as a model in that state: see screens.h. */
#include "screens.h"

#include "scenes.h"

#include "app/update.h"
#include "base/buf.h"
#include "base/mem.h"
#include "model/diff.h"
#include "panes/pane.h"

#include <stdio.h>
#include <stdlib.h>

static void offer(struct model *m)
{
    scene_keys(m, "t Right");
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

static const char doctor_answer[] =
    "ok       sandbox     full: each check runs in a world of its own\n"
    "ok       C           cc (gcc 12.2.0)\n"
    "MISSING  Go          go is not installed or not on PATH, and Go needs it:\n"
    "                     apt install golang-go\n"
    "note     cgroups     there is no cgroup version 2 here\n"
    "ok       workspaces  /home/ada/lux (84421 MB free)\n\n"
    "1 thing is missing.\n";

static void welcome_doctor(struct model *m)
{
    welcome(m);
    scene_keys(m, "Enter F5");
    m->doctor_text = xstrdup(doctor_answer);
}

static void running(struct model *m)
{
    scene_workspace(m);
    scene_running(m);
}

static void failed(struct model *m)
{
    scene_workspace(m);
    scene_failed(m);
    scene_keys(m, "4 j");
}

/* A new run has begun: what is known is of the one before, and counts for nothing yet. */
static void again(struct model *m)
{
    failed(m);
    run_begin(model_open_item(m)->run, false);
}

static void blocked(struct model *m)
{
    scene_workspace(m);
    scene_blocked(m);
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

static void build_failed(struct model *m)
{
    scene_workspace(m);
    scene_build_failed(m);
    scene_key(m, "4");
}

/* A solved challenge is being improved: the error comes before the next challenge. */
static void solved_but_broken(struct model *m)
{
    scene_workspace(m);
    scene_solved(m);
    scene_build_failed(m);
    *m->message = '\0';
}

static void so_far(struct model *m)
{
    scene_workspace(m);
    scene_failed(m);
    scene_keys(m, "v");
}

static void build_output(struct model *m)
{
    build_failed(m);
    scene_key(m, "o");
}

static void solved(struct model *m)
{
    scene_workspace(m);
    scene_failed(m);
    scene_solved(m);
    model_open_item(m)->first_attempt_at = 1700000000;
    model_open_item(m)->solved_at = 1700000000 + 7800;
}

static void in_shell(struct model *m)
{
    scene_workspace(m);
    scene_key(m, "t");
}

/* What to mend next, with a name that is cut so that the line holds it to its end. */
static void shell_zoomed(struct model *m)
{
    scene_workspace(m);
    scene_failed(m);
    free(model_open_item(m)->run->checks[1].title);
    model_open_item(m)->run->checks[1].title =
        xstrdup("Tells a port that does not answer from one that is closed, whatever the host");
    scene_keys(m, "t C-g z");
    *m->message = '\0';
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

static void help(struct model *m)
{
    scene_key(m, "?");
}

static void stages(struct model *m)
{
    scene_keys(m, "1 ] ] [ j j");
}

static void hints(struct model *m)
{
    scene_keys(m, "h h h");
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

static void settings(struct model *m)
{
    scene_keys(m, ", Right");
}

static void settings_key(struct model *m)
{
    scene_keys(m, ", Down Down Enter");
}

static void searching(struct model *m)
{
    scene_keys(m, "/ s e r v e");
}

static void question(struct model *m)
{
    running(m);
    scene_key(m, "q");
}

static void welcome_end(struct model *m)
{
    welcome(m);
    scene_key(m, "Esc");
}

/* The texts of the course change; what they look like here should not. */
static void solution(struct model *m)
{
    solved(m);
    reader_go(
        m, READER_SOLUTION, "main.c",
        xstrdup(
            "# TCP Echo Server\n\nOne way among many: main.c. What does it do otherwise than yours, and "
            "why?\n\n~~~~~~~~\n/* Sends every byte back. */\nint main(int argc, char **argv)\n{\n    "
            "int listener = listen_on(argc > 1 ? argv[1] : \"7\");\n    serve(listener);\n}\n~~~~~~~~\n"));
    model_focus(m, PANE_READER);
}

static void handbook_index_open(struct model *m)
{
    reader_go(
        m, READER_HANDBOOK, "",
        xstrdup("# Handbook\n\nWhat many challenges need, a page each.\n\n## For TCP Echo Server\n\n- [File "
                "descriptors](handbook/file-descriptors)\n- [How a TCP connection "
                "ends](handbook/tcp-close)\n\n## Its manual pages\n\nsocket(2), bind(2), listen(2)\n"));
    model_focus(m, PANE_READER);
}

static void doctor(struct model *m)
{
    m->doctor_text = xstrdup(doctor_answer);
    scene_key(m, "D");
}

static void search_nothing(struct model *m)
{
    scene_keys(m, "2 / q x q Enter");
}

static void drag(struct model *m, enum mouse_action action, int row, int col)
{
    struct input_event e = {.type = INPUT_MOUSE,
                            .mouse = {.action = action, .button = 1, .row = row, .col = col}};
    update_input(m, &e);
}

static void selection(struct model *m)
{
    struct rect r = m->layout.pane[PANE_READER];
    drag(m, MOUSE_PRESS, r.row + 3, r.col + 9);
    drag(m, MOUSE_DRAG, r.row + 5, r.col + 12);
}

/* A message longer than its line. */
static void trouble(struct model *m)
{
    failed(m);
    model_complain(
        m, "The progress could not be recorded: /home/ada/.local/share/lux/lux.db is on a file system "
           "that is full. The checks go on; make room and run them again to have them recorded.");
}

/* ---- The table ---- */

/* Every screen, at 80x24, 120x40 and 200x60 and in each theme; at other sizes where the layout is another. */
const struct screen screens[] = {
    {"first", NULL, 0, 0},
    {"offer", offer, 0, 0},
    {"welcome-language", welcome, 0, 0},
    {"welcome-key", welcome_key, 0, 0},
    {"welcome-doctor", welcome_doctor, 0, 0},
    {"welcome-end", welcome_end, 0, 0},
    {"running", running, 0, 0},
    {"failed", failed, 0, 0},
    {"again", again, 0, 0},
    {"blocked", blocked, 0, 0},
    {"failure", failure, 0, 0},
    {"failure-end", failure_end, 0, 0},
    {"build-failed", build_failed, 0, 0},
    {"build-output", build_output, 0, 0},
    {"solved", solved, 0, 0},
    {"solution", solution, 0, 0},
    {"shell", in_shell, 0, 0},
    {"shell-zoomed", shell_zoomed, 0, 0},
    {"prefix", after_prefix, 0, 0},
    {"zoomed", zoomed, 0, 0},
    {"help", help, 0, 0},
    {"stages", stages, 0, 0},
    {"hints", hints, 0, 0},
    {"link", link_chosen, 0, 0},
    {"handbook", handbook_index_open, 0, 0},
    {"handbook-page", handbook, 0, 0},
    {"manual", manual_page_open, 0, 0},
    {"map", map, 0, 0},
    {"history", history, 0, 0},
    {"history-question", history_question, 0, 0},
    {"history-none", no_history, 0, 0},
    {"statistics", statistics, 0, 0},
    {"palette", palette, 0, 0},
    {"palette-all", palette_all, 0, 0},
    {"palette-nothing", palette_nothing, 0, 0},
    {"settings", settings, 0, 0},
    {"settings-key", settings_key, 0, 0},
    {"doctor", doctor, 0, 0},
    {"search", searching, 0, 0},
    {"search-nothing", search_nothing, 0, 0},
    {"question", question, 0, 0},
    {"selection", selection, 0, 0},
    {"trouble", trouble, 0, 0},
    {"map", map, 30, 70},
    {"map", map, 16, 60},
    {"tabs", failed, 30, 70},
    {"tabs", failed, 16, 60},
    {"failure", failure, 16, 60},
    {"solved-but-broken", solved_but_broken, 24, 80},
    {"so-far", so_far, 24, 80},
    {"welcome-language", welcome, 16, 60},
    {"welcome-doctor", welcome_doctor, 16, 60},
    {"settings", settings, 16, 60},
    {"question", question, 16, 60},
    {"tiny", NULL, 12, 40},
    {"tiny", NULL, 15, 59},
};
const size_t screen_count = ARRAY_LEN(screens);
