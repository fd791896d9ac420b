/* Tiny checks with a DNS server and a /dev/log, and the programs that break them: wire.c runs them. */
#include "harness/check.h"
#include "harness/dns.h"
#include "harness/resp.h"
#include "harness/syslog.h"
#include "harness/websocket.h"

#include <string.h>

CHALLENGE("wire");

CHECK(names_are_resolved, CORE, "dns", "Several addresses behind an alias")
{
    DnsServer *dns = dns_server();
    dns_answer(dns, "www.test", "A",
               .answers = DNS_RECORDS("www.test CNAME host.test", "host.test 5 A 192.0.2.1",
                                      "host.test A 192.0.2.2"));
    Program *p = start("resolve", "www.test");

    expect_exit(p, 0);
    expect_stdout(p, "192.0.2.1\n192.0.2.2\n");
    claim(dns_queries(dns) == 1 && dns_query_at(dns, 0)->query.type == DNS_A, "one query for A");
}

CHECK(names_over_tcp, CORE, "dns", "What does not fit into a datagram is asked for over TCP")
{
    DnsServer *dns = dns_server();
    dns_answer(dns, "www.test", "*", .answers = DNS_RECORDS("www.test A 192.0.2.7"), .truncated_udp = true,
               .piece = 1);
    Program *p = start("resolve", "www.test");

    expect_exit(p, 0);
    expect_stdout(p, "192.0.2.7\n");
    claim(dns_queries_over_tcp(dns) == 1, "one query over TCP");
}

CHECK(names_despite_deception, ROBUST, "dns", "Only the right answer is taken")
{
    DnsServer *dns = dns_server();
    dns_answer(dns, "www.test", "A", .answers = DNS_RECORDS("www.test A 192.0.2.7"), .wrong_id = true,
               .wrong_source = true, .wrong_question = true);
    Program *p = start("resolve", "www.test");

    expect_exit(p, 0);
    expect_stdout(p, "192.0.2.7\n");
}

CHECK(names_are_unknown, CORE, "dns", "NXDOMAIN, no data, and a query answered by hand")
{
    DnsServer *dns = dns_server();
    dns_answer(dns, "*", "*", .rcode = DNS_NXDOMAIN);
    dns_answer(dns, "six.test", "AAAA", .answers = DNS_RECORDS("six.test AAAA 2001:db8::1"));
    expect_exit(start("resolve", "no.test"), 1);
    expect_exit(start("resolve", "six.test"), 1);

    DnsServer *second = dns_server(.host = "127.0.0.2", .name = "the second");
    Program *p = start("resolve", "by.hand.test");
    DnsQuestion *q = accept_query(second);
    claim(strcmp(q->query.name, "by.hand.test") == 0, "it asks for what it was told");
    answer_query(second, q, .raw = bytes("\300\014\0\1\0\1\0\0\0\74\0\4\300\0\2\11", 16), .raw_answers = 1);
    expect_stdout(p, "192.0.2.9\n");
    expect_exit(p, 0);
}

CHECK(names_trusting, ROBUST, "dns", "fails: takes what comes first")
{
    DnsServer *dns = dns_server();
    dns_answer(dns, "www.test", "A", .answers = DNS_RECORDS("www.test A 192.0.2.7"), .wrong_id = true);
    expect_stdout(start("trusting"), "192.0.2.7\n");
}

CHECK(names_careless, CORE, "dns", "fails: a query that is cut")
{
    DnsServer *dns = dns_server();
    start("careless");
    accept_query(dns);
}

CHECK(names_unasked, CORE, "dns", "fails: nobody asks")
{
    DnsServer *dns = dns_server();
    start("log-wrongly");
    accept_query(dns);
}

CHECK(log_arrives, CORE, "log", "syslog(3) writes what is expected")
{
    DatagramSocket *log = dev_log();
    Program *p = start("log", "100% of it");
    SyslogMessage m = receive_syslog(log, SYSLOG_LOCAL);

    claim(m.facility == 1 && m.severity == 5, "user.notice: %d.%d", m.facility, m.severity);
    claim(strcmp(m.app, "wire") == 0 && strcmp(m.pid, format("%d", pid_of(p))) == 0, "%s[%s]", m.app, m.pid);
    claim(m.text.size == 10 && memcmp(m.text.data, "100% of it", 10) == 0, "the text is what it was told");
}

CHECK(log_is_wrong, CORE, "log", "fails: no time")
{
    DatagramSocket *log = dev_log();
    start("log-wrongly", "<13>hello");
    receive_syslog(log, SYSLOG_LOCAL);
}

CHECK(web_socket_talks, CORE, "websocket", "A handshake, a message, the end")
{
    start("web-socket", "well");
    Conn *c = ws_connect("7000");

    expect_ws(c, WS_TEXT, text("hi"));
    expect_ws_close(c, 1000);
}

CHECK(web_socket_lies, CORE, "websocket", "fails: another Sec-WebSocket-Accept")
{
    start("web-socket", "liar");
    ws_connect("7000");
}

CHECK(web_socket_masks, CORE, "websocket", "fails: a server that masks")
{
    start("web-socket", "mask");
    expect_ws(ws_connect("7000"), WS_TEXT, text("hi"));
}

CHECK(web_socket_code, CORE, "websocket", "fails: another code")
{
    start("web-socket", "well");
    Conn *c = ws_connect("7000");

    expect_ws(c, WS_TEXT, text("hi"));
    expect_ws_close(c, 1002);
}

CHECK(redis_values, CORE, "redis", "fails: two values, then what is none")
{
    start("redis");
    Conn *c = tcp_connect("7000");

    claim(receive_resp(c).type == RESP_SIMPLE, "a simple string");
    RespValue v = receive_resp(c);
    claim(v.n == 1 && v.items[0].integer == 7, "an array with the number 7");
    receive_resp(c);
}
