/* The client's side of http.h: requests to a program, and its responses. */
#include "base/buf.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/http.h"

#include <string.h>

/* What was asked on a connection and is not answered yet: whether it was HEAD decides how the answer ends. */
struct asked {
    struct asked *next;
    bool head;
};

static void remember(Conn *c, const char *method)
{
    struct asked *a = xcalloc(1, sizeof *a), **last = (struct asked **)&c->owner;

    a->head = strcmp(method, "HEAD") == 0;
    while (*last)
        last = &(*last)->next;
    *last = a;
}

void http_send_(Conn *c, const char *target, const struct http_ask *a)
{
    const char *method = a->method ? a->method : "GET", *host = a->host;
    struct buf out = {0};

    if (!host)
        host = endpoint_words(&c->remote);
    buf_printf(&out, "%s %s HTTP/1.1\r\n", method, target);
    if (*host)
        buf_printf(&out, "Host: %s\r\n", host);
    if (a->fields)
        buf_addstr(&out, a->fields);
    if (a->close)
        buf_addstr(&out, "Connection: close\r\n");
    if (a->chunked)
        buf_printf(&out, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", a->body.size);
    else if (a->body.size > 0)
        buf_printf(&out, "Content-Length: %zu\r\n\r\n", a->body.size);
    else
        buf_addstr(&out, "\r\n");
    buf_add(&out, a->body.data, a->body.size);
    if (a->chunked)
        buf_addstr(&out, a->body.size > 0 ? "\r\n0\r\n\r\n" : "\r\n");
    remember(c, method);
    send_bytes(c, bytes(buf_str(&out), out.len));
}

static _Noreturn void no_response(Conn *c, struct http_parser *p, const char *expectation,
                                  const char *observation, const struct wait *w)
{
    failure_settle();
    fail(&(struct failing){.cause = w ? CAUSE_TIMEOUT : CAUSE_WRONG,
                           .expecting = EXPECTING_RESPONSE,
                           .conn = c,
                           .program = c->peer,
                           .expectation = expectation,
                           .observation = observation,
                           .compares = p->head.len > 0,
                           .received = bytes(buf_str(&p->head), p->head.len),
                           .wait = w});
}

static const char *what_came(const struct http_parser *p)
{
    if (p->head.len == 0)
        return "nothing came";
    if (p->stage == HTTP_HEAD)
        return format("%s came, but no empty line that ends its head", count_bytes(p->head.len));
    return format("its head and %s of its body came, and its end did not", count_bytes(p->body.len));
}

HttpMessage *receive_response_(Conn *c, int status, const struct wait_options *o)
{
    struct wait w = wait_start(o, "an HTTP response", format("on %s", c->name));
    struct http_parser *p = xcalloc(1, sizeof *p);
    struct asked *asked = c->owner;
    const char *expectation =
        status ? format("%s sends an HTTP response with the status %d to %s", c->peer_name, status, c->name)
               : format("%s sends an HTTP response to %s", c->peer_name, c->name);

    p->responses = true;
    p->answers_head = asked && asked->head;
    while (p->progress == HTTP_MORE) {
        Bytes unread = inbox_unread(&c->in);
        if (unread.size > 0)
            inbox_take(&c->in, http_parser_feed(p, unread));
        else if (c->in.ended && (c->in.error || p->head.len == 0))
            no_response(c, p, expectation, format("%s, %s", what_came(p), conn_end_words(c)), NULL);
        else if (c->in.ended)
            http_parser_end(p);
        else if (!wait_more(&w))
            no_response(c, p, expectation, what_came(p), &w);
    }
    if (p->progress == HTTP_BAD)
        no_response(c, p, expectation, format("what came is no response: %s", p->wrong), NULL);
    HttpMessage *m = &p->message;
    m->conn = c;
    if (asked && m->status >= 200)
        c->owner = asked->next;
    step("%s → %s  %d %s, %s of body", c->peer_name, c->name, m->status, m->reason,
         count_bytes(m->body.size));
    if (status && m->status != status)
        no_response(c, p, expectation, format("it has the status %d", m->status), NULL);
    return m;
}

void expect_cut_response_(Conn *c, int status, const struct wait_options *o)
{
    struct wait w = wait_start(o, "the end of the connection", format("%s", c->name));
    struct http_parser *p = xcalloc(1, sizeof *p);
    const char *expectation =
        format("%s begins a response with the status %d to %s, and ends the connection before it is complete",
               c->peer_name, status, c->name);

    p->responses = true;
    for (;;) {
        Bytes unread = inbox_unread(&c->in);
        if (unread.size > 0)
            inbox_take(&c->in, http_parser_feed(p, unread));
        if (p->progress == HTTP_WHOLE)
            no_response(c, p, expectation, "the response is complete", NULL);
        if (p->stage != HTTP_HEAD && p->message.status != status)
            no_response(c, p, expectation, format("it has the status %d", p->message.status), NULL);
        if (p->progress == HTTP_BAD)
            no_response(c, p, expectation, format("what came is no response: %s", p->wrong), NULL);
        if (unread.size == 0 && c->in.ended)
            break;
        if (unread.size == 0 && !wait_more(&w))
            no_response(c, p, expectation, what_came(p), &w);
    }
    if (p->stage != HTTP_HEAD && p->until_close && !c->in.error)
        no_response(c, p, expectation, "nothing says that something is missing: its body lasts until the end",
                    NULL);
    step("%s → %s  half a response, and the end of the connection", c->peer_name, c->name);
}

HttpMessage *http_get_(const char *port, const char *target, const struct http_ask *a)
{
    struct http_ask closing = *a;
    Conn *c = tcp_connect(port, .within_ms = a->within_ms);

    closing.close = true;
    http_send_(c, target, &closing);
    return receive_response(c, .within_ms = a->within_ms);
}
