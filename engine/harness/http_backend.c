/* Backends: the background side of http.h. Everything below on_connection() and on_input() runs inside the
 * loop, where nothing may wait and nothing may fail; what a check should fail of is kept for
 * accept_request(). */
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/http.h"
#include "harness/http_state.h"
#include "harness/program.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE_TICK_MS = 1 }; /* how often we look whether a piece was taken */

struct route {
    struct route *next;
    const char *path;
    struct http_reply reply;
};

struct http_backend {
    const char *name, *host, *port;
    Listener *listener;
    bool stopped, holding;
    struct route *routes;
    struct http_conn *conns;
    HttpMessage **requests; /* all of them */
    size_t n_requests, n_taken, n_connections;
    struct http_conn *malformed; /* the first connection on which something came that is no request */
    size_t unanswered, busiest;
};

struct http_conn { /* a connection to a backend */
    struct http_conn *next;
    HttpBackend *backend;
    Conn *conn;
    struct http_parser *parser;
    size_t n_requests;
    HttpMessage *pending; /* a whole request that has not been answered in full */
    bool is_held;         /* it has a route, and waits for http_release() */
    bool is_taken;        /* accept_request() has given it out */
    bool is_by_hand;      /* it has given one out on this connection, so the check may still send on it */
    bool answered;        /* a whole reply was sent, and the connection stays open */
    Bytes reply;
    size_t sent;
    size_t piece;
    enum http_after after;
    uv_timer_t timer;
};

/* ---- Answering ----------------------------------------------------------------------------------------- */

static void read_requests(struct http_conn *h);

static bool taken_by_program(const Conn *c)
{
    struct socket_info peer;

    return outbox_pending(&c->out) == 0 && (!socket_peer(c->fd, &peer) || peer.receive_queue == 0);
}

static void finish_reply(struct http_conn *h)
{
    Conn *c = h->conn;

    uv_timer_stop(&h->timer);
    h->backend->unanswered--;
    h->pending = NULL;
    h->is_taken = false;
    h->answered = h->after == HTTP_KEEP_OPEN || h->after == HTTP_AS_ASKED;
    if (h->after == HTTP_RESET) {
        reset(c);
    } else if (h->after == HTTP_CLOSE) {
        c->close_due = true;
        conn_drain(c); /* closing with unread input would send RST instead of FIN */
        conn_update(c);
    } else {
        read_requests(h);
    }
}

/* Sends the next piece when the program has taken the one before; ends the reply when all are gone. */
static void on_tick(uv_timer_t *timer)
{
    struct http_conn *h = timer->data;
    Conn *c = h->conn;

    if (c->fd < 0 || c->out.error) {
        h->after = HTTP_CLOSE;
        finish_reply(h);
    } else if (taken_by_program(c)) {
        Bytes next = slice(h->reply, h->sent, h->piece);
        if (next.size == 0) {
            finish_reply(h);
            return;
        }
        h->sent += next.size;
        outbox_add(&c->out, next);
        conn_update(c);
    }
}

static const char *reply_words(const struct http_reply *r, Bytes all)
{
    size_t line = 0;

    while (line < all.size && all.data[line] != '\r' && all.data[line] != '\n')
        line++;
    const char *pieces = r->piece == 1  ? ", each byte in a segment of its own"
                         : r->piece > 0 ? format(", in segments of %s", count_bytes(r->piece))
                                        : "";
    return format("%s, %s in all%s", quote(slice(all, 0, line)), count_bytes(all.size), pieces);
}

static void reply_to(struct http_conn *h, const struct http_reply *r)
{
    bool asked_to_close = !h->pending->keeps || h->conn->in.ended || r->framing == HTTP_BY_END;
    bool closes = r->after == HTTP_CLOSE || (r->after == HTTP_AS_ASKED && asked_to_close);
    Bytes all = http_reply_bytes(r, strcmp(h->pending->method, "HEAD") == 0, closes);

    if (r->only > 0)
        all = slice(all, 0, r->only);
    h->is_held = false;
    h->after = closes ? HTTP_CLOSE : r->after;
    h->reply = all;
    if (all.size > 0)
        step("%s → %s  %s", h->conn->name, h->conn->peer_name, reply_words(r, all));
    else
        step("the backend sends no answer on %s, and %s", h->conn->name,
             h->after == HTTP_RESET   ? "resets it"
             : h->after == HTTP_CLOSE ? "ends it"
                                      : "keeps it open");
    if (r->piece > 0 || h->after == HTTP_RESET) {
        h->piece = r->piece > 0 ? r->piece : all.size;
        h->sent = 0;
        uv_timer_start(&h->timer, on_tick, 0, PIECE_TICK_MS);
        return;
    }
    outbox_add(&h->conn->out, all);
    conn_update(h->conn);
    finish_reply(h);
}

static const struct route *route_for(const HttpBackend *b, const char *target)
{
    const struct route *any = NULL;
    size_t len = strcspn(target, "?");

    for (const struct route *r = b->routes; r; r = r->next) {
        if (strlen(r->path) == len && strncmp(r->path, target, len) == 0)
            return r;
        if (!any && strcmp(r->path, "*") == 0)
            any = r;
    }
    return any;
}

/* ---- Reading ------------------------------------------------------------------------------------------- */

static void take_request(struct http_conn *h)
{
    HttpBackend *b = h->backend;
    HttpMessage *m = &h->parser->message; /* it and its parser stay: the check may ask for it */
    const struct route *route = route_for(b, m->target);

    m->conn = h->conn;
    h->pending = m;
    h->n_requests++;
    if ((b->n_requests & (b->n_requests + 1)) == 0)
        b->requests = xreallocarray(b->requests, 2 * (b->n_requests + 1), sizeof *b->requests);
    b->requests[b->n_requests++] = m;
    if (++b->unanswered > b->busiest)
        b->busiest = b->unanswered;
    step("%s → %s  %s %s%s", h->conn->peer_name, h->conn->name, m->method, quote(text(m->target)),
         m->body.size ? format(", with %s of body", count_bytes(m->body.size)) : "");
    h->parser = xcalloc(1, sizeof *h->parser);
    h->is_held = route && b->holding;
    if (route && !b->holding)
        reply_to(h, &route->reply);
}

static void refuse(struct http_conn *h)
{
    static const char reply[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    Conn *c = h->conn;

    step("%s → %s  something that is no request: %s", c->peer_name, c->name, h->parser->wrong);
    if (!h->backend->malformed)
        h->backend->malformed = h;
    if (h->n_requests > 0)
        return; /* the check may still talk on this connection: accept_request() will say it */
    if (!c->in.ended)
        outbox_add(&c->out, text(reply));
    c->close_due = true;
    conn_update(c);
}

static void read_requests(struct http_conn *h)
{
    Conn *c = h->conn;

    while (!h->pending && c->fd >= 0 && !c->close_due && h->parser->progress == HTTP_MORE) {
        Bytes unread = inbox_unread(&c->in);
        if (unread.size > 0) {
            h->answered = false;
            inbox_take(&c->in, http_parser_feed(h->parser, unread));
        } else if (!c->in.ended) {
            return;
        } else if (h->parser->head.len > 0) {
            http_parser_end(h->parser);
        } else if (h->is_by_hand) {
            return;
        } else {
            c->close_due = true; /* it has ended between two requests, as it may */
            conn_update(c);
            return;
        }
        if (h->parser->progress == HTTP_BAD)
            refuse(h);
        else if (h->parser->progress == HTTP_WHOLE)
            take_request(h);
    }
}

static void on_input(Conn *c)
{
    read_requests(c->owner);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    HttpBackend *b = poll->data;
    Conn *c;

    (void)status, (void)events;
    while ((c = listener_take(b->listener)) != NULL) {
        struct http_conn *h = xcalloc(1, sizeof *h);
        h->backend = b;
        h->conn = c;
        h->parser = xcalloc(1, sizeof *h->parser);
        uv_timer_init(&world.loop, &h->timer);
        h->timer.data = h;
        h->next = b->conns;
        b->conns = h;
        b->n_connections++;
        c->owner = h;
        c->on_input = on_input;
        step("%s connects to %s: %s", c->peer_name, b->name, c->name);
    }
}

/* ---- Backends ------------------------------------------------------------------------------------------ */

static void require_privilege(int port)
{
    enum { FIRST_FREE = 1024 };
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    if (port == 0 || port >= FIRST_FREE)
        return;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = fd < 0 ? 0 : bind(fd, (struct sockaddr *)&any, sizeof any), error = errno;
    if (fd >= 0)
        close(fd);
    if (rc < 0 && (error == EACCES || error == EADDRINUSE))
        skip(
            "This check needs port %d, which cannot be had here: %s. It can in a sandbox of the level full; lux "
            "doctor says what that takes.",
            port, strerror(error));
}

HttpBackend *http_backend_(const struct http_backend_options *o)
{
    HttpBackend *b = xcalloc(1, sizeof *b);

    require_privilege(o->port);
    b->name = o->name ? o->name : "the backend";
    b->host = o->host ? o->host : "127.0.0.1";
    b->listener = tcp_listen(.host = b->host, .port = o->port);
    b->port = port_of(b->listener);
    b->listener->poll.data = b;
    uv_poll_start(&b->listener->poll, UV_READABLE, on_connection);
    return b;
}

const char *http_port_of(HttpBackend *b)
{
    return b->port;
}

const char *http_address_of(HttpBackend *b)
{
    return format(strchr(b->host, ':') ? "[%s]:%s" : "%s:%s", b->host, b->port);
}

const char *http_url(HttpBackend *b, const char *path)
{
    return format("http://%s%s", http_address_of(b), path);
}

void http_route_(HttpBackend *b, const char *path, const struct http_reply *r)
{
    struct route *route = xcalloc(1, sizeof *route);

    *route = (struct route){.next = b->routes, .path = path, .reply = *r};
    b->routes = route;
}

void http_hold(HttpBackend *b)
{
    step("%s holds back its answers", b->name);
    b->holding = true;
}

void http_release(HttpBackend *b)
{
    step("%s answers again", b->name);
    b->holding = false;
    for (struct http_conn *h = b->conns; h; h = h->next)
        if (h->is_held)
            reply_to(h, &route_for(b, h->pending->target)->reply);
}

void http_stop(HttpBackend *b)
{
    step("%s dies", b->name);
    stop_listening(b->listener);
    b->stopped = true;
    for (struct http_conn *h = b->conns; h; h = h->next) {
        uv_timer_stop(&h->timer);
        if (h->pending)
            b->unanswered--;
        h->pending = NULL;
        h->is_held = false;
        if (h->conn->fd >= 0)
            reset(h->conn);
    }
}

void http_start(HttpBackend *b)
{
    if (!b->stopped)
        world_broken(0, "The check starts %s, which was never stopped", b->name);
    step("%s lives again", b->name);
    b->stopped = false;
    b->listener = tcp_listen(.host = b->host, .port = atoi(b->port));
    b->listener->poll.data = b;
    uv_poll_start(&b->listener->poll, UV_READABLE, on_connection);
}

/* ---- Answered by the check ----------------------------------------------------------------------------- */

static struct http_conn *waiting_request(HttpBackend *b, HttpMessage *m)
{
    for (struct http_conn *h = b->conns; h; h = h->next)
        if (h->pending && h->pending == m && !h->is_held && !h->is_taken)
            return h;
    return NULL;
}

/* The first in the order in which they came. */
static HttpMessage *next_request(HttpBackend *b)
{
    for (; b->n_taken < b->n_requests; b->n_taken++) {
        struct http_conn *h = waiting_request(b, b->requests[b->n_taken]);
        if (!h)
            continue; /* its route has answered it, or will */
        h->is_taken = h->is_by_hand = true;
        return b->requests[b->n_taken++];
    }
    return NULL;
}

/* The connection on which the beginning of a request has come; else any; NULL: there was none. */
static struct http_conn *unfinished(HttpBackend *b)
{
    for (struct http_conn *h = b->conns; h; h = h->next)
        if (h->parser->head.len > 0)
            return h;
    return b->conns;
}

static const char *what_came(HttpBackend *b, const struct http_conn *h, bool gone)
{
    const char *came;

    if (!h)
        came = "no connection came";
    else if (h->parser->head.len == 0)
        came = format("it has connected %s, and sent nothing more",
                      b->n_connections == 1 ? "once" : "several times");
    else if (h->parser->stage == HTTP_HEAD)
        came = format("%s of a request came, but no empty line that ends its head",
                      count_bytes(h->parser->head.len));
    else
        came = "the body of its request does not end";
    return gone && program_endings() ? format("%s; %s", came, program_endings()) : came;
}

static _Noreturn void no_request(HttpBackend *b, const struct wait *w, bool gone)
{
    struct http_conn *h = b->malformed ? b->malformed : unfinished(b);
    Program *p = h ? h->conn->peer : program_last();
    const char *name = p ? p->name : "the program";

    failure_settle();
    fail(&(struct failing){.cause = gone || b->malformed ? CAUSE_WRONG : CAUSE_TIMEOUT,
                           .expecting = EXPECTING_REQUEST,
                           .program = p,
                           .conn = h ? h->conn : NULL,
                           .expectation = format("%s sends an HTTP request to port %s", name, b->port),
                           .observation = b->malformed
                                              ? format("what it sends is no request: %s", h->parser->wrong)
                                              : what_came(b, h, gone),
                           .compares = h && h->parser->head.len > 0,
                           .received = h ? bytes(buf_str(&h->parser->head), h->parser->head.len) : text(""),
                           .wait = gone || b->malformed ? NULL : w});
}

HttpMessage *accept_request_(HttpBackend *b, const struct wait_options *o)
{
    struct wait w = wait_start(o, "a request", format("to port %s", b->port));
    HttpMessage *m;

    while ((m = next_request(b)) == NULL) {
        bool gone = programs_all_gone();
        if (b->malformed || (gone && w.last_look))
            no_request(b, &w, gone);
        w.last_look = w.last_look || gone;
        if (gone)
            world_run(0);
        else if (!wait_more(&w))
            no_request(b, &w, false);
    }
    return m;
}

void respond_(HttpMessage *request, const struct http_reply *r)
{
    struct http_conn *h = request->conn ? request->conn->owner : NULL;

    if (!h || h->pending != request)
        world_broken(0, "The check answers a request twice, or one that it was not asked");
    reply_to(h, r);
}

/* ---- Counts -------------------------------------------------------------------------------------------- */

size_t http_requests(HttpBackend *b)
{
    return b->n_requests;
}

size_t http_requests_for(HttpBackend *b, const char *path)
{
    size_t n = 0, len = strlen(path);

    for (size_t i = 0; i < b->n_requests; i++) {
        const char *target = b->requests[i]->target;
        n += strcspn(target, "?") == len && strncmp(target, path, len) == 0;
    }
    return n;
}

size_t http_connections(HttpBackend *b)
{
    return b->n_connections;
}

size_t http_open_connections(HttpBackend *b)
{
    size_t n = 0;

    for (struct http_conn *h = b->conns; h; h = h->next)
        n += h->conn->fd >= 0 && !h->conn->in.ended;
    return n;
}

size_t http_held(HttpBackend *b)
{
    size_t n = 0;

    for (struct http_conn *h = b->conns; h; h = h->next)
        n += h->is_held;
    return n;
}

size_t http_busiest(HttpBackend *b)
{
    return b->busiest;
}

HttpMessage *http_request_at(HttpBackend *b, size_t i)
{
    return i < b->n_requests ? b->requests[i] : NULL;
}

/* It needs no end of the connection, and nothing of it is missing. */
static bool is_whole_response(Bytes reply)
{
    struct http_parser p = {.responses = true};

    do {
        http_parser_reset(&p);
        size_t n = http_parser_feed(&p, reply);
        reply = slice(reply, n, reply.size);
    } while (p.progress == HTTP_WHOLE && p.message.status < 200);
    return p.progress == HTTP_WHOLE;
}

bool http_is_answered(const Conn *c)
{
    const struct http_conn *h = c->on_input == on_input ? c->owner : NULL;

    return h && h->answered && c->fd >= 0 && is_whole_response(h->reply);
}
