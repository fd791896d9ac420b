/* Any bytes into the parser of HTTP messages: the first byte chooses what is read, and where the rest is cut.
 * Whole or in two pieces, the result is the same. */
#include "harness/httpparse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads one message; returns how many bytes it took. */
static size_t read_message(struct http_parser *p, Bytes first, Bytes second)
{
    size_t n = http_parser_feed(p, first);

    if (n > first.size || (n < first.size && p->progress == HTTP_MORE))
        abort();
    if (n == first.size)
        n += http_parser_feed(p, second);
    http_parser_end(p);
    if (p->progress == HTTP_MORE || (p->progress == HTTP_BAD) != (p->wrong[0] != '\0'))
        abort();
    return n;
}

static void touch(const HttpMessage *m)
{
    size_t length = 0;

    for (size_t i = 0; i < m->n_fields; i++)
        length += strlen(m->fields[i].name) + strlen(m->fields[i].value);
    if (length > m->head.size || m->body.size > HTTP_BODY_MAX)
        abort();
    http_lists(m, "Connection", "close");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_parser whole = {0}, cut = {0};

    if (size == 0)
        return 0;
    Bytes input = {data + 1, size - 1};
    size_t at = size > 1 ? (data[0] >> 2) * (size - 1) / 64 : 0;
    whole.responses = cut.responses = data[0] & 1;
    whole.answers_head = cut.answers_head = data[0] & 2;

    size_t n = read_message(&whole, input, slice(input, input.size, 0));
    size_t m = read_message(&cut, slice(input, 0, at), slice(input, at, input.size - at));
    if (n != m || whole.progress != cut.progress || strcmp(whole.wrong, cut.wrong) != 0)
        abort();
    if (whole.progress == HTTP_WHOLE) {
        touch(&whole.message);
        if (whole.message.body.size != cut.message.body.size ||
            memcmp(whole.message.body.data, cut.message.body.data, whole.message.body.size) != 0)
            abort();
    }
    http_parser_reset(&whole);
    http_parser_reset(&cut);
    return 0;
}
