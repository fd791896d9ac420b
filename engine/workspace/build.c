/* One build: recognise, run under supervision, read output into lines and messages, put the program in place.
 *
 * A command that names {binary} makes a file of another name first, which then takes the program's place in
 * one rename: nobody ever sees half a program, and one that is running stays whole. */
#include "workspace/build.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/mem.h"
#include "workspace/diagnostics.h"
#include "workspace/program.h"
#include "workspace/supervise.h"
#include "workspace/toolchain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TAB_WIDTH = 8,
    LINGER_MS = 1000, /* how long output may still come after the command and all that it started are gone */
};

enum ending { ENDING_COMMAND, ENDING_CANCELLED, ENDING_TIMEOUT };

struct stream {
    struct build *build;
    uv_pipe_t pipe;
    bool is_stderr;
    struct buf line;
    char chunk[16384];
};

struct build {
    struct build_options o;
    char *data_dir, *dir, *binary;
    uint64_t started_ns;

    struct toolchains *toolchains;
    const struct toolchain *toolchain;
    char *command; /* as a person would type it */
    char *staged;  /* the file that the command makes in place of {binary}; NULL if it makes its own */

    uv_timer_t timer;
    uv_pipe_t control;
    struct stream streams[2];
    int open_handles; /* of those above */
    int open_streams; /* control, stdout and stderr that have not come to their end */
    bool under_way;   /* the control and the streams are handles of the loop */
    pid_t supervisor;
    bool has_answered; /* with the status, or by its death */
    char status_bytes[sizeof(int)];
    size_t status_length;

    size_t output_bytes;
    bool output_full;
    struct diagnostics *diagnostics;
    enum ending ending;
    struct error error; /* why it failed; "" when it did not */
    bool concluding;
};

static void begin(uv_timer_t *timer);
static void conclude(struct build *b);

/* ---- The public functions ---- */

struct build *build_run(const struct build_options *o)
{
    struct build *b = xcalloc(1, sizeof *b);
    b->o = *o;
    if (b->o.time_limit_ms <= 0)
        b->o.time_limit_ms = BUILD_TIME_LIMIT_MS;
    b->data_dir = xstrdup(o->data_dir);
    b->dir = xstrdup(o->dir);
    b->binary = xstrdup(o->binary);
    b->started_ns = clock_now_ns();
    uv_timer_init(o->loop, &b->timer);
    b->timer.data = b;
    b->open_handles = 1;
    uv_timer_start(&b->timer, begin, 0, 0);
    return b;
}

static void stop(struct build *b, enum ending why)
{
    if (b->ending != ENDING_COMMAND || b->concluding)
        return;
    b->ending = why;
    int fd;
    if (b->under_way && !b->has_answered && uv_fileno((uv_handle_t *)&b->control, &fd) == 0)
        shutdown(fd, SHUT_WR);
}

void build_cancel(struct build *b)
{
    stop(b, ENDING_CANCELLED);
}

/* ---- Events ---- */

static void emit(struct build *b, struct event *e)
{
    e->t = clock_ms_since(b->o.epoch_ns) / 1000;
    b->o.handler(b->o.context, e);
}

static void emit_start(struct build *b)
{
    struct event e = {.type = EVENT_BUILD_START};
    e.build_start.language = b->toolchain ? toolchain_language(b->toolchain) : NULL;
    e.build_start.command = b->command ? b->command : "";
    e.build_start.dir = b->dir;
    emit(b, &e);
}

static void emit_output(struct build *b, bool is_stderr, const char *text)
{
    struct event e = {.type = EVENT_BUILD_OUTPUT, .build_output = {is_stderr, text}};
    emit(b, &e);
}

static void emit_end(struct build *b)
{
    struct event e = {.type = EVENT_BUILD_END};
    e.build_end.ok = b->error.text[0] == '\0';
    e.build_end.ms = clock_ms_since(b->started_ns);
    e.build_end.error = e.build_end.ok ? NULL : b->error.text;
    if (b->diagnostics)
        e.build_end.diagnostics = diagnostics_list(b->diagnostics, &e.build_end.n_diagnostics);
    emit(b, &e);
}

/* ---- Output ---- */

static void add_expanded(struct buf *out, const char *text, size_t n)
{
    size_t column = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] != '\t') {
            buf_addch(out, text[i]);
            column++;
            continue;
        }
        do {
            buf_addch(out, ' ');
        } while (++column % TAB_WIDTH);
    }
}

static void end_line(struct stream *s)
{
    struct build *b = s->build;
    size_t n = s->line.len;
    while (n > 0 && s->line.data[n - 1] == '\r')
        s->line.data[--n] = '\0';
    diagnostics_line(b->diagnostics, buf_str(&s->line));

    if (!b->output_full) {
        struct buf expanded = {0}, text = {0};
        add_expanded(&expanded, buf_str(&s->line), n);
        escape_bytes(&text, buf_str(&expanded), expanded.len);
        b->output_bytes += text.len + 1;
        b->output_full = b->output_bytes > BUILD_OUTPUT_MAX;
        if (b->output_full)
            emit_output(b, s->is_stderr, "(more than 1 MiB of output: the rest is not shown)");
        else
            emit_output(b, s->is_stderr, buf_str(&text));
        buf_free(&expanded);
        buf_free(&text);
    }
    buf_clear(&s->line);
}

static void give_chunk(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct stream *s = handle->data;
    (void)suggested;
    *buf = uv_buf_init(s->chunk, sizeof s->chunk);
}

static void stream_ended(struct build *b)
{
    if (--b->open_streams == 0)
        conclude(b);
}

static void on_output(uv_stream_t *pipe, ssize_t n, const uv_buf_t *buf)
{
    struct stream *s = pipe->data;
    if (n < 0) {
        if (s->line.len)
            end_line(s);
        uv_read_stop(pipe);
        stream_ended(s->build);
        return;
    }
    const char *at = buf->base, *end = buf->base + n;
    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        size_t piece = (size_t)((feed ? feed : end) - at);
        size_t room = BUILD_LINE_MAX - s->line.len;
        if (piece > room) {
            buf_add(&s->line, at, room);
            at += room;
            end_line(s);
            continue;
        }
        buf_add(&s->line, at, piece);
        at += piece;
        if (feed) {
            at++;
            end_line(s);
        }
    }
}

/* ---- The supervisor's answer ---- */

static void give_status(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct build *b = handle->data;
    (void)suggested;
    *buf = uv_buf_init(b->status_bytes + b->status_length,
                       (unsigned)(sizeof b->status_bytes - b->status_length));
}

static void on_linger(uv_timer_t *timer)
{
    conclude(timer->data);
}

static void on_control(uv_stream_t *control, ssize_t n, const uv_buf_t *buf)
{
    struct build *b = control->data;
    (void)buf;
    if (n > 0)
        b->status_length += (size_t)n;
    if (n >= 0 && b->status_length < sizeof b->status_bytes)
        return;
    uv_read_stop(control);
    b->has_answered = true;
    uv_timer_start(&b->timer, on_linger, LINGER_MS, 0);
    stream_ended(b);
}

static void on_time_limit(uv_timer_t *timer)
{
    stop(timer->data, ENDING_TIMEOUT);
}

/* ---- Beginning ---- */

static char *staged_name(const struct build *b)
{
    return xasprintf(".%s.build-%d", b->binary, (int)getpid());
}

/* Finds out what to do, and announces it. */
static int prepare(struct build *b, char **command, struct error *err)
{
    *command = NULL;
    b->toolchains = toolchains_load(b->data_dir, err);
    if (b->toolchains)
        b->toolchain = toolchains_recognise(b->toolchains, b->dir, err);
    if (b->toolchain) {
        b->command = toolchain_expand(b->toolchain, b->toolchain->build, b->dir, b->binary, err);
        if (strstr(b->toolchain->build, "{binary}") || b->toolchain->product)
            b->staged = staged_name(b);
    }
    emit_start(b);
    if (!b->command || !toolchain_present(b->toolchain, err))
        return -1;
    *command =
        toolchain_expand(b->toolchain, b->toolchain->build, b->dir, b->staged ? b->staged : b->binary, err);
    b->diagnostics = diagnostics_new(b->toolchain->errors, b->toolchain->pattern, b->dir);
    return *command ? 0 : -1;
}

static void open_stream(struct build *b, struct stream *s, int fd, bool is_stderr)
{
    s->build = b;
    s->is_stderr = is_stderr;
    s->pipe.data = s;
    uv_pipe_init(b->o.loop, &s->pipe, 0);
    uv_pipe_open(&s->pipe, fd);
    uv_read_start((uv_stream_t *)&s->pipe, give_chunk, on_output);
    b->open_handles++;
    b->open_streams++;
}

static int run(struct build *b, const char *command, struct error *err)
{
    char **environment = toolchain_environment(b->toolchain);
    autofree char *leftover = b->staged ? path_join(b->dir, b->staged) : NULL;
    struct supervised child;
    struct supervise_options options = {
        .command = command, .dir = b->dir, .environment = environment, .leftover = leftover};
    int result = supervise_start(&options, &child, err);
    for (char **e = environment; *e; e++)
        free(*e);
    free(environment);
    if (result)
        return -1;

    b->supervisor = child.pid;
    b->under_way = true;
    b->control.data = b;
    uv_pipe_init(b->o.loop, &b->control, 0);
    uv_pipe_open(&b->control, child.control);
    uv_read_start((uv_stream_t *)&b->control, give_status, on_control);
    b->open_handles++;
    b->open_streams++;
    open_stream(b, &b->streams[0], child.out, false);
    open_stream(b, &b->streams[1], child.err, true);
    uv_timer_start(&b->timer, on_time_limit, (uint64_t)b->o.time_limit_ms, 0);
    return 0;
}

static void begin(uv_timer_t *timer)
{
    struct build *b = timer->data;
    char *command = NULL;

    if (b->ending != ENDING_COMMAND) {
        emit_start(b);
        conclude(b);
    } else if (prepare(b, &command, &b->error) || run(b, command, &b->error)) {
        conclude(b);
    }
    free(command);
}

/* ---- The end ---- */

/* "3 errors, the first in main.c:12: expected ';' before 'return'"; "" when no error was recognised. */
static char *first_error(const struct build *b)
{
    size_t n, errors = 0;
    const struct diagnostic *list = diagnostics_list(b->diagnostics, &n);
    const struct diagnostic *first = NULL;
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].severity, "error") == 0 && errors++ == 0)
            first = &list[i];
    if (!first)
        return xstrdup("");
    autofree char *place = first->line ? xasprintf("%s:%d", first->file, first->line) : xstrdup(first->file);
    if (errors == 1)
        return xasprintf("an error in %s: %s", place, first->message);
    return xasprintf("%zu errors, the first in %s: %s", errors, place, first->message);
}

static void judge_command(struct build *b)
{
    int status;
    if (b->status_length < sizeof status) {
        error_set(&b->error, "the build was broken off: the process that watched over it was killed");
        return;
    }
    memcpy(&status, b->status_bytes, sizeof status);
    if (WIFSIGNALED(status)) {
        error_set(&b->error, "`%s` was ended by signal %d (%s)", b->command, WTERMSIG(status),
                  strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) != 0) {
        autofree char *what = first_error(b);
        if (what[0])
            error_set(&b->error, "%s", what);
        else if (WEXITSTATUS(status) > 128 && WEXITSTATUS(status) < 128 + NSIG) /* so says the shell */
            error_set(&b->error, "`%s` was ended by signal %d (%s)", b->command, WEXITSTATUS(status) - 128,
                      strsignal(WEXITSTATUS(status) - 128));
        else
            error_set(&b->error, "`%s` ended with exit status %d: its output says why", b->command,
                      WEXITSTATUS(status));
    } else {
        program_place(b->toolchain, b->command, b->dir, b->staged, b->binary, &b->error);
    }
}

static void release(struct build *b)
{
    toolchains_free(b->toolchains);
    diagnostics_free(b->diagnostics);
    for (size_t i = 0; i < ARRAY_LEN(b->streams); i++)
        buf_free(&b->streams[i].line);
    free(b->command);
    free(b->staged);
    free(b->data_dir);
    free(b->dir);
    free(b->binary);
    free(b);
}

static void handle_closed(struct build *b)
{
    if (--b->open_handles > 0)
        return;
    emit_end(b);
    release(b);
}

static void on_closed(uv_handle_t *handle)
{
    handle_closed(handle->data);
}

static void on_stream_closed(uv_handle_t *handle)
{
    handle_closed(((struct stream *)handle->data)->build);
}

/* Called once everything has come to its end, or could not begin. The end is told when all handles are
 * closed, so that the loop holds nothing of this build any more. */
static void conclude(struct build *b)
{
    if (b->concluding)
        return;
    b->concluding = true;
    if (b->ending == ENDING_CANCELLED)
        error_set(&b->error, "the build was cancelled");
    else if (b->ending == ENDING_TIMEOUT)
        error_set(&b->error, "the build took longer than %g s and was stopped (`%s`)",
                  b->o.time_limit_ms / 1000.0, b->command);
    else if (b->error.text[0] == '\0')
        judge_command(b);

    uv_close((uv_handle_t *)&b->timer, on_closed);
    if (b->under_way) {
        uv_close((uv_handle_t *)&b->control, on_closed); /* with that the supervisor is free to go */
        while (waitpid(b->supervisor, NULL, 0) < 0 && errno == EINTR)
            ;
        for (size_t i = 0; i < ARRAY_LEN(b->streams); i++)
            uv_close((uv_handle_t *)&b->streams[i].pipe, on_stream_closed);
    }
}
