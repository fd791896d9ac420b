/* load-balancer: ./lb <listen-port> <backend>... passes each request to the next of several HTTP servers. */
#include "base/clock.h"
#include "harness/check.h"
#include "harness/http.h"

#include <string.h>

CHALLENGE("load-balancer");

enum {
    KIB = 1024,
    MIB = 1024 * KIB,
    BULK = 8 * MIB,
    FLOOD = 32 * MIB,
    WINDOW = 256 * KIB,
    HELD_MAX_KB = 16 * KIB, /* what the contract lets it hold for a slow peer */
    BULK_CPU_MS = 1000,
    IDLE_MS = 300,
    IDLE_CPU_MS = 30,
    REST_MS = 1000,
    COMES_BACK_MS = 5000,
    SOON_MS = 5000,
    LOOKS = 200
};

static HttpBackend *backend(const char *name)
{
    HttpBackend *b = http_backend(.name = name);
    http_route(b, "*", .body = text(name));
    return b;
}

/* ./lb before these backends, on a port. */
static Program *balance(const char **port, HttpBackend *a, HttpBackend *b, HttpBackend *c)
{
    *port = free_port();
    if (c)
        return start(*port, http_address_of(a), http_address_of(b), http_address_of(c));
    if (b)
        return start(*port, http_address_of(a), http_address_of(b));
    return start(*port, http_address_of(a));
}

static void by_hand_with(int backends)
{
    by_hand(
        "for p in 7001 7002 7003; do (mkdir -p /tmp/$p; cd /tmp/$p; echo $p >name; python3 -m http.server $p) "
        "& done");
    by_hand("./lb 7000%s%s%s &", " 127.0.0.1:7001", backends > 1 ? " 127.0.0.1:7002" : "",
            backends > 2 ? " 127.0.0.1:7003" : "");
}

/* A request on a connection of its own is answered with this text. */
static void expect_answer(const char *port, const char *body)
{
    Conn *client = tcp_connect(port);
    http_send(client, "/name", .close = true);
    expect_body(expect_response(client, 200, within(SOON_MS)), text(body));
}

static HttpMessage *get(const char *port)
{
    Conn *client = tcp_connect(port);
    http_send(client, "/name", .close = true);
    return expect_response(client, 200, within(SOON_MS));
}

/* ---- Core ---------------------------------------------------------------------------------------------- */

CHECK(passes_a_request_on, CORE, "request", "Passes a request to the backend, and its answer to the client")
{
    const char *port;
    HttpBackend *one = http_backend();
    balance(&port, one, NULL, NULL);
    by_hand_with(1);
    by_hand("curl -v http://127.0.0.1:7000/name");

    Conn *client = tcp_connect(port);
    http_send(client, "/hello?to=you", .host = "example.test", .fields = "X-Colour: blue\r\n");
    HttpMessage *request = accept_request(one);
    expect_request_line(request, "GET", "/hello?to=you");
    expect_field(request, "Host", "example.test");
    expect_field(request, "X-Colour", "blue");
    respond(request, .status = 404, .fields = "X-Shape: round\r\n", .body = text("not here\n"));
    HttpMessage *answer = expect_response(client, 404);
    expect_field(answer, "X-Shape", "round");
    expect_body(answer, text("not here\n"));
}

CHECK(takes_turns, CORE, "turns", "Gives requests to the backends in turn, in the order of the command line",
      .needs = "passes_a_request_on")
{
    enum { ROUNDS = 3 };
    const char *port, *names[] = {"first", "second", "third"};
    HttpBackend *a = backend(names[0]), *b = backend(names[1]), *c = backend(names[2]);
    balance(&port, a, b, c);
    by_hand_with(3);
    by_hand("for i in $(seq 9); do curl http://127.0.0.1:7000/name; done");

    for (int i = 0; i < 3 * ROUNDS; i++)
        expect_answer(port, names[i % 3]);
}

CHECK(keeps_the_connection, CORE, "keep-alive",
      "Answers several requests on one connection, each in its turn", .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *a = backend("first"), *b = backend("second");
    balance(&port, a, b, NULL);
    by_hand_with(2);
    by_hand(
        "curl -v http://127.0.0.1:7000/name http://127.0.0.1:7000/name        # one connection, two answers");

    Conn *client = tcp_connect(port);
    for (int i = 0; i < 6; i++) {
        http_send(client, format("/%d", i));
        expect_body(
            expect_response(client, 200, .what = format("the answer to request %d on the connection", i + 1)),
            text(i % 2 ? "second" : "first"));
    }
    http_send(client, "/last", .close = true);
    expect_response(client, 200);
    expect_eof(client, .what = "the end of the connection, as the last request asked for");
}

CHECK(carries_bodies, CORE, "bodies", "Passes bodies on, with a length, in chunks, and none at all",
      .needs = "keeps_the_connection")
{
    const char *port;
    HttpBackend *one = http_backend();
    balance(&port, one, NULL, NULL);
    by_hand_with(1);
    by_hand(
        "curl -v --data-binary @lb http://127.0.0.1:7000/        # and with -H 'Transfer-Encoding: chunked'");

    Conn *client = tcp_connect(port);
    static const enum http_framing framings[] = {HTTP_BY_LENGTH, HTTP_BY_CHUNKS};
    for (int i = 0; i < 4; i++) {
        Bytes up = random_bytes((size_t)random_between(1000, 100 * KIB)),
              down = join(all_byte_values(), random_bytes(70 * KIB));
        http_send(client, "/form", .method = "POST", .body = up, .chunked = i % 2 == 1);
        HttpMessage *request = accept_request(one);
        expect_request_line(request, "POST", "/form");
        expect_body(request, up);
        respond(request, .body = down, .framing = framings[i / 2], .chunk = 1000);
        expect_body(expect_response(client, 200), down);
    }
    http_send(client, "/head", .method = "HEAD");
    respond(accept_request(one), .body = text("a body that HEAD does not get"));
    expect_response(client, 200, .what = "the answer to HEAD, which has no body whatever its length says");
    http_send(client, "/nothing");
    respond(accept_request(one), .status = 204, .framing = HTTP_UNFRAMED);
    expect_response(client, 204);
    http_send(client, "/not-modified");
    respond(accept_request(one), .status = 304, .framing = HTTP_UNFRAMED,
            .fields = "Content-Length: 100\r\n");
    expect_response(client, 304, .what = "the answer with the status 304, which has no body");
    http_send(client, "/to-the-end", .close = true);
    respond(accept_request(one), .body = text("until the end of the connection"), .framing = HTTP_BY_END);
    expect_body(expect_response(client, 200), text("until the end of the connection"));
    expect_eof(client);
}

CHECK(skips_a_dead_backend, CORE, "skip", "Gives requests to the others when a backend takes no connections",
      .needs = "takes_turns")
{
    const char *port;
    HttpBackend *a = backend("first"), *b = backend("second"), *c = backend("third");
    http_stop(b);
    balance(&port, a, b, c);
    by_hand("./lb 7000 127.0.0.1:7001 127.0.0.1:7002 &        # and nobody on 7002");
    by_hand("for i in $(seq 9); do curl http://127.0.0.1:7000/name; done");

    for (int i = 0; i < 12; i++)
        get(port);
    claim(http_requests(a) > 0 && http_requests(c) > 0,
          "both of the backends that live are asked: %zu and %zu requests came to them", http_requests(a),
          http_requests(c));
    Conn *client = tcp_connect(port);
    for (int i = 0; i < 4; i++) {
        http_send(client, "/form", .method = "POST", .body = text("nothing was sent to the dead one"));
        expect_response(client, 200, within(SOON_MS));
    }
}

CHECK(takes_a_backend_back, CORE, "comes-back", "Asks a backend again that has come back",
      .needs = "skips_a_dead_backend")
{
    const char *port;
    HttpBackend *a = backend("first"), *b = backend("second");
    balance(&port, a, b, NULL);
    expect_answer(port, "first");
    expect_answer(port, "second");
    http_stop(b);
    for (int i = 0; i < 4; i++)
        expect_answer(port, "first");
    http_start(b);
    size_t before = http_requests(b);
    struct wait *wait =
        wait_begin(WAIT_(within(COMES_BACK_MS), .what = "a request to come to the backend that is back"));
    while (http_requests(b) == before) {
        get(port);
        wait_step(wait);
    }
    wait_end(wait);
    before = http_requests(b);
    for (int i = 0; i < 6; i++)
        get(port);
    claim(http_requests(b) == before + 3, "it has every second turn again: of 6 requests, %zu came to it",
          http_requests(b) - before);
}

CHECK(says_that_all_are_gone, CORE, "none-left",
      "Answers 503 when no backend takes a connection, and goes on", .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *a = backend("first"), *b = backend("second");
    http_stop(a);
    http_stop(b);
    Program *lb = balance(&port, a, b, NULL);
    by_hand("./lb 7000 127.0.0.1:7001 127.0.0.1:7002 &        # and nobody on 7001 and 7002");
    by_hand("curl -v http://127.0.0.1:7000/");

    for (int i = 0; i < 3; i++) {
        Conn *client = tcp_connect(port);
        http_send(client, "/", .close = true);
        expect_response(client, 503, within(SOON_MS));
    }
    expect_running(lb);
    http_start(b);
    for (int i = 0; i < 4; i++)
        expect_answer(port, "second");
}

CHECK(stops_on_sigterm, CORE, "stop", "Stops on SIGTERM, with exit status 0", .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *one = backend("first");
    Program *lb = balance(&port, one, NULL, NULL);
    by_hand("./lb 7000 127.0.0.1:7001 & sleep 1; kill %%1; wait %%1; echo $?");

    Conn *idle = tcp_connect(port);
    http_send(idle, "/name");
    expect_response(idle, 200);
    expect_answer(port, "first");
    send_signal(lb, SIGTERM);
    expect_exit(lb, 0, within(SOON_MS));
    expect_closed(idle);
    expect_refused(port);
    start(port, http_address_of(one));
    expect_answer(port, "first");
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "passes_a_request_on")
{
    const char *port, *good = "127.0.0.1:7001";
    balance(&port, backend("first"), NULL, NULL);
    expect_answer(port, "first");

    Program *wrong[] = {
        start(),
        start(free_port()),
        start("0", good),
        start("65536", good),
        start("7x", good),
        start("", good),
        start(free_port(), "7001"),
        start(free_port(), "127.0.0.1"),
        start(free_port(), "127.0.0.1:"),
        start(free_port(), "127.0.0.1:0"),
        start(free_port(), "127.0.0.1:65536"),
        start(free_port(), "127.0.0.1:x"),
        start(free_port(), ":7001"),
        start(free_port(), "256.0.0.1:7001"),
        start(free_port(), good, ""),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
}

CHECK(says_that_the_port_is_taken, CORE, "port-in-use", "Says that the port is taken, with exit status 1",
      .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *one = backend("first");
    balance(&port, one, NULL, NULL);
    by_hand("./lb 7000 127.0.0.1:7001 &");
    by_hand("./lb 7000 127.0.0.1:7001; echo $?");

    expect_answer(port, "first");
    Program *second = start(port, http_address_of(one));
    expect_exit(second, 1);
    expect_stderr_message(second);
    expect_stdout_end(second);
    expect_answer(port, "first");
}

/* ---- Robust: messages ---------------------------------------------------------------------------------- */

CHECK(changes_no_target_or_field, ROBUST, "request", "Passes targets and fields on byte for byte",
      .needs = "passes_a_request_on")
{
    static const char *const targets[] = {"/a/../b/./c", "/%2Fetc%2f?x=%20&y=/&&z=", "/a//b", "/?",
                                          "/~q'(1)*$;p=1,2"};
    const char *port;
    HttpBackend *one = http_backend();
    balance(&port, one, NULL, NULL);
    Conn *client = tcp_connect(port);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        http_send(client, targets[i], .method = i % 2 ? "DELETE" : "OPTIONS",
                  .fields = "X-Long: a, b;c=\"d e\"\r\nCookie: id=17; k=v==\r\n");
        HttpMessage *request = accept_request(one);
        expect_request_line(request, i % 2 ? "DELETE" : "OPTIONS", targets[i]);
        expect_field(request, "X-Long", "a, b;c=\"d e\"");
        expect_field(request, "Cookie", "id=17; k=v==");
        respond(request, .status = 299, .fields = "Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\n");
        HttpMessage *answer = expect_response(client, 299);
        const char *first = http_nth_field(answer, "Set-Cookie", 0),
                   *second = http_nth_field(answer, "Set-Cookie", 1);
        claim(first && second && strcmp(first, "a=1; Path=/") == 0 && strcmp(second, "b=2") == 0,
              "a field that comes twice is passed on twice, in order: Set-Cookie is %s and %s",
              first ? first : "missing", second ? second : "missing");
    }
}

CHECK(keeps_hop_fields_to_itself, ROBUST, "hop-by-hop", "Does not pass on what concerns one connection alone",
      .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *one = http_backend();
    balance(&port, one, NULL, NULL);
    Conn *client = tcp_connect(port);
    http_send(client, "/",
              .fields = "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-End: 2\r\n");
    HttpMessage *request = accept_request(one);
    expect_field(request, "X-Hop", NULL);
    expect_field(request, "Keep-Alive", NULL);
    expect_field(request, "X-End", "2");
    claim(!http_lists(request, "Connection", "X-Hop"),
          "Connection, as the backend gets it, does not name X-Hop");
    respond(request, .fields = "Connection: X-Back\r\nX-Back: 1\r\nX-End: 3\r\n", .after = HTTP_KEEP_OPEN,
            .body = text("one"));
    HttpMessage *answer = expect_response(client, 200);
    expect_field(answer, "X-Back", NULL);
    expect_field(answer, "X-End", "3");
    expect_body(answer, text("one"));
    http_send(client, "/again");
    respond(accept_request(one), .body = text("two"), .after = HTTP_CLOSE);
    answer = expect_response(client, 200);
    expect_body(answer, text("two"));
    claim(!http_lists(answer, "Connection", "close"),
          "the client's connection goes on although the backend closes its own: no Connection: close");
    http_send(client, "/once-more");
    respond(accept_request(one), .body = text("three"));
    expect_body(expect_response(client, 200), text("three"));
}

CHECK(says_whom_it_asks_for, ROBUST, "forwarded-for", "Tells the backend whose request it is",
      .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *one = http_backend();
    balance(&port, one, NULL, NULL);
    Conn *client = tcp_connect(port);
    http_send(client, "/");
    HttpMessage *request = accept_request(one);
    expect_field(request, "X-Forwarded-For", "127.0.0.1");
    respond(request);
    expect_response(client, 200);
    http_send(client, "/", .fields = "X-Forwarded-For: 192.0.2.7\r\n");
    request = accept_request(one);
    expect_field(request, "X-Forwarded-For", "192.0.2.7, 127.0.0.1");
    respond(request);
    expect_response(client, 200);
}

CHECK(waits_for_the_final_answer, ROBUST, "interim", "Goes on to the final answer after interim ones",
      .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *one = http_backend();
    balance(&port, one, NULL, NULL);
    Conn *client = tcp_connect(port);
    http_send(client, "/");
    respond(accept_request(one),
            .raw = text("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n"
                        "Content-Length: 5\r\n\r\nfinal"));
    HttpMessage *answer = receive_response(client);
    while (answer->status < 200)
        answer = receive_response(client);
    expect_body(answer, text("final"));
}

CHECK(answers_in_order, ROBUST, "keep-alive", "Answers requests that came together, in their order",
      .needs = "keeps_the_connection")
{
    enum { REQUESTS = 8 };
    const char *port;
    HttpBackend *a = http_backend(.name = "first"), *b = http_backend(.name = "second");
    Conn *client;
    for (int i = 0; i < REQUESTS; i++) {
        http_route(a, format("/%d", i), .body = text(format("answer %d", i)));
        http_route(b, format("/%d", i), .body = text(format("answer %d", i)));
    }
    balance(&port, a, b, NULL);
    by_hand(
        "printf 'GET /1 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\nGET /2 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | nc -N 127.0.0.1 7000");
    client = tcp_connect(port);
    for (int i = 0; i < REQUESTS; i++)
        http_send(client, format("/%d", i));
    for (int i = 0; i < REQUESTS; i++)
        expect_body(
            expect_response(client, 200, .what = format("the answer to request %d of %d", i + 1, REQUESTS)),
            text(format("answer %d", i)));
}

CHECK(takes_requests_in_pieces, ROBUST, "pieces", "Takes requests and answers byte by byte",
      .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *one = http_backend();
    balance(&port, one, NULL, NULL);
    Conn *client = tcp_connect(port);
    send_bytewise(client, text("POST /slow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "5\r\nhello\r\n00B;x=y\r\n, and more.\r\n0\r\nX-Sum: 1\r\n\r\n"));
    HttpMessage *request = accept_request(one);
    expect_body(request, text("hello, and more."));
    respond(request, .body = numbered_lines(300), .framing = HTTP_BY_CHUNKS, .chunk = 90, .piece = 1);
    expect_body(expect_response(client, 200, within(SOON_MS)), numbered_lines(300));
}

CHECK(answers_after_a_half_close, ROBUST, "half-close", "Answers a client that has ended its sending side",
      .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *one = http_backend();
    balance(&port, one, NULL, NULL);
    by_hand_with(1);
    by_hand("printf 'GET /name HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | nc -N 127.0.0.1 7000");

    Conn *client = tcp_connect(port);
    http_send(client, "/");
    half_close(client);
    HttpMessage *request = accept_request(one);
    Conn *other = tcp_connect(port); /* it has had time to see the end */
    http_send(other, "/other");
    respond(accept_request(one), .body = text("other"));
    expect_response(other, 200);
    respond(request, .body = text("to the end"));
    expect_body(expect_response(client, 200), text("to the end"));
    expect_eof(client);
}

CHECK(refuses_malformed_requests, ROBUST, "malformed",
      "Refuses a malformed request, and passes none of it on", .needs = "passes_a_request_on")
{
    static const char *const wrong[] = {
        "what is this\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Space : 1\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5x\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: mystery\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    };
    const char *port;
    HttpBackend *one = backend("first");
    Program *lb = balance(&port, one, NULL, NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Conn *client = tcp_connect(port);
        send_text(client, wrong[i]);
        int status = receive_response(client)->status;
        claim(status == 400 || status == 501, "a malformed request is refused with 400 or 501: it got %d",
              status);
        expect_closed(client);
    }
    claim(http_connections(one) == 0, "no backend hears of malformed requests: it got %zu connections",
          http_connections(one));
    expect_answer(port, "first");
    expect_running(lb);
}

CHECK(limits_heads, ROBUST, "head-limit", "Takes a head of 16 KiB, and refuses one that does not end",
      .needs = "passes_a_request_on")
{
    const char *port;
    HttpBackend *one = backend("first");
    balance(&port, one, NULL, NULL);
    char *filler = (char *)numbered_lines(16 * KIB).data;
    for (int i = 0; i < 16 * KIB; i++)
        if (filler[i] == '\n' || filler[i] == '\0')
            filler[i] = '.';
    Conn *client = tcp_connect(port);
    http_send(client, "/", .fields = format("X-Long: %.16000s\r\n", filler));
    expect_response(client, 200);
    client = tcp_connect(port);
    send_text(client, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 80; i++)
        send_text(client, format("X-More-%d: %.16000s\r\n", i, filler));
    expect_response(client, 431, within(SOON_MS));
    expect_answer(port, "first");
}

/* ---- Robust: backends that fail ------------------------------------------------------------------------ */

CHECK(repeats_when_a_backend_dies, ROBUST, "repeat",
      "Asks another backend when one dies before it has answered", .needs = "skips_a_dead_backend")
{
    enum { CLIENTS = 6 };
    const char *port;
    HttpBackend *a = backend("first"), *b = backend("second");
    balance(&port, a, b, NULL);
    Conn *clients[CLIENTS];
    http_hold(a);
    http_hold(b);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = tcp_connect(port);
        http_send(clients[i], format("/%d", i), .method = i % 2 ? "GET" : "DELETE");
    }
    eventually(http_held(a) + http_held(b) == CLIENTS, "all requests to be with the backends",
               within(SOON_MS));
    claim(http_held(a) == CLIENTS / 2,
          "of %d requests at the same time, half come to each backend: %zu and %zu", CLIENTS, http_held(a),
          http_held(b));
    http_stop(a);
    eventually(http_held(b) == CLIENTS, "the requests of the dead backend to come to the other",
               within(SOON_MS));
    http_release(b);
    for (int i = 0; i < CLIENTS; i++)
        expect_body(expect_response(clients[i], 200, within(SOON_MS)), text("second"));

    /* One that reads the request and ends the connection, and one that begins the head of an answer. */
    HttpBackend *c = http_backend(.name = "mute"), *d = backend("fourth");
    http_route(c, "*", .nothing = true, .after = HTTP_CLOSE);
    balance(&port, c, d, NULL);
    expect_answer(port, "fourth");
    HttpBackend *e = http_backend(.name = "half a head"), *f = backend("sixth");
    http_route(e, "*", .body = text("never"), .only = 20, .after = HTTP_RESET);
    balance(&port, e, f, NULL);
    expect_answer(port, "sixth");
}

CHECK(repeats_nothing_unsafe, ROBUST, "no-repeat", "Does not send a POST twice: it answers 502",
      .needs = "skips_a_dead_backend")
{
    const char *port;
    HttpBackend *a = http_backend(.name = "first"), *b = http_backend(.name = "second");
    http_route(a, "*", .nothing = true, .after = HTTP_RESET);
    http_route(b, "*", .nothing = true, .after = HTTP_CLOSE);
    Program *lb = balance(&port, a, b, NULL);
    for (size_t i = 1; i <= 4; i++) {
        Conn *client = tcp_connect(port);
        http_send(client, "/pay", .method = "POST", .body = i % 2 ? text("100 coins") : text(""));
        expect_response(client, 502, within(SOON_MS));
        size_t came = http_requests(a) + http_requests(b);
        claim(came == i,
              "a POST that a backend may have carried out is not sent again: of %zu, the backends got %zu", i,
              came);
    }
    expect_running(lb);
}

CHECK(shows_what_is_cut, ROBUST, "cut", "Ends the connection when a backend dies in the middle of its answer",
      .needs = "passes_a_request_on")
{
    static const struct {
        enum http_framing framing;
        enum http_after after;
    } cuts[] = {{HTTP_BY_LENGTH, HTTP_CLOSE},
                {HTTP_BY_CHUNKS, HTTP_CLOSE},
                {HTTP_BY_LENGTH, HTTP_RESET},
                {HTTP_BY_CHUNKS, HTTP_RESET}};
    const char *port;
    HttpBackend *one = http_backend();
    Program *lb = balance(&port, one, NULL, NULL);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        Conn *client = tcp_connect(port);
        http_send(client, "/half");
        respond(accept_request(one), .body = numbered_lines(64 * KIB), .only = 40 * KIB,
                .framing = cuts[i].framing, .chunk = 1000, .after = cuts[i].after);
        expect_cut_response(client, 200, within(SOON_MS));
        claim(http_requests(one) == i + 1, "a request whose answer has begun is not sent again");
    }
    expect_running(lb);
}

CHECK(takes_no_rubbish_for_an_answer, ROBUST, "repeat",
      "Asks another backend when one answers something that is not HTTP", .needs = "skips_a_dead_backend")
{
    const char *port;
    HttpBackend *a = http_backend(.name = "first"), *b = backend("second");
    http_route(a, "*", .raw = text("SSH-2.0-OpenSSH_9.2\r\n\r\n"), .after = HTTP_CLOSE);
    balance(&port, a, b, NULL);
    expect_answer(port, "second");
}

CHECK(lets_a_failing_backend_rest, ROBUST, "rest", "Leaves a failing backend out for a second",
      .needs = "skips_a_dead_backend")
{
    const char *port;
    HttpBackend *a = http_backend(.name = "first"), *b = backend("second");
    http_route(a, "*", .nothing = true, .after = HTTP_CLOSE);
    balance(&port, a, b, NULL);
    uint64_t began = clock_now_ns();
    expect_answer(port, "second");
    for (int i = 0; i < 30; i++)
        expect_answer(port, "second");
    uint64_t ms = (clock_now_ns() - began) / 1000000;
    size_t most = 1 + (size_t)(ms / (REST_MS - 100));
    note("%zu of 31 requests came to the backend that fails, in %llu ms", http_requests(a),
         (unsigned long long)ms);
    claim(
        http_requests(a) <= most,
        "a backend that fails is left out for a second: in %llu ms at most %zu requests come to it; it got %zu",
        (unsigned long long)ms, most, http_requests(a));
}

CHECK(gives_up_on_a_black_hole, ROBUST, "connect-limit",
      "Goes on to the next when a backend does not take its connection", .needs = "takes_turns")
{
    const char *port = free_port();
    Listener *full = tcp_listen(.backlog = 1);
    for (int i = 0; i < 2; i++)
        tcp_connect(port_of(full)); /* nobody accepts them: the next one gets no answer at all */
    HttpBackend *b = backend("second");
    start(port, format("127.0.0.1:%s", port_of(full)), http_address_of(b));
    Conn *waiting = tcp_connect(port);
    http_send(waiting, "/name");
    expect_answer(port, "second");
    expect_body(expect_response(waiting, 200, within(SOON_MS)), text("second"));
}

CHECK(loses_nothing_while_backends_die, ROBUST, "no-loss",
      "Loses no request while backends die and come back", .needs = "repeats_when_a_backend_dies")
{
    enum { CLIENTS = 10, ROUNDS = 6 };
    const char *port;
    HttpBackend *backends[] = {backend("first"), backend("second"), backend("third")};
    balance(&port, backends[0], backends[1], backends[2]);
    Conn *clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = tcp_connect(port);
    int first = random_between(0, 2);
    for (int round = 0; round < ROUNDS; round++) {
        HttpBackend *victim = backends[(first + round) % 3];
        bool held = round % 2 == 0;
        if (held)
            http_hold(victim);
        for (int i = 0; i < CLIENTS; i++)
            http_send(clients[i], format("/%d/%d", round, i));
        if (held && round == 0)
            eventually(http_held(victim) > 0, "a request to come to the backend that is about to die",
                       within(SOON_MS));
        http_stop(victim);
        for (int i = 0; i < CLIENTS; i++)
            expect_response(clients[i], 200, within(SOON_MS),
                            .what = format("the answer to client %d in round %d", i + 1, round + 1));
        http_release(victim);
        http_start(victim);
    }
}

/* ---- Robust: slow ones, and the end -------------------------------------------------------------------- */

CHECK(passes_on_what_has_come, ROBUST, "as-it-comes", "Passes on what has come of a body, in both directions",
      .needs = "carries_bodies")
{
    const char *port = free_port();
    Listener *raw = tcp_listen();
    start(port, format("127.0.0.1:%s", port_of(raw)));
    Bytes half = random_bytes(40 * KIB), rest = random_bytes(40 * KIB);
    Conn *client = tcp_connect(port);
    send_text(client, format("PUT /big HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", 80 * KIB));
    send_bytes(client, half);
    Conn *server = accept_conn(raw);
    eventually(unread_bytes(server) >= half.size,
               "the first half of the request's body to come to the backend");
    send_bytes(client, rest);
    eventually(unread_bytes(server) >= half.size + rest.size, "the second half of it to come there, too");

    send_text(server, format("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 80 * KIB));
    send_bytes(server, half);
    eventually(unread_bytes(client) >= half.size,
               "the first half of the answer's body to come to the client");
    send_bytes(server, rest);
    expect_body(expect_response(client, 200), join(half, rest));
}

CHECK(is_not_held_up, ROBUST, "stalled-peer", "Serves the others while clients and backends are slow",
      .needs = "takes_turns")
{
    const char *port;
    HttpBackend *a = http_backend(.name = "first"), *b = http_backend(.name = "second");
    HttpBackend *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        http_route(both[i], "/big", .body = numbered_lines(BULK));
        http_route(both[i], "/name", .body = text("quick"));
    }
    balance(&port, a, b, NULL);
    tcp_connect(port); /* says nothing */
    send_text(tcp_connect(port), "GET / HTTP/1.1\r\nHo");
    send_text(tcp_connect(port), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
    Conn *deaf = tcp_connect(port, .receive_buffer = WINDOW);
    stop_reading(deaf);
    http_send(deaf, "/big");
    Conn *patient = tcp_connect(port);
    http_send(patient, "/thinks-long");
    struct wait *wait = wait_begin(WAIT_(.what = "the request that takes long to come to a backend"));
    while (http_requests_for(a, "/thinks-long") + http_requests_for(b, "/thinks-long") == 0)
        wait_step(wait);
    wait_end(wait);
    for (int i = 0; i < 10; i++)
        expect_answer(port, "quick");
    respond(accept_request(http_requests_for(a, "/thinks-long") ? a : b), .body = text("well"));
    expect_body(expect_response(patient, 200), text("well"));
    resume_reading(deaf);
    expect_body(expect_response(deaf, 200, within(SOON_MS)), numbered_lines(BULK));
}

/* The next connection to it, when a request has begun to come: what is sent before answers nothing. */
static Conn *accept_asking(Listener *raw)
{
    Conn *c = accept_conn(raw);
    eventually(unread_bytes(c) > 0, "the request to come to the backend");
    return c;
}

CHECK(holds_little, ROBUST, "bounded-memory",
      "Does not fill its memory for a client or a backend that does not read", .needs = "carries_bodies")
{
    const char *port = free_port();
    Listener *raw = tcp_listen(.receive_buffer = WINDOW);
    HttpBackend *b = backend("second");
    Program *lb = start(port, format("127.0.0.1:%s", port_of(raw)), http_address_of(b));
    Conn *warm = tcp_connect(port);
    http_send(warm, "/", .close = true);
    send_text(accept_asking(raw), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    expect_response(warm, 200);
    expect_answer(port, "second");
    long before = memory_kb_of(lb);

    Conn *sends = tcp_connect(port);
    send_text(sends, format("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", FLOOD));
    Conn *does_not_read = accept_conn(raw);
    stop_reading(does_not_read);
    send_bytes(sends, numbered_lines(FLOOD));
    wait_until_stalled(sends, within(SOON_MS));
    expect_answer(port, "second");

    Conn *deaf = tcp_connect(port, .receive_buffer = WINDOW);
    stop_reading(deaf);
    http_send(deaf, "/");
    Conn *answers = accept_asking(raw);
    send_text(answers, format("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", FLOOD));
    send_bytes(answers, numbered_lines(FLOOD));
    wait_until_stalled(answers, within(SOON_MS));
    expect_answer(port, "second");
    long grown = memory_kb_of(lb) - before;
    note("memory grew by %ld KiB while two peers did not read", grown);
    claim(grown <= HELD_MAX_KB, "memory grows by at most %d KiB while peers do not read; it grew by %ld KiB",
          HELD_MAX_KB, grown);
}

CHECK(survives_clients_that_are_gone, ROBUST, "abrupt-peer",
      "A client that is gone costs nobody else anything", .needs = "takes_turns")
{
    const char *port;
    HttpBackend *one = http_backend(.name = "first");
    http_route(one, "/big", .body = numbered_lines(BULK));
    http_route(one, "/name", .body = text("first"));
    Program *lb = balance(&port, one, NULL, NULL);
    for (int i = 0; i < 4; i++) {
        reset(tcp_connect(port));
        Conn *gone = tcp_connect(port, .receive_buffer = WINDOW);
        http_send(gone, "/big");
        eventually(unread_bytes(gone) > 0, "the beginning of an answer to come");
        if (i % 2)
            reset(gone);
        else
            hang_up(gone);
        Conn *half = tcp_connect(port);
        send_text(half, "POST /name HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
        hang_up(half);
        expect_answer(port, "first");
    }
    expect_running(lb);
}

CHECK(finishes_before_it_stops, ROBUST, "drain",
      "On SIGTERM, finishes the requests that it has, and takes no more", .needs = "stops_on_sigterm")
{
    const char *port;
    HttpBackend *one = http_backend();
    Program *lb = balance(&port, one, NULL, NULL);
    Conn *client = tcp_connect(port), *other = tcp_connect(port);
    Bytes body = numbered_lines(MIB);
    http_send(client, "/slow");
    HttpMessage *request = accept_request(one);
    http_send(other, "/slow-too");
    HttpMessage *begun = accept_request(one);
    respond(begun, .raw = text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"),
            .after = HTTP_KEEP_OPEN);
    eventually(unread_bytes(other) > 0, "the beginning of an answer to come");
    send_signal(lb, SIGTERM);
    expect_refused(port);
    expect_running(lb);
    respond(request, .body = body);
    expect_body(expect_response(client, 200), body);
    send_text(begun->conn, "world");
    expect_body(expect_response(other, 200), text("helloworld"));
    expect_exit(lb, 0, within(SOON_MS));
}

CHECK(leaves_nothing_open, ROBUST, "clean-up",
      "Keeps no descriptor, child or zombie of exchanges that are over", .needs = "skips_a_dead_backend")
{
    enum { WARM_UP = 8, REQUESTS = 100 };
    const char *port;
    HttpBackend *a = http_backend(.name = "first"), *b = backend("second"), *dead = backend("dead");
    http_route(a, "*", .body = text("first"));
    http_route(a, "/cut", .body = numbered_lines(KIB), .only = 500, .after = HTTP_RESET);
    http_route(b, "/cut", .nothing = true, .after = HTTP_CLOSE);
    http_stop(dead);
    Program *lb = balance(&port, a, dead, b);
    int files_before = 0, processes_before = 0;
    for (int i = 0; i < WARM_UP + REQUESTS; i++) {
        if (i == WARM_UP) {
            files_before = open_files_of(lb);
            processes_before = processes_of(lb);
        }
        Conn *client = tcp_connect(port);
        if (i % 4 == 0) {
            hang_up(client);
            continue;
        }
        /* What ends early ends its connection, or is answered 502, which need not: so it asks for the end, too. */
        http_send(client, i % 4 == 3 ? "/cut" : "/name", .method = i % 4 == 3 ? "POST" : "GET",
                  .close = i % 4 != 2);
        if (i % 4 == 3) {
            expect_closed(client, within(SOON_MS));
            continue;
        }
        expect_response(client, 200, within(SOON_MS));
        if (i % 4 == 1)
            expect_eof(client);
        hang_up(client);
    }
    int looks = 0;
    eventually(
        (open_files_of(lb) <= files_before && zombies_of(lb) == 0 && processes_of(lb) <= processes_before) ||
            ++looks > LOOKS,
        "the load balancer to let go of what is over", within(SOON_MS));
    int files = open_files_of(lb), zombies = zombies_of(lb), processes = processes_of(lb);
    claim_no_leak(files <= files_before, "no descriptor stays open: %d before, %d after %d requests",
                  files_before, files, REQUESTS);
    claim_no_leak(zombies == 0 && processes <= processes_before,
                  "no child stays behind: %d zombies; %d processes before, %d now", zombies, processes_before,
                  processes);
}

CHECK(waits_without_spinning, ROBUST, "idle", "Sleeps while clients and backends are silent",
      .needs = "passes_a_request_on")
{
    const char *port = free_port();
    Listener *raw = tcp_listen(.receive_buffer = WINDOW);
    Program *lb = start(port, format("127.0.0.1:%s", port_of(raw)));
    Conn *silent = tcp_connect(port), *asks = tcp_connect(port), *sends = tcp_connect(port),
         *halfway = tcp_connect(port);
    (void)silent;
    http_send(asks, "/");
    accept_conn(raw);
    http_send(halfway, "/");
    half_close(halfway);
    accept_conn(raw);
    send_text(sends, format("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", FLOOD));
    stop_reading(accept_conn(raw));
    send_bytes(sends, numbered_lines(FLOOD / 2));
    wait_until_stalled(sends, within(SOON_MS));
    double used = cpu_ms_while_idle(lb, IDLE_MS);
    note("%.0f ms of processor time in %d ms of silence", used, IDLE_MS);
    claim(used <= IDLE_CPU_MS,
          "while nothing can be done it uses at most %d ms of processor time in %d ms; it used %.0f ms",
          IDLE_CPU_MS, IDLE_MS, used);
}

/* ---- Fast ---------------------------------------------------------------------------------------------- */

CHECK(serves_a_hundred, FAST, "many", "Serves 100 clients at the same time, the same number at each backend",
      .needs = "takes_turns")
{
    enum { CLIENTS = 100, BACKENDS = 4 };
    HttpBackend *backends[BACKENDS];
    for (int i = 0; i < BACKENDS; i++) {
        backends[i] = backend("any");
        http_hold(backends[i]);
    }
    const char *port = free_port();
    start(port, http_address_of(backends[0]), http_address_of(backends[1]), http_address_of(backends[2]),
          http_address_of(backends[3]));
    Conn *clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = tcp_connect(port);
        http_send(clients[i], format("/%d", i));
    }
    eventually(http_held(backends[0]) + http_held(backends[1]) + http_held(backends[2]) +
                       http_held(backends[3]) ==
                   CLIENTS,
               "all requests to be with the backends at the same time", within(SOON_MS));
    for (int i = 0; i < BACKENDS; i++)
        claim(http_held(backends[i]) == CLIENTS / BACKENDS,
              "each of %d backends gets %d of %d requests; one got %zu", BACKENDS, CLIENTS / BACKENDS,
              CLIENTS, http_held(backends[i]));
    for (int i = 0; i < BACKENDS; i++)
        http_release(backends[i]);
    for (int i = 0; i < CLIENTS; i++)
        expect_response(clients[i], 200, within(SOON_MS));
}

CHECK(moves_bytes_in_bulk, FAST, "cost", "Moves 8 MiB in each direction for little processor time",
      .needs = "carries_bodies")
{
    const char *port;
    HttpBackend *one = http_backend();
    Program *lb = balance(&port, one, NULL, NULL);
    Bytes up = random_bytes(BULK), down = random_bytes(BULK);
    Conn *client = tcp_connect(port);
    double before = cpu_ms_of(lb);
    http_send(client, "/up", .method = "PUT", .body = up);
    HttpMessage *request = accept_request(one, within(SOON_MS));
    expect_body(request, up);
    respond(request, .body = down, .framing = HTTP_BY_CHUNKS, .chunk = 32 * KIB);
    expect_body(expect_response(client, 200, within(SOON_MS)), down);
    double used = cpu_ms_of(lb) - before;
    note("%.0f ms of processor time for 8 MiB up and 8 MiB down", used);
    claim(used <= BULK_CPU_MS,
          "8 MiB in each direction take at most %d ms of processor time; they took %.0f ms", BULK_CPU_MS,
          used);
}
