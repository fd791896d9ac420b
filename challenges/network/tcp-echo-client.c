/* tcp-echo-client: ./client <host> <port> carries stdin to the server and the server's bytes to stdout. */
#include "harness/check.h"

#include <string.h>
#include <sys/wait.h>

CHALLENGE("tcp-echo-client");

enum {
    KIB = 1024,
    MIB = 1024 * KIB,
    FLOOD = 16 * MIB,      /* more than the kernel and the contract let a client take */
    WINDOW = 256 * KIB,    /* our receive buffer where we stop reading */
    HELD_MAX_KB = 8 * KIB, /* what the contract lets the client hold */
    IDLE_MS = 300,         /* how long we watch a program that has nothing to do */
    IDLE_CPU_MS = 30,      /* and what it may use of the processor meanwhile */
    BULK = 8 * MIB,        /* what is moved to see what moving costs, */
    PIECE = 256 * KIB,     /* in pieces, so that a failure is seen early */
    BULK_CPU_MS = 1000     /* both ways: a hundred times what a good client needs */
};

/* ./client, connected to a server that we are. */
static Program *talk(Conn **conn)
{
    Listener *server = tcp_listen();
    Program *client = start("127.0.0.1", port_of(server));
    *conn = accept_conn(server);
    return client;
}

static void expect_sent_on(Program *client, Conn *conn, const char *line)
{
    type(client, line);
    expect_text(conn, line);
}

static void expect_printed(Program *client, Conn *conn, const char *line)
{
    send_text(conn, line);
    expect_stdout(client, line);
}

/* ---- Core
 * -------------------------------------------------------------------------------------------------- */

CHECK(sends_and_prints_a_line, CORE, "send", "Sends a line and prints the answer")
{
    Listener *server = tcp_listen();
    by_hand("nc -l 7000        # in another terminal");
    by_hand("./client 127.0.0.1 7000");

    Program *client = start("127.0.0.1", port_of(server));
    Conn *conn = accept_conn(server);
    type(client, "hello\n");
    expect_text(conn, "hello\n", .what = "the line that was typed");
    send_text(conn, "hello yourself\n");
    expect_stdout(client, "hello yourself\n", .what = "the answer");
}

CHECK(prints_while_stdin_is_silent, CORE, "both-directions",
      "Prints what the server says although nothing is typed", .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("nc -l 7000        # type here, and see it appear there");
    by_hand("./client 127.0.0.1 7000");

    expect_printed(client, conn, "welcome\n");
    expect_printed(client, conn, "anybody there?\n");
}

CHECK(sends_while_the_server_is_silent, CORE, "both-directions",
      "Sends what is typed although no answer comes", .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("nc -l 7000        # do not answer");
    by_hand("./client 127.0.0.1 7000        # type several lines");

    expect_sent_on(client, conn, "one\n");
    expect_sent_on(client, conn, "two\n");
    expect_sent_on(client, conn, "three\n");
    expect_printed(client, conn, "I was listening\n");
}

CHECK(ends_its_side_with_stdin, CORE, "half-close", "Still prints what the server says after stdin has ended",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("nc -l 7000        # answer only after \"bye\" has come");
    by_hand("printf 'bye\\n' | ./client 127.0.0.1 7000");

    type(client, "bye\n");
    close_stdin(client);
    expect_text(conn, "bye\n");
    expect_eof(conn, .what = "the end of what the client sends"); /* shutdown(SHUT_WR), not close() */
    send_text(conn, "late reply\n");
    hang_up(conn);
    expect_stdout(client, "late reply\n");
    expect_stdout_end(client);
    expect_exit(client, 0);
}

CHECK(ends_with_the_server, CORE, "server-ends", "Ends when the server does, although stdin is still open",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("printf 'bye\\n' | nc -N -l 7000");
    by_hand("sleep 60 | ./client 127.0.0.1 7000; echo $?        # must end at once, with 0");

    expect_sent_on(client, conn, "hello\n");
    send_text(conn, "no time today, bye\n");
    hang_up(conn);
    expect_stdout(client, "no time today, bye\n");
    expect_exit(client, 0);
    expect_stdout_end(client);
}

CHECK(carries_a_batch, CORE, "half-close", "Carries a whole batch there and back",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("socat TCP-LISTEN:7000,fork PIPE &        # an echo server");
    by_hand("seq 10000 | ./client 127.0.0.1 7000 | tail -n 1        # prints 10000");

    Bytes batch = numbered_lines(64 * KIB);
    echo_back(conn);
    type_bytes(client, batch);
    close_stdin(client);
    expect_stdout_bytes(client, batch);
    expect_stdout_end(client);
    expect_exit(client, 0);
}

CHECK(finds_a_host_by_name, CORE, "host", "Finds a host by its name", .needs = "sends_and_prints_a_line")
{
    Listener *server = tcp_listen();
    by_hand("nc -l 7000");
    by_hand("./client localhost 7000");

    Program *client = start("localhost", port_of(server));
    Conn *conn = accept_conn(server);
    expect_sent_on(client, conn, "hello\n");
}

CHECK(says_that_it_is_refused, CORE, "cannot-connect", "Says that nobody listens, with exit status 1",
      .needs = "sends_and_prints_a_line")
{
    by_hand("./client 127.0.0.1 1; echo $?");

    /* Where somebody listens it gets through: what fails always has told nothing. */
    Conn *conn;
    Program *lucky = talk(&conn);
    expect_sent_on(lucky, conn, "here you are\n");

    Program *client = start("127.0.0.1", free_port());
    expect_exit(client, 1);
    expect_stderr_message(client);
    expect_stdout_end(client);
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *right = talk(&conn);
    expect_sent_on(right, conn, "the right command line works\n");

    const char *host = "127.0.0.1";
    Program *wrong[] = {
        start(),
        start(host),
        start(host, "7000", "7001"),
        start(host, "0"),
        start(host, "65536"),
        start(host, "ab"),
        start(host, "70x"),
        start(host, "-1"),
        start(host, ""),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
}

/* ---- Robust
 * ------------------------------------------------------------------------------------------------ */

CHECK(speaks_ipv6, ROBUST, "host", "Takes an IPv6 address", .needs = "sends_and_prints_a_line")
{
    Listener *server = tcp_listen(.host = "::1");
    by_hand("nc -6 -l 7000");
    by_hand("./client ::1 7000");

    Program *client = start("::1", port_of(server));
    Conn *conn = accept_conn(server);
    expect_sent_on(client, conn, "hello\n");
    expect_printed(client, conn, "hello over IPv6\n");
}

CHECK(tries_every_address, ROBUST, "every-address", "Tries the next address of a name when one refuses",
      .needs = "sends_and_prints_a_line")
{
    name_addresses("echo.test", "127.0.0.2", "127.0.0.3");
    by_hand("getent ahosts echo.test        # 127.0.0.2 and 127.0.0.3, from /etc/hosts");
    by_hand("nc -l 127.0.0.3 7000        # and in a second run 127.0.0.2");
    by_hand("./client echo.test 7000");

    Listener *last = tcp_listen(.host = "127.0.0.3");
    Program *client = start("echo.test", port_of(last));
    Conn *conn = accept_conn(last, .what = "the client on 127.0.0.3, after 127.0.0.2 has refused");
    expect_sent_on(client, conn, "found you\n");

    Listener *first = tcp_listen(.host = "127.0.0.2");
    client = start("echo.test", port_of(first));
    conn = accept_conn(first, .what = "the client on 127.0.0.2; 127.0.0.3 refuses");
    expect_sent_on(client, conn, "found you too\n");
}

CHECK(says_that_the_host_is_unknown, ROBUST, "cannot-connect",
      "Says that a host is unknown, with exit status 1", .needs = "sends_and_prints_a_line")
{
    by_hand("./client no-such-host.invalid 7000; echo $?");

    Listener *server = tcp_listen();
    Program *lucky = start("localhost", port_of(server));
    expect_sent_on(lucky, accept_conn(server), "a name that is known\n");

    Program *client = start("no-such-host.invalid", port_of(server));
    expect_exit(client, 1, within(5000));
    expect_stderr_message(client);
    expect_stdout_end(client);
}

CHECK(carries_what_is_no_line, ROBUST, "at-once",
      "Carries what has come so far, without waiting for the rest of a line",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("nc -l 7000");
    by_hand("(printf 'no line end'; sleep 3) | ./client 127.0.0.1 7000        # is seen there at once");

    expect_sent_on(client, conn, "h");
    expect_sent_on(client, conn, "alf a line");
    expect_printed(client, conn, "name? ");
    expect_printed(client, conn, "password? ");
}

CHECK(keeps_every_byte_value, ROBUST, "send", "Carries every byte value unchanged both ways, NUL included",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("printf 'a\\000b\\377\\r\\n' | nc -N -l 7000");
    by_hand("./client 127.0.0.1 7000 </dev/null | xxd");

    type_bytes(client, all_byte_values());
    expect_bytes(conn, all_byte_values());
    send_bytes(conn, all_byte_values());
    expect_stdout_bytes(client, all_byte_values());
    Bytes up = random_bytes(4 * KIB), down = random_bytes(4 * KIB);
    type_bytes(client, up);
    close_stdin(client);
    expect_bytes(conn, up);
    expect_eof(conn);
    send_bytes(conn, down);
    hang_up(conn);
    expect_stdout_bytes(client, down);
    expect_stdout_end(client);
}

CHECK(carries_eight_mebibytes, ROBUST, "any-amount", "Carries 8 MiB there and back and loses nothing",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("socat TCP-LISTEN:7000,fork PIPE &        # an echo server");
    by_hand("seq 1200000 | ./client 127.0.0.1 7000 | cksum; seq 1200000 | cksum        # the same twice");

    Bytes batch = numbered_lines(8 * MIB);
    echo_back(conn);
    type_bytes(client, batch);
    close_stdin(client);
    expect_stdout_bytes(client, batch, within(5000));
    expect_stdout_end(client);
    expect_exit(client, 0);
}

CHECK(prints_while_it_cannot_send, ROBUST, "both-directions",
      "Prints what the server says while the server does not read", .needs = "sends_and_prints_a_line")
{
    Listener *server = tcp_listen(.receive_buffer = WINDOW);
    by_hand("socat -u OPEN:/dev/null TCP-LISTEN:7000        # a server that reads nothing");
    by_hand("yes | ./client 127.0.0.1 7000");

    Program *client = start("127.0.0.1", port_of(server));
    Conn *conn = accept_conn(server);
    Bytes much = numbered_lines(8 * MIB);
    expect_sent_on(client, conn, "hello\n");
    stop_reading(conn);
    type_bytes(client, much);
    wait_until_typing_stalls(client, within(5000));
    for (int i = 1; i <= 100; i++) /* each of our segments may bring the client a little room */
        expect_printed(client, conn, format("I do not read, I talk: %d\n", i));

    resume_reading(conn);
    expect_bytes(conn, much, within(5000));
    expect_printed(client, conn, "thank you\n");
}

CHECK(sends_while_it_cannot_print, ROBUST, "both-directions",
      "Sends what is typed while nobody reads its output", .needs = "sends_and_prints_a_line")
{
    Listener *server = tcp_listen();
    by_hand("seq 1000000 | nc -l 7000");
    by_hand("./client 127.0.0.1 7000 | sleep 60        # what you type must still arrive there");

    Program *client = start_with((.out = STDOUT_UNREAD), "127.0.0.1", port_of(server));
    Conn *conn = accept_conn(server);
    Bytes much =
        join(text("welcome\n"), numbered_lines(8 * MIB)); /* the pipe is not to fill up by even pages */
    send_bytes(conn, slice(much, 0, strlen("welcome\n")));
    expect_sent_on(client, conn, "hello\n");
    send_bytes(conn, slice(much, strlen("welcome\n"), 8 * MIB));
    wait_until_stalled(conn, within(5000));
    expect_sent_on(client, conn, "can you hear me?\n");
    expect_sent_on(client, conn, "and now?\n");

    read_stdout(client);
    expect_stdout_bytes(client, much, within(5000));
    hang_up(conn);
    expect_exit(client, 0);
}

CHECK(holds_little_in_memory, ROBUST, "bounded-memory",
      "Does not fill its memory while nobody reads its output", .needs = "sends_and_prints_a_line")
{
    Listener *server = tcp_listen();
    by_hand("head -c 1G /dev/zero | nc -l 7000");
    by_hand("./client 127.0.0.1 7000 | sleep 60 & top -p $(pgrep -x client)");

    Program *client = start_with((.out = STDOUT_UNREAD), "127.0.0.1", port_of(server));
    Conn *conn = accept_conn(server);
    expect_sent_on(client, conn, "ready\n");
    long before_kb = memory_kb_of(client);
    send_bytes(conn, numbered_lines(FLOOD));
    wait_until_stalled(conn, within(5000));
    expect_sent_on(client, conn, "can you hear me?\n");
    expect_sent_on(client, conn, "and now?\n");
    long grown = memory_kb_of(client) - before_kb;
    note("memory grew by %ld KiB while the server sent %d MiB", grown, FLOOD / MIB);
    claim(grown <= HELD_MAX_KB,
          "memory grows by at most %d KiB while nobody reads its output; it grew by %ld KiB", HELD_MAX_KB,
          grown);
}

CHECK(says_that_the_connection_broke, ROBUST, "reset",
      "Says that the connection was reset, with exit status 1", .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand(
        "socat 'TCP-LISTEN:7000,linger=0' 'SYSTEM:echo the first half of a'        # resets when it ends");
    by_hand("./client 127.0.0.1 7000; echo $?");

    expect_sent_on(client, conn, "tell me everything\n");
    expect_printed(client, conn, "the first half of a");
    reset(conn);
    expect_exit(client, 1);
    expect_stderr_message(client);
    expect_stdout_end(client);
}

CHECK(ends_when_nobody_reads, ROBUST, "stdout-gone", "Ends when nobody reads its output any more",
      .needs = "sends_and_prints_a_line")
{
    Listener *server = tcp_listen();
    by_hand("yes | nc -l 7000");
    by_hand("./client 127.0.0.1 7000 | head -n 1        # must come back to the prompt");

    Program *client = start_with((.out = STDOUT_CLOSED_READER), "127.0.0.1", port_of(server));
    Conn *conn = accept_conn(server);
    expect_sent_on(client, conn, "tell me everything\n");
    send_text(conn, "everything\n");
    int status = wait_exit(client);
    bool by_sigpipe = WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE;
    bool by_itself = WIFEXITED(status) && WEXITSTATUS(status) == 1;
    claim(by_sigpipe || by_itself,
          "it ends with exit status 1 or by SIGPIPE; its status from waitpid(2) was 0x%04x",
          (unsigned)status);
}

CHECK(takes_dev_null_for_stdin, ROBUST, "any-stdin",
      "Takes /dev/null for stdin and prints what the server says", .needs = "sends_and_prints_a_line")
{
    Listener *server = tcp_listen();
    by_hand("nc -l 7000        # answer, then press Ctrl-D");
    by_hand("./client 127.0.0.1 7000 </dev/null; echo $?");

    Program *client = start_with((.in = STDIN_NULL), "127.0.0.1", port_of(server));
    Conn *conn = accept_conn(server);
    expect_eof(conn);
    expect_printed(client, conn, "nothing to say?\n");
    hang_up(conn);
    expect_exit(client, 0);
}

CHECK(waits_without_spinning, ROBUST, "idle", "Uses no processor time while both sides are silent",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("nc -l 7000");
    by_hand("sleep 60 | ./client 127.0.0.1 7000 & top -p $(pgrep -x client)");

    expect_sent_on(client, conn, "and now I am silent\n");
    expect_printed(client, conn, "so am I\n");
    double cpu_ms = cpu_ms_while_idle(client, IDLE_MS);
    note("%.0f ms of processor time in %d ms of silence", cpu_ms, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms of silence it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
          IDLE_CPU_MS, cpu_ms);
    expect_sent_on(client, conn, "awake again\n");
}

CHECK(waits_calmly_after_stdin, ROBUST, "idle",
      "Uses no processor time between the end of stdin and the server's answer",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("nc -l 7000");
    by_hand("./client 127.0.0.1 7000 </dev/null & top -p $(pgrep -x client)");

    close_stdin(client);
    expect_eof(conn);
    double cpu_ms = cpu_ms_while_idle(client, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms after stdin has ended it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
          IDLE_CPU_MS, cpu_ms);
    expect_printed(client, conn, "now you, then\n");
    hang_up(conn);
    expect_exit(client, 0);
}

/* ---- Fast
 * -------------------------------------------------------------------------------------------------- */

CHECK(moves_bytes_in_bulk, FAST, "cost", "Moves bytes in bulk, not one by one",
      .needs = "sends_and_prints_a_line")
{
    Conn *conn;
    Program *client = talk(&conn);
    by_hand("socat TCP-LISTEN:7000,fork PIPE &        # an echo server");
    by_hand("head -c 1M /dev/zero | strace -f -c ./client 127.0.0.1 7000 >/dev/null        # how many calls");

    echo_back(conn);
    type(client, "ready\n");
    expect_stdout(client, "ready\n");
    double before = cpu_ms_of(client), used = 0;
    for (int i = 0; i < BULK / PIECE; i++) {
        Bytes piece = numbered_lines(PIECE);
        type_bytes(client, piece);
        expect_stdout_bytes(client, piece, within(5000));
        used = cpu_ms_of(client) - before;
        claim(
            used <= BULK_CPU_MS,
            "to carry %d MiB there and back takes at most %d ms of processor time; it took %.0f ms for %d KiB",
            BULK / MIB, BULK_CPU_MS, used, (i + 1) * PIECE / KIB);
    }
    note("%.0f ms of processor time to carry %d MiB there and back", used, BULK / MIB);
}
