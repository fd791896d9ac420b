#include "harness/line.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/report.h"

#include <string.h>

/* The line that stands unread on the connection, taken; NULL: none is whole. */
static const char *take_line(Conn *c)
{
    Bytes unread = inbox_unread(&c->in);
    const uint8_t *end = unread.size > 0 ? memchr(unread.data, '\n', unread.size) : NULL;
    if (!end)
        return NULL;
    size_t size = (size_t)(end - unread.data);
    size_t shown = size > 0 && unread.data[size - 1] == '\r' ? size - 1 : size;
    const char *line = format("%.*s", (int)shown, (const char *)unread.data);
    inbox_take(&c->in, size + 1);
    step("%s → %s  %s", c->peer_name, c->name, quote(text(line)));
    return line;
}

/* The line, or NULL and in *w the wait that ran out. */
static const char *wait_for_line(Conn *c, struct wait *w, const struct wait_options *o)
{
    *w = wait_start(o, "a line", format("on %s", c->name));
    for (;;) {
        const char *line = take_line(c);
        if (line)
            return line;
        if (c->in.ended || inbox_unread(&c->in).size > LINE_LIMIT || !wait_more(w))
            return NULL;
    }
}

const char *await_line_(Conn *c, const struct wait_options *o)
{
    struct wait w;
    return wait_for_line(c, &w, o);
}

static _Noreturn void fail_without(Conn *c, const char *expectation, const struct wait *w)
{
    bool certain = c->in.ended || inbox_unread(&c->in).size > LINE_LIMIT;
    failure_settle();
    Bytes unread = inbox_unread(&c->in);
    const char *end = conn_end_words(c);
    fail(&(struct failing){.cause = certain ? CAUSE_WRONG : CAUSE_TIMEOUT,
                           .expecting = EXPECTING_BYTES,
                           .conn = c,
                           .program = c->peer,
                           .expectation = expectation,
                           .observation = unread.size > 0
                                              ? format("%s came, without a line feed%s%s",
                                                       quote_sized(unread), end ? ", " : "", end ? end : "")
                                              : format("nothing came%s%s", end ? ", " : "", end ? end : ""),
                           .wait = certain ? NULL : w});
}

const char *receive_line_(Conn *c, const struct wait_options *o)
{
    struct wait w;
    const char *line = wait_for_line(c, &w, o);
    if (!line)
        fail_without(c, format("%s sends a line to %s", c->peer_name, c->name), &w);
    return line;
}

void expect_line_(Conn *c, const char *expected, const struct wait_options *o)
{
    struct wait w;
    const char *expectation =
        format("%s sends the line %s to %s", c->peer_name, quote(text(expected)), c->name);
    const char *line = wait_for_line(c, &w, o);
    if (!line)
        fail_without(c, expectation, &w);
    if (strcmp(line, expected) != 0)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expecting = EXPECTING_BYTES,
                               .conn = c,
                               .program = c->peer,
                               .expectation = expectation,
                               .observation = format("the line is %s", quote(text(line))),
                               .compares = true,
                               .expected = text(expected),
                               .received = text(line)});
}

void send_line(Conn *c, const char *line)
{
    send_text(c, format("%s\n", line));
}

void send_line_crlf(Conn *c, const char *line)
{
    send_text(c, format("%s\r\n", line));
}

const char *ask_line_(Conn *c, const char *line, const struct wait_options *o)
{
    send_line(c, line);
    return receive_line_(c, o);
}

const char *ask_once_(const char *port, const char *line, const struct wait_options *o)
{
    enum { CONNECT_MS = 5000 };
    report_hush(true);
    Conn *c = tcp_connect(port, .within_ms = CONNECT_MS);
    send_line(c, line);
    const char *answer = await_line_(c, o);
    const char *end = conn_end_words(c);
    hang_up(c);
    report_hush(false);
    step("%s → %s  %s  → %s", c->name, c->peer_name, quote(text(line)),
         answer ? quote(text(answer))
         : end  ? end
                : "no answer");
    return answer;
}
