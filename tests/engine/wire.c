/* Runs the checks of wire_checks.c and looks at what they say. */
#include "harness_help.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

static void a_right_resolver_is_answered(void **state)
{
    (void)state;
    passes("names_are_resolved");
    has(outcome.stream.data, "the name server  www.test A?");
    passes("names_over_tcp");
    passes("names_despite_deception");
    passes("names_are_unknown");
}

static void a_wrong_resolver_is_explained(void **state)
{
    (void)state;
    const struct failure *f = fails("names_trusting", CAUSE_WRONG);
    has(f->observation, "203.0.113.66");
    f = fails("names_careless", CAUSE_WRONG);
    has(f->expectation, "what is sent to the name server is a DNS query");
    has(f->observation, "the message ends in the middle, after 25 bytes");
    f = fails("names_unasked", CAUSE_WRONG);
    has(f->observation, "no query came: ./wire ended with status 1");
}

static void log_messages_are_read(void **state)
{
    (void)state;
    passes("log_arrives");
    const struct failure *f = fails("log_is_wrong", CAUSE_WRONG);
    has(f->expectation, "what comes is a message as syslog(3) writes it");
    has(f->observation, "the time is not like \"Nov  6 09:05:01\": \"hello\"");
}

static void web_sockets_are_spoken(void **state)
{
    (void)state;
    passes("web_socket_talks");
    const struct failure *f = fails("web_socket_lies", CAUSE_WRONG);
    has(f->expectation, "Sec-WebSocket-Accept");
    f = fails("web_socket_masks", CAUSE_WRONG);
    has(f->observation, "a frame came, and it is masked");
    f = fails("web_socket_code", CAUSE_WRONG);
    has(f->observation, "the code is 1000");
}

static void redis_values_are_read(void **state)
{
    (void)state;
    const struct failure *f = fails("redis_values", CAUSE_WRONG);
    has(f->expectation, "./wire sends a value of the Redis protocol to client#1");
    has(f->observation, "\"x\" is no number: 4 bytes \"$x\\r\\n\" came");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_resolver_is_answered), cmocka_unit_test(a_wrong_resolver_is_explained),
        cmocka_unit_test(log_messages_are_read),        cmocka_unit_test(web_sockets_are_spoken),
        cmocka_unit_test(redis_values_are_read),
    };

    signal(SIGPIPE, SIG_IGN);
    check_challenge("wire");
    check_program("wire");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
