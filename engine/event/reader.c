/* Splits a stream of bytes into lines and hands on what they say. */
#include "event/event.h"

#include "base/escape.h"
#include "base/mem.h"

#include <string.h>

struct event_reader {
    event_handler *handler;
    void *context;
    struct buf line; /* the unfinished line; at most EVENT_LINE_MAX bytes */
    size_t skipped;  /* bytes thrown away of a line that is too long; 0: none is */
    double t;        /* of the last event: a notice of our own gets the same */
};

struct event_reader *event_reader_new(event_handler *handler, void *context)
{
    struct event_reader *r = xcalloc(1, sizeof *r);
    r->handler = handler;
    r->context = context;
    r->line.limit = EVENT_LINE_MAX - 1; /* without the line feed */
    return r;
}

void event_reader_free(struct event_reader *r)
{
    if (r)
        buf_free(&r->line);
    free(r);
}

static void report(struct event_reader *r, const char *text)
{
    struct event notice = {.type = EVENT_NOTICE, .t = r->t, .notice = {.is_warning = true, .text = text}};
    r->handler(r->context, &notice);
}

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!strchr(" \t\r", line[i]) || line[i] == '\0')
            return false;
    }
    return true;
}

static void take_line(struct event_reader *r, const char *line, size_t len)
{
    struct event e;
    struct error err = {0};

    if (is_blank(line, len))
        return;
    int status = event_decode(line, len, &e, &err);
    if (status == 0) {
        r->t = e.t;
        r->handler(r->context, &e);
        event_free(&e);
    } else if (status < 0) {
        struct buf text = {0};
        buf_addstr(&text, "A line of the event stream was skipped: ");
        escape_bytes(&text, err.text, strlen(err.text));
        buf_addstr(&text, ". It begins with: ");
        escape_bytes(&text, line, len < 60 ? len : 60);
        report(r, buf_str(&text));
        buf_free(&text);
    }
}

static void end_skipped(struct event_reader *r, size_t more)
{
    autofree char *text =
        xasprintf("A line of the event stream was skipped: it has %zu bytes, and %d are allowed.",
                  r->skipped + more, EVENT_LINE_MAX);
    r->skipped = 0;
    report(r, text);
}

/* A piece of a line, with or without its end. */
static void take_piece(struct event_reader *r, const char *piece, size_t len, bool ends)
{
    if (r->skipped) {
        if (ends)
            end_skipped(r, len);
        else
            r->skipped += len;
    } else if (ends && r->line.len == 0 && len < EVENT_LINE_MAX) {
        take_line(r, piece, len); /* the common case: no copy */
    } else if (!buf_add(&r->line, piece, len)) {
        r->skipped = r->line.len + len;
        buf_clear(&r->line);
        if (ends)
            end_skipped(r, 0);
    } else if (ends) {
        take_line(r, buf_str(&r->line), r->line.len);
        buf_clear(&r->line);
    }
}

void event_reader_feed(struct event_reader *r, const void *bytes, size_t n)
{
    const char *p = bytes, *end = p + n;

    while (p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        take_piece(r, p, (size_t)((lf ? lf : end) - p), lf != NULL);
        p = lf ? lf + 1 : end;
    }
}

void event_reader_end(struct event_reader *r)
{
    if (r->skipped) {
        end_skipped(r, 0);
    } else if (r->line.len > 0) {
        struct buf text = {0};
        buf_addstr(&text, "The event stream ended in the middle of a line: ");
        escape_bytes(&text, buf_str(&r->line), r->line.len < 60 ? r->line.len : 60);
        report(r, buf_str(&text));
        buf_free(&text);
    }
    buf_clear(&r->line);
}
