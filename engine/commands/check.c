/* lux check: builds the learner's program, runs the checks, reports, and records the attempt.
 *
 * Everything happens in one libuv loop on one thread (a sandbox dies with the thread that made it): the
 * build, then the run. Being told to stop, by a signal or by a reader that leaves, cancels whichever is under
 * way; its end comes as usual, so that there is one way out and everything is put away on it. */
#include "commands/commands.h"
#include "commands/lock.h"
#include "commands/output.h"
#include "commands/recorder.h"
#include "commands/subject.h"
#include "commands/table.h"

#include "base/clock.h"
#include "base/mem.h"
#include "report/report.h"
#include "runner/calibrate.h"
#include "runner/interrupt.h"
#include "runner/runner.h"
#include "workspace/build.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

struct check_options {
    const char *dir, *format;
    struct option_list only;
    struct option_seed seed;
    int jobs;
    bool no_record;
};

static const struct option options[] = {
    {.name = "dir",
     .value = "DIR",
     .help = "the program's directory (default: its workspace)",
     .take = option_text,
     .offset = offsetof(struct check_options, dir)},
    {.name = "only",
     .value = "CHECK",
     .help = "run this check alone, by its id or title; may be repeated",
     .take = option_list,
     .offset = offsetof(struct check_options, only)},
    {.name = "seed",
     .value = "N",
     .help = "make random input as a run with this seed did",
     .take = option_seed,
     .offset = offsetof(struct check_options, seed)},
    {.name = "jobs",
     .value = "N",
     .help = "checks that run at once (default: twice the processors, at most 8)",
     .take = option_count,
     .offset = offsetof(struct check_options, jobs)},
    {.name = "no-record",
     .help = "leave no trace in the progress",
     .take = option_switch,
     .offset = offsetof(struct check_options, no_record)},
    {.name = "format",
     .value = "FORMAT",
     .help = "the report",
     .take = option_text,
     .offset = offsetof(struct check_options, format),
     .choices = report_formats},
    {0},
};

struct session {
    struct check_options options;
    struct subject subject;
    uint64_t seed;
    char attempt[33]; /* its name, see struct event_build_start */
    double time_scale;
    enum sandbox_level level;

    struct bus bus;
    struct output output;
    struct report *report;
    struct recorder *recorder; /* NULL with --no-record */
    char *paste_name, *next;   /* see struct report_options */

    uv_loop_t loop;
    uv_poll_t interrupt;
    int interrupt_fd;
    struct build *build; /* while it builds */
    struct runner *runner;
    bool cancelled;
    enum exit_code code;
};

static int look_around(struct session *s)
{
    struct error err = {0};
    if (time_scale(&s->time_scale, &err))
        return command_failed(&command_check, LUX_USAGE, "%s", err.text);
    s->seed = s->options.seed.value;
    if (!s->options.seed.given) {
        uint32_t number; /* short enough to be typed again */
        if (getrandom(&number, sizeof number, 0) != sizeof number)
            return command_failed(&command_check, LUX_FAILED,
                                  "cannot get a random seed: %s; --seed N gives one", strerror(errno));
        s->seed = number;
    }
    uint8_t name[(sizeof s->attempt - 1) / 2];
    if (getrandom(name, sizeof name, 0) == sizeof name)
        for (size_t i = 0; i < sizeof name; i++)
            snprintf(s->attempt + 2 * i, 3, "%02x", name[i]);
    s->interrupt_fd = interrupt_watch(&err);
    if (s->interrupt_fd < 0)
        return command_failed(&command_check, LUX_FAILED, "%s", err.text);
    return LUX_OK;
}

/* ---- Readers ---- */

static void cancel(struct session *s)
{
    if (s->cancelled)
        return;
    s->cancelled = true;
    if (s->build)
        build_cancel(s->build);
    else if (s->runner)
        runner_cancel(s->runner);
}

static void on_output_lost(void *context)
{
    cancel(context);
}

static const char *format_of(const struct session *s)
{
    return s->options.format ? s->options.format : report_formats[0];
}

static void add_readers(struct session *s)
{
    s->paste_name = subject_paste_name(&s->subject, s->options.dir);
    s->next = subject_next(&s->subject, !s->options.no_record);
    s->output = (struct output){
        .fd = STDOUT_FILENO, .interrupt_fd = s->interrupt_fd, .on_lost = on_output_lost, .context = s};
    struct report_options report = {.write = output_write,
                                    .context = &s->output,
                                    .name = s->paste_name,
                                    .next = s->options.only.n ? NULL : s->next};
    output_look(STDOUT_FILENO, &report);
    s->report = report_new(format_of(s), &report);
    bus_init(&s->bus);
    bus_add(&s->bus, report_event, s->report);
    if (s->options.no_record)
        return;
    s->recorder = recorder_new(&s->bus, s->subject.challenge, s->seed, s->options.only.n > 0);
    /* First, so that whoever reads an event finds it in the progress already. */
    bus_add_first(&s->bus, recorder_event, s->recorder);
    for (size_t i = 0; i < s->subject.n_chosen; i++)
        s->subject.chosen[i].failed_before =
            recorder_failed_before(s->recorder, s->subject.chosen[i].check->id);
}

/* ---- The run ---- */

static void stop_watching(struct session *s)
{
    if (!uv_is_closing((uv_handle_t *)&s->interrupt))
        uv_close((uv_handle_t *)&s->interrupt, NULL);
}

static void on_interrupt(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    struct session *s = handle->data;
    stop_watching(s);
    cancel(s);
}

static enum exit_code verdict_of(const struct session *s, const struct run_totals *t)
{
    const struct event_run_end *e = &t->end;
    if (e->failed)
        return LUX_UNSOLVED;
    if (e->errors)
        return LUX_FAILED;
    if (t->core_skipped || (!e->passed && e->skipped))
        return LUX_MACHINE;
    return e->solved || s->options.only.n ? LUX_OK : LUX_UNSOLVED;
}

static void on_run_end(void *context, const struct run_totals *totals)
{
    struct session *s = context;
    s->code = verdict_of(s, totals);
    stop_watching(s);
}

static void run_checks(struct session *s)
{
    struct run_plan plan = {
        .challenge = s->subject.challenge,
        .lesson = s->subject.has_lesson ? &s->subject.lesson : NULL,
        .dir = s->subject.dir,
        .checks = s->subject.chosen,
        .n_checks = s->subject.n_chosen,
        .is_whole = s->subject.n_chosen == s->subject.n_checks,
        .seed = s->seed,
        .jobs = s->options.jobs ? s->options.jobs : default_jobs(),
        .time_scale = s->time_scale,
        .level = s->level,
    };
    s->runner = runner_start(&s->loop, &plan, &s->bus, on_run_end, s);
    if (s->cancelled)
        runner_cancel(s->runner);
}

static void on_build_event(void *context, const struct event *e)
{
    struct session *s = context;
    struct event copy = *e;
    if (e->type == EVENT_BUILD_START) {
        copy.build_start.challenge = s->subject.challenge->slug;
        copy.build_start.attempt = s->attempt;
        copy.build_start.at = (uint64_t)clock_unix_seconds();
    }
    bus_send(&s->bus, &copy);
    if (e->type != EVENT_BUILD_END)
        return;
    s->build = NULL;
    if (s->cancelled) {
        bus_send(&s->bus, &(struct event){.type = EVENT_RUN_END, .run_end = {.interrupted = true}});
        stop_watching(s);
    } else if (!e->build_end.ok) {
        recorder_build_failed(s->recorder);
        s->code = LUX_NO_BUILD;
        stop_watching(s);
    } else {
        run_checks(s);
    }
}

static int run_session(struct session *s)
{
    int status = uv_loop_init(&s->loop);
    if (status == 0)
        status = uv_poll_init(&s->loop, &s->interrupt, s->interrupt_fd);
    if (status < 0)
        return command_failed(&command_check, LUX_FAILED, "cannot make the event loop: %s",
                              uv_strerror(status));
    s->interrupt.data = s;
    uv_poll_start(&s->interrupt, UV_READABLE, on_interrupt);
    s->build = build_run(&(struct build_options){.loop = &s->loop,
                                                 .data_dir = s->subject.data_dir,
                                                 .dir = s->subject.dir,
                                                 .binary = s->subject.challenge->binary,
                                                 .epoch_ns = s->bus.epoch_ns,
                                                 .handler = on_build_event,
                                                 .context = s});
    uv_run(&s->loop, UV_RUN_DEFAULT);
    runner_free(s->runner);
    s->runner = NULL;
    uv_loop_close(&s->loop);
    return s->code;
}

/* Whether there is a sandbox to be had; otherwise says why not, to readers of a stream as well. */
static int look_for_sandbox(struct session *s)
{
    struct error why = {0};
    s->level = sandbox_probe(&why);
    if (s->level != SANDBOX_FULL && s->level != SANDBOX_NONE)
        bus_notice(&s->bus, false, "Some checks may be skipped: the sandbox is of the level %s here. %s",
                   sandbox_level_name(s->level), why.text);
    if (s->level != SANDBOX_NONE)
        return LUX_OK;
    if (strcmp(format_of(s), "pretty") != 0)
        bus_notice(&s->bus, true, "No check can run on this machine: %s", why.text);
    return command_failed(&command_check, LUX_MACHINE,
                          "no check can run on this machine: %s (lux doctor tells more)", why.text);
}

static void put_away(struct session *s)
{
    recorder_close(s->recorder);
    if (s->report)
        report_finish(s->report);
    report_free(s->report);
    subject_free(&s->subject);
    free(s->paste_name);
    free(s->next);
}

static int run(int argc, char **argv)
{
    struct session s = {.interrupt_fd = -1};
    int rest = command_options(&command_check, &s.options, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 1)
        return command_misused(&command_check, "one challenge at a time, not '%s' as well", argv[1]);
    int code =
        subject_find(&s.subject, &command_check, rest ? argv[0] : NULL, s.options.dir, &s.options.only);
    if (code == LUX_OK)
        code = look_around(&s);
    if (code == LUX_OK) {
        add_readers(&s);
        code = look_for_sandbox(&s);
    }
    int lock = code == LUX_OK ? lock_workspace(s.subject.dir, s.interrupt_fd, &s.bus) : -1;
    if (code == LUX_OK && lock != LOCK_INTERRUPTED)
        code = run_session(&s);
    if (lock >= 0)
        close(lock);
    bool reader_left = s.output.is_gone;
    put_away(&s);
    if (interrupt_signal())
        interrupt_die(interrupt_signal());
    if (reader_left)
        interrupt_die(SIGPIPE);
    if (s.output.broken_errno)
        return command_failed(&command_check, LUX_FAILED, "cannot write the report: %s",
                              strerror(s.output.broken_errno));
    return code;
}

const struct command command_check = {
    .name = "check",
    .usage = "[NAME] [--only CHECK]... [--format FORMAT] [OPTIONS]",
    .summary = "build your program and run the checks of a challenge",
    .help =
        "Builds the program in your workspace ($LUX_HOME/NN-slug, by default below ~/lux) and runs\n"
        "every check of the challenge, each in a sandbox of its own: your files are not touched, and\n"
        "nothing that the program does outlives its check. All checks of the core passed means that\n"
        "the challenge is solved. NAME may be left out inside a workspace.\n"
        "\n"
        "Exit status: 0 all is well: solved without a flaw, or the checks of --only passed; 1 some check\n"
        "failed, be it one beyond the core of a solved challenge; 2 wrong usage; 3 the program could not\n"
        "be built; 4 this machine lacks what the checks need; 5 Lux itself failed.\n"
        "\n"
        "LUX_TIME_SCALE=N stretches all deadlines; otherwise Lux measures how busy the machine is.\n",
    .options = options,
    .run = run,
};
