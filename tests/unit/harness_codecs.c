/* The codecs of the harness: what each takes, what it refuses and why. */
#include "harness/dnsmessage.h"
#include "harness/syslog.h"

#include <string.h>

#include "cmocka_all.h"

static void assert_bytes(Bytes b, const void *expected, size_t size)
{
    assert_int_equal(b.size, size);
    assert_memory_equal(b.data, expected, size);
}
#define assert_is(b, literal) assert_bytes(b, literal, sizeof(literal) - 1)

/* ---- DNS ----------------------------------------------------------------------------------------------- */

#define HEAD     "\x12\x34\x01\x00\0\1\0\0\0\0\0\0"
#define QUESTION "\3Www\4test\0\0\1\0\1"

static void a_query_is_read(void **state)
{
    (void)state;
    struct dns_query q;

    assert_null(dns_parse_query(bytes(HEAD QUESTION, 26), &q));
    assert_int_equal(q.id, 0x1234);
    assert_true(q.recursion_desired);
    assert_string_equal(q.name, "Www.test");
    assert_int_equal(q.type, DNS_A);
    assert_is(q.question, QUESTION);
    assert_null(
        dns_parse_query(bytes("\0\0\0\0\0\1\0\0\0\0\0\1\2a.\0\0\34\0\1\0\0\51\4\320\0\0\0\0\0\0", 31), &q));
    assert_string_equal(q.name, "a\\046");
    assert_int_equal(q.type, DNS_AAAA);
    assert_int_equal(q.udp_size, 1232);
}

static void what_is_no_query_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        size_t size;
        const char *reason;
    } wrong[] = {
        {"", 0, "ends in the middle, after 0 bytes"},
        {HEAD "\3www", 16, "ends in the middle"},
        {"\x12\x34\x81\x00\0\1\0\0\0\0\0\0" QUESTION, 26, "QR is 1"},
        {"\x12\x34\x08\x00\0\1\0\0\0\0\0\0" QUESTION, 26, "OPCODE is 1"},
        {"\x12\x34\x01\x80\0\1\0\0\0\0\0\0" QUESTION, 26, "the flags are 0x0180"},
        {"\x12\x34\x01\x00\1\0\0\0\0\0\0\0" QUESTION, 26, "counts 256 questions instead of 1"},
        {"\x12\x34\x01\x00\0\1\0\1\0\0\0\0" QUESTION, 26, "counts 1 answers instead of 0"},
        {HEAD "\xc0\x0c\0\1\0\1", 18, "the byte 0xc0"},
        {HEAD "\3www\4test\0\0\1\0\3", 26, "the class is 3"},
        {HEAD QUESTION "x", 27, "1 bytes follow"},
    };
    struct dns_query q;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *why = dns_parse_query(bytes(wrong[i].message, wrong[i].size), &q);
        if (!why || !strstr(why, wrong[i].reason))
            fail_msg("%zu: %s instead of %s", i, why ? why : "taken", wrong[i].reason);
    }
}

static void a_reply_points_back_to_names(void **state)
{
    (void)state;
    struct dns_query q;
    const char *const answers[] = {"www.test CNAME host.test", "host.test 7 A 192.0.2.1",
                                   "test MX 10 mail.test", "test TXT hi", NULL};

    assert_null(dns_parse_query(bytes(HEAD "\3www\4test\0\0\1\0\1", 26), &q));
    assert_is(dns_reply_bytes(&q, &(struct dns_reply){.answers = answers}),
              "\x12\x34\x81\x80\0\1\0\4\0\0\0\0\3www\4test\0\0\1\0\1"
              "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\7\4host\xc0\x10"
              "\xc0\x26\0\1\0\1\0\0\0\7\0\4\xc0\0\2\1"
              "\xc0\x10\0\xf\0\1\0\0\0\x3c\0\11\0\xa\4mail\xc0\x10"
              "\xc0\x10\0\x10\0\1\0\0\0\x3c\0\3\2hi");
    assert_is(
        dns_reply_bytes(&q, &(struct dns_reply){.rcode = DNS_NXDOMAIN, .truncated = true, .id_off_by = 1}),
        "\x12\x35\x83\x83\0\1\0\0\0\0\0\0\3www\4test\0\0\1\0\1");
    assert_is(dns_name_bytes("a.b"), "\1a\1b\0");
}

/* ---- Syslog -------------------------------------------------------------------------------------------- */

static void syslog_messages_are_read(void **state)
{
    (void)state;
    SyslogMessage m;

    assert_null(syslog_parse(
        text(
            "<165>1 2026-11-06T09:05:01.003+01:00 host app 7 ID47 [x@1 a=\"b\\]\" c=\"\"][y] \xef\xbb\xbfhi"),
        SYSLOG_5424, &m));
    assert_int_equal(m.facility, 20);
    assert_int_equal(m.severity, 5);
    assert_string_equal(m.host, "host");
    assert_string_equal(m.data, "[x@1 a=\"b\\]\" c=\"\"][y]");
    assert_is(m.text, "hi");
    assert_null(syslog_parse(text("<0>1 - - - - - -"), SYSLOG_5424, &m));
    assert_string_equal(m.app, "");
    assert_int_equal(m.text.size, 0);
    assert_null(syslog_parse(text("<34>Oct 11 22:14:15 mymachine su: 'su root' failed"), SYSLOG_3164, &m));
    assert_string_equal(m.host, "mymachine");
    assert_string_equal(m.app, "su");
    assert_null(syslog_parse(text("<13>Nov  6 09:05:01 tag[42]: x: y"), SYSLOG_LOCAL, &m));
    assert_string_equal(m.pid, "42");
    assert_is(m.text, "x: y");
}

static void other_bytes_are_no_syslog_message(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        enum syslog_kind kind;
        const char *reason;
    } wrong[] = {
        {"", SYSLOG_5424, "it is empty"},
        {"hello", SYSLOG_5424, "begins with its priority"},
        {"<192>1 - - - - - -", SYSLOG_5424, "no number from 0 to 191"},
        {"<013>1 - - - - - -", SYSLOG_5424, "no number from 0 to 191"},
        {"<13>2 - - - - - -", SYSLOG_5424, "version"},
        {"<13>1 2026-11-6T09:05:01Z - - - - -", SYSLOG_5424, "the time is not like"},
        {"<13>1 2026-11-06T09:05:01.1234567Z - - - - -", SYSLOG_5424, "the time is not like"},
        {"<13>1 - - - - - [x a=\"]\"]", SYSLOG_5424, "is not escaped"},
        {"<13>1 - - - - - [x a=\"b\"", SYSLOG_5424, "does not end with \"]\""},
        {"<13>1 - - - - -", SYSLOG_5424, "the structured data are missing"},
        {"<13>1 - - - - - -x", SYSLOG_5424, "followed by a space"},
        {"<13>Nov 6 09:05:01 host tag: x", SYSLOG_3164, "the time is not like"},
        {"<13>nov  6 09:05:01 host tag: x", SYSLOG_3164, "the time is not like"},
        {"<13>Nov  6 09:05:01 tag[4: x", SYSLOG_LOCAL, "does not end with \"]\""},
        {"<13>Nov  6 09:05:01 : x", SYSLOG_LOCAL, "the tag is missing"},
    };
    SyslogMessage m;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *why = syslog_parse(text(wrong[i].message), wrong[i].kind, &m);
        if (!why || !strstr(why, wrong[i].reason))
            fail_msg("%s: %s", wrong[i].message, why ? why : "taken");
    }
    assert_is(syslog_counted(text("hi you")), "6 hi you");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_read),
        cmocka_unit_test(what_is_no_query_is_refused),
        cmocka_unit_test(a_reply_points_back_to_names),
        cmocka_unit_test(syslog_messages_are_read),
        cmocka_unit_test(other_bytes_are_no_syslog_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
