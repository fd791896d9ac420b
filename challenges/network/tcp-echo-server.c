/* tcp-echo-server: ./server <port> sends every byte back to the client that sent it. */
#include "harness/check.h"

CHALLENGE("tcp-echo-server");

enum {
    KIB = 1024,
    MIB = 1024 * KIB,
    FLOOD = 16 * MIB,      /* more than the kernel and the contract let a server take */
    WINDOW = 256 * KIB,    /* the receive buffer of our clients that stop reading */
    HELD_MAX_KB = 8 * KIB, /* what the contract lets the server hold for a client that does not read */
    IDLE_MS = 300,         /* how long we watch a program that has nothing to do */
    IDLE_CPU_MS = 30,      /* and what it may use of the processor meanwhile */
    BULK = 8 * MIB,        /* what is moved to see what moving costs, */
    PIECE = 256 * KIB,     /* in pieces, so that a failure is seen early */
    BULK_CPU_MS = 1000,    /* a hundred times what a good server needs */
    FEW_DESCRIPTORS = 16
};

/* A port, and ./server listening on it. */
static Program *serve(const char **port)
{
    *port = free_port();
    return start(*port);
}

static void expect_echo(Conn *c, const char *line)
{
    send_text(c, line);
    expect_text(c, line);
}

/* ---- Core
 * -------------------------------------------------------------------------------------------------- */

CHECK(echoes_a_line, CORE, "echo", "Sends a line back")
{
    const char *port;
    serve(&port);
    by_hand("./server 7000 &");
    by_hand("printf 'hello\\n' | nc -N 127.0.0.1 7000");

    Conn *client = tcp_connect(port);
    send_text(client, "hello\n");
    expect_text(client, "hello\n", .what = "the echo of the first line");
}

CHECK(goes_on_with_the_conversation, CORE, "echo",
      "Sends back each line of a longer conversation, and nothing else", .needs = "echoes_a_line")
{
    const char *port;
    serve(&port);
    by_hand("./server 7000 &");
    by_hand("nc 127.0.0.1 7000        # type several lines");

    Conn *client = tcp_connect(port);
    for (int i = 1; i <= 10; i++)
        expect_echo(client, format("line %d of the conversation\n", i));
    half_close(client);
    expect_eof(client);
}

CHECK(takes_the_next_client, CORE, "next-client", "Serves the next client when one has left",
      .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    for (int i = 1; i <= 3; i++) {
        Conn *client = tcp_connect(port);
        expect_echo(client, format("client number %d\n", i));
        hang_up(client);
    }
    expect_running(server);
}

CHECK(serves_two_at_once, CORE, "many-clients", "Serves two clients at the same time",
      .needs = "echoes_a_line")
{
    const char *port;
    serve(&port);
    by_hand("./server 7000 &");
    by_hand("nc 127.0.0.1 7000        # in two terminals, and type in the second one first");

    Conn *first = tcp_connect(port);
    Conn *second = tcp_connect(port);
    send_text(second, "from the second\n");
    expect_text(second, "from the second\n", .what = "the second client's echo, while the first is silent");
    send_text(first, "from the first\n");
    expect_text(first, "from the first\n");
    expect_echo(second, "the second again\n");
}

CHECK(ends_with_the_client, CORE, "half-close", "Ends the connection when the client has ended its side",
      .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./server 7000 &");
    by_hand("printf 'bye\\n' | nc -N 127.0.0.1 7000        # must come back to the prompt");

    Conn *client = tcp_connect(port);
    send_text(client, "bye\n");
    half_close(client);
    expect_text(client, "bye\n");
    expect_eof(client, .what = "the server's end of the connection, after the client's");
    expect_running(server);
}

CHECK(listens_on_every_address, CORE, "readiness", "Listens on every IPv4 address of the machine",
      .needs = "echoes_a_line")
{
    const char *port;
    serve(&port);
    by_hand("./server 7000 &");
    by_hand("printf 'hello\\n' | nc -N 127.0.0.2 7000");

    expect_echo(tcp_connect(port), "on 127.0.0.1\n");
    expect_echo(tcp_connect(port, .host = "127.0.0.2"), "on 127.0.0.2\n");
}

CHECK(stops_on_sigterm, CORE, "stop", "Stops on SIGTERM, with exit status 0", .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./server 7000 & sleep 1; kill %%1; wait %%1; echo $?");

    Conn *client = tcp_connect(port);
    expect_echo(client, "before the signal\n");
    hang_up(client);
    send_signal(server, SIGTERM);
    expect_exit(server, 0);
    expect_refused(port);
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "echoes_a_line")
{
    /* A program that is right about everything else: what refuses all ports has refused nothing. */
    const char *port;
    serve(&port);
    expect_echo(tcp_connect(port), "the right command line works\n");

    Program *wrong[] = {
        start(),      start("7000", "7001"), start("0"),  start("65536"),
        start("abc"), start("70x"),          start("-1"), start(""),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
}

CHECK(says_that_the_port_is_taken, CORE, "port-in-use", "Says that the port is taken, with exit status 1",
      .needs = "echoes_a_line")
{
    const char *port;
    serve(&port);
    by_hand("./server 7000 &");
    by_hand("./server 7000; echo $?");

    Conn *client = tcp_connect(port);
    expect_echo(client, "the first one has the port\n");
    Program *second = start(port);
    expect_exit(second, 1);
    expect_stderr_message(second);
    expect_stdout_end(second);
    expect_echo(client, "and keeps it\n");
}

/* ---- Robust
 * ------------------------------------------------------------------------------------------------ */

CHECK(keeps_every_byte_value, ROBUST, "echo", "Sends every byte value back unchanged, NUL included",
      .needs = "echoes_a_line")
{
    const char *port;
    serve(&port);
    by_hand("./server 7000 &");
    by_hand("printf 'a\\000b\\377\\r\\n' | nc -N 127.0.0.1 7000 | xxd");

    Conn *client = tcp_connect(port);
    send_bytes(client, all_byte_values());
    expect_bytes(client, all_byte_values());
    Bytes noise = random_bytes(4 * KIB);
    send_bytes(client, noise);
    expect_bytes(client, noise);
    half_close(client);
    expect_eof(client);
}

CHECK(echoes_what_is_no_line, ROBUST, "at-once",
      "Sends back what has come so far, without waiting for the rest of a line", .needs = "echoes_a_line")
{
    const char *port;
    serve(&port);
    by_hand("./server 7000 &");
    by_hand("(printf 'no line end'; sleep 3) | nc -N 127.0.0.1 7000        # comes back at once");

    Conn *client = tcp_connect(port);
    expect_echo(client, "h");
    expect_echo(client, "alf a line");
    expect_echo(client, ", and its end\n");
    Bytes drops = numbered_lines(64);
    send_bytewise(client, drops);
    expect_bytes(client, drops);
}

CHECK(answers_all_before_it_ends, ROBUST, "half-close", "Sends all that it owes before it ends a connection",
      .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./server 7000 &");
    by_hand("seq 100000 | nc -N 127.0.0.1 7000 | tail -n 1        # prints 100000");

    /* While the server is stopped, the last bytes and the end of input arrive together. It has turned to
     * somebody else before, so it is not in the middle of anything with this client. */
    Conn *hasty = tcp_connect(port), *other = tcp_connect(port);
    expect_echo(hasty, "first\n");
    expect_echo(other, "and you\n");
    Bytes last_words = numbered_lines(48 * KIB);
    send_signal(server, SIGSTOP);
    send_bytes(hasty, last_words);
    half_close(hasty);
    send_signal(server, SIGCONT);
    expect_bytes(hasty, last_words);
    expect_eof(hasty);

    /* A client that says all, ends, and only then begins to listen. */
    Conn *lazy = tcp_connect(port, .receive_buffer = WINDOW);
    Bytes much = numbered_lines(MIB);
    stop_reading(lazy);
    send_bytes(lazy, much);
    half_close(lazy);
    wait_until_stalled(lazy, within(5000));
    resume_reading(lazy);
    expect_bytes(lazy, much);
    expect_eof(lazy);
}

CHECK(loses_nothing_to_short_writes, ROBUST, "any-amount", "Sends 8 MiB back to a client that reads late",
      .needs = "echoes_a_line")
{
    const char *port;
    serve(&port);
    Conn *late = tcp_connect(port, .receive_buffer = WINDOW);
    Conn *polite = tcp_connect(port);
    Bytes much = numbered_lines(8 * MIB);
    stop_reading(late);
    send_bytes(late, much);
    wait_until_stalled(late, within(5000));
    expect_echo(polite, "meanwhile\n");
    resume_reading(late);
    expect_bytes(late, much, within(5000));
    half_close(late);
    expect_eof(late);
}

CHECK(is_not_held_up_by_one_client, ROBUST, "stalled-client",
      "Serves the others while one client does not read", .needs = "echoes_a_line")
{
    const char *port;
    serve(&port);
    tcp_connect(port); /* says nothing at all */
    Conn *half_a_line = tcp_connect(port);
    expect_echo(half_a_line, "half a li");
    Conn *stalled = tcp_connect(port, .receive_buffer = WINDOW);
    stop_reading(stalled);
    send_bytes(stalled, numbered_lines(FLOOD));

    Conn *before = tcp_connect(port);
    expect_echo(before, "a client that came before\n");
    for (int i = 0; i < 3; i++) { /* TCP has pauses of its own; it takes more than one to look like this */
        wait_until_stalled(stalled, within(5000));
        expect_echo(before, "still there?\n");
    }
    for (int i = 0; i < 10; i++)
        expect_echo(tcp_connect(port), "a client that came later\n");
    expect_echo(half_a_line, "ne\n");
}

CHECK(holds_little_for_one_client, ROBUST, "bounded-memory",
      "Does not fill its memory for a client that does not read", .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    Conn *polite = tcp_connect(port);
    Conn *stalled = tcp_connect(port, .receive_buffer = WINDOW);
    expect_echo(stalled, "I read this\n");
    expect_echo(polite, "so do I\n");
    long before = memory_kb_of(server);

    stop_reading(stalled);
    send_bytes(stalled, numbered_lines(FLOOD));
    wait_until_stalled(stalled, within(5000));
    expect_echo(polite, "still there?\n");
    long grown = memory_kb_of(server) - before;
    note("memory grew by %ld KiB for a client that sent %d MiB and read nothing", grown, FLOOD / MIB);
    claim(grown <= HELD_MAX_KB,
          "memory grows by at most %d KiB for a client that sends and does not read; it grew by %ld KiB",
          HELD_MAX_KB, grown);
}

CHECK(serves_fifty_interleaved, ROBUST, "many-clients", "Serves 50 clients in turns and mixes nothing up",
      .needs = "echoes_a_line")
{
    enum { CLIENTS = 50, ROUNDS = 3 };
    const char *port;
    serve(&port);
    Conn *clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = tcp_connect(port);
    for (int round = 1; round <= ROUNDS; round++) {
        for (int i = CLIENTS - 1; i >= 0; i--)
            send_text(clients[i], format("client %d, round %d\n", i, round));
        for (int i = 0; i < CLIENTS; i++)
            expect_text(clients[i], format("client %d, round %d\n", i, round));
    }
}

CHECK(survives_a_reset, ROBUST, "abrupt-peer", "A client that resets its connection does not stop the server",
      .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    Conn *polite = tcp_connect(port);
    expect_echo(polite, "hello\n");
    for (int i = 0; i < 5; i++) {
        Conn *rude = tcp_connect(port);
        expect_echo(rude, "nice to meet you\n");
        send_text(rude, "half a li");
        reset(rude);
        reset(tcp_connect(port)); /* before a byte was said */
        expect_echo(polite, "still there?\n");
    }
    expect_echo(tcp_connect(port), "a new client\n");
    expect_running(server);
}

CHECK(survives_a_client_that_is_gone, ROBUST, "abrupt-peer",
      "A client that leaves before its echo does not stop the server", .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./server 7000 &");
    by_hand("kill -STOP %%1; seq 9999 | timeout 1 nc 127.0.0.1 7000; kill -CONT %%1; sleep 1; jobs");

    Conn *polite = tcp_connect(port);
    expect_echo(polite, "hello\n");
    Conn *gone[3];
    for (int i = 0; i < 3; i++) {
        gone[i] = tcp_connect(port);
        expect_echo(gone[i], "do not wait for me\n");
    }
    expect_echo(polite, "let us see\n");
    /* The answer to the first write is a reset; the second write raises SIGPIPE. */
    send_signal(server, SIGSTOP);
    for (int i = 0; i < 3; i++) {
        send_bytes(gone[i], numbered_lines(48 * KIB));
        hang_up(gone[i]);
    }
    send_signal(server, SIGCONT);

    for (int i = 0; i < 10; i++)
        expect_echo(polite, "still there?\n");
    expect_echo(tcp_connect(port), "a new client\n");
    expect_running(server);
}

CHECK(leaves_nothing_open, ROBUST, "clean-up",
      "Keeps no descriptor, child or zombie of clients that have left", .needs = "echoes_a_line")
{
    enum { WARM_UP = 8, CLIENTS = 300, LOOKS = 200 };
    const char *port;
    Program *server = serve(&port);
    int files_before = 0, processes_before = 0;
    for (int i = 0; i < WARM_UP + CLIENTS; i++) {
        if (i == WARM_UP) {
            files_before = open_files_of(server);
            processes_before = processes_of(server);
        }
        Conn *client = tcp_connect(port);
        if (i % 4 == 0) {
            hang_up(client); /* without a word */
            continue;
        }
        expect_echo(client, "a short visit\n");
        if (i % 4 == 1) {
            half_close(client);
            expect_eof(client);
        } else if (i % 4 == 2) {
            reset(client);
        } else {
            hang_up(client);
        }
    }
    int looks = 0;
    eventually((open_files_of(server) <= files_before && zombies_of(server) == 0 &&
                processes_of(server) <= processes_before) ||
                   ++looks > LOOKS,
               "the server to let go of the clients that have left");
    int files = open_files_of(server), zombies = zombies_of(server), processes = processes_of(server);
    note("%d descriptors after %d clients, %d before", files, CLIENTS, files_before);
    claim_no_leak(files <= files_before,
                  "after %d clients have left, no more descriptors are open than before: %d before, %d now",
                  CLIENTS, files_before, files);
    claim_no_leak(zombies == 0, "no child stays behind as a zombie: there are %d", zombies);
    claim_no_leak(processes <= processes_before, "no child process stays behind: %d processes before, %d now",
                  processes_before, processes);
}

CHECK(outlives_a_lack_of_descriptors, ROBUST, "out-of-descriptors",
      "Waits calmly when it has no descriptor left, and goes on when clients leave", .needs = "echoes_a_line")
{
    enum { CLIENTS = FEW_DESCRIPTORS - 2 }; /* more than fit beside stdin, stdout, stderr and the listener */
    const char *port = free_port();
    by_hand("(ulimit -n %d; exec ./server 7000) &", FEW_DESCRIPTORS);
    by_hand("for i in $(seq %d); do sleep 60 | nc 127.0.0.1 7000 & done; top -p $(pgrep -x server)", CLIENTS);

    Program *server = start_with((.open_files = FEW_DESCRIPTORS), port);
    Conn *clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = tcp_connect(port);
    expect_echo(clients[0], "one that got in\n");
    double cpu_ms = cpu_ms_while_idle(server, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms without a free descriptor it uses at most %d ms of processor time; it used %.0f ms",
          IDLE_MS, IDLE_CPU_MS, cpu_ms);
    expect_running(server);

    for (int i = 0; i < CLIENTS; i++)
        hang_up(clients[i]);
    expect_echo(tcp_connect(port), "there is room again\n");
}

CHECK(waits_without_spinning, ROBUST, "idle", "Uses no processor time while its clients are silent",
      .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./server 7000 &");
    by_hand("sleep 60 | nc 127.0.0.1 7000 & top -p $(pgrep -x server)");

    Conn *talked = tcp_connect(port), *halved = tcp_connect(port);
    tcp_connect(port);
    expect_echo(talked, "and now I am silent\n");
    expect_echo(halved, "and now I am deaf too\n");
    half_close(halved);
    expect_eof(halved);
    double cpu_ms = cpu_ms_while_idle(server, IDLE_MS);
    note("%.0f ms of processor time in %d ms of silence", cpu_ms, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms of silence it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
          IDLE_CPU_MS, cpu_ms);
    expect_echo(talked, "awake again\n");
}

CHECK(stops_with_clients_connected, ROBUST, "stop", "Stops on SIGINT at once, whatever its clients are doing",
      .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./server 7000        # connect with nc in another terminal, then press Ctrl-C here");

    Conn *silent = tcp_connect(port);
    Conn *talking = tcp_connect(port);
    expect_echo(silent, "hello\n");
    Conn *stalled = tcp_connect(port, .receive_buffer = WINDOW);
    stop_reading(stalled);
    send_bytes(stalled, numbered_lines(FLOOD));
    expect_echo(talking, "hello\n");
    wait_until_stalled(stalled, within(5000));

    send_signal(server, SIGINT);
    expect_exit(server, 0);
    expect_closed(silent);
    expect_closed(talking);
    expect_refused(port);
}

CHECK(starts_again_at_once, ROBUST, "restart", "Starts again on the same port right after it was stopped",
      .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./server 7000 & sleep 60 | nc 127.0.0.1 7000 &");
    by_hand("kill %%1; ./server 7000        # must not say: Address already in use");

    /* The server ends the connection first, so its side rests in TIME-WAIT. */
    Conn *client = tcp_connect(port);
    expect_echo(client, "before\n");
    send_signal(server, SIGTERM);
    expect_exit(server, 0);
    expect_closed(client);
    hang_up(client);

    start(port);
    expect_echo(tcp_connect(port), "after\n");
}

/* ---- Fast
 * -------------------------------------------------------------------------------------------------- */

CHECK(serves_two_hundred, FAST, "many-clients", "Serves 200 clients that are all connected",
      .needs = "echoes_a_line")
{
    enum { CLIENTS = 200 };
    const char *port;
    Program *server = serve(&port);
    Conn *clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = tcp_connect(port);
    for (int i = CLIENTS - 1; i >= 0; i--)
        expect_echo(clients[i], format("client %d of %d\n", i, CLIENTS));
    note("%d clients served with %.0f ms of processor time and %ld KiB of memory", CLIENTS, cpu_ms_of(server),
         memory_kb_of(server));
}

CHECK(moves_bytes_in_bulk, FAST, "cost", "Moves bytes in bulk, not one by one", .needs = "echoes_a_line")
{
    const char *port;
    Program *server = serve(&port);
    by_hand(
        "strace -f -c ./server 7000        # how many calls for: head -c 1M /dev/zero | nc -N 127.0.0.1 7000");

    Conn *client = tcp_connect(port);
    expect_echo(client, "ready\n");
    double before = cpu_ms_of(server), used = 0;
    for (int i = 0; i < BULK / PIECE; i++) {
        Bytes piece = numbered_lines(PIECE);
        send_bytes(client, piece);
        expect_bytes(client, piece, within(5000));
        used = cpu_ms_of(server) - before;
        claim(used <= BULK_CPU_MS,
              "the echo of %d MiB takes at most %d ms of processor time; it took %.0f ms for %d KiB",
              BULK / MIB, BULK_CPU_MS, used, (i + 1) * PIECE / KIB);
    }
    note("%.0f ms of processor time to echo %d MiB", used, BULK / MIB);
}
