/* tcp-echo-client: carries stdin to a server and the server's bytes to stdout, both at the same time.
 *
 * Two flows, one loop. Each flow has a buffer, reads only when the buffer is empty and writes only what poll says can
 * be written, so neither ever makes the other wait. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_SIZE = 16 * 1024 };

struct flow {
    int from, to;
    size_t chunk;      /* the most to write at once */
    size_t start, end; /* the bytes of buffer that are still to be written */
    bool ended;        /* nothing more comes from `from` */
    char buffer[BUFFER_SIZE];
};

/* What poll said about the two ends of a flow. */
struct ready {
    bool input, output;
};

static void usage(void)
{
    fprintf(stderr, "client: usage: ./client <host> <port>, a port is a number from 1 to 65535\n");
    exit(2);
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "client: %s: %s\n", what, why);
    exit(1);
}

static void check_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        usage();
    errno = 0;
    unsigned long port = strtoul(text, NULL, 10);
    if (errno != 0 || port < 1 || port > 65535)
        usage();
}

/* Tries each address of the host until one answers. */
static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    int rc = getaddrinfo(host, port, &hints, &addresses);
    if (rc != 0)
        fail(host, rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));

    int fd = -1, reason = 0;
    for (struct addrinfo *a = addresses; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd < 0) {
            reason = errno;
        } else if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            reason = errno;
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(addresses);
    if (fd < 0)
        fail(host, strerror(reason));
    return fd;
}

static bool has_bytes(const struct flow *f)
{
    return f->start < f->end;
}

/* Returns false on an error, with errno set. */
static bool fill(struct flow *f)
{
    ssize_t n = read(f->from, f->buffer, sizeof f->buffer);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    f->start = 0;
    f->end = (size_t)n;
    f->ended = n == 0;
    return true;
}

static bool drain(struct flow *f)
{
    size_t n = f->end - f->start;
    ssize_t written = write(f->to, f->buffer + f->start, n < f->chunk ? n : f->chunk);
    if (written < 0)
        return errno == EAGAIN || errno == EINTR;
    f->start += (size_t)written;
    return true;
}

/* Waits until at least one of the flows can go on. A descriptor that we want nothing of is left out, for poll always
 * reports POLLHUP and POLLERR, and we would spin on them. */
static void wait_for(const struct flow *up, const struct flow *down, struct ready *up_ready, struct ready *down_ready)
{
    bool read_stdin = !up->ended && !has_bytes(up);
    short wanted = (short)((has_bytes(up) ? POLLOUT : 0) | (has_bytes(down) ? 0 : POLLIN));
    struct pollfd fds[] = {
        {.fd = read_stdin ? up->from : -1, .events = POLLIN},
        {.fd = wanted != 0 ? up->to : -1, .events = wanted},
        {.fd = has_bytes(down) ? down->to : -1, .events = POLLOUT},
    };
    if (poll(fds, 3, -1) < 0 && errno != EINTR)
        fail("poll", strerror(errno));
    short trouble = POLLERR | POLLHUP | POLLNVAL; /* the read or the write will say what it is */
    short socket_events = fds[1].revents;
    up_ready->input = fds[0].revents != 0;
    up_ready->output = has_bytes(up) && (socket_events & (POLLOUT | trouble)) != 0;
    down_ready->input = !has_bytes(down) && (socket_events & (POLLIN | trouble)) != 0;
    down_ready->output = fds[2].revents != 0;
}

/* Runs until the server has ended and all that it sent is printed. Returns 0, or the errno of a broken connection. */
static int carry(int server)
{
    static struct flow up = {.from = STDIN_FILENO, .chunk = BUFFER_SIZE};
    /* A pipe that is ready takes PIPE_BUF bytes without blocking, and not one more is promised (pipe(7)). */
    static struct flow down = {.to = STDOUT_FILENO, .chunk = PIPE_BUF};
    up.to = down.from = server;
    int broken = 0;

    while (!down.ended) {
        struct ready up_ready, down_ready;
        wait_for(&up, &down, &up_ready, &down_ready);

        if (up_ready.input) {
            if (!fill(&up))
                fail("stdin", strerror(errno));
            if (up.ended)
                shutdown(server, SHUT_WR); /* "I have said all"; the other direction stays open */
        }
        if (up_ready.output && !drain(&up)) {
            /* The server takes no more. What it sent before can still be read, and how it ended is seen there; but
             * a reset is reported once, so remember it. EPIPE comes after its regular end. */
            if (errno != EPIPE)
                broken = errno;
            up.ended = true;
            up.start = up.end = 0;
        }
        if (down_ready.input && !fill(&down)) {
            broken = errno;
            break;
        }
        if (down_ready.output && !drain(&down))
            fail("stdout", strerror(errno));
    }
    return broken;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        usage();
    check_port(argv[2]);

    signal(SIGPIPE, SIG_IGN); /* a broken pipe is an error of write, which we report */
    int server = connect_to(argv[1], argv[2]);
    if (fcntl(server, F_SETFL, O_NONBLOCK) < 0)
        fail("fcntl", strerror(errno));

    int broken = carry(server);
    if (broken != 0)
        fail(argv[1], strerror(broken));
    return 0;
}
