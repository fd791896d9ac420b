/* Runs the checks of ipc_checks.c and looks at what they say. */
#include "harness_help.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void unix_sockets_speak_as_tcp_does(void **state)
{
    (void)state;
    passes("unix_server_echoes");
    passes("unix_client_talks");
    has(outcome.stream.data, "./ipc connects to s: conn#1");
    has(outcome.stream.data, "./ipc ends the connection of conn#1\"");
    passes("descriptors_are_passed");
    passes("datagrams_over_unix");
}

static void wrong_unix_servers_are_explained(void **state)
{
    (void)state;
    const struct failure *f = fails("unix_wrong_text", CAUSE_WRONG);
    has(f->observation, "\"HELLO\" came");
    f = fails("unix_stale", CAUSE_WRONG);
    has(f->expectation, "./ipc listens at s");
    has(f->observation, "there is a socket, but nobody listens on it: ./ipc ended with status 1");
    f = fails("unix_file_instead", CAUSE_TIMEOUT);
    has(f->observation, "there is a regular file instead");
    f = fails("unix_other_type", CAUSE_TIMEOUT);
    has(f->observation, "SOCK_STREAM and SOCK_DGRAM do not talk");
}

static void fifos_are_spoken_to_as_connections(void **state)
{
    (void)state;
    passes("fifo_server_answers");
    const struct failure *f = fails("fifo_server_ends", CAUSE_WRONG);
    has(f->expectation, "./ipc opens the FIFO f for reading");
    has(f->observation, "nobody has opened it for reading: ./ipc ended with status 0");
    f = fails("fifo_never_made", CAUSE_TIMEOUT);
    has(f->observation, "there is no such file");
}

static void who_holds_a_pipe_is_named(void **state)
{
    (void)state;
    passes("pipe_held_by_one");
    const struct failure *f = fails("pipe_held_by_two", CAUSE_LEAK);
    has(f->expectation, "the writing end of the pipe that is descriptor 5 of the keeper");
    has(f->observation, "it is open in 2: ./ipc keeper untidy (pid ");
    f = fails("descriptors_leak", CAUSE_LEAK);
    has(f->observation, "also open: 4 (a pipe), 5 (a pipe)");
}

static void message_queues_are_looked_into(void **state)
{
    (void)state;
    passes("queue_is_filled");
    passes("queue_is_emptied");
    const struct failure *f = fails("queue_wrong_priority", CAUSE_WRONG);
    has(f->observation, "4 bytes \"high\" with priority 9 came");
    f = fails("queue_never_made", CAUSE_TIMEOUT);
    has(f->observation, "there is no queue of this name");
    f = fails("queue_stays", CAUSE_LEAK);
    has(f->observation, "it is still there");
}

/* At level shared the names are those of the host. */
static void names_of_queues_are_removed_where_they_are_shared(void **state)
{
    (void)state;
    check_at_level(SANDBOX_SHARED);
    passes("queue_has_a_name_of_its_own");
    const char *said = strstr(outcome.stream.data, "left there: /");
    assert_non_null(said);
    said += strlen("left there: ");
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(said, "\""), said);
    assert_int_equal(mq_open(name, O_RDONLY), (mqd_t)-1);
    assert_int_equal(errno, ENOENT);
    /* Names that somebody may have are left alone. */
    assert_int_equal(run("queue_is_filled")->verdict, VERDICT_SKIP);
    assert_int_equal(run("queue_is_gone")->verdict, VERDICT_SKIP);
    check_at_level(SANDBOX_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unix_sockets_speak_as_tcp_does),
        cmocka_unit_test(wrong_unix_servers_are_explained),
        cmocka_unit_test(fifos_are_spoken_to_as_connections),
        cmocka_unit_test(who_holds_a_pipe_is_named),
        cmocka_unit_test(message_queues_are_looked_into),
        cmocka_unit_test(names_of_queues_are_removed_where_they_are_shared),
    };

    signal(SIGPIPE, SIG_IGN);
    check_challenge("ipc");
    check_program("ipc");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
