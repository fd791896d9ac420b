/* The reports, from events made by hand to golden texts: tests/golden/report. After a wanted change, run this
 * with UPDATE_GOLDEN=1 and read the difference before it is committed. */
#include "report/report.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/mem.h"
#include "wellformed.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"

/* ---- The run that everything is shown with ---- */

static const char *const hex_expected[] = {
    "00000010  20 21 22 23 24 25 26 27  28 29 2a 2b 2c 2d 2e 2f  | !\"#$%&'()*+,-./|"};
static const char *const hex_received[] = {
    "00000010  20 21 22 23 24 25 26 27  28 29 0a                 | !\"#$%&'().|"};
static const char *const by_hand[] = {"lux check tcp-echo-server --only half_close --seed 42",
                                      "./server 7000 &", "printf 'a & b < c\\n' | nc -N 127.0.0.1 7000"};
static const char *const notes[] = {"6 descriptors after 300 clients, 7 before"};

static struct event_run_check checks[] = {
    {.id = "echoes", .title = "Sends a line back", .clause = "echo", .tier = TIER_CORE},
    {.id = "half_close",
     .title = "Still answers after the client has ended its side, however late it does",
     .clause = "half-close",
     .tier = TIER_CORE},
    {.id = "all_bytes",
     .title = "Sends every byte value back unchanged, NUL included",
     .clause = "echo",
     .tier = TIER_ROBUST},
    {.id = "sigterm",
     .title = "Stops on SIGTERM: \"<now>\" & at once, # 1",
     .clause = "stop",
     .tier = TIER_ROBUST},
    {.id = "tun", .title = "Uses a TUN device", .clause = "tun", .tier = TIER_ROBUST},
    {.id = "later", .title = "Depends on the TUN device", .clause = "tun", .tier = TIER_ROBUST},
    {.id = "crash", .title = "Survives a client that resets", .clause = "abrupt", .tier = TIER_ROBUST},
    {.id = "bulk", .title = "Moves bytes in bulk", .clause = "bulk", .tier = TIER_FAST},
};

static struct step steps[] = {{0.001, "starts ./server 7000 (pid 2)"},
                              {0.004, "client#1 → ./server  6 bytes \"hello\\n\""},
                              {12.5, "client#1 ends its side"}};
static struct process_state processes[] = {
    {.pid = 2, .name = "./server", .doing = "blocked in read(4), a TCP connection with 127.0.0.1:40012"}};
static struct output_line output[] = {
    {.program = "./server", .stream = "stderr", .at = 0.003, .text = "listening \\e[31mred\\e[0m"},
    {.program = "./server", .stream = "stdout", .at = 0.0045, .text = "got <6> bytes & more"}};

static struct failure half_close = {
    .clause = "half-close",
    .clause_sentence =
        "After a client has ended its side, everything that it is still owed is sent before the connection is closed.",
    .expectation = "client#1 receives \"hello\\n\"",
    .observation = "the connection ended after 14 of 20 bytes",
    .expected = {.text = "one\\ntwo\\nthree\\nfour\\nhello\\nend\\n", .total = 28},
    .received = {.text = "one\\ntwo\\nthree\\nfour\\nhel", .total = 22},
    .difference = 22,
    .wait = "waited 2.0 s for the rest of the echo",
    .processes = processes,
    .n_processes = 1,
    .output = output,
    .n_output = 2,
    .steps = steps,
    .n_steps = 3,
    .diagnosis =
        "The program ended the connection as soon as it saw the end of input, with bytes still unsent.",
    .see = "shutdown(2)",
    .by_hand = (const char **)by_hand,
    .n_by_hand = 3,
};

static struct failure all_bytes = {
    .clause = "echo",
    .expectation = "the 32 bytes come back",
    .observation = "byte 26 is 0x0a, not 0x2a",
    .difference = 26,
    .hex_expected = (const char **)hex_expected,
    .n_hex_expected = 1,
    .hex_received = (const char **)hex_received,
    .n_hex_received = 1,
};

static struct failure plain = {.clause = "abrupt",
                               .expectation = "./server is still running",
                               .observation = "it was killed by signal 13 (SIGPIPE)",
                               .difference = -1};

static struct event build_start = {.type = EVENT_BUILD_START,
                                   .build_start = {.language = "c",
                                                   .command = "cc -o server main.c",
                                                   .dir = "/home/ada/lux/02-tcp-echo-server"}};
static struct event warning = {
    .type = EVENT_BUILD_OUTPUT,
    .build_output = {.is_stderr = true, .text = "main.c:3:5: warning: unused variable ‘x’ <here>"}};
static struct event built = {.type = EVENT_BUILD_END, .build_end = {.ok = true, .ms = 118.4}};
static struct event not_built = {
    .type = EVENT_BUILD_END,
    .build_end = {
        .ok = false, .ms = 50, .error = "cc found 1 error; the first is main.c:3:5: ‘y’ undeclared"}};
static struct event run_start = {.type = EVENT_RUN_START,
                                 .run_start = {.challenge = "tcp-echo-server",
                                               .number = 2,
                                               .title = "TCP Echo Server",
                                               .dir = "/home/ada/lux/02-tcp-echo-server",
                                               .level = "full",
                                               .seed = 42,
                                               .time_scale = 1,
                                               .jobs = 4,
                                               .checks = checks,
                                               .n_checks = ARRAY_LEN(checks)}};
static struct event notice = {
    .type = EVENT_NOTICE,
    .notice = {.is_warning = true, .text = "This run is not recorded: the disk is full."}};

#define START(id)                                                \
    {                                                            \
        .type = EVENT_CHECK_START, .check_start = {.check = id } \
    }
#define END(id, ...)                                                      \
    {                                                                     \
        .type = EVENT_CHECK_END, .check_end = {.check = id, __VA_ARGS__ } \
    }

/* In the order in which they end, which is not that of the list: a robust one is done before the core is. */
static struct event middle[] = {
    START("echoes"),
    START("half_close"),
    START("all_bytes"),
    {.type = EVENT_STEP, .step = {.check = "echoes", .step = {.at = 0.001, .text = "starts ./server"}}},
    END("all_bytes", .verdict = VERDICT_FAIL, .cause = CAUSE_WRONG, .ms = 12.25, .failure = &all_bytes),
    END("echoes", .verdict = VERDICT_PASS, .ms = 0.4, .notes = (const char **)notes, .n_notes = 1),
    END("half_close", .verdict = VERDICT_FAIL, .cause = CAUSE_TIMEOUT, .ms = 2004, .failure = &half_close),
    START("sigterm"),
    END("sigterm", .verdict = VERDICT_ERROR, .unstable = true, .ms = 2500,
        .reason = "ran out of time at first, and passed when it was run again alone"),
    END("tun", .verdict = VERDICT_SKIP, .ms = 1, .reason = "there is no /dev/net/tun: modprobe tun"),
    END("later", .verdict = VERDICT_BLOCKED, .reason = "needs \"Uses a TUN device\", which was skipped"),
    END("crash", .verdict = VERDICT_FAIL, .cause = CAUSE_CRASH, .ms = 5, .failure = &plain),
    END("bulk", .verdict = VERDICT_PASS, .ms = 96.2),
};
static struct event run_end = {.type = EVENT_RUN_END,
                               .run_end = {.passed = 2,
                                           .failed = 3,
                                           .skipped = 1,
                                           .blocked = 1,
                                           .errors = 1,
                                           .core_passed = 1,
                                           .core_total = 2,
                                           .ms = 4321.5}};

/* ---- Helpers ---- */

static void write_to_buf(void *context, const char *bytes, size_t n)
{
    buf_add(context, bytes, n);
}

static struct report *begin(const char *format, struct report_options options, struct buf *out)
{
    options.write = write_to_buf;
    options.context = out;
    struct report *r = report_new(format, &options);
    assert_non_null(r);
    return r;
}

static void play(struct report *r, struct event *events, size_t n)
{
    for (size_t i = 0; i < n; i++)
        report_event(r, &events[i]);
}

static void play_all(struct report *r)
{
    play(r, (struct event[]){build_start, warning, built, run_start, notice}, 5);
    play(r, middle, ARRAY_LEN(middle));
    play(r, &run_end, 1);
}

static void end(struct report *r)
{
    report_finish(r);
    report_free(r);
}

static char *reported(const char *format, struct report_options options)
{
    struct buf out = {0};
    struct report *r = begin(format, options, &out);
    play_all(r);
    end(r);
    return buf_take(&out);
}

static void assert_golden(const char *name, const char *text)
{
    autofree char *path = xasprintf("%s/tests/golden/report/%s", LUX_SOURCE_DIR, name);
    struct error err = {0};
    if (getenv("UPDATE_GOLDEN")) {
        assert_int_equal(file_write_atomic(path, text, strlen(text), 0644, &err), 0);
        return;
    }
    struct buf golden = {0};
    if (file_read(path, 1 << 20, &golden, &err))
        fail_msg("%s", err.text);
    if (strcmp(buf_str(&golden), text) != 0)
        fail_msg("%s differs. Expected:\n%s\nCame:\n%s", path, buf_str(&golden), text);
    buf_free(&golden);
}

static const struct report_options person = {
    .name = "2", .unicode = true, .next = "Next: 3 UDP Echo Server."};

/* ---- Tests ---- */

static void pretty_shows_a_run_with_every_verdict_at_80_columns(void **state)
{
    (void)state;
    autofree char *text = reported("pretty", person);
    assert_golden("pretty-80.txt", text);
}

static void pretty_wraps_at_40_columns_and_writes_ascii_where_that_is_all_there_is(void **state)
{
    (void)state;
    struct report_options options = person;
    options.width = 40;
    options.unicode = false;
    autofree char *text = reported("pretty", options);
    for (const char *c = text; *c; c++)
        assert_true((unsigned char)*c < 0x80);
    assert_golden("pretty-40-ascii.txt", text);
}

static void pretty_on_a_terminal_has_colours_and_a_line_that_says_what_is_running(void **state)
{
    (void)state;
    struct report_options options = person;
    options.width = 100;
    options.colour = options.is_live = true;
    autofree char *text = reported("pretty", options);
    struct buf visible = {0};
    escape_text(&visible, text, strlen(text));
    assert_golden("pretty-live.txt", buf_str(&visible));
    buf_free(&visible);
}

static void pretty_without_colour_writes_no_escape_sequence(void **state)
{
    (void)state;
    autofree char *text = reported("pretty", person);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\r'));
}

static void pretty_shows_no_line_that_is_wider_than_the_terminal_but_hex(void **state)
{
    (void)state;
    for (int width = 40; width <= 110; width += 7) {
        struct report_options options = person;
        options.width = width;
        options.unicode = false;
        autofree char *text = reported("pretty", options);
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            if (!strstr(line, "00000010") && strlen(line) > (size_t)width)
                fail_msg("at %d columns: %s", width, line);
    }
}

static const char *const five[] = {"check0", "check1", "check2", "check3", "check4"};

/* A run of these begins, of which the last n_robust are not of the core. */
static void begin_five(struct report *r, size_t n_robust, bool partial)
{
    struct event_run_check many[ARRAY_LEN(five)];
    struct event start = run_start;
    for (size_t i = 0; i < ARRAY_LEN(five); i++)
        many[i] = (struct event_run_check){.id = five[i],
                                           .title = five[i],
                                           .clause = "c",
                                           .tier = i + n_robust < ARRAY_LEN(five) ? TIER_CORE : TIER_ROBUST};
    start.run_start.checks = many;
    start.run_start.n_checks = ARRAY_LEN(five);
    start.run_start.partial = partial;
    report_event(r, &start);
}

static void pretty_says_once_what_one_failure_blocks(void **state)
{
    (void)state;
    struct buf out = {0};
    struct report *r = begin("pretty", person, &out);
    begin_five(r, 1, true);
    for (int i = 1; i < 5; i++)
        report_event(r, &(struct event)END(five[i], .verdict = VERDICT_BLOCKED,
                                           .reason = "needs \"check0\", which failed"));
    report_event(
        r, &(struct event)END(five[0], .verdict = VERDICT_FAIL, .cause = CAUSE_WRONG, .failure = &plain));
    report_event(r, &run_end);
    end(r);
    const char *text = buf_str(&out);
    const char *failed = strstr(text, "✗ check0"),
               *blocked = strstr(text, "- 3 checks were not run: each needs");
    assert_true(failed && blocked && failed < blocked);
    assert_null(strstr(text, "check1"));
    assert_non_null(strstr(text, "- check4")); /* one alone is named */
    assert_null(strstr(text, "core 1/2"));     /* of a few checks it says nothing */
    buf_free(&out);
}

static void pretty_explains_three_failures_in_full_and_says_how_to_see_the_others(void **state)
{
    (void)state;
    struct buf out = {0};
    struct report *r = begin("pretty", person, &out);
    begin_five(r, 0, false);
    for (int i = 0; i < 5; i++)
        report_event(
            r, &(struct event)END(five[i], .verdict = VERDICT_FAIL, .cause = CAUSE_CRASH, .failure = &plain));
    report_event(r, &run_end);
    end(r);
    const char *text = buf_str(&out);
    assert_non_null(strstr(text, "lux check 2 --only check2 --seed 42"));
    assert_null(strstr(text, "lux check 2 --only check3 --seed 42"));
    assert_non_null(strstr(text, "in full: lux check 2 --only check3"));
    assert_non_null(strstr(text, "in full: lux check 2 --only check4"));
    buf_free(&out);
}

static void a_solved_run_says_so_and_what_comes_next(void **state)
{
    (void)state;
    struct event start = run_start;
    start.run_start.n_checks = 1;
    struct buf out = {0};
    struct report *r = begin("pretty", person, &out);
    play(r, (struct event[]){build_start, built, start, middle[0], middle[5]}, 5);
    report_event(r,
                 &(struct event){
                     .type = EVENT_RUN_END,
                     .run_end = {.solved = true, .passed = 1, .core_passed = 1, .core_total = 1, .ms = 12}});
    end(r);
    assert_golden("pretty-solved.txt", buf_str(&out));
    buf_free(&out);
}

static const char *const interrupted_goldens[][2] = {
    {"pretty", "pretty-interrupted.txt"}, {"tap", "interrupted.tap"}, {"junit", "interrupted.xml"}};

static void an_interrupted_run_says_so_and_stays_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(interrupted_goldens); i++) {
        struct buf out = {0};
        struct report *r = begin(interrupted_goldens[i][0], person, &out);
        play(r, (struct event[]){build_start, built, run_start, middle[0], middle[1], middle[5]}, 6);
        report_event(
            r,
            &(struct event){
                .type = EVENT_RUN_END,
                .run_end = {.interrupted = true, .passed = 1, .core_passed = 1, .core_total = 2, .ms = 12}});
        end(r);
        assert_golden(interrupted_goldens[i][1], buf_str(&out));
        buf_free(&out);
    }
}

static const char *const build_goldens[][2] = {
    {"pretty", "pretty-build.txt"}, {"tap", "build.tap"}, {"junit", "build.xml"}};

static void a_failed_build_is_reported_with_the_compilers_output(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(build_goldens); i++) {
        struct buf out = {0};
        struct report *r = begin(build_goldens[i][0], person, &out);
        play(r, (struct event[]){build_start, warning, not_built}, 3);
        end(r);
        assert_golden(build_goldens[i][1], buf_str(&out));
        const char *bad = i == 1   ? tap_error(buf_str(&out))
                          : i == 2 ? xml_error(buf_str(&out), out.len)
                                   : NULL;
        if (bad)
            fail_msg("%s", bad);
        buf_free(&out);
    }
}

static void tap_is_valid_and_complete(void **state)
{
    (void)state;
    autofree char *text = reported("tap", person);
    assert_golden("run.tap", text);
    const char *bad = tap_error(text);
    if (bad)
        fail_msg("%s", bad);
}

static void junit_is_well_formed_and_complete(void **state)
{
    (void)state;
    autofree char *text = reported("junit", person);
    assert_golden("run.xml", text);
    const char *bad = xml_error(text, strlen(text));
    if (bad)
        fail_msg("%s", bad);
}

static void junit_stays_well_formed_whatever_the_strings_hold(void **state)
{
    (void)state;
    static const char hostile[] =
        "]]> \x01\x1b[0m \xff\xfe \xef\xbf\xbf <![CDATA[ &amp; \" ' \xed\xa0\x80 \r\n\t end\xc3";
    struct failure f = plain;
    f.observation = f.expectation = f.diagnosis = hostile;
    struct event_run_check one = {.id = "x", .title = hostile, .clause = hostile, .tier = TIER_CORE};
    struct event start = run_start;
    start.run_start.checks = &one;
    start.run_start.n_checks = 1;
    start.run_start.challenge = hostile;
    struct event failed = END("x", .verdict = VERDICT_FAIL, .failure = &f);
    struct event note = notice;
    note.notice.text = hostile;
    struct buf out = {0};
    struct report *r = begin("junit", person, &out);
    play(r, (struct event[]){build_start, built, start, note, failed, run_end}, 6);
    end(r);
    const char *bad = xml_error(buf_str(&out), out.len);
    if (bad)
        fail_msg("%s in %s", bad, buf_str(&out));
    buf_free(&out);
}

static void ndjson_is_the_stream_itself_written_event_by_event(void **state)
{
    (void)state;
    struct buf out = {0};
    struct report *r = begin("ndjson", person, &out);
    report_event(r, &run_start);
    size_t first = out.len;
    assert_true(first > 0 && out.data[first - 1] == '\n');
    report_event(r, &middle[0]);
    assert_true(out.len > first);
    end(r);
    buf_free(&out);
    autofree char *text = reported("ndjson", person);
    const char *bad = ndjson_error(text);
    if (bad)
        fail_msg("%s", bad);
}

static void events_that_do_not_belong_to_the_run_change_nothing(void **state)
{
    (void)state;
    for (const char *const *format = report_formats; *format; format++) {
        struct buf out = {0};
        struct report *r = begin(*format, person, &out);
        play(r, middle, ARRAY_LEN(middle)); /* before any run_start */
        report_event(r, &run_start);
        report_event(r, &(struct event)END("unknown", .verdict = VERDICT_PASS));
        report_event(r, &run_start); /* a second run in the same stream */
        play(r, middle, ARRAY_LEN(middle));
        report_event(r, &run_end);
        end(r);
        assert_true(out.len > 0);
        buf_free(&out);
    }
}

static void there_is_no_report_of_an_unknown_format(void **state)
{
    (void)state;
    assert_null(report_new("html", &person));
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pretty_shows_a_run_with_every_verdict_at_80_columns),
        cmocka_unit_test(pretty_wraps_at_40_columns_and_writes_ascii_where_that_is_all_there_is),
        cmocka_unit_test(pretty_on_a_terminal_has_colours_and_a_line_that_says_what_is_running),
        cmocka_unit_test(pretty_without_colour_writes_no_escape_sequence),
        cmocka_unit_test(pretty_shows_no_line_that_is_wider_than_the_terminal_but_hex),
        cmocka_unit_test(pretty_says_once_what_one_failure_blocks),
        cmocka_unit_test(pretty_explains_three_failures_in_full_and_says_how_to_see_the_others),
        cmocka_unit_test(a_solved_run_says_so_and_what_comes_next),
        cmocka_unit_test(an_interrupted_run_says_so_and_stays_well_formed),
        cmocka_unit_test(a_failed_build_is_reported_with_the_compilers_output),
        cmocka_unit_test(tap_is_valid_and_complete),
        cmocka_unit_test(junit_is_well_formed_and_complete),
        cmocka_unit_test(junit_stays_well_formed_whatever_the_strings_hold),
        cmocka_unit_test(ndjson_is_the_stream_itself_written_event_by_event),
        cmocka_unit_test(events_that_do_not_belong_to_the_run_change_nothing),
        cmocka_unit_test(there_is_no_report_of_an_unknown_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
