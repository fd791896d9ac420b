/* The loop: what happens becomes changes of the model, and the model becomes frames.
 *
 * A frame is drawn at once when the last one is FRAME_MS old, else at that mark; while a shell floods, frames
 * are further apart and no byte is lost. Nothing runs when nothing happens: every timer is one-shot and stops
 * itself. */
#include "app/program.h"

#include "app/draw.h"
#include "app/session.h"
#include "app/update.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/shell.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    FRAME_MS = 8,
    FLOOD_FRAME_MS = 33,
    FLOOD_BYTES = 64 << 10, /* since the last frame: more than that is a flood */
    ANSWER_MS = 50,         /* so long after a key somebody waits for its effect, */
    ANSWER_FRAME_MS = 2,    /* and frames follow each other closely */
    CLICK_MS = 400,         /* between the clicks of a double click, at most */
    SHELL_TURN_MS = 4,      /* for reading one shell, before keys and frames have their turn; */
    ANSWER_TURN_MS = 1,     /* after a key */
};

/* ---- Frames ---- */

static void poll_tty(struct program *p);

static void draw_now(struct program *p)
{
    update_settle(p->m);
    world_do_intentions(p);
    update_settle(p->m); /* with what they brought */
    if (!p->tty)
        return;
    if (p->surface->rows != p->m->rows || p->surface->cols != p->m->cols)
        surface_resize(p->surface, p->m->rows, p->m->cols);
    draw_screen(p->m, p->surface);
    tty_draw(p->tty, p->surface);
    if (p->sync_asked) {
        char answer[64];
        int n = snprintf(answer, sizeof answer, "\033]7337;sync=%ld\033\\", p->sync_asked);
        tty_send(p->tty, answer, (size_t)n);
        p->sync_asked = 0;
    }
    p->dirty = false;
    p->flood = 0;
    p->last_frame = clock_now_ns();
    poll_tty(p);
}

static void on_frame_timer(uv_timer_t *timer);

static bool somebody_waits(const struct program *p)
{
    return clock_ms_since(p->last_key) < ANSWER_MS;
}

static void draw_if_due(struct program *p)
{
    if (!p->dirty || !p->tty || p->quitting || tty_is_writing(p->tty))
        return;
    int distance = somebody_waits(p) ? ANSWER_FRAME_MS : p->flood > FLOOD_BYTES ? FLOOD_FRAME_MS : FRAME_MS;
    double wait = distance - clock_ms_since(p->last_frame);
    if (wait <= 0)
        draw_now(p);
    else
        uv_timer_start(&p->frame_timer, on_frame_timer, (uint64_t)wait + 1, 0);
}

/* Its end is all that matters: the frame is drawn before the loop sleeps again. */
static void on_frame_timer(uv_timer_t *timer)
{
    (void)timer;
}

static void set_terminal_timer(struct program *p);

/* Once a turn, after everything that happened (timers, too) and before the loop sleeps. */
static void on_before_sleep(uv_prepare_t *prepare)
{
    struct program *p = prepare->data;
    world_do_intentions(p);
    set_terminal_timer(p);
    draw_if_due(p);
    if (p->tty && !p->quitting)
        poll_tty(p); /* whatever was sent may wait for the terminal to take it */
}

void program_changed(struct program *p)
{
    p->dirty = true;
}

/* ---- The tty ---- */

static void end_loop(struct program *p, int signal)
{
    p->quitting = true;
    p->ended_by = signal;
    uv_stop(&p->loop);
}

static void on_esc_timer(uv_timer_t *timer)
{
    struct program *p = timer->data;
    input_timeout(p->input);
}

/* A test's barrier, CSI 7337 ; n ~, is answered after the frame that shows all that came before it. */
static bool is_barrier(struct program *p, const struct input_event *e)
{
    const char *bytes = e->type == INPUT_KEY ? e->key.bytes : e->data;
    size_t n = e->type == INPUT_KEY ? e->key.n_bytes : e->size;
    char text[32] = "";
    long number;
    if (!p->test || (e->type != INPUT_KEY && e->type != INPUT_REPLY) || !bytes || n >= sizeof text)
        return false;
    memcpy(text, bytes, n);
    if (sscanf(text, "\033[7337;%ld~", &number) != 1)
        return false;
    p->sync_asked = number;
    return true;
}

/* Presses of one button in one place, shortly after one another: 1, 2, 3, and 1 again. */
static int count_clicks(struct program *p, const struct mouse *now)
{
    const struct mouse *last = &p->last_press;
    bool again = last->clicks > 0 && last->clicks < 3 && now->row == last->row && now->col == last->col &&
                 now->button == last->button && clock_ms_since(p->last_press_ns) < CLICK_MS;
    int clicks = again ? last->clicks + 1 : 1;
    p->last_press = *now;
    p->last_press.clicks = clicks;
    p->last_press_ns = clock_now_ns();
    return clicks;
}

static void on_input(void *context, const struct input_event *e)
{
    struct program *p = context;
    bool changed = true;
    if (!is_barrier(p, e)) {
        if (model_open_item(p->m)->workspace_state == WORKSPACE_MISSING)
            workspace_look(p, p->m->open);
        struct input_event counted = *e;
        if (e->type == INPUT_MOUSE && e->mouse.action == MOUSE_PRESS)
            counted.mouse.clicks = count_clicks(p, &e->mouse);
        changed = update_input(p->m, &counted);
        for (size_t i = 0; i < p->m->n_items; i++)
            if (p->m->items[i].shell)
                program_poll_shell(p, i); /* there may be bytes to write now */
        world_do_intentions(p);
    }
    if (changed)
        program_changed(p);
}

static void on_tty(uv_poll_t *poll, int status, int events)
{
    struct program *p = poll->data;
    char bytes[4096];
    if (status < 0) {
        end_loop(p, SIGHUP);
        return;
    }
    if (events & UV_READABLE) {
        ssize_t n = read(tty_fd(p->tty), bytes, sizeof bytes);
        if (n == 0) { /* hung up */
            end_loop(p, SIGHUP);
            return;
        }
        p->last_key = clock_now_ns();
        if (n > 0)
            input_feed(p->input, bytes, (size_t)n);
        uv_timer_stop(&p->esc_timer);
        if (input_is_waiting(p->input))
            uv_timer_start(&p->esc_timer, on_esc_timer, INPUT_ESC_MS, 0);
    }
    if ((events & UV_WRITABLE) && tty_flush(p->tty) < 0)
        end_loop(p, SIGHUP);
    if (!p->quitting)
        poll_tty(p);
}

/* Keys for a shell that does not read them wait in the kernel, and so in the learner's terminal. */
static bool shell_is_full(const struct program *p)
{
    const struct shell *s = model_open_item(p->m)->shell;
    return s && p->m->focus == PANE_TERMINAL && shell_is_clogged(s);
}

static void poll_tty(struct program *p)
{
    int events = (shell_is_full(p) ? 0 : UV_READABLE) | (tty_is_writing(p->tty) ? UV_WRITABLE : 0);
    if (events == p->tty_events)
        return;
    p->tty_events = events;
    if (events)
        uv_poll_start(&p->tty_poll, events, on_tty);
    else
        uv_poll_stop(&p->tty_poll);
}

/* ---- Shells ---- */

static void on_poll_closed(uv_handle_t *handle)
{
    free(handle);
}

static void stop_polling(struct shell_handle *h)
{
    if (!h->poll)
        return;
    uv_poll_stop(h->poll);
    uv_close((uv_handle_t *)h->poll, on_poll_closed);
    h->poll = NULL;
}

static void on_shell(uv_poll_t *poll, int status, int events)
{
    struct shell_handle *h = poll->data;
    struct program *p = h->program;
    struct shell *s = p->m->items[h->item].shell;
    uint64_t begun = clock_now_ns();
    bool alive = true;
    (void)status;
    if (events & UV_WRITABLE)
        shell_write_ready(s);
    size_t n = 1;
    int turn = somebody_waits(p) ? ANSWER_TURN_MS : SHELL_TURN_MS;
    while (alive && n > 0 && clock_ms_since(begun) < turn) {
        alive = shell_read(s, &n);
        p->flood += n;
    }
    if (!alive)
        stop_polling(h);
    workspace_shell_output(p, h->item);
    model_hear_shell(p->m, h->item);
    shell_reap(s);
    program_poll_shell(p, h->item);
    if (p->tty)
        poll_tty(p);
    if (h->item == p->m->open)
        program_changed(p);
}

void program_poll_shell(struct program *p, size_t item)
{
    struct shell_handle *h = &p->shells[item];
    struct shell *s = p->m->items[item].shell;
    int fd = s ? shell_fd(s) : -1;
    if (fd < 0) {
        stop_polling(h);
        return;
    }
    int events = UV_READABLE | (shell_wants_write(s) ? UV_WRITABLE : 0);
    if (!h->poll) {
        h->poll = xcalloc(1, sizeof *h->poll);
        h->poll->data = h;
        h->program = p;
        h->item = item;
        h->events = 0;
        uv_poll_init(&p->loop, h->poll, fd);
    }
    if (events != h->events)
        uv_poll_start(h->poll, events, on_shell);
    h->events = events;
}

/* Synchronised updates and unfinished strings of the open shell are given up in time. */
static void on_terminal_timer(uv_timer_t *timer)
{
    struct program *p = timer->data;
    struct shell *s = model_open_item(p->m)->shell;
    if (s)
        shell_tick(s, clock_now_ns());
    program_changed(p);
}

static void set_terminal_timer(struct program *p)
{
    const struct shell *s = model_open_item(p->m)->shell;
    uint64_t when = s ? shell_deadline(s) : 0, now = clock_now_ns();
    if (when == 0)
        uv_timer_stop(&p->terminal_timer);
    else if (!uv_is_active((uv_handle_t *)&p->terminal_timer))
        uv_timer_start(&p->terminal_timer, on_terminal_timer, when > now ? (when - now) / 1000000 + 1 : 0, 0);
}

/* ---- Signals ---- */

static void take_size(struct program *p)
{
    int rows, cols;
    tty_size(p->tty, &rows, &cols);
    if (rows != p->m->rows || cols != p->m->cols)
        update_resize(p->m, rows, cols);
    tty_repaint(p->tty); /* there may have been another size in between, which cut what was there */
    program_changed(p);
}

static void on_signal(uv_signal_t *handle, int signal)
{
    struct program *p = handle->data;
    switch (signal) {
    case SIGWINCH:
        take_size(p);
        break;
    case SIGCHLD:
        for (size_t i = 0; i < p->m->n_items; i++)
            if (p->m->items[i].shell && shell_reap(p->m->items[i].shell))
                program_changed(p);
        break;
    case SIGCONT: /* of a stop that was not ours: kill -STOP */
        if (p->continued) {
            p->continued = false;
            break;
        }
        tty_resume(p->tty);
        take_size(p);
        program_changed(p);
        break;
    case SIGTSTP:
        model_want(p->m, INTENT_SUSPEND, NULL, 0);
        break;
    default:
        end_loop(p, signal);
        break;
    }
}

static void start_signals(struct program *p)
{
    static const int caught[] = {
        [SIGNAL_STOP] = SIGTSTP, SIGWINCH, SIGCHLD, SIGCONT, SIGTERM, SIGHUP, SIGINT};
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        uv_signal_init(&p->loop, &p->signals[i]);
        p->signals[i].data = p;
        uv_signal_start(&p->signals[i], on_signal, caught[i]);
    }
    signal(SIGPIPE, SIG_IGN);
}

/* ---- The whole ---- */

static void init_handles(struct program *p)
{
    uv_timer_t *timers[] = {&p->esc_timer, &p->frame_timer, &p->terminal_timer, &p->kill_timer,
                            &p->store_timer};
    uv_loop_init(&p->loop);
    for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
        uv_timer_init(&p->loop, timers[i]);
        timers[i]->data = p;
    }
    uv_prepare_init(&p->loop, &p->before_sleep);
    p->before_sleep.data = p;
}

static void close_all(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle) && handle->type != UV_PROCESS && handle->type != UV_NAMED_PIPE)
        uv_close(handle, NULL);
}

static void free_program(struct program *p)
{
    world_stop(p);
    progress_stop(p);
    for (size_t i = 0; p->m && i < p->m->n_items; i++) {
        stop_polling(&p->shells[i]);
        free(p->shells[i].type);
    }
    /* Children that were told to end are not waited for: what they leave is theirs to clean up. */
    uv_walk(&p->loop, close_all, NULL);
    uv_run(&p->loop, UV_RUN_NOWAIT);
    tty_close(p->tty);
    input_free(p->input);
    surface_free(p->surface);
    model_free(p->m);
    free(p->shells);
    free(p->engine);
    free(p->shell_path);
    free(p->shell_editor);
    free(p->store_path);
    free(p->next_check);
    buf_free(&p->list_answer);
    buf_free(&p->doctor_answer);
}

static int run_screen(struct program *p, struct error *err)
{
    const char *term = getenv("TERM");
    if (isatty(STDIN_FILENO) && (!term || !*term || strcmp(term, "dumb") == 0))
        return error_set(
            err,
            "a terminal that cannot move its cursor (TERM=%s) shows no full screen; `lux` does the "
            "same without one: try `lux help`",
            term ? term : "");
    start_signals(p); /* before curses: it installs handlers of its own where there are none */
    p->tty = tty_open(&(struct tty_options){.mouse = p->m->mouse}, err);
    if (!p->tty)
        return -1;
    int rows, cols;
    tty_size(p->tty, &rows, &cols);
    p->surface = surface_new(rows, cols);
    p->input = input_new(on_input, p);
    update_resize(p->m, rows, cols);
    uv_poll_init(&p->loop, &p->tty_poll, tty_fd(p->tty));
    p->tty_poll.data = p;
    uv_prepare_start(&p->before_sleep, on_before_sleep);
    draw_now(p); /* the first frame before anything else is started */
    static const char ask_background[] = "\033]11;?\033\\"; /* for the theme; the answer may never come */
    tty_send(p->tty, ask_background, sizeof ask_background - 1);
    world_start(p);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    return 0;
}

int program_run(const struct program_options *o, struct error *err)
{
    struct program *p = xcalloc(1, sizeof *p);
    const char *test = getenv("LUXTUI_TEST");
    p->test = test && strcmp(test, "1") == 0;
    setlocale(LC_ALL, "");
    ui_set_unicode(strcmp(nl_langinfo(CODESET), "UTF-8") == 0);
    mem_on_exhaustion(tty_restore);
    init_handles(p);

    int status = start_model(p, o, err);
    if (status == 0) {
        progress_start(p);
        status = start_open(p, o, err);
    }
    if (status == 0)
        status = run_screen(p, err);
    int signal_number = p->ended_by;
    if (status == 0)
        session_save(p->m, NULL); /* losing it is a nuisance and no more */
    free_program(p);
    uv_loop_close(&p->loop);
    free(p);
    if (signal_number) { /* the shell that started us should see the true cause */
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    return status == 0 ? 0 : 2;
}
