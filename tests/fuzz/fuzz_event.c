/* Any bytes into the reader; whatever comes out must survive another trip through the stream. */
#include "event/event.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_event(void *context, const struct event *e)
{
    struct buf first = {0}, second = {0};
    struct event back;
    struct error err;
    (void)context;

    event_encode(e, &first);
    if (first.len > EVENT_LINE_MAX || event_decode(first.data, first.len, &back, &err))
        abort();
    event_encode(&back, &second);
    if (first.len != second.len || memcmp(first.data, second.data, first.len))
        abort();
    event_free(&back);
    buf_free(&first);
    buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event_reader *r = event_reader_new(check_event, NULL);
    size_t half = size / 2;

    event_reader_feed(r, data, half);
    event_reader_feed(r, data + half, size - half);
    event_reader_end(r);
    event_reader_free(r);
    return 0;
}
