/* port-scanner: ./portscan <host> <start-port> <end-port> says which TCP ports of a host are open. */
#include "harness/check.h"
#include "harness/ports.h"

#include <string.h>

CHALLENGE("port-scanner");

enum {
    SCAN_MS = 5000, /* for a scan with silent ports: it takes 1.5 s */
    FEW_DESCRIPTORS = 16,
    IDLE_MS = 300,
    IDLE_CPU_MS = 30,
    AT_ONCE = 50,            /* so many ports that do not answer are asked at a time */
    SIDE_BY_SIDE_MS = 10000, /* for 300 silent ports, of which each takes 1.5 s */
    CLOSED = 10000,
    CLOSED_CPU_MS = 3000 /* for so many closed ports: ten times what a good scanner needs */
};

static const char *number(int n)
{
    return format("%d", n);
}

static Program *scan(const char *host, int first, int last)
{
    return start(host, number(first), number(last));
}

/* The whole of stdout is this, and the scan is over. */
static void expect_report(Program *p, const char *report)
{
    expect_stdout(p, report, within(SCAN_MS), .what = "the report");
    expect_stdout_end(p);
    expect_exit(p, 0);
    expect_stderr_empty(p);
}

/* ---- Core ---------------------------------------------------------------------------------------------- */

CHECK(finds_an_open_port, CORE, "report", "Finds one open port")
{
    by_hand("nc -lk 7000 & ./portscan 127.0.0.1 7000 7000");
    int port = free_ports(1);
    tcp_listen(.port = port);
    expect_report(scan("127.0.0.1", port, port), format("%d open\n1 open, 0 filtered, 0 closed\n", port));
}

CHECK(passes_over_closed_ports, CORE, "closed",
      "Reports the open ports of a range and counts the closed ones", .needs = "finds_an_open_port")
{
    enum { PORTS = 40 };
    by_hand("nc -lk 7003 & nc -lk 7011 & ./portscan 127.0.0.1 7000 7039");
    int first = free_ports(PORTS);
    int a = first + random_between(1, 9), b = a + random_between(1, 9), c = b + random_between(2, 9);
    tcp_listen(.port = c);
    tcp_listen(.port = a);
    tcp_listen(.port = b);
    expect_report(scan("127.0.0.1", first, first + PORTS - 1),
                  format("%d open\n%d open\n%d open\n3 open, 0 filtered, %d closed\n", a, b, c, PORTS - 3));
}

CHECK(says_that_all_is_closed, CORE, "done", "Ends with status 0 when nothing is open",
      .needs = "finds_an_open_port")
{
    by_hand("./portscan 127.0.0.1 7000 7004; echo $?");
    int first = free_ports(5);
    expect_report(scan("127.0.0.1", first, first + 4), "0 open, 0 filtered, 5 closed\n");
}

CHECK(scans_from_the_first_to_the_last, CORE, "range",
      "Tries the first and the last port, and none beside them", .needs = "finds_an_open_port")
{
    int first = free_ports(6);
    for (int port = first; port < first + 6; port++)
        if (port != first + 3)
            tcp_listen(.port = port);
    expect_report(
        scan("127.0.0.1", first + 1, first + 4),
        format("%d open\n%d open\n%d open\n3 open, 0 filtered, 1 closed\n", first + 1, first + 2, first + 4));
}

CHECK(tells_filtered_from_closed, CORE, "filtered",
      "Tells a port that does not answer from one that is closed", .needs = "finds_an_open_port")
{
    by_hand("sudo iptables -A INPUT -p tcp --dport 7001 -j DROP");
    by_hand("nc -lk 7000 & ./portscan 127.0.0.1 7000 7003");
    int first = free_ports(6);
    tcp_listen(.port = first + 4);
    fall_silent(tcp_listen(.port = first + 1));
    fall_silent(tcp_listen(.port = first + 5));
    expect_report(scan("127.0.0.1", first, first + 5),
                  format("%d filtered\n%d open\n%d filtered\n1 open, 2 filtered, 3 closed\n", first + 1,
                         first + 4, first + 5));
}

CHECK(finds_the_host_by_name, CORE, "host", "Takes the name of a host, and the first of its addresses",
      .needs = "finds_an_open_port")
{
    by_hand("./portscan localhost 7000 7010");
    const char *name = format("host-%d.test", random_between(100, 999));
    int first = free_ports(4);
    name_addresses(name, "127.0.0.2", "127.0.0.3");
    tcp_listen(.host = "127.0.0.2", .port = first + 1);
    tcp_listen(.host = "127.0.0.3", .port = first + 2);
    tcp_listen(.host = "127.0.0.1", .port = first + 3);
    expect_report(scan(name, first, first + 3), format("%d open\n1 open, 0 filtered, 3 closed\n", first + 1));
}

CHECK(says_that_the_host_is_unknown, CORE, "unknown-host", "Says that a host is unknown, with exit status 1",
      .needs = "finds_an_open_port")
{
    by_hand("./portscan nowhere.invalid 7000 7010; echo $?");
    /* A program that is right about a host that there is: what fails always has found out nothing. */
    int port = free_ports(1);
    tcp_listen(.port = port);
    expect_report(scan("127.0.0.1", port, port), format("%d open\n1 open, 0 filtered, 0 closed\n", port));

    Program *p = scan(format("host-%d.invalid", random_between(100, 999)), port, port + 10);
    expect_exit(p, 1, within(SCAN_MS));
    expect_stderr_message(p);
    expect_stdout_end(p);
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "finds_an_open_port")
{
    /* A program that is right about everything else: what refuses all ports has refused nothing. */
    int port = free_ports(1);
    tcp_listen(.port = port);
    expect_report(scan("127.0.0.1", port, port), format("%d open\n1 open, 0 filtered, 0 closed\n", port));

    const char *host = "127.0.0.1";
    Program *wrong[] = {
        start(),
        start(host),
        start(host, "7000"),
        start(host, "7000", "7001", "7002"),
        start(host, "0", "10"),
        start(host, "65535", "65536"),
        start(host, "7001", "7000"),
        start(host, "abc", "7000"),
        start(host, "7000", "7001x"),
        start(host, "70x", "7000"),
        start(host, "-1", "7000"),
        start(host, "", "7000"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
}

/* ---- Robust -------------------------------------------------------------------------------------------- */

CHECK(waits_for_the_second_try, ROBUST, "patience",
      "Finds an open port although the first packet to it is lost", .needs = "finds_an_open_port")
{
    by_hand("sudo tc qdisc add dev lo root netem loss 30%%        # and then scan 127.0.0.1");
    int first = free_ports(4);
    Listener *slow = tcp_listen(.port = first + 1);
    fall_silent(slow);
    tcp_listen(.port = first + 2);

    Program *p = scan("127.0.0.1", first, first + 3);
    expect_knock(slow);
    answer_again(slow); /* the kernel of the one who asks repeats the question after a second */
    expect_report(p, format("%d open\n%d open\n2 open, 0 filtered, 2 closed\n", first + 1, first + 2));
}

CHECK(sorts_what_comes_late, ROBUST, "order", "Reports in the order of the ports, whatever answers first",
      .needs = "finds_an_open_port")
{
    enum { PORTS = 12 };
    int first = free_ports(PORTS);
    Listener *late[3];
    const char *report = "";

    for (int i = 0; i < PORTS; i++) {
        int port = first + i;
        Listener *l = i % 4 < 2 ? tcp_listen(.port = port) : NULL;
        if (i % 4 == 0)
            fall_silent(late[i / 4] = l);
        if (l)
            report = format("%s%d open\n", report, port);
    }
    Program *p = scan("127.0.0.1", first, first + PORTS - 1);
    expect_knock(late[0]);
    for (int i = 2; i >= 0; i--)
        answer_again(late[i]);
    expect_report(p, format("%s%d open, 0 filtered, %d closed\n", report, PORTS / 2, PORTS / 2));
}

CHECK(reaches_the_last_port_there_is, ROBUST, "range", "Scans up to port 65535, and down to port 1",
      .needs = "finds_an_open_port")
{
    by_hand("nc -lk 65535 & ./portscan 127.0.0.1 65530 65535");
    tcp_listen(.port = 65535);
    expect_report(scan("127.0.0.1", 65530, 65535), "65535 open\n1 open, 0 filtered, 5 closed\n");
    expect_report(scan("127.0.0.1", 65535, 65535), "65535 open\n1 open, 0 filtered, 0 closed\n");
    expect_report(scan("127.0.0.1", 1, 3), "0 open, 0 filtered, 3 closed\n");
}

CHECK(scans_ipv6, ROBUST, "host", "Takes an IPv6 address", .needs = "finds_an_open_port")
{
    by_hand("nc -6lk 7000 & ./portscan ::1 7000 7002");
    int first = free_ports(3);
    tcp_listen(.host = "::1", .port = first + 1);
    tcp_listen(.host = "127.0.0.1", .port = first + 2);
    expect_report(scan("::1", first, first + 2),
                  format("%d open\n1 open, 0 filtered, 2 closed\n", first + 1));
}

CHECK(touches_each_port_once, ROBUST, "one-connection",
      "Opens one connection to a port, sends nothing, and closes it", .needs = "finds_an_open_port")
{
    enum { PORTS = 3 };
    int first = free_ports(PORTS);
    Listener *listeners[PORTS];
    const char *report = "";

    for (int i = 0; i < PORTS; i++) {
        listeners[i] = tcp_listen(.port = first + i);
        report = format("%s%d open\n", report, first + i);
    }
    expect_report(scan("127.0.0.1", first, first + PORTS - 1),
                  format("%s3 open, 0 filtered, 0 closed\n", report));
    for (int i = 0; i < PORTS; i++) {
        size_t n = connections_waiting(listeners[i]);
        claim(n == 1, "port %d sees one connection; it saw %zu", first + i, n);
        expect_silent_end(accept_conn(listeners[i]));
    }
}

CHECK(is_not_held_by_a_service, ROBUST, "one-connection",
      "Lets go of a port as soon as it is known to be open, whatever the service does",
      .needs = "tells_filtered_from_closed")
{
    by_hand("nc -lk 7000 & ./portscan 127.0.0.1 7000 7001        # ends at once, although nc says nothing");
    int first = free_ports(2);
    Listener *open = tcp_listen(.port = first), *slow = tcp_listen(.port = first + 1);
    fall_silent(slow);

    /* It is in the middle of its scan: what it found before must be closed by now. */
    Program *p = scan("127.0.0.1", first, first + 1);
    expect_knock(slow);
    expect_closed(accept_conn(open), .what = "the end of the connection, while another port is still asked");
    claim(knocks_waiting() > 0, "the open port is let go of before the scan is over; it was only at its end");
    expect_report(p, format("%d open\n%d filtered\n1 open, 1 filtered, 0 closed\n", first, first + 1));
}

CHECK(is_not_fooled_by_itself, ROBUST, "own-ports", "Does not take its own socket for an open port",
      .needs = "finds_an_open_port")
{
    /* TCP lets two sides open a connection at the same time, and a socket may be both of them: when the
     * kernel gives it as its own port the one that it connects to. Here the kernel has no other port to give.
     */
    by_hand("sudo sysctl net.ipv4.ip_local_port_range='40000 40000'; ./portscan 127.0.0.1 39998 40002");
    int first = free_ports(5);
    tcp_listen(.port = first + 3);
    set_local_ports(first + 2, first + 2);
    expect_report(scan("127.0.0.1", first, first + 4),
                  format("%d open\n1 open, 0 filtered, 4 closed\n", first + 3));
}

CHECK(gets_along_with_few_descriptors, ROBUST, "descriptors", "Scans 40 ports with 16 descriptors",
      .needs = "finds_an_open_port")
{
    enum { PORTS = 40, SLOW = 20 };
    by_hand("(ulimit -n %d; ./portscan 127.0.0.1 7000 7039)", FEW_DESCRIPTORS);
    int first = free_ports(PORTS);
    Listener *slow[SLOW];
    const char *report = "";

    for (int i = 0; i < SLOW; i++) {
        slow[i] = tcp_listen(.port = first + 2 * i);
        fall_silent(slow[i]);
        report = format("%s%d open\n", report, first + 2 * i);
    }
    Program *p =
        start_with((.open_files = FEW_DESCRIPTORS), "127.0.0.1", number(first), number(first + PORTS - 1));
    eventually(knocks_waiting() > 0, "the scan to begin");
    knocks_settled();
    for (int i = 0; i < SLOW; i++)
        answer_again(slow[i]);
    expect_report(p, format("%s%d open, 0 filtered, %d closed\n", report, SLOW, PORTS - SLOW));
}

CHECK(says_that_there_is_no_way, ROBUST, "unreachable",
      "Says that a host cannot be reached, with exit status 1", .needs = "finds_an_open_port")
{
    by_hand("unshare -rn ./portscan 192.0.2.1 7000 7010; echo $?");
    int port = free_ports(1);
    tcp_listen(.port = port);
    expect_report(scan("127.0.0.1", port, port), format("%d open\n1 open, 0 filtered, 0 closed\n", port));

    require_unreachable("192.0.2.1");
    Program *p = scan("192.0.2.1", 7000, 7010);
    expect_exit(p, 1, within(SCAN_MS));
    expect_stderr_message(p);
    expect_stdout_end(p);
}

CHECK(waits_without_spinning, ROBUST, "idle", "Uses no processor time while it waits for answers",
      .needs = "finds_an_open_port")
{
    int first = free_ports(4);
    Listener *slow[3];
    for (int i = 0; i < 3; i++)
        fall_silent(slow[i] = tcp_listen(.port = first + i));

    Program *p = scan("127.0.0.1", first, first + 3);
    expect_knock(slow[0]);
    double cpu_ms = cpu_ms_while_idle(p, IDLE_MS);
    note("%.0f ms of processor time in %d ms of waiting", cpu_ms, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms of waiting it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
          IDLE_CPU_MS, cpu_ms);
    for (int i = 0; i < 3; i++)
        answer_again(slow[i]);
    expect_report(
        p, format("%d open\n%d open\n%d open\n3 open, 0 filtered, 1 closed\n", first, first + 1, first + 2));
}

/* ---- Fast ---------------------------------------------------------------------------------------------- */

CHECK(waits_for_all_at_the_same_time, FAST, "side-by-side", "Waits for 300 silent ports at the same time",
      .needs = "tells_filtered_from_closed", .deadline_ms = 30000)
{
    enum { PORTS = 300 };
    int first = free_ports(PORTS);
    const char *report = "";

    for (int i = 0; i < PORTS; i++) {
        fall_silent(tcp_listen(.port = first + i));
        report = format("%s%d filtered\n", report, first + i);
    }
    Program *p = scan("127.0.0.1", first, first + PORTS - 1);
    eventually(knocks_waiting() > 0, "the scan to begin");
    size_t at_once = knocks_settled();
    claim(at_once >= AT_ONCE, "at least %d silent ports are asked at the same time; there were %zu", AT_ONCE,
          at_once);
    note("%zu ports were asked at the same time", at_once);
    expect_stdout(p, report, within(SIDE_BY_SIDE_MS), .what = "the report on 300 silent ports");
    expect_report(p, format("0 open, %d filtered, 0 closed\n", PORTS));
}

CHECK(scans_ten_thousand, FAST, "cost", "Scans 10,000 closed ports with little processor time",
      .needs = "finds_an_open_port", .deadline_ms = 30000)
{
    by_hand("time ./portscan 127.0.0.1 12000 21999");
    enum { LOWEST = 12000 }; /* below the ports that the kernel gives to connections */
    int open = random_between(LOWEST + 1, LOWEST + CLOSED - 2);
    tcp_listen(.port = open);
    Program *p = scan("127.0.0.1", LOWEST, LOWEST + CLOSED - 1);
    double used = 0;
    eventually(unread_stdout(p) > 0 || (used = cpu_ms_of(p)) > CLOSED_CPU_MS, "the end of the scan",
               within(20000));
    claim(used <= CLOSED_CPU_MS,
          "a scan of %d ports takes at most %d ms of processor time; it has used %.0f ms", CLOSED,
          CLOSED_CPU_MS, used);
    note("%.0f ms of processor time for %d ports", used, CLOSED);
    expect_report(p, format("%d open\n1 open, 0 filtered, %d closed\n", open, CLOSED - 1));
}
