/* load-balancer: passes each HTTP request to the next of several backends.
 *
 * A thread serves a client, and a request gets a connection of its own to a backend. While a request is being
 * exchanged, poll(2) watches both sides, for either may speak first; each direction has one buffer, and what
 * the other side does not take is not read: who is slow makes its peer wait, and nobody else. */
#define _GNU_SOURCE
#include "message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BUFFER_SIZE = 64 * 1024, /* and the longest head */
    STACK_SIZE = 256 * 1024,
    BACKENDS_MAX = 64,
    CONNECT_MS = 1000, /* a backend that has not taken a connection by then counts as refusing */
    REST_MS = 1000,    /* a backend that has failed is left out for so long */
    LINGER_MS = 1000,
    OUT_OF_DESCRIPTORS_MS = 100
};

struct backend {
    struct sockaddr_in address;
    atomic_llong rests_until; /* ms of the monotonic clock */
};

static struct {
    struct backend backends[BACKENDS_MAX];
    size_t n_backends;
    atomic_size_t turn;
    int stopping; /* an eventfd, readable from SIGTERM on */
    pthread_mutex_t lock;
    pthread_cond_t idle;
    size_t clients; /* how many threads there are */
} lb = {.lock = PTHREAD_MUTEX_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER};

struct stream {
    int fd;
    size_t start, end; /* what is in the buffer */
    size_t framed;     /* up to here it belongs to the message that is being passed on */
    char *buffer;
};

struct client {
    struct stream in, back; /* from the client, from its backend */
    char address[INET_ADDRSTRLEN];
    char *head; /* as it is passed on */
};

static void fail(const char *what)
{
    fprintf(stderr, "lb: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* ---- Streams ------------------------------------------------------------------------------------------- */

/* More bytes into the buffer: 1; 0: not now; -1: the end, or an error. */
static int fill(struct stream *s)
{
    if (s->start == s->end)
        s->start = s->end = s->framed = 0;
    if (s->end == BUFFER_SIZE) {
        memmove(s->buffer, s->buffer + s->start, s->end - s->start);
        s->end -= s->start;
        s->framed -= s->start;
        s->start = 0;
    }
    ssize_t n = recv(s->fd, s->buffer + s->end, BUFFER_SIZE - s->end, 0);
    if (n > 0)
        s->end += (size_t)n;
    return n > 0 ? 1 : n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static bool send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Our end first; what the client still sends is read for a while, for closing on it would be a reset, and
 * that might overtake our answer. */
static void linger(struct stream *s)
{
    shutdown(s->fd, SHUT_WR);
    for (long long until = now_ms() + LINGER_MS, left; (left = until - now_ms()) > 0;) {
        struct pollfd fd = {.fd = s->fd, .events = POLLIN};
        s->start = s->end = s->framed = 0;
        if (poll(&fd, 1, (int)left) > 0 && fill(s) < 0)
            return;
    }
}

static void answer(struct client *c, int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{400, "Bad Request"},     {431, "Request Header Fields Too Large"},
                   {501, "Not Implemented"}, {502, "Bad Gateway"},
                   {503, "No Backend"},      {505, "HTTP Version Not Supported"}};
    const char *reason = "";
    char text[256];

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            reason = reasons[i].reason;
    int n = snprintf(text, sizeof text, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                     status, reason);
    if (send_all(c->in.fd, text, (size_t)n))
        linger(&c->in);
}

/* ---- Backends ------------------------------------------------------------------------------------------ */

/* Whose turn it is, leaving out those that were tried and, while there are others, those that rest. */
static struct backend *next_backend(const bool *tried)
{
    size_t turn = atomic_fetch_add(&lb.turn, 1);
    long long now = now_ms();

    for (int resting = 0; resting <= 1; resting++)
        for (size_t i = 0; i < lb.n_backends; i++) {
            size_t at = (turn + i) % lb.n_backends;
            if (!tried[at] && (resting || atomic_load(&lb.backends[at].rests_until) <= now))
                return &lb.backends[at];
        }
    return NULL;
}

static void let_rest(struct backend *b)
{
    atomic_store(&b->rests_until, now_ms() + REST_MS);
}

static int connect_to(const struct backend *b)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0;
    socklen_t len = sizeof error;

    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (connect(fd, (const struct sockaddr *)&b->address, sizeof b->address) == 0)
        return fd;
    if (errno == EINPROGRESS && poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, CONNECT_MS) > 0 &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
        return fd;
    close(fd);
    return -1;
}

/* ---- One exchange -------------------------------------------------------------------------------------- */

struct exchange {
    struct client *client;
    struct head request, response;
    size_t request_head; /* bytes of it in the client's buffer */
    struct body upload, download;
    bool upload_over; /* all is sent, or the backend takes no more */
    bool answered;    /* the head of a response has been passed on */
    bool keeps;       /* the client's connection goes on */
};

enum outcome { DONE, BACKEND_BROKE, CLIENT_LEFT, CLIENT_WRONG };

/* Sends what is framed. False: the other side is gone. */
static bool flush(struct stream *from, int to)
{
    while (from->start < from->framed) {
        ssize_t n = send(to, from->buffer + from->start, from->framed - from->start, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        from->start += (size_t)n;
    }
    return true;
}

static void frame_more(struct stream *s, struct body *b)
{
    s->framed += body_take(b, s->buffer + s->framed, s->end - s->framed);
}

/* When the head of the response is whole, passes it on. */
static enum outcome begin_response(struct exchange *x)
{
    struct client *c = x->client;
    struct stream *back = &c->back;
    size_t size;

    while ((size = head_size(back->buffer + back->start, back->end - back->start)) > 0) {
        if (parse_response(back->buffer + back->start, size, &x->response) != 0)
            return BACKEND_BROKE;
        const char *head = back->buffer + back->start;
        back->start += size;
        back->framed = back->start;
        if (x->response.status < 200)
            continue; /* an interim one: the real one follows */
        x->download = response_body(&x->response, x->request.method);
        x->keeps = !x->request.close && x->download.in != BODY_CLOSE;
        size = forward_head(c->head, head, size, NULL, x->keeps ? "" : "Connection: close\r\n");
        x->answered = true;
        if (!send_all(c->in.fd, c->head, size))
            return CLIENT_LEFT;
        frame_more(back, &x->download);
        return DONE;
    }
    return back->end - back->start == BUFFER_SIZE ? BACKEND_BROKE : DONE;
}

static bool is_over(const struct exchange *x)
{
    const struct stream *back = &x->client->back;
    return x->answered && body_is_done(&x->download) && back->start == back->framed;
}

static enum outcome on_upload(struct exchange *x, short events)
{
    struct stream *in = &x->client->in;

    if (in->start == in->framed && events) {
        if (fill(in) < 0)
            return CLIENT_LEFT;
        frame_more(in, &x->upload);
        if (x->upload.in == BODY_BAD)
            return CLIENT_WRONG;
    }
    if (!flush(in, x->client->back.fd))
        x->upload_over = true; /* it may have answered nevertheless */
    else if (in->start == in->framed && body_is_done(&x->upload))
        x->upload_over = true;
    return DONE;
}

static enum outcome on_download(struct exchange *x, short events)
{
    struct stream *back = &x->client->back;

    if (back->start == back->framed && events) {
        int filled = fill(back);
        if (filled < 0 && x->answered && x->download.in == BODY_CLOSE)
            x->download = (struct body){.in = BODY_LENGTH};
        else if (filled < 0)
            return BACKEND_BROKE;
        if (!x->answered) {
            enum outcome begun = begin_response(x);
            if (begun != DONE)
                return begun;
        } else {
            frame_more(back, &x->download);
        }
        if (x->download.in == BODY_BAD)
            return BACKEND_BROKE;
    }
    return flush(back, x->client->in.fd) ? DONE : CLIENT_LEFT;
}

/* Both directions, until the response has been passed on. */
static enum outcome relay(struct exchange *x)
{
    struct stream *in = &x->client->in, *back = &x->client->back;
    enum outcome outcome = on_upload(x, 0);

    while (outcome == DONE && !is_over(x)) {
        struct pollfd fds[] = {{.fd = in->fd}, {.fd = back->fd}};
        if (!x->upload_over && in->start < in->framed)
            fds[1].events |= POLLOUT;
        else if (!x->upload_over)
            fds[0].events |= POLLIN;
        if (back->start < back->framed)
            fds[0].events |= POLLOUT;
        else
            fds[1].events |= POLLIN;
        if (fds[1].events == 0 || (fds[1].events == POLLIN && back->start < back->framed))
            fds[1].fd = -1; /* nothing to do there: do not be woken by its end */
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents & POLLERR)
            return CLIENT_LEFT;
        if (!x->upload_over)
            outcome = on_upload(x, fds[0].revents & (POLLIN | POLLHUP));
        if (outcome == DONE)
            outcome = on_download(x, fds[1].revents & (POLLIN | POLLHUP | POLLERR));
    }
    return outcome;
}

static bool may_repeat(const struct exchange *x)
{
    static const char *const idempotent[] = {"GET", "HEAD", "OPTIONS", "DELETE"};

    for (size_t i = 0; i < sizeof idempotent / sizeof *idempotent; i++)
        if (strcmp(x->request.method, idempotent[i]) == 0)
            return !x->request.chunked && x->request.length == 0;
    return false;
}

/* Tries one backend after the other until one has answered. False: the client's connection is to be closed.
 */
static bool exchange(struct exchange *x)
{
    struct client *c = x->client;
    bool tried[BACKENDS_MAX] = {false};
    const char *head = c->in.buffer + c->in.start;
    int status = 503;
    struct backend *b;

    c->in.framed = c->in.start + x->request_head;
    while ((b = next_backend(tried)) != NULL) {
        tried[b - lb.backends] = true;
        c->back.fd = connect_to(b);
        if (c->back.fd < 0) {
            let_rest(b);
            continue;
        }
        size_t size = forward_head(c->head, head, x->request_head, c->address, "Connection: close\r\n");
        enum outcome outcome = BACKEND_BROKE;
        size_t head_at = c->in.start;
        c->back.start = c->back.end = c->back.framed = 0;
        x->upload_over = x->answered = false;
        if (send_all(c->back.fd, c->head, size)) {
            c->in.start = c->in.framed = head_at + x->request_head;
            x->upload = request_body(&x->request);
            frame_more(&c->in, &x->upload);
            outcome = x->upload.in == BODY_BAD ? CLIENT_WRONG : relay(x);
        }
        close(c->back.fd);
        if (outcome == DONE)
            return x->keeps && x->upload_over && body_is_done(&x->upload);
        if (outcome == CLIENT_WRONG && !x->answered)
            answer(c, 400);
        if (outcome != BACKEND_BROKE)
            return false;
        let_rest(b);
        if (x->answered)
            return false; /* half a response must not look like a whole one */
        status = 502;
        if (!may_repeat(x))
            break;
        c->in.start = c->in.framed = head_at;
    }
    answer(c, status);
    return false;
}

/* ---- Clients ------------------------------------------------------------------------------------------- */

/* Waits for the head of the next request: its size, or 0 at the end. Between two requests, SIGTERM is the
 * end. */
static size_t next_request(struct client *c)
{
    struct stream *in = &c->in;

    for (;;) {
        while (in->start < in->end && (in->buffer[in->start] == '\r' || in->buffer[in->start] == '\n'))
            in->start++; /* empty lines before a request mean nothing */
        size_t size = head_size(in->buffer + in->start, in->end - in->start);
        if (size > 0)
            return size;
        if (in->end - in->start == BUFFER_SIZE) {
            answer(c, 431);
            return 0;
        }
        struct pollfd fds[] = {{.fd = in->fd, .events = POLLIN}, {.fd = lb.stopping, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents == 0 || fill(in) < 0)
            return 0;
    }
}

static void serve(struct client *c)
{
    for (;;) {
        struct exchange x = {.client = c, .request_head = next_request(c)};
        if (x.request_head == 0)
            return;
        int refused = parse_request(c->in.buffer + c->in.start, x.request_head, &x.request);
        if (refused) {
            answer(c, refused);
            return;
        }
        if (!exchange(&x)) {
            if (x.answered && is_over(&x) && !(x.upload_over && body_is_done(&x.upload)))
                linger(&c->in);
            return;
        }
    }
}

static void *client_thread(void *argument)
{
    struct client *c = argument;

    c->in.buffer = malloc(BUFFER_SIZE);
    c->back.buffer = malloc(BUFFER_SIZE);
    c->head = malloc(2 * BUFFER_SIZE + FORWARD_ROOM);
    if (c->in.buffer && c->back.buffer && c->head)
        serve(c);
    close(c->in.fd);
    free(c->in.buffer);
    free(c->back.buffer);
    free(c->head);
    free(c);
    pthread_mutex_lock(&lb.lock);
    if (--lb.clients == 0)
        pthread_cond_signal(&lb.idle);
    pthread_mutex_unlock(&lb.lock);
    return NULL;
}

static void accept_client(int listener, const pthread_attr_t *attributes)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    pthread_t thread;
    int fd = accept4(listener, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE)
            poll(NULL, 0, OUT_OF_DESCRIPTORS_MS); /* it stays in the backlog until somebody leaves */
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct client *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    c->in.fd = fd;
    inet_ntop(AF_INET, &address.sin_addr, c->address, sizeof c->address);
    pthread_mutex_lock(&lb.lock);
    lb.clients++;
    pthread_mutex_unlock(&lb.lock);
    if (pthread_create(&thread, attributes, client_thread, c) != 0) {
        close(fd);
        free(c);
        pthread_mutex_lock(&lb.lock);
        lb.clients--;
        pthread_mutex_unlock(&lb.lock);
    }
}

/* ---- Command line -------------------------------------------------------------------------------------- */

static void usage(void)
{
    fprintf(stderr, "lb: usage: ./lb <listen-port> <address>:<port>..., at most %d backends\n", BACKENDS_MAX);
    exit(2);
}

static uint16_t parse_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        usage();
    errno = 0;
    unsigned long port = strtoul(text, NULL, 10);
    if (errno != 0 || port < 1 || port > 65535)
        usage();
    return (uint16_t)port;
}

static void parse_backend(const char *text, struct backend *b)
{
    char address[INET_ADDRSTRLEN];
    const char *colon = strchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof address)
        usage();
    memcpy(address, text, (size_t)(colon - text));
    address[colon - text] = '\0';
    b->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(parse_port(colon + 1))};
    if (inet_pton(AF_INET, address, &b->address.sin_addr) != 1)
        usage();
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in any = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0)
        fail("socket");
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0 || listen(fd, SOMAXCONN) < 0) {
        fprintf(stderr, "lb: cannot listen on port %u: %s\n", (unsigned)port, strerror(errno));
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc - 2 > BACKENDS_MAX)
        usage();
    uint16_t port = parse_port(argv[1]);
    for (int i = 2; i < argc; i++)
        parse_backend(argv[i], &lb.backends[lb.n_backends++]);

    sigset_t set; /* before the first thread, so that all have it */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    lb.stopping = eventfd(0, EFD_CLOEXEC);
    if (signals < 0 || lb.stopping < 0)
        fail("signals");
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);

    int listener = listen_on(port);
    struct pollfd fds[] = {{.fd = listener, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    while (fds[1].revents == 0)
        if (poll(fds, 2, -1) > 0 && fds[0].revents)
            accept_client(listener, &attributes);

    close(listener);
    eventfd_write(lb.stopping, 1);
    pthread_mutex_lock(&lb.lock);
    while (lb.clients > 0)
        pthread_cond_wait(&lb.idle, &lb.lock);
    pthread_mutex_unlock(&lb.lock);
    return 0;
}
