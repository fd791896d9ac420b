#include "harness/resp.h"

#include "base/buf.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/wait.h"

#include <string.h>

enum { LINE_MAX_SIZE = 64 << 10 }; /* of a simple string or an error */

struct reader {
    Bytes b;
    size_t at;
    const char *wrong;
};

/* A line without its CR LF. */
static enum resp_progress take_line(struct reader *r, Bytes *line)
{
    size_t begin = r->at;

    for (size_t i = begin; i < r->b.size; i++) {
        if (r->b.data[i] == '\n') {
            r->wrong = "a line ends in LF alone, without the CR before it";
            return RESP_BAD;
        }
        if (r->b.data[i] == '\r' && i + 1 < r->b.size) {
            if (r->b.data[i + 1] != '\n') {
                r->wrong = "a CR is not followed by LF";
                return RESP_BAD;
            }
            *line = slice(r->b, begin, i - begin);
            r->at = i + 2;
            return RESP_WHOLE;
        }
    }
    if (r->b.size - begin > LINE_MAX_SIZE)
        r->wrong = "a line does not end";
    return r->wrong ? RESP_BAD : RESP_MORE;
}

/* Decimal, with a sign perhaps, and nothing else; 64 bits. */
static bool number_in(Bytes line, int64_t *out)
{
    bool negative = line.size > 0 && line.data[0] == '-';
    size_t i = negative || (line.size > 0 && line.data[0] == '+');
    uint64_t value = 0, most = (uint64_t)INT64_MAX + negative;

    if (i == line.size)
        return false;
    for (; i < line.size; i++) {
        unsigned digit = (unsigned)line.data[i] - '0';
        if (digit > 9 || value > (most - digit) / 10)
            return false;
        value = 10 * value + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static enum resp_progress take_bulk(struct reader *r, RespValue *v, int64_t size)
{
    if (r->b.size - r->at < (size_t)size + 2)
        return RESP_MORE;
    v->text = slice(r->b, r->at, (size_t)size);
    r->at += (size_t)size + 2;
    if (r->b.data[r->at - 2] != '\r' || r->b.data[r->at - 1] != '\n')
        r->wrong = format("a bulk string of %lld bytes is not followed by CR LF", (long long)size);
    return r->wrong ? RESP_BAD : RESP_WHOLE;
}

static enum resp_progress take_value(struct reader *r, RespValue *v, int depth);

static enum resp_progress take_items(struct reader *r, RespValue *v, int64_t n, int depth)
{
    for (int64_t i = 0; i < n; i++) {
        if ((v->n & (v->n - 1)) == 0)
            v->items = xreallocarray(v->items, v->n ? 2 * v->n : 1, sizeof *v->items);
        enum resp_progress p = take_value(r, &v->items[v->n], depth + 1);
        if (p != RESP_WHOLE)
            return p;
        v->n++;
    }
    return RESP_WHOLE;
}

static enum resp_progress take_value(struct reader *r, RespValue *v, int depth)
{
    Bytes line;

    *v = (RespValue){0};
    if (r->at == r->b.size)
        return RESP_MORE;
    int type = r->b.data[r->at];
    if (!type || !strchr("+-:$*", type) || depth > RESP_DEPTH_MAX) {
        r->wrong = depth > RESP_DEPTH_MAX ? format("arrays are nested more than %d deep", RESP_DEPTH_MAX)
                                          : format("a value begins with %s", name_byte((uint8_t)type));
        return RESP_BAD;
    }
    r->at++;
    v->type = (enum resp_type)type;
    enum resp_progress p = take_line(r, &line);
    if (p != RESP_WHOLE)
        return p;
    if (type == RESP_SIMPLE || type == RESP_ERROR) {
        v->text = line;
        return RESP_WHOLE;
    }
    if (!number_in(line, &v->integer)) {
        r->wrong = format("%s is no number", quote(line));
        return RESP_BAD;
    }
    int64_t most = type == RESP_BULK ? RESP_BULK_MAX : RESP_ITEMS_MAX, n = v->integer;
    if (type == RESP_INTEGER)
        return RESP_WHOLE;
    v->integer = 0;
    v->null = n == -1;
    if (v->null)
        return RESP_WHOLE;
    if (n < 0 || n > most) {
        r->wrong = format("the length %lld is out of range", (long long)n);
        return RESP_BAD;
    }
    return type == RESP_BULK ? take_bulk(r, v, n) : take_items(r, v, n, depth);
}

enum resp_progress resp_parse(Bytes b, RespValue *out, size_t *used, const char **wrong)
{
    struct reader r = {.b = b};
    enum resp_progress p = take_value(&r, out, 0);

    *wrong = r.wrong;
    *used = p == RESP_WHOLE ? r.at : 0;
    return p;
}

Bytes resp_bulk(Bytes b)
{
    return join(join(text(format("$%zu\r\n", b.size)), b), text("\r\n"));
}

Bytes resp_command_(const char *const *words)
{
    Bytes all = text("");
    size_t n = 0;

    for (; words[n]; n++)
        all = join(all, resp_bulk(text(words[n])));
    return join(text(format("*%zu\r\n", n)), all);
}

RespValue receive_resp_(Conn *c, const struct wait_options *o)
{
    struct wait w = wait_start(o, "a value of the Redis protocol", format("on %s", c->name));
    const char *wrong;
    RespValue v;
    size_t used;
    enum resp_progress p;

    while ((p = resp_parse(inbox_unread(&c->in), &v, &used, &wrong)) != RESP_WHOLE) {
        bool over = p == RESP_BAD || c->in.ended;
        Bytes came = inbox_unread(&c->in);
        if (!over && wait_more(&w))
            continue;
        failure_settle();
        fail(&(struct failing){
            .cause = over ? CAUSE_WRONG : CAUSE_TIMEOUT,
            .conn = c,
            .program = c->peer,
            .expectation = format("%s sends a value of the Redis protocol to %s", c->peer_name, c->name),
            .observation = wrong ? format("%s: %s came", wrong, quote_sized(came))
                                 : format("%s came%s%s",
                                          came.size ? format("only %s of one", quote_sized(came)) : "nothing",
                                          c->in.ended ? ", " : "", c->in.ended ? conn_end_words(c) : ""),
            .compares = came.size > 0,
            .received = came,
            .wait = over ? NULL : &w});
    }
    /* The bytes behind it move when the next ones come. */
    Bytes kept = join(slice(inbox_unread(&c->in), 0, used), text(""));
    inbox_take(&c->in, used);
    resp_parse(kept, &v, &used, &wrong);
    step("%s → %s  %s", c->peer_name, c->name, quote_sized(kept));
    return v;
}
