/* nc: joins stdin and stdout to a TCP connection, or to the datagrams of one UDP peer.
 *
 * Two flows, one loop, for both protocols. A flow has a buffer, reads only when the buffer is empty and writes only what
 * poll says can be written, so neither ever makes the other wait. With datagrams a buffer holds one datagram. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BUFFER_SIZE = 64 * 1024, /* the largest datagram fits */
    TYPED_MAX = 16 * 1024    /* what is read from stdin at once, and with -u sent as one datagram */
};

struct options {
    bool udp, listen;
    const char *host, *port; /* host: NULL with -l */
};

struct flow {
    size_t start, end; /* the bytes of buffer that are still to be written */
    bool ended;        /* nothing more comes */
    char buffer[BUFFER_SIZE];
};

struct session {
    int fd;
    bool udp;
    int broken;                   /* errno of a send that failed for good */
    struct sockaddr_storage peer; /* with -u -l: the only one who is listened to; ss_family 0: anybody */
    struct flow up, down;
};

static void usage(void)
{
    fprintf(stderr, "nc: usage: ./nc [-u] <host> <port> or ./nc [-u] -l <port>, a port is a number from 1 to 65535\n");
    exit(2);
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "nc: %s: %s\n", what, why);
    exit(1);
}

static void check_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != '\0')
        usage();
    int port = atoi(text);
    if (port < 1 || port > 65535)
        usage();
}

static struct options parse_options(int argc, char **argv)
{
    struct options o = {0};
    int c;
    opterr = 0;
    while ((c = getopt(argc, argv, "+lu")) != -1) {
        if (c == 'l')
            o.listen = true;
        else if (c == 'u')
            o.udp = true;
        else
            usage();
    }
    if (argc - optind != (o.listen ? 1 : 2))
        usage();
    o.host = o.listen ? NULL : argv[optind];
    o.port = argv[argc - 1];
    check_port(o.port);
    return o;
}

/* With 0, 1 or 2 closed, the next socket would get that number and be taken for stdin, stdout or stderr. */
static void fill_standard_descriptors(void)
{
    int fd;
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
        ;
    if (fd >= 0)
        close(fd);
}

/* ---- Finding the peer ------------------------------------------------------------------------------------------- */

static int connect_to(const struct options *o)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = o->udp ? SOCK_DGRAM : SOCK_STREAM}, *list;
    int rc = getaddrinfo(o->host, o->port, &hints, &list);
    if (rc != 0)
        fail(o->host, rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));

    int fd = -1, reason = 0;
    for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            break;
        reason = errno;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    if (fd < 0)
        fail(o->host, strerror(reason));
    return fd;
}

static int bind_to(const char *port, int type)
{
    struct sockaddr_in any = {
        .sin_family = AF_INET,
        .sin_port = htons((in_port_t)atoi(port)),
        .sin_addr.s_addr = htonl(INADDR_ANY),
    };
    int fd = socket(AF_INET, type, 0), yes = 1;
    if (fd < 0)
        fail("socket", strerror(errno));
    /* A conversation of a moment ago may rest in TIME-WAIT. For UDP the option would let two share the port. */
    if (type == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
        fail(port, strerror(errno));
    return fd;
}

static int accept_one(const char *port)
{
    int listener = bind_to(port, SOCK_STREAM), fd;
    if (listen(listener, 1) < 0)
        fail(port, strerror(errno));
    do
        fd = accept(listener, NULL, NULL);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0)
        fail("accept", strerror(errno));
    close(listener); /* nobody else is to wait in the backlog */
    return fd;
}

/* Whoever sends the first datagram is the peer. The datagram stays in the queue, to be read with the others. */
static int wait_for_datagram(const char *port, struct sockaddr_storage *peer)
{
    int fd = bind_to(port, SOCK_DGRAM);
    socklen_t len = sizeof *peer;
    if (recvfrom(fd, NULL, 0, MSG_PEEK, (struct sockaddr *)peer, &len) < 0 ||
        connect(fd, (struct sockaddr *)peer, len) < 0)
        fail(port, strerror(errno));
    return fd;
}

/* ---- Carrying --------------------------------------------------------------------------------------------------- */

static bool has_bytes(const struct flow *f)
{
    return f->start < f->end;
}

static bool is_passing(int error)
{
    return error == EAGAIN || error == EINTR;
}

/* Since before it knew its peer, the socket may hold datagrams of others. */
static bool is_from_peer(const struct session *s, const struct sockaddr_storage *from)
{
    const struct sockaddr_in *a = (const struct sockaddr_in *)&s->peer, *b = (const struct sockaddr_in *)from;
    return s->peer.ss_family == 0 || (a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr);
}

static void take_typed(struct session *s)
{
    ssize_t n = read(STDIN_FILENO, s->up.buffer, TYPED_MAX);
    if (n < 0 && is_passing(errno))
        return;
    if (n < 0)
        fail("stdin", strerror(errno));
    s->up.start = 0;
    s->up.end = (size_t)n;
    s->up.ended = n == 0;
    if (s->up.ended && !s->udp)
        shutdown(s->fd, SHUT_WR); /* "I have said all"; the other direction stays open */
}

static void take_received(struct session *s)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    ssize_t n = recvfrom(s->fd, s->down.buffer, sizeof s->down.buffer, 0, (struct sockaddr *)&from, &len);
    if (n < 0 && is_passing(errno))
        return;
    if (n < 0)
        fail("receive", strerror(errno));
    if (s->udp && !is_from_peer(s, &from))
        return;
    s->down.start = 0;
    s->down.end = (size_t)n;
    s->down.ended = n == 0 && !s->udp; /* an empty datagram ends nothing */
}

static void send_some(struct session *s)
{
    ssize_t n = send(s->fd, s->up.buffer + s->up.start, s->up.end - s->up.start, 0);
    if (n >= 0) {
        s->up.start += (size_t)n;
    } else if (!is_passing(errno)) {
        /* What the peer sent before can still be printed. */
        s->broken = errno;
        s->up.ended = true;
        s->up.start = s->up.end = 0;
    }
}

static void print_some(struct session *s)
{
    size_t left = s->down.end - s->down.start;
    /* A pipe that is ready takes PIPE_BUF bytes without blocking, and not one more is promised (pipe(7)). */
    ssize_t n = write(STDOUT_FILENO, s->down.buffer + s->down.start, left < PIPE_BUF ? left : PIPE_BUF);
    if (n >= 0)
        s->down.start += (size_t)n;
    else if (!is_passing(errno))
        fail("stdout", strerror(errno));
}

/* Waits until something can go on, and lets it. A descriptor that we want nothing of is left out, for poll always
 * reports POLLHUP and POLLERR. After the peer's end that is just what we want to hear: that it is gone for good. */
static void carry_some(struct session *s)
{
    bool typing = !s->up.ended && !has_bytes(&s->up), printing = has_bytes(&s->down);
    bool receiving = !s->down.ended && !printing, sending = has_bytes(&s->up);
    bool listening_for_trouble = s->down.ended && !s->up.ended;
    struct pollfd fds[] = {
        {.fd = typing ? STDIN_FILENO : -1, .events = POLLIN},
        {.fd = receiving || sending || listening_for_trouble ? s->fd : -1,
         .events = (short)((sending ? POLLOUT : 0) | (receiving ? POLLIN : 0))},
        {.fd = printing ? STDOUT_FILENO : -1, .events = POLLOUT},
    };
    if (poll(fds, 3, -1) < 0) {
        if (errno == EINTR)
            return;
        fail("poll", strerror(errno));
    }
    short trouble = POLLERR | POLLHUP; /* the call itself will say what it is */
    if (fds[0].revents != 0)
        take_typed(s);
    if (sending && (fds[1].revents & (POLLOUT | trouble)) != 0)
        send_some(s);
    if (receiving && (fds[1].revents & (POLLIN | trouble)) != 0)
        take_received(s);
    if (!receiving && !sending && fds[1].revents != 0) {
        s->broken = ECONNRESET;
        s->up.ended = true;
    }
    if (fds[2].revents != 0)
        print_some(s);
}

static bool is_over(const struct session *s)
{
    bool received = s->down.ended && !has_bytes(&s->down), sent = s->up.ended && !has_bytes(&s->up);
    if (s->udp)
        return s->broken != 0;
    return received && sent;
}

int main(int argc, char **argv)
{
    struct options o = parse_options(argc, argv);
    static struct session s;

    fill_standard_descriptors();
    signal(SIGPIPE, SIG_IGN); /* a broken pipe is an error of write or send, which we report */
    s.udp = o.udp;
    if (!o.listen)
        s.fd = connect_to(&o);
    else
        s.fd = o.udp ? wait_for_datagram(o.port, &s.peer) : accept_one(o.port);
    if (fcntl(s.fd, F_SETFL, O_NONBLOCK) < 0)
        fail("fcntl", strerror(errno));

    while (!is_over(&s))
        carry_some(&s);
    if (s.broken != 0)
        fail(o.listen ? o.port : o.host, strerror(s.broken));
    return 0;
}
