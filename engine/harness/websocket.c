#include "harness/websocket.h"

#include "base/buf.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/http.h"
#include "harness/mismatch.h"
#include "harness/sha1.h"
#include "harness/wait.h"

#include <string.h>

enum {
    FIN = 0x80,
    MASKED = 0x80,
    CONTROL_MAX = 125,
    SHORT_MAX = 125,
    CODE_SHORT = 126,
    CODE_LONG = 127,
    MASK_SIZE = 4
};

/* ---- Bytes --------------------------------------------------------------------------------------------- */

static bool is_known(int opcode)
{
    return opcode <= WS_BINARY || (opcode >= WS_CLOSE && opcode <= WS_PONG);
}

/* What is against RFC 6455 in the head of a frame from a server; NULL: nothing. */
static const char *wrong_head(const WsFrame *f, uint64_t length, size_t length_bytes)
{
    if (f->masked)
        return "it is masked, which no frame of a server is (section 5.1)";
    if (f->rsv)
        return format("the reserved bits are %d, and no extension was agreed on (section 5.2)", f->rsv);
    if (!is_known(f->opcode))
        return format("the opcode is 0x%x, which is reserved (section 5.2)", (unsigned)f->opcode);
    if (f->opcode >= WS_CLOSE && !f->fin)
        return "it is a control frame in fragments (section 5.5)";
    if (f->opcode >= WS_CLOSE && length > CONTROL_MAX)
        return format("it is a control frame with %llu bytes, and 125 is the most (section 5.5)",
                      (unsigned long long)length);
    if (length >> 63)
        return "the first bit of its length is 1 (section 5.2)";
    if ((length_bytes == 2 && length <= SHORT_MAX) || (length_bytes == 8 && length <= UINT16_MAX))
        return format("its length, %llu, is written with %zu bytes, though fewer would do (section 5.2)",
                      (unsigned long long)length, length_bytes);
    return NULL;
}

enum ws_progress ws_parse(Bytes b, WsFrame *out, size_t *used, const char **wrong)
{
    size_t length_bytes, head;
    uint64_t length;

    *wrong = NULL;
    *used = 0;
    if (b.size < 2)
        return WS_MORE;
    *out = (WsFrame){.fin = b.data[0] & FIN,
                     .rsv = b.data[0] >> 4 & 7,
                     .opcode = b.data[0] & 15,
                     .masked = b.data[1] & MASKED};
    length = b.data[1] & 127;
    length_bytes = length == CODE_LONG ? 8 : length == CODE_SHORT ? 2 : 0;
    head = 2 + length_bytes;
    if (b.size < head)
        return WS_MORE;
    if (length_bytes)
        length = 0;
    for (size_t i = 0; i < length_bytes; i++)
        length = length << 8 | b.data[2 + i];
    if ((*wrong = wrong_head(out, length, length_bytes)) != NULL)
        return WS_BAD;
    if (b.size - head < length)
        return WS_MORE;
    out->payload = slice(b, head, (size_t)length);
    *used = head + (size_t)length;
    if (out->opcode == WS_CLOSE && length == 1)
        *wrong = "a close frame has one byte, which is no code (section 5.5.1)";
    return *wrong ? WS_BAD : WS_WHOLE;
}

Bytes ws_frame_(int opcode, Bytes payload, const struct ws_writing *o)
{
    struct buf out = {0};
    uint64_t length = o->says_length ? o->says_length : payload.size;
    int length_bytes = o->length_bytes       ? o->length_bytes
                       : length > UINT16_MAX ? 8
                       : length > SHORT_MAX  ? 2
                                             : 0;
    uint64_t code = length_bytes == 8 ? CODE_LONG : length_bytes == 2 ? CODE_SHORT : length;
    Bytes mask = o->unmasked ? bytes("\0\0\0\0", MASK_SIZE) : random_bytes(MASK_SIZE);

    buf_addch(&out, (char)((o->more ? 0 : FIN) | o->rsv << 4 | opcode));
    buf_addch(&out, (char)((o->unmasked ? 0 : MASKED) | code));
    for (int i = length_bytes - 1; i >= 0; i--)
        buf_addch(&out, (char)(length >> 8 * i));
    if (!o->unmasked)
        buf_add(&out, mask.data, mask.size);
    for (size_t i = 0; i < payload.size; i++)
        buf_addch(&out, (char)(payload.data[i] ^ mask.data[i % MASK_SIZE]));
    size_t size = out.len;
    return bytes(buf_take(&out), size);
}

Bytes ws_close_payload(int code, const char *reason)
{
    uint8_t two[2] = {(uint8_t)(code >> 8), (uint8_t)code};

    return join(bytes(two, sizeof two), text(reason));
}

static const char *base64(const uint8_t *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buf out = {0};

    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)data[i] << 16 | (i + 1 < size ? (uint32_t)data[i + 1] << 8 : 0) |
                         (i + 2 < size ? data[i + 2] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_addch(&out, k <= size - i ? digits[three >> (18 - 6 * k) & 63] : '=');
    }
    return buf_take(&out);
}

const char *ws_accept_for(const char *key)
{
    uint8_t digest[SHA1_SIZE];

    sha1(text(format("%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key)), digest);
    return base64(digest, sizeof digest);
}

/* ---- Over a connection --------------------------------------------------------------------------------- */

Conn *ws_connect_(const char *port, const struct ws_options *o)
{
    Conn *c = tcp_connect(port, .within_ms = o->within_ms);
    const char *key = base64(random_bytes(16).data, 16);

    http_send(c, o->path ? o->path : "/",
              .fields = format("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                               "Sec-WebSocket-Version: 13\r\n%s",
                               key, o->fields ? o->fields : ""));
    HttpMessage *m = expect_response(c, 101, .within_ms = o->within_ms);
    claim(http_lists(m, "Upgrade", "websocket"), "the response has the field Upgrade: websocket");
    claim(http_lists(m, "Connection", "upgrade"), "the response has the field Connection: Upgrade");
    expect_field(m, "Sec-WebSocket-Accept", ws_accept_for(key));
    return c;
}

static const char *opcode_words(int opcode)
{
    static const char *const names[] = {[WS_CONTINUATION] = "continuation",
                                        [WS_TEXT] = "text",
                                        [WS_BINARY] = "binary",
                                        [WS_CLOSE] = "close",
                                        [WS_PING] = "ping",
                                        [WS_PONG] = "pong"};

    return is_known(opcode) ? names[opcode] : format("0x%x", (unsigned)opcode);
}

static const char *frame_words(const WsFrame *f)
{
    return format("a %s frame%s with %s", opcode_words(f->opcode), f->fin ? "" : " that is not the last",
                  f->payload.size ? quote_sized(f->payload) : "nothing");
}

static WsFrame await_frame_on(Conn *c, const char *expectation, const struct wait_options *o)
{
    struct wait w = wait_start(o, "a frame", format("on %s", c->name));
    const char *wrong = NULL;
    WsFrame f = {0};
    size_t used;
    enum ws_progress progress;

    while ((progress = ws_parse(inbox_unread(&c->in), &f, &used, &wrong)) != WS_WHOLE) {
        Bytes came = inbox_unread(&c->in);
        bool over = progress == WS_BAD || c->in.ended;
        if (!over && wait_more(&w))
            continue;
        failure_settle();
        fail(&(struct failing){
            .cause = over ? CAUSE_WRONG : CAUSE_TIMEOUT,
            .conn = c,
            .program = c->peer,
            .expectation = expectation,
            .observation =
                wrong ? format("a frame came, and %s", wrong)
                      : format("%s came%s%s",
                               came.size ? format("only %s of a frame", count_bytes(came.size)) : "nothing",
                               c->in.ended ? ", " : "", c->in.ended ? conn_end_words(c) : ""),
            .compares = came.size > 0,
            .received = came,
            .wait = over ? NULL : &w});
    }
    f.payload = join(f.payload, text("")); /* the bytes behind it move when the next ones come */
    inbox_take(&c->in, used);
    step("%s → %s  %s", c->peer_name, c->name, frame_words(&f));
    return f;
}

WsFrame ws_receive_(Conn *c, const struct wait_options *o)
{
    return await_frame_on(c, format("%s sends a frame to %s", c->peer_name, c->name), o);
}

void expect_ws_(Conn *c, enum ws_opcode opcode, Bytes payload, const struct wait_options *o)
{
    WsFrame wanted = {.fin = true, .opcode = (int)opcode, .payload = payload};
    const char *expectation = format("%s sends %s to %s", c->peer_name, frame_words(&wanted), c->name);
    WsFrame f = await_frame_on(c, expectation, o);
    bool same = compare_bytes(payload, f.payload) < 0;

    if (same && f.fin && f.opcode == (int)opcode)
        return;
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .conn = c,
                           .program = c->peer,
                           .expectation = expectation,
                           .observation = format("%s came", frame_words(&f)),
                           .compares = !same,
                           .expected = payload,
                           .received = f.payload});
}

void expect_ws_close_(Conn *c, int code, const struct wait_options *o)
{
    const char *expectation = format("%s closes %s with the code %d", c->peer_name, c->name, code);
    WsFrame f = await_frame_on(c, expectation, o);
    int came = f.payload.size < 2 ? 0 : f.payload.data[0] << 8 | f.payload.data[1];

    if (f.opcode != WS_CLOSE || came != code)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .conn = c,
                               .program = c->peer,
                               .expectation = expectation,
                               .observation = f.opcode != WS_CLOSE ? format("%s came", frame_words(&f))
                                              : came               ? format("the code is %d", came)
                                                                   : "the close frame has no code"});
    expect_closed_(c, o);
}
