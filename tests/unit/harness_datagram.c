/* The parts of the language of datagrams that need no socket: the kernel's table, what differs, and why. */
#include "base/mem.h"
#include "harness/datagram.h"
#include "harness/diagnose.h"
#include "harness/udptable.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"

/* A line as the kernel writes it: the address as the words of memory that hold it. */
static const char *table_line(int family, const char *address, unsigned port)
{
    uint32_t words[4] = {0};
    char hex[33] = "";

    assert_int_equal(inet_pton(family, address, words), 1);
    for (int i = 0; i < (family == AF_INET6 ? 4 : 1); i++)
        snprintf(hex + strlen(hex), sizeof hex - strlen(hex), "%08X", words[i]);
    return format("  354: %s:%04X %s:0000 07 00000000:00000300 00:00000000 00000000   100        0 21518 2 "
                  "0000000000000000 17\n",
                  hex, port, family == AF_INET6 ? "00000000000000000000000000000000" : "00000000");
}

static void a_line_of_the_kernels_table_is_read(void **state)
{
    struct udp_info info;
    struct endpoint wanted = {.port = 7000};

    (void)state;
    assert_true(udptable_parse(table_line(AF_INET, "127.0.0.2", 7000), &info));
    assert_int_equal(inet_pton(AF_INET6, "::ffff:127.0.0.2", &wanted.address), 1);
    assert_true(endpoint_same(&info.local, &wanted));
    assert_int_equal(info.remote.port, 0);
    assert_int_equal(info.receive_queue, 0x300);
    assert_int_equal(info.inode, 21518);
    assert_false(info.v6);

    assert_true(udptable_parse(table_line(AF_INET6, "fe80::1:2", 7000), &info));
    assert_int_equal(inet_pton(AF_INET6, "fe80::1:2", &wanted.address), 1);
    assert_true(endpoint_same(&info.local, &wanted));
    assert_true(info.v6);
}

static void what_is_no_line_of_the_table_is_passed_over(void **state)
{
    static const char *const lines[] = {
        "",
        "\n",
        "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
        "  354: 0100007F:1B58",
        "  1: 0100007:1B58 00000000:0000 07 0:0 00:0 0   100        0 21518 2 0 0",
    };
    struct udp_info info;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_false(udptable_parse(lines[i], &info));
}

static void differences_of_datagrams_are_put_into_words(void **state)
{
    const char *longer = "0123456789012345678901234567890123456789 and more";

    (void)state;
    assert_null(datagram_difference(text("same"), text("same")));
    assert_null(datagram_difference(text(""), text("")));
    assert_string_equal(datagram_difference(text("something"), text("")), "an empty datagram came");
    assert_string_equal(datagram_difference(text("hello"), text("hell")),
                        "only the first 4 bytes of 5 bytes came");
    assert_string_equal(datagram_difference(text("hello"), text("hello you")),
                        "9 bytes came: what was expected, and 4 bytes \" you\" after it");
    assert_string_equal(datagram_difference(text(""), text("x")),
                        "1 byte came: what should be empty, and 1 byte \"x\" "
                        "after it");
    assert_string_equal(datagram_difference(text("hello"), text("jello")), "5 bytes \"jello\" came");
    assert_string_equal(
        datagram_difference(text(longer), join(slice(text(longer), 0, 40), text("?"))),
        "41 bytes came; the first 40 bytes are right, then comes '?' (0x3f) instead of ' ' (0x20)");
}

static const char *diagnosed(Bytes expected, Bytes came, bool compares, bool ended)
{
    struct symptoms s = {.expecting = EXPECTING_DATAGRAM,
                         .cause = CAUSE_WRONG,
                         .expected = expected,
                         .received = came,
                         .compares = compares,
                         .difference = -1,
                         .program = "./udpserver",
                         .ended = ended,
                         .zombies = -1,
                         .complaints = "",
                         .doing = {.fd = -1}};
    struct diagnosis d = {.text = ""};
    size_t at = 0;

    while (at < expected.size && at < came.size && expected.data[at] == came.data[at])
        at++;
    if (came.size > 0)
        s.difference = (int64_t)at;
    diagnose(&s, &d);
    return d.text;
}

static void a_connected_server_is_known(void **state)
{
    struct symptoms s = {
        .expecting = EXPECTING_DATAGRAM,
        .cause = CAUSE_TIMEOUT,
        .compares = true,
        .expected = text("hello"),
        .difference = -1,
        .program = "./udpserver",
        .zombies = -1,
        .complaints = "",
        .doing = {.words = "blocked in recvfrom(3), the UDP socket on 127.0.0.1:7000, connected to "
                           "127.0.0.1:40000",
                  .fd = 3}};
    struct diagnosis d = {.text = ""};

    (void)state;
    assert_true(diagnose(&s, &d));
    assert_non_null(strstr(d.text, "fixes its peer"));
    s.doing.words = "blocked in recvfrom(3), the UDP socket on 0.0.0.0:7000";
    assert_false(diagnose(&s, &d));
    s.doing.words = "blocked in recvfrom(3), the UDP socket on 127.0.0.1:7000";
    s.asked = "127.0.0.1:7000";
    assert_false(diagnose(&s, &d));
    s.asked = "127.0.0.2:7000";
    assert_true(diagnose(&s, &d));
    assert_non_null(strstr(d.text, "INADDR_ANY"));
}

static void usual_mistakes_with_datagrams_are_known(void **state)
{
    (void)state;
    assert_non_null(strstr(diagnosed(text(""), text(""), false, false), "IP_PKTINFO"));
    assert_non_null(strstr(diagnosed(text(""), text(""), true, true), "no connection and so no end of file"));
    assert_non_null(strstr(diagnosed(bytes("a\0b", 3), text("a"), true, false), "first byte 0, at offset 1"));
    assert_non_null(strstr(diagnosed(text("hello"), text("hel"), true, false), "throws the rest away"));
    assert_non_null(
        strstr(diagnosed(text("hello"), text("hello you"), true, false), "left from an earlier one"));
    assert_string_equal(diagnosed(text("hello"), text("jello"), true, false), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_the_kernels_table_is_read),
        cmocka_unit_test(what_is_no_line_of_the_table_is_passed_over),
        cmocka_unit_test(differences_of_datagrams_are_put_into_words),
        cmocka_unit_test(a_connected_server_is_known),
        cmocka_unit_test(usual_mistakes_with_datagrams_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
