/* Any bytes from the keyboard: the parser survives them, and what it reports is sane. The first byte says how the rest
 * is cut into reads, and after which of them the time-out for a lone ESC strikes. */
#include "tty/input.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void look(void *context, const struct input_event *e)
{
    (void)context;
    char name[32];

    if (e->type == INPUT_KEY) {
        key_name(&e->key, name);
        if (e->key.n_bytes > KEY_BYTES_MAX || e->key.code > KEYCODE_UNKNOWN)
            abort();
    }
    if (e->type == INPUT_MOUSE && (e->mouse.row < 0 || e->mouse.col < 0))
        abort();
    /* Whatever is reported can be read. */
    volatile char last = e->size ? e->data[e->size - 1] : 0;
    (void)last;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0)
        return 0;
    struct input *in = input_new(look, NULL);
    size_t piece = data[0] % 16 + 1u;

    for (size_t at = 1; at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        input_feed(in, data + at, n);
        if (data[0] & 0x80 && data[at] % 8 == 0)
            input_timeout(in);
    }
    input_timeout(in);
    input_free(in);
    return 0;
}
