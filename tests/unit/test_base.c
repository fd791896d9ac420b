/* What everything stands on: errors, buffers, escapes, files. */
#include "cmocka_all.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_cut_error_looks_cut(void **state)
{
    (void)state;
    struct error e;
    char long_text[ERROR_TEXT_MAX + 100];

    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_int_equal(error_set(&e, "%s", long_text), -1);
    assert_int_equal(strlen(e.text), ERROR_TEXT_MAX - 1);
    assert_string_equal(e.text + strlen(e.text) - 3, "...");
    errno = ENOENT;
    error_errno(&e, "cannot open %s", "x");
    assert_string_equal(e.text, "cannot open x: No such file or directory");
    error_prefix(&e, "in %s", "y");
    assert_string_equal(e.text, "in y: cannot open x: No such file or directory");
}

static void a_full_buffer_takes_all_or_nothing(void **state)
{
    (void)state;
    struct buf b = {.limit = 5};

    assert_true(buf_addstr(&b, "abc"));
    assert_false(buf_addstr(&b, "def"));
    assert_string_equal(buf_str(&b), "abc");
    assert_true(buf_addstr(&b, "de"));
    buf_drop(&b, 2);
    assert_string_equal(buf_str(&b), "cde");
    autofree char *s = buf_take(&b);
    assert_string_equal(s, "cde");
    assert_string_equal(buf_str(&b), "");
}

static void escaped_bytes_come_back_the_same(void **state)
{
    (void)state;
    char all[256];
    struct buf escaped = {0}, again = {0};

    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    escape_bytes(&escaped, all, sizeof all);
    for (size_t i = 0; i < escaped.len; i++)
        assert_in_range((unsigned char)escaped.data[i], 0x20, 0x7e);
    escape_decode(&again, escaped.data);
    assert_int_equal(again.len, 256);
    assert_memory_equal(again.data, all, 256);
    buf_free(&escaped);
    buf_free(&again);
}

static void text_that_is_harmless_stays(void **state)
{
    (void)state;
    struct buf out = {0};
    const char *text = "h\xc3\xa9llo \xe4\xbd\xa0\n\033[31m\\ \xe2\x80\xae\xff";

    escape_bytes(&out, text, strlen(text));
    assert_string_equal(out.data, "h\xc3\xa9llo \xe4\xbd\xa0\\n\\e[31m\\\\ \\xe2\\x80\\xae\\xff");
    buf_clear(&out);
    escape_text(&out, "a\tb\n\r", 5);
    assert_string_equal(out.data, "a\tb\n\\r");
    buf_free(&out);
}

static void malformed_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\xc3", "\xe4\xbd"};
    unsigned cp;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(utf8_decode(bad[i], strlen(bad[i]), &cp), 0);
    for (unsigned c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 997) {
        char s[4];
        if (c >= 0xd800 && c < 0xe000)
            continue;
        size_t n = utf8_encode(c, s);
        assert_int_equal(utf8_decode(s, n, &cp), n);
        assert_int_equal(cp, c);
    }
}

static void a_file_is_replaced_whole(void **state)
{
    (void)state;
    char dir[] = "/tmp/lux-base-XXXXXX";
    struct error e;
    struct buf got = {0};

    assert_non_null(mkdtemp(dir));
    autofree char *deep = path_join(dir, "a/b");
    autofree char *file = path_join(deep, "c");
    assert_int_equal(file_make_dirs(deep, 0755, &e), 0);
    assert_int_equal(file_make_dirs(deep, 0755, &e), 0);
    assert_int_equal(file_write_atomic(file, "one", 3, 0644, &e), 0);
    assert_int_equal(file_write_atomic(file, "two!", 4, 0600, &e), 0);
    assert_int_equal(file_read(file, 100, &got, &e), 0);
    assert_string_equal(buf_str(&got), "two!");
    struct stat st;
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(file_read(file, 3, &got, &e), -1);
    assert_non_null(strstr(e.text, "larger than 3 bytes"));
    assert_int_equal(file_make_dirs(file, 0755, &e), -1);
    assert_int_equal(file_read("/nonexistent/x", 10, &got, &e), -1);
    assert_non_null(strstr(e.text, "/nonexistent/x"));
    buf_free(&got);
    unlink(file);
    rmdir(deep);
    autofree char *a = path_join(dir, "a");
    rmdir(a);
    assert_int_equal(rmdir(dir), 0); /* no temporary file stayed behind */
}

static void xdg_ignores_relative_paths(void **state)
{
    (void)state;
    setenv("HOME", "/home/x", 1);
    setenv("XDG_DATA_HOME", "relative", 1);
    autofree char *fallback = path_xdg("XDG_DATA_HOME", ".local/share");
    assert_string_equal(fallback, "/home/x/.local/share/lux");
    setenv("XDG_DATA_HOME", "/data", 1);
    autofree char *given = path_xdg("XDG_DATA_HOME", ".local/share");
    assert_string_equal(given, "/data/lux");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_error_looks_cut),
        cmocka_unit_test(a_full_buffer_takes_all_or_nothing),
        cmocka_unit_test(escaped_bytes_come_back_the_same),
        cmocka_unit_test(text_that_is_harmless_stays),
        cmocka_unit_test(malformed_utf8_is_refused),
        cmocka_unit_test(a_file_is_replaced_whole),
        cmocka_unit_test(xdg_ignores_relative_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
