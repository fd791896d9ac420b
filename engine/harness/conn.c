#include "harness/conn.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/program.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- In the background --------------------------------------------------------------------------------- */

void conn_close(Conn *c)
{
    if (c->fd < 0)
        return;
    uv_poll_stop(&c->poll);
    c->watched = 0;
    close(c->fd);
    c->fd = -1;
}

/* Does what was waiting for everything to be sent. */
static void finish_sending(Conn *c)
{
    if (outbox_pending(&c->out) > 0 || c->fd < 0)
        return;
    if (c->fin_due && !c->fin_sent) {
        c->fin_sent = true;
        if (c->kind == CONN_FIFO)
            c->close_due = true; /* it has no other direction */
        else
            shutdown(c->fd, SHUT_WR);
    }
    if (c->close_due)
        conn_close(c);
}

/* A FIFO that no writer has opened yet reads as if it had ended; poll(2) tells the two apart. */
static bool is_unopened(const Conn *c)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};

    return c->kind == CONN_FIFO && poll(&p, 1, 0) == 0;
}

static void read_some(Conn *c)
{
    if (is_unopened(c))
        return;
    inbox_read(&c->in, c->fd);
    if (c->in.dropped && !world.flood)
        world.flood = format("%s has sent %s on %s that nothing had asked for", c->peer_name,
                             count_bytes(c->in.total - c->in.taken), c->name);
}

/* A write may be the one that learns of a reset; the read after it would then see a plain end. */
static void write_some(Conn *c)
{
    outbox_write(&c->out, c->fd);
    if (!c->out.error || c->in.ended || c->kind == CONN_FIFO)
        return;
    read_some(c);
    if (c->in.ended && c->in.error == 0 && !c->fin_sent)
        c->in.error = ECONNRESET;
}

/* Moves what came into what goes out, as much as the window allows. One read may bring many windows full: as
 * long as the peer takes what is sent, it goes on, for no event would call it again. */
static void echo(Conn *c)
{
    for (;;) {
        Bytes b = inbox_unread(&c->in);
        size_t pending = outbox_pending(&c->out), room = pending < ECHO_WINDOW ? ECHO_WINDOW - pending : 0;

        if (b.size > room)
            b.size = room;
        if (b.size == 0 || c->out.error)
            break;
        outbox_add(&c->out, b);
        inbox_take(&c->in, b.size);
        c->echoed += b.size;
        write_some(c);
    }
    if (c->in.ended && !c->fin_due && inbox_unread(&c->in).size == 0) {
        c->fin_due = true;
        step("%s has echoed %s to %s and ends its sending side%s", c->name, count_bytes(c->echoed),
             c->peer_name, conn_fin(c));
    }
}

void conn_flush(Conn *c)
{
    write_some(c);
    conn_update(c);
}

static bool wants_to_read(const Conn *c)
{
    if (c->paused || c->in.ended || c->only == CONN_ONLY_SENDS)
        return false;
    return !c->echoes || inbox_unread(&c->in).size + outbox_pending(&c->out) < ECHO_WINDOW;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    Conn *c = poll->data;

    if (status < 0) { /* libuv has stopped the poll; the error itself shows in the read or the write */
        c->watched = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    if ((events & UV_READABLE) && wants_to_read(c))
        read_some(c);
    if (events & UV_WRITABLE)
        write_some(c);
    conn_update(c);
    if (c->on_input && (events & UV_READABLE))
        c->on_input(c);
}

void conn_update(Conn *c)
{
    if (c->fd < 0)
        return;
    if (c->echoes)
        echo(c);
    finish_sending(c);
    if (c->fd < 0)
        return;
    int events = (wants_to_read(c) ? UV_READABLE : 0) | (outbox_pending(&c->out) ? UV_WRITABLE : 0);
    if (events == c->watched)
        return;
    c->watched = events;
    if (events)
        uv_poll_start(&c->poll, events, on_poll);
    else
        uv_poll_stop(&c->poll);
}

void conn_drain(Conn *c)
{
    if (c->fd >= 0 && wants_to_read(c)) {
        read_some(c);
        conn_update(c);
        if (c->on_input)
            c->on_input(c);
    }
}

static enum conn_kind kind_of(int fd)
{
    int domain;
    socklen_t len = sizeof domain;

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0)
        return CONN_FIFO;
    return domain == AF_UNIX ? CONN_UNIX : CONN_TCP;
}

static enum conn_only only_direction(int fd)
{
    switch (fcntl(fd, F_GETFL) & O_ACCMODE) {
    case O_RDONLY:
        return CONN_ONLY_RECEIVES;
    case O_WRONLY:
        return CONN_ONLY_SENDS;
    default:
        return CONN_BOTH_WAYS;
    }
}

Conn *conn_new_taking(int fd, bool accepted, Program *peer)
{
    static int opened, accepted_so_far;
    Conn *c = xcalloc(1, sizeof *c), **last = &world.conns;

    c->kind = kind_of(fd);
    c->only = only_direction(fd);
    c->name = accepted ? format("conn#%d", ++accepted_so_far) : format("client#%d", ++opened);
    c->accepted = accepted;
    c->peer = peer;
    c->peer_name = peer ? peer->name : world.program_name;
    c->fd = fd;
    if (c->kind == CONN_TCP)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    socket_local(fd, &c->local);
    socket_remote(fd, &c->remote);
    int status = uv_poll_init(&world.loop, &c->poll, fd);
    if (status < 0)
        world_broken(-status, "A connection could not be watched");
    c->poll.data = c;
    while (*last)
        last = &(*last)->next;
    *last = c;
    conn_update(c);
    return c;
}

Conn *conn_with_local(const struct endpoint *local)
{
    for (Conn *c = world.conns; c; c = c->next)
        if (c->kind == CONN_TCP && endpoint_same(&c->local, local) && c->fd >= 0)
            return c;
    return NULL;
}

const char *conn_end_words(const Conn *c)
{
    if (!c->in.ended)
        return NULL;
    if (c->in.error == 0)
        return format("then %s ended the connection%s", c->peer_name, conn_fin(c));
    if (c->in.error == ECONNRESET && c->kind == CONN_TCP)
        return format("then %s reset the connection (RST)", c->peer_name);
    if (c->in.error == ECONNRESET)
        return format("then %s closed the connection with unread input", c->peer_name);
    return format("then the connection broke: %s", strerror(c->in.error));
}

const char *conn_fin(const Conn *c)
{
    return c->kind == CONN_TCP ? " (FIN)" : "";
}
