#include "harness/wait.h"

#include "base/clock.h"
#include "base/mem.h"
#include "harness/failure.h"
#include "harness/memory.h"
#include "harness/world.h"

struct wait wait_start(const struct wait_options *o, const char *fallback, const char *where)
{
    struct wait w = {.what = o->what ? o->what : fallback, .where = where, .began_ns = clock_now_ns()};

    w.deadline_ns = w.began_ns + world_scaled_ns(o->within_ms > 0 ? o->within_ms : WAIT_DEADLINE_MS);
    if (w.deadline_ns > world.deadline_ns) {
        w.deadline_ns = world.deadline_ns;
        w.of_check = true;
    }
    return w;
}

struct wait wait_start_polling(const struct wait_options *o, const char *fallback, const char *where)
{
    struct wait w = wait_start(o, fallback, where);

    w.poll_ns = 1000000;
    return w;
}

bool wait_more(struct wait *w)
{
    enum { POLL_MAX_NS = 8000000 };
    uint64_t now = clock_now_ns();

    if (world.flood)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = "a program sends and prints what it is asked for, and no more",
                               .observation = world.flood});
    if (memory_excess())
        fail(&(struct failing){
            .cause = CAUSE_WRONG, .expectation = memory_rule(), .observation = memory_excess()});
    if (w->last_look)
        return false;
    if (now >= w->deadline_ns) {
        w->last_look = true;
        world_run(0);
        return true;
    }
    uint64_t most = w->deadline_ns - now;
    if (w->poll_ns && w->poll_ns < most)
        most = w->poll_ns;
    world_run(most);
    if (w->poll_ns && w->poll_ns < POLL_MAX_NS)
        w->poll_ns *= 2;
    return true;
}

const char *wait_sentence(const struct wait *w)
{
    const char *of_check = w->of_check ? format(" (the check as a whole may take %.1f s)",
                                                (double)(world.deadline_ns - world.began_ns) / 1e9)
                                       : "";

    return format("waited %.1f s for %s%s%s%s", (double)(clock_now_ns() - w->began_ns) / 1e9, w->what,
                  w->where ? " " : "", w->where ? w->where : "", of_check);
}

struct wait *wait_begin(const struct wait_options *o)
{
    struct wait *w = xmalloc(sizeof *w);

    *w = wait_start_polling(o, "a condition", NULL);
    world_run(0);
    return w;
}

void wait_step(struct wait *w)
{
    if (!wait_more(w))
        fail(&(struct failing){
            .cause = CAUSE_TIMEOUT, .expectation = w->what, .observation = "it did not happen", .wait = w});
}

void wait_end(struct wait *w)
{
    (void)w; /* memory lives as long as the check */
}
