/* lux check: builds the learner's program, runs the checks, reports, and records the attempt.
 *
 * Everything happens in one libuv loop on one thread (a sandbox dies with the thread that made it): the
 * build, then the run. Being told to stop, by a signal or by a reader that leaves, cancels whichever is under
 * way; its end comes as usual, so that there is one way out and everything is put away on it. */
#include "commands/commands.h"
#include "commands/nearest.h"
#include "commands/output.h"
#include "commands/progress.h"
#include "commands/recorder.h"
#include "commands/table.h"

#include "base/buf.h"
#include "base/mem.h"
#include "harness/harness.h"
#include "report/report.h"
#include "runner/calibrate.h"
#include "runner/interrupt.h"
#include "runner/runner.h"
#include "workspace/build.h"
#include "workspace/workspace.h"

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
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
     .help = "run this check alone; may be repeated",
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
    struct course *course;
    const struct challenge *challenge;
    char *data_dir, *dir;
    const struct check **all_checks; /* of the challenge */
    size_t n_all;
    struct lesson lesson;
    bool has_lesson;
    uint64_t seed;
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
    struct run_check *chosen;
    size_t n_chosen;
    bool cancelled;
    enum exit_code code;
};

/* ---- What to check ---- */

/* The challenge in whose workspace we are. */
static const struct challenge *challenge_around(const struct course *course)
{
    char here[4096];
    if (!getcwd(here, sizeof here))
        return NULL;
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        autofree char *path = workspace_path(course_challenge(course, i));
        autofree char *real = realpath(path, NULL);
        size_t len = real ? strlen(real) : 0;
        if (len && !strncmp(here, real, len) && (here[len] == '/' || !here[len]))
            return course_challenge(course, i);
    }
    return NULL;
}

static int find_challenge(struct session *s, int argc, char **argv)
{
    if (argc > 1)
        return command_misused(&command_check, "one challenge at a time, not '%s' as well", argv[1]);
    s->course = command_course(&command_check);
    if (!s->course)
        return LUX_FAILED;
    s->challenge = argc ? command_challenge(&command_check, s->course, argv[0]) : challenge_around(s->course);
    if (!s->challenge && argc)
        return LUX_USAGE;
    if (!s->challenge)
        return command_misused(&command_check, "which challenge? This directory is not the workspace of one");
    s->n_all = harness_checks_of(s->challenge->slug, &s->all_checks);
    if (!s->n_all)
        return command_failed(
            &command_check, LUX_USAGE,
            "challenge %d, %s, is not available yet: it has no checks (lux list shows those that do)",
            s->challenge->number, s->challenge->slug);
    return LUX_OK;
}

static const struct check *check_named(const struct session *s, const char *id)
{
    for (size_t i = 0; i < s->n_all; i++)
        if (!strcmp(s->all_checks[i]->id, id))
            return s->all_checks[i];
    return NULL;
}

static int unknown_check(const struct session *s, const char *id)
{
    const char **ids = xcalloc(s->n_all, sizeof *ids);
    struct buf list = {0};
    for (size_t i = 0; i < s->n_all; i++) {
        ids[i] = s->all_checks[i]->id;
        buf_printf(&list, "%s%s", i ? ", " : "", ids[i]);
    }
    const char *near = nearest(id, ids, s->n_all);
    if (near)
        command_failed(&command_check, LUX_USAGE, "%s has no check '%s'; did you mean %s?",
                       s->challenge->slug, id, near);
    else
        command_failed(&command_check, LUX_USAGE, "%s has no check '%s'; it has %s", s->challenge->slug, id,
                       buf_str(&list));
    buf_free(&list);
    free(ids);
    return LUX_USAGE;
}

static bool is_wanted(const struct session *s, const struct check *check)
{
    for (size_t i = 0; i < s->options.only.n; i++)
        if (!strcmp(s->options.only.items[i], check->id))
            return true;
    return s->options.only.n == 0;
}

static int choose_checks(struct session *s)
{
    for (size_t i = 0; i < s->options.only.n; i++)
        if (!check_named(s, s->options.only.items[i]))
            return unknown_check(s, s->options.only.items[i]);
    s->chosen = xcalloc(s->n_all, sizeof *s->chosen);
    for (size_t i = 0; i < s->n_all; i++)
        if (is_wanted(s, s->all_checks[i]))
            s->chosen[s->n_chosen++].check = s->all_checks[i];
    return LUX_OK;
}

/* ---- What it needs ---- */

static int look_around(struct session *s)
{
    struct error err = {0};
    s->data_dir = course_data_dir(&err);
    if (!s->data_dir)
        return command_failed(&command_check, LUX_FAILED, "%s", err.text);
    s->dir = workspace_find(s->challenge, s->options.dir, &err);
    if (!s->dir)
        return command_failed(&command_check, LUX_USAGE, "%s", err.text);
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
    s->interrupt_fd = interrupt_watch(&err);
    if (s->interrupt_fd < 0)
        return command_failed(&command_check, LUX_FAILED, "%s", err.text);
    if (lesson_load(s->course, s->challenge, &s->lesson, &err) == 0)
        s->has_lesson = true;
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

/* The challenge to go on with: the next one that is available and open, from here on and then from the
 * beginning. */
static char *next_sentence(const struct session *s)
{
    struct error err = {0};
    struct standing *standing = s->options.no_record ? NULL : progress_read(s->course, &err);
    size_t n = course_challenge_count(s->course), here = (size_t)s->challenge->number - 1;
    const struct challenge *next = NULL;
    for (size_t i = 1; i < n && !next; i++) {
        const struct challenge *c = course_challenge(s->course, (here + i) % n);
        if (challenge_is_available(c) && !(standing && standing[(here + i) % n].solved))
            next = c;
    }
    free(standing);
    if (!next)
        return xstrdup("That was the last open challenge that is available so far: well done.");
    return xasprintf("Next: %d %s. lux show %d has the lesson, lux start %d begins it.", next->number,
                     next->title, next->number, next->number);
}

/* 'path', so that a shell takes it as one word whatever is in it. */
static char *shell_word(const char *path)
{
    struct buf out = {0};
    if (!path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+~")])
        return xstrdup(path);
    buf_addch(&out, '\'');
    for (; *path; path++) {
        if (*path == '\'')
            buf_addstr(&out, "'\\''");
        else
            buf_addch(&out, *path);
    }
    buf_addch(&out, '\'');
    return buf_take(&out);
}

static bool has_colour(bool is_tty)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return is_tty && !(no && *no) && term && *term && strcmp(term, "dumb") != 0;
}

static int terminal_width(void)
{
    struct winsize size = {0};
    const char *columns = getenv("COLUMNS");
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    return columns ? atoi(columns) : 0;
}

static const char *format_of(const struct session *s)
{
    return s->options.format ? s->options.format : report_formats[0];
}

static void add_readers(struct session *s)
{
    bool is_tty = isatty(STDOUT_FILENO);
    bool has_sgr = has_colour(is_tty);
    autofree char *word = s->options.dir ? shell_word(s->options.dir) : NULL;
    s->paste_name =
        word ? xasprintf("%d --dir %s", s->challenge->number, word) : xasprintf("%d", s->challenge->number);
    s->next = next_sentence(s);
    s->output = (struct output){
        .fd = STDOUT_FILENO, .interrupt_fd = s->interrupt_fd, .on_lost = on_output_lost, .context = s};
    s->report = report_new(format_of(s), &(struct report_options){
                                             .write = output_write,
                                             .context = &s->output,
                                             .name = s->paste_name,
                                             .next = s->options.only.n ? NULL : s->next,
                                             .width = is_tty ? terminal_width() : 0,
                                             .colour = has_sgr,
                                             .unicode = !strcmp(nl_langinfo(CODESET), "UTF-8"),
                                             .is_live = has_sgr || (is_tty && getenv("TERM") &&
                                                                    strcmp(getenv("TERM"), "dumb") != 0),
                                         });
    bus_init(&s->bus);
    bus_add(&s->bus, report_event, s->report);
    if (s->options.no_record)
        return;
    s->recorder = recorder_new(&s->bus, s->challenge->slug, s->seed);
    bus_add(&s->bus, recorder_event, s->recorder);
    for (size_t i = 0; i < s->n_chosen; i++)
        s->chosen[i].failed_before = recorder_failed_before(s->recorder, s->chosen[i].check->id);
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
        .challenge = s->challenge,
        .lesson = s->has_lesson ? &s->lesson : NULL,
        .dir = s->dir,
        .checks = s->chosen,
        .n_checks = s->n_chosen,
        .is_whole = s->n_chosen == s->n_all,
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
                                                 .data_dir = s->data_dir,
                                                 .dir = s->dir,
                                                 .binary = s->challenge->binary,
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
    if (s->has_lesson)
        lesson_free(&s->lesson);
    course_free(s->course);
    free(s->all_checks);
    free(s->chosen);
    free(s->data_dir);
    free(s->dir);
    free(s->paste_name);
    free(s->next);
}

static int run(int argc, char **argv)
{
    struct session s = {.interrupt_fd = -1};
    int rest = command_options(&command_check, &s.options, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    int code = find_challenge(&s, rest, argv);
    if (code == LUX_OK)
        code = choose_checks(&s);
    if (code == LUX_OK)
        code = look_around(&s);
    if (code == LUX_OK) {
        add_readers(&s);
        code = look_for_sandbox(&s);
    }
    if (code == LUX_OK)
        code = run_session(&s);
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
    .help = "Builds the program in your workspace ($LUX_HOME/NN-slug, by default below ~/lux) and runs\n"
            "every check of the challenge, each in a sandbox of its own: your files are not touched, and\n"
            "nothing that the program does outlives its check. All checks of the core passed means that\n"
            "the challenge is solved. NAME may be left out inside a workspace.\n"
            "\n"
            "Exit status: 0 solved; 1 some check failed; 2 wrong usage; 3 the program could not be built;\n"
            "4 this machine lacks what the checks need; 5 Lux itself failed.\n"
            "\n"
            "LUX_TIME_SCALE=N stretches all deadlines; otherwise Lux measures how busy the machine is.\n",
    .options = options,
    .run = run,
};
