/* Child programs: see child.h. */
#include "app/child.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"

#include <signal.h>
#include <string.h>

enum { COMPLAINT_MAX = 4096, CHUNK = 64 << 10 }; /* of stderr the last bytes are kept */

struct child {
    uv_process_t process;
    uv_pipe_t out, err;
    struct child_callbacks callbacks;
    void *user;
    struct buf complaint;
    int status, open; /* open: handles that are not closed yet */
    bool exited, out_ended, err_ended, done;
    char chunk[CHUNK];
};

static void on_closed(uv_handle_t *handle)
{
    struct child *c = handle->data;
    if (--c->open > 0)
        return;
    buf_free(&c->complaint);
    free(c);
}

static void let_go(struct child *c)
{
    c->done = true;
    uv_close((uv_handle_t *)&c->process, on_closed);
    uv_close((uv_handle_t *)&c->out, on_closed);
    uv_close((uv_handle_t *)&c->err, on_closed);
}

/* The program has ended for the screen once it is reaped and both its pipes are empty. */
static void finish_if_over(struct child *c)
{
    if (!c->exited || !c->out_ended || !c->err_ended || c->done)
        return;
    struct buf text = {0};
    escape_text(&text, buf_str(&c->complaint), c->complaint.len);
    let_go(c);
    if (c->callbacks.done)
        c->callbacks.done(c->user, c->status, buf_str(&text));
    buf_free(&text);
}

static void on_exit_status(uv_process_t *process, int64_t status, int signal)
{
    struct child *c = process->data;
    c->exited = true;
    c->status = signal ? 128 + signal : (int)status;
    finish_if_over(c);
}

static void give_chunk(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    (void)suggested;
    struct child *c = handle->data;
    *out = uv_buf_init(c->chunk, CHUNK);
}

static void on_stdout(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct child *c = stream->data;
    if (n < 0) {
        uv_read_stop(stream);
        c->out_ended = true;
        finish_if_over(c);
    } else if (n > 0 && c->callbacks.out) {
        c->callbacks.out(c->user, bytes->base, (size_t)n);
    }
}

static void on_stderr(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct child *c = stream->data;
    if (n < 0) {
        uv_read_stop(stream);
        c->err_ended = true;
        finish_if_over(c);
        return;
    }
    buf_add(&c->complaint, bytes->base, (size_t)n);
    if (c->complaint.len > COMPLAINT_MAX)
        buf_drop(&c->complaint, c->complaint.len - COMPLAINT_MAX);
}

/* libuv takes them as strings that could be changed. */
static char **copy_arguments(const char *const *argv)
{
    size_t n = 0;
    while (argv[n])
        n++;
    char **copy = xcalloc(n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = xstrdup(argv[i]);
    return copy;
}

struct child *child_spawn(uv_loop_t *loop, const char *const *argv, const struct child_callbacks *callbacks,
                          void *user, struct error *err)
{
    struct child *c = xcalloc(1, sizeof *c);
    c->callbacks = *callbacks;
    c->user = user;
    c->open = 3;
    uv_pipe_init(loop, &c->out, 0);
    uv_pipe_init(loop, &c->err, 0);
    c->process.data = c->out.data = c->err.data = c;
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->out},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->err},
    };
    char **args = copy_arguments(argv);
    uv_process_options_t options = {
        .exit_cb = on_exit_status,
        .file = argv[0],
        .args = args,
        .stdio = stdio,
        .stdio_count = 3,
        .flags = UV_PROCESS_DETACHED, /* a Ctrl-C at our terminal is ours, not the engine's */
    };
    int status = uv_spawn(loop, &c->process, &options);
    for (char **a = args; *a; a++)
        free(*a);
    free(args);
    if (status < 0) {
        error_set(err, "%s cannot be started: %s", argv[0], uv_strerror(status));
        let_go(c);
        return NULL;
    }
    uv_read_start((uv_stream_t *)&c->out, give_chunk, on_stdout);
    uv_read_start((uv_stream_t *)&c->err, give_chunk, on_stderr);
    return c;
}

void child_signal(struct child *c, int signal)
{
    if (!c->exited)
        uv_process_kill(&c->process, signal);
}

void child_free(struct child *c, int signal)
{
    if (!c || c->done)
        return;
    child_signal(c, signal);
    c->callbacks = (struct child_callbacks){0};
    let_go(c);
}
