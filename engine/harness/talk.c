/* What a check says and hears on a connection; conn.c does it in the background. */
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/mismatch.h"
#include "harness/program.h"

#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* ---- Sending ------------------------------------------------------------------------------------------- */

static const char *on(const Conn *c)
{
    return format("on %s", c->name);
}

static void require_open(Conn *c, const char *verb)
{
    if (c->only == CONN_ONLY_RECEIVES)
        world_broken(0, "The check wants to %s on %s, which is there to be read", verb, c->name);
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
    conn_flush(c);
}

/* The peer has received everything, and has either read it or had a while to do so. */
static bool taken_by_peer(Conn *c, const struct wait *w)
{
    struct socket_info peer;
    int unacknowledged = 0;

    if (c->kind != CONN_TCP) /* what a FIFO holds, and what of a unix socket has not been read */
        return ioctl(c->fd, c->kind == CONN_FIFO ? FIONREAD : SIOCOUTQ, &unacknowledged) < 0 ||
               unacknowledged == 0;
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
        conn_flush(c);
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
    if (c->only == CONN_ONLY_SENDS)
        world_broken(0, "The check expects something on %s, which is there to be written", c->name);
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
    const char *expectation = format("%s ends the connection of %s%s, and sends nothing more before",
                                     c->peer_name, c->name, conn_fin(c));

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
        step("%s ends the connection of %s%s", c->peer_name, c->name, conn_fin(c));
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
    step("%s ends the connection of %s%s", c->peer_name, c->name,
         c->in.error && c->kind == CONN_TCP ? " (RST)" : conn_fin(c));
}

/* ---- Ending -------------------------------------------------------------------------------------------- */

void half_close(Conn *c)
{
    require_open(c, "half-close");
    step("%s ends its sending side%s", c->name, conn_fin(c));
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
    step("%s resets its connection%s", c->name, c->kind == CONN_TCP ? " (RST)" : "");
    if (c->fd < 0)
        return;
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    c->close_due = true;
    conn_close(c);
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
