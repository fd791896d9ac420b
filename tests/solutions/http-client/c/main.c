/* httpclient: fetches a page over HTTP/1.1 and prints its body.
 *
 * One connection for each request. Everything that comes is read through one buffer: the head line by line, the body
 * in pieces as large as they come, which go to stdout at once and are never kept. */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_SIZE = 16 * 1024, HEAD_MAX = 256 * 1024, REDIRECTS_MAX = 10 };

struct url {
    char *host;   /* without brackets, for getaddrinfo */
    char *field;  /* for the Host field: with brackets, and with the port unless that is 80 */
    char *port;
    char *target; /* path and query, as they stand in the request */
};

struct reader {
    int fd;
    size_t start, end; /* buffer[start..end) has come and is not used yet */
    size_t head_left;  /* bytes that lines may still take */
    char buffer[BUFFER_SIZE];
};

struct response {
    int status;
    char *reason, *location;
    bool chunked, has_length;
    uint64_t length;
};

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("httpclient: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

__attribute__((noreturn)) static void usage(const char *why)
{
    fprintf(stderr, "httpclient: %s; usage: ./httpclient http://host[:port][/path][?query]\n", why);
    exit(2);
}

static void *checked(void *memory)
{
    if (memory == NULL)
        fail("out of memory");
    return memory;
}

__attribute__((format(printf, 1, 2))) static char *text(const char *format, ...)
{
    char *out;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&out, format, args);
    va_end(args);
    return checked(n < 0 ? NULL : out);
}

/* ---- URLs ------------------------------------------------------------------------------------------------------- */

static bool is_http(const char *s)
{
    return strncasecmp(s, "http://", 7) == 0;
}

static bool is_port(const char *s)
{
    size_t n = strspn(s, "0123456789");
    return n > 0 && n <= 5 && s[n] == '\0' && atoi(s) >= 1 && atoi(s) <= 65535;
}

/* Returns NULL, or what is wrong with it. */
static const char *parse_url(const char *s, struct url *out)
{
    for (const char *p = s; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~') /* it goes into a line of the request, which must stay one line */
            return "a URL has no spaces and no control characters";
    if (!is_http(s))
        return "the URL must begin with http://";
    s += strlen("http://");

    char *authority = checked(strndup(s, strcspn(s, "/?#")));
    if (strchr(authority, '@') != NULL)
        return "a user name in a URL is not supported";
    char *host_end = authority[0] == '[' ? strchr(authority, ']') : authority + strcspn(authority, ":");
    if (host_end == NULL)
        return "the bracket before an IPv6 address is not closed";
    char *rest = host_end + (*host_end == ']'); /* "" or ":port" */
    out->host = authority[0] == '[' ? checked(strndup(authority + 1, (size_t)(host_end - authority - 1)))
                                    : checked(strndup(authority, (size_t)(host_end - authority)));
    out->port = rest[0] == ':' ? rest + 1 : "80";
    if (out->host[0] == '\0')
        return "the URL names no host";
    if ((rest[0] != ':' && rest[0] != '\0') || !is_port(out->port))
        return "a port is a number from 1 to 65535";
    out->field = atoi(out->port) == 80 ? checked(strndup(authority, (size_t)(rest - authority))) : authority;

    s += strlen(authority);
    size_t n = strcspn(s, "#");
    out->target = text("%s%.*s", s[0] == '/' ? "" : "/", (int)n, s);
    return NULL;
}

/* RFC 3986, section 5.2.4: takes "." and ".." out of a path that begins with '/'. */
static void remove_dot_segments(char *path)
{
    char *out = path, *query = path + strcspn(path, "?");
    for (char *in = path; in < query;) {
        size_t n = 1 + strcspn(in + 1, "/?"); /* "/segment" */
        bool last = in + n == query;
        if (n == 2 && in[1] == '.') {
            if (last)
                *out++ = '/';
        } else if (n == 3 && in[1] == '.' && in[2] == '.') {
            while (out > path && *--out != '/')
                ;
            if (last)
                *out++ = '/';
        } else {
            memmove(out, in, n);
            out += n;
        }
        in += n;
    }
    memmove(out, query, strlen(query) + 1);
}

/* RFC 3986, section 5.2.2, for a base that is http. */
static void resolve(const struct url *base, const char *reference, struct url *out)
{
    size_t scheme = strspn(reference, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    char *path = checked(strndup(base->target, strcspn(base->target, "?"))), *full;
    const char *authority = base->field;

    if (reference[scheme] == ':' && scheme > 0)
        full = text("%s", reference);
    else if (strncmp(reference, "//", 2) == 0)
        full = text("http:%s", reference);
    else if (reference[0] == '/')
        full = text("http://%s%s", authority, reference);
    else if (reference[0] == '?')
        full = text("http://%s%s%s", authority, path, reference);
    else if (reference[0] == '#' || reference[0] == '\0')
        full = text("http://%s%s", authority, base->target);
    else
        full = text("http://%s%.*s/%s", authority, (int)(strrchr(path, '/') - path), path, reference);
    const char *wrong = parse_url(full, out);
    if (wrong != NULL)
        fail("redirected to %s: %s", reference, wrong);
    remove_dot_segments(out->target);
}

/* ---- The connection --------------------------------------------------------------------------------------------- */

static int connect_to(const struct url *url)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list;
    int rc = getaddrinfo(url->host, url->port, &hints, &list);
    if (rc != 0)
        fail("%s: %s", url->host, gai_strerror(rc));

    int fd = -1, reason = 0;
    for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            break;
        reason = errno;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    if (fd < 0)
        fail("%s: %s", url->field, strerror(reason));
    return fd;
}

static void send_request(int fd, const struct url *url)
{
    char *request = text("GET %s HTTP/1.1\r\n"
                         "Host: %s\r\n"
                         "User-Agent: httpclient\r\n"
                         "Connection: close\r\n"
                         "\r\n",
                         url->target, url->field);
    size_t size = strlen(request);
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(fd, request + sent, size - sent, MSG_NOSIGNAL);
        if (n < 0)
            fail("%s: %s", url->field, strerror(errno));
        sent += (size_t)n;
    }
    free(request);
}

/* Makes sure that there is at least one byte in the buffer; false at the end of the connection. */
static bool fill(struct reader *r)
{
    if (r->start < r->end)
        return true;
    ssize_t n;
    do
        n = recv(r->fd, r->buffer, sizeof r->buffer, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        fail("the connection broke: %s", strerror(errno));
    r->start = 0;
    r->end = (size_t)n;
    return n > 0;
}

/* The next line without its end, for the caller to free. */
static char *read_line(struct reader *r)
{
    char *line = NULL;
    size_t len = 0;
    for (;;) {
        if (!fill(r))
            fail("the response ends in the middle of a line");
        char *from = r->buffer + r->start, *lf = memchr(from, '\n', r->end - r->start);
        size_t n = lf != NULL ? (size_t)(lf - from) : r->end - r->start;
        if (n >= r->head_left)
            fail("the head of the response is too long");
        r->head_left -= n;
        line = checked(realloc(line, len + n + 1));
        memcpy(line + len, from, n);
        len += n;
        r->start += n + (lf != NULL);
        if (lf != NULL)
            break;
    }
    if (len > 0 && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    if (strlen(line) != len)
        fail("a line of the response holds a NUL");
    return line;
}

static void print(const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(STDOUT_FILENO, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("stdout: %s", strerror(errno));
        data += n;
        size -= (size_t)n;
    }
}

/* Prints exactly so many bytes of the body. */
static void print_bytes(struct reader *r, uint64_t left)
{
    while (left > 0) {
        if (!fill(r))
            fail("the body is incomplete: %ju bytes are missing", (uintmax_t)left);
        size_t n = r->end - r->start;
        if (n > left)
            n = (size_t)left;
        print(r->buffer + r->start, n);
        r->start += n;
        left -= n;
    }
}

/* ---- The response ----------------------------------------------------------------------------------------------- */

/* Digits of this base alone, all of them, and no more than 63 bits: strtoull would also take " -0x6". */
static bool parse_number(const char *s, size_t len, unsigned base, uint64_t *out)
{
    static const char digits[] = "0123456789abcdef";
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        char c = s[i] >= 'A' && s[i] <= 'F' ? (char)(s[i] - 'A' + 'a') : s[i];
        const char *digit = memchr(digits, c, base);
        if (digit == NULL || *out > ((uint64_t)INT64_MAX - base) / base)
            return false;
        *out = *out * base + (uint64_t)(digit - digits);
    }
    return len > 0;
}

static void parse_status_line(const char *line, struct response *out)
{
    uint64_t status;
    if (strncmp(line, "HTTP/1.", 7) != 0 || strlen(line) < 12 || line[8] != ' ' ||
        !parse_number(line + 9, 3, 10, &status) || status < 100 || (line[12] != ' ' && line[12] != '\0'))
        fail("this is no HTTP/1.1 response: %.60s", line);
    out->status = (int)status;
    out->reason = checked(strdup(line[12] == ' ' ? line + 13 : ""));
}

static bool is_name(const char *s, size_t len, const char *name)
{
    return len == strlen(name) && strncasecmp(s, name, len) == 0;
}

static void take_field(const char *line, struct response *out)
{
    const char *colon = strchr(line, ':');
    if (colon == NULL || colon == line)
        fail("this is no header field: %.60s", line);
    size_t name_len = (size_t)(colon - line);
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t len = strlen(value);
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
        len--;

    if (is_name(line, name_len, "Content-Length")) {
        uint64_t length;
        if (!parse_number(value, len, 10, &length) || (out->has_length && out->length != length))
            fail("the Content-Length of the response makes no sense: %.60s", value);
        out->length = length;
        out->has_length = true;
    } else if (is_name(line, name_len, "Transfer-Encoding")) {
        if (out->chunked || len != strlen("chunked") || strncasecmp(value, "chunked", len) != 0)
            fail("the response has a transfer coding that is not supported: %.60s", value);
        out->chunked = true;
    } else if (is_name(line, name_len, "Location")) {
        free(out->location);
        out->location = checked(strndup(value, len));
    }
}

/* A line that begins with white space continues the one before it (RFC 9112, section 5.2). */
static struct response read_head(struct reader *r)
{
    struct response out = {0};
    r->head_left = HEAD_MAX;
    char *line = read_line(r), *next;
    parse_status_line(line, &out);
    free(line);
    for (line = read_line(r); line[0] != '\0'; line = next) {
        next = read_line(r);
        while (next[0] == ' ' || next[0] == '\t') {
            char *joined = text("%s %s", line, next);
            free(line);
            free(next);
            line = joined;
            next = read_line(r);
        }
        take_field(line, &out);
        free(line);
    }
    free(line);
    return out;
}

static void print_chunks(struct reader *r)
{
    for (;;) {
        uint64_t size;
        r->head_left = HEAD_MAX;
        char *line = read_line(r);
        size_t digits = strcspn(line, "; \t"); /* what follows is an extension */
        if (!parse_number(line, digits, 16, &size))
            fail("this is no size of a chunk: %.60s", line);
        free(line);
        if (size == 0)
            break;
        print_bytes(r, size);
        line = read_line(r);
        if (line[0] != '\0')
            fail("a chunk is longer than its size says");
        free(line);
    }
    for (char *line = read_line(r); line[0] != '\0'; line = read_line(r)) /* trailer fields */
        free(line);
}

/* RFC 9112, section 6.3. */
static void print_body(struct reader *r, const struct response *response)
{
    if (response->status == 204)
        return;
    if (response->chunked) {
        print_chunks(r);
    } else if (response->has_length) {
        print_bytes(r, response->length);
    } else {
        while (fill(r)) {
            print(r->buffer + r->start, r->end - r->start);
            r->start = r->end;
        }
    }
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

int main(int argc, char **argv)
{
    struct url url;
    if (argc != 2)
        usage("one URL is needed");
    const char *wrong = parse_url(argv[1], &url);
    if (wrong != NULL)
        usage(wrong);

    for (int redirects = 0;; redirects++) {
        static struct reader reader;
        reader = (struct reader){.fd = connect_to(&url)};
        send_request(reader.fd, &url);
        struct response response;
        do
            response = read_head(&reader);
        while (response.status < 200);

        if (response.status < 300) {
            print_body(&reader, &response);
            return 0;
        }
        if (!is_redirect(response.status) || response.location == NULL)
            fail("%s: %d %s", argv[1], response.status, response.reason);
        if (redirects == REDIRECTS_MAX)
            fail("%s: more than %d redirects", argv[1], REDIRECTS_MAX);
        struct url next;
        resolve(&url, response.location, &next);
        url = next;
        close(reader.fd); /* the body of a redirect is of no interest */
    }
}
