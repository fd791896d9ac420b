/* Runs the checks of system_checks.c and looks at what they say. */
#include "harness_help.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

static void trees_are_made_and_compared(void **state)
{
    (void)state;
    passes("trees_are_copied");
    const struct failure *f = fails("tree_times_differ", CAUSE_WRONG);
    has(f->expectation, "b is a copy of a");
    has(f->observation, "b/f: it was modified at ");
    has(f->observation, " instead of 1700000000.000000001");
    f = fails("tree_links_differ", CAUSE_WRONG);
    has(f->observation, "b/g: it is no hard link to f");
    f = fails("tree_has_more", CAUSE_TIMEOUT);
    has(f->observation, "a/d/g is there and should not be");
    f = fails("tree_has_other_content", CAUSE_TIMEOUT);
    has(f->observation, "a/f: it holds 2 bytes \"xx\" instead of 2 bytes \"xy\"");
    f = fails("tree_has_other_kind", CAUSE_TIMEOUT);
    has(f->observation, "a/f: it is a symbolic link instead of a file");
}

static void small_disks_are_full(void **state)
{
    (void)state;
    passes("disk_is_full");
}

static void signals_come_at_a_chosen_moment(void **state)
{
    (void)state;
    passes("signals_are_counted");
    passes("signals_are_queued");
    passes("threads_are_counted");
    const struct failure *f = fails("never_sleeps", CAUSE_TIMEOUT);
    has(f->observation, "it runs");
}

static void cost_is_counted(void **state)
{
    (void)state;
    passes("calls_are_counted");
    has(outcome.end.check_end.notes[0],
        "what it costs: 20 for 100 and 160 for 800: 8.0 times as much for 8.0 times");
    const struct failure *f = fails("too_few_calls", CAUSE_WRONG);
    has(f->expectation, "it syncs before each of the 20 answers");
    f = fails("cost_is_quadratic", CAUSE_WRONG);
    has(f->expectation, "CPU time in ms grows no faster than in proportion");
    has(f->observation, "64.0 times as much for 8.0 times the size");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_made_and_compared),
        cmocka_unit_test(small_disks_are_full),
        cmocka_unit_test(signals_come_at_a_chosen_moment),
        cmocka_unit_test(cost_is_counted),
    };

    signal(SIGPIPE, SIG_IGN);
    check_challenge("system");
    check_program("system");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
