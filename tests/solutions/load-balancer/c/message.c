/* Reading messages: strict, because what two programs read differently is the way to smuggle a request. */
#define _GNU_SOURCE
#include "message.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BAD_REQUEST = 400, NOT_IMPLEMENTED = 501, VERSION_NOT_SUPPORTED = 505, BAD_GATEWAY = 502 };

struct line {
    const char *text;
    size_t len; /* without its CR LF */
};

/* The next line of the head; false at the empty one. */
static bool next_line(const char **at, const char *end, struct line *line)
{
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    line->text = *at;
    line->len = (size_t)(newline - *at);
    if (line->len > 0 && newline[-1] == '\r')
        line->len--;
    *at = newline + 1;
    return line->len > 0;
}

/* Cuts "Name: value" in two; false if it is no field. */
static bool split(struct line field, struct line *name, struct line *value)
{
    const char *colon = memchr(field.text, ':', field.len);
    if (!colon || colon == field.text || memchr(field.text, '\0', field.len) ||
        memchr(field.text, '\r', field.len))
        return false;
    *name = (struct line){field.text, (size_t)(colon - field.text)};
    for (size_t i = 0; i < name->len; i++)
        if (name->text[i] == ' ' || name->text[i] == '\t')
            return false;
    const char *start = colon + 1, *end = field.text + field.len;
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *value = (struct line){start, (size_t)(end - start)};
    return true;
}

static bool is(struct line line, const char *word)
{
    return line.len == strlen(word) && strncasecmp(line.text, word, line.len) == 0;
}

/* The next member of a list as in "close, X-Hop". */
static bool next_member(struct line *list, struct line *member)
{
    while (list->len > 0 && (*list->text == ',' || *list->text == ' ' || *list->text == '\t')) {
        list->text++;
        list->len--;
    }
    *member = (struct line){list->text, 0};
    while (member->len < list->len && !strchr(", \t", list->text[member->len]))
        member->len++;
    list->text += member->len;
    list->len -= member->len;
    return member->len > 0;
}

static bool lists(struct line list, const char *word)
{
    struct line member;
    while (next_member(&list, &member))
        if (is(member, word))
            return true;
    return false;
}

static bool parse_length(struct line value, uint64_t *length)
{
    if (value.len == 0 || value.len > 18)
        return false;
    *length = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.text[i] < '0' || value.text[i] > '9')
            return false;
        *length = *length * 10 + (uint64_t)(value.text[i] - '0');
    }
    return true;
}

static int parse_fields(const char *at, const char *end, struct head *h)
{
    struct line field, name, value;

    while (next_line(&at, end, &field)) {
        uint64_t length;
        if (!split(field, &name, &value))
            return BAD_REQUEST;
        if (is(name, "Content-Length")) {
            if (!parse_length(value, &length) || (h->has_length && length != h->length))
                return BAD_REQUEST;
            h->has_length = true;
            h->length = length;
        } else if (is(name, "Transfer-Encoding")) {
            if (!is(value, "chunked") || h->chunked)
                return NOT_IMPLEMENTED;
            h->chunked = true;
        } else if (is(name, "Connection")) {
            h->close = h->close || lists(value, "close");
        } else if (is(name, "Host")) {
            if (h->has_host)
                return BAD_REQUEST;
            h->has_host = true;
        }
    }
    return 0;
}

size_t head_size(const char *data, size_t size)
{
    for (const char *at = data, *end = data + size; (at = memchr(at, '\n', (size_t)(end - at))) != NULL;) {
        at++;
        if (at < end && *at == '\n')
            return (size_t)(at + 1 - data);
        if (at + 1 < end && at[0] == '\r' && at[1] == '\n')
            return (size_t)(at + 2 - data);
    }
    return 0;
}

int parse_request(const char *data, size_t size, struct head *h)
{
    const char *at = data;
    struct line first;

    *h = (struct head){0};
    if (!next_line(&at, data + size, &first))
        return BAD_REQUEST;
    const char *space = memchr(first.text, ' ', first.len);
    const char *last = memrchr(first.text, ' ', first.len);
    size_t method = space ? (size_t)(space - first.text) : 0;
    if (method == 0 || method >= sizeof h->method || last <= space + 1 ||
        memchr(space + 1, ' ', (size_t)(last - space - 1)))
        return BAD_REQUEST;
    struct line version = {last + 1, (size_t)(first.text + first.len - last - 1)};
    if (!is(version, "HTTP/1.1"))
        return is(version, "HTTP/1.0") ? VERSION_NOT_SUPPORTED : BAD_REQUEST;
    memcpy(h->method, first.text, method);
    h->minor = 1;
    int refused = parse_fields(at, data + size, h);
    if (refused == 0 && (!h->has_host || (h->chunked && h->has_length)))
        return BAD_REQUEST;
    return refused;
}

int parse_response(const char *data, size_t size, struct head *h)
{
    const char *at = data;
    struct line first;
    int used = 0;

    *h = (struct head){0};
    if (!next_line(&at, data + size, &first) || first.len >= 4096)
        return BAD_GATEWAY;
    char status[4096];
    memcpy(status, first.text, first.len);
    status[first.len] = '\0';
    if (sscanf(status, "HTTP/1.%1d %3d%n", &h->minor, &h->status, &used) != 2 || used != 12 ||
        h->status < 100)
        return BAD_GATEWAY;
    return parse_fields(at, data + size, h) == 0 ? 0 : BAD_GATEWAY;
}

/* ---- Passing a head on --------------------------------------------------------------------------------- */

static bool is_named_by_connection(const char *fields, const char *end, struct line wanted)
{
    struct line field, name, value, member;

    while (next_line(&fields, end, &field))
        if (split(field, &name, &value) && is(name, "Connection"))
            while (next_member(&value, &member))
                if (member.len == wanted.len && strncasecmp(member.text, wanted.text, wanted.len) == 0)
                    return true;
    return false;
}

static char *put(char *out, const char *text, size_t len)
{
    memcpy(out, text, len);
    return out + len;
}

size_t forward_head(char *out, const char *data, size_t size, const char *client, const char *extra)
{
    const char *at = data, *end = data + size;
    struct line field, name, value;
    char *to = out;

    next_line(&at, end, &field);
    to = put(to, field.text, field.len);
    to = put(to, "\r\n", 2);
    const char *fields = at;
    while (next_line(&at, end, &field)) {
        if (!split(field, &name, &value) || is(name, "Connection") || is(name, "Keep-Alive") ||
            is(name, "Proxy-Connection") || (client && is(name, "X-Forwarded-For")) ||
            is_named_by_connection(fields, end, name))
            continue;
        to = put(to, field.text, field.len);
        to = put(to, "\r\n", 2);
    }
    if (client) { /* one field: what came before us, and then whom we saw */
        to = put(to, "X-Forwarded-For: ", 17);
        at = fields;
        while (next_line(&at, end, &field)) {
            if (!split(field, &name, &value) || !is(name, "X-Forwarded-For"))
                continue;
            to = put(to, value.text, value.len);
            to = put(to, ", ", 2);
        }
        to = put(to, client, strlen(client));
        to = put(to, "\r\n", 2);
    }
    to = put(to, extra, strlen(extra));
    to = put(to, "\r\n", 2);
    return (size_t)(to - out);
}

/* ---- Where a body ends --------------------------------------------------------------------------------- */

struct body request_body(const struct head *h)
{
    return (struct body){.in = h->chunked ? CHUNK_SIZE : BODY_LENGTH, .left = h->chunked ? 0 : h->length};
}

struct body response_body(const struct head *h, const char *method)
{
    if (strcmp(method, "HEAD") == 0 || h->status == 204 || h->status == 304)
        return (struct body){.in = BODY_LENGTH};
    if (!h->chunked && !h->has_length)
        return (struct body){.in = BODY_CLOSE};
    return request_body(h);
}

bool body_is_done(const struct body *b)
{
    return b->in == BODY_LENGTH && b->left == 0;
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef", *found = c ? strchr(digits, c | 0x20) : NULL;
    return found && *found ? (int)(found - digits) : -1;
}

/* One byte of what frames chunks. */
static void frame(struct body *b, char c)
{
    int digit;

    switch (b->in) {
    case CHUNK_SIZE:
        digit = (c >= '0' && c <= '9') || (c | 0x20) >= 'a' ? hex(c) : -1;
        if (digit >= 0 && b->digits++ < 15)
            b->left = b->left * 16 + (uint64_t)digit;
        else
            b->in = b->digits > 0 && b->digits <= 15 && (c == '\r' || c == ';' || c == ' ') ? CHUNK_EXTENSION
                                                                                            : BODY_BAD;
        break;
    case CHUNK_EXTENSION:
        if (c == '\n') {
            b->in = b->left > 0 ? CHUNK_DATA : TRAILER;
            b->digits = b->line = 0;
        }
        break;
    case CHUNK_END:
        if (c == '\n')
            b->in = CHUNK_SIZE;
        else if (c != '\r')
            b->in = BODY_BAD;
        break;
    case TRAILER:
        if (c == '\n' && b->line == 0)
            *b = (struct body){.in = BODY_LENGTH};
        else if (c == '\n')
            b->line = 0;
        else if (c != '\r')
            b->line++;
        break;
    default:
        break;
    }
}

size_t body_take(struct body *b, const char *data, size_t size)
{
    size_t taken = 0;

    if (b->in == BODY_CLOSE)
        return size;
    while (taken < size && b->in != BODY_BAD && !body_is_done(b)) {
        if (b->in == BODY_LENGTH || b->in == CHUNK_DATA) {
            size_t n = size - taken < b->left ? size - taken : (size_t)b->left;
            taken += n;
            b->left -= n;
            if (b->left == 0 && b->in == CHUNK_DATA)
                b->in = CHUNK_END;
        } else {
            frame(b, data[taken++]);
        }
    }
    return taken;
}
