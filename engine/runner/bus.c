/* The bus: a list of readers and a clock. */
#include "runner/bus.h"

#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bus_init(struct bus *b)
{
    *b = (struct bus){.epoch_ns = clock_now_ns()};
}

void bus_add(struct bus *b, event_handler *handler, void *context)
{
    assert(b->n_readers < BUS_READERS_MAX);
    b->readers[b->n_readers].handler = handler;
    b->readers[b->n_readers].context = context;
    b->n_readers++;
}

void bus_add_first(struct bus *b, event_handler *handler, void *context)
{
    bus_add(b, handler, context);
    memmove(&b->readers[1], &b->readers[0], (b->n_readers - 1) * sizeof b->readers[0]);
    b->readers[0].handler = handler;
    b->readers[0].context = context;
}

void bus_send(struct bus *b, struct event *e)
{
    e->t = clock_ms_since(b->epoch_ns) / 1e3;
    for (size_t i = 0; i < b->n_readers; i++)
        b->readers[i].handler(b->readers[i].context, e);
}

void bus_notice(struct bus *b, bool is_warning, const char *format, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bus_send(b, &(struct event){.type = EVENT_NOTICE, .notice = {.is_warning = is_warning, .text = text}});
}
