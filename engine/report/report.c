/* The table of formats, and what they have in common: an event goes in, one piece of output comes out. */
#include "report/format.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct format *const formats[] = {&format_pretty, &format_ndjson, &format_tap, &format_junit};

const char *const report_formats[] = {"pretty", "ndjson", "tap", "junit", NULL};

struct report *report_new(const char *format, const struct report_options *options)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (strcmp(formats[i]->name, format) != 0)
            continue;
        struct report *r = xcalloc(1, sizeof *r);
        r->format = formats[i];
        r->options = *options;
        r->state = xcalloc(1, formats[i]->size);
        return r;
    }
    return NULL;
}

static void write_out(struct report *r)
{
    if (r->out.len)
        r->options.write(r->options.context, r->out.data, r->out.len);
    buf_clear(&r->out);
}

void report_event(void *report, const struct event *e)
{
    struct report *r = report;
    r->format->handle(r, e);
    write_out(r);
}

void report_finish(struct report *r)
{
    if (r->finished)
        return;
    r->finished = true;
    if (r->format->finish)
        r->format->finish(r);
    write_out(r);
}

void report_free(struct report *r)
{
    if (!r)
        return;
    if (r->format->free)
        r->format->free(r);
    buf_free(&r->out);
    free(r->state);
    free(r);
}
