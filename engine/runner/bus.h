/* Where the events of one run go: to every reader. */
#ifndef RUNNER_BUS_H
#define RUNNER_BUS_H

#include "event/event.h"

#include <stddef.h>
#include <stdint.h>

enum { BUS_READERS_MAX = 8 };

struct bus {
    uint64_t epoch_ns; /* the events' times count from here */
    size_t n_readers;
    struct {
        event_handler *handler;
        void *context;
    } readers[BUS_READERS_MAX];
};

/* An empty bus whose clock starts now. */
void bus_init(struct bus *b);
void bus_add(struct bus *b, event_handler *handler, void *context);
/* The same, before those that are there. */
void bus_add_first(struct bus *b, event_handler *handler, void *context);

/* Hands the event to every reader, with its time set to now. A reader may send events of its own meanwhile.
 */
void bus_send(struct bus *b, struct event *e);

/* Sends an EVENT_NOTICE. */
void bus_notice(struct bus *b, bool is_warning, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
