#include "commands/one_check.h"

#include "commands/made.h"
#include "commands/output.h"

#include "base/mem.h"
#include "report/report.h"
#include "runner/calibrate.h"
#include "runner/interrupt.h"
#include "runner/runner.h"
#include "trace/trace.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

struct line {          /* a step, or a system call */
    uint64_t epoch_ns; /* of a call; 0: a step */
    double at;
    char *text;
};

struct showing {
    const struct one_check *o;
    uint64_t seed;
    double time_scale;
    struct bus bus;
    struct output output;
    struct report *report;
    uv_loop_t loop;
    uv_poll_t interrupt;
    struct runner *runner;
    enum exit_code code;
    /* When it is traced, nothing is printed before all is known. */
    struct tracer tracer;
    struct line *lines;
    size_t n_lines;
    struct buf reported;
};

static void add_line(struct showing *s, uint64_t epoch_ns, double at, const char *text)
{
    s->lines = xreallocarray(s->lines, s->n_lines + 1, sizeof *s->lines);
    s->lines[s->n_lines++] = (struct line){epoch_ns, at, xstrdup(text)};
}

static void add_call(void *context, const struct trace_record *r)
{
    add_line(context, r->epoch_ns, r->at, r->text);
}

static void keep_report(void *context, const char *bytes, size_t n)
{
    struct showing *s = context;
    buf_add(&s->reported, bytes, n);
}

static int by_time(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* A check that ran twice is shown as it ran last. */
static void print_trace(struct showing *s)
{
    uint64_t last = 0;
    for (size_t i = 0; i < s->n_lines; i++)
        last = s->lines[i].epoch_ns > last ? s->lines[i].epoch_ns : last;
    if (s->n_lines)
        qsort(s->lines, s->n_lines, sizeof *s->lines, by_time);
    for (size_t i = 0; i < s->n_lines; i++) {
        const struct line *l = &s->lines[i];
        if (l->epoch_ns == 0)
            printf("%9.4f s  %s\n", l->at, l->text);
        else if (l->epoch_ns == last)
            printf("%9.4f s      %s\n", l->at, l->text);
        free(l->text);
    }
    free(s->lines);
    fwrite(buf_str(&s->reported), 1, s->reported.len, stdout);
    buf_free(&s->reported);
}

static void print_step(const struct event_step *s)
{
    printf("%9.3f s  %s\n", s->step.at, s->step.text);
    fflush(stdout);
}

/* The steps by ourselves, as they come; the rest by the report. */
static void on_event(void *context, const struct event *e)
{
    struct showing *s = context;
    if (e->type == EVENT_CHECK_START && s->o->traced) {
        while (s->n_lines > 0)
            free(s->lines[--s->n_lines].text);
    }
    if (e->type == EVENT_STEP && s->o->traced)
        add_line(s, 0, e->step.step.at, e->step.step.text);
    else if (e->type == EVENT_STEP)
        print_step(&e->step);
    else
        report_event(s->report, e);
}

static void on_lost(void *context)
{
    struct showing *s = context;
    if (s->runner)
        runner_cancel(s->runner);
}

static void on_interrupt(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    struct showing *s = handle->data;
    uv_poll_stop(handle);
    on_lost(s);
}

static void on_end(void *context, const struct run_totals *t)
{
    struct showing *s = context;
    s->code = t->end.failed    ? LUX_UNSOLVED
              : t->end.errors  ? LUX_FAILED
              : t->end.skipped ? LUX_MACHINE
                               : LUX_OK;
    uv_close((uv_handle_t *)&s->interrupt, NULL);
}

static void run_check(struct showing *s, enum sandbox_level level)
{
    const struct subject *subject = s->o->subject;
    struct run_plan plan = {.challenge = subject->challenge,
                            .lesson = subject->has_lesson ? &subject->lesson : NULL,
                            .dir = subject->dir,
                            .checks = subject->chosen,
                            .n_checks = 1,
                            .seed = s->seed,
                            .jobs = 1,
                            .time_scale = s->time_scale,
                            .show_output = true,
                            .trace_fd = s->o->traced ? s->tracer.join_fd : 0,
                            .level = level};
    s->runner = runner_start(&s->loop, &plan, &s->bus, on_end, s);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    runner_free(s->runner);
}

static int show(struct showing *s, int interrupt_fd)
{
    struct error why;
    enum sandbox_level level = sandbox_probe(&why);
    if (level == SANDBOX_NONE)
        return command_failed(s->o->command, LUX_MACHINE, "no check can run on this machine: %s", why.text);
    int status = uv_loop_init(&s->loop);
    if (status == 0)
        status = uv_poll_init(&s->loop, &s->interrupt, interrupt_fd);
    if (status < 0)
        return command_failed(s->o->command, LUX_FAILED, "cannot make the event loop: %s",
                              uv_strerror(status));
    s->interrupt.data = s;
    uv_poll_start(&s->interrupt, UV_READABLE, on_interrupt);
    s->output =
        (struct output){.fd = STDOUT_FILENO, .interrupt_fd = interrupt_fd, .on_lost = on_lost, .context = s};
    autofree char *name = subject_paste_name(s->o->subject, s->o->dir);
    struct report_options report = {.write = s->o->traced ? keep_report : output_write,
                                    .context = s->o->traced ? (void *)s : &s->output,
                                    .name = name};
    output_look(STDOUT_FILENO, &report);
    report.is_live = false; /* the steps would be written over */
    s->report = report_new(report_formats[0], &report);
    bus_init(&s->bus);
    bus_add(&s->bus, on_event, s);
    if (s->o->traced && tracer_start(&s->tracer, &why)) {
        uv_loop_close(&s->loop);
        return command_failed(s->o->command, LUX_FAILED, "%s", why.text);
    }
    run_check(s, level);
    uv_loop_close(&s->loop);
    if (s->o->traced)
        tracer_finish(&s->tracer, add_call, s);
    report_finish(s->report);
    report_free(s->report);
    if (s->o->traced)
        print_trace(s);
    return s->code;
}

int run_one_check(const struct one_check *o)
{
    struct showing s = {.o = o, .seed = o->seed.value};
    struct error err;
    uint32_t number = 0;
    if (time_scale(&s.time_scale, &err))
        return command_failed(o->command, LUX_USAGE, "%s", err.text);
    if (!o->seed.given) {
        if (getrandom(&number, sizeof number, 0) != sizeof number)
            return command_failed(o->command, LUX_FAILED, "cannot get a random seed; --seed N gives one");
        s.seed = number;
    }
    int code = make_program(o->subject, o->command);
    int interrupt_fd = code == LUX_OK ? interrupt_watch(&err) : -1;
    if (interrupt_fd >= 0)
        code = show(&s, interrupt_fd);
    if (interrupt_signal())
        interrupt_die(interrupt_signal());
    return code;
}
