/* The input parser: what each sequence means, and that it means the same wherever the reads cut it. */
#include "cmocka_all.h"

#include "base/buf.h"
#include "tty/input.h"

#include <string.h>

/* Every event as a line of text. */
static void record(void *context, const struct input_event *e)
{
    static const char *const actions[] = {"press", "release", "drag", "move", "wheel-up", "wheel-down"};
    struct buf *out = context;
    char name[32];

    switch (e->type) {
    case INPUT_KEY:
        buf_printf(out, "key %s\n", key_name(&e->key, name));
        break;
    case INPUT_MOUSE:
        buf_printf(out, "mouse %s %d,%d b%d m%d\n", actions[e->mouse.action], e->mouse.row, e->mouse.col,
                   e->mouse.button, e->mouse.mods);
        break;
    case INPUT_PASTE:
        buf_printf(out, "%.*s%s", (int)e->size, e->data, e->paste_end ? "<end>\n" : "");
        break;
    case INPUT_FOCUS:
        buf_printf(out, "focus %d\n", e->focused);
        break;
    case INPUT_REPLY:
        buf_printf(out, "reply %zu\n", e->size);
        break;
    }
}

static const struct {
    const char *bytes, *events;
} cases[] = {
    {"a", "key a\n"},
    {"A", "key A\n"},
    {"\r", "key Enter\n"},
    {"\n", "key C-j\n"},
    {"\t", "key Tab\n"},
    {"\x7f", "key Backspace\n"},
    {"\x07", "key C-g\n"},
    {"\x1c", "key C-\\\n"},
    {"\xc3\xa9", "key \xc3\xa9\n"},
    {"\xe4\xbd\xa0", "key \xe4\xbd\xa0\n"},
    {"\xf0\x9f\x90\xa7", "key \xf0\x9f\x90\xa7\n"},
    {"\033x", "key M-x\n"},
    {"\033\xc3\xa9", "key M-\xc3\xa9\n"},
    {"\033\r", "key M-Enter\n"},
    {"\033[A", "key Up\n"},
    {"\033OA", "key Up\n"},
    {"\033[1;5C", "key C-Right\n"},
    {"\033[1;2H", "key S-Home\n"},
    {"\033[1;3D", "key M-Left\n"},
    {"\033[Z", "key S-Tab\n"},
    {"\033[3~", "key Delete\n"},
    {"\033[5;5~", "key C-PgUp\n"},
    {"\033[15~", "key F5\n"},
    {"\033[24~", "key F12\n"},
    {"\033OP", "key F1\n"},
    {"\033[[C", "key F3\n"},
    {"\033[1;2R", "key S-F3\n"},
    {"\033[97;5u", "key C-a\n"},
    {"\033[13;2u", "key S-Enter\n"},
    {"\033[27;5;9~", "key C-Tab\n"},
    {"\033[I", "focus 1\n"},
    {"\033[O", "focus 0\n"},
    {"\033[<0;5;3M", "mouse press 2,4 b1 m0\n"},
    {"\033[<0;5;3m", "mouse release 2,4 b1 m0\n"},
    {"\033[<32;5;3M", "mouse drag 2,4 b1 m0\n"},
    {"\033[<35;5;3M", "mouse move 2,4 b0 m0\n"},
    {"\033[<64;1;1M", "mouse wheel-up 0,0 b0 m0\n"},
    {"\033[<81;1;1M", "mouse wheel-down 0,0 b0 m4\n"},
    {"\033[<66;1;1M", ""},
    {"\033[?62;22c", "reply 9\n"},
    {"\033[12;40R", "reply 8\n"},
    {"\033[?2026;2$y", "reply 11\n"},
    {"\033]11;rgb:0000/0000/0000\033\\", "reply 25\n"},
    {"\033]11;rgb:0000/0000/0000\x07", "reply 24\n"},
    {"\033P1$r0m\033\\", "reply 9\n"},
    {"\033[200~hello\nworld\033[201~x", "hello\nworld<end>\nkey x\n"},
    {"\033[200~a\033[20b\033[201~", "a\033[20b<end>\n"},
    {"\033[200~\033\033[201~", "\033<end>\n"},
    {"\033[200~\033[\033[201~", "\033[<end>\n"},
    {"\033[200~\033[201~", "<end>\n"},
    {"\xff"
     "a",
     "key \xef\xbf\xbd\nkey a\n"},
    {"\xc3"
     "a",
     "key \xef\xbf\xbd\nkey a\n"},
    {"\033[M !!a", "key a\n"},
    {"\033[99~", "key ?\n"},
    {"\033[1\033[A", "key ?\nkey Up\n"},
};

static void each_sequence_means_the_same_wherever_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t n = strlen(cases[i].bytes);
        for (size_t cut = 0; cut <= n; cut++) {
            struct buf got = {0};
            struct input *in = input_new(record, &got);
            input_feed(in, cases[i].bytes, cut);
            input_feed(in, cases[i].bytes + cut, n - cut);
            assert_string_equal(buf_str(&got), cases[i].events);
            assert_false(input_is_waiting(in));
            input_free(in);
            buf_free(&got);
        }
    }
}

static void a_lone_escape_is_the_key_after_the_time_out(void **state)
{
    (void)state;
    struct buf got = {0};
    struct input *in = input_new(record, &got);

    input_feed(in, "\033", 1);
    assert_true(input_is_waiting(in));
    assert_string_equal(buf_str(&got), "");
    input_timeout(in);
    assert_string_equal(buf_str(&got), "key Esc\n");
    assert_false(input_is_waiting(in));

    buf_clear(&got);
    input_feed(in, "\033[", 2);
    input_timeout(in);
    input_feed(in, "\033O", 2);
    input_timeout(in);
    input_feed(in, "\033\033", 2);
    input_timeout(in);
    assert_string_equal(buf_str(&got), "key M-[\nkey M-O\nkey Esc\nkey Esc\n");
    input_free(in);
    buf_free(&got);
}

static void keep_key(void *context, const struct input_event *e)
{
    *(struct key *)context = e->key;
}

static void a_key_carries_the_bytes_that_it_came_as(void **state)
{
    (void)state;
    struct key seen = {0};
    struct input *in = input_new(keep_key, &seen);

    input_feed(in, "\033[1;5C", 6);
    assert_int_equal(seen.n_bytes, 6);
    assert_memory_equal(seen.bytes, "\033[1;5C", 6);
    input_feed(in, "\xc3\xa9", 2);
    assert_int_equal(seen.n_bytes, 2);
    assert_memory_equal(seen.bytes, "\xc3\xa9", 2);
    input_feed(in, "\033x", 2);
    assert_memory_equal(seen.bytes, "\033x", 2);
    input_free(in);
}

static void an_endless_reply_is_swallowed(void **state)
{
    (void)state;
    struct buf got = {0};
    struct input *in = input_new(record, &got);

    input_feed(in, "\033]52;", 5);
    for (int i = 0; i < 100000; i++)
        input_feed(in, "x", 1);
    input_feed(in, "\033\\a", 3);
    assert_string_equal(buf_str(&got), "key a\n");
    input_free(in);
    buf_free(&got);
}

static void random_bytes_do_no_harm(void **state)
{
    (void)state;
    struct buf got = {.limit = 1 << 20};
    struct input *in = input_new(record, &got);
    uint32_t x = 1;

    for (int i = 0; i < 2000000; i++) {
        static const char alphabet[] = "\033[]O<;M0123~u?PR\\\x07\xc3\xe4\x80\x01 aI200~";
        x = x * 1664525u + 1013904223u;
        char c = x >> 31 ? (char)(x >> 16) : alphabet[(x >> 16) % (sizeof alphabet - 1)];
        input_feed(in, &c, 1);
        if ((x >> 8) % 64 == 0)
            input_timeout(in);
    }
    assert_true(got.len > 1000);
    input_free(in);
    buf_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sequence_means_the_same_wherever_it_is_cut),
        cmocka_unit_test(a_lone_escape_is_the_key_after_the_time_out),
        cmocka_unit_test(a_key_carries_the_bytes_that_it_came_as),
        cmocka_unit_test(an_endless_reply_is_swallowed),
        cmocka_unit_test(random_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
