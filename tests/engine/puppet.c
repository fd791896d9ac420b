/* Runs the checks of puppet_checks.c, and reads reports that nobody has printed. */
#include "harness_help.h"

#include "harness/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- Reports as bytes ---------------------------------------------------------------------------------- */

static enum facts_progress parse(const char *s, struct facts *f, size_t *used)
{
    *f = (struct facts){0};
    return facts_parse((Bytes){(const uint8_t *)s, strlen(s)}, f, used);
}

static void a_report_is_read_to_its_end(void **state)
{
    (void)state;
    struct facts f;
    size_t used;
    const char *two = "report\npid 7\nargv\nargv a b\nend\nreport\n";

    assert_int_equal(parse(two, &f, &used), FACTS_WHOLE);
    assert_int_equal(used, strlen(two) - strlen("report\n"));
    assert_int_equal(f.n, 3);
    assert_string_equal(f.all[0].name, "pid");
    assert_string_equal(f.all[0].value, "7");
    assert_string_equal(f.all[1].value, "");
    assert_string_equal(f.all[2].value, "a b");
    facts_free(&f);
}

static void every_beginning_of_a_report_may_become_one(void **state)
{
    (void)state;
    static const char whole[] = "report\npid 7\nend\n";

    for (size_t n = 0; n < sizeof whole - 1; n++) {
        struct facts f = {0};
        size_t used;
        assert_int_equal(facts_parse((Bytes){(const uint8_t *)whole, n}, &f, &used), FACTS_MORE);
    }
}

static void other_bytes_are_no_report(void **state)
{
    (void)state;
    static const char *const wrong[] = {"x",
                                        "reports",
                                        "\n",
                                        "report \n",
                                        "report\n\n",
                                        "report\nPID 7\n",
                                        "report\n pid 7\n",
                                        "report\npid\t7\n"};
    struct facts f;
    size_t used;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(parse(wrong[i], &f, &used), FACTS_BAD);
}

/* ---- Checks -------------------------------------------------------------------------------------------- */

static void it_does_what_it_is_told(void **state)
{
    (void)state;
    passes("tells_of_itself");
    passes("serves");
    passes("ends_in_many_ways");
}

static void root_file_systems_are_made_and_watched(void **state)
{
    (void)state;
    passes("image_is_as_it_was");
    passes("first_process_is_found");
}

static void a_wrong_fact_is_shown_beside_the_right_one(void **state)
{
    (void)state;
    const struct failure *f = fails("wrong_fact", CAUSE_WRONG);
    has(f->expectation, "the command of ./p sees cwd: /, /tmp");
    has(f->observation, "it sees /run/lux");
    f = fails("fact_not_told", CAUSE_WRONG);
    has(f->observation, "it tells none");
}

static void what_is_no_report_is_quoted(void **state)
{
    (void)state;
    has(fails("no_report", CAUSE_WRONG)->observation, "\"reported\\n\" came");
    const struct failure *f = fails("report_without_end", CAUSE_TIMEOUT);
    has(f->observation, "report\\npid 4\\n");
    has(f->wait, "a report of the puppet on the stdout of ./p");
}

static void what_was_changed_is_named(void **state)
{
    (void)state;
    has(fails("changed_file", CAUSE_WRONG)->observation, "images/first/bin/puppet has changed");
    has(fails("new_mount", CAUSE_WRONG)->observation, "now there is /run/lux/m rw");
    has(fails("no_first_process", CAUSE_TIMEOUT)->observation, "none is");
}

static void a_hungry_program_is_stopped_and_named(void **state)
{
    (void)state;
    const struct failure *f = fails("wants_too_much", CAUSE_WRONG);
    assert_string_equal(f->expectation, "the programs use at most 256 MiB of memory");
    has(f->observation, "./p"); /* the kernel, where it has limited the memory, names nobody, but ends it */
    f = fails("wants_too_much_together", CAUSE_WRONG);
    assert_string_equal(f->expectation, "the programs use at most 256 MiB of memory");
    has(f->observation, "./p");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_is_read_to_its_end),
        cmocka_unit_test(every_beginning_of_a_report_may_become_one),
        cmocka_unit_test(other_bytes_are_no_report),
        cmocka_unit_test(it_does_what_it_is_told),
        cmocka_unit_test(root_file_systems_are_made_and_watched),
        cmocka_unit_test(a_wrong_fact_is_shown_beside_the_right_one),
        cmocka_unit_test(what_is_no_report_is_quoted),
        cmocka_unit_test(what_was_changed_is_named),
        cmocka_unit_test(a_hungry_program_is_stopped_and_named),
    };

    check_challenge("puppet");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
