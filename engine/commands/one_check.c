#include "commands/one_check.h"

#include "commands/made.h"
#include "commands/output.h"

#include "base/mem.h"
#include "report/report.h"
#include "runner/calibrate.h"
#include "runner/interrupt.h"
#include "runner/runner.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

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
};

static void print_step(const struct event_step *s)
{
    printf("%9.3f s  %s\n", s->step.at, s->step.text);
    fflush(stdout);
}

/* The steps by ourselves, as they come; the rest by the report. */
static void on_event(void *context, const struct event *e)
{
    struct showing *s = context;
    if (e->type == EVENT_STEP)
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
    struct report_options report = {.write = output_write, .context = &s->output, .name = name};
    output_look(STDOUT_FILENO, &report);
    report.is_live = false; /* the steps would be written over */
    s->report = report_new(report_formats[0], &report);
    bus_init(&s->bus);
    bus_add(&s->bus, on_event, s);
    run_check(s, level);
    uv_loop_close(&s->loop);
    report_finish(s->report);
    report_free(s->report);
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
