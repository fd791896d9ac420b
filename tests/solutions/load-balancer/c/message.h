/* HTTP/1.1 messages as a balancer needs them: what a head says, and where a body ends. No input or output. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct head {
    char method[16]; /* of a request */
    int status;      /* of a response */
    int minor;       /* of HTTP/1.minor */
    bool chunked, has_length, close, has_host;
    uint64_t length;
};

/* How many bytes the head has, its empty line included; 0: its end is not here yet. */
size_t head_size(const char *data, size_t size);
/* Both return 0, or the status with which to refuse the message. */
int parse_request(const char *data, size_t size, struct head *h);
int parse_response(const char *data, size_t size, struct head *h);

/* Copies a head without what concerns one connection alone: Connection and what it names, Keep-Alive and
 * Proxy-Connection. Lines in `extra` are added; `client` is added to X-Forwarded-For unless it is NULL.
 * Returns the bytes written: at most size + strlen(extra) + FORWARD_ROOM. */
enum { FORWARD_ROOM = 128 };
size_t forward_head(char *out, const char *data, size_t size, const char *client, const char *extra);

/* The place within a body. */
struct body {
    enum {
        BODY_LENGTH,
        BODY_CLOSE,
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK_DATA,
        CHUNK_END,
        TRAILER,
        BODY_BAD
    } in;
    uint64_t left; /* of the body or of this chunk */
    size_t digits, line;
};

struct body request_body(const struct head *h);
struct body response_body(const struct head *h, const char *method);
bool body_is_done(const struct body *b);
/* How many of these bytes belong to the body. */
size_t body_take(struct body *b, const char *data, size_t size);

#endif
