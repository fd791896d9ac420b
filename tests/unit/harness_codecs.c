/* The codecs of the harness: what each takes, what it refuses and why. */
#include "harness/dnsmessage.h"
#include "harness/resp.h"
#include "harness/sha1.h"
#include "harness/syslog.h"
#include "harness/websocket.h"

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

/* ---- WebSocket ----------------------------------------------------------------------------------------- */

static void a_handshake_is_answered_as_in_the_rfc(void **state)
{
    (void)state;
    uint8_t digest[SHA1_SIZE];

    assert_string_equal(ws_accept_for("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    sha1(text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), digest);
    assert_memory_equal(digest,
                        "\x84\x98\x3e\x44\x1c\x3b\xd2\x6e\xba\xae\x4a\xa1\xf9\x51\x29\xe5\xe5\x46\x70\xf1",
                        SHA1_SIZE);
}

static void frames_are_read(void **state)
{
    (void)state;
    const char *wrong;
    size_t used;
    WsFrame f;
    const size_t sizes[] = {0, 125, 126, 65535, 65536};

    assert_int_equal(ws_parse(bytes("\x81\x05Hello\x89", 8), &f, &used, &wrong), WS_WHOLE);
    assert_int_equal(used, 7);
    assert_true(f.fin && f.opcode == WS_TEXT);
    assert_is(f.payload, "Hello");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Bytes b = ws_frame(WS_BINARY, numbered_lines(sizes[i]), .more = true, .unmasked = true);
        assert_int_equal(ws_parse(b, &f, &used, &wrong), WS_WHOLE);
        assert_int_equal(f.payload.size, sizes[i]);
        assert_false(f.fin);
        for (size_t cut = 0; cut < 12 && cut < b.size; cut++)
            assert_int_equal(ws_parse(slice(b, 0, cut), &f, &used, &wrong), WS_MORE);
    }
    assert_is(ws_frame(WS_CLOSE, ws_close_payload(1000, "bye"), .unmasked = true), "\x88\5\3\xe8"
                                                                                   "bye");
    assert_is(ws_frame(WS_TEXT, text("a"), .unmasked = true, .length_bytes = 2, .rsv = 4), "\xc1\x7e\0\1a");
    assert_is(ws_frame(WS_TEXT, text(""), .unmasked = true, .says_length = 1ull << 62),
              "\x81\x7f\x40\0\0\0\0\0\0\0");
}

static void frames_against_the_rfc_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *frame;
        size_t size;
        const char *reason;
    } bad[] = {
        {"\x81\x85\0\0\0\0Hello", 11, "it is masked"},
        {"\xc1\0", 2, "reserved bits are 4"},
        {"\x83\0", 2, "opcode is 0x3"},
        {"\x09\0", 2, "in fragments"},
        {"\x89\x7e\0\x7e", 4, "126 bytes, and 125"},
        {"\x81\x7e\0\x7d", 4, "fewer would do"},
        {"\x81\x7f\0\0\0\0\0\0\xff\xff", 10, "fewer would do"},
        {"\x81\x7f\xff\0\0\0\0\0\0\0", 10, "first bit of its length"},
        {"\x88\1\3", 3, "one byte, which is no code"},
    };
    const char *wrong;
    size_t used;
    WsFrame f;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ws_parse(bytes(bad[i].frame, bad[i].size), &f, &used, &wrong), WS_BAD);
        if (!strstr(wrong, bad[i].reason))
            fail_msg("%zu: %s", i, wrong);
    }
}

/* ---- Redis --------------------------------------------------------------------------------------------- */

static void redis_values_are_read(void **state)
{
    (void)state;
    static const char all[] =
        "*6\r\n+OK\r\n-ERR no\r\n:-9223372036854775808\r\n$4\r\na\r\nb\r\n$-1\r\n*1\r\n*-1\r\n";
    const char *wrong;
    size_t used;
    RespValue v;

    assert_int_equal(resp_parse(bytes(all, sizeof all - 1), &v, &used, &wrong), RESP_WHOLE);
    assert_int_equal(used, sizeof all - 1);
    assert_int_equal(v.n, 6);
    assert_is(v.items[1].text, "ERR no");
    assert_true(v.items[2].integer == INT64_MIN);
    assert_is(v.items[3].text, "a\r\nb");
    assert_true(v.items[4].null && v.items[5].items[0].null);
    for (size_t cut = 0; cut < sizeof all - 1; cut++)
        assert_int_equal(resp_parse(bytes(all, cut), &v, &used, &wrong), RESP_MORE);
    assert_is(resp_command("SET", "k", ""), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
}

static void what_is_no_redis_value_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *reason;
    } bad[] = {
        {"x", "begins with 'x'"},
        {"+OK\n", "LF alone"},
        {"+O\rK", "a CR is not followed"},
        {":1x\r\n", "\"1x\" is no number"},
        {":9223372036854775808\r\n", "is no number"},
        {"$-2\r\n", "out of range"},
        {"$99999999999\r\n", "out of range"},
        {"$2\r\nabc\r", "not followed by CR LF"},
        {"$\r\n", "is no number"},
    };
    const char *wrong;
    size_t used;
    RespValue v;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(resp_parse(text(bad[i].bytes), &v, &used, &wrong), RESP_BAD);
        if (!strstr(wrong, bad[i].reason))
            fail_msg("%s: %s", bad[i].bytes, wrong);
    }
    Bytes deep = text("");
    for (int i = 0; i < 100; i++)
        deep = join(deep, text("*1\r\n"));
    assert_int_equal(resp_parse(deep, &v, &used, &wrong), RESP_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_read),
        cmocka_unit_test(what_is_no_query_is_refused),
        cmocka_unit_test(a_reply_points_back_to_names),
        cmocka_unit_test(syslog_messages_are_read),
        cmocka_unit_test(other_bytes_are_no_syslog_message),
        cmocka_unit_test(a_handshake_is_answered_as_in_the_rfc),
        cmocka_unit_test(frames_are_read),
        cmocka_unit_test(frames_against_the_rfc_are_refused),
        cmocka_unit_test(redis_values_are_read),
        cmocka_unit_test(what_is_no_redis_value_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
