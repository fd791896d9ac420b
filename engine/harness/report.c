#include "harness/report.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "harness/world.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct strings {
    const char **items;
    size_t n;
};

static struct step *steps;
static size_t n_steps;
static bool steps_frozen; /* a failure has taken them: what happens while it is explained is no part of it */
static bool hushed;
enum { AT_END_MAX = 4 };
static void (*at_end[AT_END_MAX])(void); /* each once */
static struct strings notes, commands;
static const char *subject;  /* of about() */
static struct buf exhausted; /* check_end for a checker without memory, made while there was some */

static void strings_add(struct strings *s, const char *item)
{
    s->items = xreallocarray(s->items, s->n + 1, sizeof *s->items);
    s->items[s->n++] = item;
}

/* The engine reads as long as the check runs; if it does not, there is nobody left to tell. */
static void write_all(const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(world.run->event_fd, data, size);
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            poll(&(struct pollfd){.fd = world.run->event_fd, .events = POLLOUT}, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            _exit(1);
        }
    }
}

static void emit(const struct event *e)
{
    struct buf line = {0};

    event_encode(e, &line);
    write_all(line.data, line.len);
    buf_free(&line);
}

__attribute__((format(printf, 1, 0))) static const char *vformat(const char *fmt, va_list args)
{
    char *s = NULL;

    if (vasprintf(&s, fmt, args) < 0)
        world_broken(errno, "A text could not be made");
    return s;
}

const char *format(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *s = vformat(fmt, args);
    va_end(args);
    return s;
}

static void emit_step(const struct step *s)
{
    emit(&(struct event){.type = EVENT_STEP, .step = {.check = world.run->check->id, .step = *s}});
}

void report_hush(bool h)
{
    hushed = h;
}

void step(const char *fmt, ...)
{
    if (steps_frozen || hushed)
        return;
    va_list args;
    va_start(args, fmt);
    struct step s = {.at = world_seconds(clock_now_ns()), .text = vformat(fmt, args)};
    va_end(args);

    if ((n_steps & (n_steps - 1)) == 0)
        steps = xreallocarray(steps, n_steps ? 2 * n_steps : 1, sizeof *steps);
    steps[n_steps++] = s;
    if (n_steps <= STEPS_LIVE)
        emit_step(&s);
    else if (n_steps == STEPS_LIVE + 1)
        emit_step(&(struct step){.at = s.at, .text = "more steps follow; a failure shows the last of them"});
}

void report_output(const char *program, const char *stream, const char *data, size_t size)
{
    enum { LINES_MAX = 500, LINE_MAX_BYTES = 1000 };
    static size_t lines;

    if (!world.run->show_output)
        return;
    for (size_t at = 0; at < size && lines <= LINES_MAX; lines++) {
        const char *feed = memchr(data + at, '\n', size - at);
        size_t whole = feed ? (size_t)(feed - data) + 1 - at : size - at;
        size_t shown = whole < LINE_MAX_BYTES ? whole : LINE_MAX_BYTES;
        struct buf text = {0};
        buf_printf(&text, "%s %s: ", program, stream);
        escape_bytes(&text, data + at, shown - (feed != NULL && shown == whole));
        if (shown < whole)
            buf_printf(&text, " ... (%zu bytes)", whole);
        if (lines == LINES_MAX)
            buf_addstr(&text, " (more follows, which is not shown)");
        emit_step(&(struct step){.at = world_seconds(clock_now_ns()), .text = buf_str(&text)});
        buf_free(&text);
        at += whole;
    }
}

struct step *report_steps(size_t *n)
{
    steps_frozen = true;
    if (n_steps <= STEPS_FIRST + STEPS_LAST) {
        *n = n_steps;
        return steps;
    }
    struct step *some = xreallocarray(NULL, STEPS_FIRST + 1 + STEPS_LAST, sizeof *some);
    size_t from = n_steps - STEPS_LAST;
    memcpy(some, steps, STEPS_FIRST * sizeof *some);
    some[STEPS_FIRST] = (struct step){.at = steps[STEPS_FIRST].at,
                                      .text = format("... %zu steps are not shown ...", from - STEPS_FIRST)};
    memcpy(some + STEPS_FIRST + 1, steps + from, STEPS_LAST * sizeof *some);
    *n = STEPS_FIRST + 1 + STEPS_LAST;
    return some;
}

void note(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    strings_add(&notes, vformat(fmt, args));
    va_end(args);
}

void about(const char *fmt, ...)
{
    va_list args;

    subject = NULL;
    if (!fmt)
        return;
    va_start(args, fmt);
    subject = vformat(fmt, args);
    va_end(args);
}

const char *report_about(void)
{
    return subject;
}

void by_hand(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    strings_add(&commands, vformat(fmt, args));
    va_end(args);
}

const char **report_by_hand(size_t *n)
{
    struct strings all = {0};

    strings_add(&all, format("lux check %s --only %s --seed %" PRIu64, world.run->check->challenge,
                             world.run->check->id, world.run->seed));
    for (size_t i = 0; i < commands.n; i++)
        strings_add(&all, commands.items[i]);
    *n = all.n;
    return all.items;
}

static void emit_end(const struct event_check_end *end)
{
    struct event e = {.type = EVENT_CHECK_END, .check_end = *end};

    e.check_end.check = world.run->check->id;
    e.check_end.ms = clock_ms_since(world.began_ns);
    e.check_end.notes = notes.items;
    e.check_end.n_notes = notes.n;
    emit(&e);
}

void report_at_end(void (*f)(void))
{
    for (size_t i = 0; i < AT_END_MAX; i++)
        if (!at_end[i] || at_end[i] == f) {
            at_end[i] = f;
            return;
        }
    world_broken(0, "more than %d things to clean up", AT_END_MAX);
}

static void clean_up(void)
{
    for (size_t i = 0; i < AT_END_MAX && at_end[i]; i++)
        at_end[i]();
}

void report_end(const struct event_check_end *end)
{
    emit_end(end);
    clean_up();
    _exit(0);
}

void report_pass(void)
{
    emit_end(&(struct event_check_end){.verdict = VERDICT_PASS});
    clean_up();
}

static void on_exhaustion(void)
{
    write_all(exhausted.data, exhausted.len);
    _exit(0);
}

void report_prepare(void)
{
    struct event e = {
        .type = EVENT_CHECK_END,
        .check_end = {.check = world.run->check->id,
                      .verdict = VERDICT_ERROR,
                      .reason =
                          "The checker itself failed, not your program: this machine has no memory left."}};

    event_encode(&e, &exhausted);
    mem_on_exhaustion(on_exhaustion);
}

void skip(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *reason = vformat(fmt, args);
    va_end(args);
    report_end(&(struct event_check_end){.verdict = VERDICT_SKIP, .reason = reason});
}
