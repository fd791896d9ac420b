/* netcat: ./nc [-u] <host> <port> and ./nc [-u] -l <port> join stdin and stdout to a connection, or to
 * datagrams. */
#include "harness/datagram.h"

#include <string.h>
#include <sys/wait.h>

CHALLENGE("netcat");

enum {
    KIB = 1024,
    MIB = 1024 * KIB,
    FLOOD = 16 * MIB,       /* more than the kernel and the contract let the program take */
    WINDOW = 256 * KIB,     /* our receive buffer where we stop reading */
    HELD_MAX_KB = 8 * KIB,  /* what the contract lets the program hold */
    ONE_DATAGRAM = 8 * KIB, /* what is typed at once and goes out as one */
    MANY_DATAGRAMS = 50000, /* what goes out as several */
    IDLE_MS = 300,          /* how long we watch a program that has nothing to do */
    IDLE_CPU_MS = 30,       /* and what it may use of the processor meanwhile */
    BULK = 8 * MIB,         /* what is moved each way to see what moving costs, */
    PIECE = 256 * KIB,      /* in pieces, so that a failure is seen early */
    BULK_CPU_MS = 1000      /* both ways: a hundred times what a good program needs */
};

/* ./nc, connected to a server that we are. */
static Program *call(Conn **conn)
{
    Listener *server = tcp_listen();
    Program *nc = start("127.0.0.1", port_of(server));
    *conn = accept_conn(server);
    return nc;
}

/* ./nc -l, with us as its client. */
static Program *answer(Conn **conn)
{
    const char *port = free_port();
    Program *nc = start("-l", port);
    *conn = tcp_connect(port);
    return nc;
}

static void expect_carried(Program *nc, Conn *conn, const char *line)
{
    type(nc, line);
    expect_text(conn, line);
    const char *reply = format("answer to %s", line);
    send_text(conn, reply);
    expect_stdout(nc, reply);
}

static void expect_calm(Program *nc, const char *when)
{
    double cpu_ms = cpu_ms_while_idle(nc, IDLE_MS);

    note("%.0f ms of processor time in %d ms %s", cpu_ms, IDLE_MS, when);
    claim(cpu_ms <= IDLE_CPU_MS, "in %d ms %s it uses at most %d ms of processor time; it used %.0f ms",
          IDLE_MS, when, IDLE_CPU_MS, cpu_ms);
}

/* The next datagram at a socket of ours that nc talks to. */
static Datagram expect_from_nc(UdpSocket *u, Bytes content)
{
    Datagram d = receive_datagram(u);
    const char *difference = datagram_difference(content, d.content);

    claim(d.content.size == content.size && memcmp(d.content.data, content.data, content.size) == 0,
          "the datagram is what was typed at once, %zu bytes: %s", content.size,
          difference ? difference : "it is");
    return d;
}

/* ---- Core ---------------------------------------------------------------------------------------------- */

CHECK(connects_and_talks, CORE, "connect", "Connects, sends what is typed and prints what comes")
{
    Conn *conn;
    Program *nc = call(&conn);
    by_hand("socat TCP-LISTEN:7000 -        # in another terminal");
    by_hand("./nc 127.0.0.1 7000");

    expect_carried(nc, conn, "hello\n");
    send_text(conn, "unasked\n");
    expect_stdout(nc, "unasked\n");
    expect_carried(nc, conn, "hello again\n");
}

CHECK(listens_and_talks, CORE, "listen", "Listens, takes a connection, and talks the same way")
{
    Conn *conn;
    Program *nc = answer(&conn);
    by_hand("./nc -l 7000        # in another terminal");
    by_hand("socat - TCP:127.0.0.1:7000");

    send_text(conn, "anybody home?\n");
    expect_stdout(nc, "anybody home?\n");
    expect_carried(nc, conn, "yes\n");
}

CHECK(ends_its_side_with_stdin, CORE, "half-close", "Still prints what comes after stdin has ended",
      .needs = "connects_and_talks")
{
    Conn *conn;
    Program *nc = call(&conn);
    by_hand("socat TCP-LISTEN:7000 SYSTEM:'sort'        # answers when all has come");
    by_hand("printf 'b\\na\\n' | ./nc 127.0.0.1 7000; echo $?");

    type(nc, "b\na\n");
    close_stdin(nc);
    expect_text(conn, "b\na\n");
    expect_eof(conn, .what = "the end of what nc sends"); /* shutdown(SHUT_WR), not close() */
    send_text(conn, "a\nb\n");
    hang_up(conn);
    expect_stdout(nc, "a\nb\n");
    expect_stdout_end(nc);
    expect_exit(nc, 0);
}

CHECK(hands_a_file_to_its_client, CORE, "half-close",
      "Gives the client that it waited for all of stdin, and its end", .needs = "listens_and_talks")
{
    const char *port = free_port();
    by_hand("./nc -l 7000 <file        # in another terminal");
    by_hand("socat -u TCP:127.0.0.1:7000 - | cmp - file");

    Bytes file = numbered_lines((size_t)random_between(20, 60) * KIB);
    Program *nc = start("-l", port);
    type_bytes(nc, file); /* before anybody has connected */
    close_stdin(nc);
    Conn *conn = tcp_connect(port);
    expect_bytes(conn, file);
    expect_eof(conn);
    send_text(conn, "thank you\n");
    half_close(conn);
    expect_stdout(nc, "thank you\n");
    expect_exit(nc, 0);
}

CHECK(sends_on_after_the_peer, CORE, "peer-ends", "Goes on sending after the other side has ended",
      .needs = "connects_and_talks")
{
    Conn *conn;
    Program *nc = call(&conn);
    by_hand("socat -u TCP-LISTEN:7000 -        # ends its own side at once");
    by_hand("(sleep 1; echo late) | ./nc 127.0.0.1 7000        # \"late\" must arrive there");

    send_text(conn, "I have said all, go on\n");
    half_close(conn);
    expect_stdout(nc, "I have said all, go on\n");
    type(nc, "one\n");
    expect_text(conn, "one\n");
    type(nc, "two\n");
    close_stdin(nc);
    expect_text(conn, "two\n");
    expect_eof(conn);
    expect_exit(nc, 0);
    expect_stdout_end(nc);
}

CHECK(carries_both_ways_at_once, CORE, "both-directions", "Carries a mebibyte each way at the same time",
      .needs = "connects_and_talks")
{
    Conn *conn;
    Program *nc = call(&conn);
    by_hand("socat TCP-LISTEN:7000,fork PIPE &        # an echo server");
    by_hand("seq 150000 | ./nc 127.0.0.1 7000 | cksum; seq 150000 | cksum        # the same twice");

    Bytes batch = numbered_lines(MIB);
    echo_back(conn);
    type_bytes(nc, batch);
    close_stdin(nc);
    expect_stdout_bytes(nc, batch, within(5000));
    expect_stdout_end(nc);
    expect_exit(nc, 0);
}

CHECK(sends_and_prints_datagrams, CORE, "udp",
      "With -u sends what is typed as a datagram, and prints datagrams")
{
    UdpSocket *peer = udp_open();
    by_hand("socat UDP-RECVFROM:7000,fork PIPE &        # echoes datagrams");
    by_hand("./nc -u 127.0.0.1 7000");

    Program *nc = start("-u", "127.0.0.1", udp_port_of(peer));
    type(nc, "hello\n");
    Datagram first = expect_from_nc(peer, text("hello\n"));
    answer_datagram(peer, first, text("hello yourself\n"));
    expect_stdout(nc, "hello yourself\n");
    type(nc, "another\n");
    Datagram second = expect_from_nc(peer, text("another\n"));
    claim(first.port == second.port, "all datagrams come from one port; they came from %d and %d", first.port,
          second.port);
    expect_running(nc);
}

CHECK(answers_the_first_sender, CORE, "udp-listen",
      "With -u -l prints datagrams, and answers who sent the first")
{
    const char *port = free_udp_port();
    by_hand("./nc -u -l 7000        # in another terminal");
    by_hand("socat - UDP:127.0.0.1:7000");

    Program *nc = start("-u", "-l", port);
    UdpSocket *client = udp_client(port);
    send_datagram(client, text("anybody home?\n"));
    expect_stdout(nc, "anybody home?\n");
    type(nc, "yes\n");
    expect_datagram(client, text("yes\n"));
    send_datagram(client, text("good\n"));
    expect_stdout(nc, "good\n");
}

CHECK(says_that_it_is_refused, CORE, "cannot-connect", "Says that nobody listens, with exit status 1",
      .needs = "connects_and_talks")
{
    by_hand("./nc 127.0.0.1 1; echo $?");

    Conn *conn;
    Program *lucky = call(&conn);
    expect_carried(lucky, conn, "here you are\n");

    Program *nc = start("127.0.0.1", free_port());
    expect_exit(nc, 1);
    expect_stderr_message(nc);
    expect_stdout_end(nc);
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "connects_and_talks")
{
    by_hand("./nc -l; echo $?");

    Conn *conn;
    Program *lucky = call(&conn);
    expect_carried(lucky, conn, "the right command line works\n");

    const char *host = "127.0.0.1";
    Program *wrong[] = {
        start(),
        start(host),
        start(host, "7000", "7001"),
        start("-l"),
        start("-l", "7000", "7001"),
        start("-u", host),
        start("-x", host, "7000"),
        start(host, "0"),
        start("-l", "65536"),
        start("-u", host, "70x"),
        start(host, ""),
        start("-l", "+7000"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
}

/* ---- Robust -------------------------------------------------------------------------------------------- */

CHECK(takes_options_in_any_order, ROBUST, "arguments", "Takes -u and -l in any order, and as one argument",
      .needs = "answers_the_first_sender")
{
    static const char *const orders[][2] = {{"-l", "-u"}, {"-ul", NULL}, {"-lu", NULL}};
    by_hand("./nc -lu 7000");

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        const char *port = free_udp_port();
        Program *nc = orders[i][1] ? start(orders[i][0], orders[i][1], port) : start(orders[i][0], port);
        UdpSocket *client = udp_client(port);
        send_datagram(client, text("hello\n"));
        expect_stdout(nc, "hello\n");
    }
}

CHECK(takes_names_and_ipv6, ROBUST, "connect", "Takes a name, and an IPv6 address",
      .needs = "connects_and_talks")
{
    by_hand("socat TCP6-LISTEN:7000 -");
    by_hand("./nc ::1 7000");

    Listener *six = tcp_listen(.host = "::1");
    Program *nc = start("::1", port_of(six));
    expect_carried(nc, accept_conn(six), "hello over IPv6\n");
    Listener *named = tcp_listen();
    nc = start("localhost", port_of(named));
    expect_carried(nc, accept_conn(named), "hello by name\n");
}

CHECK(tries_every_address, ROBUST, "connect", "Tries the next address of a name when one refuses",
      .needs = "connects_and_talks")
{
    name_addresses("nc.test", "127.0.0.2", "127.0.0.3");
    by_hand("socat TCP-LISTEN:7000,bind=127.0.0.3 -        # and in a second run 127.0.0.2");
    by_hand("./nc nc.test 7000        # both addresses are in /etc/hosts");

    static const char *const hosts[] = {"127.0.0.3", "127.0.0.2"};
    for (int i = 0; i < 2; i++) {
        Listener *server = tcp_listen(.host = hosts[i]);
        Program *nc = start("nc.test", port_of(server));
        Conn *conn = accept_conn(server, .what = format("nc on %s; the other address refuses", hosts[i]));
        expect_carried(nc, conn, "found you\n");
    }
}

CHECK(listens_for_one_alone, ROBUST, "one-connection",
      "Listens on every address, and takes one connection alone", .needs = "listens_and_talks")
{
    const char *port = free_port();
    by_hand("./nc -l 7000        # in another terminal");
    by_hand("socat - TCP:127.0.0.2:7000 & socat - TCP:127.0.0.1:7000        # the second must be refused");

    Program *nc = start("-l", port);
    Conn *conn = tcp_connect(port, .host = "127.0.0.2");
    expect_carried(nc, conn, "I was first\n");
    expect_refused(port);
    expect_carried(nc, conn, "and I am still here\n");
}

CHECK(waits_for_both_ends_when_listening, ROBUST, "peer-ends",
      "Goes on sending to the client that it waited for, after that one has ended",
      .needs = "listens_and_talks")
{
    Conn *conn;
    Program *nc = answer(&conn);
    by_hand("(sleep 2; echo late) | ./nc -l 7000        # in another terminal");
    by_hand("socat -t 5 -u TCP:127.0.0.1:7000 -        # ends its own side at once, prints \"late\"");

    send_text(conn, "your turn\n");
    half_close(conn);
    expect_stdout(nc, "your turn\n");
    type(nc, "first\n");
    expect_text(conn, "first\n");
    type(nc, "last\n");
    close_stdin(nc);
    expect_text(conn, "last\n");
    expect_eof(conn);
    expect_exit(nc, 0);
}

CHECK(starts_again_at_once, ROBUST, "restart", "Listens again on the same port right after a conversation",
      .needs = "listens_and_talks")
{
    const char *port = free_port();
    by_hand("while true; do echo hello | ./nc -l 7000; done        # must never say: Address already in use");

    /* nc ends the connection first, so its side rests in TIME-WAIT. */
    for (int i = 0; i < 2; i++) {
        Program *nc = start("-l", port);
        close_stdin(nc);
        Conn *conn = tcp_connect(port);
        expect_eof(conn);
        hang_up(conn);
        expect_exit(nc, 0);
    }
}

CHECK(says_that_the_port_is_taken, ROBUST, "cannot-listen", "Says that a port is in use, with exit status 1",
      .needs = "listens_and_talks")
{
    by_hand("socat TCP-LISTEN:7000 - &");
    by_hand("./nc -l 7000; echo $?");

    Conn *conn;
    Program *lucky = answer(&conn);
    expect_carried(lucky, conn, "this port was free\n");

    Listener *other = tcp_listen(.host = "0.0.0.0");
    UdpSocket *another = udp_open(.host = "0.0.0.0");
    Program *taken[] = {start("-l", port_of(other)), start("-u", "-l", udp_port_of(another))};
    for (int i = 0; i < 2; i++) {
        expect_exit(taken[i], 1);
        expect_stderr_message(taken[i]);
        expect_stdout_end(taken[i]);
    }
}

CHECK(carries_what_is_no_line, ROBUST, "at-once",
      "Carries what has come so far, without waiting for the rest of a line", .needs = "connects_and_talks")
{
    Conn *conn;
    Program *nc = call(&conn);
    by_hand("socat TCP-LISTEN:7000 -");
    by_hand("(printf 'no line end'; sleep 3) | ./nc 127.0.0.1 7000        # is seen there at once");

    type(nc, "h");
    expect_text(conn, "h");
    type(nc, "alf a line");
    expect_text(conn, "alf a line");
    send_text(conn, "password: ");
    expect_stdout(nc, "password: ");
}

CHECK(keeps_every_byte_value, ROBUST, "bytes", "Carries every byte value unchanged both ways, NUL included",
      .needs = "connects_and_talks")
{
    Conn *conn;
    Program *nc = call(&conn);
    by_hand("head -c 10000 /dev/urandom >bytes; socat -u OPEN:bytes TCP-LISTEN:7000 &");
    by_hand("./nc 127.0.0.1 7000 </dev/null | cmp - bytes");

    type_bytes(nc, all_byte_values());
    expect_bytes(conn, all_byte_values());
    send_bytes(conn, all_byte_values());
    expect_stdout_bytes(nc, all_byte_values());
    Bytes up = random_bytes(4 * KIB), down = random_bytes(4 * KIB);
    type_bytes(nc, up);
    close_stdin(nc);
    expect_bytes(conn, up);
    expect_eof(conn);
    send_bytes(conn, down);
    hang_up(conn);
    expect_stdout_bytes(nc, down);
    expect_stdout_end(nc);
}

CHECK(prints_while_it_cannot_send, ROBUST, "both-directions",
      "Prints what comes while the other side does not read", .needs = "connects_and_talks")
{
    Listener *server = tcp_listen(.receive_buffer = WINDOW);
    by_hand("socat -u OPEN:/dev/null TCP-LISTEN:7000        # a peer that reads nothing");
    by_hand("yes | ./nc 127.0.0.1 7000");

    Program *nc = start("127.0.0.1", port_of(server));
    Conn *conn = accept_conn(server);
    Bytes much = numbered_lines(8 * MIB);
    expect_carried(nc, conn, "hello\n");
    stop_reading(conn);
    type_bytes(nc, much);
    wait_until_typing_stalls(nc, within(5000));
    for (int i = 1; i <= 100; i++) { /* each of our segments may bring nc a little room */
        const char *line = format("I do not read, I talk: %d\n", i);
        send_text(conn, line);
        expect_stdout(nc, line);
    }

    resume_reading(conn);
    expect_bytes(conn, much, within(5000));
}

CHECK(sends_while_it_cannot_print, ROBUST, "both-directions",
      "Sends what is typed while nobody reads its output, and fills no memory with what comes",
      .needs = "connects_and_talks")
{
    Listener *server = tcp_listen();
    by_hand("seq 10000000 | socat - TCP-LISTEN:7000");
    by_hand("./nc 127.0.0.1 7000 | sleep 60        # what you type must still arrive there");

    Program *nc = start_with((.out = STDOUT_UNREAD), "127.0.0.1", port_of(server));
    Conn *conn = accept_conn(server);
    Bytes welcome = text("welcome\n"), much = numbered_lines(FLOOD);
    send_bytes(conn, welcome); /* the pipe is not to fill up by even pages */
    type(nc, "ready\n");
    expect_text(conn, "ready\n");
    long before_kb = memory_kb_of(nc);
    send_bytes(conn, much);
    wait_until_stalled(conn, within(5000));
    type(nc, "can you hear me?\n");
    expect_text(conn, "can you hear me?\n");
    type(nc, "and now?\n");
    expect_text(conn, "and now?\n");
    long grown = memory_kb_of(nc) - before_kb;
    note("memory grew by %ld KiB while %d MiB waited", grown, FLOOD / MIB);
    claim(grown <= HELD_MAX_KB,
          "memory grows by at most %d KiB while nobody reads its output; it grew by %ld KiB", HELD_MAX_KB,
          grown);
    read_stdout(nc);
    expect_stdout_bytes(nc, join(welcome, slice(much, 0, 8 * MIB)), within(8000));
}

CHECK(says_that_the_connection_broke, ROBUST, "broken",
      "Says that the connection was reset, with exit status 1", .needs = "connects_and_talks")
{
    Conn *conn;
    Program *nc = call(&conn);
    by_hand(
        "socat 'TCP-LISTEN:7000,linger=0' 'SYSTEM:echo the first half of a'        # resets when it ends");
    by_hand("./nc 127.0.0.1 7000; echo $?");

    send_text(conn, "the first half of a");
    expect_stdout(nc, "the first half of a");
    reset(conn);
    expect_exit(nc, 1);
    expect_stderr_message(nc);
    expect_stdout_end(nc);
}

CHECK(notices_that_the_peer_is_gone, ROBUST, "broken",
      "Ends with status 1 when what is typed reaches nobody any more", .needs = "connects_and_talks")
{
    Conn *conn;
    Program *nc = call(&conn);
    by_hand("socat TCP-LISTEN:7000 SYSTEM:'echo bye'");
    by_hand("./nc 127.0.0.1 7000; echo $?        # type lines until it ends: 1, not 141");

    send_text(conn, "bye\n");
    hang_up(conn);
    expect_stdout(nc, "bye\n");
    struct wait *w =
        wait_begin(&(struct wait_options){.what = "nc to notice that nobody gets what is typed"});
    for (int lines = 0; processes_of(nc) > 0; lines++) {
        type(nc, lines < 100 ? "is anybody there?\n" : "");
        wait_step(w);
    }
    wait_end(w);
    expect_exit(nc, 1);
    expect_stderr_message(nc);
}

CHECK(ends_when_nobody_reads, ROBUST, "stdout-gone", "Ends when nobody reads its output any more",
      .needs = "connects_and_talks")
{
    Listener *server = tcp_listen();
    by_hand("yes | socat - TCP-LISTEN:7000");
    by_hand("./nc 127.0.0.1 7000 | head -n 1        # must come back to the prompt");

    Program *nc = start_with((.out = STDOUT_CLOSED_READER), "127.0.0.1", port_of(server));
    Conn *conn = accept_conn(server);
    type(nc, "tell me everything\n");
    expect_text(conn, "tell me everything\n");
    send_text(conn, "everything\n");
    int status = wait_exit(nc);
    bool by_sigpipe = WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE;
    bool by_itself = WIFEXITED(status) && WEXITSTATUS(status) == 1;
    claim(by_sigpipe || by_itself,
          "it ends with exit status 1 or by SIGPIPE; its status from waitpid(2) was 0x%04x",
          (unsigned)status);
}

CHECK(takes_any_stdin, ROBUST, "any-stdin", "Takes /dev/null, and a closed stdin, for one that has ended",
      .needs = "connects_and_talks")
{
    static const struct {
        enum stdin_kind kind;
        const char *what;
    } kinds[] = {{STDIN_NULL, "nothing to say?\n"}, {STDIN_CLOSED, "not even a stdin?\n"}};
    by_hand("echo hello | socat - TCP-LISTEN:7000");
    by_hand("./nc 127.0.0.1 7000 <&-; echo $?        # prints hello");

    for (int i = 0; i < 2; i++) {
        Listener *server = tcp_listen();
        Program *nc = start_with((.in = kinds[i].kind), "127.0.0.1", port_of(server));
        Conn *conn = accept_conn(server);
        expect_eof(conn);
        send_text(conn, kinds[i].what);
        hang_up(conn);
        expect_stdout(nc, kinds[i].what);
        expect_exit(nc, 0);
    }
}

CHECK(waits_without_spinning, ROBUST, "idle",
      "Uses no processor time in silence, nor when one side has ended", .needs = "connects_and_talks")
{
    by_hand("socat TCP-LISTEN:7000 -");
    by_hand("./nc 127.0.0.1 7000 </dev/null & top -p $(pgrep -x nc)");

    Conn *silent, *deaf;
    Program *nc = call(&silent), *other = call(&deaf);
    expect_carried(nc, silent, "and now I am silent\n");
    expect_calm(nc, "of silence");
    close_stdin(nc);
    expect_eof(silent);
    half_close(deaf);
    expect_calm(nc, "after stdin has ended");
    expect_calm(other, "after the other side has ended");
    send_text(silent, "awake again\n");
    expect_stdout(nc, "awake again\n");
    type(other, "so am I\n");
    expect_text(deaf, "so am I\n");
}

CHECK(keeps_datagrams_apart, ROBUST, "udp", "Sends and prints datagrams of every size whole",
      .needs = "sends_and_prints_datagrams")
{
    UdpSocket *peer = udp_open();
    by_hand("socat UDP-RECVFROM:7000,fork PIPE &        # echoes datagrams");
    by_hand("head -c 8192 /dev/urandom | ./nc -u 127.0.0.1 7000 | wc -c        # 8192, in one datagram");

    Program *nc = start("-u", "127.0.0.1", udp_port_of(peer));
    Bytes one = random_bytes(ONE_DATAGRAM), largest = random_bytes(DATAGRAM_MAX);
    type(nc, "x");
    expect_from_nc(peer, text("x"));
    type_bytes(nc, one);
    Datagram d = expect_from_nc(peer, one);
    answer_datagram(peer, d, largest);
    expect_stdout_bytes(nc, largest);
    answer_datagram(peer, d, text("")); /* no end of file */
    answer_datagram(peer, d, text("after an empty one\n"));
    expect_stdout(nc, "after an empty one\n");
    close_stdin(nc); /* nothing ends with it */
    answer_datagram(peer, d, all_byte_values());
    expect_stdout_bytes(nc, all_byte_values());
    expect_running(nc);
}

CHECK(cuts_what_is_too_long, ROBUST, "udp-long",
      "Sends what is longer than a datagram in several, losing nothing",
      .needs = "sends_and_prints_datagrams")
{
    UdpSocket *peer = udp_open();
    by_hand("socat -u UDP-RECV:7000 - | wc -c");
    by_hand("seq 10000 | ./nc -u 127.0.0.1 7000        # 48894 bytes");

    Program *nc = start("-u", "127.0.0.1", udp_port_of(peer));
    Bytes much = numbered_lines(MANY_DATAGRAMS);
    type_bytes(nc, much);
    size_t at = 0;
    while (at < much.size) {
        Datagram d = receive_datagram(peer, .what = "the next datagram");
        claim(d.content.size > 0 && d.content.size <= much.size - at &&
                  memcmp(d.content.data, much.data + at, d.content.size) == 0,
              "the datagrams hold what was typed, in order: from byte %zu on one of %zu bytes does not", at,
              d.content.size);
        at += d.content.size;
    }
}

CHECK(ignores_strangers, ROBUST, "udp-listen", "Prints no datagram of anybody but who sent the first",
      .needs = "answers_the_first_sender")
{
    const char *port = free_udp_port();
    by_hand("./nc -u -l 7000        # in another terminal");
    by_hand("socat - UDP:127.0.0.1:7000        # type; then the same in a third terminal: must not be seen");

    Program *nc = start("-u", "-l", port);
    UdpSocket *friend = udp_client(port), *stranger = udp_client(port);
    wait_until_idle(nc);
    send_signal(nc, SIGSTOP); /* so that all are in its queue before it knows whom it talks to */
    send_datagram(friend, text("one\n"));
    send_datagram(stranger, text("spam\n"));
    send_datagram(friend, text("two\n"));
    send_signal(nc, SIGCONT);
    expect_stdout(nc, "one\ntwo\n");
    send_datagram(stranger, text("more spam\n"));
    send_datagram(friend, text("three\n"));
    expect_stdout(nc, "three\n");
    type(nc, "for my friend\n");
    expect_datagram(friend, text("for my friend\n"));
}

CHECK(says_that_no_datagram_is_wanted, ROBUST, "udp-refused",
      "Says that nobody has the UDP port, with exit status 1", .needs = "sends_and_prints_datagrams")
{
    by_hand("./nc -u 127.0.0.1 1; echo $?        # type two lines");

    UdpSocket *peer = udp_open();
    Program *nc = start("-u", "127.0.0.1", udp_port_of(peer));
    type(nc, "here you are\n");
    expect_from_nc(peer, text("here you are\n"));
    expect_running(nc);
    close_udp(peer);
    type(nc, "and now?\n");
    expect_exit(nc, 1);
    expect_stderr_message(nc);
    expect_stdout_end(nc);
}

/* ---- Fast ---------------------------------------------------------------------------------------------- */

CHECK(moves_bytes_in_bulk, FAST, "cost", "Moves bytes in bulk, not one by one", .needs = "connects_and_talks")
{
    Conn *conn;
    Program *nc = call(&conn);
    by_hand("socat TCP-LISTEN:7000,fork PIPE &        # an echo server");
    by_hand("head -c 1M /dev/zero | strace -f -c ./nc 127.0.0.1 7000 >/dev/null        # how many calls");

    expect_carried(nc, conn, "ready\n");
    echo_back(conn);
    double before = cpu_ms_of(nc), used = 0;
    for (int i = 0; i < BULK / PIECE; i++) {
        Bytes piece = numbered_lines(PIECE);
        type_bytes(nc, piece);
        expect_stdout_bytes(nc, piece, within(5000));
        used = cpu_ms_of(nc) - before;
        claim(
            used <= BULK_CPU_MS,
            "to carry %d MiB there and back takes at most %d ms of processor time; it took %.0f ms for %d KiB",
            BULK / MIB, BULK_CPU_MS, used, (i + 1) * PIECE / KIB);
    }
    note("%.0f ms of processor time for %d MiB each way", used, BULK / MIB);
}
