#include "harness/httpparse.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- Small things -------------------------------------------------------------------------------------- */

static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

__attribute__((format(printf, 2, 3))) static void bad(struct http_parser *p, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(p->wrong, sizeof p->wrong, fmt, args);
    va_end(args);
    p->progress = HTTP_BAD;
}

const char *http_nth_field(const HttpMessage *m, const char *name, size_t nth)
{
    for (size_t i = 0; i < m->n_fields; i++)
        if (strcasecmp(m->fields[i].name, name) == 0 && nth-- == 0)
            return m->fields[i].value;
    return NULL;
}

const char *http_field(const HttpMessage *m, const char *name)
{
    return http_nth_field(m, name, 0);
}

bool http_lists(const HttpMessage *m, const char *name, const char *member)
{
    const char *value;
    size_t len = strlen(member);

    for (size_t n = 0; (value = http_nth_field(m, name, n)) != NULL; n++)
        for (const char *at = value; *at;) {
            at += strspn(at, " \t,");
            size_t size = strcspn(at, " \t,;");
            if (size == len && strncasecmp(at, member, len) == 0)
                return true;
            at += strcspn(at, ",");
        }
    return false;
}

/* ---- The head ------------------------------------------------------------------------------------------ */

/* The piece of the line up to the character, which is replaced by a NUL; NULL if it is not there. */
static char *cut_at(char **rest, char c)
{
    char *piece = *rest, *end = strchr(piece, c);

    if (!end)
        return NULL;
    *end = '\0';
    *rest = end + 1;
    return piece;
}

static bool take_version(struct http_parser *p, const char *version)
{
    if (strncmp(version, "HTTP/1.", 7) != 0 || !is_digit(version[7]) || version[8])
        return false;
    p->message.minor = version[7] - '0';
    return true;
}

static void take_request_line(struct http_parser *p, char *line)
{
    HttpMessage *m = &p->message;

    m->method = cut_at(&line, ' ');
    m->target = m->method ? cut_at(&line, ' ') : NULL;
    if (!m->target || !*m->method || !*m->target || strchr(line, ' '))
        bad(p, "the first line is not a method, one space, a target, one space, and HTTP/1.1");
    else if (m->method[strspn(m->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-")])
        bad(p, "the method is not a word of capital letters");
    else if (!take_version(p, line))
        bad(p, "the first line does not end in HTTP/1.1");
    for (const char *c = m->target; p->progress != HTTP_BAD && *c; c++)
        if (*c < '!' || *c > '~')
            bad(p, "the target holds a byte that a URL cannot hold");
}

static void take_status_line(struct http_parser *p, char *line)
{
    HttpMessage *m = &p->message;
    const char *version = cut_at(&line, ' ');

    if (!version || !take_version(p, version))
        bad(p, "the first line does not begin with HTTP/1.1 and a space");
    else if (strspn(line, "0123456789") != 3 || line[0] == '0' || (line[3] && line[3] != ' '))
        bad(p, "the status is not three digits between two spaces");
    else {
        m->status = (int)strtol(line, NULL, 10);
        m->reason = line[3] ? line + 4 : "";
    }
}

static void take_field(struct http_parser *p, char *line)
{
    HttpMessage *m = &p->message;
    const char *name = cut_at(&line, ':');

    if (!name || !*name) {
        bad(p, "a header field has no name with a colon behind it");
        return;
    }
    for (const char *c = name; *c; c++)
        if (!is_token_char(*c)) {
            bad(p, "the name of a header field holds white space, or another character that it must not");
            return;
        }
    line += strspn(line, " \t");
    for (size_t len = strlen(line); len > 0 && strchr(" \t", line[len - 1]); len--)
        line[len - 1] = '\0';
    if ((m->n_fields & (m->n_fields + 1)) == 0) /* 0, 1, 3, 7 ...: full */
        m->fields = xreallocarray(m->fields, 2 * (m->n_fields + 1), sizeof *m->fields);
    m->fields[m->n_fields++] = (struct http_field){name, line};
}

/* ---- How the body is framed (RFC 9112, section 6.3) ---------------------------------------------------- */

static bool take_length(struct http_parser *p, const char *value)
{
    uint64_t n = 0;

    if (!*value || value[strspn(value, "0123456789")]) {
        bad(p, "Content-Length is not a number in decimal digits");
        return false;
    }
    for (; *value; value++) {
        n = 10 * n + (uint64_t)(*value - '0');
        if (n > HTTP_BODY_MAX) {
            bad(p, "Content-Length is larger than anything that is sent here");
            return false;
        }
    }
    p->left = n;
    return true;
}

static void frame_body(struct http_parser *p)
{
    HttpMessage *m = &p->message;
    const char *coding = http_field(m, "Transfer-Encoding"), *length = http_field(m, "Content-Length");
    const char *another;

    p->stage = HTTP_END;
    for (size_t i = 1; (another = http_nth_field(m, "Content-Length", i)) != NULL; i++)
        if (strcmp(another, length) != 0) {
            bad(p, "there are two Content-Length fields, and they differ");
            return;
        }
    if (coding && length) {
        bad(p, "there are both Transfer-Encoding and Content-Length, so it is not clear where the body ends");
        return;
    }
    if (p->responses && (p->answers_head || m->status < 200 || m->status == 204 || m->status == 304))
        return;
    if (coding && (strcasecmp(coding, "chunked") != 0 || http_nth_field(m, "Transfer-Encoding", 1))) {
        bad(p, "Transfer-Encoding is something else than chunked");
    } else if (coding) {
        m->chunked = true;
        p->stage = HTTP_CHUNK_LINE;
    } else if (length) {
        if (take_length(p, length) && p->left > 0)
            p->stage = HTTP_BODY;
    } else if (p->responses) {
        p->until_close = true;
        p->left = UINT64_MAX;
        p->stage = HTTP_BODY;
    }
}

static void parse_head(struct http_parser *p)
{
    HttpMessage *m = &p->message;
    char *copy = xmalloc(p->head.len + 1), *rest = copy, *line;

    m->head = bytes(p->head.data, p->head.len);
    memcpy(copy, p->head.data, p->head.len + 1);
    for (bool first = true; p->progress != HTTP_BAD && (line = cut_at(&rest, '\n')) != NULL; first = false) {
        line[strlen(line) - 1] = '\0'; /* the CR, which is there */
        if (!*line)
            break;
        if (!first)
            take_field(p, line);
        else if (p->responses)
            take_status_line(p, line);
        else
            take_request_line(p, line);
    }
    if (p->progress == HTTP_BAD) {
        free(copy);
        free(m->fields);
        *m = (HttpMessage){.head = m->head};
        return;
    }
    m->keeps =
        m->minor >= 1 ? !http_lists(m, "Connection", "close") : http_lists(m, "Connection", "keep-alive");
    frame_body(p);
    p->names = copy;
}

/* One byte of the head. Line ends and control characters are looked at as they come: a client that ends its
 * lines in LF alone would otherwise be waited for until the deadline. */
static void take_head_byte(struct http_parser *p, char c)
{
    size_t n = p->head.len;
    char last = n > 0 ? p->head.data[n - 1] : '\0';

    buf_addch(&p->head, c);
    if (last == '\r' && c != '\n') {
        bad(p, "line %zu holds a CR that is not followed by LF", p->lines + 1);
    } else if (c == '\n' && last != '\r') {
        bad(p, "line %zu ends in LF alone, without the CR before it", p->lines + 1);
    } else if (c == '\n') {
        p->lines++;
        if (n == 1)
            bad(p, "it begins with an empty line");
        else if (n >= 3 && p->head.data[n - 2] == '\n') {
            p->lines = 0;
            parse_head(p);
        }
    } else if ((c == ' ' || c == '\t') && last == '\n') {
        bad(p, "line %zu begins with white space", p->lines + 1);
    } else if (((unsigned char)c < ' ' && c != '\t' && c != '\r') || c == 0x7f) {
        bad(p, "line %zu holds the control character 0x%02x", p->lines + 1, (unsigned char)c);
    } else if (p->head.len > HTTP_HEAD_MAX) {
        bad(p, "its head is longer than %d bytes", HTTP_HEAD_MAX);
    }
}

/* ---- The body ------------------------------------------------------------------------------------------ */

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* "1a;name=value" without its CR LF. */
static void take_chunk_size(struct http_parser *p)
{
    const char *line = buf_str(&p->line);
    size_t i = 0;

    p->left = 0;
    for (; hex_value(line[i]) >= 0; i++) {
        p->left = 16 * p->left + (uint64_t)hex_value(line[i]);
        if (p->left > HTTP_BODY_MAX) {
            bad(p, "a chunk says that it is larger than anything that is sent here");
            return;
        }
    }
    if (i == 0 || (line[i] && line[i] != ';' && line[i] != ' ' && line[i] != '\t'))
        bad(p, "the line before a chunk does not begin with its size in hexadecimal digits");
    else
        p->stage = p->left > 0 ? HTTP_CHUNK : HTTP_TRAILER;
}

static void take_line_byte(struct http_parser *p, char c)
{
    if (c != '\n') {
        if (p->line.len >= HTTP_LINE_MAX || c == '\0')
            bad(p, "a line of the chunked coding is too long, or holds a NUL");
        else
            buf_addch(&p->line, c);
        return;
    }
    if (p->line.len == 0 || p->line.data[p->line.len - 1] != '\r') {
        bad(p, "a line of the chunked coding ends in LF alone, without the CR before it");
        return;
    }
    p->line.data[--p->line.len] = '\0';
    bool is_empty = p->line.len == 0;
    if (p->stage == HTTP_CHUNK_LINE)
        take_chunk_size(p);
    else if (p->stage == HTTP_CHUNK_END && !is_empty)
        bad(p, "a chunk is not followed by CR LF: its size and its bytes do not agree");
    else if (p->stage == HTTP_CHUNK_END)
        p->stage = HTTP_CHUNK_LINE;
    else if (is_empty)
        p->stage = HTTP_END;
    else if (++p->lines > 100)
        bad(p, "there is no end to the trailer fields");
    buf_clear(&p->line);
}

/* As much of the body, or of a chunk, as there is. */
static size_t take_body(struct http_parser *p, Bytes b)
{
    size_t n = b.size < p->left ? b.size : (size_t)p->left;

    if (p->body.len + n > HTTP_BODY_MAX) {
        bad(p, "its body is larger than anything that is sent here");
        return 0;
    }
    buf_add(&p->body, b.data, n);
    if (!p->until_close)
        p->left -= n;
    if (p->left == 0)
        p->stage = p->stage == HTTP_CHUNK ? HTTP_CHUNK_END : HTTP_END;
    return n;
}

static void finish(struct http_parser *p)
{
    p->progress = HTTP_WHOLE;
    p->message.body = bytes(buf_str(&p->body), p->body.len);
}

size_t http_parser_feed(struct http_parser *p, Bytes b)
{
    size_t at = 0;

    while (at < b.size && p->progress == HTTP_MORE) {
        if (p->stage == HTTP_BODY || p->stage == HTTP_CHUNK)
            at += take_body(p, slice(b, at, b.size - at));
        else if (p->stage == HTTP_HEAD)
            take_head_byte(p, (char)b.data[at++]);
        else
            take_line_byte(p, (char)b.data[at++]);
        if (p->stage == HTTP_END && p->progress == HTTP_MORE)
            finish(p);
    }
    return at;
}

void http_parser_end(struct http_parser *p)
{
    if (p->progress != HTTP_MORE)
        return;
    if (p->stage == HTTP_BODY && p->until_close)
        finish(p);
    else if (p->stage == HTTP_HEAD)
        bad(p, "the connection ended before the empty line that ends the head");
    else
        bad(p, "the connection ended in the middle of the body");
}

void http_parser_reset(struct http_parser *p)
{
    bool responses = p->responses;

    buf_free(&p->head);
    buf_free(&p->body);
    buf_free(&p->line);
    free(p->message.fields);
    free(p->names);
    *p = (struct http_parser){.responses = responses};
}
