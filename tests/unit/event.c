#include "event/event.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- Helpers ---- */

static char *encoded(const struct event *e)
{
    struct buf out = {0};
    event_encode(e, &out);
    assert_true(out.len > 0 && out.data[out.len - 1] == '\n');
    assert_null(memchr(out.data, '\n', out.len - 1));
    assert_true(out.len <= EVENT_LINE_MAX);
    return buf_take(&out);
}

/* Encodes, decodes, encodes again: the lines must be the same, and so the event has lost nothing. */
static struct event round_trip(const struct event *e)
{
    struct event back;
    struct error err = {0};
    autofree char *line = encoded(e);

    if (event_decode(line, strlen(line), &back, &err))
        fail_msg("%s in %s", err.text, line);
    autofree char *again = encoded(&back);
    assert_string_equal(line, again);
    assert_int_equal(back.type, e->type);
    return back;
}

static int decode(const char *line, struct event *out, struct error *err)
{
    return event_decode(line, strlen(line), out, err);
}

static void assert_rejected(const char *line, const char *reason)
{
    struct event e;
    struct error err = {0};
    assert_int_equal(decode(line, &e, &err), -1);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
}

static char *repeated(const char *s, size_t times)
{
    struct buf b = {0};
    for (size_t i = 0; i < times; i++)
        buf_addstr(&b, s);
    return buf_take(&b);
}

/* ---- Round trips ---- */

static void build_events_come_back_as_they_were(void **state)
{
    (void)state;
    struct event start = {
        .type = EVENT_BUILD_START,
        .t = 0.5,
        .build_start = {.language = "c", .command = "cc -o server main.c", .dir = "/home/x/lux"}};
    struct event e = round_trip(&start);
    assert_string_equal(e.build_start.language, "c");
    assert_string_equal(e.build_start.command, "cc -o server main.c");
    assert_string_equal(e.build_start.dir, "/home/x/lux");
    assert_true(e.t > 0.49 && e.t < 0.51);
    event_free(&e);

    struct event output = {.type = EVENT_BUILD_OUTPUT,
                           .build_output = {true, "main.c:3:1: error: \"é\" \\x1b"}};
    e = round_trip(&output);
    assert_true(e.build_output.is_stderr);
    assert_string_equal(e.build_output.text, "main.c:3:1: error: \"é\" \\x1b");
    event_free(&e);

    struct diagnostic d[] = {{"main.c", 3, 1, "error", "expected ';'"},
                             {"main.c", 9, 0, "warning", "unused"}};
    struct event end = {
        .type = EVENT_BUILD_END,
        .build_end = {.ok = false, .ms = 12.25, .error = "cc failed", .diagnostics = d, .n_diagnostics = 2}};
    e = round_trip(&end);
    assert_false(e.build_end.ok);
    assert_true(e.build_end.ms == 12.25);
    assert_int_equal(e.build_end.n_diagnostics, 2);
    assert_int_equal(e.build_end.diagnostics[0].line, 3);
    assert_string_equal(e.build_end.diagnostics[1].severity, "warning");
    event_free(&e);

    struct event good = {.type = EVENT_BUILD_END, .build_end = {.ok = true}};
    e = round_trip(&good);
    assert_true(e.build_end.ok);
    assert_null(e.build_end.error);
    assert_null(e.build_end.diagnostics);
    event_free(&e);
}

static void a_run_start_keeps_all_64_bits_of_the_seed(void **state)
{
    (void)state;
    struct event_run_check checks[] = {{"accepts", "Accepts a connection", "accept", TIER_CORE},
                                       {"many", "Serves many", "concurrent", TIER_FAST}};
    struct event start = {.type = EVENT_RUN_START,
                          .run_start = {.challenge = "tcp-echo-server",
                                        .number = 2,
                                        .title = "TCP Echo Server",
                                        .dir = "/home/x",
                                        .level = "full",
                                        .seed = UINT64_MAX,
                                        .time_scale = 1.5,
                                        .jobs = 4,
                                        .checks = checks,
                                        .n_checks = 2}};
    struct event e = round_trip(&start);
    assert_true(e.run_start.seed == UINT64_MAX);
    assert_int_equal(e.run_start.n_checks, 2);
    assert_int_equal(e.run_start.checks[1].tier, TIER_FAST);
    assert_string_equal(e.run_start.checks[0].clause, "accept");
    event_free(&e);

    autofree char *line = encoded(&start);
    assert_non_null(strstr(line, "\"seed\":\"18446744073709551615\""));
}

static void a_failure_keeps_every_detail(void **state)
{
    (void)state;
    const char *notes[] = {"took 3 ms"}, *hex[] = {"00000000  61 62", "00000010  63"},
               *commands[] = {"nc 127.0.0.1 7000"};
    struct process_state processes[] = {{12, "./server", "blocked in read(4)"}};
    struct output_line output[] = {{"./server", "stderr", 0.25, "oops\\n"}};
    struct step steps[] = {{0.001, "connected"}, {0.002, "sent 5 bytes"}};
    struct failure failure = {
        .clause = "echo",
        .clause_sentence = "Every byte comes back.",
        .expectation = "the bytes come back",
        .observation = "they did not",
        .expected = {"hello", 10, 5000000000},
        .received = {"", 10, 10},
        .difference = 0,
        .hex_expected = hex,
        .n_hex_expected = 2,
        .wait = "waited 2.0 s",
        .processes = processes,
        .n_processes = 1,
        .output = output,
        .n_output = 1,
        .steps = steps,
        .n_steps = 2,
        .diagnosis = "It reads once.",
        .see = "read(2)",
        .by_hand = commands,
        .n_by_hand = 1,
    };
    struct event end = {.type = EVENT_CHECK_END,
                        .check_end = {.check = "echo_line",
                                      .verdict = VERDICT_FAIL,
                                      .cause = CAUSE_TIMEOUT,
                                      .ms = 2003.5,
                                      .unstable = true,
                                      .notes = notes,
                                      .n_notes = 1,
                                      .failure = &failure}};
    struct event e = round_trip(&end);
    const struct failure *f = e.check_end.failure;
    assert_int_equal(e.check_end.verdict, VERDICT_FAIL);
    assert_int_equal(e.check_end.cause, CAUSE_TIMEOUT);
    assert_true(e.check_end.unstable);
    assert_string_equal(e.check_end.notes[0], "took 3 ms");
    assert_string_equal(f->expected.text, "hello");
    assert_true(f->expected.total == 5000000000);
    assert_string_equal(f->received.text, "");
    assert_true(f->difference == 0);
    assert_string_equal(f->hex_expected[1], hex[1]);
    assert_null(f->hex_received);
    assert_int_equal(f->processes[0].pid, 12);
    assert_string_equal(f->output[0].text, "oops\\n");
    assert_string_equal(f->steps[1].text, "sent 5 bytes");
    assert_string_equal(f->by_hand[0], commands[0]);
    event_free(&e);
}

static void what_there_is_not_stays_out_of_the_line(void **state)
{
    (void)state;
    struct failure failure = {.clause = "echo", .expectation = "a", .observation = "b", .difference = -1};
    struct event end = {.type = EVENT_CHECK_END,
                        .check_end = {.check = "x", .verdict = VERDICT_FAIL, .failure = &failure}};
    autofree char *line = encoded(&end);
    assert_null(strstr(line, "expected"));
    assert_null(strstr(line, "difference"));
    assert_null(strstr(line, "steps"));
    assert_null(strstr(line, "reason"));

    struct event e = round_trip(&end);
    assert_null(e.check_end.failure->expected.text);
    assert_true(e.check_end.failure->difference == -1);
    assert_null(e.check_end.failure->wait);
    event_free(&e);

    struct event pass = {.type = EVENT_CHECK_END, .check_end = {.check = "x", .verdict = VERDICT_PASS}};
    e = round_trip(&pass);
    assert_null(e.check_end.failure);
    event_free(&e);
}

static void the_other_events_come_back_as_they_were(void **state)
{
    (void)state;
    struct event check = {.type = EVENT_CHECK_START, .check_start = {"echo"}};
    struct event e = round_trip(&check);
    assert_string_equal(e.check_start.check, "echo");
    event_free(&e);

    struct event step = {.type = EVENT_STEP, .step = {"echo", {0.125, "sent 5 bytes"}}};
    e = round_trip(&step);
    assert_string_equal(e.step.step.text, "sent 5 bytes");
    assert_true(e.step.step.at == 0.125);
    event_free(&e);

    struct event end = {.type = EVENT_RUN_END, .run_end = {true, false, 12, 1, 2, 3, 4, 6, 7, 1500}};
    e = round_trip(&end);
    assert_true(e.run_end.solved);
    assert_int_equal(e.run_end.passed, 12);
    assert_int_equal(e.run_end.errors, 4);
    assert_int_equal(e.run_end.core_total, 7);
    event_free(&e);

    struct event notice = {.type = EVENT_NOTICE, .notice = {true, "nothing is recorded"}};
    e = round_trip(&notice);
    assert_true(e.notice.is_warning);
    assert_string_equal(e.notice.text, "nothing is recorded");
    event_free(&e);
}

static void the_words_are_the_documented_ones(void **state)
{
    (void)state;
    assert_string_equal(tier_name(TIER_CORE), "core");
    assert_string_equal(tier_name(TIER_ROBUST), "robust");
    assert_string_equal(tier_name(TIER_FAST), "fast");
    assert_string_equal(verdict_name(VERDICT_NONE), "none");
    assert_string_equal(verdict_name(VERDICT_BLOCKED), "blocked");
    assert_string_equal(verdict_name(VERDICT_ERROR), "error");
    assert_string_equal(cause_name(CAUSE_NONE), "none");
    assert_string_equal(cause_name(CAUSE_WRONG), "wrong");
    assert_string_equal(cause_name(CAUSE_LEAK), "leak");
}

/* ---- Hostile and future lines ---- */

static void unknown_fields_and_types_are_ignored(void **state)
{
    (void)state;
    struct event e;
    struct error err = {0};

    assert_int_equal(decode("{\"v\":1,\"type\":\"moon_phase\",\"t\":1,\"full\":true}", &e, &err), 1);
    assert_null(e.owner);
    assert_int_equal(decode("{\"v\":1,\"type\":\"check_start\",\"check\":\"x\",\"new\":[{}]}", &e, &err), 0);
    assert_string_equal(e.check_start.check, "x");
    event_free(&e);
}

static void missing_fields_are_empty(void **state)
{
    (void)state;
    struct event e;
    struct error err = {0};

    assert_int_equal(decode("{\"v\":1,\"type\":\"run_start\"}", &e, &err), 0);
    assert_string_equal(e.run_start.challenge, "");
    assert_null(e.run_start.checks);
    assert_true(e.run_start.seed == 0);
    event_free(&e);
    assert_int_equal(decode("{\"v\":1,\"type\":\"check_end\",\"failure\":{},\"reason\":null}", &e, &err), 0);
    assert_string_equal(e.check_end.failure->clause, "");
    assert_null(e.check_end.failure->see);
    assert_null(e.check_end.reason);
    assert_true(e.check_end.failure->difference == -1);
    event_free(&e);
}

static void lines_that_are_no_events_are_rejected_with_the_reason(void **state)
{
    (void)state;
    assert_rejected("", "not JSON");
    assert_rejected("hello", "not JSON");
    assert_rejected("[1]", "not a JSON object");
    assert_rejected("{}", "no version");
    assert_rejected("{\"type\":\"notice\"}", "no version");
    assert_rejected("{\"v\":1}", "no \"type\"");
    assert_rejected("{\"v\":2,\"type\":\"notice\"}", "version 2");
    assert_rejected("{\"v\":1,\"type\":\"notice\",\"text\":7}", "\"text\" is not a text");
    assert_rejected("{\"v\":1,\"type\":\"notice\",\"warning\":1}", "true or false");
    assert_rejected("{\"v\":1,\"type\":\"run_start\",\"seed\":12}", "decimal digits");
    assert_rejected("{\"v\":1,\"type\":\"run_start\",\"seed\":\"-1\"}", "decimal digits");
    assert_rejected("{\"v\":1,\"type\":\"run_start\",\"seed\":\"18446744073709551616\"}", "decimal digits");
    assert_rejected("{\"v\":1,\"type\":\"run_start\",\"number\":2147483648}", "in its range");
    assert_rejected("{\"v\":1,\"type\":\"run_start\",\"jobs\":1.5}", "in its range");
    assert_rejected("{\"v\":1,\"type\":\"run_start\",\"checks\":{}}", "list of objects");
    assert_rejected("{\"v\":1,\"type\":\"run_start\",\"checks\":[{},3]}", "list of objects");
    assert_rejected("{\"v\":1,\"type\":\"run_start\",\"checks\":[{\"tier\":\"CORE\"}]}", "its words");
    assert_rejected("{\"v\":1,\"type\":\"check_end\",\"notes\":[\"a\",1]}", "list of texts");
    assert_rejected("{\"v\":1,\"type\":\"check_end\",\"failure\":[]}", "an object");
    assert_rejected("{\"v\":1,\"type\":\"check_end\",\"failure\":{\"received\":{\"total\":-1}}}",
                    "in its range");
    assert_rejected("{\"v\":1,\"type\":\"check_end\",\"ms\":\"1\"}", "a number");
    assert_rejected("{\"v\":1,\"type\":\"build_output\",\"stream\":\"stdin\"}", "stderr");
    assert_rejected("{\"v\":1,\"type\":\"notice\",\"text\":\"\xff\xfe\"}", "not JSON");
    assert_rejected("{\"v\":1,\"type\":\"notice\",\"text\":\"\\u0000\"}", "not JSON");
    assert_rejected("{\"v\":1,\"type\":\"notice\",\"t\":1e999}", "not JSON");
    assert_rejected("{\"v\":99999999999999999999999,\"type\":\"notice\"}", "not JSON");
}

static void deep_nesting_and_huge_lists_are_survived(void **state)
{
    (void)state;
    struct event e;
    struct error err = {0};
    autofree char *open = repeated("[", 500000);
    assert_int_equal(decode(open, &e, &err), -1);

    autofree char *objects = repeated("{\"a\":", 100000);
    assert_int_equal(decode(objects, &e, &err), -1);

    autofree char *items = repeated("{},", 100000);
    autofree char *line = xasprintf("{\"v\":1,\"type\":\"check_end\",\"failure\":{\"steps\":[%s{}]}}", items);
    assert_int_equal(decode(line, &e, &err), 0);
    assert_int_equal(e.check_end.failure->n_steps, 100001);
    assert_string_equal(e.check_end.failure->steps[100000].text, "");
    event_free(&e);
}

static void a_text_of_a_foreign_line_cannot_drive_the_terminal(void **state)
{
    (void)state;
    struct event e;
    struct error err = {0};
    assert_int_equal(
        decode("{\"v\":1,\"type\":\"notice\",\"text\":\"a\\u001b[2J\\u009b \\\\e \\u202e\\n\\tb\"}", &e,
               &err),
        0);
    assert_string_equal(e.notice.text, "a\\e[2J\\xc2\\x9b \\e \\xe2\\x80\\xae\n\tb");
    event_free(&e);
}

static void a_text_that_is_not_utf8_is_written_escaped(void **state)
{
    (void)state;
    struct event notice = {.type = EVENT_NOTICE, .notice = {false, "caf\xe9 \x1b[31m \\x00"}};
    struct event e = round_trip(&notice);
    assert_string_equal(e.notice.text, "caf\\xe9 \\e[31m \\x00");
    event_free(&e);
}

static void numbers_that_json_does_not_know_become_zero(void **state)
{
    (void)state;
    struct event end = {.type = EVENT_RUN_END, .t = __builtin_nan(""), .run_end = {.ms = __builtin_inf()}};
    struct event e = round_trip(&end);
    assert_true(e.t == 0 && e.run_end.ms == 0);
    event_free(&e);
}

/* ---- The limit of a line ---- */

static void a_text_that_is_too_long_loses_its_middle_and_says_so(void **state)
{
    (void)state;
    autofree char *middle = repeated("\\x00\"é", 400000);
    autofree char *text = xasprintf("FIRST%sLAST", middle);
    struct failure failure = {.clause = "echo",
                              .expectation = "short",
                              .observation = "short too",
                              .difference = -1,
                              .received = {text, 0, 99}};
    struct event end = {.type = EVENT_CHECK_END,
                        .check_end = {.check = "x", .verdict = VERDICT_FAIL, .failure = &failure}};
    autofree char *line = encoded(&end);
    assert_true(strlen(line) > EVENT_LINE_MAX - 1000);

    struct event e = round_trip(&end);
    const char *got = e.check_end.failure->received.text;
    assert_memory_equal(got, "FIRST", 5);
    assert_string_equal(got + strlen(got) - 4, "LAST");
    const char *mark = strstr(got, " [");
    assert_non_null(mark);
    int left_out = 0;
    assert_int_equal(sscanf(mark, " [%d bytes left out] ", &left_out), 1);
    const char *after = strstr(mark, "] ") + 2;
    assert_int_equal((size_t)(mark - got) + strlen(after) + (size_t)left_out, strlen(text));
    /* No escape and no character is cut in two. */
    assert_true(strncmp(after, "\\x00", 4) == 0 || *after == '"' || strncmp(after, "é", 2) == 0);
    assert_true(mark[-1] == '0' || mark[-1] == '"' || strncmp(mark - 2, "é", 2) == 0);
    assert_string_equal(e.check_end.failure->expectation, "short");
    event_free(&e);
}

static void a_list_that_is_too_long_loses_its_middle_and_says_so(void **state)
{
    (void)state;
    enum { COUNT = 60000 };
    struct step *steps = xcalloc(COUNT, sizeof *steps);
    for (size_t i = 0; i < COUNT; i++)
        steps[i] = (struct step){(double)i, i == 0           ? "the first"
                                            : i == COUNT - 1 ? "the last"
                                                             : "one of very many"};
    const char **notes = xcalloc(COUNT, sizeof *notes);
    for (size_t i = 0; i < COUNT; i++)
        notes[i] = "a note of some length";
    struct failure failure = {
        .clause = "echo", .expectation = "a", .observation = "b", .steps = steps, .n_steps = COUNT};
    struct event end = {
        .type = EVENT_CHECK_END,
        .check_end = {
            .check = "x", .verdict = VERDICT_FAIL, .failure = &failure, .notes = notes, .n_notes = COUNT}};
    struct event e;
    struct error err = {0};
    autofree char *line = encoded(&end);
    assert_int_equal(decode(line, &e, &err), 0);
    const struct failure *f = e.check_end.failure;
    int left_out = 0;
    size_t marks = 0;
    for (size_t i = 0; i < f->n_steps; i++)
        marks += sscanf(f->steps[i].text, "[%d left out]", &left_out) == 1;
    assert_int_equal(marks, 1);
    assert_int_equal(f->n_steps - 1 + (size_t)left_out, COUNT);
    assert_string_equal(f->steps[0].text, "the first");
    assert_string_equal(f->steps[f->n_steps - 1].text, "the last");
    event_free(&e);
    free(steps);
    free(notes);
}

/* ---- The reader ---- */

struct seen {
    struct buf text; /* one line an event */
    int count, notices;
};

static void see(void *context, const struct event *e)
{
    struct seen *s = context;
    s->count++;
    if (e->type == EVENT_NOTICE) {
        s->notices++;
        buf_printf(&s->text, "notice %s\n", e->notice.text);
    } else if (e->type == EVENT_CHECK_START) {
        buf_printf(&s->text, "check %s\n", e->check_start.check);
    }
}

static void the_reader_finds_lines_however_they_are_cut(void **state)
{
    (void)state;
    const char stream[] = "{\"v\":1,\"type\":\"check_start\",\"check\":\"one\"}\n"
                          "\n \r\n"
                          "{\"v\":1,\"type\":\"unknown\"}\n"
                          "{\"v\":1,\"type\":\"check_start\",\"check\":\"two\"}\r\n";
    for (size_t piece = 1; piece <= sizeof stream; piece++) {
        struct seen s = {0};
        struct event_reader *r = event_reader_new(see, &s);
        for (size_t at = 0; at < sizeof stream - 1; at += piece)
            event_reader_feed(r, stream + at,
                              piece < sizeof stream - 1 - at ? piece : sizeof stream - 1 - at);
        event_reader_end(r);
        assert_string_equal(buf_str(&s.text), "check one\ncheck two\n");
        event_reader_free(r);
        buf_free(&s.text);
    }
}

static void the_reader_skips_bad_lines_with_a_notice(void **state)
{
    (void)state;
    const char stream[] = "gar\x1b"
                          "bage\n"
                          "{\"v\":1,\"type\":\"check_start\",\"check\":\"one\"}\n"
                          "{\"v\":1,\"type\":\"che";
    struct seen s = {0};
    struct event_reader *r = event_reader_new(see, &s);
    event_reader_feed(r, stream, sizeof stream - 1);
    assert_int_equal(s.count, 2);
    event_reader_end(r);
    assert_int_equal(s.notices, 2);
    assert_non_null(
        strstr(buf_str(&s.text), "notice A line of the event stream was skipped: it is not JSON"));
    assert_non_null(strstr(buf_str(&s.text), "It begins with: gar\\ebage"));
    assert_non_null(strstr(buf_str(&s.text), "check one"));
    assert_non_null(strstr(buf_str(&s.text), "ended in the middle of a line: {\"v\":1,"));
    event_reader_free(r);
    buf_free(&s.text);
}

static void the_reader_skips_a_line_that_is_too_long_and_goes_on(void **state)
{
    (void)state;
    autofree char *zeros = repeated("0123456789abcdef", 8192);
    for (int with_end = 0; with_end < 2; with_end++) {
        struct seen s = {0};
        struct event_reader *r = event_reader_new(see, &s);
        for (int i = 0; i < 9; i++)
            event_reader_feed(r, zeros, strlen(zeros));
        if (with_end)
            event_reader_feed(r, "xyz\n", 4);
        event_reader_end(r);
        assert_int_equal(s.count, 1);
        assert_non_null(strstr(buf_str(&s.text), with_end ? "it has 1179651 bytes" : "it has 1179648 bytes"));
        event_reader_feed(r, "{\"v\":1,\"type\":\"check_start\",\"check\":\"one\"}\n", 44);
        assert_int_equal(s.count, 2);
        event_reader_free(r);
        buf_free(&s.text);
    }
}

static void the_longest_line_that_the_encoder_writes_is_read(void **state)
{
    (void)state;
    autofree char *text = repeated("x", 3 << 20);
    struct event notice = {.type = EVENT_NOTICE, .notice = {false, text}};
    struct buf line = {0};
    event_encode(&notice, &line);
    struct seen s = {0};
    struct event_reader *r = event_reader_new(see, &s);
    event_reader_feed(r, line.data, line.len / 2);
    event_reader_feed(r, line.data + line.len / 2, line.len - line.len / 2);
    event_reader_end(r);
    assert_int_equal(s.count, 1);
    assert_non_null(strstr(buf_str(&s.text), "bytes left out"));
    event_reader_free(r);
    buf_free(&s.text);
    buf_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(build_events_come_back_as_they_were),
        cmocka_unit_test(a_run_start_keeps_all_64_bits_of_the_seed),
        cmocka_unit_test(a_failure_keeps_every_detail),
        cmocka_unit_test(what_there_is_not_stays_out_of_the_line),
        cmocka_unit_test(the_other_events_come_back_as_they_were),
        cmocka_unit_test(the_words_are_the_documented_ones),
        cmocka_unit_test(unknown_fields_and_types_are_ignored),
        cmocka_unit_test(missing_fields_are_empty),
        cmocka_unit_test(lines_that_are_no_events_are_rejected_with_the_reason),
        cmocka_unit_test(deep_nesting_and_huge_lists_are_survived),
        cmocka_unit_test(a_text_of_a_foreign_line_cannot_drive_the_terminal),
        cmocka_unit_test(a_text_that_is_not_utf8_is_written_escaped),
        cmocka_unit_test(numbers_that_json_does_not_know_become_zero),
        cmocka_unit_test(a_text_that_is_too_long_loses_its_middle_and_says_so),
        cmocka_unit_test(a_list_that_is_too_long_loses_its_middle_and_says_so),
        cmocka_unit_test(the_reader_finds_lines_however_they_are_cut),
        cmocka_unit_test(the_reader_skips_bad_lines_with_a_notice),
        cmocka_unit_test(the_reader_skips_a_line_that_is_too_long_and_goes_on),
        cmocka_unit_test(the_longest_line_that_the_encoder_writes_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
