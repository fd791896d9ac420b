/* The guard alone: bytes in, bytes and events out, the same at every split. */
#include "cmocka_all.h"

#include "base/buf.h"
#include "base/escape.h"
#include "vt/guard.h"

#include <stdlib.h>
#include <string.h>

enum { REPEAT_MAX = 20 };

static void on_write(void *context, const char *bytes, size_t n)
{
    assert_true(n <= GUARD_OUT_MAX);
    escape_bytes(context, bytes, n);
}

static void on_event(void *context, const struct guard_event *e)
{
    static const char *const names[] = {
        [GUARD_REPLY] = "reply",       [GUARD_TITLE] = "title",      [GUARD_DIRECTORY] = "directory",
        [GUARD_LINK] = "link",         [GUARD_CLIPBOARD] = "clip",   [GUARD_COLOR_QUERY] = "color",
        [GUARD_PROMPT] = "prompt",     [GUARD_MARK] = "mark",        [GUARD_STAND_IN] = "stands-for",
        [GUARD_EXTRA] = "extra",       [GUARD_MODE] = "mode",        [GUARD_ALTERNATE] = "alt",
        [GUARD_SAVE] = "save",         [GUARD_RESTORE] = "restore",  [GUARD_CURSOR_STYLE] = "style",
        [GUARD_CLEAR_HISTORY] = "ed3", [GUARD_ALIGNMENT] = "decaln", [GUARD_SOFT_RESET] = "soft",
        [GUARD_HARD_RESET] = "hard",   [GUARD_SIZE_QUERY] = "size",
    };

    buf_printf(context, "<%s", names[e->type]);
    if (e->number)
        buf_printf(context, " %d", e->number);
    if (e->type == GUARD_MODE || e->type == GUARD_ALTERNATE || e->type == GUARD_COLOR_QUERY)
        buf_addstr(context, e->on ? " on" : " off");
    if (e->n) {
        buf_addch(context, ' ');
        escape_bytes(context, e->text, e->n);
    }
    buf_addch(context, '>');
}

static void run(const char *in, size_t n, size_t split, size_t step, struct buf *out)
{
    struct guard g;
    const struct guard_sink sink = {.write = on_write, .event = on_event, .context = out};

    guard_init(&g, REPEAT_MAX);
    guard_feed(&g, in, split, &sink);
    for (size_t i = split; i < n; i += step)
        guard_feed(&g, in + i, n - i < step ? n - i : step, &sink);
    guard_free(&g);
}

static const struct {
    const char *in, *out;
} cases[] = {
    /* Text and UTF-8 */
    {"hello\r\n\tworld", "hello\\r\\n\\tworld"},
    {"a\x7f"
     "b",
     "ab"},
    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
    {"\xe4\xbd\xa0\xf0\x9f\x98\x80", "\xe4\xbd\xa0\xf0\x9f\x98\x80"},
    {"\xc3(", "\xef\xbf\xbd("},
    {"\xe4\xbd(", "\xef\xbf\xbd("},
    {"\xe4\xbd\xe4\xbd\xa0", "\xef\xbf\xbd\xe4\xbd\xa0"},
    {"\xc0\xaf\xff", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* overlong */
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* a surrogate */
    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xf0\x9f\x98z", "\xef\xbf\xbdz"},
    {"\xf0\x9f\x1b[1m", "\xef\xbf\xbd\\e[1m"},
    {"x\xc2\x9b"
     "1my",
     "x1my"}, /* C1 controls in UTF-8 are nothing */
    {"e\xcc\x81z", "e<mark 769>z"},
    {"\xcc\x81z", "<mark 769>z"},
    {"\xf0\x9f\xa7\xaa\033[b",
     "<stands-for 129514>\xe3\x80\x80<stands-for 129514>\xe3\x80\x80"}, /* too new for libvterm */
    /* Escape sequences */
    {"\033D\033E\033H\033M", "\\eD\\eE\\eH\\eM"},
    {"\033(0q\033(B\033)A\033*0", "\\e(0q\\e(B\\e)A\\e*0"},
    {"\033(Z\033%G\033 F\033 Gx\033#3\033N\033O", "x"},
    {"\033-[x\033-(0y", "xy"}, /* 0.1.4 ignores the intermediate and takes this for a CSI */
    {"\033#8", "<decaln>"},
    {"\0337\0338", "<save><restore>"},
    {"\033c", "<hard>"},
    {"\033Z", "\\e[c"},
    {"\033\033[A", "\\e[A"},
    {"\033[3\033[A", "\\e[A"},
    {"\033[3\030A", "A"},
    {"\033[2\010C", "\\x08\\e[2C"},
    {"\033[2\xc3\xbc", "\xc3\xbc"},
    /* Control sequences */
    {"\033[A\033[5B\033[;7H\033[3;H", "\\e[A\\e[5B\\e[;7H\\e[3;H"},
    {"\033[00000000012;0000003H", "\\e[12;3H"},
    {"\033[99999999999999999999A", "\\e[65535A"},
    {"\033[1;2;3;4;5;6;7;8;9;10;11;12;13H", ""},
    {"\033[y\033[?1;2y\033[1$r\033[<5A\033[1?A", ""},
    {"\033[1$$p\033[1!!p", ""},
    {"\033[!p", "<soft>"},
    {"\033[5 q\033[ q\033[9 q", "<style 5><style>"},
    {"\033[J\033[2J\033[3J\033[?3J", "\\e[J\\e[2J<ed3>\\e[?3J"},
    {"\033[s\033[u\033[3s", "<save><restore>"},
    {"\033[18t\033[14t\033[8;24;80t\033[22;0t", "<size 18><size 14>"},
    {"\033[>c\033[c\033[6n\033[?6n\033[>q",
     "\\e[>c\\e[c\\e[6n\\e[?6n<reply \\eP>|luxtui(" LUX_VERSION ")\\e\\\\>"},
    {"\033[?u\033[>1u\033[<u\033[=1;1u\033[>4;2m", ""},
    {"\033[2T\033[1;2;3;4;5T", "\\e[2T"},
    /* REP */
    {"\033[b\033[5bx", "x"},
    {"ab\033[3bc", "abbbbc"},
    {"\xe4\xbd\xa0\033[b", "\xe4\xbd\xa0\xe4\xbd\xa0"},
    {"z\033[60000b", "zzzzzzzzzzzzzzzzzzzzz"},
    {"e\xcc\x81\033[2b", "e<mark 769>ee"},
    /* Modes */
    {"\033[?1000;1006h", "<mode 1000 on><mode 1006 on>"},
    {"\033[?1002;1003h\033[?1003l", "<mode 1002 on><mode 1003 on><mode 1003 off>"},
    {"\033[?2004h\033[?2004h\033[?2004l", "<mode 2004 on><mode 2004 off>"},
    {"\033[?6;7;69;3h", "\\e[?6h\\e[?7h"},
    {"\033[?3h\033[?40h\033[?3h\033[?3$p\033[?40;3l",
     "\\e[r\\e[2J\\e[H<reply \\e[?3;1$y>"}, /* the last one is not allowed any more */
    {"\033[?1049h\033[?47l", "<alt 1049 on><alt 47 off>"},
    {"\033[?1048h\033[?1048l", "<save><restore>"},
    {"\033[4;20;33h\033[4l", "\\e[4h\\e[20h\\e[4l"},
    {"\033[?2026$p\033[?2026h\033[?2026$p", "<reply \\e[?2026;2$y><mode 2026 on><reply \\e[?2026;1$y>"},
    {"\033[?7$p\033[?69$p", "<reply \\e[?7;1$y><reply \\e[?69;0$y>"},
    /* SGR */
    {"\033[m\033[0m\033[1;31m", "\\e[0m\\e[0m\\e[1;31m"},
    {"\033[;1m", "\\e[0;1m"},
    {"\033[38;5;123;48;2;1;2;3m", "\\e[38;5;123;48;2;1;2;3m"},
    {"\033[38:5:123m\033[38:2:1:2:3m\033[38:2::1:2:3m\033[48:2:9:1:2:3:0:1m",
     "\\e[38;5;123m\\e[38;2;1;2;3m\\e[38;2;1;2;3m\\e[48;2;1;2;3m"},
    {"\033[1;58;2;0;0;0;3m\033[58:2::1:2:3;4m\033[58;5;1m", "\\e[1;3m\\e[4m"},
    {"\033[38:2:59:66:97;48:2:36:40:59;58:2:224:175:104;4:3m",
     "\\e[38;2;59;66;97;48;2;36;40;59m\\e[4:3m"}, /* neovim#34012 */
    {"\033[1;2;3;4;5;6;7;8;9;21;22;23;24;25;27;28;29m", "\\e[1;3;4;5;5;7;9;21;22;23m\\e[24;25;27;29m"},
    {"\033[38;5m\033[38;2;1m\033[38m\033[38;7;1m\033[38;2;1;2;256m", "\\e[1m"},
    {"\033[2mx\033[22my", "<extra 1>x<extra>\\e[22my"},
    {"\033[8;53mx\033[my", "<extra 6>x<extra>\\e[0my"},
    {"\033[4:0m\033[4:2m\033[4:4m\033[4m", "\\e[24m\\e[4:2m\\e[4m\\e[4m"},
    {"\033[11m\033[73m\033[26m", ""},
    /* Strings */
    {"\033]0;a title\007x", "<title a title>x"},
    {"\033]2;a\033\\x", "<title a>x"},
    {"\033]1;icon\007\033]104\007\033]10;red\007\033]4;1;?\033\\", ""},
    {"\033]10;?\007\033]11;?\033\\", "<color 10 on><color 11 off>"},
    {"\033]2;a\x01\x9b\xc2\x9b\xe2\x80\xae"
     "b\007",
     "<title ab>"},
    {"\033kname\033\\", "<title name>"},
    {"\033]7;file://host/a%20b/%C3%BC\007", "<directory host\\0/a b/\xc3\xbc>"},
    {"\033]7;file:///%00\007\033]7;http://x/y\007\033]7;\007", ""},
    {"\033]8;id=1;http://x/y\007link\033]8;;\007", "<link http://x/y>link<link>"},
    {"\033]8;;\007", ""},
    {"\033]52;c;aGVsbG8=\007\033]52;c;?\007\033]52;;!!\007", "<clip hello>"},
    {"\033]133;A;x=1\007$ \033]133;B\007\033]133;Z\007", "<prompt 65>$ <prompt 66>"},
    {"\033Pq#0;1;2data\a\033\\x\033_apc\033\\\033^pm\033\\\033Xsos\033\\y", "xy"},
    {"\033P$q q\033\\", "<reply \\eP1$r1 q\\e\\\\>"},
    {"\033P$qm\033\\\033P+q544e\033\\", "<reply \\eP0$r\\e\\\\><reply \\eP0+r\\e\\\\>"},
    {"\033]0;lost\033[1mx", "\\e[1mx"},
    {"\033]0;lost\030x", "x"},
    {"\033]0;lost\033\033\\x", "x"},
};

static void it_lets_only_canonical_sequences_through(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        run(cases[i].in, strlen(cases[i].in), 0, 1 << 20, &out);
        if (strcmp(buf_str(&out), cases[i].out) != 0)
            print_error("case %zu\n  expected %s\n  got      %s\n", i, cases[i].out, buf_str(&out));
        assert_string_equal(buf_str(&out), cases[i].out);
        buf_free(&out);
    }
}

static void the_result_is_the_same_wherever_the_stream_is_cut(void **state)
{
    struct buf all = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_addstr(&all, cases[i].in);
        buf_addstr(&all, "\033\\|");
    }
    struct buf whole = {0};
    run(all.data, all.len, all.len, 1, &whole);
    for (size_t split = 0; split <= all.len; split++) {
        struct buf out = {0};
        run(all.data, all.len, split, all.len, &out);
        assert_string_equal(buf_str(&out), buf_str(&whole));
        buf_free(&out);
    }
    for (size_t step = 1; step < 9; step++) {
        struct buf out = {0};
        run(all.data, all.len, 0, step, &out);
        assert_string_equal(buf_str(&out), buf_str(&whole));
        buf_free(&out);
    }
    buf_free(&whole);
    buf_free(&all);
}

static void more_parameters_than_there_is_room_for_do_no_harm(void **state)
{
    struct buf in = {0}, out = {0};

    (void)state;
    buf_addstr(&in, "\033[");
    for (int i = 0; i < 1000; i++)
        buf_addstr(&in, "1;");
    buf_addstr(&in, "H\033[");
    for (int i = 0; i < 1000; i++)
        buf_addstr(&in, i % 2 ? "3:" : "1;");
    buf_addstr(&in, "mx");
    run(in.data, in.len, 0, in.len, &out);
    assert_non_null(strstr(buf_str(&out), "m"));
    assert_int_equal(out.data[out.len - 1], 'x');
    assert_null(strchr(buf_str(&out), 'H'));
    buf_free(&in);
    buf_free(&out);
}

static void a_string_over_the_limit_is_swallowed_to_its_end(void **state)
{
    struct buf in = {0}, out = {0};

    (void)state;
    buf_addstr(&in, "\033]52;c;");
    for (int i = 0; i < GUARD_STRING_MAX / 3 + 100; i++)
        buf_addstr(&in, "QUJD");
    buf_addstr(&in, "\007after");
    run(in.data, in.len, 0, 4096, &out);
    assert_string_equal(buf_str(&out), "after");
    buf_free(&in);
    buf_free(&out);
}

static void a_long_title_is_cut_at_a_character(void **state)
{
    struct buf in = {0}, out = {0};

    (void)state;
    buf_addstr(&in, "\033]2;");
    for (int i = 0; i < 1000; i++)
        buf_addstr(&in, "\xc3\xbc");
    buf_addstr(&in, "\007");
    run(in.data, in.len, 0, 1, &out);
    assert_int_equal(out.len, strlen("<title >") + 2 * GUARD_TITLE_MAX);
    buf_free(&in);
    buf_free(&out);
}

static void an_unfinished_string_can_be_given_up(void **state)
{
    struct guard g;
    struct buf out = {0};
    const struct guard_sink sink = {.write = on_write, .event = on_event, .context = &out};

    (void)state;
    guard_init(&g, REPEAT_MAX);
    guard_feed(&g, "\033]0;abc", 7, &sink);
    assert_true(guard_in_string(&g));
    guard_abort(&g);
    assert_false(guard_in_string(&g));
    guard_feed(&g, "def", 3, &sink);
    assert_string_equal(buf_str(&out), "def");
    guard_free(&g);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_lets_only_canonical_sequences_through),
        cmocka_unit_test(the_result_is_the_same_wherever_the_stream_is_cut),
        cmocka_unit_test(more_parameters_than_there_is_room_for_do_no_harm),
        cmocka_unit_test(a_string_over_the_limit_is_swallowed_to_its_end),
        cmocka_unit_test(a_long_title_is_cut_at_a_character),
        cmocka_unit_test(an_unfinished_string_can_be_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
