#include "harness/world.h"

#include "base/clock.h"
#include "harness/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct world world;

/* Each connection and each pipe of a program costs the checker a descriptor. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void world_begin(const struct harness_run *run)
{
    world.run = run;
    world.directory = getcwd(NULL, 0);
    world.began_ns = clock_now_ns();
    world.deadline_ns = world.began_ns + world_scaled_ns(run->check->deadline_ms ? run->check->deadline_ms
                                                                                 : CHECK_DEADLINE_MS);
    raise_file_limit();
    int status = uv_loop_init(&world.loop);
    if (status == 0)
        status = uv_timer_init(&world.loop, &world.alarm);
    if (status < 0)
        world_broken(-status, "The event loop could not be made");
    if (!world.directory)
        world_broken(errno, "The working directory has no name");
}

double world_seconds(uint64_t at_ns)
{
    return at_ns > world.began_ns ? (double)(at_ns - world.began_ns) / 1e9 : 0;
}

uint64_t world_scaled_ns(int ms)
{
    double scale = world.run->time_scale > 0 ? world.run->time_scale : 1;

    return (uint64_t)((double)ms * scale * 1e6);
}

static void on_alarm(uv_timer_t *alarm)
{
    (void)alarm; /* it is there to end uv_run */
}

void world_run(uint64_t max_ns)
{
    if (max_ns == 0) {
        uv_run(&world.loop, UV_RUN_NOWAIT);
        return;
    }
    uv_update_time(&world.loop);
    /* uv_run() runs due timers before it polls: on a busy machine the alarm may ring by then, and without the
     * repetition nothing would end the poll. */
    uv_timer_start(&world.alarm, on_alarm, (max_ns + 999999) / 1000000, 1);
    uv_run(&world.loop, UV_RUN_ONCE);
    uv_timer_stop(&world.alarm);
}

void world_broken(int error, const char *fmt, ...)
{
    char what[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    report_end(&(struct event_check_end){
        .verdict = VERDICT_ERROR,
        .reason = error
                      ? format("The checker itself failed, not your program: %s: %s.", what, strerror(error))
                      : format("The checker itself failed, not your program: %s.", what)});
}
