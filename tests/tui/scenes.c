#include "scenes.h"

#include "../unit/cmocka_all.h"

#include "app/actions.h"
#include "app/draw.h"
#include "app/update.h"
#include "base/mem.h"
#include "model/shell.h"

#include <string.h>

static const char lesson_text[] =
    "# TCP Echo Server\n\n"
    "A server is a program that *other people's* programs depend on. It does not choose its clients.\n\n"
    "## What you build\n\n"
    "`./server <port>`, which serves until it is told to stop.\n\n"
    "```\n$ ./server 7000 &\n$ printf 'hello\\n' | nc -N localhost 7000 | tr a-z A-Z | rev | tee copy.txt | wc\n```\n\n"
    "## Contract\n\n"
    "- **echo** — Every byte that a client sends is sent back unchanged and in order.\n"
    "- **half-close** — When a client has ended its sending side, the server sends what it owes.\n\n"
    "| call | does |\n|---|---|\n| `accept(2)` | takes a connection |\n| `close(2)` | ends it |\n";

struct model *scene_new(int rows, int cols)
{
    struct error err = {0};
    struct course *course = course_load(LUX_SOURCE_DIR, &err);
    if (!course)
        fail_msg("%s", err.text);
    static const char *const languages[] = {"c", "go", NULL};
    ui_set_unicode(true);
    struct model *m = model_new(course, languages);
    m->actions = action_table;
    m->n_actions = action_count;
    free(m->home);
    m->home = xstrdup("/home/ada");
    for (size_t i = 0; i < m->n_items; i++) {
        struct item *it = &m->items[i];
        autofree char *name = course_workspace_name(it->info);
        it->available = it->info->number <= 48;
        it->n_checks = 12;
        it->workspace = xasprintf("/home/ada/lux/%s", name);
        it->workspace_state = WORKSPACE_MISSING;
        it->lesson_loaded = true;
        it->lesson =
            (struct lesson){.body = it->info->number == 2 ? lesson_text : "# A lesson\n\nSome text.\n"};
    }
    m->items[1].lesson.hints[0] = "Look at `accept(2)` once more.";
    m->items[1].lesson.hints[1] = "Think of *two* clients.";
    m->watch = WATCH_EVENTS;
    model_open(m, 1);
    update_resize(m, rows, cols);
    char *text;
    while (scene_intent(m, &text) >= 0)
        free(text);
    return m;
}

void scene_free(struct model *m)
{
    for (size_t i = 0; i < m->n_items; i++)
        m->items[i].lesson_loaded = false; /* ours are constant */
    model_free(m);
}

void scene_key(struct model *m, const char *name)
{
    struct input_event e = {.type = INPUT_KEY};
    if (!key_parse(name, &e.key))
        fail_msg("there is no key %s", name);
    if (e.key.code < 128 && !(e.key.mods & MOD_CTRL)) {
        e.key.bytes[0] = (char)e.key.code;
        e.key.n_bytes = 1;
    }
    update_input(m, &e);
}

void scene_keys(struct model *m, const char *names)
{
    autofree char *copy = xstrdup(names);
    char *save = NULL;
    for (char *k = strtok_r(copy, " ", &save); k; k = strtok_r(NULL, " ", &save))
        scene_key(m, k);
}

void scene_workspace(struct model *m)
{
    static const char text[] =
        "\033[1;32mada@train\033[m:\033[1;34m~/lux/02-tcp-echo-server\033[m$ cc -o server main.c\r\n"
        "\033[1;32mada@train\033[m:\033[1;34m~/lux/02-tcp-echo-server\033[m$ ";
    struct item *it = model_open_item(m);
    it->workspace_state = WORKSPACE_PRESENT;
    it->shell = shell_new(24, 80);
    update_settle(m);
    shell_print(it->shell, text, sizeof text - 1);
}

/* ---- Runs ---- */

static struct event_run_check checks[] = {
    {"accepts", "Accepts a connection", "echo", TIER_CORE},
    {"echoes_a_line", "Sends a line back", "echo", TIER_CORE},
    {"next_client", "Serves the next client when one has left", "echo", TIER_CORE},
    {"half_close", "Sends all that it owes before it ends a connection", "half-close", TIER_ROBUST},
    {"echoes_8_mib", "Sends 8 MiB back to a client that reads late", "echo", TIER_ROBUST},
    {"many", "Serves 10,000 clients one after the other", "echo", TIER_FAST},
};

static void feed(struct model *m, struct event e)
{
    update_engine(m, m->open, &e);
}

static void begin(struct model *m)
{
    struct run *r = model_open_item(m)->run;
    m->running = m->open;
    run_begin(r, false);
    feed(m, (struct event){.type = EVENT_BUILD_START,
                           .build_start = {.language = "c",
                                           .command = "cc -O2 -Wall -o server main.c",
                                           .dir = "/home/ada/lux/02-tcp-echo-server"}});
}

static void begin_checks(struct model *m)
{
    begin(m);
    feed(m, (struct event){.type = EVENT_BUILD_END, .build_end = {.ok = true, .ms = 180}});
    feed(m, (struct event){.type = EVENT_RUN_START,
                           .run_start = {.challenge = "tcp-echo-server",
                                         .number = 2,
                                         .title = "TCP Echo Server",
                                         .dir = "/home/ada/lux/02-tcp-echo-server",
                                         .level = "full",
                                         .checks = checks,
                                         .n_checks = ARRAY_LEN(checks)}});
}

static void start(struct model *m, const char *id)
{
    feed(m, (struct event){.type = EVENT_CHECK_START, .check_start = {id}});
}

static void end(struct model *m, const char *id, enum verdict v, double ms)
{
    start(m, id);
    feed(m, (struct event){.type = EVENT_CHECK_END, .check_end = {.check = id, .verdict = v, .ms = ms}});
}

static void end_badly(struct model *m, const char *id)
{
    static struct step steps[] = {{0.001, "started ./server 7000"},
                                  {0.004, "client#1 connected to 127.0.0.1:7000"},
                                  {0.005, "client#1 sent \"hello\\n\""},
                                  {2.006, "client#1 got nothing for 2.0 s"}};
    static struct process_state processes[] = {
        {12, "./server", "blocked in read(4), a TCP connection with 127.0.0.1:40012"}};
    static struct output_line output[] = {{"./server", "stderr", 0.002, "listening on port 7000"},
                                          {"./server", "stderr", 0.004, "client from 127.0.0.1"}};
    static const char *by_hand[] = {"./server 7000 &", "printf 'hello\\n' | nc -N localhost 7000"};
    struct failure f = {
        .clause = "echo",
        .clause_sentence = "**echo** — Every byte that a client sends is sent back unchanged and in order.",
        .expectation = "client#1 receives the line that it sent",
        .observation = "nothing came within 2.0 s",
        .expected = {"hello\\n", 0, 6},
        .received = {"hel", 0, 3},
        .difference = 3,
        .wait = "waited 2.0 s for the echo on client#1",
        .processes = processes,
        .n_processes = ARRAY_LEN(processes),
        .output = output,
        .n_output = ARRAY_LEN(output),
        .steps = steps,
        .n_steps = ARRAY_LEN(steps),
        .diagnosis =
            "The program waits for more input before it answers: a read loop that ends only at the end of the "
            "stream looks like this.",
        .see = "read(2), recv(2)",
        .by_hand = by_hand,
        .n_by_hand = ARRAY_LEN(by_hand),
    };
    start(m, id);
    feed(m,
         (struct event){
             .type = EVENT_CHECK_END,
             .check_end = {
                 .check = id, .verdict = VERDICT_FAIL, .cause = CAUSE_TIMEOUT, .ms = 2006, .failure = &f}});
}

void scene_running(struct model *m)
{
    begin_checks(m);
    end(m, "accepts", VERDICT_PASS, 3.2);
    end_badly(m, "echoes_a_line");
    start(m, "next_client");
    feed(m, (struct event){.type = EVENT_STEP,
                           .step = {"next_client", {0.002, "client#2 connected to 127.0.0.1:7000"}}});
    update_settle(m);
}

static void finish(struct model *m, bool solved)
{
    feed(m, (struct event){
                .type = EVENT_RUN_END,
                .run_end = {.solved = solved, .core_passed = solved ? 3 : 2, .core_total = 3, .ms = 2310}});
    update_engine_gone(m, m->open, false, NULL);
    update_settle(m);
}

static void block(struct model *m, const char *id, const char *reason)
{
    feed(m, (struct event){.type = EVENT_CHECK_END,
                           .check_end = {.check = id, .verdict = VERDICT_BLOCKED, .reason = reason}});
}

void scene_blocked(struct model *m)
{
    begin_checks(m);
    end_badly(m, "accepts");
    for (size_t i = 1; i < ARRAY_LEN(checks); i++)
        block(m, checks[i].id, "needs \"Accepts a connection\", which failed");
    finish(m, false);
}

void scene_failed(struct model *m)
{
    begin_checks(m);
    end(m, "accepts", VERDICT_PASS, 3.2);
    end_badly(m, "echoes_a_line");
    end(m, "next_client", VERDICT_PASS, 12);
    block(m, "half_close", "needs \"Sends a line back\", which failed");
    end(m, "echoes_8_mib", VERDICT_SKIP, 0);
    end(m, "many", VERDICT_PASS, 840);
    finish(m, false);
}

void scene_solved(struct model *m)
{
    begin_checks(m);
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        end(m, checks[i].id, VERDICT_PASS, 3.2);
    finish(m, true);
}

void scene_build_failed(struct model *m)
{
    static struct diagnostic diagnostics[] = {
        {"main.c", 12, 5, "error", "expected ';' before 'return'"},
        {"main.c", 40, 9, "warning", "unused variable 'n' [-Wunused-variable]"},
    };
    begin(m);
    feed(m, (struct event){.type = EVENT_BUILD_OUTPUT,
                           .build_output = {true, "main.c:12:5: error: expected ';' before 'return'"}});
    feed(m, (struct event){.type = EVENT_BUILD_OUTPUT, .build_output = {true, "   12 |     return 0"}});
    feed(m, (struct event){.type = EVENT_BUILD_END,
                           .build_end = {.ms = 90,
                                         .error = "cc ended with status 1",
                                         .diagnostics = diagnostics,
                                         .n_diagnostics = ARRAY_LEN(diagnostics)}});
    update_engine_gone(m, m->open, false, NULL);
    update_settle(m);
}

int scene_intent(struct model *m, char **text)
{
    struct intent i;
    *text = NULL;
    if (!model_take_intent(m, &i))
        return -1;
    *text = i.text;
    return (int)i.type;
}

void expect_intent(struct model *m, enum intent_type type, const char *text)
{
    char *got = NULL;
    assert_int_equal(scene_intent(m, &got), (int)type);
    if (text) {
        assert_non_null(got);
        assert_string_equal(got, text);
    } else {
        assert_null(got);
    }
    free(got);
}

void expect_no_intent(struct model *m)
{
    char *got = NULL;
    assert_int_equal(scene_intent(m, &got), -1);
}

struct surface *scene_draw(const struct model *m)
{
    struct surface *s = surface_new(m->rows, m->cols);
    draw_screen(m, s);
    return s;
}
