/* Waiting until somebody takes nothing more. */
#include "base/clock.h"
#include "base/mem.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/program.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    STILL_MS = 100,   /* for a program that waits */
    RUNNING_MS = 1000 /* for one that runs all the time: a busy loop takes nothing either */
};

/* A program that is not running waits for something: not for the scheduler of a busy machine. */
static bool somebody_runs(void)
{
    autofree struct process_stat *all = NULL;
    size_t n = process_descendants((int)getpid(), &all);

    for (size_t i = 0; i < n; i++)
        if (process_wants_cpu(&all[i]))
            return true;
    return false;
}

/* `left` says how much is left of what the context names; while `refused` does not hold, it is on its way. */
static bool stalls(size_t (*left)(const void *context), bool (*refused)(const void *context),
                   const void *context, struct wait w, const char *who)
{
    size_t before = left(context);
    uint64_t same_since = clock_now_ns(), still_since = same_since;

    while (left(context) > 0) {
        uint64_t now = clock_now_ns();
        if (left(context) != before || !refused(context))
            same_since = still_since = now;
        else if (somebody_runs())
            still_since = now;
        before = left(context);
        if (now - still_since >= world_scaled_ns(STILL_MS) || now - same_since >= world_scaled_ns(RUNNING_MS))
            return true;
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expectation =
                                       format("%s waits when nobody takes what it wants to write", who),
                                   .observation = "it never comes to rest",
                                   .wait = &w});
    }
    return false;
}

static size_t left_to_send(const void *context)
{
    const Conn *c = context;
    int unacknowledged = 0;

    if (c->fd >= 0) /* of a FIFO: what it holds */
        ioctl(c->fd, c->kind == CONN_FIFO ? FIONREAD : SIOCOUTQ, &unacknowledged);
    return outbox_pending(&c->out) + (size_t)unacknowledged;
}

/* A peer that has read all that came waits for the network: a segment for which it had no room was dropped
 * and is sent again after 200 ms or more, and then it goes on. */
static bool leaves_input(const void *context)
{
    const Conn *c = context;
    struct socket_info peer;

    return c->fd < 0 || c->kind != CONN_TCP || !socket_peer(c->fd, &peer) || peer.receive_queue > 0;
}

static size_t left_to_type(const void *context)
{
    return outbox_pending(&((const Program *)context)->typed);
}

/* What is left does not fit into the pipe, which is full then: it drops nothing. */
static bool always(const void *context)
{
    (void)context;
    return true;
}

bool wait_until_stalled_(Conn *c, const struct wait_options *o)
{
    struct wait w =
        wait_start_polling(o, format("%s to take no more", c->peer_name), format("on %s", c->name));
    bool stalled = stalls(left_to_send, leaves_input, c, w, c->peer_name);

    step(stalled ? "%s takes no more on %s: %zu bytes wait" : "%s has taken everything on %s", c->peer_name,
         c->name, outbox_pending(&c->out));
    return stalled;
}

bool wait_until_typing_stalls_(Program *p, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, format("%s to take no more", p->name), "from its stdin");
    bool stalled = stalls(left_to_type, always, p, w, p->name);

    step(stalled ? "%s takes no more from its stdin: %zu bytes wait" : "%s has read all of its stdin",
         p->name, outbox_pending(&p->typed));
    return stalled;
}
