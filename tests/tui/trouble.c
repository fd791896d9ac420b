/* What can go wrong around luxtui: the engine is killed, the database goes away, the disk is full. The screen
 * says what happened, goes on, and loses nothing that it had. */
#include "cmocka_all.h"

#include "home.h"

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REFERENCE "tests/solutions/tcp-echo-server/c/main.c"

/* Makes a source of this tree the learner's program. */
static int put_program(const char *source)
{
    autofree char *command = xasprintf("cp '" LUX_SOURCE_DIR "/%s' '%s/main.c'", source, home_workspace());
    return system(command);
}

static int make_solved_home(void **state)
{
    return home_make(state) < 0 ? -1 : put_program(REFERENCE);
}

static struct ptest *open_lux(void)
{
    return home_open((const char *const[]){LUXTUI, "2", NULL}, (const char *const[]){NULL});
}

/* The lux check that luxtui has started; 0 if there is none at this moment. */
static pid_t engine_of(pid_t luxtui)
{
    autofree char *command = xasprintf("pgrep -P %d -f 'check tcp-echo-server'", (int)luxtui);
    FILE *f = popen(command, "r");
    int pid = 0;
    if (!f)
        return 0;
    if (fscanf(f, "%d", &pid) != 1)
        pid = 0;
    pclose(f);
    return pid;
}

static void an_engine_that_is_killed_is_told_of(void **state)
{
    (void)state;
    assert_int_equal(put_program("tests/null/sleep.c"), 0); /* its checks take their time */
    struct ptest *p = open_lux();
    pt_keys(p, "r");
    pt_wait_text(p, "checking");
    pid_t engine = engine_of(pt_pid(p));
    assert_true(engine > 0);
    assert_int_equal(kill(engine, SIGKILL), 0);
    pt_wait_text(p, "was ended by signal 9");
    assert_int_equal(put_program(REFERENCE), 0);
    pt_keys(p, "r");
    pt_wait_text(p, "solved  core 9/9");
    pt_keys(p, "q"); /* from the page that says that it is solved */
    home_leave(p);
}

static void a_database_that_was_removed_is_made_anew(void **state)
{
    (void)state;
    autofree char *directory = path_join(home_dir(), ".local/share/lux");
    autofree char *database = path_join(directory, "lux.db");
    struct ptest *p = open_lux();
    pt_keys(p, "r");
    pt_wait_text(p, "solved  core 9/9");
    pt_sync(p);
    assert_int_equal(access(database, F_OK), 0);
    autofree char *remove = xasprintf("rm -r '%s'", directory);
    assert_int_equal(system(remove), 0);
    pt_keys(p, "r");
    pt_wait_gone(p, "solved  core 9/9");
    pt_wait_text(p, "solved  core 9/9");
    assert_int_equal(access(database, F_OK), 0);
    pt_keys(p, "q"); /* from the page that says that it is solved */
    home_leave(p);
}

/* luxtui in a mount namespace in which there is no room for a database. */
static void a_full_disk_is_told_and_good_news_do_not_cover_it(void **state)
{
    (void)state;
    autofree char *full = path_join(home_dir(), "full");
    struct error err;
    assert_int_equal(file_make_dirs(full, 0700, &err), 0);
    autofree char *script = xasprintf("mount -t tmpfs -o size=64k tmpfs '%s' && mkdir '%s/share' && "
                                      "{ cat /dev/zero >'%s/fill' 2>/dev/null; exec " LUXTUI " 2; }",
                                      full, full, full);
    const char *const argv[] = {"unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, NULL};
    autofree char *share = xasprintf("XDG_DATA_HOME=%s/share", full);
    struct ptest *p = home_open(argv, (const char *const[]){share, NULL});
    pt_keys(p, "r");
    pt_wait_text(p, "solved  core 9/9");
    pt_wait_text(p, "But: This run is not recorded");
    pt_keys(p, "q"); /* from the page that says that it is solved */
    home_leave(p);
}

/* luxtui where the kernel gives out no inotify instance at all. */
static void without_inotify_it_says_so_and_looks_for_itself(void **state)
{
    (void)state;
    const char *const argv[] = {
        "unshare", "--user", "--map-root-user",
        "sh",      "-c",     "echo 0 >/proc/sys/user/max_inotify_instances && exec " LUXTUI " 2",
        NULL};
    struct ptest *p = home_open(argv, (const char *const[]){NULL});
    pt_keys(p, "w"); /* on again */
    pt_wait_text(p, "the system has no more watches to give");
    pt_wait_text(p, "watch (polls)");
    pt_sync(p);

    /* A save is seen, and the next one. */
    assert_int_equal(put_program("tests/null/exit-1.c"), 0);
    pt_wait_text(p, "1 failed  core 0/9");
    assert_int_equal(put_program(REFERENCE), 0);
    pt_wait_text(p, "solved  core 9/9");
    pt_keys(p, "w");
    pt_sync(p);

    /* And so is what another lux writes into the database. */
    pt_keys(p, "H");
    pt_wait_text(p, "Attempts");
    pt_sync(p);
    assert_false(pt_has(p, "some checks"));
    autofree char *check = xasprintf("env -i '%s' '%s' " LUX " check 2 --only echoes_a_line >/dev/null",
                                     home_env(), home_path());
    assert_int_equal(system(check), 0);
    pt_wait_text(p, "some checks");
    pt_keys(p, "<Esc>");
    pt_wait_gone(p, "some checks");
    home_leave(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_engine_that_is_killed_is_told_of),
        cmocka_unit_test(a_database_that_was_removed_is_made_anew),
        cmocka_unit_test(a_full_disk_is_told_and_good_news_do_not_cover_it),
        cmocka_unit_test(without_inotify_it_says_so_and_looks_for_itself),
    };
    return cmocka_run_group_tests(tests, make_solved_home, home_remove);
}
