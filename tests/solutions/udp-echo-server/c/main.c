/* udp-echo-server: answers each datagram with the same datagram.
 *
 * One socket serves everybody, and nothing is remembered between two datagrams. Each is received together with the
 * address to which it was sent, so that its answer can leave from there. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_SIZE = 65536 }; /* no UDP datagram is larger */

struct datagram {
    struct sockaddr_in sender;
    struct in_addr asked; /* the address of ours to which it was sent */
    size_t size;
    char content[BUFFER_SIZE];
};

/* Room for one control message of the type IP_PKTINFO, aligned as the macros of cmsg(3) want it. */
union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static void fail(const char *what)
{
    fprintf(stderr, "udpserver: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "udpserver: usage: ./udpserver <port>, a port is a number from 1 to 65535\n");
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

/* SIGTERM and SIGINT as a descriptor that becomes readable: no handler, no race. */
static int catch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (fd < 0)
        fail("signalfd");
    return fd;
}

static int open_socket(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");
    int yes = 1;
    if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes) < 0)
        fail("IP_PKTINFO");

    /* No SO_REUSEADDR: UDP knows no TIME-WAIT, and with it two servers could share the port. */
    struct sockaddr_in any = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_ANY),
    };
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0) {
        fprintf(stderr, "udpserver: cannot receive on port %u: %s\n", (unsigned)port, strerror(errno));
        exit(1);
    }
    return fd;
}

static bool receive(int fd, struct datagram *d)
{
    union control control;
    struct iovec content = {.iov_base = d->content, .iov_len = sizeof d->content};
    struct msghdr message = {
        .msg_name = &d->sender,
        .msg_namelen = sizeof d->sender, /* overwritten by each call, so it has to be set before each */
        .msg_iov = &content,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    ssize_t n = recvmsg(fd, &message, 0);
    if (n < 0)
        return false; /* nothing there, or the news that an earlier answer met nobody */
    d->size = (size_t)n; /* 0 is an empty datagram, not an end */
    d->asked.s_addr = htonl(INADDR_ANY);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            d->asked = info.ipi_spec_dst;
        }
    }
    return true;
}

/* An answer that cannot be sent is lost, as any datagram may be: that is no reason to stop. */
static void answer(int fd, struct datagram *d)
{
    union control control = {0};
    struct iovec content = {.iov_base = d->content, .iov_len = d->size};
    struct msghdr message = {
        .msg_name = &d->sender,
        .msg_namelen = sizeof d->sender,
        .msg_iov = &content,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    struct in_pktinfo info = {.ipi_spec_dst = d->asked}; /* interface 0: the route decides */
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = IPPROTO_IP;
    c->cmsg_type = IP_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof info);
    memcpy(CMSG_DATA(c), &info, sizeof info);
    (void)sendmsg(fd, &message, 0);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        usage();
    uint16_t port = parse_port(argv[1]);
    int signals = catch_signals();
    int fd = open_socket(port);

    static struct datagram d;
    for (;;) {
        struct pollfd ready[] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0 && errno != EINTR)
            fail("poll");
        if (ready[1].revents != 0)
            return 0;
        /* A sender with our own port number is another echo server, or somebody who pretends to be one: the two
         * would send one datagram to and fro for ever. */
        if (receive(fd, &d) && d.sender.sin_port != htons(port))
            answer(fd, &d);
    }
}
