/* Runs the checks of links_checks.c. Where the kernel makes no links they are skipped, and say how to get them. */
#include "harness_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void wires_and_machines_work(void **state)
{
    (void)state;
    passes("frames_are_seen");
    passes("frames_arrive");
    passes("addresses_are_seen");
    passes("machines_talk");
    passes("a_cluster_is_cut");
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    const struct failure *f = fails("no_address", CAUSE_TIMEOUT);
    has(f->expectation, "eth0 has the IPv4 address 10.9.0.7/24");
    has(f->observation, "it is 10.9.0.1/24");
    f = fails("no_frame", CAUSE_TIMEOUT);
    has(f->expectation, "a frame crosses the link eth0");
    has(f->observation, "nothing was sent");
    has(f->wait, "a DISCOVER");
}

/* Where there are no links every check that needs one is skipped. */
static int skip_without_links(void **state)
{
    (void)state;
    check_challenge("links");
    const struct event_check_end *end = run("addresses_are_seen");
    if (end->verdict != VERDICT_SKIP)
        return 0;
    has(end->reason, "lux doctor");
    fprintf(stderr, "%s\n", end->reason);
    exit(77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wires_and_machines_work),
        cmocka_unit_test(what_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, skip_without_links, NULL);
}
