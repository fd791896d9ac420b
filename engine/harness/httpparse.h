/* HTTP/1.1 messages as bytes (RFC 9112), read piece by piece as they come from a program. No input or output
 * happens here: the same bytes give the same result however they are cut. It is strict, and says in a
 * sentence what is wrong with a message. */
#ifndef HARNESS_HTTPPARSE_H
#define HARNESS_HTTPPARSE_H

#include "base/buf.h"
#include "harness/check.h"

enum {
    HTTP_HEAD_MAX = 256 << 10, /* bytes of a request line or status line and all fields */
    HTTP_LINE_MAX = 8 << 10,   /* of the line before a chunk, and of all trailer fields together */
    HTTP_BODY_MAX = 64 << 20   /* of a body without its framing */
};

struct http_field {
    const char *name, *value; /* the value without the white space around it */
};

typedef struct http_message {
    const char *method, *target; /* of a request; NULL in a response */
    int status;                  /* of a response; 0 in a request */
    const char *reason;          /* "Not Found", often "" */
    int minor;                   /* of HTTP/1.minor */
    struct http_field *fields;
    size_t n_fields;
    Bytes head;   /* as it came, with the empty line at its end */
    Bytes body;   /* without its framing */
    bool chunked; /* how the body came */
    bool keeps;   /* the sender will go on with this connection (RFC 9112, section 9.3) */
    Conn *conn;   /* on which it came; NULL here */
} HttpMessage;

enum http_progress {
    HTTP_MORE, /* it goes on */
    HTTP_WHOLE,
    HTTP_BAD /* .wrong says why */
};

enum http_stage { HTTP_HEAD, HTTP_BODY, HTTP_CHUNK_LINE, HTTP_CHUNK, HTTP_CHUNK_END, HTTP_TRAILER, HTTP_END };

struct http_parser {
    bool responses;        /* set before the first byte: what comes are responses, */
    bool answers_head;     /* and this one answers HEAD, so it has no body whatever its fields say */
    enum http_stage stage; /* all below belongs to the parser */
    enum http_progress progress;
    char wrong[128]; /* "line 2 ends in LF alone, without the CR before it" */
    bool until_close;
    uint64_t left; /* of the body, or of this chunk */
    struct buf head, body, line;
    size_t lines; /* of the head, later of the trailer */
    char *names;  /* what the strings of the message point into */
    HttpMessage
        message; /* complete once .progress is HTTP_WHOLE; its head and fields once .stage is past it */
};

/* A zeroed parser is ready. Takes what belongs to this message and returns how many bytes that were; what is
 * left belongs to the next one. */
size_t http_parser_feed(struct http_parser *p, Bytes b);
/* The stream has ended. */
void http_parser_end(struct http_parser *p);
/* Back to the beginning of a message, with nothing allocated. The message before is gone. */
void http_parser_reset(struct http_parser *p);

/* The value of a field, whatever the case of its name; NULL if it is not there. The nth is counted from 0. */
const char *http_field(const HttpMessage *m, const char *name);
const char *http_nth_field(const HttpMessage *m, const char *name, size_t nth);
/* Whether the list in a field ("Connection: keep-alive, Upgrade") has this member. */
bool http_lists(const HttpMessage *m, const char *name, const char *member);

#endif
