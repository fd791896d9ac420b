/* NDJSON: the event stream itself, a line an event, written as it happens. */
#include "report/format.h"

static void handle(struct report *r, const struct event *e)
{
    event_encode(e, &r->out);
}

const struct format format_ndjson = {.name = "ndjson", .size = 1, .handle = handle};
