/* WebSocket (RFC 6455), to be included by challenges beside check.h: the frames of a server, read strictly, and those of
 * a client, right and wrong ones, over a Conn. */
#ifndef HARNESS_WEBSOCKET_H
#define HARNESS_WEBSOCKET_H

#include "harness/check.h"

enum ws_opcode { WS_CONTINUATION = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

typedef struct {
    bool fin;
    int rsv;    /* the three reserved bits */
    int opcode; /* any of the sixteen */
    bool masked;
    Bytes payload; /* without its mask */
} WsFrame;

enum ws_progress { WS_MORE, WS_WHOLE, WS_BAD };

/* Reads a frame at the beginning of the bytes, as a server may send it; *used is its length, and *wrong says what is
 * against section 5 of a bad one. Pure; the payload of an unmasked frame points into the bytes. */
enum ws_progress ws_parse(Bytes b, WsFrame *out, size_t *used, const char **wrong);

/* How a frame of a client is written: ws_frame(WS_TEXT, text("hi"), .more = true). */
struct ws_writing {
    bool more;     /* FIN is 0: fragments follow */
    bool unmasked; /* which a client must not do */
    int rsv;
    int length_bytes;     /* 2 or 8: the length takes so many, though fewer would do; 0: as few as will do */
    uint64_t says_length; /* another length than the payload has; 0: the right one */
};
#define ws_frame(opcode, payload, ...) ws_frame_(opcode, payload, &(const struct ws_writing){__VA_ARGS__})
Bytes ws_frame_(int opcode, Bytes payload, const struct ws_writing *o);
/* The payload of a close frame: a code and a reason in UTF-8. */
Bytes ws_close_payload(int code, const char *reason);
/* What the server has to answer to Sec-WebSocket-Key: section 4.2.2. */
const char *ws_accept_for(const char *key);

struct ws_options {
    int within_ms;
    const char *path;   /* default "/" */
    const char *fields; /* more lines of the request */
};
/* A connection on which the opening handshake is done: 101, Upgrade, Connection and Sec-WebSocket-Accept are as they have
 * to be. */
#define ws_connect(port, ...) ws_connect_(port, &(const struct ws_options){__VA_ARGS__})
Conn *ws_connect_(const char *port, const struct ws_options *o);
/* The next frame on the connection; a bad one is a failure. */
#define receive_ws(c, ...) ws_receive_(c, WAIT_(__VA_ARGS__))
WsFrame ws_receive_(Conn *c, const struct wait_options *w);
/* The next one is whole (FIN), of this kind, with this payload. */
#define expect_ws(c, opcode, payload, ...) expect_ws_(c, opcode, payload, WAIT_(__VA_ARGS__))
void expect_ws_(Conn *c, enum ws_opcode opcode, Bytes payload, const struct wait_options *w);
/* The server closes with this code, and then ends the connection. */
#define expect_ws_close(c, code, ...) expect_ws_close_(c, code, WAIT_(__VA_ARGS__))
void expect_ws_close_(Conn *c, int code, const struct wait_options *w);

#endif
