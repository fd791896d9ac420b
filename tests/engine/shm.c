/* Runs the checks of shm_checks.c and looks at what they say; and reads the maps of processes that never were. */
#include "harness/maps.h"
#include "harness_help.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void objects_are_made_and_looked_into(void **state)
{
    (void)state;
    passes("object_is_made");
    passes("object_is_read");
}

static void what_is_wrong_with_objects_is_said(void **state)
{
    (void)state;
    const struct failure *f = fails("object_is_not_made", CAUSE_TIMEOUT);
    has(f->observation, "there is no /dev/shm/q-");
    f = fails("object_stays", CAUSE_LEAK);
    has(f->observation, "is still there");
    f = fails("mapped_for_itself", CAUSE_TIMEOUT);
    has(f->expectation, "./shm has the shared memory object q-");
    has(f->observation, "MAP_PRIVATE");
    f = fails("mapped_to_read", CAUSE_TIMEOUT);
    has(f->observation, "without PROT_WRITE");
}

static void lines_are_taken_one_by_one(void **state)
{
    (void)state;
    const struct failure *f = fails("line_is_missing", CAUSE_WRONG);
    has(f->observation, "4 bytes \"half\" came, then it ended with status 0");
}

static void naps_tell_who_polls(void **state)
{
    (void)state;
    passes("naps_are_counted");
}

static enum mapping in(const char *maps)
{
    return maps_find((Bytes){(const uint8_t *)maps, strlen(maps)}, "/dev/shm/q");
}

static void maps_are_read(void **state)
{
    (void)state;
    assert_int_equal(in("7f00-7f01 rw-s 00000000 00:18 4711        /dev/shm/q\n"), MAPPED_SHARED);
    assert_int_equal(in("7f00-7f01 rw-s 00000000 00:18 4711        /dev/shm/q (deleted)\n"), MAPPED_SHARED);
    assert_int_equal(in("1-2 rw-p 0 0:0 1 /dev/shm/q\n1-2 r--s 0 0:0 1 /dev/shm/q"), MAPPED_READ_ONLY);
    assert_int_equal(in("1-2 rw-p 0 0:0 1 /dev/shm/q\n"), MAPPED_PRIVATE);
    assert_int_equal(in("1-2 rw-s 0 0:0 1 /dev/shm/q2\n1-2 rw-s 0 0:0 1 /tmp/dev/shm/q\n"), MAPPED_NOT);
    assert_int_equal(in("1-2 rw-s 0 0:0 1\n1-2 \n\n1 2 3 4 5 /dev/shm/q\n"), MAPPED_NOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_made_and_looked_into),
        cmocka_unit_test(what_is_wrong_with_objects_is_said),
        cmocka_unit_test(lines_are_taken_one_by_one),
        cmocka_unit_test(naps_tell_who_polls),
        cmocka_unit_test(maps_are_read),
    };

    signal(SIGPIPE, SIG_IGN);
    check_challenge("shm");
    check_program("shm");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
