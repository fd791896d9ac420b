/* The parts of the harness that need no sandbox: bytes and how they differ, what is read from /proc, the
 * boxes of bytes that come and go. */
#include "harness_parts.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/describe.h"
#include "harness/inbox.h"
#include "harness/mismatch.h"
#include "harness/outbox.h"
#include "harness/process.h"
#include "harness/signals.h"
#include "harness/syscalls.h"
#include "harness/world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cmocka_all.h"

/* ---- Bytes --------------------------------------------------------------------------------------------- */

static void the_first_difference_is_found_wherever_it_is(void **state)
{
    (void)state;
    char a[10000], b[10000];
    memset(a, 'x', sizeof a);
    memset(b, 'x', sizeof b);
    assert_int_equal(compare_bytes(bytes(a, sizeof a), bytes(b, sizeof b)), -1);
    for (size_t at = 0; at < sizeof a; at += 499) {
        b[at] = 'y';
        assert_int_equal(compare_bytes(bytes(a, sizeof a), bytes(b, sizeof b)), at);
        b[at] = 'x';
    }
    assert_int_equal(compare_bytes(text("abc"), text("abcd")), 3);
    assert_int_equal(compare_bytes(text(""), text("a")), 0);
    assert_int_equal(compare_bytes(text(""), text("")), -1);
}

static void a_mismatch_is_certain_only_when_more_bytes_cannot_help(void **state)
{
    (void)state;
    assert_false(mismatch_is_certain(text("hello"), text("")));
    assert_false(mismatch_is_certain(text("hello"), text("hel")));
    assert_true(mismatch_is_certain(text("hello"), text("help")));
    assert_false(mismatch_is_certain(text("hel"), text("hello")));
}

static void a_mismatch_is_put_in_words(void **state)
{
    (void)state;
    Bytes lines = numbered_lines(1600);
    assert_string_equal(mismatch_words(text("hello"), text(""), NULL), "nothing came");
    assert_string_equal(mismatch_words(text("hello"), text("hel"), "then it ended"),
                        "only the first 3 bytes of 5 bytes came; then it ended");
    assert_string_equal(mismatch_words(text("hello"), text("help"), NULL), "\"help\" came");
    assert_string_equal(mismatch_words(lines, join(slice(lines, 0, 160), slice(lines, 320, 400)), NULL),
                        "after the first 173 bytes, 160 bytes are missing");
    assert_string_equal(mismatch_words(lines, join(slice(lines, 0, 160), text("other things\n")), NULL),
                        "the first 160 bytes are right, then comes 'o' (0x6f) instead of 'l' (0x6c)");
}

static void an_excerpt_holds_the_difference_in_its_middle(void **state)
{
    (void)state;
    Bytes lines = numbered_lines(4096);
    struct excerpt e = excerpt_around(lines, 2000);
    assert_int_equal(e.offset, 1940);
    assert_int_equal(e.total, 4096);
    assert_int_equal(strlen(e.text), 120 + 7); /* each of 7 line feeds takes two characters */
    e = excerpt_around(lines, 10);
    assert_int_equal(e.offset, 0);
    e = excerpt_around(lines, 4096);
    assert_int_equal(e.offset, 4036);
    e = excerpt_around(text(""), 0);
    assert_string_equal(e.text, "");
    e = excerpt_around(text("short"), 60000);
    assert_string_equal(e.text, "");
    assert_int_equal(e.offset, 5);
}

static void an_excerpt_cuts_no_character_of_utf8_in_two(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 100; i++)
        buf_addstr(&b, "€");
    for (size_t at = 100; at < 110; at++) {
        struct excerpt e = excerpt_around(bytes(b.data, b.len), at);
        assert_int_equal(e.offset % 3, 0);
        assert_memory_equal(e.text, "€", 3);
    }
    buf_free(&b);
}

static void quotations_are_short_and_harmless(void **state)
{
    (void)state;
    assert_string_equal(quote(text("a\n\x1b[0m")), "\"a\\n\\e[0m\"");
    assert_string_equal(quote_sized(text("")), "nothing");
    assert_string_equal(quote_sized(text("x")), "1 byte \"x\"");
    assert_string_equal(quote(numbered_lines(100)), "\"line 0000000001\\nline 0000000002\\nline 000\"...");
    assert_string_equal(count_bytes(8388608), "8 388 608 bytes");
    assert_string_equal(count_bytes(65536), "65 536 bytes");
    assert_string_equal(count_bytes(4096), "4096 bytes");
    assert_string_equal(name_byte('\n'), "'\\n' (0x0a)");
    assert_string_equal(name_byte(0xff), "0xff");
    assert_string_equal(ordinal(1), "1st");
    assert_string_equal(ordinal(12), "12th");
    assert_string_equal(ordinal(22), "22nd");
    assert_string_equal(ordinal(113), "113th");
}

static void text_is_told_from_data(void **state)
{
    (void)state;
    assert_true(bytes_are_text(text("Grüße, 世界\r\n\t")));
    assert_true(bytes_are_text(bytes("caf\xc3", 4))); /* cut within a character */
    assert_false(bytes_are_text(bytes("a\0b", 3)));
    assert_false(bytes_are_text(text("\xff\xfe")));
    assert_false(bytes_are_text(text("\x1b[31m")));
}

static void a_hex_dump_shows_the_lines_around_the_difference(void **state)
{
    (void)state;
    size_t n;
    const char **lines = hex_around(all_byte_values(), 0x48, &n);
    assert_int_equal(n, HEX_LINES);
    assert_string_equal(lines[0],
                        "00000020  20 21 22 23 24 25 26 27  28 29 2a 2b 2c 2d 2e 2f  | !\"#$%&'()*+,-./|");
    assert_int_equal(strncmp(lines[2], "00000040 ", 9), 0);
    lines = hex_around(bytes("\1\2\3", 3), 2, &n);
    assert_int_equal(n, 1);
    assert_string_equal(lines[0], "00000000  01 02 03                                          |...|");
    hex_around(text(""), 0, &n);
    assert_int_equal(n, 0);
}

static void missing_bytes_are_counted(void **state)
{
    (void)state;
    Bytes lines = numbered_lines(1600);
    assert_int_equal(missing_bytes(lines, join(slice(lines, 0, 100), slice(lines, 164, 200)), 100), 64);
    assert_int_equal(missing_bytes(lines, join(slice(lines, 0, 100), text("something else altogether")), 100),
                     0);
    assert_int_equal(missing_bytes(lines, slice(lines, 0, 100), 100), 0);
}

static void numbered_lines_have_exactly_their_size(void **state)
{
    (void)state;
    assert_int_equal(numbered_lines(35).size, 35);
    assert_memory_equal(numbered_lines(35).data, "line 0000000001\nline 0000000002\nlin", 35);
    assert_int_equal(numbered_lines(0).size, 0);
}

static void random_values_depend_on_the_seed_and_never_repeat(void **state)
{
    (void)state;
    Bytes a = random_bytes(32), b = random_bytes(32);
    assert_memory_not_equal(a.data, b.data, 32);
    for (int i = 0; i < 1000; i++) {
        int n = random_between(-2, 2);
        assert_in_range(n + 2, 0, 4);
    }
    assert_int_equal(random_between(5, 5), 5);
}

static void slices_stay_within_their_bytes(void **state)
{
    (void)state;
    assert_int_equal(slice(text("hello"), 3, 10).size, 2);
    assert_int_equal(slice(text("hello"), 9, 1).size, 0);
    assert_memory_equal(join(text("ab"), text("cd")).data, "abcd", 4);
}

/* ---- Boxes --------------------------------------------------------------------------------------------- */

static void an_inbox_gives_what_nobody_took_yet(void **state)
{
    (void)state;
    struct inbox in = {0};
    inbox_add(&in, "hello ", 6, 100);
    inbox_add(&in, "world", 5, 200);
    inbox_take(&in, 3);
    assert_int_equal(inbox_unread(&in).size, 8);
    assert_memory_equal(inbox_unread(&in).data, "lo world", 8);
    assert_int_equal(inbox_time_of(&in, 5), 100);
    assert_int_equal(inbox_time_of(&in, 6), 200);
    assert_memory_equal(inbox_kept(&in).data, "hello world", 11);
    buf_free(&in.kept);
    free(in.pieces);
}

static void an_inbox_forgets_what_was_taken_long_ago(void **state)
{
    (void)state;
    struct inbox in = {0};
    static char block[4096];
    for (int i = 0; i < 4096; i++) {
        memset(block, 'a' + i % 26, sizeof block);
        inbox_add(&in, block, sizeof block, (uint64_t)i);
        inbox_take(&in, sizeof block);
    }
    assert_true(in.kept.len >= INBOX_KEPT && in.kept.len < 4 * INBOX_KEPT);
    assert_int_equal(in.base + in.kept.len, in.total);
    assert_int_equal(inbox_unread(&in).size, 0);
    assert_int_equal(inbox_time_of(&in, in.total - 1), 4095);
    inbox_add(&in, "new", 3, 5000);
    assert_memory_equal(inbox_unread(&in).data, "new", 3);
    buf_free(&in.kept);
    free(in.pieces);
}

static void an_inbox_that_nobody_empties_counts_on_and_keeps_no_more(void **state)
{
    (void)state;
    struct inbox in = {0};
    size_t size = 1 << 20;
    char *block = xcalloc(1, size);
    for (int i = 0; i < 70; i++)
        inbox_add(&in, block, size, 1);
    assert_int_equal(in.kept.len, INBOX_MAX);
    assert_int_equal(in.dropped, 6 << 20);
    assert_int_equal(in.total, 70 << 20);
    free(block);
    buf_free(&in.kept);
    free(in.pieces);
}

static void a_rolling_inbox_keeps_the_end(void **state)
{
    (void)state;
    struct inbox in = {.rolling = true};
    for (int i = 0; i < 100000; i++) {
        char line[32];
        inbox_add(&in, line, (size_t)snprintf(line, sizeof line, "line %d\n", i), (uint64_t)i);
    }
    assert_true(in.kept.len < 4 * INBOX_KEPT);
    assert_string_equal(in.kept.data + in.kept.len - 11, "line 99999\n");
    assert_int_equal(in.dropped, 0);
    buf_free(&in.kept);
    free(in.pieces);
}

static void reading_ends_at_the_end_and_waits_before(void **state)
{
    (void)state;
    struct inbox in = {0};
    int fds[2];
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    inbox_read(&in, fds[0]);
    assert_false(in.ended);
    assert_int_equal(write(fds[1], "abc", 3), 3);
    inbox_read(&in, fds[0]);
    assert_memory_equal(inbox_unread(&in).data, "abc", 3);
    close(fds[1]);
    inbox_read(&in, fds[0]);
    assert_true(in.ended);
    assert_int_equal(in.error, 0);
    close(fds[0]);
    buf_free(&in.kept);
    free(in.pieces);
}

static void an_outbox_writes_what_fits_and_remembers_the_cuts(void **state)
{
    (void)state;
    struct outbox out = {0};
    int fds[2];
    static char sink[1 << 16];
    size_t size = 3 << 20, got = 0;
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    outbox_add(&out, text("first"));
    outbox_add(&out, numbered_lines(size));
    for (;;) {
        outbox_write(&out, fds[1]);
        ssize_t n = read(fds[0], sink, sizeof sink);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    assert_int_equal(got, size + 5);
    assert_int_equal(outbox_pending(&out), 0);
    assert_int_equal(out.n_cuts, 2);
    assert_int_equal(out.cuts[0], 5);
    signal(SIGPIPE, SIG_IGN);
    close(fds[0]);
    outbox_add(&out, text("nobody reads this"));
    outbox_write(&out, fds[1]);
    assert_int_equal(out.error, EPIPE);
    assert_int_equal(outbox_pending(&out), 0);
    close(fds[1]);
    buf_free(&out.queue);
}

/* ---- /proc --------------------------------------------------------------------------------------------- */

static void a_stat_line_is_parsed_whatever_the_name(void **state)
{
    (void)state;
    struct process_stat s;
    assert_true(process_parse_stat(
        "42 (a ) R (b) S 7 41 40 34816 -1 4194304 120 0 0 0 12 34 5 6 20 0 3 0 9 0 0", &s));
    assert_int_equal(s.pid, 42);
    assert_int_equal(s.ppid, 7);
    assert_int_equal(s.group, 41);
    assert_int_equal(s.session, 40);
    assert_int_equal(s.terminal, 34816);
    assert_int_equal(s.started, 9);
    assert_string_equal(s.name, "a ) R (b");
    assert_int_equal(s.state, 'S');
    assert_int_equal(s.threads, 3);
    assert_false(s.exiting);
    assert_true(s.cpu_ms == 46 * 1000.0 / (double)sysconf(_SC_CLK_TCK));
    assert_true(s.children_cpu_ms == 11 * 1000.0 / (double)sysconf(_SC_CLK_TCK));
    assert_true(process_parse_stat("42 (x) R 7 42 42 0 -1 4194308 120 0 0 0 12 34 5 6 20 0 3 0 9 0 0", &s));
    assert_true(s.exiting);
    assert_false(process_parse_stat("", &s));
    assert_false(process_parse_stat("42 (x", &s));
    assert_false(process_parse_stat("42 (x) S 1", &s));
    assert_false(process_parse_stat("42 (x) R 7 42 42 0 -1 4194308 120 0 0 0 12 34 5 6 20 0 3 0", &s));
}

static void a_syscall_line_is_parsed(void **state)
{
    (void)state;
    struct process_call c;
    assert_true(process_parse_call("0 0x4 0x7ffe 0x1000 0x0 0x0 0x0 0x7ffd 0x7f00\n", &c));
    assert_true(c.in_call);
    assert_int_equal(c.number, 0);
    assert_int_equal(c.args[0], 4);
    assert_true(process_parse_call("running\n", &c));
    assert_true(c.running);
    assert_true(process_parse_call("-1 0x7ffd 0x7f00\n", &c));
    assert_false(c.in_call);
    assert_false(process_parse_call("", &c));
}

static void system_calls_have_names(void **state)
{
    (void)state;
    assert_string_equal(syscall_named(SYS_read)->name, "read");
    assert_int_equal(syscall_named(SYS_read)->kind, SYSCALL_ON_FILE);
    assert_int_equal(syscall_named(SYS_ppoll)->kind, SYSCALL_ON_POLL);
    assert_null(syscall_named(100000));
    assert_string_equal(syscall_word(SYS_exit_group), "exit_group");
    assert_string_equal(syscall_word(SYS_getpid), "getpid");
    assert_null(syscall_word(100000));
    assert_string_equal(cpu_words(0.3), "less than 1 ms");
    assert_string_equal(cpu_words(12.4), "12 ms");
}

static void this_process_is_found_in_proc(void **state)
{
    (void)state;
    struct process_stat s;
    struct open_file *files;
    int fd = open("/dev/null", O_RDONLY);
    bool found = false;
    assert_true(process_stat_of(getpid(), &s));
    assert_int_equal(s.ppid, getppid());
    size_t n = process_files(getpid(), &files);
    for (size_t i = 0; i < n; i++)
        found = found || (files[i].fd == fd && strcmp(files[i].target, "/dev/null") == 0);
    assert_true(found);
    free(files);
    close(fd);
    assert_true(process_memory_kb(getpid()) > 100);
    assert_non_null(strstr(process_command(getpid()), "harness_parts"));
    assert_false(process_stat_of(1 << 30, &s));
}

static void statuses_are_put_in_words(void **state)
{
    (void)state;
    assert_string_equal(status_words(3 << 8), "ended with status 3");
    assert_string_equal(status_words(11), "was killed by SIGSEGV");
    assert_non_null(strstr(status_explained(11), "memory that is not its own"));
    assert_string_equal(status_explained(0), "ended with status 0");
}

int main(void)
{
    static const struct check check = {.challenge = "none", .id = "none"};
    static const struct harness_run run = {.check = &check, .seed = 1, .time_scale = 1};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_difference_is_found_wherever_it_is),
        cmocka_unit_test(a_mismatch_is_certain_only_when_more_bytes_cannot_help),
        cmocka_unit_test(a_mismatch_is_put_in_words),
        cmocka_unit_test(an_excerpt_holds_the_difference_in_its_middle),
        cmocka_unit_test(an_excerpt_cuts_no_character_of_utf8_in_two),
        cmocka_unit_test(quotations_are_short_and_harmless),
        cmocka_unit_test(text_is_told_from_data),
        cmocka_unit_test(a_hex_dump_shows_the_lines_around_the_difference),
        cmocka_unit_test(missing_bytes_are_counted),
        cmocka_unit_test(numbered_lines_have_exactly_their_size),
        cmocka_unit_test(random_values_depend_on_the_seed_and_never_repeat),
        cmocka_unit_test(slices_stay_within_their_bytes),
        cmocka_unit_test(an_inbox_gives_what_nobody_took_yet),
        cmocka_unit_test(an_inbox_forgets_what_was_taken_long_ago),
        cmocka_unit_test(an_inbox_that_nobody_empties_counts_on_and_keeps_no_more),
        cmocka_unit_test(a_rolling_inbox_keeps_the_end),
        cmocka_unit_test(reading_ends_at_the_end_and_waits_before),
        cmocka_unit_test(an_outbox_writes_what_fits_and_remembers_the_cuts),
        cmocka_unit_test(a_stat_line_is_parsed_whatever_the_name),
        cmocka_unit_test(a_syscall_line_is_parsed),
        cmocka_unit_test(system_calls_have_names),
        cmocka_unit_test(this_process_is_found_in_proc),
        cmocka_unit_test(statuses_are_put_in_words),
    };

    world.run = &run;
    int failed = cmocka_run_group_tests_name("harness", tests, NULL, NULL) + test_diagnoses();
    fflush(NULL);
    _exit(failed != 0); /* what checks are made of lives as long as the process: no leak */
}
