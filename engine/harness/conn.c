#include "harness/conn.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/failure.h"
#include "harness/mismatch.h"
#include "harness/program.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- In the background --------------------------------------------------------------------------------- */

static void close_now(Conn *c)
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
        shutdown(c->fd, SHUT_WR);
    }
    if (c->close_due)
        close_now(c);
}

static void read_some(Conn *c)
{
    inbox_read(&c->in, c->fd);
    if (c->in.dropped && !world.flood)
        world.flood = format("%s has sent %s on %s that nothing had asked for", c->peer_name,
                             count_bytes(c->in.total - c->in.taken), c->name);
}

/* A write may be the one that learns of a reset; the read after it would then see a plain end. */
static void write_some(Conn *c)
{
    outbox_write(&c->out, c->fd);
    if (!c->out.error || c->in.ended)
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
        step("%s has echoed %s to %s and ends its sending side (FIN)", c->name, count_bytes(c->echoed),
             c->peer_name);
    }
}

static bool wants_to_read(const Conn *c)
{
    if (c->paused || c->in.ended)
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

Conn *conn_new_taking(int fd, bool accepted, Program *peer)
{
    static int opened, accepted_so_far;
    Conn *c = xcalloc(1, sizeof *c), **last = &world.conns;

    c->name = accepted ? format("conn#%d", ++accepted_so_far) : format("client#%d", ++opened);
    c->accepted = accepted;
    c->peer = peer;
    c->peer_name = peer ? peer->name : world.program_name;
    c->fd = fd;
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
        if (endpoint_same(&c->local, local) && c->fd >= 0)
            return c;
    return NULL;
}

const char *conn_end_words(const Conn *c)
{
    if (!c->in.ended)
        return NULL;
    if (c->in.error == 0)
        return format("then %s ended the connection (FIN)", c->peer_name);
    if (c->in.error == ECONNRESET)
        return format("then %s reset the connection (RST)", c->peer_name);
    return format("then the connection broke: %s", strerror(c->in.error));
}

/* ---- Sending ------------------------------------------------------------------------------------------- */

static const char *on(const Conn *c)
{
    return format("on %s", c->name);
}

static void require_open(Conn *c, const char *verb)
{
    if (c->fd < 0 || c->close_due || c->fin_due)
        world_broken(0, "The check wants to %s on %s, whose sending side it has ended itself", verb, c->name);
}

void send_text(Conn *c, const char *s)
{
    send_bytes(c, text(s));
}

void send_bytes(Conn *c, Bytes b)
{
    require_open(c, "send");
    step("%s → %s  %s", c->name, c->peer_name, quote_sized(b));
    outbox_add(&c->out, b);
    write_some(c);
    conn_update(c);
}

/* The peer has received everything, and has either read it or had a while to do so. */
static bool taken_by_peer(Conn *c, const struct wait *w)
{
    struct socket_info peer;
    int unacknowledged = 0;

    ioctl(c->fd, SIOCOUTQ, &unacknowledged);
    bool known = socket_peer(c->fd, &peer);
    if (known && peer.receive_queue == 0)
        return true; /* what has been read has been received, whether or not the delayed ACK is out */
    return unacknowledged == 0 && (!known || w->poll_ns >= 8000000);
}

void send_bytewise(Conn *c, Bytes b)
{
    require_open(c, "send");
    step("%s → %s  %s, each byte in a segment of its own", c->name, c->peer_name, quote_sized(b));
    for (size_t i = 0; i < b.size; i++) {
        struct wait w = wait_start_polling(
            &(struct wait_options){0}, format("the acknowledgement of the %s byte", ordinal(i + 1)), on(c));
        outbox_add(&c->out, slice(b, i, 1));
        write_some(c);
        conn_update(c);
        while (c->fd >= 0 && !c->out.error && (outbox_pending(&c->out) > 0 || !taken_by_peer(c, &w)))
            if (!wait_more(&w))
                fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                       .conn = c,
                                       .program = c->peer,
                                       .expectation =
                                           format("%s takes what it is sent byte by byte", c->peer_name),
                                       .observation = format("after %s it takes no more", count_bytes(i)),
                                       .wait = &w});
        if (c->out.error)
            return; /* what the connection is expected to do next will say it */
    }
}

void expect_sent_(Conn *c, const struct wait_options *o)
{
    struct wait w = wait_start(o, format("%s to take what it is sent", c->peer_name), on(c));
    const char *expectation =
        format("%s takes all %s sent on %s", c->peer_name, count_bytes(c->out.queued), c->name);

    while (outbox_pending(&c->out) > 0) {
        if (!wait_more(&w))
            fail(&(struct failing){
                .cause = CAUSE_TIMEOUT,
                .conn = c,
                .program = c->peer,
                .expectation = expectation,
                .observation = format("%s are gone, then it takes no more", count_bytes(c->out.total)),
                .wait = &w});
    }
    if (c->out.error)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .conn = c,
                               .program = c->peer,
                               .expectation = expectation,
                               .observation = format("after %s the connection broke: %s",
                                                     count_bytes(c->out.total), strerror(c->out.error))});
}

/* ---- Receiving ----------------------------------------------------------------------------------------- */

static bool starts_with(Bytes received, Bytes expected)
{
    return received.size >= expected.size && memcmp(received.data, expected.data, expected.size) == 0;
}

static void require_reading(Conn *c)
{
    if (c->paused && !c->in.ended)
        world_broken(0, "The check expects something on %s, from which it does not read", c->name);
    if (c->close_due)
        world_broken(0, "The check expects something on %s, which it has closed itself", c->name);
}

void expect_bytes_(Conn *c, Bytes b, const struct wait_options *o)
{
    struct wait w = wait_start(o, quote_sized(b), on(c));

    require_reading(c);
    while (!starts_with(inbox_unread(&c->in), b)) {
        bool certain = mismatch_is_certain(b, inbox_unread(&c->in)) || c->in.ended;
        if (certain || !wait_more(&w)) {
            failure_settle();
            fail(&(struct failing){.cause = certain ? CAUSE_WRONG : CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_BYTES,
                                   .conn = c,
                                   .program = c->peer,
                                   .expectation =
                                       format("%s sends %s to %s", c->peer_name, quote_sized(b), c->name),
                                   .observation = mismatch_words(b, inbox_unread(&c->in), conn_end_words(c)),
                                   .compares = true,
                                   .expected = b,
                                   .received = inbox_unread(&c->in),
                                   .wait = certain ? NULL : &w});
        }
    }
    inbox_take(&c->in, b.size);
    step("%s → %s  %s", c->peer_name, c->name, quote_sized(b));
}

void expect_eof_(Conn *c, const struct wait_options *o)
{
    struct wait w = wait_start(o, format("%s to end the connection", c->peer_name),
                               o->what ? on(c) : format("of %s", c->name));
    const char *expectation =
        format("%s ends the connection of %s (FIN), and sends nothing more before", c->peer_name, c->name);

    require_reading(c);
    while (!c->in.ended && inbox_unread(&c->in).size == 0) {
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_END,
                                   .conn = c,
                                   .program = c->peer,
                                   .expectation = expectation,
                                   .observation = "the connection stays open",
                                   .wait = &w});
    }
    Bytes more = inbox_unread(&c->in);
    if (more.size == 0 && c->in.error == 0) {
        step("%s ends the connection of %s (FIN)", c->peer_name, c->name);
        return;
    }
    failure_settle();
    more = inbox_unread(&c->in);
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .expecting = EXPECTING_END,
                           .conn = c,
                           .program = c->peer,
                           .expectation = expectation,
                           .observation = more.size ? format("%s came", quote_sized(more))
                                                    : format("%s", conn_end_words(c) + strlen("then ")),
                           .compares = more.size > 0,
                           .received = more});
}

void expect_closed_(Conn *c, const struct wait_options *o)
{
    struct wait w = wait_start(o, format("%s to end the connection", c->peer_name),
                               o->what ? on(c) : format("of %s", c->name));

    require_reading(c);
    while (!c->in.ended) {
        inbox_take(&c->in, inbox_unread(&c->in).size);
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_END,
                                   .conn = c,
                                   .program = c->peer,
                                   .expectation =
                                       format("%s ends the connection of %s", c->peer_name, c->name),
                                   .observation = "the connection stays open",
                                   .wait = &w});
    }
    inbox_take(&c->in, inbox_unread(&c->in).size);
    step("%s ends the connection of %s (%s)", c->peer_name, c->name, c->in.error ? "RST" : "FIN");
}

/* ---- Ending -------------------------------------------------------------------------------------------- */

void half_close(Conn *c)
{
    require_open(c, "half-close");
    step("%s ends its sending side (FIN)", c->name);
    c->fin_due = true;
    conn_update(c);
}

void hang_up(Conn *c)
{
    step("%s closes its connection", c->name);
    conn_drain(c); /* closing with unread input would send RST instead of FIN */
    c->close_due = true;
    conn_update(c);
}

void reset(Conn *c)
{
    step("%s resets its connection (RST)", c->name);
    if (c->fd < 0)
        return;
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    c->close_due = true;
    close_now(c);
}

void stop_reading(Conn *c)
{
    step("%s reads no more", c->name);
    c->paused = true;
    conn_update(c);
}

void resume_reading(Conn *c)
{
    step("%s reads again", c->name);
    c->paused = false;
    conn_update(c);
}

void echo_back(Conn *c)
{
    step("%s echoes whatever comes", c->name);
    c->echoes = true;
    conn_update(c);
}

size_t unread_bytes(Conn *c)
{
    return inbox_unread(&c->in).size;
}

size_t unsent_bytes(Conn *c)
{
    return outbox_pending(&c->out);
}
