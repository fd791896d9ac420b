/* udp-echo-server: ./udpserver <port> answers each datagram with the same datagram. */
#include "harness/check.h"
#include "harness/datagram.h"

#include <stdlib.h>

CHALLENGE("udp-echo-server");

enum {
    KIB = 1024,
    LONG = 8 * KIB,
    IDLE_MS = 300,    /* how long we watch a program that has nothing to do */
    IDLE_CPU_MS = 30, /* and what it may use of the processor meanwhile */
    ROUNDS = 2000,
    ROUNDS_CPU_MS = 1000 /* for so many datagrams: fifty times what a good server needs */
};

/* A port, and ./udpserver receiving on it. */
static Program *serve(const char **port)
{
    *port = free_udp_port();
    return start(*port);
}

static void expect_echo(UdpSocket *u, Bytes content)
{
    send_datagram(u, content);
    expect_datagram(u, content);
}

/* What comes after this is no longer in one queue with what came before. */
static void let_it_take_all(const char *port)
{
    eventually(bytes_queued_at(port) == 0, "the server to take the datagram out of its queue");
}

static void expect_text_echo(UdpSocket *u, const char *s)
{
    expect_echo(u, text(s));
}

/* ---- Core ---------------------------------------------------------------------------------------------- */

CHECK(echoes_a_datagram, CORE, "echo", "Sends a datagram back")
{
    const char *port;
    serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("echo hello | nc -u -w 1 127.0.0.1 7000");

    UdpSocket *client = udp_client(port);
    send_datagram(client, text("hello\n"));
    expect_datagram(client, text("hello\n"), .what = "the echo of the first datagram");
}

CHECK(goes_on_with_the_conversation, CORE, "echo",
      "Sends back one datagram after the other, long ones and short ones", .needs = "echoes_a_datagram")
{
    const char *port;
    serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("nc -u 127.0.0.1 7000        # type several lines, a long one first");

    UdpSocket *client = udp_client(port);
    for (int i = 10; i > 0; i--)
        expect_echo(client, join(text(format("%d to go", i)),
                                 random_bytes((size_t)i * (size_t)random_between(5, 30))));
    expect_text_echo(client, "x");
}

CHECK(answers_whoever_sent_it, CORE, "sender", "Answers each of three clients, and nobody else's datagrams",
      .needs = "echoes_a_datagram")
{
    enum { CLIENTS = 3 };
    const char *port;
    serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("nc -u 127.0.0.1 7000        # in three terminals, and type in them in turns");

    UdpSocket *clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = udp_client(port);
    for (int round = 1; round <= 3; round++) {
        for (int i = CLIENTS - 1; i >= 0; i--)
            send_datagram(clients[i], text(format("client %d, round %d", i, round)));
        for (int i = 0; i < CLIENTS; i++)
            expect_datagram(clients[i], text(format("client %d, round %d", i, round)));
    }
}

CHECK(keeps_datagrams_apart, CORE, "one-for-one",
      "Sends one answer for each datagram, however close they come", .needs = "echoes_a_datagram")
{
    const char *port;
    Program *server = serve(&port);
    UdpSocket *client = udp_client(port);
    expect_text_echo(client, "ready?");

    /* All of them wait in the server's queue when it goes on. */
    const Bytes said[] = {text("one"), text("number two"), text("3"), text("and the fourth")};
    send_signal(server, SIGSTOP);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        send_datagram(client, said[i]);
    send_signal(server, SIGCONT);
    expect_datagrams(client, said, sizeof said / sizeof *said);
    expect_text_echo(client, "and nothing besides");
}

CHECK(receives_on_every_address, CORE, "readiness", "Receives on every IPv4 address of the machine",
      .needs = "echoes_a_datagram")
{
    const char *port;
    serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("ss -ulnp        # must show 0.0.0.0:7000");

    expect_text_echo(udp_client(port), "to 127.0.0.1");
    /* Wherever the answer comes from: that is another check. */
    UdpSocket *client = udp_open();
    for (int i = 2; i <= 3; i++) {
        const char *host = format("127.0.0.%d", i), *said = format("to %s", host);
        answer_datagram(client,
                        (Datagram){.from = format("%s:%s", host, port), .host = host, .port = atoi(port)},
                        text(said));
        Datagram answer = receive_datagram(client, .what = format("the answer of %s", host));
        const char *difference = datagram_difference(text(said), answer.content);
        claim(!difference, "what was sent to %s comes back as it was; %s", host, difference);
    }
}

CHECK(stops_on_sigterm, CORE, "stop", "Stops on SIGTERM, with exit status 0", .needs = "echoes_a_datagram")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./udpserver 7000 & sleep 1; kill %%1; wait %%1; echo $?");

    expect_text_echo(udp_client(port), "before the signal");
    send_signal(server, SIGTERM);
    expect_exit(server, 0);
    expect_udp_port_free(port);
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "echoes_a_datagram")
{
    /* A program that is right about everything else: what refuses all ports has refused nothing. */
    const char *port;
    serve(&port);
    expect_text_echo(udp_client(port), "the right command line works");

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
      .needs = "echoes_a_datagram")
{
    const char *port;
    serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("./udpserver 7000; echo $?");

    UdpSocket *client = udp_client(port);
    expect_text_echo(client, "the first one has the port");
    Program *second = start(port);
    expect_exit(second, 1);
    expect_stderr_message(second);
    expect_stdout_end(second);
    expect_text_echo(client, "and keeps it");
}

/* ---- Robust -------------------------------------------------------------------------------------------- */

CHECK(keeps_every_byte_value, ROBUST, "echo", "Sends every byte value back unchanged, NUL included",
      .needs = "echoes_a_datagram")
{
    const char *port;
    serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("printf 'a\\000b\\377\\r\\n' | nc -u -w 1 127.0.0.1 7000 | xxd");

    UdpSocket *client = udp_client(port);
    expect_echo(client, join(text("text, and then "), all_byte_values()));
    expect_echo(client, all_byte_values());
    expect_echo(client, bytes("\n", 1));
    expect_echo(client, bytes("\0", 1));
}

CHECK(answers_an_empty_datagram, ROBUST, "empty", "Answers an empty datagram with an empty datagram",
      .needs = "echoes_a_datagram")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("python3 -c 'import socket as s; u = s.socket(s.AF_INET, s.SOCK_DGRAM); u.settimeout(2); "
            "u.sendto(b\"\", (\"127.0.0.1\", 7000)); print(u.recvfrom(9))'");

    UdpSocket *client = udp_client(port);
    expect_text_echo(client, "something");
    expect_echo(client, text(""));
    expect_text_echo(client, "something again");
    expect_echo(client, text(""));
    expect_echo(client, text(""));
    expect_running(server);
}

CHECK(carries_every_size, ROBUST, "any-size", "Sends back datagrams of every size, up to 65,507 bytes",
      .needs = "echoes_a_datagram")
{
    static const size_t sizes[] = {1,    255,  256,  511,  512,  513,   1023,  1024,  1025,  1472,
                                   1473, 2049, 4097, 8193, 9001, 16385, 32769, 65000, 65506, DATAGRAM_MAX};
    const char *port;
    serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("head -c 65507 /dev/zero | socat -b 65507 -T 1 - UDP:127.0.0.1:7000 | wc -c");

    UdpSocket *client = udp_client(port);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        expect_echo(client, numbered_lines(sizes[i]));
    expect_echo(client, random_bytes(DATAGRAM_MAX));
    expect_text_echo(client, "short");
}

CHECK(answers_from_the_address_asked, ROBUST, "source",
      "Answers from the address to which a datagram was sent", .needs = "echoes_a_datagram")
{
    const char *port;
    serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("echo hello | nc -u -w 1 127.0.0.2 7000        # takes answers from 127.0.0.2 alone");

    UdpSocket *second = udp_client(port, .host = "127.0.0.2"), *first = udp_client(port);
    UdpSocket *other =
        udp_client(port, .host = format("127.0.%d.%d", random_between(1, 200), random_between(2, 200)));
    expect_text_echo(second, "who asks 127.0.0.2 is answered by 127.0.0.2");
    expect_text_echo(first, "who asks 127.0.0.1 is answered by 127.0.0.1");
    expect_text_echo(other, "and so on");
    expect_echo(second, numbered_lines(LONG));
}

CHECK(answers_a_burst, ROBUST, "burst", "Answers 100 datagrams that arrived while it was busy",
      .needs = "echoes_a_datagram")
{
    enum { BURST = 100, CLIENTS = 4, EACH = BURST / CLIENTS };
    const char *port;
    Program *server = serve(&port);
    UdpSocket *clients[CLIENTS];
    static Bytes said[CLIENTS][EACH];

    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = udp_client(port);
        expect_text_echo(clients[i], "ready?");
    }
    send_signal(server, SIGSTOP);
    for (int k = 0; k < EACH; k++) {
        for (int i = 0; i < CLIENTS; i++) {
            said[i][k] = text(format("datagram %d of client %d", k, i));
            send_datagram(clients[i], said[i][k]);
        }
    }
    send_signal(server, SIGCONT);
    for (int i = 0; i < CLIENTS; i++)
        expect_datagrams(clients[i], said[i], EACH);
}

CHECK(survives_a_client_that_is_gone, ROBUST, "gone-client",
      "A client that is gone before its answer does not stop the server", .needs = "echoes_a_datagram")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./udpserver 7000 &");
    by_hand("kill -STOP %%1; echo hello | nc -u -w 0 127.0.0.1 7000; kill -CONT %%1; sleep 1; jobs");

    UdpSocket *polite = udp_client(port);
    expect_text_echo(polite, "hello");
    for (int i = 0; i < 3; i++) {
        UdpSocket *gone = udp_client(port);
        expect_text_echo(gone, "do not wait for me");
        send_signal(server, SIGSTOP);
        send_datagram(gone, text("the answer to this meets nobody"));
        close_udp(gone);
        send_signal(server, SIGCONT);
        let_it_take_all(port);
        for (int k = 0; k < 3; k++)
            expect_text_echo(polite, "still there?");
    }
    expect_text_echo(udp_client(port), "a new client");
    expect_running(server);
}

CHECK(survives_what_cannot_be_answered, ROBUST, "no-way-back",
      "A datagram that cannot be answered does not stop the server", .needs = "echoes_a_datagram")
{
    const char *port;
    Program *server = serve(&port);

    UdpSocket *client = udp_client(port);
    expect_text_echo(client, "hello");
    for (int i = 0; i < 3; i++) {
        send_forged_datagram(port, 0, text("no answer is wanted"));
        let_it_take_all(port);
        expect_text_echo(client, "still there?");
    }
    expect_text_echo(udp_client(port), "a new client");
    expect_running(server);
}

CHECK(does_not_talk_to_itself, ROBUST, "loop", "Does not answer its own port, and so never talks to itself",
      .needs = "echoes_a_datagram")
{
    const char *port;
    Program *server = serve(&port);
    UdpSocket *client = udp_client(port);
    expect_text_echo(client, "hello");

    send_forged_datagram(port, atoi(port), text("for ever and ever"));
    double cpu_ms = cpu_ms_while_idle(server, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "what seems to come from its own port keeps it busy for at most %d ms of processor time in %d "
          "ms; it used %.0f ms",
          IDLE_CPU_MS, IDLE_MS, cpu_ms);
    expect_text_echo(client, "awake again");
}

CHECK(leaves_nothing_open, ROBUST, "clean-up",
      "Keeps no descriptor and no child of clients that it has answered", .needs = "echoes_a_datagram")
{
    enum { WARM_UP = 8, CLIENTS = 200, LOOKS = 200 };
    const char *port;
    Program *server = serve(&port);
    int files_before = 0, processes_before = 0, looks = 0;

    for (int i = 0; i < WARM_UP + CLIENTS; i++) {
        if (i == WARM_UP) {
            files_before = open_files_of(server);
            processes_before = processes_of(server);
        }
        UdpSocket *client = udp_client(port);
        expect_text_echo(client, "one question");
        close_udp(client);
    }
    eventually((open_files_of(server) <= files_before && zombies_of(server) == 0 &&
                processes_of(server) <= processes_before) ||
                   ++looks > LOOKS,
               "the server to let go of the clients that it has answered");
    int files = open_files_of(server), zombies = zombies_of(server), processes = processes_of(server);
    note("%d descriptors after %d clients, %d before", files, CLIENTS, files_before);
    claim_no_leak(
        files <= files_before,
        "after %d clients were answered, no more descriptors are open than before: %d before, %d now",
        CLIENTS, files_before, files);
    claim_no_leak(zombies == 0, "no child stays behind as a zombie: there are %d", zombies);
    claim_no_leak(processes <= processes_before, "no child process stays behind: %d processes before, %d now",
                  processes_before, processes);
}

CHECK(waits_without_spinning, ROBUST, "idle", "Uses no processor time while nothing arrives",
      .needs = "echoes_a_datagram")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./udpserver 7000 & top -p $(pgrep -x udpserver)");

    UdpSocket *client = udp_client(port);
    expect_text_echo(client, "and now I am silent");
    double cpu_ms = cpu_ms_while_idle(server, IDLE_MS);
    note("%.0f ms of processor time in %d ms of silence", cpu_ms, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms of silence it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
          IDLE_CPU_MS, cpu_ms);
    expect_text_echo(client, "awake again");
}

CHECK(stops_in_the_middle_of_work, ROBUST, "stop", "Stops on SIGINT, whatever is waiting for it",
      .needs = "echoes_a_datagram")
{
    const char *port;
    Program *server = serve(&port);
    by_hand("./udpserver 7000        # then press Ctrl-C");

    UdpSocket *client = udp_client(port);
    expect_text_echo(client, "hello");
    send_signal(server, SIGSTOP);
    for (int i = 0; i < 50; i++)
        send_datagram(client, text("too late"));
    send_signal(server, SIGINT);
    send_signal(server, SIGCONT);
    expect_exit(server, 0);
    expect_udp_port_free(port);
}

/* ---- Fast ---------------------------------------------------------------------------------------------- */

CHECK(serves_five_hundred, FAST, "many-clients", "Serves 500 clients in turns and mixes nothing up",
      .needs = "echoes_a_datagram")
{
    enum { CLIENTS = 500 };
    const char *port;
    Program *server = serve(&port);
    UdpSocket *clients[CLIENTS];

    for (int i = 0; i < CLIENTS; i++)
        clients[i] = udp_client(port);
    for (int round = 1; round <= 2; round++)
        for (int i = CLIENTS - 1; i >= 0; i--)
            expect_text_echo(clients[i], format("client %d of %d, round %d", i, CLIENTS, round));
    note("%d clients served with %.0f ms of processor time and %ld KiB of memory", CLIENTS, cpu_ms_of(server),
         memory_kb_of(server));
}

CHECK(costs_little, FAST, "cost", "Answers 2,000 datagrams with little processor time",
      .needs = "echoes_a_datagram")
{
    const char *port;
    Program *server = serve(&port);
    UdpSocket *client = udp_client(port);
    Bytes said = random_bytes(KIB);
    double used = 0;

    expect_echo(client, said);
    double before = cpu_ms_of(server);
    for (int i = 1; i <= ROUNDS; i++) {
        expect_echo(client, said);
        if (i % 10 != 0)
            continue;
        used = cpu_ms_of(server) - before;
        claim(used <= ROUNDS_CPU_MS,
              "the answers to %d datagrams take at most %d ms of processor time; %d of them took %.0f ms",
              ROUNDS, ROUNDS_CPU_MS, i, used);
    }
    note("%.0f ms of processor time for %d datagrams", used, ROUNDS);
}
