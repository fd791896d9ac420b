/* What HTTP messages are made of, and what is expected of them. */
#include "base/buf.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/http.h"
#include "harness/mismatch.h"

#include <string.h>

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } known[] = {
        {100, "Continue"},
        {103, "Early Hints"},
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].status == status)
            return known[i].reason;
    return "Whatever";
}

static void add_chunks(struct buf *out, Bytes body, size_t chunk)
{
    size_t size = chunk ? chunk : body.size;

    for (size_t at = 0; at < body.size; at += size) {
        Bytes piece = slice(body, at, size);
        buf_printf(out, "%zx\r\n", piece.size);
        buf_add(out, piece.data, piece.size);
        buf_addstr(out, "\r\n");
    }
    buf_addstr(out, "0\r\n\r\n");
}

Bytes http_reply_bytes(const struct http_reply *r, bool answers_head, bool closing)
{
    int status = r->status ? r->status : 200;
    bool has_body = !answers_head && status >= 200 && status != 204 && status != 304;
    struct buf out = {0};

    if (r->nothing)
        return text("");
    if (r->raw.size > 0)
        return r->raw;
    buf_printf(&out, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
    if (r->fields)
        buf_addstr(&out, r->fields);
    if (r->framing == HTTP_BY_CHUNKS)
        buf_addstr(&out, "Transfer-Encoding: chunked\r\n");
    else if (r->framing == HTTP_BY_LENGTH && (has_body || answers_head))
        buf_printf(&out, "Content-Length: %zu\r\n", r->body.size);
    buf_printf(&out, "%s\r\n", closing ? "Connection: close\r\n" : "");
    if (has_body && r->framing == HTTP_BY_CHUNKS)
        add_chunks(&out, r->body, r->chunk);
    else if (has_body || r->framing == HTTP_UNFRAMED)
        buf_add(&out, r->body.data, r->body.size);
    return bytes(buf_str(&out), out.len);
}

/* ---- Expectations -------------------------------------------------------------------------------------- */

static const char *sender_of(const HttpMessage *m)
{
    return m->conn ? m->conn->peer_name : "the program";
}

static const char *noun(const HttpMessage *m)
{
    return m->method ? "request" : "response";
}

static _Noreturn void fail_about(const HttpMessage *m, const char *expectation, const char *observation)
{
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .conn = m->conn,
                           .program = m->conn ? m->conn->peer : NULL,
                           .expectation = expectation,
                           .observation = observation,
                           .compares = true,
                           .received = m->head});
}

void expect_field(const HttpMessage *m, const char *name, const char *value)
{
    const char *first = http_field(m, name), *second = http_nth_field(m, name, 1);
    const char *expectation = value ? format("the %s of %s has one field %s, and it says %s", noun(m),
                                             sender_of(m), name, quote(text(value)))
                                    : format("the %s of %s has no field %s", noun(m), sender_of(m), name);

    if (!value && first)
        fail_about(m, expectation, format("it has one, which says %s", quote(text(first))));
    if (value && !first)
        fail_about(m, expectation, "it has none");
    if (value && second)
        fail_about(m, expectation, format("it has several, and the second says %s", quote(text(second))));
    if (value && strcmp(first, value) != 0)
        fail_about(m, expectation, format("it says %s", quote(text(first))));
    if (value)
        step("the %s of %s says %s: %s", noun(m), sender_of(m), name, value);
    else
        step("the %s of %s has no field %s", noun(m), sender_of(m), name);
}

void expect_body(const HttpMessage *m, Bytes body)
{
    if (compare_bytes(m->body, body) < 0) {
        step("its body is %s", quote_sized(body));
        return;
    }
    fail(&(struct failing){
        .cause = CAUSE_WRONG,
        .expecting = EXPECTING_BODY,
        .conn = m->conn,
        .program = m->conn ? m->conn->peer : NULL,
        .expectation = format("the body of the %s of %s is %s", noun(m), sender_of(m), quote_sized(body)),
        .observation = compare_bytes(m->body, body) >= (int64_t)body.size
                           ? format("more came: %s", quote_sized(m->body))
                           : mismatch_words(body, m->body, NULL),
        .compares = true,
        .expected = body,
        .received = m->body});
}

void expect_request_line(const HttpMessage *m, const char *method, const char *target)
{
    if (m->method && strcmp(m->method, method) == 0 && strcmp(m->target, target) == 0)
        return; /* the request itself is a step already */
    fail_about(m, format("%s asks with %s for %s", sender_of(m), method, quote(text(target))),
               format("it asks with %s for %s", m->method ? m->method : "nothing",
                      quote(text(m->target ? m->target : ""))));
}
