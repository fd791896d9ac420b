/* A probe has four handles on the loop: the pipe that its events come by, the descriptor that tells when PID
 * 1 has ended, the timer of the last resort, and one that looks for fork bombs. When PID 1 has ended, all
 * that it wrote is in the pipe, and all that it started is dead: that is the one moment at which the result
 * is complete. */
#include "runner/probe.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "runner/crowd.h"
#include "runner/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOTICES_MAX = 3, /* of broken event lines; a checker that writes nonsense writes a lot of it */
    /* Processes in one sandbox; the checks that start the most have a few dozen. A program that has as many
     * as its limit allows is stopped at once, also where the limit does not hold (for root it does not): the
     * checker has little to say among so many. At its deadline fewer explain why it said nothing. */
    CROWD = SANDBOX_PROCESSES - 6,
    CROWD_OVERDUE = 100,
    CROWD_WATCH_MS = 100
};

struct probe {
    struct probe_options o;
    struct sandbox sandbox;
    struct event_reader *reader;
    int event_fd;
    uv_poll_t events, life;
    uv_timer_t deadline, crowd_watch;
    int open_handles;
    uint64_t began_ns;
    bool overdue;
    size_t crowd, zombies; /* the most that were seen in the sandbox; the zombies are among the crowd */
    int notices;
    struct buf end; /* its check_end as a line; empty until it came */
};

/* PID 1 of the sandbox. What the engine does on signals must not be done here: its descriptors are closed. */
static int probe_main(void *context)
{
    interrupt_forget();
    return harness_main(context);
}

static void on_probe_event(void *context, const struct event *e)
{
    struct probe *p = context;
    if (e->type == EVENT_CHECK_END && !p->end.len)
        event_encode(e, &p->end);
    else if (e->type == EVENT_STEP || (e->type == EVENT_NOTICE && p->notices++ < NOTICES_MAX))
        p->o.on_event(p->o.context, e);
}

/* Reads what is there. False at the end of the stream. */
static bool drain(struct probe *p)
{
    char bytes[65536];
    for (;;) {
        ssize_t n = read(p->event_fd, bytes, sizeof bytes);
        if (n > 0)
            event_reader_feed(p->reader, bytes, (size_t)n);
        else if (n < 0 && errno == EINTR)
            continue;
        else
            return n < 0 && errno == EAGAIN;
    }
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
    (void)events;
    struct probe *p = handle->data;
    if (status < 0 || !drain(p))
        uv_poll_stop(handle);
}

static void describe_death(const struct probe *p, int status, struct error *why)
{
    double scaled = p->o.time_scale;
    if (p->overdue)
        error_set(
            why,
            "the checker itself did not come to an end and was stopped %.1f s after the check's own deadline",
            PROBE_GRACE_MS * scaled / 1e3);
    else if (WIFSIGNALED(status))
        error_set(why, "the checker itself was ended by signal %d (%s) before it came to a verdict%s",
                  WTERMSIG(status), strsignal(WTERMSIG(status)),
                  WTERMSIG(status) == SIGKILL ? "; the kernel does that when memory runs out" : "");
    else
        error_set(why, "the checker itself ended with status %d before it came to a verdict",
                  WEXITSTATUS(status));
}

/* The program has started so many processes that the checker had no time left: this is not the checker's
 * fault. */
static void blame_crowd(const struct probe *p, struct event *end, struct failure *f, struct error *seen)
{
    bool zombies = p->zombies * 2 > p->crowd;
    error_set(seen, "it had started %zu%s processes, %s", p->crowd, p->crowd == CROWD_MAX ? " or more" : "",
              p->overdue ? "and they left the checker no time to see what else it did"
              : zombies
                  ? "most of which had ended and were kept as zombies: as many as a program may have here"
                  : "as many as a program may have here or more, and was stopped");
    *f = (struct failure){
        .clause = p->o.check->clause,
        .expectation = "the program starts no more processes than it needs",
        .observation = seen->text,
        .difference = -1,
        .diagnosis =
            zombies ? "A child that has ended stays as a zombie until its parent has waited for it: call "
                      "waitpid(-1, ..., WNOHANG) in a loop when SIGCHLD comes (several may have ended), or "
                      "ignore SIGCHLD. If it should not have started so many: a fork() in a loop whose child "
                      "goes on with the loop is a fork bomb."
                    : "A program that forks without end (a fork bomb): is there a fork() in a loop whose "
                      "child goes on with the loop, instead of ending?",
        .see = zombies ? "waitpid(2): NOTES, sigaction(2): SA_NOCLDWAIT" : "fork(2)"};
    end->check_end.verdict = VERDICT_FAIL;
    end->check_end.cause = CAUSE_WRONG;
    end->check_end.reason = NULL;
    end->check_end.failure = f;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct probe *p = handle->data;
    if (--p->open_handles)
        return;
    close(p->event_fd);
    close(p->sandbox.pidfd);
    event_reader_free(p->reader);
    buf_free(&p->end);
    free(p);
}

static void finish(struct probe *p)
{
    int status = 0;
    drain(p);
    event_reader_end(p->reader);
    sandbox_reap(&p->sandbox, true, &status);

    struct event end = {0};
    struct error why = {0};
    struct failure crowded;
    bool told = p->end.len && event_decode(p->end.data, p->end.len, &end, &why) == 0;
    if (!told) {
        if (!p->end.len)
            describe_death(p, status, &why);
        end = (struct event){
            .type = EVENT_CHECK_END,
            .check_end = {.verdict = VERDICT_ERROR, .ms = clock_ms_since(p->began_ns), .reason = why.text}};
        if (p->crowd >= CROWD_OVERDUE)
            blame_crowd(p, &end, &crowded, &why);
    }
    end.check_end.check = p->o.check->id;
    p->o.on_end(p->o.context, &end);
    if (told)
        event_free(&end);

    uv_close((uv_handle_t *)&p->events, on_handle_closed);
    uv_close((uv_handle_t *)&p->life, on_handle_closed);
    uv_close((uv_handle_t *)&p->deadline, on_handle_closed);
    uv_close((uv_handle_t *)&p->crowd_watch, on_handle_closed);
}

static void on_ended(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    uv_poll_stop(handle);
    finish(handle->data);
}

/* A look takes time where others fork, and finds fewer when they have begun to end: the most counts. */
static void count_crowd(struct probe *p)
{
    size_t now = crowd_below(p->sandbox.pid);
    if (now > p->crowd)
        p->crowd = now;
}

static void stop_crowd(struct probe *p)
{
    p->zombies = crowd_zombies(p->sandbox.pid);
    probe_kill(p);
}

static void on_overdue(uv_timer_t *timer)
{
    struct probe *p = timer->data;
    p->overdue = true;
    count_crowd(p);
    stop_crowd(p);
}

static void look_for_crowd(uv_timer_t *timer)
{
    struct probe *p = timer->data;
    count_crowd(p);
    if (p->crowd >= CROWD)
        stop_crowd(p);
}

static void watch(struct probe *p)
{
    uv_poll_init(p->o.loop, &p->events, p->event_fd);
    uv_poll_init(p->o.loop, &p->life, p->sandbox.pidfd);
    uv_timer_init(p->o.loop, &p->deadline);
    uv_timer_init(p->o.loop, &p->crowd_watch);
    p->events.data = p->life.data = p->deadline.data = p->crowd_watch.data = p;
    p->open_handles = 4;
    uv_poll_start(&p->events, UV_READABLE, on_readable);
    uv_poll_start(&p->life, UV_READABLE, on_ended);
    int own = p->o.check->deadline_ms ? p->o.check->deadline_ms : PROBE_DEADLINE_MS;
    uv_update_time(p->o.loop);
    uv_timer_start(&p->deadline, on_overdue, (uint64_t)((own + PROBE_GRACE_MS) * p->o.time_scale), 0);
    uv_timer_start(&p->crowd_watch, look_for_crowd, CROWD_WATCH_MS, CROWD_WATCH_MS);
}

struct probe *probe_start(const struct probe_options *o, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        error_errno(err, "cannot make the pipe that a check's events come by");
        return NULL;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);

    struct sandbox_spec spec = {
        .workspace = o->workspace,
        .binary = o->binary,
        .as_root = o->check->as_root,
        .level = o->level,
        .limits = {.open_files = o->check->open_files},
        .main = probe_main,
        .keep_fd = ends[1],
        .also_keep_fd = o->trace_fd,
    };
    struct harness_run run = {.check = o->check,
                              .spec = &spec,
                              .seed = o->seed,
                              .time_scale = o->time_scale,
                              .show_output = o->show_output,
                              .trace_fd = o->trace_fd,
                              .event_fd = ends[1]};
    spec.context = &run;

    struct probe *p = xcalloc(1, sizeof *p);
    p->o = *o;
    p->event_fd = ends[0];
    p->began_ns = clock_now_ns();
    int failed = sandbox_start(&spec, &p->sandbox, err);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        free(p);
        return NULL;
    }
    p->reader = event_reader_new(on_probe_event, p);
    watch(p);
    return p;
}

void probe_kill(struct probe *p)
{
    sandbox_kill(&p->sandbox);
}
