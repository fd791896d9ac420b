/* The parser of HTTP messages: what it takes, what it refuses and why, however the bytes are cut. */
#include "base/mem.h"
#include "harness/diagnose_http.h"
#include "harness/http.h"

#include <string.h>

#include "cmocka_all.h"

static struct http_parser parser;

static int start_over(void **state)
{
    (void)state;
    parser.responses = false;
    http_parser_reset(&parser);
    return 0;
}

static size_t feed(const char *s)
{
    return http_parser_feed(&parser, text(s));
}

static void assert_whole(void)
{
    if (parser.progress == HTTP_BAD)
        fail_msg("refused: %s", parser.wrong);
    assert_int_equal(parser.progress, HTTP_WHOLE);
}

static void assert_body(const char *expected)
{
    assert_whole();
    assert_int_equal(parser.message.body.size, strlen(expected));
    assert_memory_equal(parser.message.body.data, expected, strlen(expected));
}

static void assert_refused(bool response, const char *message, const char *reason)
{
    parser.responses = response;
    http_parser_reset(&parser);
    http_parser_feed(&parser, text(message));
    http_parser_end(&parser);
    if (parser.progress != HTTP_BAD)
        fail_msg("taken: %s", message);
    if (!strstr(parser.wrong, reason))
        fail_msg("refused with \"%s\" in place of \"%s\"", parser.wrong, reason);
}

static void a_request_is_taken_apart(void **state)
{
    (void)state;
    feed("GET /a?b=c HTTP/1.1\r\nHost: example.test:7000\r\nX-Empty:\r\nAccept:  a, b ;q=1 , C\t\r\n\r\n");
    assert_whole();
    const HttpMessage *m = &parser.message;
    assert_string_equal(m->method, "GET");
    assert_string_equal(m->target, "/a?b=c");
    assert_int_equal(m->minor, 1);
    assert_true(m->keeps);
    assert_int_equal(m->n_fields, 3);
    assert_string_equal(http_field(m, "host"), "example.test:7000");
    assert_string_equal(http_field(m, "X-EMPTY"), "");
    assert_string_equal(http_field(m, "accept"), "a, b ;q=1 , C");
    assert_null(http_field(m, "accep"));
    assert_true(http_lists(m, "Accept", "B"));
    assert_true(http_lists(m, "Accept", "c"));
    assert_false(http_lists(m, "Accept", "q"));
    assert_int_equal(m->body.size, 0);
}

static void what_follows_a_message_is_left_for_the_next(void **state)
{
    (void)state;
    const char *two = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n";
    size_t n = feed(two);
    assert_body("abc");
    http_parser_reset(&parser);
    feed(two + n);
    assert_whole();
    assert_string_equal(parser.message.method, "GET");
    assert_false(parser.message.keeps);
}

static void how_the_bytes_are_cut_does_not_matter(void **state)
{
    (void)state;
    const char *whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
                        "00A;x=y\r\n0123456789\r\n2 \r\nab\r\n0\r\nTrailer: t\r\n\r\n";
    size_t size = strlen(whole);
    for (size_t cut = 0; cut <= size; cut++) {
        parser.responses = true;
        http_parser_reset(&parser);
        http_parser_feed(&parser, bytes(whole, cut));
        assert_int_equal(parser.progress, cut == size ? HTTP_WHOLE : HTTP_MORE);
        http_parser_feed(&parser, bytes(whole + cut, size - cut));
        assert_body("0123456789ab");
    }
    http_parser_reset(&parser);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(http_parser_feed(&parser, bytes(whole + i, 1)), 1);
    assert_body("0123456789ab");
    assert_true(parser.message.chunked);
}

static void a_response_without_a_length_ends_with_the_connection(void **state)
{
    (void)state;
    parser.responses = true;
    feed("HTTP/1.1 200 OK\r\n\r\nto the ");
    assert_int_equal(parser.progress, HTTP_MORE);
    feed("end");
    http_parser_end(&parser);
    assert_body("to the end");
}

static void some_responses_have_no_body(void **state)
{
    static const char *const heads[] = {
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
    };
    (void)state;
    parser.responses = true;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        http_parser_reset(&parser);
        feed(heads[i]);
        assert_body("");
    }
    http_parser_reset(&parser);
    parser.answers_head = true;
    feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    assert_body("");
}

static void a_malformed_request_is_refused_with_a_reason(void **state)
{
    (void)state;
    assert_refused(false, "GET / HTTP/1.1\nHost: a\n\n", "line 1 ends in LF alone");
    assert_refused(false, "GET / HTTP/1.1\r\nHost: a\n\r\n", "line 2 ends in LF alone");
    assert_refused(false, "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "line 2 holds a CR");
    assert_refused(false, "\r\nGET / HTTP/1.1\r\n\r\n", "empty line");
    assert_refused(false, "GET / HTTP/1.1\r\n X: y\r\n\r\n", "line 2 begins with white space");
    assert_refused(false, "GET / HTTP/1.1\r\nX: \x01\r\n\r\n", "control character 0x01");
    assert_refused(false, "GET  / HTTP/1.1\r\n\r\n", "the first line is not");
    assert_refused(false, "GET /a b HTTP/1.1\r\n\r\n", "the first line is not");
    assert_refused(false, "GET /\r\n\r\n", "the first line is not");
    assert_refused(false, "get / HTTP/1.1\r\n\r\n", "the method");
    assert_refused(false, "GET / HTTP/2.0\r\n\r\n", "does not end in HTTP/1.1");
    assert_refused(false, "GET /\xe9 HTTP/1.1\r\n\r\n", "the target holds a byte");
    assert_refused(false, "GET / HTTP/1.1\r\nHost\r\n\r\n", "no name with a colon");
    assert_refused(false, "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "white space");
    assert_refused(false, "GET / HTTP/1.1\r\nHost: a\r\n", "ended before the empty line");
    assert_refused(false, "", "ended before the empty line");
}

static void a_doubtful_length_is_refused(void **state)
{
    (void)state;
    assert_refused(false, "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na", "not a number");
    assert_refused(false, "POST / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\na", "not a number");
    assert_refused(false, "POST / HTTP/1.1\r\nContent-Length:\r\n\r\na", "not a number");
    assert_refused(false, "POST / HTTP/1.1\r\nContent-Length: 18446744073709551617\r\n\r\na", "larger");
    assert_refused(false, "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", "differ");
    assert_refused(false, "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na", "in the middle of the body");
    assert_refused(true, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                   "both");
    assert_refused(true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "something else than chunked");
}

static void a_malformed_chunk_is_refused(void **state)
{
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    (void)state;
    assert_refused(true, CHUNKED "x\r\n", "hexadecimal");
    assert_refused(true, CHUNKED "\r\n", "hexadecimal");
    assert_refused(true, CHUNKED "-1\r\n", "hexadecimal");
    assert_refused(true, CHUNKED "1x\r\n", "hexadecimal");
    assert_refused(true, CHUNKED "10000000000000001\r\na\r\n", "larger");
    assert_refused(true, CHUNKED "1\na\r\n", "LF alone");
    assert_refused(true, CHUNKED "1\r\nab\r\n", "do not agree");
    assert_refused(true, CHUNKED "1\r\na\r\n", "in the middle of the body");
    assert_refused(true, CHUNKED "1\r\na\r\n0\r\n", "in the middle of the body");
}

static void a_malformed_status_line_is_refused(void **state)
{
    (void)state;
    assert_refused(true, "HTTP/1.1 20 OK\r\n\r\n", "three digits");
    assert_refused(true, "HTTP/1.1 2000 OK\r\n\r\n", "three digits");
    assert_refused(true, "HTTP/1.1 099 OK\r\n\r\n", "three digits");
    assert_refused(true, "HTTP 200 OK\r\n\r\n", "HTTP/1.1");
    assert_refused(true, "220 ready\r\n\r\n", "HTTP/1.1");
}

static void a_head_has_a_limit(void **state)
{
    (void)state;
    feed("GET / HTTP/1.1\r\n");
    for (int i = 0; i < HTTP_HEAD_MAX / 8 + 1; i++)
        feed("X: 123\r\n");
    assert_int_equal(parser.progress, HTTP_BAD);
    assert_non_null(strstr(parser.wrong, "longer than"));
}

static void replies_are_built_as_they_are_framed(void **state)
{
    (void)state;
    struct http_reply r = {.status = 404, .body = text("gone\n"), .fields = "X: y\r\n"};
    Bytes b = http_reply_bytes(&r, false, true);
    assert_string_equal((const char *)b.data, "HTTP/1.1 404 Not Found\r\nX: y\r\nContent-Length: 5\r\n"
                                              "Connection: close\r\n\r\ngone\n");
    r = (struct http_reply){.body = text("0123456789ab"), .framing = HTTP_BY_CHUNKS, .chunk = 10};
    b = http_reply_bytes(&r, false, false);
    assert_string_equal((const char *)b.data, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                              "a\r\n0123456789\r\n2\r\nab\r\n0\r\n\r\n");
    b = http_reply_bytes(&r, true, false);
    assert_string_equal((const char *)b.data, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    r = (struct http_reply){.status = 204, .body = text("none")};
    b = http_reply_bytes(&r, false, false);
    assert_string_equal((const char *)b.data, "HTTP/1.1 204 No Content\r\n\r\n");
}

/* ---- Diagnoses ----------------------------------------------------------------------------------------- */

static struct symptoms seen(enum expecting expecting, enum cause cause, const char *expected,
                            const char *received)
{
    struct symptoms s = {.expecting = expecting,
                         .cause = cause,
                         .compares = true,
                         .expected = text(expected),
                         .received = text(received),
                         .difference = -1,
                         .program = "./httpclient",
                         .doing = {.fd = -1}};
    size_t at = 0;

    while (expected[at] && expected[at] == received[at])
        at++;
    if (*received)
        s.difference = (int64_t)at;
    return s;
}

static void assert_diagnosed(struct symptoms s, const char *piece)
{
    struct diagnosis d = {0};

    if (!diagnose_http(&s, &d))
        fail_msg("no diagnosis, and not \"%s\"", piece);
    if (!strstr(d.text, piece))
        fail_msg("\"%s\" lacks \"%s\"", d.text, piece);
}

static void what_was_misunderstood_of_http_is_explained(void **state)
{
    (void)state;
    struct symptoms waits = seen(EXPECTING_EXIT, CAUSE_TIMEOUT, "", "");
    struct diagnosis d;
    assert_false(diagnose_http(&waits, &d));
    waits.answered = "conn#1";
    assert_diagnosed(waits, "A whole response has come on conn#1");
    waits.expecting = EXPECTING_STDOUT;
    assert_diagnosed(waits, "its end tells nothing");

    assert_diagnosed(seen(EXPECTING_STDOUT, CAUSE_WRONG, "hello", "HTTP/1.1 200 OK\r\n"),
                     "head of the response");
    assert_diagnosed(seen(EXPECTING_STDOUT, CAUSE_WRONG, "hello", "5\r\nhello\r\n"), "chunked coding");
    assert_diagnosed(seen(EXPECTING_STDOUT, CAUSE_WRONG, "hello and so on", "hello\r\na\r\n and"),
                     "chunked coding");
    assert_diagnosed(seen(EXPECTING_REQUEST, CAUSE_WRONG, "", "GET / HTTP/1.1\n"), "CR LF");
    assert_diagnosed(seen(EXPECTING_REQUEST, CAUSE_TIMEOUT, "", "GET / HTTP/1.1\r\n"), "an empty one");

    struct symptoms other = seen(EXPECTING_STDOUT, CAUSE_WRONG, "hello", "5 hello");
    assert_false(diagnose_http(&other, &d));
    other = seen(EXPECTING_STDOUT, CAUSE_WRONG, "HTTP/1.1 is here", "HTTP/1.1 is there");
    assert_false(diagnose_http(&other, &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_request_is_taken_apart, start_over),
        cmocka_unit_test_setup(what_follows_a_message_is_left_for_the_next, start_over),
        cmocka_unit_test_setup(how_the_bytes_are_cut_does_not_matter, start_over),
        cmocka_unit_test_setup(a_response_without_a_length_ends_with_the_connection, start_over),
        cmocka_unit_test_setup(some_responses_have_no_body, start_over),
        cmocka_unit_test_setup(a_malformed_request_is_refused_with_a_reason, start_over),
        cmocka_unit_test_setup(a_doubtful_length_is_refused, start_over),
        cmocka_unit_test_setup(a_malformed_chunk_is_refused, start_over),
        cmocka_unit_test_setup(a_malformed_status_line_is_refused, start_over),
        cmocka_unit_test_setup(a_head_has_a_limit, start_over),
        cmocka_unit_test(what_was_misunderstood_of_http_is_explained),
        cmocka_unit_test_setup(replies_are_built_as_they_are_framed, start_over),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    start_over(NULL);
    return failed;
}
