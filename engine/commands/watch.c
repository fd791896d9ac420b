/* lux watch: `lux check` again whenever a source file was saved.
 *
 * Each check is a lux of its own, so that what it prints, records and leaves is exactly what `lux check`
 * does. A file that is saved meanwhile ends it and begins the next. */
#include "commands/commands.h"
#include "commands/prose.h"
#include "commands/subject.h"
#include "commands/table.h"

#include "base/mem.h"
#include "runner/interrupt.h"
#include "watch/watch.h"
#include "workspace/workspace.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

struct watch_options {
    const char *dir;
    struct option_list only;
    bool until_solved, no_record;
};

static const struct option options[] = {
    {.name = "dir",
     .value = "DIR",
     .help = "the program's directory (default: its workspace)",
     .take = option_text,
     .offset = offsetof(struct watch_options, dir)},
    {.name = "only",
     .value = "CHECK",
     .help = "run this check alone; may be repeated",
     .take = option_list,
     .offset = offsetof(struct watch_options, only)},
    {.name = "until-solved",
     .help = "end when the checks that run have passed",
     .take = option_switch,
     .offset = offsetof(struct watch_options, until_solved)},
    {.name = "no-record",
     .help = "leave no trace in the progress",
     .take = option_switch,
     .offset = offsetof(struct watch_options, no_record)},
    {0},
};

struct vigil {
    struct watch_options options;
    struct subject subject;
    uv_loop_t loop;
    uv_poll_t interrupt;
    struct watch *watch;
    uv_process_t check; /* while is_running */
    bool is_running, again, ending;
    enum exit_code code;
};

/* ---- One check ---- */

static void start_check(struct vigil *v);

static void end(struct vigil *v)
{
    v->ending = true;
    if (v->is_running) {
        uv_process_kill(&v->check, SIGTERM);
        return;
    }
    watch_free(v->watch);
    uv_close((uv_handle_t *)&v->interrupt, NULL);
}

static void say_waiting(const struct vigil *v)
{
    struct prose how = prose_for_stdout();
    struct buf line = {0};
    autofree char *text =
        xasprintf("Watching %s: save a file and its checks run again. Ctrl-C ends this.", v->subject.dir);
    buf_addch(&line, '\n');
    prose_wrap(&line, text, 0, &how);
    fputs(buf_str(&line), stdout);
    buf_free(&line);
    fflush(stdout);
}

static void on_check_closed(uv_handle_t *handle)
{
    struct vigil *v = handle->data;
    v->is_running = false;
    if (v->ending || (v->options.until_solved && v->code == LUX_OK && !v->again))
        end(v);
    else if (v->again)
        start_check(v);
    else
        say_waiting(v);
}

static void on_check_end(uv_process_t *check, int64_t status, int signal_number)
{
    struct vigil *v = check->data;
    v->code = signal_number ? LUX_FAILED : (enum exit_code)status;
    uv_close((uv_handle_t *)check, on_check_closed);
}

static void start_check(struct vigil *v)
{
    enum { FIXED = 6 };
    char *arguments[FIXED + 2 * OPTION_LIST_MAX + 1];
    size_t n = 0;
    char number[16];
    snprintf(number, sizeof number, "%d", v->subject.challenge->number);
    arguments[n++] = "lux";
    arguments[n++] = "check";
    arguments[n++] = number;
    if (v->options.dir) {
        arguments[n++] = "--dir";
        arguments[n++] = v->subject.dir;
    }
    if (v->options.no_record)
        arguments[n++] = "--no-record";
    for (size_t i = 0; i < v->options.only.n; i++) {
        arguments[n++] = "--only";
        arguments[n++] = (char *)(uintptr_t)v->options.only.items[i];
    }
    arguments[n] = NULL;
    uv_stdio_container_t streams[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = STDOUT_FILENO},
        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
    };
    uv_process_options_t o = {.file = "/proc/self/exe",
                              .args = arguments,
                              .exit_cb = on_check_end,
                              .stdio = streams,
                              .stdio_count = 3};
    v->again = false;
    watch_mark_seen(v->watch);
    fflush(stdout);
    v->check.data = v;
    v->is_running = true; /* a failed spawn has a handle to close, too */
    int status = uv_spawn(&v->loop, &v->check, &o);
    if (status == 0)
        return;
    command_failed(&command_watch, LUX_FAILED, "cannot start lux check: %s", uv_strerror(status));
    v->code = LUX_FAILED;
    v->ending = true;
    uv_close((uv_handle_t *)&v->check, on_check_closed);
}

/* ---- What happens ---- */

static void on_saved(void *context)
{
    struct vigil *v = context;
    if (v->ending)
        return;
    printf("\n%s\n", v->is_running ? "A file was saved meanwhile: beginning again." : "A file was saved.");
    fflush(stdout);
    if (v->is_running) {
        v->again = true;
        uv_process_kill(&v->check, SIGTERM);
    } else {
        start_check(v);
    }
}

static void on_interrupt(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    struct vigil *v = handle->data;
    uv_poll_stop(handle);
    end(v);
}

static int keep_vigil(struct vigil *v)
{
    struct error err;
    int interrupt_fd = interrupt_watch(&err);
    if (interrupt_fd < 0)
        return command_failed(&command_watch, LUX_FAILED, "%s", err.text);
    int status = uv_loop_init(&v->loop);
    if (status == 0)
        status = uv_poll_init(&v->loop, &v->interrupt, interrupt_fd);
    if (status < 0)
        return command_failed(&command_watch, LUX_FAILED, "cannot make the event loop: %s",
                              uv_strerror(status));
    v->interrupt.data = v;
    uv_poll_start(&v->interrupt, UV_READABLE, on_interrupt);
    v->watch = watch_new(&v->loop, on_saved, v);
    const char *polls = watch_start(v->watch, v->subject.dir, v->subject.challenge->binary);
    if (polls)
        fprintf(stderr,
                "lux watch: files cannot be watched here (%s): they are looked at every %d ms instead\n",
                polls, WATCH_POLL_MS);
    start_check(v);
    uv_run(&v->loop, UV_RUN_DEFAULT);
    uv_loop_close(&v->loop);
    if (interrupt_signal())
        interrupt_die(interrupt_signal());
    return v->code;
}

static int run(int argc, char **argv)
{
    struct vigil v = {.code = LUX_OK};
    int rest = command_options(&command_watch, &v.options, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 1)
        return command_misused(&command_watch, "one challenge at a time, not '%s' as well", argv[1]);
    int code =
        subject_find(&v.subject, &command_watch, rest ? argv[0] : NULL, v.options.dir, &v.options.only);
    if (code == LUX_OK)
        code = keep_vigil(&v);
    subject_free(&v.subject);
    return code;
}

const struct command command_watch = {
    .name = "watch",
    .usage = "[NAME] [--only CHECK]... [--until-solved] [--no-record] [--dir DIR]",
    .summary = "check again whenever you save a file",
    .help =
        "Runs `lux check`, and again each time a source file changes, however your editor saves it; what\n"
        "a build makes does not count. A file that is saved while checks run begins them anew. Ctrl-C ends\n"
        "it. Where the system cannot watch files, it looks at them twice a second, and says so.\n"
        "\n"
        "Exit status: that of the last check with --until-solved; otherwise it ends by a signal.\n",
    .options = options,
    .run = run,
};
