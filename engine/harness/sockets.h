/* The TCP sockets of this network namespace, as the kernel lists them: sock_diag(7), which is many times
 * faster than /proc/net/tcp. */
#ifndef HARNESS_SOCKETS_H
#define HARNESS_SOCKETS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct endpoint {
    struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
    uint16_t port;
};

struct socket_info {
    int state; /* TCP_LISTEN and so on of netinet/tcp.h */
    bool v6;   /* of the family AF_INET6, whatever its addresses */
    struct endpoint local, remote;
    uint32_t receive_queue; /* bytes that the program has not read; of a listener: connections not accepted */
    uint32_t send_queue;    /* bytes that the peer has not acknowledged; of a listener: the backlog */
    unsigned long
        inode; /* as in "socket:[INODE]"; 0: nobody has accepted it yet, or everybody has closed it */
};

/* All sockets in these states (a bit mask 1 << TCP_LISTEN | ...). Returns how many; the caller frees *out. */
size_t sockets_in(uint32_t states, struct socket_info **out);
/* The other end of one of our connections, if it is on this machine. */
bool socket_peer(int fd, struct socket_info *out);
/* The socket with this inode. */
bool socket_with_inode(unsigned long inode, struct socket_info *out);
bool socket_local(int fd, struct endpoint *out);
bool socket_remote(int fd, struct endpoint *out);

/* Of an IPv4 or IPv6 address. */
struct endpoint endpoint_of_address(const struct sockaddr_storage *s);
bool endpoint_same(const struct endpoint *a, const struct endpoint *b);
/* "127.0.0.1:7000", "[::1]:7000". Lives as long as the check. */
const char *endpoint_words(const struct endpoint *e);

#endif
