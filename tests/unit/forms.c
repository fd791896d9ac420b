/* The forms in which golden failure texts are kept: what they match, how they learn, what a file of them looks like. */
#include "forms.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"

static void a_star_stands_for_the_rest_of_a_word(void **state)
{
    (void)state;
    assert_true(
        form_matches("but        client#* got \"*\" of 3\n", "but        client#12 got \"hello\" of 3\n"));
    assert_true(form_matches("but *\n", "but *\n"));
    assert_false(form_matches("but client#*\n", "but server#1\n"));
    assert_false(form_matches("but client#* of\n", "but client#1 of two\n"));
    assert_false(form_matches("but one\n", "but one\nsee two\n"));
    assert_false(form_matches("but one\nsee two\n", "but one\n"));
    assert_false(form_matches("but a*a\n", "but a\n"));
    assert_true(form_matches("- *\n", "- many words and  blanks\n"));
    assert_false(form_matches("- *\n", "+ many\n"));
    assert_true(form_matches("+ some\n", "+ other bytes\n"));
    assert_false(form_matches("+ some\n", "+ \n"));
    assert_true(form_matches("but 12 of 40 came\n", "but 7 of 128 came\n"));
    assert_false(form_matches("but 12 of 40 came\n", "but 12 of x came\n"));
    assert_false(form_matches("but *\n", "but many words\n"));
}

static void what_differs_becomes_a_star(void **state)
{
    static const struct {
        const char *a, *b, *merged;
    } cases[] = {
        {"but        client#12 came in\n", "but        client#1 came in\n", "but        client#12 came in\n"},
        {"but        \"ab\", or so\n", "but        \"cb\", or so\n", "but        \"*\", or so\n"},
        {"but        \"*\", or so\n", "but        \"cb\", or so\n", "but        \"*\", or so\n"},
        {"but        x(a) y z\n", "but        x() y z\n", "but        x(*) y z\n"},
        {"but        the same\n- a\n", "but        the same\n- b\n", "but        the same\n- a\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        autofree char *merged = form_merge(cases[i].a, cases[i].b);
        assert_non_null(merged);
        assert_string_equal(merged, cases[i].merged);
        assert_true(form_matches(merged, cases[i].a));
        assert_true(form_matches(merged, cases[i].b));
    }
}

static void what_has_little_in_common_stays_apart(void **state)
{
    (void)state;
    assert_null(form_merge("but it came late\n", "but nothing came\n"));
    assert_null(form_merge("but one two three four\n", "but five six seven four\n"));
    assert_null(form_merge("but one\n", "see one\n"));
    assert_null(form_merge("but one\n", "but one\nsee two\n"));
}

static void times_processes_and_ports_are_the_same_in_every_run(void **state)
{
    (void)state;
    autofree char *text =
        form_normalise("waited 2.013 s (pid 4711) for 127.0.0.1:40123, port 40123, port 80, 4 207 508 bytes, "
                       "12 ms, xid e7b9da2e from b2:65:fb:f2:1c:84, /proc/99/fd of 65507 bytes\n");
    assert_string_equal(
        text,
        "waited * s (pid *) for 127.0.0.1:*, port *, port 80, 4207508 bytes, * ms, xid * from *, /proc/*/fd of 65507 bytes\n");
}

static void what_comes_after_is_left_out(void **state)
{
    (void)state;
    autofree char *then = form_normalise("but        \"a\" came; then it ended with status 0\n");
    autofree char *named = form_normalise("but        \"a\" came; ./lb#2 ended with status 12\n");
    autofree char *first = form_normalise("but        nothing came: ./lb ended with status 1\n");
    assert_string_equal(then, "but        \"a\" came\n");
    assert_string_equal(named, "but        \"a\" came\n");
    assert_string_equal(first, "but        nothing came: ./lb ended with status 1\n");
}

static void a_file_learns_and_is_read_as_it_was_written(void **state)
{
    struct golden g, read;
    struct error err = {""};
    autofree char *path = xasprintf("/tmp/lux-forms-%d.txt", (int)getpid());
    (void)state;
    assert_int_equal(golden_read(path, &g, &err), 0);
    assert_int_equal(g.n, 0);
    assert_true(golden_learn(&g, "b", "but it is late\nsee x\n"));
    assert_true(golden_learn(&g, "b", "but nothing came\n"));
    assert_true(golden_learn(&g, "a", "but 12 came today\n"));
    assert_false(golden_learn(&g, "a", "but 14 came today\n"));
    assert_false(golden_learn(&g, "a", "but 3 came today\n"));
    assert_int_equal(golden_write(path, &g, &err), 0);
    golden_free(&g);

    assert_int_equal(golden_read(path, &read, &err), 0);
    assert_int_equal(read.n, 2);
    assert_string_equal(read.sections[0].name, "a");
    assert_string_equal(read.sections[0].forms[0], "but 12 came today\n");
    struct section *b = golden_find(&read, "b");
    assert_non_null(b);
    assert_int_equal(b->n_forms, 2);
    assert_string_equal(b->forms[0], "but it is late\nsee x\n");
    assert_string_equal(b->forms[1], "but nothing came\n");
    assert_null(golden_find(&read, "c"));
    golden_free(&read);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_stands_for_the_rest_of_a_word),
        cmocka_unit_test(what_differs_becomes_a_star),
        cmocka_unit_test(what_has_little_in_common_stays_apart),
        cmocka_unit_test(times_processes_and_ports_are_the_same_in_every_run),
        cmocka_unit_test(what_comes_after_is_left_out),
        cmocka_unit_test(a_file_learns_and_is_read_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
