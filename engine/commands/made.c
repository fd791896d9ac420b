#include "commands/made.h"

#include "commands/lock.h"
#include "commands/notice.h"

#include "base/mem.h"
#include "runner/interrupt.h"
#include "workspace/build.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

struct making {
    const struct command *command;
    uv_loop_t loop;
    uv_poll_t interrupt;
    struct build *build;
    struct buf said; /* by the toolchain */
    int code;
};

static void on_build_event(void *context, const struct event *e)
{
    struct making *m = context;
    if (e->type == EVENT_BUILD_OUTPUT)
        buf_printf(&m->said, "%s\n", e->build_output.text);
    if (e->type != EVENT_BUILD_END)
        return;
    m->build = NULL;
    uv_close((uv_handle_t *)&m->interrupt, NULL);
    if (e->build_end.ok)
        return;
    fputs(buf_str(&m->said), stderr);
    m->code = command_failed(m->command, LUX_NO_BUILD, "%s", e->build_end.error);
}

static void on_interrupt(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    struct making *m = handle->data;
    uv_poll_stop(handle);
    if (m->build)
        build_cancel(m->build);
}

static int build(const struct subject *s, struct making *m, int interrupt_fd)
{
    int status = uv_loop_init(&m->loop);
    if (status == 0)
        status = uv_poll_init(&m->loop, &m->interrupt, interrupt_fd);
    if (status < 0)
        return command_failed(m->command, LUX_FAILED, "cannot make the event loop: %s", uv_strerror(status));
    m->interrupt.data = m;
    uv_poll_start(&m->interrupt, UV_READABLE, on_interrupt);
    m->build = build_run(&(struct build_options){.loop = &m->loop,
                                                 .data_dir = s->data_dir,
                                                 .dir = s->dir,
                                                 .binary = s->challenge->binary,
                                                 .handler = on_build_event,
                                                 .context = m});
    uv_run(&m->loop, UV_RUN_DEFAULT);
    uv_loop_close(&m->loop);
    buf_free(&m->said);
    return m->code;
}

int make_program(const struct subject *s, const struct command *c)
{
    struct making m = {.command = c};
    struct error err;
    struct bus bus;
    int interrupt_fd = interrupt_watch(&err);
    if (interrupt_fd < 0)
        return command_failed(c, LUX_FAILED, "%s", err.text);
    bus_init(&bus);
    bus_add(&bus, notice_event, (void *)(uintptr_t)c);
    int lock = lock_workspace(s->dir, interrupt_fd, &bus);
    int code = lock == LOCK_INTERRUPTED ? LUX_FAILED : build(s, &m, interrupt_fd);
    if (lock >= 0)
        close(lock);
    if (interrupt_signal())
        interrupt_die(interrupt_signal());
    return code;
}
