/* port-scanner: says which TCP ports of a host are open.
 *
 * One loop keeps as many connections under way as descriptors allow. Each of them is non-blocking; poll tells when an
 * answer is there, SO_ERROR tells which, and a deadline says when to stop waiting. What was found out is kept for each
 * port, and printed in order at the end. */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 1500, /* the kernel repeats a SYN after a second: one that is lost must not hide a port */
    MOST_AT_ONCE = 512,
    PORTS = 65536
};

enum state { CLOSED, OPEN, FILTERED, STATES };

static const char *const state_names[STATES] = {"closed", "open", "filtered"};

struct scan {
    const char *host;
    struct sockaddr_storage address; /* its port is set for each connection */
    socklen_t address_len;
    int next, last;             /* the port to be tried next */
    unsigned char found[PORTS]; /* enum state */
    int n_waiting, most;
    struct pollfd waiting[MOST_AT_ONCE]; /* connections under way, the oldest first */
    struct {
        int port;
        int64_t deadline_ms;
    } about[MOST_AT_ONCE]; /* the same ones */
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "portscan: %s: %s\n", what, why);
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "portscan: usage: ./portscan <host> <start-port> <end-port>, ports are numbers from 1 to 65535\n");
    exit(2);
}

static int parse_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        usage();
    errno = 0;
    unsigned long port = strtoul(text, NULL, 10);
    if (errno != 0 || port < 1 || port > 65535)
        usage();
    return (int)port;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void find_host(struct scan *s)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    int error = getaddrinfo(s->host, NULL, &hints, &list);
    if (error != 0)
        die(s->host, error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
    memcpy(&s->address, list->ai_addr, list->ai_addrlen);
    s->address_len = list->ai_addrlen;
    freeaddrinfo(list);
}

static void set_port(struct sockaddr_storage *address, int port)
{
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
}

/* When the kernel gives a socket the very port that it connects to, it meets itself: both sides open the connection at
 * the same time, and it succeeds although nobody listens. */
static bool is_own_socket(int fd)
{
    struct sockaddr_storage ours = {0}, theirs = {0};
    socklen_t ours_len = sizeof ours, theirs_len = sizeof theirs;
    if (getsockname(fd, (struct sockaddr *)&ours, &ours_len) < 0 ||
        getpeername(fd, (struct sockaddr *)&theirs, &theirs_len) < 0)
        return false;
    return ours_len == theirs_len && memcmp(&ours, &theirs, ours_len) == 0;
}

/* What the end of a connection attempt says of the port. */
static enum state state_of(int fd, int error)
{
    switch (error) {
    case 0:
        return is_own_socket(fd) ? CLOSED : OPEN;
    case ECONNRESET: /* it was established, and the service has ended it already */
    case EPIPE:
        return OPEN;
    case ECONNREFUSED:
    case EADDRNOTAVAIL: /* the one local port that is left is this port itself, so nobody has it */
        return CLOSED;
    default: /* a router has answered in place of the host */
        return FILTERED;
    }
}

/* Begins to connect to the next port. False if there is no descriptor for it now. */
static bool try_next(struct scan *s)
{
    int fd = socket(s->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        if ((errno != EMFILE && errno != ENFILE) || s->n_waiting == 0)
            die("socket", strerror(errno));
        return false;
    }
    int port = s->next++;
    set_port(&s->address, port);
    int error = connect(fd, (struct sockaddr *)&s->address, s->address_len) < 0 ? errno : 0;
    if (error == EINPROGRESS) {
        s->waiting[s->n_waiting] = (struct pollfd){.fd = fd, .events = POLLOUT};
        s->about[s->n_waiting].port = port;
        s->about[s->n_waiting].deadline_ms = now_ms() + PATIENCE_MS;
        s->n_waiting++;
        return true;
    }
    if (error == ENETUNREACH || error == EHOSTUNREACH || error == EACCES || error == EPERM || error == EINVAL)
        die(s->host, strerror(error)); /* it is not the port that is the trouble */
    s->found[port] = (unsigned char)state_of(fd, error);
    close(fd);
    return true;
}

/* Sorts out what has been answered and what has waited long enough; the others move up. */
static void look(struct scan *s)
{
    int64_t now = now_ms();
    int kept = 0;
    for (int i = 0; i < s->n_waiting; i++) {
        int fd = s->waiting[i].fd, port = s->about[i].port;
        if (s->waiting[i].revents == 0 && now < s->about[i].deadline_ms) {
            s->waiting[kept] = s->waiting[i];
            s->about[kept++] = s->about[i];
            continue;
        }
        int error = 0;
        socklen_t len = sizeof error;
        if (s->waiting[i].revents == 0)
            s->found[port] = FILTERED;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
            die("getsockopt", strerror(errno));
        else
            s->found[port] = (unsigned char)state_of(fd, error);
        close(fd);
    }
    s->n_waiting = kept;
}

static void run(struct scan *s)
{
    while (s->next <= s->last || s->n_waiting > 0) {
        while (s->next <= s->last && s->n_waiting < s->most)
            if (!try_next(s))
                s->most = s->n_waiting; /* all descriptors are in use: no more than these at a time */
        if (s->n_waiting == 0)
            continue;
        int64_t wait_ms = s->about[0].deadline_ms - now_ms(); /* all wait equally long, so the oldest ends first */
        if (poll(s->waiting, (nfds_t)s->n_waiting, wait_ms > 0 ? (int)wait_ms : 0) < 0 && errno != EINTR)
            die("poll", strerror(errno));
        look(s);
    }
}

int main(int argc, char **argv)
{
    static struct scan s;
    int counts[STATES] = {0};

    if (argc != 4)
        usage();
    int first = parse_port(argv[2]);
    s.host = argv[1];
    s.next = first;
    s.last = parse_port(argv[3]);
    if (first > s.last)
        usage();
    s.most = MOST_AT_ONCE;
    find_host(&s);
    run(&s);

    for (int port = first; port <= s.last; port++) {
        counts[s.found[port]]++;
        if (s.found[port] != CLOSED)
            printf("%d %s\n", port, state_names[s.found[port]]);
    }
    printf("%d open, %d filtered, %d closed\n", counts[OPEN], counts[FILTERED], counts[CLOSED]);
    if (fflush(stdout) != 0)
        die("stdout", strerror(errno));
    return 0;
}
