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

    for (size_t i = 0; i < n; i++) {
        autofree int *tids = NULL;
        size_t n_tids = all[i].threads > 1 ? process_threads(all[i].pid, &tids) : 0;
        if (all[i].state == 'R')
            return true;
        for (size_t k = 0; k < n_tids; k++) {
            struct process_stat thread;
            if (process_stat_of_thread(all[i].pid, tids[k], &thread) && thread.state == 'R')
                return true;
        }
    }
    return false;
}

/* `left` says how much is left of what the context names. */
static bool stalls(size_t (*left)(const void *context), const void *context, struct wait w, const char *who)
{
    size_t before = left(context);
    uint64_t same_since = clock_now_ns(), still_since = same_since;

    while (left(context) > 0) {
        uint64_t now = clock_now_ns();
        if (left(context) != before)
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

    if (c->fd >= 0)
        ioctl(c->fd, SIOCOUTQ, &unacknowledged);
    return outbox_pending(&c->out) + (size_t)unacknowledged;
}

static size_t left_to_type(const void *context)
{
    return outbox_pending(&((const Program *)context)->typed);
}

bool wait_until_stalled_(Conn *c, const struct wait_options *o)
{
    struct wait w =
        wait_start_polling(o, format("%s to take no more", c->peer_name), format("on %s", c->name));
    bool stalled = stalls(left_to_send, c, w, c->peer_name);

    step(stalled ? "%s takes no more on %s: %zu bytes wait" : "%s has taken everything on %s", c->peer_name,
         c->name, outbox_pending(&c->out));
    return stalled;
}

bool wait_until_typing_stalls_(Program *p, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, format("%s to take no more", p->name), "from its stdin");
    bool stalled = stalls(left_to_type, p, w, p->name);

    step(stalled ? "%s takes no more from its stdin: %zu bytes wait" : "%s has read all of its stdin",
         p->name, outbox_pending(&p->typed));
    return stalled;
}
