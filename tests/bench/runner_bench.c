/* What the engine costs a check: runs of checks that pass at once, without any program. Everything but the
 * work of the check itself is in it: the sandbox, the events, the end of all processes. */
#include "runner/runner.h"

#include "base/clock.h"
#include "base/mem.h"
#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHECKS = 200 };

/* Linked instead of the real checker. */
int harness_main(void *context)
{
    const struct harness_run *run = context;
    struct buf line = {0};
    event_encode(&(struct event){.type = EVENT_CHECK_END,
                                 .check_end = {.check = run->check->id, .verdict = VERDICT_PASS}},
                 &line);
    return write(run->event_fd, line.data, line.len) < 0;
}

struct measured {
    uint64_t began_ns[CHECKS];
    double ms[CHECKS];
};

static void on_event(void *context, const struct event *e)
{
    struct measured *m = context;
    if (e->type == EVENT_CHECK_START)
        m->began_ns[atoi(e->check_start.check + strlen("check"))] = clock_now_ns();
    if (e->type == EVENT_CHECK_END) {
        int at = atoi(e->check_end.check + strlen("check"));
        m->ms[at] = clock_ms_since(m->began_ns[at]);
    }
}

static void on_done(void *context, const struct run_totals *totals)
{
    *(struct run_totals *)context = *totals;
}

static void measure(const char *dir, int jobs)
{
    static struct check checks[CHECKS];
    static char ids[CHECKS][16];
    static struct run_check plan_checks[CHECKS];
    static const struct challenge challenge = {
        .number = 1, .slug = "bench", .title = "Bench", .binary = "program"};
    for (int i = 0; i < CHECKS; i++) {
        snprintf(ids[i], sizeof ids[i], "check%d", i);
        checks[i] = (struct check){.challenge = "bench", .id = ids[i], .title = ids[i], .clause = "none"};
        plan_checks[i].check = &checks[i];
    }
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct bus bus;
    bus_init(&bus);
    static struct measured measured;
    bus_add(&bus, on_event, &measured);
    struct run_totals totals;
    struct run_plan plan = {.challenge = &challenge,
                            .dir = dir,
                            .checks = plan_checks,
                            .n_checks = CHECKS,
                            .jobs = jobs,
                            .time_scale = 1,
                            .level = SANDBOX_FULL};
    uint64_t began = clock_now_ns();
    struct runner *r = runner_start(&loop, &plan, &bus, on_done, &totals);
    uv_run(&loop, UV_RUN_DEFAULT);
    double ms = clock_ms_since(began);
    runner_free(r);
    uv_loop_close(&loop);
    autofree char *what = xasprintf("engine overhead per check, %d at once", jobs);
    figures_print(what, measured.ms, CHECKS);
    printf("  %.2f ms a check of the run's wall time (%d of %d passed)\n", ms / CHECKS, totals.end.passed,
           CHECKS);
}

int main(void)
{
    char dir[] = "/tmp/lux-bench-XXXXXX";
    if (!mkdtemp(dir))
        return 1;
    autofree char *program = xasprintf("%s/program", dir);
    FILE *f = fopen(program, "w");
    if (!f || fclose(f))
        return 1;
    measure(dir, 1);
    measure(dir, 4);
    unlink(program);
    return rmdir(dir);
}
