/* Runs the checks of tun_checks.c and looks at what they say. */
#include "harness_help.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* A machine without veth, or without namespaces, has no emulation. */
static bool is_skipped(const char *id)
{
    const struct event_check_end *end = run(id);

    if (end->verdict == VERDICT_SKIP)
        fprintf(stderr, "%s: skipped: %s\n", id, end->reason);
    return end->verdict == VERDICT_SKIP;
}

static void packets_go_through_a_tunnel(void **state)
{
    (void)state;
    if (is_skipped("any_tunnel"))
        skip();
    passes("any_tunnel");
    has(outcome.end.check_end.notes[0], "the TUN device is ");
    if (is_skipped("emulated_tunnel"))
        skip();
    passes("emulated_tunnel");
    has(outcome.end.check_end.notes[0], "the TUN device is emulated");
    passes("emulated_tunnel_with_info");
}

static void a_wrong_tunnel_is_explained(void **state)
{
    (void)state;
    if (is_skipped("emulated_tunnel"))
        skip();
    const struct failure *f = fails("damaged_packet", CAUSE_WRONG);
    has(f->expectation, "comes out of tun0");
    f = fails("tunnel_is_down", CAUSE_TIMEOUT);
    has(f->observation, "it is there, but down");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_go_through_a_tunnel),
        cmocka_unit_test(a_wrong_tunnel_is_explained),
    };

    signal(SIGPIPE, SIG_IGN);
    check_challenge("tun");
    check_program("tun");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
