/* HTTP/1.1, to be included by challenges beside check.h: backends that answer a program's requests, and the
 * verbs of a client that asks a program.
 *
 * A backend takes connections and reads requests in the background, strictly (httpparse.h). A request whose
 * path has a route is answered in the background as well; every other one waits until the check takes it with
 * accept_request() and answers it with respond(). */
#ifndef HARNESS_HTTP_H
#define HARNESS_HTTP_H

#include "harness/check.h"
#include "harness/httpparse.h"

typedef struct http_backend HttpBackend;

/* ---- Replies ------------------------------------------------------------------------------------------- */

enum http_framing {
    HTTP_BY_LENGTH, /* Content-Length */
    HTTP_BY_CHUNKS, /* Transfer-Encoding: chunked */
    HTTP_BY_END,    /* the end of the connection */
    HTTP_UNFRAMED   /* no field is added: the check says it all with .fields */
};

enum http_after {
    HTTP_AS_ASKED,  /* what the request asks for: the connection stays open unless it says close */
    HTTP_KEEP_OPEN, /* stays open whatever the request says: who waits for its end waits for ever */
    HTTP_CLOSE,
    HTTP_RESET /* RST once the program has read what was sent */
};

struct http_reply {
    int status;         /* default 200 */
    const char *fields; /* more lines: "Location: /here\r\n" */
    Bytes body;
    enum http_framing framing;
    size_t chunk; /* bytes a chunk of HTTP_BY_CHUNKS; 0: one chunk */
    Bytes raw;    /* exactly these bytes instead of all the above; raw_text("...") */
    bool nothing; /* no reply at all, only what .after says */
    size_t only;  /* so many bytes of the whole reply are sent; 0: all */
    size_t piece; /* in segments of so many bytes, each taken by the program before the next is sent; 0: as
                     TCP likes */
    enum http_after after;
};

/* The bytes of a reply, head and framed body: pure. `closing` adds Connection: close. */
Bytes http_reply_bytes(const struct http_reply *r, bool answers_head, bool closing);

/* ---- Backends ------------------------------------------------------------------------------------------ */

struct http_backend_options {
    const char *host; /* default "127.0.0.1" */
    int port;         /* default: a free one. Below 1024 the check is skipped where that needs a privilege */
    const char *name; /* what steps call it; default "backend" */
};
#define http_backend(...) http_backend_(&(const struct http_backend_options){__VA_ARGS__})
HttpBackend *http_backend_(const struct http_backend_options *o);
const char *http_port_of(HttpBackend *b);
/* "127.0.0.1:7001", "[::1]:7001" */
const char *http_address_of(HttpBackend *b);
/* "http://127.0.0.1:7001" and the path. */
const char *http_url(HttpBackend *b, const char *path);

/* From now on requests for this path (without its query) are answered like this, in the background. "*" is
 * every path that has no route of its own. A later route for the same path takes the place of the earlier
 * one. */
#define http_route(b, path, ...) http_route_(b, path, &(const struct http_reply){__VA_ARGS__})
void http_route_(HttpBackend *b, const char *path, const struct http_reply *r);
/* From now on requests that have a route are held, unanswered; and all that are held are answered. */
void http_hold(HttpBackend *b);
void http_release(HttpBackend *b);
/* The backend dies: nobody listens any more, and its connections are reset. And lives again, on the same
 * port. */
void http_stop(HttpBackend *b);
void http_start(HttpBackend *b);

/* The next request that no route has answered; a malformed one is a failure. */
#define accept_request(b, ...) accept_request_(b, WAIT_(__VA_ARGS__))
HttpMessage *accept_request_(HttpBackend *b, const struct wait_options *w);
/* The reply goes out in the background; what else is sent with send_bytes(request->conn, ...) follows it. */
#define respond(request, ...) respond_(request, &(const struct http_reply){__VA_ARGS__})
void respond_(HttpMessage *request, const struct http_reply *r);

/* Counts, of all that came so far. */
size_t http_requests(HttpBackend *b);
size_t http_requests_for(HttpBackend *b, const char *path);
size_t http_connections(HttpBackend *b);
size_t http_open_connections(HttpBackend *b);
size_t http_held(HttpBackend *b);
/* The most requests that were unanswered at the same time. */
size_t http_busiest(HttpBackend *b);
/* All requests in the order in which they came, counted from 0; NULL beyond the last. */
HttpMessage *http_request_at(HttpBackend *b, size_t i);

/* ---- Client -------------------------------------------------------------------------------------------- */

struct http_ask {
    const char *method; /* default "GET" */
    const char *host;   /* of the Host field; default: where the connection goes to. "": none is sent */
    const char *fields; /* more lines */
    Bytes body;         /* with Content-Length if it is not empty, */
    bool chunked;       /* or as one chunk */
    bool close;         /* with Connection: close */
    int within_ms;
};
/* Sends a request: http_send(conn, "/index.html", .method = "HEAD"). Several may be sent before the first
 * answer. */
#define http_send(conn, target, ...) http_send_(conn, target, &(const struct http_ask){__VA_ARGS__})
void http_send_(Conn *c, const char *target, const struct http_ask *a);
/* The next response on the connection, whatever its status; one that is malformed or does not end is a
 * failure. */
#define receive_response(conn, ...) receive_response_(conn, 0, WAIT_(__VA_ARGS__))
/* The same, and it has this status. */
#define expect_response(conn, status, ...) receive_response_(conn, status, WAIT_(__VA_ARGS__))
HttpMessage *receive_response_(Conn *c, int status, const struct wait_options *w);
/* A response with this status begins on the connection, and the connection ends, by FIN or by RST, before it
 * is complete. */
#define expect_cut_response(conn, status, ...) expect_cut_response_(conn, status, WAIT_(__VA_ARGS__))
void expect_cut_response_(Conn *c, int status, const struct wait_options *w);
/* A connection, a request that asks to close it, and the response: http_get(port, "/"). */
#define http_get(port, target, ...) http_get_(port, target, &(const struct http_ask){__VA_ARGS__})
HttpMessage *http_get_(const char *port, const char *target, const struct http_ask *a);

/* ---- What a message says ------------------------------------------------------------------------------- */

/* It has this field, once, with this value; NULL: it has none of this name. */
void expect_field(const HttpMessage *m, const char *name, const char *value);
void expect_body(const HttpMessage *m, Bytes body);
/* A request's method and target. */
void expect_request_line(const HttpMessage *m, const char *method, const char *target);

#endif
