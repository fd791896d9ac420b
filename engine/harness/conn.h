/* Connections and listeners of the checker, over TCP and unix sockets, and the ends of FIFOs. */
#ifndef HARNESS_CONN_H
#define HARNESS_CONN_H

#include "harness/inbox.h"
#include "harness/outbox.h"
#include "harness/sockets.h"
#include "harness/world.h"

enum {
    ECHO_WINDOW = 64 << 10 /* echo_back() holds so much; it reads no more until the peer has taken it */
};

enum conn_kind { CONN_TCP, CONN_UNIX, CONN_FIFO };

/* The end of a FIFO goes one way. */
enum conn_only { CONN_BOTH_WAYS, CONN_ONLY_SENDS, CONN_ONLY_RECEIVES };

struct conn {
    Conn *next;
    enum conn_kind kind;
    enum conn_only only;
    const char *name;      /* "client#1" for one that we opened, "conn#1" for one that we accepted */
    const char *peer_name; /* "./server" */
    Program *peer;         /* NULL: not known */
    bool accepted;
    int fd; /* -1: closed */
    uv_poll_t poll;
    int watched; /* events that the poll waits for */
    struct inbox in;
    struct outbox out;
    struct endpoint local, remote; /* of TCP */
    bool paused;                   /* stop_reading */
    bool fin_due;                  /* shutdown when everything is sent */
    bool fin_sent;
    bool close_due;
    bool echoes;
    uint64_t echoed;
    void (*on_input)(Conn *c); /* in the loop, when something came or the peer ended; may be NULL */
    void *owner;               /* what on_input works for */
};

/* Wraps a connected socket, or the end of a FIFO; takes fd, which is non-blocking. */
Conn *conn_new_taking(int fd, bool accepted, Program *peer);
/* The connection whose own end is this one, or whose other end. NULL if none is. */
Conn *conn_with_local(const struct endpoint *local);
/* Begins and stops to wait for what the connection needs now. */
void conn_update(Conn *c);
/* Reads what there is, whatever the loop thinks. */
void conn_drain(Conn *c);
/* Writes what waits to be sent, as far as it is taken. */
void conn_flush(Conn *c);
void conn_close(Conn *c);
/* "then ./server ended the connection (FIN)"; NULL while it is open. */
const char *conn_end_words(const Conn *c);
/* " (FIN)", where there is such a thing. */
const char *conn_fin(const Conn *c);

struct listener {
    Listener *next;
    int fd;
    const char *port;  /* NULL: it is a unix socket */
    const char *place; /* "port 7000", "/dev/log" */
    uv_poll_t poll;
};

/* A listening socket becomes a listener; takes fd. */
Listener *listener_new_taking(int fd, const char *port, const char *place);
/* Who has the socket with this inode open: one of the programs, and with one program there is no question. */
Program *program_with_socket(unsigned long inode);

/* Accepts a connection that waits in the backlog; NULL: none does. For those who wait in the loop. */
Conn *listener_take(Listener *l);

/* The address of a host that a check names: a number, or "localhost". Ends the check as an error if it is
 * none. */
struct sockaddr_storage address_named(const char *host, int port, socklen_t *len);
/* The address of a unix socket; ends the check as an error if the path is too long for one. */
struct sockaddr_storage address_of_path(const char *path, socklen_t *len);

#endif
