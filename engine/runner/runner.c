/* The schedule of one run. Whatever changes (a check has ended, the run was cancelled) leads to schedule(),
 * which starts what can be started now and ends the run when nothing is left. */
#include "runner/runner.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "runner/probe.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

enum job_state {
    JOB_WAITING,
    JOB_RUNNING,
    JOB_DOUBTED, /* ran out of time; waits to be run again, alone */
    JOB_DONE
};

struct job {
    struct runner *runner;
    const struct check *check;
    struct job *needs; /* NULL: nothing, or nothing that is part of this run */
    enum job_state state;
    bool alone; /* its first run is to be alone */
    bool is_second_run;
    enum verdict verdict;
    bool holds; /* what needs it may run: it passed, be it only when it was run again alone */
    struct probe *probe;
    struct buf first_end; /* of a doubted one: the check_end of its first run, as a line */
};

struct runner {
    struct run_plan plan;
    struct bus *bus;
    uv_loop_t *loop;
    void (*done)(void *context, const struct run_totals *totals);
    void *context;
    uint64_t began_ns;
    struct job *jobs;   /* as listed */
    struct job **order; /* as they run */
    int running;
    bool is_alone; /* the one that is running must not have company */
    int confirmed; /* doubted checks whose second run failed too */
    bool cancelled, ended;
    uv_timer_t
        cancelling; /* a reader may cancel from within an event: the run ends after that event, not in it */
};

static void schedule(struct runner *r);

/* ---- Ends of checks ---- */

static void send_end(struct job *j, struct event *e)
{
    struct runner *r = j->runner;
    struct event_check_end *end = &e->check_end;
    end->check = j->check->id;
    j->state = JOB_DONE;
    j->verdict = end->verdict;
    j->holds = j->holds || end->verdict == VERDICT_PASS;
    if (end->failure) {
        if (!end->failure->clause || !*end->failure->clause)
            end->failure->clause = j->check->clause;
        const struct clause *clause =
            r->plan.lesson ? lesson_clause(r->plan.lesson, end->failure->clause) : NULL;
        if (clause)
            end->failure->clause_sentence = clause->sentence;
    }
    bus_send(r->bus, e);
}

/* Ends a check that did not run, or whose sandbox could not be made. */
static void end_without_run(struct job *j, enum verdict verdict, const char *reason)
{
    send_end(j,
             &(struct event){.type = EVENT_CHECK_END, .check_end = {.verdict = verdict, .reason = reason}});
}

static bool is_timeout(const struct event_check_end *end)
{
    return end->verdict == VERDICT_FAIL && end->cause == CAUSE_TIMEOUT;
}

/* The second run of a check that had run out of time. */
static void end_second_run(struct job *j, struct event *e)
{
    struct event_check_end *end = &e->check_end;
    char reason[256];
    if (end->verdict == VERDICT_FAIL) {
        j->runner->confirmed++;
    } else {
        j->holds = end->verdict == VERDICT_PASS;
        snprintf(
            reason, sizeof reason,
            "ran out of time at first, and came to \"%s\" when it was run again alone: either this machine is "
            "very busy, or the program is sometimes too slow; run it again",
            verdict_name(end->verdict));
        end->verdict = VERDICT_ERROR;
        end->unstable = true;
        end->reason = reason;
    }
    send_end(j, e);
}

static void believe(struct job *j)
{
    struct event e;
    struct error err;
    if (event_decode(j->first_end.data, j->first_end.len, &e, &err) == 0) {
        send_end(j, &e);
        event_free(&e);
    } else {
        end_without_run(j, VERDICT_ERROR, err.text);
    }
}

static void on_probe_event(void *context, const struct event *e)
{
    const struct job *j = context;
    struct event copy = *e;
    if (copy.type == EVENT_STEP)
        copy.step.check = j->check->id;
    bus_send(j->runner->bus, &copy);
}

static void send_step(struct job *j, double ms, const char *text)
{
    bus_send(j->runner->bus,
             &(struct event){.type = EVENT_STEP,
                             .step = {.check = j->check->id, .step = {.at = ms / 1e3, .text = text}}});
}

static void on_probe_end(void *context, struct event *e)
{
    struct job *j = context;
    struct runner *r = j->runner;
    j->probe = NULL;
    r->running--;
    r->is_alone = false;
    if (r->cancelled) {
        j->state = JOB_WAITING; /* no verdict: it was we who ended it */
    } else if (j->is_second_run) {
        end_second_run(j, e);
    } else if (is_timeout(&e->check_end) && r->confirmed < CONFIRMATIONS) {
        j->state = JOB_DOUBTED;
        event_encode(e, &j->first_end);
        send_step(j, e->check_end.ms, "ran out of time: will be run once more, alone");
    } else {
        send_end(j, e);
    }
    schedule(r);
}

/* ---- What runs next ---- */

static void start_job(struct job *j, bool alone)
{
    struct runner *r = j->runner;
    j->is_second_run = j->state == JOB_DOUBTED;
    bus_send(r->bus, &(struct event){.type = EVENT_CHECK_START, .check_start = {.check = j->check->id}});
    if (r->cancelled) /* by a reader, at this very event */
        return;
    struct error err = {0};
    j->probe = probe_start(&(struct probe_options){.loop = r->loop,
                                                   .check = j->check,
                                                   .workspace = r->plan.dir,
                                                   .binary = r->plan.challenge->binary,
                                                   .level = r->plan.level,
                                                   .seed = r->plan.seed,
                                                   .time_scale = r->plan.time_scale,
                                                   .trace_fd = r->plan.trace_fd,
                                                   .show_output = r->plan.show_output,
                                                   .on_event = on_probe_event,
                                                   .on_end = on_probe_end,
                                                   .context = j},
                           &err);
    if (!j->probe) {
        end_without_run(j, VERDICT_ERROR, err.text);
        return;
    }
    j->state = JOB_RUNNING;
    r->running++;
    r->is_alone = alone;
}

/* Ends a check that needs one which has ended without passing. */
static void block(struct job *j)
{
    char reason[512];
    bool skipped = j->needs->verdict == VERDICT_SKIP;
    snprintf(reason, sizeof reason, "needs \"%s\", which %s", j->needs->check->title,
             skipped                                ? "was skipped"
             : j->needs->verdict == VERDICT_FAIL    ? "failed"
             : j->needs->verdict == VERDICT_BLOCKED ? "did not run either"
                                                    : "could not be decided");
    end_without_run(j, skipped ? VERDICT_SKIP : VERDICT_BLOCKED, reason);
}

/* Blocks all that can be, and what needs those in turn. */
static void block_dependents(struct runner *r)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < r->plan.n_checks; i++) {
            struct job *j = r->order[i];
            if (j->state != JOB_WAITING || !j->needs || j->needs->state != JOB_DONE || j->needs->holds)
                continue;
            block(j);
            changed = true;
        }
    }
}

static struct job *find_in_state(struct runner *r, enum job_state state)
{
    for (size_t i = 0; i < r->plan.n_checks; i++)
        if (r->order[i]->state == state)
            return r->order[i];
    return NULL;
}

static struct job *find_ready(struct runner *r, bool alone)
{
    for (size_t i = 0; i < r->plan.n_checks; i++) {
        struct job *j = r->order[i];
        bool is_ready = !j->needs || j->needs->holds;
        if (j->state == JOB_WAITING && j->alone == alone && is_ready)
            return j;
    }
    return NULL;
}

/* Starts one check if one may start now. */
static bool start_one(struct runner *r)
{
    if (r->is_alone || r->running >= r->plan.jobs)
        return false;
    struct job *doubted = find_in_state(r, JOB_DOUBTED);
    if (doubted && r->confirmed >= CONFIRMATIONS) {
        believe(doubted);
        return true;
    }
    if (doubted) { /* nothing else may start before it has run again, and it runs alone */
        if (r->running)
            return false;
        start_job(doubted, true);
        return true;
    }
    block_dependents(r);
    struct job *next = find_ready(r, false);
    if (!next && !r->running)
        next = find_ready(r, true);
    if (next)
        start_job(next, next->alone);
    return next != NULL;
}

static void end_run(struct runner *r)
{
    struct run_totals totals = {.end = {.interrupted = r->cancelled, .ms = clock_ms_since(r->began_ns)}};
    for (size_t i = 0; i < r->plan.n_checks; i++) {
        const struct job *j = &r->jobs[i];
        bool is_core = j->check->tier == TIER_CORE;
        int *const counters[] = {
            [VERDICT_NONE] = NULL,
            [VERDICT_PASS] = &totals.end.passed,
            [VERDICT_FAIL] = &totals.end.failed,
            [VERDICT_SKIP] = &totals.end.skipped,
            [VERDICT_BLOCKED] = &totals.end.blocked,
            [VERDICT_ERROR] = &totals.end.errors,
        };
        if (counters[j->verdict])
            ++*counters[j->verdict];
        totals.end.core_total += is_core;
        totals.end.core_passed += is_core && j->verdict == VERDICT_PASS;
        totals.core_skipped += is_core && j->verdict == VERDICT_SKIP;
    }
    totals.end.solved =
        r->plan.is_whole && totals.end.core_total > 0 && totals.end.core_passed == totals.end.core_total;
    r->ended = true;
    uv_close((uv_handle_t *)&r->cancelling, NULL);
    bus_send(r->bus, &(struct event){.type = EVENT_RUN_END, .run_end = totals.end});
    r->done(r->context, &totals);
}

static void schedule(struct runner *r)
{
    if (r->ended)
        return;
    if (!r->cancelled) {
        while (start_one(r) && !r->cancelled) {
        }
    }
    if (r->running || r->ended)
        return;
    struct job *stuck = r->cancelled ? NULL : find_in_state(r, JOB_WAITING);
    if (stuck) {
        end_without_run(stuck, VERDICT_ERROR, "this check and the one that it needs wait for each other");
        schedule(r);
        return;
    }
    end_run(r);
}

/* ---- Begin and end ---- */

static struct job *job_of(struct runner *r, const char *id)
{
    for (size_t i = 0; id && i < r->plan.n_checks; i++)
        if (!strcmp(r->jobs[i].check->id, id))
            return &r->jobs[i];
    return NULL;
}

static void make_jobs(struct runner *r)
{
    size_t n = r->plan.n_checks;
    r->jobs = xcalloc(n ? n : 1, sizeof *r->jobs);
    r->order = xcalloc(n ? n : 1, sizeof(struct job *));
    for (size_t i = 0; i < n; i++) {
        const struct check *check = r->plan.checks[i].check;
        r->jobs[i] =
            (struct job){.runner = r, .check = check, .alone = check->alone || check->tier == TIER_FAST};
    }
    for (size_t i = 0; i < n; i++)
        r->jobs[i].needs = job_of(r, r->jobs[i].check->needs);
    size_t at = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++)
            if (r->plan.checks[i].failed_before == (pass == 0))
                r->order[at++] = &r->jobs[i];
}

static void send_start(struct runner *r)
{
    size_t n = r->plan.n_checks;
    struct event_run_check *list = xcalloc(n ? n : 1, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        const struct check *check = r->plan.checks[i].check;
        list[i] = (struct event_run_check){
            .id = check->id, .title = check->title, .clause = check->clause, .tier = check->tier};
    }
    bus_send(r->bus, &(struct event){.type = EVENT_RUN_START,
                                     .run_start = {.challenge = r->plan.challenge->slug,
                                                   .number = r->plan.challenge->number,
                                                   .title = r->plan.challenge->title,
                                                   .dir = r->plan.dir,
                                                   .level = sandbox_level_name(r->plan.level),
                                                   .seed = r->plan.seed,
                                                   .time_scale = r->plan.time_scale,
                                                   .jobs = r->plan.jobs,
                                                   .partial = !r->plan.is_whole,
                                                   .checks = list,
                                                   .n_checks = n}});
    free(list);
}

/* Whoever stops a fork bomb must get a turn among its processes, also where each of them has made itself a session of
 * its own, whose share of the processor is as large as ours: sched(7), "The autogroup feature". Where we may not, the
 * limit of processes holds for our user, and there are fewer of them. */
static void come_before_the_programs(void)
{
    struct sched_param first = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first);
}

struct runner *runner_start(uv_loop_t *loop, const struct run_plan *plan, struct bus *bus,
                            void (*done)(void *context, const struct run_totals *totals), void *context)
{
    struct runner *r = xcalloc(1, sizeof *r);
    *r = (struct runner){.plan = *plan,
                         .bus = bus,
                         .loop = loop,
                         .done = done,
                         .context = context,
                         .began_ns = clock_now_ns()};
    uv_timer_init(loop, &r->cancelling);
    r->cancelling.data = r;
    make_jobs(r);
    come_before_the_programs();
    send_start(r);
    schedule(r);
    return r;
}

static void on_cancelling(uv_timer_t *timer)
{
    schedule(timer->data);
}

void runner_cancel(struct runner *r)
{
    if (r->cancelled || r->ended)
        return;
    r->cancelled = true;
    for (size_t i = 0; i < r->plan.n_checks; i++)
        if (r->jobs[i].probe)
            probe_kill(r->jobs[i].probe);
    uv_timer_start(&r->cancelling, on_cancelling, 0, 0);
}

void runner_free(struct runner *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->plan.n_checks; i++)
        buf_free(&r->jobs[i].first_end);
    free(r->jobs);
    free(r->order);
    free(r);
}
