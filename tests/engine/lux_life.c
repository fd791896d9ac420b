/* The end of lux, however it comes, and the end of programs that do not want to: nothing stays. */
#include "lux_help.h"
#include "wellformed.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmocka_all.h"

/* ---- Being ended ---- */

static void note_outcome(void *context, const struct challenge_progress *p)
{
    snprintf(context, 64, "%s", p->last_outcome);
}

static void assert_outcome(const char *outcome)
{
    struct error err = {0};
    char last[64] = "";
    /* For writing: an attempt whose process was killed is marked when the next one opens the store. */
    struct store *s = store_open(getenv("LUX_DB"), STORE_WRITE, &err);
    if (!s || store_progress(s, note_outcome, last, &err))
        fail_msg("%s", err.text);
    store_close(s);
    assert_string_equal(last, outcome);
}

/* A server that neither listens nor ends: its checks wait. */
static const char *hanging_program(void)
{
    return lux_program("hang", "null/ignore-term.c");
}

static struct lux *start_hanging(const char *format)
{
    struct lux *l = lux_start("check", "2", "--dir", hanging_program(), "--format", format);
    if (!strcmp(format, "ndjson"))
        lux_expect(l, "starts ./server");
    return l;
}

static void sigint_sigterm_and_sighup_end_the_run_and_are_recorded(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct lux *l = start_hanging("ndjson");
        uint64_t began = clock_now_ns();
        kill(l->pid, signals[i]);
        lux_finish(l);
        assert_int_equal(l->signal, signals[i]);
        assert_true(clock_ms_since(began) < 5000);
        assert_has(l->out, "\"interrupted\":true");
        const char *bad = ndjson_error(l->out);
        if (bad)
            fail_msg("%s", bad);
        assert_outcome("interrupted");
        lux_free(l);
    }
}

static void sigkill_leaves_nothing_behind_and_the_attempt_counts_as_interrupted(void **state)
{
    (void)state;
    struct lux *l = start_hanging("ndjson");
    kill(l->pid, SIGKILL);
    lux_finish(l);
    assert_int_equal(l->signal, SIGKILL);
    assert_outcome("interrupted");
    lux_free(l);
}

/* lux is killed at moments spread over its whole life, so that each of its states is met. */
static void sigkill_at_any_moment_leaves_nothing_behind(void **state)
{
    (void)state;
    const char *dir = lux_program("good", "solutions/tcp-echo-server/c/main.c");
    for (int i = 0; i < 25; i++) {
        struct lux *l = lux_start("check", "2", "--dir", dir, "--format", "ndjson", "--no-record");
        if (i % 2)
            lux_expect(l, "run_start");
        usleep((useconds_t)(i * 4000)); /* a moment, not a condition: any will do */
        kill(l->pid, SIGKILL);
        lux_finish(l);
        lux_free(l);
    }
}

static void an_interrupted_build_ends_with_all_its_processes(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGKILL};
    const char *dir = lux_program_text(
        "slow", "build.sh", "#!/bin/sh\necho building\nsleep 1000 &\n(trap '' TERM; sleep 1000) &\nwait\n");
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct lux *l = lux_start("check", "2", "--dir", dir, "--format", "ndjson");
        lux_expect(l, "building");
        kill(l->pid, signals[i]);
        lux_finish(l);
        assert_int_equal(l->signal, signals[i]);
        assert_outcome("interrupted");
        if (signals[i] == SIGTERM)
            assert_has(l->out, "\"interrupted\":true");
        lux_free(l);
    }
}

static void a_reader_that_leaves_ends_the_run_quietly(void **state)
{
    (void)state;
    struct lux *l =
        lux_start("check", "2", "--dir", lux_program("good", "solutions/tcp-echo-server/c/main.c"),
                  "--format", "ndjson");
    lux_expect(l, "run_start");
    close(l->out_fd);
    l->out_fd = -1;
    lux_finish(l);
    assert_int_equal(l->signal, SIGPIPE);
    assert_string_equal(l->err, "");
    assert_outcome("interrupted");
    lux_free(l);
}

static void a_reader_that_does_not_read_does_not_keep_lux_from_ending(void **state)
{
    (void)state;
    const char *dir = lux_program_text(
        "loud", "build.sh",
        "#!/bin/sh\nyes 'a line that goes on for a while, and then some' | head -20000\nsleep 1000\n");
    struct lux *l = lux_start("check", "2", "--dir", dir, "--format", "ndjson", "--no-record");
    /* Until the pipe is full: it holds as much as it will. */
    int size = fcntl(l->out_fd, F_GETPIPE_SZ), before = -1, now = 0;
    while (now < size - 8192 || now != before) {
        before = now;
        usleep(20000); /* the same amount twice: no more fits */
        assert_int_equal(ioctl(l->out_fd, FIONREAD, &now), 0);
    }
    kill(l->pid, SIGTERM);
    lux_finish_unread(l);
    assert_int_equal(l->signal, SIGTERM);
    lux_free(l);
}

static void a_second_run_in_the_same_workspace_waits_for_the_first(void **state)
{
    (void)state;
    struct lux *first = start_hanging("ndjson");
    struct lux *second =
        lux_start("check", "2", "--dir", hanging_program(), "--format", "ndjson", "--no-record");
    lux_expect(second, "Another run is under way");
    assert_has_not(second->out, "build_start");
    struct lux *third =
        lux_start("check", "2", "--dir", hanging_program(), "--format", "ndjson", "--no-record");
    lux_expect(third, "Another run is under way");
    kill(third->pid, SIGTERM); /* while it waits */
    kill(first->pid, SIGKILL);
    lux_expect(second, "starts ./server");
    kill(second->pid, SIGTERM);
    lux_finish(second);
    assert_int_equal(second->signal, SIGTERM);
    lux_free(first);
    lux_free(second);
    lux_free(third);
}

static void closed_standard_streams_change_nothing(void **state)
{
    (void)state;
    autofree char *command =
        xasprintf(LUX_BINARY_DIR "/lux check 2 --dir %s --only echoes_a_line --no-record <&- >&- 2>&-",
                  lux_program("good", "solutions/tcp-echo-server/c/main.c"));
    assert_int_equal(system(command), 0);
}

/* ---- Hostile programs: each fails in time, and nothing of it stays ---- */

static void run_hostile(const char *source)
{
    uint64_t began = clock_now_ns();
    struct lux *l = lux_run(1, "check", "2", "--dir", lux_program("hostile", source), "--format", "ndjson",
                            "--no-record");
    const char *bad = ndjson_error(l->out);
    if (bad)
        fail_msg("%s: %s", source, bad);
    assert_has(l->out, "\"verdict\":\"fail\"");
    assert_has_not(l->out, "\"verdict\":\"error\"");
    assert_true(clock_ms_since(began) < 50000);
    lux_free(l);
}

static void the_null_programs_are_contained(void **state)
{
    (void)state;
    static const char *const sources[] = {"null/exit-0.c",      "null/exit-1.c",      "null/sleep.c",
                                          "null/yes.c",         "null/cat.c",         "null/close-all.c",
                                          "null/ignore-term.c", "null/double-fork.c", "null/flood.c"};
    setenv("LUX_TIME_SCALE", "0.5", 1); /* they fail anyway: it need not take long */
    for (size_t i = 0; i < ARRAY_LEN(sources); i++)
        run_hostile(sources[i]);
    unsetenv("LUX_TIME_SCALE");
}

int main(int argc, char **argv)
{
    lux_as_nobody(argc, argv);
    const struct CMUnitTest tests[] = {
        LUX_TEST(sigint_sigterm_and_sighup_end_the_run_and_are_recorded),
        LUX_TEST(sigkill_leaves_nothing_behind_and_the_attempt_counts_as_interrupted),
        LUX_TEST(sigkill_at_any_moment_leaves_nothing_behind),
        LUX_TEST(an_interrupted_build_ends_with_all_its_processes),
        LUX_TEST(a_reader_that_leaves_ends_the_run_quietly),
        LUX_TEST(a_reader_that_does_not_read_does_not_keep_lux_from_ending),
        LUX_TEST(a_second_run_in_the_same_workspace_waits_for_the_first),
        LUX_TEST(closed_standard_streams_change_nothing),
        LUX_TEST(the_null_programs_are_contained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
