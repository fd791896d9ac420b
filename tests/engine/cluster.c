/* Runs the checks of cluster_checks.c and looks at what they say. */
#include "harness_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void members_talk_through_links(void **state)
{
    (void)state;
    passes("members_hear_each_other");
    has(outcome.stream.data, "TELL 2 apple");
    passes("links_are_cut_and_heal");
    has(outcome.stream.data, "the cluster is partitioned: 1|23");
    passes("connections_can_be_reset");
}

static void members_come_and_go(void **state)
{
    (void)state;
    passes("members_die_sleep_and_come_back");
    has(outcome.stream.data, "member 2 is killed");
}

static void lines_are_exchanged(void **state)
{
    (void)state;
    passes("lines_go_both_ways");
    const struct failure *f = fails("line_is_another", CAUSE_WRONG);
    has(f->expectation, "./gossip sends the line \"apple\" to client#2");
    has(f->observation, "the line is \"nothing\"");
    f = fails("line_never_comes", CAUSE_TIMEOUT);
    has(f->wait, "for a line on client#2");
    f = fails("line_has_no_end", CAUSE_WRONG);
    has(f->observation, "\"half\" came, without a line feed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_talk_through_links),
        cmocka_unit_test(members_come_and_go),
        cmocka_unit_test(lines_are_exchanged),
    };
    check_challenge("cluster");
    check_program("gossip");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
