/* Keys by name, and colours for poorer terminals. */
#include "cmocka_all.h"

#include "tty/input.h"
#include "tty/tty.h"

#include <string.h>

static void a_name_and_its_key_belong_together(void **state)
{
    (void)state;
    static const char *const names[] = {"a",     "?",     "C-g", "M-x", "S-Tab", "C-M-Up",  "F12",
                                        "Space", "Enter", "{",   "-",   "C--",   "\xc3\xa9"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct key k;
        char again[32];
        assert_true(key_parse(names[i], &k));
        assert_string_equal(key_name(&k, again), names[i]);
    }
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "C-", "ab", "F13x", "\x01", "Enterr"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct key k;
        assert_false(key_parse(names[i], &k));
    }
}

static void colours_go_to_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(color_to_256(0, 0, 0), 16);
    assert_int_equal(color_to_256(255, 255, 255), 231);
    assert_int_equal(color_to_256(255, 0, 0), 196);
    assert_int_equal(color_to_256(128, 128, 128), 244);
    assert_int_equal(color_to_256(8, 8, 8), 232);
    assert_int_equal(color_256_to_16(196), 9);
    assert_int_equal(color_256_to_16(16), 0);
    assert_int_equal(color_256_to_16(231), 15);
    assert_int_equal(color_256_to_16(7), 7);
    for (int i = 0; i < 256; i++)
        assert_in_range(color_256_to_16(i), 0, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_and_its_key_belong_together),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(colours_go_to_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
