/* Runs the checks of harness_checks.c, each in a sandbox of its own, and looks at what they report. */
#include "harness_help.h"

#include "base/mem.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- What passes --------------------------------------------------------------------------------------- */

static void good_programs_pass(void **state)
{
    (void)state;
    passes("cat_copies");
    passes("server_echoes");
    passes("ports_are_given_once");
    passes("client_talks");
    passes("many_connections");
    passes("environment_is_plain");
    passes("complaint_is_seen");
    passes("unread_stdout_blocks");
    passes("idle_costs_nothing");
}

static void eight_mebibytes_go_both_ways(void **state)
{
    (void)state;
    passes("big_data_both_ways");
}

static void notes_are_told_on_a_pass(void **state)
{
    (void)state;
    const struct event_check_end *end = run("idle_costs_nothing");
    assert_int_equal(end->n_notes, 1);
    has(end->notes[0], "of CPU time in 100 ms");
}

static void steps_say_in_plain_words_what_happened(void **state)
{
    (void)state;
    passes("server_echoes");
    const char *stream = outcome.stream.data;
    has(stream, "client#1 → ./subject  13 bytes \\\"byte by byte\\\\n\\\"");
    has(stream, "./subject → client#2  3000 bytes");
    has(stream, "client#1 ends its sending side (FIN)");
    has(stream, "./subject was killed by SIGTERM");
}

static void the_same_seed_gives_the_same_run(void **state)
{
    (void)state;
    run_with_seed("server_echoes", 11);
    autofree char *first = xstrdup(strstr(outcome.stream.data, "starts ./subject echo-server"));
    run_with_seed("server_echoes", 12);
    assert_int_not_equal(memcmp(first, strstr(outcome.stream.data, "starts ./subject echo-server"), 34), 0);
    run_with_seed("server_echoes", 11);
    assert_int_equal(memcmp(first, strstr(outcome.stream.data, "starts ./subject echo-server"), 34), 0);
}

/* ---- What a failure says ------------------------------------------------------------------------------- */

static void another_text_is_shown_with_the_difference(void **state)
{
    (void)state;
    const struct failure *f = fails("wrong_text", CAUSE_WRONG);
    assert_string_equal(f->clause, "copy");
    assert_string_equal(f->expectation, "./subject prints 13 bytes \"hello, world\\n\"");
    assert_string_equal(f->observation, "\"hello, wurld\\n\" came");
    assert_int_equal(f->difference, 8);
    assert_string_equal(f->expected.text, "hello, world\\n");
    assert_string_equal(f->received.text, "hello, wurld\\n");
    assert_int_equal(f->n_hex_expected, 0);
    assert_null(f->wait);
    assert_string_equal(f->output[0].text, "hello, wurld");
    assert_string_equal(f->output[0].stream, "stdout");
    has(f->processes[0].doing, "blocked in read(0), its stdin");
    has(f->steps[0].text, "starts ./subject cat (pid ");
}

static void a_wrong_byte_far_in_is_in_sight(void **state)
{
    (void)state;
    const struct failure *f = fails("wrong_byte_far_in", CAUSE_WRONG);
    assert_int_equal(f->difference, 40000);
    assert_int_equal(f->received.offset, 40000 - 60);
    assert_int_equal(f->n_hex_received, 5);
    has(f->hex_received[2], "00009c40 ");
    assert_int_not_equal(strcmp(f->hex_received[2], f->hex_expected[2]), 0);
    assert_string_equal(f->hex_received[1], f->hex_expected[1]);
    has(f->observation, "the first 40 000 bytes are right");
}

static void a_wait_that_ran_out_is_named(void **state)
{
    (void)state;
    const struct failure *f = fails("nothing_comes", CAUSE_TIMEOUT);
    assert_string_equal(f->wait, "waited 0.5 s for the second line on the stdout of ./subject");
    assert_string_equal(f->observation, "nothing came");
    has(f->processes[0].doing, "blocked in pause()");
}

static void a_crash_is_decoded(void **state)
{
    (void)state;
    const struct failure *f = fails("segfault", CAUSE_CRASH);
    has(f->observation, "./subject was killed by SIGSEGV");
    has(f->processes[0].doing, "was killed by SIGSEGV");
}

static void an_end_in_the_middle_is_wrong_and_shows_stderr(void **state)
{
    (void)state;
    const struct failure *f = fails("exits_in_the_middle", CAUSE_WRONG);
    has(f->observation, "./subject ended with status 3");
    assert_string_equal(f->output[0].stream, "stderr");
    assert_string_equal(f->output[0].text, "cannot go on: no more ideas");
}

static void a_server_that_ends_is_not_waited_for(void **state)
{
    (void)state;
    const struct failure *f = fails("dies_before_listening", CAUSE_WRONG);
    has(f->observation, "nobody listens there: ./subject ended with status 2");
    assert_string_equal(f->output[0].text, "subject: usage: subject MODE \\e[31mPORT");
    assert_true(outcome.end.check_end.ms < 1500);
    f = fails("never_connects", CAUSE_WRONG);
    has(f->observation, "no connection came; ./subject ended with status 2");
}

static void a_flood_ends_the_check_soon(void **state)
{
    (void)state;
    const struct failure *f = fails("floods", CAUSE_WRONG);
    has(f->observation, "on stdout that nothing had asked for");
}

static void a_program_that_cannot_be_started_is_explained(void **state)
{
    (void)state;
    const struct failure *f = fails("is_no_program", CAUSE_WRONG);
    assert_string_equal(f->expectation, "./no-such-program can be started");
    has(f->observation, "there is no such file");
}

static void the_check_as_a_whole_has_a_deadline(void **state)
{
    (void)state;
    const struct failure *f = fails("hangs", CAUSE_TIMEOUT);
    has(f->wait, "(the check as a whole may take 0.7 s)");
}

static void many_steps_are_cut_in_the_middle(void **state)
{
    (void)state;
    const struct failure *f = fails("many_steps", CAUSE_WRONG);
    assert_int_equal(f->n_steps, 201);
    assert_string_equal(f->steps[49].text, "step 49");
    assert_string_equal(f->steps[50].text, "... 300 steps are not shown ...");
    assert_string_equal(f->steps[200].text, "step 499");
    assert_string_equal(f->expectation, "there are fewer steps");
    assert_string_equal(f->observation, "there are 500");
    assert_string_equal(f->by_hand[0], "lux check subject --only many_steps --seed 7");
    assert_string_equal(f->by_hand[1], "printf 'hi\\n' | nc 127.0.0.1 7000");
    assert_int_equal(outcome.n_steps, 500);
}

/* ---- Diagnoses ----------------------------------------------------------------------------------------- */

static void known_patterns_are_diagnosed(void **state)
{
    static const struct {
        const char *id;
        enum cause cause;
        const char *diagnosis;
    } patterns[] = {
        {"stuck_in_buffer", CAUSE_TIMEOUT,
         "did print 6 bytes \"hello\\n\", but only when it was made to end"},
        {"line_ends", CAUSE_WRONG, "and came with \\r\\n"},
        {"stops_at_nul", CAUSE_TIMEOUT, "the first byte 0, at offset 2"},
        {"one_read", CAUSE_WRONG, "exactly where the first 5 bytes that were sent ended"},
        {"one_after_the_other", CAUSE_TIMEOUT, "has not even been accepted"},
        {"sigpipe", CAUSE_CRASH, "MSG_NOSIGNAL"},
        {"zombies", CAUSE_TIMEOUT, "3 children of ./subject ended and are kept as zombies"},
        {"held_open", CAUSE_TIMEOUT, "Still open in: ./subject (pid "},
        {"descriptor_leak", CAUSE_LEAK, "(20 times a TCP socket without a connection)"},
        {"restart", CAUSE_WRONG, "Set SO_REUSEADDR"},
        {"swapped_port", CAUSE_TIMEOUT, "htons(port)"},
        {"busy", CAUSE_WRONG, "it asks over and over"},
        {"leaves_early", CAUSE_WRONG, "ended when its stdin had ended"},
        {"one_thing_at_a_time", CAUSE_TIMEOUT,
         "8 bytes from conn#1 wait to be read, while ./subject is blocked in read(0), its stdin"},
        {"no_half_close", CAUSE_TIMEOUT, "shutdown(fd, SHUT_WR)"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        const struct failure *f = fails(patterns[i].id, patterns[i].cause);
        if (!f->diagnosis || !strstr(f->diagnosis, patterns[i].diagnosis))
            fail_msg("%s (%s): %s", patterns[i].id, f->observation,
                     f->diagnosis ? f->diagnosis : "no diagnosis");
    }
}

/* Whether the middle or the end of the data gets lost depends on when the kernel has room. */
static void lost_data_is_explained_by_short_writes(void **state)
{
    (void)state;
    const struct event_check_end *end = run("short_writes");
    assert_int_equal(end->verdict, VERDICT_FAIL);
    assert_true(end->cause == CAUSE_WRONG || end->cause == CAUSE_TIMEOUT);
    has(end->failure->see, "write(2): RETURN VALUE");
}

/* ---- Other ends ---------------------------------------------------------------------------------------- */

static void leftovers_are_noted_or_a_leak(void **state)
{
    (void)state;
    const struct event_check_end *end = run("daemon_stays");
    assert_int_equal(end->verdict, VERDICT_PASS);
    assert_int_equal(end->n_notes, 1);
    has(end->notes[0],
        "still running although the program that started it has ended: ./subject daemon (pid ");
    if (check_level() == SANDBOX_SHARED) /* /dev/shm is everybody's there */
        return;
    end = run("litter_is_noted");
    assert_int_equal(end->verdict, VERDICT_PASS);
    assert_int_equal(end->n_notes, 2);
    has(end->notes[1], "/dev/shm (shared memory): subject-memory");
    const struct failure *f = fails("litter_is_a_leak", CAUSE_LEAK);
    has(f->observation, "subject.tmp");
}

static void a_check_that_breaks_is_an_error(void **state)
{
    (void)state;
    const struct event_check_end *end = run("checker_breaks");
    assert_int_equal(end->verdict, VERDICT_ERROR);
    has(end->reason, "The checker itself failed, not your program");
}

static void a_check_can_be_skipped(void **state)
{
    (void)state;
    const struct event_check_end *end = run("skips");
    assert_int_equal(end->verdict, VERDICT_SKIP);
    has(end->reason, "apt install flux");
}

static void checks_are_in_the_order_of_their_file(void **state)
{
    (void)state;
    const struct check **all;
    size_t n = harness_checks_of("subject", &all);
    assert_int_equal(n, harness_checks_of("subject", NULL));
    assert_string_equal(all[0]->id, "cat_copies");
    assert_string_equal(all[n - 1]->id, "many_steps");
    for (size_t i = 1; i < n; i++)
        assert_true(all[i - 1]->line < all[i]->line);
    free(all);
    assert_int_equal(harness_checks_of("no-such-challenge", &all), 0);
    assert_null(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_are_in_the_order_of_their_file),
        cmocka_unit_test(good_programs_pass),
        cmocka_unit_test(eight_mebibytes_go_both_ways),
        cmocka_unit_test(notes_are_told_on_a_pass),
        cmocka_unit_test(steps_say_in_plain_words_what_happened),
        cmocka_unit_test(the_same_seed_gives_the_same_run),
        cmocka_unit_test(another_text_is_shown_with_the_difference),
        cmocka_unit_test(a_wrong_byte_far_in_is_in_sight),
        cmocka_unit_test(a_wait_that_ran_out_is_named),
        cmocka_unit_test(a_crash_is_decoded),
        cmocka_unit_test(an_end_in_the_middle_is_wrong_and_shows_stderr),
        cmocka_unit_test(a_server_that_ends_is_not_waited_for),
        cmocka_unit_test(a_flood_ends_the_check_soon),
        cmocka_unit_test(a_program_that_cannot_be_started_is_explained),
        cmocka_unit_test(the_check_as_a_whole_has_a_deadline),
        cmocka_unit_test(many_steps_are_cut_in_the_middle),
        cmocka_unit_test(known_patterns_are_diagnosed),
        cmocka_unit_test(lost_data_is_explained_by_short_writes),
        cmocka_unit_test(leftovers_are_noted_or_a_leak),
        cmocka_unit_test(a_check_that_breaks_is_an_error),
        cmocka_unit_test(a_check_can_be_skipped),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
