/* The runner, with real sandboxes and a checker that does what each check's name says: what is decided from
 * outside, whatever becomes of the checker. */
#include "runner/runner.h"

#include "base/clock.h"
#include "base/mem.h"
#include "runner/calibrate.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "scratch.h"

/* What the checkers and the test share: pages that the sandboxes inherit. */
struct shared {
    atomic_int runs;            /* of any check */
    atomic_int second_run_hint; /* runs of a check that changes its mind */
    atomic_int inside, most_inside;
    atomic_int order[32]; /* runs, as numbers of checks */
};
static struct shared *shared;

/* ---- The checker: this harness_main is linked instead of the real one ---- */

static void say(const struct harness_run *run, struct event e)
{
    struct buf line = {0};
    event_encode(&e, &line);
    ssize_t n = write(run->event_fd, line.data, line.len);
    (void)n;
    buf_free(&line);
}

static void come_to(const struct harness_run *run, enum verdict verdict, enum cause cause)
{
    struct failure f = {.expectation = "it holds", .observation = "it did not", .difference = -1};
    say(run, (struct event){.type = EVENT_CHECK_END,
                            .check_end = {.check = "somebody else",
                                          .verdict = verdict,
                                          .cause = cause,
                                          .ms = 1,
                                          .failure = verdict == VERDICT_FAIL ? &f : NULL}});
}

static void stay_a_moment(void)
{
    int now = atomic_fetch_add(&shared->inside, 1) + 1, most = atomic_load(&shared->most_inside);
    while (now > most && !atomic_compare_exchange_weak(&shared->most_inside, &most, now)) {
    }
    poll(NULL, 0, 30); /* long enough for the others to be started meanwhile */
    atomic_fetch_sub(&shared->inside, 1);
}

int harness_main(void *context)
{
    const struct harness_run *run = context;
    const char *id = run->check->id;
    int number = atomic_fetch_add(&shared->runs, 1);
    if (number < 32)
        atomic_store(&shared->order[number], run->check->line);
    stay_a_moment();
    if (strstr(id, "pass"))
        come_to(run, VERDICT_PASS, CAUSE_NONE);
    else if (strstr(id, "skip"))
        come_to(run, VERDICT_SKIP, CAUSE_NONE);
    else if (strstr(id, "wrong"))
        come_to(run, VERDICT_FAIL, CAUSE_WRONG);
    else if (strstr(id, "slow"))
        come_to(run, VERDICT_FAIL, CAUSE_TIMEOUT);
    else if (strstr(id, "moody"))
        come_to(run, atomic_fetch_add(&shared->second_run_hint, 1) ? VERDICT_PASS : VERDICT_FAIL,
                CAUSE_TIMEOUT);
    else if (strstr(id, "twice")) {
        come_to(run, VERDICT_PASS, CAUSE_NONE);
        come_to(run, VERDICT_FAIL, CAUSE_WRONG);
    } else if (strstr(id, "steps")) {
        say(run, (struct event){.type = EVENT_STEP,
                                .step = {.check = "somebody else", .step = {.at = 1, .text = "a step"}}});
        come_to(run, VERDICT_PASS, CAUSE_NONE);
    } else if (strstr(id, "garbage")) {
        for (int i = 0; i < 1000; i++)
            if (write(run->event_fd, "{\"v\":1,nonsense\n", 16) < 0)
                break;
    } else if (strstr(id, "seeds"))
        come_to(run, run->seed == 7 && run->time_scale > 0 ? VERDICT_PASS : VERDICT_FAIL, CAUSE_WRONG);
    else if (strstr(id, "killed"))
        abort();
    else if (strstr(id, "hangs"))
        for (;;)
            pause();
    else if (strstr(id, "exits"))
        return 3;
    return 0;
}

/* ---- A run and what came of it ---- */

enum { CHECKS_MAX = 16 };

struct seen {
    struct bus bus;
    enum verdict verdicts[CHECKS_MAX];
    enum cause causes[CHECKS_MAX];
    bool unstable[CHECKS_MAX];
    int ends[CHECKS_MAX], starts[CHECKS_MAX];
    char reasons[CHECKS_MAX][512];
    int notices, steps;
    char clause_sentence[128];
    struct run_totals totals;
    int done;
    struct check checks[CHECKS_MAX];
    struct run_check plan[CHECKS_MAX];
    size_t n;
    struct runner *runner;
    int cancel_after; /* ends of checks; -1: never */
    uv_timer_t cancel_timer;
};

static size_t index_of(const struct seen *s, const char *id)
{
    for (size_t i = 0; i < s->n; i++)
        if (!strcmp(s->checks[i].id, id))
            return i;
    fail_msg("no check %s", id);
    return 0;
}

static void on_event(void *context, const struct event *e)
{
    struct seen *s = context;
    if (e->type == EVENT_CHECK_START)
        s->starts[index_of(s, e->check_start.check)]++;
    if (e->type == EVENT_NOTICE)
        s->notices++;
    if (e->type == EVENT_STEP) {
        index_of(s, e->step.check);
        s->steps++;
    }
    if (e->type != EVENT_CHECK_END)
        return;
    size_t i = index_of(s, e->check_end.check);
    s->ends[i]++;
    s->verdicts[i] = e->check_end.verdict;
    s->causes[i] = e->check_end.cause;
    s->unstable[i] = e->check_end.unstable;
    if (e->check_end.reason)
        snprintf(s->reasons[i], sizeof s->reasons[i], "%s", e->check_end.reason);
    if (e->check_end.failure && e->check_end.failure->clause_sentence)
        snprintf(s->clause_sentence, sizeof s->clause_sentence, "%s", e->check_end.failure->clause_sentence);
    if (s->cancel_after > 0 && --s->cancel_after == 0)
        runner_cancel(s->runner);
}

static void on_done(void *context, const struct run_totals *totals)
{
    struct seen *s = context;
    s->totals = *totals;
    s->done++;
}

static void on_cancel_timer(uv_timer_t *timer)
{
    struct seen *s = timer->data;
    runner_cancel(s->runner);
    runner_cancel(s->runner); /* the second time is nothing */
    uv_close((uv_handle_t *)timer, NULL);
}

/* Adds a check; its number in the order of runs is its index plus one. */
static struct check *add(struct seen *s, const char *id)
{
    struct check *c = &s->checks[s->n];
    *c = (struct check){.challenge = "t",
                        .id = id,
                        .title = id,
                        .clause = "clause",
                        .tier = TIER_CORE,
                        .line = (int)s->n + 1};
    s->plan[s->n++].check = c;
    return c;
}

static void run_with(struct seen *s, int jobs, double scale, int cancel_ms)
{
    static const struct challenge challenge = {.number = 2, .slug = "t", .title = "T", .binary = "server"};
    static struct clause clause = {.id = "clause", .sentence = "It must hold."};
    static const struct lesson lesson = {.clauses = &clause, .n_clauses = 1};
    uv_loop_t loop;
    uv_loop_init(&loop);
    bus_init(&s->bus);
    bus_add(&s->bus, on_event, s);
    struct run_plan plan = {.challenge = &challenge,
                            .lesson = &lesson,
                            .dir = scratch,
                            .checks = s->plan,
                            .n_checks = s->n,
                            .is_whole = true,
                            .seed = 7,
                            .jobs = jobs,
                            .time_scale = scale,
                            .level = SANDBOX_FULL};
    s->runner = runner_start(&loop, &plan, &s->bus, on_done, s);
    if (cancel_ms >= 0) {
        uv_timer_init(&loop, &s->cancel_timer);
        s->cancel_timer.data = s;
        uv_timer_start(&s->cancel_timer, on_cancel_timer, (uint64_t)cancel_ms, 0);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    runner_free(s->runner);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(s->done, 1);
}

static void run(struct seen *s, int jobs)
{
    run_with(s, jobs, 1, -1);
}

static int setup(void **state)
{
    memset(shared, 0, sizeof *shared);
    if (scratch_make(state))
        return -1;
    scratch_put_bytes("server", "#!/bin/sh\n", 10, 0755);
    *state = xcalloc(1, sizeof(struct seen));
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return scratch_remove(state);
}

/* ---- Tests ---- */

static void each_check_comes_to_its_own_verdict(void **state)
{
    struct seen *s = *state;
    add(s, "pass");
    add(s, "wrong");
    add(s, "skip")->tier = TIER_ROBUST;
    add(s, "seeds");
    run(s, 4);
    assert_int_equal(s->verdicts[0], VERDICT_PASS);
    assert_int_equal(s->verdicts[1], VERDICT_FAIL);
    assert_int_equal(s->causes[1], CAUSE_WRONG);
    assert_int_equal(s->verdicts[2], VERDICT_SKIP);
    assert_int_equal(s->verdicts[3], VERDICT_PASS);
    const struct event_run_end *end = &s->totals.end;
    assert_int_equal(end->passed, 2);
    assert_int_equal(end->failed, 1);
    assert_int_equal(end->skipped, 1);
    assert_int_equal(end->core_total, 3);
    assert_int_equal(end->core_passed, 2);
    assert_false(end->solved);
    assert_string_equal(s->clause_sentence, "It must hold.");
}

static void a_run_is_solved_when_all_of_the_core_passed(void **state)
{
    struct seen *s = *state;
    add(s, "pass");
    add(s, "wrong")->tier = TIER_ROBUST;
    run(s, 2);
    assert_true(s->totals.end.solved);
}

static void a_checker_that_dies_without_a_verdict_is_an_error_that_says_how(void **state)
{
    struct seen *s = *state;
    add(s, "killed");
    add(s, "exits");
    add(s, "garbage");
    run(s, 4);
    for (size_t i = 0; i < s->n; i++)
        assert_int_equal(s->verdicts[i], VERDICT_ERROR);
    assert_non_null(strstr(s->reasons[1], "status 3"));
    assert_non_null(strstr(s->reasons[2], "status 0"));
    assert_in_range(s->notices, 1, 3); /* a thousand lines of nonsense are not a thousand warnings */
    assert_int_equal(s->totals.end.errors, 3);
}

static void a_checker_that_hangs_is_ended_after_its_deadline_and_the_grace(void **state)
{
    struct seen *s = *state;
    add(s, "hangs")->deadline_ms = 1000;
    uint64_t began = clock_now_ns();
    run_with(s, 1, 0.1, -1);
    assert_int_equal(s->verdicts[0], VERDICT_ERROR);
    assert_non_null(strstr(s->reasons[0], "did not come to an end"));
    assert_true(clock_ms_since(began) >= 0.1 * (1000 + 3000));
}

static void the_first_verdict_of_a_checker_counts(void **state)
{
    struct seen *s = *state;
    add(s, "twice");
    run(s, 1);
    assert_int_equal(s->verdicts[0], VERDICT_PASS);
    assert_int_equal(s->ends[0], 1);
}

static void steps_travel_under_the_name_of_their_check(void **state)
{
    struct seen *s = *state;
    add(s, "steps");
    run(s, 1);
    assert_int_equal(s->steps, 1);
}

static void a_timeout_is_run_again_and_confirmed(void **state)
{
    struct seen *s = *state;
    add(s, "slow");
    add(s, "pass");
    run(s, 2);
    assert_int_equal(s->verdicts[0], VERDICT_FAIL);
    assert_int_equal(s->causes[0], CAUSE_TIMEOUT);
    assert_int_equal(s->starts[0], 2);
    assert_int_equal(s->ends[0], 1);
    assert_int_equal(s->starts[1], 1);
}

static void a_verdict_that_changes_is_an_error_and_unstable(void **state)
{
    struct seen *s = *state;
    add(s, "moody");
    run(s, 2);
    assert_int_equal(s->verdicts[0], VERDICT_ERROR);
    assert_true(s->unstable[0]);
    assert_non_null(strstr(s->reasons[0], "\"pass\" when it was run again alone"));
}

static void what_needs_a_check_that_passed_alone_runs(void **state)
{
    struct seen *s = *state;
    add(s, "moody");
    add(s, "pass")->needs = "moody";
    run(s, 2);
    assert_int_equal(s->verdicts[0], VERDICT_ERROR);
    assert_int_equal(s->verdicts[1], VERDICT_PASS);
}

static void after_two_confirmations_timeouts_are_believed(void **state)
{
    struct seen *s = *state;
    static const char *const ids[] = {"slow1", "slow2", "slow3", "slow4", "slow5", "slow6"};
    int starts = 0;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        add(s, ids[i]);
    run(s, 3);
    for (size_t i = 0; i < s->n; i++) {
        assert_int_equal(s->verdicts[i], VERDICT_FAIL);
        assert_int_equal(s->causes[i], CAUSE_TIMEOUT);
        assert_int_equal(s->ends[i], 1);
        starts += s->starts[i];
    }
    assert_int_equal(starts, (int)s->n + CONFIRMATIONS);
}

static void what_needs_a_check_that_fails_is_blocked_all_the_way(void **state)
{
    struct seen *s = *state;
    add(s, "pass3")->needs = "pass2"; /* before the one that it needs */
    add(s, "pass2")->needs = "wrong";
    add(s, "wrong");
    add(s, "pass4")->needs = "skip";
    add(s, "skip");
    add(s, "pass6")->needs = "pass5";
    add(s, "pass5");
    add(s, "pass7")->needs = "not part of this run";
    run(s, 4);
    assert_int_equal(s->verdicts[0], VERDICT_BLOCKED);
    assert_string_equal(s->reasons[0], "needs \"pass2\", which did not run either");
    assert_int_equal(s->verdicts[1], VERDICT_BLOCKED);
    assert_string_equal(s->reasons[1], "needs \"wrong\", which failed");
    assert_int_equal(s->verdicts[3], VERDICT_SKIP);
    assert_int_equal(s->verdicts[5], VERDICT_PASS);
    assert_int_equal(s->verdicts[7], VERDICT_PASS);
    assert_int_equal(s->starts[0] + s->starts[1] + s->starts[3], 0);
    assert_int_equal(s->totals.end.blocked, 2);
}

static void checks_that_need_each_other_are_an_error(void **state)
{
    struct seen *s = *state;
    add(s, "pass1")->needs = "pass2";
    add(s, "pass2")->needs = "pass1";
    add(s, "pass3")->needs = "pass3";
    run(s, 2);
    assert_int_equal(s->verdicts[0], VERDICT_ERROR);
    assert_int_equal(s->verdicts[1], VERDICT_BLOCKED);
    assert_int_equal(s->verdicts[2], VERDICT_ERROR);
}

static void as_many_run_at_once_as_there_are_jobs_and_never_more(void **state)
{
    struct seen *s = *state;
    static const char *const ids[] = {"pass1", "pass2", "pass3", "pass4", "pass5",
                                      "pass6", "pass7", "pass8", "pass9"};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        add(s, ids[i]);
    run(s, 3);
    assert_in_range(atomic_load(&shared->most_inside), 2, 3);
    assert_int_equal(s->totals.end.passed, 9);
}

static void fast_checks_come_last_and_alone(void **state)
{
    struct seen *s = *state;
    add(s, "pass1")->tier = TIER_FAST;
    add(s, "pass2")->alone = true;
    add(s, "pass3");
    add(s, "pass4");
    run(s, 4);
    int *last = (int[]){atomic_load(&shared->order[2]), atomic_load(&shared->order[3])};
    assert_int_equal(last[0], 1);
    assert_int_equal(last[1], 2);

    memset(shared, 0, sizeof *shared);
    struct seen *only = xcalloc(1, sizeof *only);
    add(only, "pass1")->tier = TIER_FAST;
    add(only, "pass2")->alone = true;
    add(only, "pass3")->tier = TIER_FAST;
    run(only, 4);
    assert_int_equal(atomic_load(&shared->most_inside), 1);
    free(only);
}

static void what_failed_last_time_runs_first(void **state)
{
    struct seen *s = *state;
    add(s, "pass1");
    add(s, "pass2");
    add(s, "pass3");
    s->plan[2].failed_before = true;
    run(s, 1);
    assert_int_equal(atomic_load(&shared->order[0]), 3);
    assert_int_equal(atomic_load(&shared->order[1]), 1);
}

static void a_cancelled_run_ends_at_once_without_verdicts(void **state)
{
    struct seen *s = *state;
    add(s, "hangs1");
    add(s, "hangs2");
    add(s, "pass");
    uint64_t began = clock_now_ns();
    run_with(s, 2, 1, 100);
    assert_true(clock_ms_since(began) < 9000); /* not the deadline of the checks */
    assert_true(s->totals.end.interrupted);
    assert_int_equal(s->ends[0] + s->ends[1] + s->ends[2], 0);
    assert_int_equal(s->totals.end.passed, 0);
}

static void a_run_can_be_cancelled_from_within_an_event(void **state)
{
    struct seen *s = *state;
    add(s, "pass1");
    add(s, "pass2")->needs = "pass1";
    add(s, "hangs");
    s->cancel_after = 1;
    run(s, 2);
    assert_true(s->totals.end.interrupted);
    assert_int_equal(s->ends[0], 1);
    assert_int_equal(s->ends[1], 0);
}

static void a_sandbox_that_cannot_be_made_is_an_error_of_its_check(void **state)
{
    struct seen *s = *state;
    add(s, "pass");
    assert_int_equal(scratch_remove(state), 0);
    run(s, 1);
    assert_int_equal(s->verdicts[0], VERDICT_ERROR);
    assert_true(s->reasons[0][0]);
    assert_int_equal(scratch_make(state), 0);
    *state = s;
}

static void the_time_scale_follows_the_symptoms_of_a_busy_machine(void **state)
{
    (void)state;
    double quiet = time_scale_of(0.1, 0.5, 0);
    assert_true(quiet >= 1 && quiet <= 2);
    assert_true(time_scale_of(0.1, 0.5, 8) >= 4 * quiet);
    assert_true(time_scale_of(6, 0.5, 0) >= 3 * quiet);
    assert_true(time_scale_of(0.1, 20, 0) >= 4 * quiet);
    assert_true(time_scale_of(1e6, 1e6, 1e6) <= TIME_SCALE_MAX);
    double scale;
    struct error err;
    setenv("LUX_TIME_SCALE", "2.5", 1);
    assert_int_equal(time_scale(&scale, &err), 0);
    assert_true(scale > 2.49 && scale < 2.51);
    static const char *const bad[] = {"0", "-1", "nan", "inf", "1e9", "2x"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        setenv("LUX_TIME_SCALE", bad[i], 1);
        assert_int_equal(time_scale(&scale, &err), -1);
    }
    unsetenv("LUX_TIME_SCALE");
    assert_int_equal(time_scale(&scale, &err), 0);
    assert_true(scale >= TIME_SCALE_MIN && scale <= TIME_SCALE_MAX);
}

#define RUNNER_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    const struct CMUnitTest tests[] = {
        RUNNER_TEST(each_check_comes_to_its_own_verdict),
        RUNNER_TEST(a_run_is_solved_when_all_of_the_core_passed),
        RUNNER_TEST(a_checker_that_dies_without_a_verdict_is_an_error_that_says_how),
        RUNNER_TEST(a_checker_that_hangs_is_ended_after_its_deadline_and_the_grace),
        RUNNER_TEST(the_first_verdict_of_a_checker_counts),
        RUNNER_TEST(steps_travel_under_the_name_of_their_check),
        RUNNER_TEST(a_timeout_is_run_again_and_confirmed),
        RUNNER_TEST(a_verdict_that_changes_is_an_error_and_unstable),
        RUNNER_TEST(what_needs_a_check_that_passed_alone_runs),
        RUNNER_TEST(after_two_confirmations_timeouts_are_believed),
        RUNNER_TEST(what_needs_a_check_that_fails_is_blocked_all_the_way),
        RUNNER_TEST(checks_that_need_each_other_are_an_error),
        RUNNER_TEST(as_many_run_at_once_as_there_are_jobs_and_never_more),
        RUNNER_TEST(fast_checks_come_last_and_alone),
        RUNNER_TEST(what_failed_last_time_runs_first),
        RUNNER_TEST(a_cancelled_run_ends_at_once_without_verdicts),
        RUNNER_TEST(a_run_can_be_cancelled_from_within_an_event),
        RUNNER_TEST(a_sandbox_that_cannot_be_made_is_an_error_of_its_check),
        RUNNER_TEST(the_time_scale_follows_the_symptoms_of_a_busy_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
