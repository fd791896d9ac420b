/* What a socket for datagrams is made of. */
#ifndef HARNESS_DATAGRAM_SOCKET_H
#define HARNESS_DATAGRAM_SOCKET_H

#include "harness/datagram.h"
#include "harness/sockets.h"
#include "harness/world.h"

#include <sys/socket.h>

struct datagram_socket {
    const char *name;      /* "client#1" for one that talks with a program, "socket#1" for another one */
    const char *peer_name; /* "./udpserver" */
    Program *peer;         /* NULL: not known */
    int fd;                /* -1: closed */
    uv_poll_t poll;
    struct endpoint local; /* of UDP */
    const char
        *talks_with;   /* an address in words: what is sent goes there, what is expected comes from there;
                               NULL: nobody in particular */
    const char *asked; /* the address that was sent to last by answer_datagram(); NULL: none */
    struct sockaddr_storage to;
    socklen_t to_len;
    Datagram *kept;
    size_t n_kept, kept_bytes;
    void (*on_datagram)(DatagramSocket *u, Bytes content,
                        Datagram from); /* in the loop; NULL: they are kept. The
                                                                             content is valid until it returns */
    void *owner;                        /* what on_datagram works for */
};

/* Takes fd, which is bound and non-blocking. */
DatagramSocket *datagram_socket_new_taking(int fd, const char *name);
/* As answer_datagram(), without a step. */
void send_quietly(DatagramSocket *u, Datagram to, Bytes content);

#endif
