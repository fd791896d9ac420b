/* TCP connections and listeners of the checker. */
#ifndef HARNESS_CONN_H
#define HARNESS_CONN_H

#include "harness/inbox.h"
#include "harness/outbox.h"
#include "harness/sockets.h"
#include "harness/world.h"

enum {
    ECHO_WINDOW = 64 << 10 /* echo_back() holds so much; it reads no more until the peer has taken it */
};

struct conn {
    Conn *next;
    const char *name;      /* "client#1" for one that we opened, "conn#1" for one that we accepted */
    const char *peer_name; /* "./server" */
    Program *peer;         /* NULL: not known */
    bool accepted;
    int fd; /* -1: closed */
    uv_poll_t poll;
    int watched; /* events that the poll waits for */
    struct inbox in;
    struct outbox out;
    struct endpoint local, remote;
    bool paused;  /* stop_reading */
    bool fin_due; /* shutdown when everything is sent */
    bool fin_sent;
    bool close_due;
    bool echoes;
    uint64_t echoed;
    void (*on_input)(Conn *c); /* in the loop, when something came or the peer ended; may be NULL */
    void *owner;               /* what on_input works for */
};

/* Wraps a connected socket; takes fd. */
Conn *conn_new_taking(int fd, bool accepted, Program *peer);
/* The connection whose own end is this one, or whose other end. NULL if none is. */
Conn *conn_with_local(const struct endpoint *local);
/* Begins and stops to wait for what the connection needs now. */
void conn_update(Conn *c);
/* Reads what there is, whatever the loop thinks. */
void conn_drain(Conn *c);
/* "./server closed the connection", "./server reset the connection"; NULL while it is open. */
const char *conn_end_words(const Conn *c);

struct listener {
    Listener *next;
    int fd;
    const char *port;
    uv_poll_t poll;
    int receive_buffer;
};

/* Accepts a connection that waits in the backlog; NULL: none does. For those who wait in the loop. */
Conn *listener_take(Listener *l);

/* The address of a host that a check names: a number, or "localhost". Ends the check as an error if it is
 * none. */
struct sockaddr_storage address_named(const char *host, int port, socklen_t *len);

#endif
