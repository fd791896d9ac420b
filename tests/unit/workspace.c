/* Workspaces: where they are, and that starting one never costs a learner a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "scratch.h"
#include "workspace/workspace.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static const struct stage net = {.number = 1, .slug = "net", .title = "Net", .first = 1, .last = 2};
static const struct challenge echo = {
    .number = 2, .slug = "echo", .title = "Echo", .binary = "echo", .stage = &net};

/* A data directory with two starters, and a home beside it. */
static int set_up(void **state)
{
    if (scratch_make(state))
        return -1;
    scratch_put("assets/starters/c/echo/main.c", "int main(void) { return 1; }\n");
    scratch_put("assets/starters/c/echo/lib/help.h", "\n");
    scratch_put_bytes("assets/starters/c/echo/run", "#!/bin/sh\n", 10, 0755);
    scratch_put("assets/starters/go/echo/main.go", "package main\n");
    scratch_put("assets/starters/zig/other/main.zig", "\n");
    autofree char *home = path_join(scratch, "home/lux");
    setenv("LUX_HOME", home, 1);
    return 0;
}

#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, set_up, scratch_remove)

static enum workspace_start start(const char *language, struct error *err)
{
    char *path = NULL;
    err->text[0] = '\0';
    enum workspace_start result = workspace_start(scratch, &echo, language, &path, err);
    autofree char *expected = path_join(scratch, "home/lux/02-echo");
    assert_string_equal(path, expected);
    free(path);
    assert_true((result == WORKSPACE_STARTED) == (err->text[0] == '\0'));
    return result;
}

static int entries(const char *name)
{
    autofree char *path = path_join(scratch, name);
    DIR *dir = opendir(path);
    int n = -2; /* . and .. */
    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n;
}

static void test_home_is_lux_in_the_learners_home(void **state)
{
    (void)state;
    setenv("HOME", "/home/somebody", 1);
    unsetenv("LUX_HOME");
    autofree char *home = workspace_home();
    assert_string_equal(home, "/home/somebody/lux");
    setenv("LUX_HOME", "/elsewhere", 1);
    autofree char *set = workspace_home();
    assert_string_equal(set, "/elsewhere");
    autofree char *path = workspace_path(&echo);
    assert_string_equal(path, "/elsewhere/02-echo");
    setenv("LUX_HOME", "here", 1);
    autofree char *relative = workspace_home();
    assert_int_equal(relative[0], '/');
}

static void test_starts_from_the_starter_of_the_language(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(start("c", &err), WORKSPACE_STARTED);
    assert_int_equal(entries("home/lux"), 1);
    assert_int_equal(entries("home/lux/02-echo"), 3);
    autofree char *header = path_join(scratch, "home/lux/02-echo/lib/help.h");
    autofree char *run = path_join(scratch, "home/lux/02-echo/run");
    assert_true(file_exists(header));
    assert_int_equal(access(run, X_OK), 0);
}

static void test_never_touches_a_workspace_that_is_there(void **state)
{
    (void)state;
    struct error err;
    scratch_put("home/lux/02-echo/main.c", "precious\n");
    assert_int_equal(start("c", &err), WORKSPACE_EXISTS);
    assert_non_null(strstr(err.text, "home/lux/02-echo"));
    assert_int_equal(entries("home/lux/02-echo"), 1);
    assert_int_equal(entries("home/lux"), 1);
}

static void test_uses_an_empty_directory_that_is_there(void **state)
{
    (void)state;
    struct error err;
    autofree char *path = path_join(scratch, "home/lux/02-echo");
    assert_int_equal(file_make_dirs(path, 0755, &err), 0);
    assert_int_equal(start("go", &err), WORKSPACE_STARTED);
    assert_int_equal(entries("home/lux/02-echo"), 1);
}

static void test_refuses_what_is_in_the_way(void **state)
{
    (void)state;
    struct error err;
    scratch_put("home/lux/02-echo", "a file\n");
    assert_int_equal(start("c", &err), WORKSPACE_EXISTS);
}

static void test_lists_the_languages_there_are(void **state)
{
    (void)state;
    struct error err;
    static const char *const unknown[] = {"cobol", "", "../c", "zig", ".", "c/echo"};
    char **languages = workspace_starter_languages(scratch, &echo);
    assert_string_equal(languages[0], "c");
    assert_string_equal(languages[1], "go");
    assert_null(languages[2]);
    free(languages);
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
        assert_int_equal(start(unknown[i], &err), WORKSPACE_NO_LANGUAGE);
        assert_non_null(strstr(err.text, "there are c and go"));
    }
    assert_int_equal(entries("home/lux"), -2);
}

static void test_removes_what_it_could_not_finish(void **state)
{
    (void)state;
    struct error err;
    autofree char *target = path_join(scratch, "assets/starters/c/echo/zz-broken");
    assert_int_equal(symlink("/nonexistent", target), 0);
    assert_int_equal(start("c", &err), WORKSPACE_FAILED);
    assert_non_null(strstr(err.text, "zz-broken"));
    assert_int_equal(entries("home/lux"), 0);
}

static void test_says_that_the_home_cannot_be_made(void **state)
{
    (void)state;
    struct error err;
    scratch_put("home", "a file\n");
    assert_int_equal(start("c", &err), WORKSPACE_FAILED);
    assert_non_null(strstr(err.text, "home"));
}

static void test_finds_the_directory_to_check(void **state)
{
    (void)state;
    struct error err;
    assert_null(workspace_find(&echo, NULL, &err));
    assert_non_null(strstr(err.text, "`lux start echo` makes one"));
    assert_null(workspace_find(&echo, "/nonexistent", &err));
    assert_string_equal(err.text, "there is no directory /nonexistent");
    scratch_put("home/lux/02-echo/main.c", "\n");
    autofree char *own = workspace_find(&echo, NULL, &err);
    assert_non_null(own);
    autofree char *file = path_join(scratch, "home/lux/02-echo/main.c");
    assert_null(workspace_find(&echo, file, &err));
    assert_non_null(strstr(err.text, "is not a directory"));
    autofree char *through = workspace_find(&echo, "/proc/self/cwd/.", &err);
    autofree char *here = getcwd(NULL, 0);
    assert_string_equal(through, here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_home_is_lux_in_the_learners_home),
        IN_A_HOME(test_starts_from_the_starter_of_the_language),
        IN_A_HOME(test_never_touches_a_workspace_that_is_there),
        IN_A_HOME(test_uses_an_empty_directory_that_is_there),
        IN_A_HOME(test_refuses_what_is_in_the_way),
        IN_A_HOME(test_lists_the_languages_there_are),
        IN_A_HOME(test_removes_what_it_could_not_finish),
        IN_A_HOME(test_says_that_the_home_cannot_be_made),
        IN_A_HOME(test_finds_the_directory_to_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
