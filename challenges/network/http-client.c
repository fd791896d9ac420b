/* http-client: ./httpclient <url> asks an HTTP/1.1 server for a page and prints its body. */
#include "harness/http.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

CHALLENGE("http-client");

enum {
    KIB = 1024,
    MIB = 1024 * KIB,
    REDIRECTS = 10,          /* that are followed */
    LONG_HEAD = 60 * KIB,    /* of a response, which must be read */
    ENDLESS_HEAD = 12 * MIB, /* which must not */
    HELD_MAX_KB = 8 * KIB,   /* what the contract lets the client hold */
    BIG = 16 * MIB,          /* a body that is more than that */
    IDLE_MS = 300,           /* how long we watch a program that has nothing to do */
    IDLE_CPU_MS = 30,        /* and what it may use of the processor meanwhile */
    BULK = 8 * MIB,          /* what is moved to see what moving costs */
    BULK_CHUNK = 16 * KIB,
    BULK_CPU_MS = 1000 /* a hundred times what a good client needs */
};

static HttpMessage *ask(HttpBackend *server, const char *path, Program **client)
{
    *client = start(http_url(server, path));
    return accept_request(server);
}

static void expect_page(Program *client, Bytes body)
{
    expect_stdout_bytes(client, body, .what = "the body");
    expect_stdout_end(client);
    expect_exit(client, 0);
}

static void expect_refusal(Program *client)
{
    expect_exit(client, 1);
    expect_stderr_message(client);
    expect_stdout_end(client);
}

static Bytes digits(size_t size)
{
    Bytes b = text("0123456789abcdef");

    while (b.size < size)
        b = join(b, b);
    return slice(b, 0, size);
}

/* Header fields: a third of the size is one long field, and short ones fill up to half of the rest or more.
 */
static Bytes many_fields(size_t size)
{
    Bytes long_one = join(join(text("X-Long: "), digits(size / 3)), text("\r\n"));
    Bytes line = join(join(text("X-Filler: "), digits(128)), text("\r\n")), many = line;

    while (2 * many.size <= size - long_one.size)
        many = join(many, many);
    return join(long_one, many);
}

/* Most checks show first that the client prints a page: one that always fails has told nothing. */
static void expect_it_works(HttpBackend *server)
{
    Program *client;
    HttpMessage *request = ask(server, "/works", &client);
    const char *body = format("it works %d\n", random_between(1000, 9999));

    respond(request, .body = text(body), .after = HTTP_CLOSE);
    expect_page(client, text(body));
}

/* ---- Core ---------------------------------------------------------------------------------------------- */

CHECK(prints_a_page, CORE, "body", "Prints the body of a page, and nothing else")
{
    HttpBackend *server = http_backend();
    by_hand("(printf 'hello\\n' >index.html; python3 -m http.server 7000) &");
    by_hand("./httpclient http://127.0.0.1:7000/index.html");

    Program *client;
    HttpMessage *request = ask(server, "/index.html", &client);
    respond(request, .fields = "Content-Type: text/plain\r\nServer: lux\r\n",
            .body = text("hello\nand goodbye\n"), .after = HTTP_CLOSE);
    expect_page(client, text("hello\nand goodbye\n"));
}

CHECK(sends_a_request, CORE, "request", "Sends a well-formed GET request for what the URL names",
      .needs = "prints_a_page")
{
    static const struct {
        const char *url, *target;
    } cases[] = {
        {"/", "/"},
        {"", "/"},
        {"/a/b.html", "/a/b.html"},
        {"/find?name=lux&n=1", "/find?name=lux&n=1"},
        {"?n=1", "/?n=1"},
        {"/page#part", "/page"},
        {"/two%20words/%7Euser", "/two%20words/%7Euser"},
    };
    HttpBackend *server = http_backend();
    by_hand("nc -l 7000 | cat -A        # shows the request: each line must end in ^M$");
    by_hand("./httpclient 'http://127.0.0.1:7000/find?name=lux&n=1'");

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Program *client;
        HttpMessage *request = ask(server, cases[i].url, &client);
        expect_request_line(request, "GET", cases[i].target);
        claim(request->minor == 1, "the request says HTTP/1.1; it says HTTP/1.%d", request->minor);
        expect_field(request, "Accept-Encoding", NULL);
        expect_field(request, "TE", NULL);
        claim(request->body.size == 0, "the request has no body; it has one of %zu bytes",
              request->body.size);
        claim(unread_bytes(request->conn) == 0, "nothing follows the request; %zu bytes do",
              unread_bytes(request->conn));
        respond(request, .body = text("fine\n"), .after = HTTP_CLOSE);
        expect_page(client, text("fine\n"));
    }
    claim(http_requests(server) == sizeof cases / sizeof *cases,
          "each page is asked for once: %zu requests for %zu pages", http_requests(server),
          sizeof cases / sizeof *cases);
}

CHECK(names_the_host, CORE, "host", "Names host and port in the Host field", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("nc -l 7000        # shows the request: Host: localhost:7000");
    by_hand("./httpclient http://localhost:7000/");

    Program *client;
    HttpMessage *request = ask(server, "/", &client);
    expect_field(request, "Host", http_address_of(server));
    respond(request, .body = text("one\n"), .after = HTTP_CLOSE);
    expect_page(client, text("one\n"));

    client = start(format("http://localhost:%s/", http_port_of(server)));
    request = accept_request(server);
    expect_field(request, "Host", format("localhost:%s", http_port_of(server)));
    respond(request, .body = text("two\n"), .after = HTTP_CLOSE);
    expect_page(client, text("two\n"));
}

CHECK(stops_at_the_length, CORE, "content-length",
      "Ends with the last byte of Content-Length, although the connection stays open",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand(
        "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n' | nc -l 7000        # stays open");
    by_hand("./httpclient http://127.0.0.1:7000/        # must end at once");

    Bytes body = numbered_lines((size_t)random_between(20, 90) * KIB);
    Program *client;
    respond(ask(server, "/", &client), .body = body, .after = HTTP_KEEP_OPEN);
    expect_page(client, body);

    respond(ask(server, "/empty", &client), .body = text(""), .after = HTTP_KEEP_OPEN);
    expect_page(client, text(""));
}

CHECK(reads_to_the_end, CORE, "until-close",
      "Reads until the connection ends when the response names no length", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("(printf 'HTTP/1.1 200 OK\\r\\n\\r\\n'; seq 20000) | nc -N -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/ | tail -n 1        # prints 20000");

    Bytes body = numbered_lines((size_t)random_between(20, 90) * KIB);
    Program *client;
    respond(ask(server, "/", &client), .body = body, .framing = HTTP_BY_END);
    expect_page(client, body);

    respond(ask(server, "/old", &client), .raw = text("HTTP/1.0 200 OK\r\n\r\nfrom an old server\n"),
            .after = HTTP_CLOSE);
    expect_page(client, text("from an old server\n"));
}

CHECK(joins_chunks, CORE, "chunked", "Joins the chunks of a chunked body, and ends with the last",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand(
        "printf 'HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n6\\r\\nhello\\n\\r\\n0\\r\\n\\r\\n' "
        "| nc -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/");

    Bytes body = numbered_lines((size_t)random_between(20, 90) * KIB);
    Program *client;
    respond(ask(server, "/", &client), .body = body, .framing = HTTP_BY_CHUNKS,
            .chunk = (size_t)random_between(700, 3000), .after = HTTP_KEEP_OPEN);
    expect_page(client, body);
}

CHECK(goes_where_it_is_sent, CORE, "redirect", "Follows a redirect to another page", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("curl -sL http://127.0.0.1:7000/old        # what a client that follows prints");

    static const int statuses[] = {301, 302, 303, 307, 308};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        Program *client;
        respond(ask(server, "/old", &client), .status = statuses[i], .fields = "Location: /new?from=old\r\n",
                .body = text("it has moved\n"));
        HttpMessage *request = accept_request(server);
        expect_request_line(request, "GET", "/new?from=old");
        expect_field(request, "Host", http_address_of(server));
        respond(request, .body = text("here it is\n"));
        expect_page(client, text("here it is\n"));
    }
}

CHECK(says_that_there_is_no_such_page, CORE, "status",
      "Says which status it got when that is none of success, with exit status 1", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("python3 -m http.server 7000 &");
    by_hand("./httpclient http://127.0.0.1:7000/no-such-page; echo $?");

    static const int statuses[] = {404, 500, 304, 403, 503};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        Program *client;
        respond(ask(server, "/", &client), .status = statuses[i], .body = text("<h1>Sorry</h1>\n"),
                .after = HTTP_CLOSE);
        expect_refusal(client);
        expect_stderr_has(client, format("%d", statuses[i]));
    }
}

CHECK(says_that_it_is_refused, CORE, "cannot-connect", "Says that nobody listens, with exit status 1",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("./httpclient http://127.0.0.1:1/; echo $?");

    expect_it_works(server);
    expect_refusal(start(format("http://127.0.0.1:%s/", free_port())));
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("./httpclient ftp://127.0.0.1/; echo $?");

    expect_it_works(server);
    const char *good = http_url(server, "/"), *port = http_port_of(server);
    Program *wrong[] = {
        start(),
        start(good, good),
        start(""),
        start(format("ftp://127.0.0.1:%s/", port)),
        start(format("https://127.0.0.1:%s/", port)),
        start("http://"),
        start(format("http://:%s/", port)),
        start("http://127.0.0.1:65536/"),
        start("http://127.0.0.1:7x/"),
        start("http://127.0.0.1:-7000/"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
    claim(http_connections(server) == 1, "nobody is asked: %zu connections came, and one was right",
          http_connections(server));
}

/* ---- Robust -------------------------------------------------------------------------------------------- */

CHECK(refuses_a_dangerous_url, ROBUST, "arguments",
      "Refuses a URL that would put more into the request than a URL", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("./httpclient \"$(printf 'http://127.0.0.1:7000/a HTTP/1.1\\r\\nCookie: stolen=1')\"; echo $?");

    Program *client = start(format("HTTP://127.0.0.1:%s/fine", http_port_of(server)));
    respond(accept_request(server), .body = text("capital letters are fine\n"), .after = HTTP_CLOSE);
    expect_page(client, text("capital letters are fine\n"));

    const char *address = http_address_of(server);
    Program *wrong[] = {
        start(format("http://%s/a b", address)),
        start(format("http://%s/a\r\nCookie: stolen=1", address)),
        start(format("http://%s/a\tb", address)),
        start(format("http://%s/caf\xc3\xa9", address)),
        start(format("http://user:secret@%s/", address)),
        start(format("http://127.0.0.1\r\n:%s/", http_port_of(server))),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
    claim(http_connections(server) == 1, "nobody is asked: %zu connections came, and one was right",
          http_connections(server));
}

CHECK(leaves_port_80_out, ROBUST, "host",
      "Asks port 80 when the URL names none, and leaves it out of the Host field", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend(.port = 80);
    by_hand("sudo nc -l 80        # shows the request: Host: 127.0.0.1");
    by_hand("./httpclient http://127.0.0.1/");

    Program *client = start("http://127.0.0.1/");
    HttpMessage *request = accept_request(server);
    expect_field(request, "Host", "127.0.0.1");
    respond(request, .body = text("port 80\n"), .after = HTTP_CLOSE);
    expect_page(client, text("port 80\n"));
}

CHECK(speaks_ipv6, ROBUST, "connect", "Takes an IPv6 address in brackets", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend(.host = "::1");
    by_hand("nc -6 -l 7000        # shows the request: Host: [::1]:7000");
    by_hand("./httpclient 'http://[::1]:7000/'");

    Program *client;
    HttpMessage *request = ask(server, "/", &client);
    expect_field(request, "Host", format("[::1]:%s", http_port_of(server)));
    respond(request, .body = text("six\n"), .after = HTTP_CLOSE);
    expect_page(client, text("six\n"));
}

CHECK(tries_every_address, ROBUST, "connect", "Tries the next address of a name when one refuses",
      .needs = "prints_a_page")
{
    name_addresses("page.test", "127.0.0.2", "127.0.0.3");
    by_hand("getent ahosts page.test        # 127.0.0.2 and 127.0.0.3, from /etc/hosts");
    by_hand("nc -l 127.0.0.3 7000        # and in a second run 127.0.0.2");
    by_hand("./httpclient http://page.test:7000/");

    static const char *const hosts[] = {"127.0.0.3", "127.0.0.2"};
    for (int i = 0; i < 2; i++) {
        HttpBackend *server = http_backend(.host = hosts[i]);
        const char *authority = format("page.test:%s", http_port_of(server));
        Program *client = start(format("http://%s/", authority));
        HttpMessage *request =
            accept_request(server, .what = format("a request on %s; the other address refuses", hosts[i]));
        expect_field(request, "Host", authority);
        respond(request, .body = text("found you\n"), .after = HTTP_CLOSE);
        expect_page(client, text("found you\n"));
    }
}

CHECK(says_that_the_host_is_unknown, ROBUST, "cannot-connect",
      "Says that a host is unknown, with exit status 1", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("./httpclient http://no-such-host.invalid/; echo $?");

    expect_it_works(server);
    Program *client = start("http://no-such-host.invalid/");
    expect_exit(client, 1, within(5000));
    expect_stderr_message(client);
    expect_stdout_end(client);
}

CHECK(keeps_every_byte_value, ROBUST, "body", "Prints every byte value unchanged, NUL included",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("head -c 10000 /dev/urandom >bytes; python3 -m http.server 7000 &");
    by_hand("./httpclient http://127.0.0.1:7000/bytes | cmp - bytes");

    Bytes body = join(all_byte_values(), join(text("\r\n\r\n0\r\n\r\n"), random_bytes(5000)));
    Program *client;
    respond(ask(server, "/length", &client), .body = body, .after = HTTP_KEEP_OPEN);
    expect_page(client, body);
    respond(ask(server, "/chunks", &client), .body = body, .framing = HTTP_BY_CHUNKS, .chunk = 100,
            .after = HTTP_KEEP_OPEN);
    expect_page(client, body);
    respond(ask(server, "/end", &client), .body = body, .framing = HTTP_BY_END);
    expect_page(client, body);
}

CHECK(takes_it_byte_by_byte, ROBUST, "pieces", "Takes a response that comes byte by byte",
      .needs = "prints_a_page", .deadline_ms = 20000)
{
    HttpBackend *server = http_backend();
    by_hand("(printf 'HTTP/1.1 200 OK\\r\\nContent-'; sleep 1; printf 'Length: 6\\r'; sleep 1; "
            "printf '\\n\\r\\nhel'; sleep 1; printf 'lo\\n') | nc -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/");

    Program *chunked, *counted;
    respond(ask(server, "/chunks", &chunked), .body = text("one, two, three\n"), .framing = HTTP_BY_CHUNKS,
            .chunk = 7, .piece = 1, .after = HTTP_KEEP_OPEN);
    respond(ask(server, "/length", &counted), .body = text("hello\n"), .piece = 1, .after = HTTP_KEEP_OPEN);
    expect_stdout(chunked, "one, two, three\n", within(9000));
    expect_page(chunked, text(""));
    expect_stdout(counted, "hello\n", within(9000));
    expect_page(counted, text(""));
}

CHECK(reads_what_chunks_may_hold, ROBUST, "chunked",
      "Reads sizes in capitals, chunk extensions and trailer fields", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand(
        "printf 'HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n000A;a=1\\r\\n0123456789\\r\\n"
        "0\\r\\nX-Sum: 1\\r\\n\\r\\n' | nc -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/        # prints 0123456789");

    Program *client;
    Bytes body = slice(numbered_lines(256), 0, 0xab);
    Bytes raw = join(text("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
                          "000A;name=value\r\n0123456789\r\n"
                          "AB ; quoted=\"a b\"\r\n"),
                     join(body, text("\r\n0000;last\r\nX-Sum: 1234\r\nX-Another: trailer field\r\n\r\n")));
    respond(ask(server, "/", &client), .raw = raw, .after = HTTP_KEEP_OPEN);
    expect_page(client, join(text("0123456789"), body));
}

CHECK(skips_interim_responses, ROBUST, "interim", "Skips interim responses and prints the final one",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand(
        "printf 'HTTP/1.1 103 Early Hints\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n' "
        "| nc -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/");

    Program *client;
    respond(ask(server, "/", &client),
            .raw = text("HTTP/1.1 100 Continue\r\n\r\n"
                        "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
                        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"),
            .after = HTTP_KEEP_OPEN);
    expect_page(client, text("hello\n"));
}

CHECK(expects_no_body_of_204, ROBUST, "no-content", "Waits for no body after 204", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("printf 'HTTP/1.1 204 No Content\\r\\n\\r\\n' | nc -l 7000        # stays open");
    by_hand("./httpclient http://127.0.0.1:7000/; echo $?        # must end at once, with 0");

    expect_it_works(server);
    Program *client;
    respond(ask(server, "/", &client), .status = 204, .after = HTTP_KEEP_OPEN);
    expect_page(client, text(""));
    respond(ask(server, "/", &client), .status = 204, .fields = "Content-Length: 6\r\n",
            .after = HTTP_KEEP_OPEN);
    expect_page(client, text(""));
}

CHECK(reads_fields_as_they_come, ROBUST, "fields",
      "Reads field names in any case, with any white space around values", .needs = "prints_a_page")
{
    static const char *const heads[] = {
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nCONTENT-LENGTH:6\r\n\r\n",
        "HTTP/1.1 200 \r\nX-Content-Length: 2\r\nContent-Length: \t 6 \t\r\n\r\n",
        "HTTP/1.1 200 \r\nX-Note: Content-Length: 3\r\nX-Empty:\r\ncOnTeNt-LeNgTh: 6\r\n\r\n",
        "HTTP/1.1 200 All is Well\r\nX-Folded: one\r\n Content-Length: 4\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 6\r\n\r\n",
    };
    HttpBackend *server = http_backend();
    by_hand("printf 'HTTP/1.1 200 OK\\r\\ncontent-length:6\\r\\n\\r\\nhello\\n' | nc -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/        # must end at once");

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        Program *client;
        Bytes response = join(text(heads[i]), text("hello\n"));
        about("the response is %s", quote_long(response));
        respond(ask(server, "/", &client), .raw = response, .after = HTTP_KEEP_OPEN);
        expect_page(client, text("hello\n"));
    }
}

CHECK(prefers_chunks_to_the_length, ROBUST, "chunked",
      "Goes by the chunks when there is a Content-Length too", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
            "6\\r\\nhello\\n\\r\\n0\\r\\n\\r\\n' | nc -l 7000");

    static const char *const fields[] = {
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3000\r\n",
    };
    for (int i = 0; i < 2; i++) {
        Program *client;
        respond(ask(server, "/", &client), .fields = fields[i], .framing = HTTP_UNFRAMED,
                .body = text("6\r\nhello\n\r\n0\r\n\r\n"), .after = HTTP_KEEP_OPEN);
        expect_page(client, text("hello\n"));
    }
}

CHECK(notices_that_the_end_is_missing, ROBUST, "incomplete",
      "Says that a response is incomplete when the connection ends too early", .needs = "prints_a_page")
{
    static const char *const cut[] = {
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly a part of it\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nonly a part of it\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\n0\r\n",
    };
    HttpBackend *server = http_backend();
    by_hand(
        "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 100\\r\\n\\r\\nonly a part of it\\n' | nc -N -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/; echo $?        # 1, with a message");

    expect_it_works(server);
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        Program *client;
        about("all that comes is %s", quote_long(text(cut[i])));
        HttpMessage *request = ask(server, "/cut", &client);
        if (*cut[i])
            respond(request, .raw = text(cut[i]), .after = HTTP_CLOSE);
        else
            respond(request, .nothing = true, .after = HTTP_CLOSE);
        expect_exit(client, 1);
        expect_stderr_message(client);
    }
}

CHECK(says_that_the_connection_broke, ROBUST, "incomplete",
      "Says that the connection was reset, with exit status 1", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("./httpclient http://127.0.0.1:7000/; echo $?        # 1 when the server resets the connection");

    Program *client;
    HttpMessage *request = ask(server, "/", &client);
    respond(request, .raw = text("HTTP/1.1 200 OK\r\n\r\nthe first half of a"), .after = HTTP_KEEP_OPEN);
    expect_stdout(client, "the first half of a");
    reset(request->conn);
    expect_exit(client, 1);
    expect_stderr_message(client);
    expect_stdout_end(client);
}

CHECK(refuses_a_malformed_response, ROBUST, "malformed",
      "Refuses a response that is none, with exit status 1", .needs = "prints_a_page")
{
    static const char *const heads[] = {
        "220 mail.test ESMTP ready\r\n\r\n",
        "HTTP/1.1 20 OK\r\nContent-Length: 6\r\n\r\nhello\n",
        "HTTP/1.1 200 OK\r\nno colon in this line\r\nContent-Length: 6\r\n\r\nhello\n",
        "HTTP/1.1 200 OK\r\nContent-Length: six\r\n\r\nhello\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -6\r\n\r\nhello\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +6\r\n\r\nhello\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x6\r\n\r\nhello\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551622\r\n\r\nhello\n", /* 2^64 + 6 */
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 5\r\n\r\nhello\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsix\r\nhello\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-6\r\nhello\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x6\r\nhello\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000006\r\nhello\n\r\n0\r\n\r\n",
    };
    HttpBackend *server = http_backend();
    by_hand("printf 'HTTP/1.1 200 OK\\r\\nContent-Length: six\\r\\n\\r\\nhello\\n' | nc -N -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/; echo $?        # 1, with a message, and nothing on stdout");

    expect_it_works(server);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        Program *client;
        about("the response is %s", quote_long(text(heads[i])));
        respond(ask(server, "/", &client), .raw = text(heads[i]), .after = HTTP_CLOSE);
        expect_refusal(client);
    }
    /* A chunk that is longer than its size says: what came of it may have been printed. */
    Program *client;
    Bytes longer = text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n");
    about("the response is %s", quote_long(longer));
    respond(ask(server, "/", &client), .raw = longer, .after = HTTP_CLOSE);
    expect_exit(client, 1);
    expect_stderr_message(client);
}

CHECK(reads_a_long_head_but_no_endless_one, ROBUST, "head-limit",
      "Reads a head of 60 KiB, and gives up on one that does not end", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("(printf 'HTTP/1.1 200 OK\\r\\n'; yes 'X-Filler: more') | nc -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/; echo $?        # must end, with 1");

    Program *client;
    respond(ask(server, "/long", &client),
            .raw = join(text("HTTP/1.1 200 OK\r\n"),
                        join(many_fields(LONG_HEAD), text("Content-Length: 6\r\n\r\nhello\n"))),
            .after = HTTP_KEEP_OPEN);
    expect_page(client, text("hello\n"));

    respond(ask(server, "/endless", &client),
            .raw = join(text("HTTP/1.1 200 OK\r\n"), many_fields(ENDLESS_HEAD)), .after = HTTP_KEEP_OPEN);
    expect_refusal(client);
    respond(ask(server, "/one-line", &client),
            .raw = join(text("HTTP/1.1 200 OK\r\nX-Line: "), digits(ENDLESS_HEAD)), .after = HTTP_KEEP_OPEN);
    expect_refusal(client);
}

CHECK(resolves_where_it_is_sent, ROBUST, "redirect", "Resolves relative redirects against the URL",
      .needs = "prints_a_page")
{
    static const struct {
        const char *location, *target;
    } cases[] = {
        {"d", "/a/b/d"},         {"../d", "/a/d"},
        {"./d/./e", "/a/b/d/e"}, {"../../../d/../e?x=../y", "/e?x=../y"},
        {"?y=2", "/a/b/c?y=2"},  {"/new#part", "/new"},
        {"/d/..", "/"},
    };
    HttpBackend *server = http_backend();
    by_hand("curl -sLv http://127.0.0.1:7000/a/b/c?x=1        # shows what a client that resolves asks for");

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Program *client;
        respond(ask(server, "/a/b/c?x=1", &client), .status = 302,
                .fields = format("location: %s\r\n", cases[i].location));
        HttpMessage *request =
            accept_request(server, .what = format("a request after \"Location: %s\"", cases[i].location));
        expect_request_line(request, "GET", cases[i].target);
        respond(request, .body = text("here\n"));
        expect_page(client, text("here\n"));
    }
}

CHECK(follows_to_another_host, ROBUST, "redirect",
      "Follows a redirect to another server, and names that one as Host", .needs = "prints_a_page")
{
    HttpBackend *first = http_backend(.name = "the first server");
    HttpBackend *second = http_backend(.host = "127.0.0.2", .name = "the second server");

    Program *client;
    respond(ask(first, "/", &client), .status = 307,
            .fields = format("Location: %s\r\n", http_url(second, "/x?y")));
    HttpMessage *request = accept_request(second);
    expect_request_line(request, "GET", "/x?y");
    expect_field(request, "Host", http_address_of(second));
    respond(request, .status = 301, .fields = format("Location: //%s\r\n", http_address_of(first)));
    request = accept_request(first);
    expect_request_line(request, "GET", "/");
    expect_field(request, "Host", http_address_of(first));
    respond(request, .body = text("home again\n"));
    expect_page(client, text("home again\n"));

    respond(ask(first, "/", &client), .status = 302, .fields = "Location: ftp://127.0.0.1/file\r\n");
    expect_refusal(client);
    respond(ask(first, "/", &client), .status = 302);
    expect_refusal(client);
}

CHECK(gives_up_on_a_circle, ROBUST, "redirect", "Follows ten redirects and no more", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    for (int i = 1; i <= REDIRECTS; i++)
        http_route(server, format("/%d", i), .status = 302, .fields = format("Location: /%d\r\n", i - 1));
    http_route(server, "/0", .body = text("at last\n"));
    http_route(server, "/round", .status = 302, .fields = "Location: /round\r\n");

    expect_page(start(http_url(server, format("/%d", REDIRECTS))), text("at last\n"));
    expect_refusal(start(http_url(server, "/round")));
    claim(http_requests_for(server, "/round") == REDIRECTS + 1,
          "a page that leads to itself is asked for %d times; it was asked for %zu times", REDIRECTS + 1,
          http_requests_for(server, "/round"));
}

CHECK(prints_as_it_comes, ROBUST, "as-it-comes", "Prints what has come before the body is complete",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand(
        "(printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 12\\r\\n\\r\\nhello '; sleep 3; echo world) | nc -l 7000");
    by_hand("./httpclient http://127.0.0.1:7000/        # shows \"hello\" at once");

    Program *client;
    HttpMessage *request = ask(server, "/length", &client);
    respond(request, .fields = "Content-Length: 20\r\n", .framing = HTTP_UNFRAMED, .body = text("news"),
            .after = HTTP_KEEP_OPEN);
    expect_stdout(client, "news");
    send_text(request->conn, ": there");
    expect_stdout(client, ": there");
    send_text(request->conn, " is none\n");
    expect_page(client, text(" is none\n"));

    request = ask(server, "/chunks", &client);
    respond(request, .fields = "Transfer-Encoding: chunked\r\n", .framing = HTTP_UNFRAMED,
            .body = text("14\r\nnews"), .after = HTTP_KEEP_OPEN);
    expect_stdout(client, "news");
    send_text(request->conn, ": there is none\n\r\n");
    expect_stdout(client, ": there is none\n");
    send_text(request->conn, "0\r\n\r\n");
    expect_page(client, text(""));
}

CHECK(holds_little_in_memory, ROBUST, "bounded-memory", "Does not keep a large body in memory",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("head -c 1G /dev/zero >big; python3 -m http.server 7000 &");
    by_hand("./httpclient http://127.0.0.1:7000/big | (sleep 60; wc -c) & top -p $(pgrep -x httpclient)");

    Program *client;
    HttpMessage *request = ask(server, "/big", &client);
    Bytes body = numbered_lines(BIG);
    respond(request, .fields = format("Content-Length: %d\r\n", BIG), .framing = HTTP_UNFRAMED,
            .body = slice(body, 0, KIB), .after = HTTP_KEEP_OPEN);
    expect_stdout_bytes(client, slice(body, 0, KIB));
    long before_kb = memory_kb_of(client);
    send_bytes(request->conn, slice(body, KIB, BIG - KIB - 1));
    expect_stdout_bytes(client, slice(body, KIB, BIG - KIB - 1), within(8000));
    long grown = memory_kb_of(client) - before_kb;
    note("memory grew by %ld KiB over a body of %d MiB", grown, BIG / MIB);
    claim(grown <= HELD_MAX_KB, "memory grows by at most %d KiB over a body of %d MiB; it grew by %ld KiB",
          HELD_MAX_KB, BIG / MIB, grown);
    send_bytes(request->conn, slice(body, BIG - 1, 1));
    expect_page(client, slice(body, BIG - 1, 1));
}

CHECK(ends_when_nobody_reads, ROBUST, "stdout-gone", "Ends when nobody reads its output any more",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("./httpclient http://127.0.0.1:7000/endless | head -n 1        # must come back to the prompt");

    Program *client = start_with((.out = STDOUT_CLOSED_READER), http_url(server, "/endless"));
    respond(accept_request(server), .raw = join(text("HTTP/1.1 200 OK\r\n\r\n"), numbered_lines(256 * KIB)),
            .after = HTTP_KEEP_OPEN);
    int status = wait_exit(client);
    bool by_sigpipe = WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE;
    bool by_itself = WIFEXITED(status) && WEXITSTATUS(status) == 1;
    claim(by_sigpipe || by_itself,
          "it ends with exit status 1 or by SIGPIPE; its status from waitpid(2) was 0x%04x",
          (unsigned)status);
}

CHECK(waits_without_spinning, ROBUST, "idle", "Uses no processor time while the server is silent",
      .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("nc -l 7000        # do not answer");
    by_hand("./httpclient http://127.0.0.1:7000/ & top -p $(pgrep -x httpclient)");

    Program *client;
    HttpMessage *request = ask(server, "/slow", &client);
    double cpu_ms = cpu_ms_while_idle(client, IDLE_MS);
    note("%.0f ms of processor time in %d ms of silence", cpu_ms, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms of silence it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
          IDLE_CPU_MS, cpu_ms);
    respond(request, .body = text("good things take time\n"), .after = HTTP_CLOSE);
    expect_page(client, text("good things take time\n"));
}

/* ---- Fast ---------------------------------------------------------------------------------------------- */

CHECK(moves_bytes_in_bulk, FAST, "cost", "Moves bytes in bulk, not one by one", .needs = "prints_a_page")
{
    HttpBackend *server = http_backend();
    by_hand("head -c 8M /dev/zero >big; python3 -m http.server 7000 &");
    by_hand("strace -f -c ./httpclient http://127.0.0.1:7000/big >/dev/null        # how many calls");

    Program *client;
    HttpMessage *request = ask(server, "/big", &client);
    respond(request, .fields = "Transfer-Encoding: chunked\r\n", .framing = HTTP_UNFRAMED,
            .body = text("6\r\nready\n\r\n"), .after = HTTP_KEEP_OPEN);
    expect_stdout(client, "ready\n");
    double before = cpu_ms_of(client), used = 0;
    Bytes piece = numbered_lines(BULK_CHUNK);
    Bytes chunk = join(text(format("%x\r\n", BULK_CHUNK)), join(piece, text("\r\n")));
    for (int i = 0; i < BULK / BULK_CHUNK; i++) {
        send_bytes(request->conn, chunk);
        expect_stdout_bytes(client, piece, within(5000));
        used = cpu_ms_of(client) - before;
        claim(used <= BULK_CPU_MS,
              "a body of %d MiB takes at most %d ms of processor time; it took %.0f ms for %d KiB",
              BULK / MIB, BULK_CPU_MS, used, (i + 1) * BULK_CHUNK / KIB);
    }
    send_text(request->conn, "0\r\n\r\n");
    expect_page(client, text(""));
    note("%.0f ms of processor time for %d MiB", used, BULK / MIB);
}
