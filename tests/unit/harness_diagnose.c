/* Diagnoses: facts in, the explanation out. */
#include "harness_parts.h"

#include "base/mem.h"
#include "harness/conn.h"
#include "harness/diagnose.h"

#include <signal.h>
#include <string.h>

#include "cmocka_all.h"

static const struct syscall_name read_call = {.name = "read", .kind = SYSCALL_ON_FILE};
static const struct syscall_name poll_call = {.name = "poll", .kind = SYSCALL_ON_POLL};

/* A server that waits in read() for client#1, and of which nothing is known to be wrong. */
static struct symptoms healthy(enum expecting expecting, enum cause cause)
{
    return (struct symptoms){.expecting = expecting,
                             .cause = cause,
                             .difference = -1,
                             .program = "./server",
                             .zombies = -1,
                             .complaints = "",
                             .life_ms = 2000,
                             .cpu_ms = 5,
                             .all_sent = true,
                             .doing = {.words = "blocked in read(4), the connection with client#1",
                                       .state = 'S',
                                       .call = &read_call,
                                       .fd = 4,
                                       .target = TARGET_OTHER}};
}

static struct symptoms received(Bytes expected, Bytes came, enum cause cause)
{
    struct symptoms s = healthy(EXPECTING_BYTES, cause);
    size_t at = 0;

    while (at < expected.size && at < came.size && expected.data[at] == came.data[at])
        at++;
    s.compares = true;
    s.expected = expected;
    s.received = came;
    s.arrived = came.size;
    s.difference = came.size ? (int64_t)at : -1;
    s.conn = "client#1";
    return s;
}

static void says_(const struct symptoms *s, const char *piece, int line)
{
    struct diagnosis d = {0};

    if (!diagnose(s, &d))
        fail_msg("line %d: no diagnosis", line);
    if (!strstr(d.text, piece))
        fail_msg("line %d: \"%s\" lacks \"%s\"", line, d.text, piece);
}
#define says(s, piece) says_(s, piece, __LINE__)

static void says_nothing_(const struct symptoms *s, int line)
{
    struct diagnosis d = {0};

    if (diagnose(s, &d))
        fail_msg("line %d: \"%s\"", line, d.text);
}
#define says_nothing(s) says_nothing_(s, __LINE__)

static void what_fits_no_pattern_has_no_diagnosis(void **state)
{
    (void)state;
    struct symptoms s = healthy(EXPECTING_OTHER, CAUSE_WRONG);
    says_nothing(&s);
    s = received(text("hello\n"), text("jello\n"), CAUSE_WRONG);
    says_nothing(&s);
    s = healthy(EXPECTING_EXIT, CAUSE_TIMEOUT);
    says_nothing(&s);
    s = (struct symptoms){.zombies = -1, .difference = -1};
    says_nothing(&s);
}

static void nul_bytes_end_strings(void **state)
{
    (void)state;
    struct symptoms s = received(bytes("ab\0cd", 5), text("ab"), CAUSE_TIMEOUT);
    says(&s, "first byte 0, at offset 2");
    s = received(bytes("ab\0c\0d\n", 7), bytes("ab\0c", 4), CAUSE_TIMEOUT);
    says_nothing(&s); /* the first NUL came through */
    s = received(bytes("\0ab", 3), text(""), CAUSE_TIMEOUT);
    says(&s, "at offset 0");
    s.ended = true;
    s.status = 1 << 8;
    says_nothing(&s); /* it has failed before */
    s = received(bytes("\0ab", 3), text("oh\n"), CAUSE_WRONG);
    says_nothing(&s);
    s = received(text("ab\n"), bytes("ab\n\0", 4), CAUSE_WRONG);
    s.expected = text("ab\ncd\n");
    s.difference = 3;
    says(&s, "A byte 0 comes that nobody sent");
}

static void a_swallowed_byte_is_named(void **state)
{
    (void)state;
    Bytes all = all_byte_values();
    struct symptoms s = received(all, join(slice(all, 0, 13), slice(all, 14, 200)), CAUSE_WRONG);
    says(&s, "'\\r' (0x0d) at offset 13 is swallowed");
    Bytes lines = numbered_lines(40000);
    s = received(lines, join(slice(lines, 0, 20000), slice(lines, 21000, 900)), CAUSE_WRONG);
    says(&s, "a piece of 1000 bytes is missing");
    s = received(lines, join(slice(lines, 0, 1000), slice(lines, 2000, 900)), CAUSE_WRONG);
    says_nothing(&s); /* so little is always written whole */
}

static void a_lock_and_a_pause_are_no_matter_of_descriptors(void **state)
{
    static const struct syscall_name lock = {0, "flock", SYSCALL_ON_FILE},
                                     pause = {1, "nanosleep", SYSCALL_ON_TIME};
    (void)state;
    struct symptoms s = received(text("got hello\n"), text(""), CAUSE_TIMEOUT);
    s.expecting = EXPECTING_STDOUT;
    s.unread_input = "4 bytes on its stdin";
    says(&s, "misses the others");
    s.doing.call = &lock;
    says(&s, "Who has taken a lock");
    s.doing.call = &pause;
    says(&s, "while a program sleeps");
}

static void a_failure_tells_the_end_that_was_asked_for_from_the_end_of_a_conversation(void **state)
{
    (void)state;
    struct symptoms s = received(text(""), text(""), CAUSE_TIMEOUT);
    s.expecting = EXPECTING_EXIT;
    s.unread_input = "8 bytes from client#1";
    says(&s, "misses the others");
    s.signalled = true;
    says_nothing(&s);
}

static void line_ends_are_told_apart(void **state)
{
    (void)state;
    struct symptoms s = received(text("a\nb\n"), text("a\r\nb\r\n"), CAUSE_WRONG);
    says(&s, "came with \\r\\n");
    s = received(text("a\r\nb\r\n"), text("a\nb\n"), CAUSE_WRONG);
    says(&s, "came with \\n alone");
    s = received(text("a\nb"), text("a\rb"), CAUSE_WRONG);
    says_nothing(&s);
}

static void borders_between_pieces_are_recognised(void **state)
{
    (void)state;
    static const uint64_t cuts[] = {5, 12};
    struct symptoms s = received(text("half a line\n"), text("half "), CAUSE_TIMEOUT);
    s.cuts = cuts;
    s.n_cuts = 2;
    says(&s, "exactly where the first 5 bytes that were sent ended");
    s.n_cuts = 1; /* the last border is the end of everything */
    s.stream_ended = true;
    says(&s, "ended the connection although the other side had not");
}

static void a_prefix_of_round_size_is_a_buffer_and_another_a_short_write(void **state)
{
    (void)state;
    Bytes data = numbered_lines(1 << 20);
    struct symptoms s = received(data, slice(data, 0, 4096), CAUSE_TIMEOUT);
    says(&s, "after exactly 4096 bytes");
    s = received(data, slice(data, 0, 1023), CAUSE_TIMEOUT);
    says(&s, "after exactly 1023 bytes");
    s = received(data, slice(data, 0, 212992), CAUSE_TIMEOUT);
    says(&s, "take only a part of what they are given");
}

static void a_reset_with_the_program_alive_is_unread_input(void **state)
{
    (void)state;
    struct symptoms s = received(text("bye\n"), text(""), CAUSE_WRONG);
    s.stream_ended = s.reset = true;
    says(&s, "has reset the connection instead of ending it");
    s.ended = true;
    s.status = 1 << 8;
    says_nothing(&s);
}

static void a_second_client_that_waits_is_recognised(void **state)
{
    (void)state;
    struct conn first = {.name = "client#1"}, second = {.name = "client#2"};
    struct symptoms s = received(text("me too"), text(""), CAUSE_TIMEOUT);
    s.conn = "client#2";
    s.doing.target = TARGET_CONN;
    s.doing.conn = &first;
    says(&s, "client#2 waits, while ./server is blocked in read(4), the connection with client#1");
    s.not_accepted = true;
    says(&s, "has not even been accepted");
    s.doing.target = TARGET_LISTENER;
    says(&s, "Is accept() called again");
    s.others = 1;
    says(&s, "has not even been accepted");
    s.doing.target = TARGET_CONN;
    s.not_accepted = false;
    s.doing.conn = &second;
    says(&s, "does not end in a line feed"); /* it is this client's own business now */
}

static void bytes_for_another_client_are_found_there(void **state)
{
    (void)state;
    struct symptoms s = received(text("from the first\n"), text(""), CAUSE_TIMEOUT);
    s.came_elsewhere = "client#2";
    says(&s, "The bytes for client#1 came on client#2");
}

static void waiting_for_a_line_feed_needs_data_without_one(void **state)
{
    (void)state;
    struct symptoms s = received(text("no end"), text(""), CAUSE_TIMEOUT);
    s.doing.call = &poll_call;
    says(&s, "does not end in a line feed");
    s = received(text("a line\nno end"), text("a line\n"), CAUSE_TIMEOUT);
    s.doing.call = &poll_call;
    says(&s, "does not end in a line feed");
    s = received(text("a line\n"), text(""), CAUSE_TIMEOUT);
    s.doing.call = &poll_call;
    says_nothing(&s);
}

static void stdout_in_a_buffer_is_recognised(void **state)
{
    (void)state;
    struct symptoms s = received(text("hello\n"), text(""), CAUSE_TIMEOUT);
    s.expecting = EXPECTING_STDOUT;
    s.conn = NULL;
    s.program = "./client";
    s.printed_late = "6 bytes \"hello\\n\"";
    says(&s, "./client did print 6 bytes \"hello\\n\", but only when it was made to end");
    s.printed_late = NULL;
    s.doing.target = TARGET_STDIN;
    says(&s, "Nothing has come from ./client, which is blocked in read(4)");
    s.doing.target = TARGET_STDOUT;
    says_nothing(&s);
}

static void input_that_waits_is_told(void **state)
{
    (void)state;
    struct symptoms s = received(text("welcome\n"), text(""), CAUSE_TIMEOUT);
    s.expecting = EXPECTING_STDOUT;
    s.program = "./client";
    s.unread_input = "8 bytes from conn#1";
    says(&s, "8 bytes from conn#1 wait to be read, while ./client is blocked in read(4)");
    s.unread_input = "1 byte on its stdin";
    says(&s, "1 byte on its stdin waits to be read");
    s = healthy(EXPECTING_EXIT, CAUSE_TIMEOUT);
    s.doing.target = TARGET_STDIN;
    says_nothing(&s); /* a wrong command line that was taken, say */
    s.talked = true;
    says(&s, "sees nothing else meanwhile");
    s.stdin_ended = true;
    says_nothing(&s);
}

static void ends_that_do_not_come_are_explained(void **state)
{
    (void)state;
    struct symptoms s = healthy(EXPECTING_END, CAUSE_TIMEOUT);
    says(&s, "send what is still owed, then close");
    s.stdin_ended = true;
    says(&s, "shutdown(fd, SHUT_WR)");
    s.holders = "./server (pid 2, descriptor 4), a child of ./server (pid 3, descriptor 4)";
    s.n_holders = 2;
    says(&s, "Still open in: ./server (pid 2, descriptor 4), a child");
}

static void a_program_that_leaves_with_its_stdin_is_recognised(void **state)
{
    (void)state;
    struct symptoms s = received(text("late\n"), text(""), CAUSE_WRONG);
    s.expecting = EXPECTING_STDOUT;
    s.stdin_ended = s.ended = s.stream_ended = true;
    says(&s, "ended when its stdin had ended");
    s.status = 1 << 8;
    says_nothing(&s);
}

static void leaks_and_loops_are_explained(void **state)
{
    (void)state;
    struct symptoms s = healthy(EXPECTING_OTHER, CAUSE_LEAK);
    s.new_files = "5 to 24 (20 times a TCP socket without a connection)";
    says(&s, "had not at first: 5 to 24 (20 times");
    s = healthy(EXPECTING_OTHER, CAUSE_TIMEOUT);
    s.zombies = 1;
    says(&s, "1 child of ./server ended and is kept as zombie,");
    s = healthy(EXPECTING_OTHER, CAUSE_WRONG);
    s.asked_idle = s.doing.running = true;
    s.cpu_ms = 390;
    s.life_ms = 400;
    says(&s, "has used 390 ms of CPU time in 400 ms");
    s.asked_idle = false;
    says_nothing(&s);
}

static void deaths_and_ports_are_explained(void **state)
{
    (void)state;
    struct symptoms s = healthy(EXPECTING_BYTES, CAUSE_CRASH);
    s.ended = s.crashed = true;
    s.status = SIGPIPE;
    says(&s, "MSG_NOSIGNAL");
    s = healthy(EXPECTING_CONNECTION, CAUSE_WRONG);
    s.complaints = "listen tcp :7000: bind: address already in use\n";
    says(&s, "SO_REUSEADDR");
    s.expecting = EXPECTING_EXIT; /* here the check wanted the port to be taken */
    says_nothing(&s);
    s = healthy(EXPECTING_CONNECTION, CAUSE_TIMEOUT);
    s.wrong_port = "22555";
    says(&s, "listens on port 22555");
}

int test_diagnoses(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_no_pattern_has_no_diagnosis),
        cmocka_unit_test(nul_bytes_end_strings),
        cmocka_unit_test(a_swallowed_byte_is_named),
        cmocka_unit_test(a_lock_and_a_pause_are_no_matter_of_descriptors),
        cmocka_unit_test(a_failure_tells_the_end_that_was_asked_for_from_the_end_of_a_conversation),
        cmocka_unit_test(line_ends_are_told_apart),
        cmocka_unit_test(borders_between_pieces_are_recognised),
        cmocka_unit_test(a_prefix_of_round_size_is_a_buffer_and_another_a_short_write),
        cmocka_unit_test(a_reset_with_the_program_alive_is_unread_input),
        cmocka_unit_test(a_second_client_that_waits_is_recognised),
        cmocka_unit_test(bytes_for_another_client_are_found_there),
        cmocka_unit_test(waiting_for_a_line_feed_needs_data_without_one),
        cmocka_unit_test(stdout_in_a_buffer_is_recognised),
        cmocka_unit_test(input_that_waits_is_told),
        cmocka_unit_test(ends_that_do_not_come_are_explained),
        cmocka_unit_test(a_program_that_leaves_with_its_stdin_is_recognised),
        cmocka_unit_test(leaks_and_loops_are_explained),
        cmocka_unit_test(deaths_and_ports_are_explained),
    };

    return cmocka_run_group_tests_name("diagnoses", tests, NULL, NULL);
}
