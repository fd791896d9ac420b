/* Tiny checks, each with the program that breaks it: see harness.c, which runs them. */
#include "harness/check.h"
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

CHALLENGE("subject");

/* ---- What passes --------------------------------------------------------------------------------------- */

CHECK(cat_copies, CORE, "copy", "stdin comes out of stdout")
{
    Program *cat = start("cat");

    type(cat, "one\ntwo\n");
    expect_stdout(cat, "one\n");
    expect_stdout(cat, "two\n");
    type_bytes(cat, all_byte_values());
    expect_stdout_bytes(cat, all_byte_values());
    expect_typed(cat);
    close_stdin(cat);
    expect_stdout_end(cat);
    expect_exit(cat, 0);
    expect_stderr_empty(cat);
}

CHECK(server_echoes, CORE, "echo", "Several connections at once, whole and byte by byte")
{
    const char *port = free_port();
    Program *server = start("echo-server", port);
    Conn *a = tcp_connect(port), *b = tcp_connect(port);
    Bytes data = random_bytes(3000);

    send_bytes(b, data);
    send_bytewise(a, text("byte by byte\n"));
    expect_text(a, "byte by byte\n");
    expect_bytes(b, data);
    half_close(a);
    expect_eof(a);
    reset(b);
    wait_until_idle(server);
    expect_running(server);
    send_signal(server, SIGTERM);
    claim(WTERMSIG(wait_exit(server)) == SIGTERM, "SIGTERM ends it");
    expect_refused(port);
}

CHECK(ports_are_given_once, CORE, "ports", "A port that nobody has bound yet is given to nobody else")
{
    enum { MANY = 500, HIGHEST = 65535 };
    static bool given[HIGHEST + 1];

    for (int i = 0; i < MANY; i++) {
        int port = atoi(free_port());
        claim(!given[port], "each is another one: %d came twice", port);
        given[port] = true;
    }
}

CHECK(big_data_both_ways, ROBUST, "big", "8 MiB through a program that reads and writes at once")
{
    const char *port = free_port();
    Bytes data = numbered_lines(8 << 20);

    start("echo-server", port);
    Conn *c = tcp_connect(port, .receive_buffer = 4096);
    stop_reading(c);
    send_bytes(c, data);
    claim(wait_until_stalled(c, within(9000)), "8 MiB are more than the buffers hold");
    resume_reading(c);
    half_close(c);
    expect_bytes(c, data, within(9000));
    expect_eof(c);
}

CHECK(client_talks, CORE, "client", "A client in both directions, with a peer that echoes")
{
    Listener *l = tcp_listen();
    Program *client = start("client", port_of(l));
    Conn *c = accept_conn(l);

    send_text(c, "unasked\n");
    expect_stdout(client, "unasked\n");
    type(client, "half\n");
    expect_text(c, "half\n", .what = "the first line");
    echo_back(c);
    type_bytes(client, numbered_lines(1 << 20));
    close_stdin(client);
    expect_stdout_bytes(client, numbered_lines(1 << 20));
    expect_exit(client, 0);
}

CHECK(many_connections, ROBUST, "many", "300 connections, one after the other, leave no descriptor")
{
    const char *port = free_port();
    Program *server = start_with((.open_files = 32), "serial-server", port);
    Conn *first = tcp_connect(port);
    half_close(first);
    expect_eof(first);
    wait_until_idle(server);
    int before = open_files_of(server);

    for (int i = 0; i < 300; i++) {
        Conn *c = tcp_connect(port);
        send_text(c, "x");
        expect_text(c, "x");
        hang_up(c);
    }
    eventually(open_files_of(server) <= before, "all descriptors are closed again");
    note("%ld KiB of memory, %.0f ms of CPU time", memory_kb_of(server), cpu_ms_of(server));
    claim(processes_of(server) == 1 && zombies_of(server) == 0, "it is one process");
}

CHECK(environment_is_plain, CORE, "environment", "Nothing of the caller's environment gets in")
{
    Program *p = start("environment");

    expect_stdout(p, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
    char here[4096];
    expect_stdout(p, format("HOME=%s\nLANG=C.UTF-8\nTZ=UTC\n", getcwd(here, sizeof here)));
    expect_stdout_end(p);
    expect_exit(p, 0);

    p = start_program(&(struct start_options){.env = (const char *const[]){"NAME=value", NULL}},
                      (const char *const[]){"environment", NULL});
    expect_exit(p, 0);
}

CHECK(complaint_is_seen, CORE, "usage", "A message on stderr and a status")
{
    Program *p = start("complain");

    expect_exit(p, 2);
    expect_stderr_message(p);
    expect_stderr_has(p, "usage: subject");
    expect_stdout_end(p);
}

CHECK(unread_stdout_blocks, ROBUST, "back-pressure", "A program whose output nobody reads waits")
{
    Program *p = start_with((.out = STDOUT_UNREAD), "big-output");

    wait_until_idle(p);
    expect_running(p);
    read_stdout(p);
    expect_stdout(p, "line 0000000\n");
    expect_exit(p, 0);
}

CHECK(idle_costs_nothing, FAST, "idle", "No CPU time while there is nothing to do", .alone = true)
{
    Program *p = start("silent");

    wait_until_idle(p);
    double used = cpu_ms_while_idle(p, 100);
    note("%.0f ms of CPU time in 100 ms", used);
    claim(used <= 50, "it sleeps: %.0f ms used", used);
}

/* ---- What fails ---------------------------------------------------------------------------------------- */

CHECK(wrong_text, CORE, "copy", "Another text than expected")
{
    Program *p = start("cat");

    type(p, "hello, wurld\n");
    expect_stdout(p, "hello, world\n");
}

CHECK(wrong_byte_far_in, CORE, "copy", "One byte in 1 MiB is wrong")
{
    Program *p = start("cat");
    uint8_t *changed = memcpy((uint8_t[1 << 16]){0}, random_bytes(1 << 16).data, 1 << 16);
    Bytes sent = bytes(changed, 1 << 16), expected = join(sent, text(""));

    changed[40000] ^= 0xff;
    type_bytes(p, sent);
    expect_stdout_bytes(p, expected);
}

CHECK(nothing_comes, CORE, "copy", "A program that says nothing")
{
    Program *p = start("slow-reader");

    expect_stdout(p, "ready\n");
    expect_stdout(p, "steady\n", within(500), .what = "the second line");
}

CHECK(stuck_in_buffer, CORE, "copy", "printf without fflush")
{
    Program *p = start("buffered-cat");

    type(p, "hello\n");
    expect_stdout(p, "hello\n", within(500));
}

CHECK(line_ends, CORE, "copy", "CR LF instead of LF")
{
    Program *p = start("crlf-cat");

    type(p, "hello\nworld\n");
    expect_stdout(p, "hello\nworld\n");
}

CHECK(stops_at_nul, ROBUST, "binary", "strlen() on data")
{
    const char *port = free_port();
    start("string-server", port);
    Conn *c = tcp_connect(port);

    send_bytes(c, bytes("ab\0cd", 5));
    expect_bytes(c, bytes("ab\0cd", 5), within(500));
}

CHECK(one_read, ROBUST, "stream", "One read taken for one message")
{
    const char *port = free_port();
    start("once-server", port);
    Conn *c = tcp_connect(port);

    send_text(c, "half ");
    expect_sent(c);
    eventually(unread_bytes(c) == 5, "the first half comes back");
    send_text(c, "a line\n");
    expect_text(c, "half a line\n");
}

CHECK(one_after_the_other, ROBUST, "concurrent", "A second client has to wait")
{
    const char *port = free_port();
    start("serial-server", port);
    Conn *first = tcp_connect(port);
    send_text(first, "I stay");
    expect_text(first, "I stay");
    Conn *second = tcp_connect(port);

    send_text(second, "me too");
    expect_text(second, "me too", within(500), .what = "the echo");
}

CHECK(short_writes, ROBUST, "big", "The result of write() is ignored")
{
    const char *port = free_port();
    start("careless-server", port);
    Conn *c = tcp_connect(port, .receive_buffer = 4096);
    Bytes data = numbered_lines(8 << 20);

    stop_reading(c);
    send_bytes(c, data);
    expect_sent(c, within(9000));
    resume_reading(c);
    send_text(c, "and this is the end of the data\n");
    expect_bytes(c, join(data, text("and this is the end of the data\n")));
}

CHECK(sigpipe, ROBUST, "abrupt-peer", "Death by SIGPIPE")
{
    const char *port = free_port();
    Program *server = start("sigpipe-server", port);
    Conn *c = tcp_connect(port);

    send_text(c, "hello");
    hang_up(c);
    expect_exit(server, 0);
}

CHECK(segfault, ROBUST, "echo", "A crash in the middle of an exchange")
{
    const char *port = free_port();
    start("crash-server", port);
    Conn *c = tcp_connect(port);

    send_text(c, "hello");
    expect_text(c, "hello");
}

CHECK(exits_in_the_middle, ROBUST, "echo", "An end in the middle of an exchange")
{
    const char *port = free_port();
    start("exit-server", port);
    Conn *c = tcp_connect(port);

    send_text(c, "hello");
    expect_text(c, "hello");
}

CHECK(zombies, ROBUST, "children", "Children that nobody waits for")
{
    const char *port = free_port();
    Program *server = start("zombie-server", port);

    for (int i = 0; i < 3; i++) {
        Conn *c = tcp_connect(port);
        half_close(c);
        expect_eof(c);
    }
    eventually(zombies_of(server) == 0, "no zombie is left", within(500));
}

CHECK(held_open, ROBUST, "close", "The parent keeps a copy of the connection")
{
    const char *port = free_port();
    start("holding-server", port);
    Conn *c = tcp_connect(port);

    send_text(c, "bye");
    expect_text(c, "bye");
    half_close(c);
    expect_eof(c, within(500));
}

CHECK(descriptor_leak, ROBUST, "descriptors", "Connections that are never closed")
{
    const char *port = free_port();
    Program *server = start("leaky-server", port);
    Conn *first = tcp_connect(port);
    half_close(first);
    expect_eof(first);
    wait_until_idle(server);
    int before = open_files_of(server);

    for (int i = 0; i < 20; i++) {
        Conn *c = tcp_connect(port);
        half_close(c);
        expect_eof(c);
    }
    wait_until_idle(server);
    int after = open_files_of(server);
    claim_no_leak(after <= before, "no descriptor stays open: %d before, %d after 20 connections", before,
                  after);
}

CHECK(restart, ROBUST, "restart", "bind() fails right after a restart")
{
    const char *port = free_port();
    Program *first = start("no-reuse-server", port);
    Conn *c = tcp_connect(port);
    expect_text(c, "bye\n");
    expect_eof(c);
    hang_up(c);
    send_signal(first, SIGKILL);
    wait_exit(first);

    start("no-reuse-server", port);
    tcp_connect(port);
}

CHECK(swapped_port, CORE, "listen", "htons() forgotten")
{
    const char *port = free_port();

    start("swapped-server", port);
    tcp_connect(port, .within_ms = 500);
}

CHECK(dies_before_listening, CORE, "listen", "A server that ends at once")
{
    start("complain");
    tcp_connect(free_port());
}

CHECK(never_connects, CORE, "connect", "A client that ends without connecting")
{
    Listener *l = tcp_listen();

    start("complain");
    accept_conn(l);
}

CHECK(busy, FAST, "idle", "A loop that burns CPU time")
{
    Program *p = start("spin");

    double used = cpu_ms_while_idle(p, 400);
    claim(used <= 50, "it sleeps while there is nothing to do: %.0f ms of CPU time in 400 ms", used);
}

CHECK(leaves_early, ROBUST, "half-close", "A client that ends with its stdin")
{
    Listener *l = tcp_listen();
    Program *client = start("early-client", port_of(l));
    Conn *c = accept_conn(l);

    type(client, "hello\n");
    close_stdin(client);
    expect_text(c, "hello\n");
    expect_stdout(client, "late reply\n");
}

CHECK(one_thing_at_a_time, ROBUST, "both-directions", "A client that looks at its stdin alone")
{
    Listener *l = tcp_listen();
    Program *client = start("lock-step-client", port_of(l));
    Conn *c = accept_conn(l);

    send_text(c, "unasked\n");
    expect_stdout(client, "unasked\n", within(500));
}

CHECK(no_half_close, ROBUST, "half-close", "A client that does not say that its stdin has ended")
{
    Listener *l = tcp_listen();
    Program *client = start("lock-step-client", port_of(l));
    Conn *c = accept_conn(l);

    close_stdin(client);
    expect_eof(c, within(500));
}

CHECK(floods, CORE, "copy", "More output than anybody wants")
{
    Program *p = start("flood");

    expect_exit(p, 0, within(9000));
}

CHECK(is_no_program, CORE, "start", "A file that cannot be executed")
{
    start_with((.path = "./no-such-program"));
}

CHECK(hangs, CORE, "stop", "SIGTERM is not enough", .deadline_ms = 700)
{
    Program *p = start("silent");

    wait_until_idle(p);
    expect_exit(p, 0, within(60000));
}

CHECK(daemon_stays, CORE, "clean-up", "A process in the background stays behind")
{
    Program *p = start("daemon");

    expect_exit(p, 0);
}

CHECK(litter_is_a_leak, CORE, "clean-up", "Shared memory stays behind where the contract forbids it")
{
    Program *p = start("litter");

    expect_exit(p, 0);
    expect_nothing_left();
}

CHECK(litter_is_noted, CORE, "clean-up", "Shared memory stays behind")
{
    Program *p = start("litter");

    expect_exit(p, 0);
}

CHECK(checker_breaks, CORE, "error", "A check that contradicts itself")
{
    const char *port = free_port();
    start("echo-server", port);
    Conn *c = tcp_connect(port);

    half_close(c);
    send_text(c, "too late");
}

CHECK(skips, CORE, "skip", "A machine that lacks something")
{
    skip("This machine has no flux capacitor. Install one: apt install flux.");
}

CHECK(many_steps, CORE, "steps", "More steps than anybody reads")
{
    for (int i = 0; i < 500; i++)
        step("step %d", i);
    by_hand("printf 'hi\\n' | nc 127.0.0.1 %d", 7000);
    claim(false, "there are fewer steps: there are 500");
}
