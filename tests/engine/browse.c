/* lux list, show, start and doctor from outside: what they print, where, and their exit status. */
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char scratch[64]; /* holds the learner's home, LUX_HOME and all else */
static struct buf out, err;
static void (*in_child)(void); /* something to do in the child before lux runs; NULL: nothing */

static int set_up(void **state)
{
    (void)state;
    snprintf(scratch, sizeof scratch, "/tmp/lux-test-XXXXXX");
    if (!mkdtemp(scratch))
        return -1;
    in_child = NULL;
    autofree char *home = path_join(scratch, "lux");
    setenv("HOME", scratch, 1);
    setenv("LUX_HOME", home, 1);
    unsetenv("XDG_DATA_HOME");
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("LUX_DATA_DIR");
    unsetenv("LUX_DB");
    return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    buf_free(&out);
    buf_free(&err);
    return nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void read_back(const char *name, struct buf *into)
{
    struct error why;
    autofree char *path = path_join(scratch, name);
    buf_free(into);
    *into = (struct buf){.len = 0};
    assert_int_equal(file_read(path, 10 << 20, into, &why), 0);
    unlink(path);
}

static void redirect(const char *name, int fd)
{
    autofree char *path = path_join(scratch, name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0 || dup2(file, fd) < 0)
        _exit(99);
}

/* Runs lux with these arguments; its output is in out and err afterwards. Returns the exit status. */
#define lux(...) run_lux((const char *const[]){"lux", __VA_ARGS__, NULL})
static int run_lux(const char *const *arguments)
{
    pid_t pid = fork();
    if (pid == 0) {
        redirect("stdout", 1);
        redirect("stderr", 2);
        if (in_child)
            in_child();
        execv(LUX_BINARY_DIR "/lux", (char *const *)arguments);
        _exit(98);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    read_back("stdout", &out);
    read_back("stderr", &err);
    return WEXITSTATUS(status);
}

static void assert_says(const struct buf *text, const char *piece)
{
    if (!strstr(buf_str(text), piece))
        fail_msg("it does not say \"%s\":\n%s", piece, buf_str(text));
}

/* It must fail with this status, one sentence on stderr, and nothing on stdout. */
static void assert_refused(int status, int expected, const char *piece)
{
    assert_int_equal(status, expected);
    assert_says(&err, piece);
    assert_int_equal(strncmp(buf_str(&err), "lux", 3), 0);
    assert_int_equal(out.len, 0);
}

static void put(const char *name, const char *text)
{
    struct error why;
    autofree char *path = path_join(scratch, name);
    autofree char *dir = xstrdup(path);
    *strrchr(dir, '/') = '\0';
    assert_int_equal(file_make_dirs(dir, 0755, &why), 0);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0644, &why), 0);
}

static bool exists(const char *name)
{
    autofree char *path = path_join(scratch, name);
    return file_exists(path);
}

/* ---- list ---- */

static void test_list_prints_every_challenge_as_json(void **state)
{
    (void)state;
    assert_int_equal(lux("list", "--format", "json"), 0);
    json_t *list = json_loads(buf_str(&out), 0, NULL);
    assert_int_equal(json_array_size(list), 56);
    size_t i;
    json_t *one;
    json_array_foreach (list, i, one) {
        assert_int_equal(json_integer_value(json_object_get(one, "number")), i + 1);
        static const char *const strings[] = {"slug", "title", "stage", "binary", "usage"};
        for (size_t k = 0; k < ARRAY_LEN(strings); k++)
            assert_true(json_string_length(json_object_get(one, strings[k])) > 0);
        assert_true(json_is_boolean(json_object_get(one, "available")));
        assert_true(json_is_false(json_object_get(one, "solved")));
        bool has_checks = json_integer_value(json_object_get(one, "checks")) > 0;
        assert_true(json_is_true(json_object_get(one, "available")) == has_checks);
        assert_int_equal(json_object_size(one), 9);
    }
    json_t *second = json_array_get(list, 1);
    assert_string_equal(json_string_value(json_object_get(second, "slug")), "tcp-echo-server");
    assert_string_equal(json_string_value(json_object_get(second, "usage")), "./server <port>");
    assert_true(json_is_true(json_object_get(second, "available")));
    json_decref(list);
}

static void test_list_shows_stages_and_what_is_not_yet_available(void **state)
{
    (void)state;
    assert_int_equal(lux("list"), 0);
    assert_says(&out, "1  Network Fundamentals  (0 of 6 solved)\n");
    assert_says(&out, "  56  raft-lock-service");
    assert_says(&out, "not yet available");
    assert_int_equal(err.len, 0);
    assert_null(strstr(buf_str(&out), " \n")); /* no blanks at the end of a line */
    assert_null(strchr(buf_str(&out), '\033'));
}

static void test_list_goes_on_without_progress_that_cannot_be_read(void **state)
{
    (void)state;
    put(".local/share/lux/lux.db",
        "this is no database, but long enough to look at it twice and more ..............");
    assert_int_equal(lux("list", "--format", "json"), 0);
    assert_says(&err, "lux list: ");
    json_t *list = json_loads(buf_str(&out), 0, NULL);
    assert_int_equal(json_array_size(list), 56);
    json_decref(list);
}

static void test_list_refuses_what_it_does_not_know(void **state)
{
    (void)state;
    assert_refused(lux("list", "--format", "xml"), 2, "pretty, json or names");
    assert_refused(lux("list", "3"), 2, "no arguments");
}

/* ---- show ---- */

static void test_show_prints_the_lesson_without_hints(void **state)
{
    (void)state;
    assert_int_equal(lux("show", "2"), 0);
    assert_says(&out, "TCP Echo Server\n===");
    assert_says(&out, "What you build\n");
    assert_says(&out, "lux show 2 --hint 1");
    assert_null(strstr(buf_str(&out), "### 1"));
    for (const char *line = buf_str(&out); *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <
                    400); /* wrapped: bytes, not columns, so with room for box drawing */
}

static void test_show_takes_every_form_of_a_name(void **state)
{
    (void)state;
    static const char *const names[] = {"tcp-echo-server", "4.2", "02-tcp-echo-server", "tcp-echo-s"};
    assert_int_equal(lux("show", "2"), 0);
    autofree char *first = xstrdup(buf_str(&out));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(lux("show", names[i]), 0);
        assert_string_equal(buf_str(&out), first);
    }
}

static void test_show_prints_the_contract_and_single_hints(void **state)
{
    (void)state;
    assert_int_equal(lux("show", "2", "--contract"), 0);
    assert_says(&out, "- arguments \u2014 ");
    assert_int_equal(lux("show", "2", "--hint", "1"), 0);
    autofree char *first = xstrdup(buf_str(&out));
    assert_int_equal(lux("show", "2", "--hint", "3"), 0);
    assert_string_not_equal(buf_str(&out), first);
    assert_refused(lux("show", "2", "--hint", "4"), 2, "no hint 4");
    assert_refused(lux("show", "2", "--hint", "1", "--contract"), 2, "either");
}

static void test_show_prints_pages_of_the_handbook(void **state)
{
    (void)state;
    assert_int_equal(lux("show", "handbook/signals"), 0);
    assert_int_equal(lux("show", "handbook/signals", "--raw"), 0);
    assert_int_equal(strncmp(buf_str(&out), "# ", 2), 0);
    assert_refused(lux("show", "handbook/../course"), 2, "no page");
    assert_refused(lux("show", "handbook/singals"), 2, "Did you mean handbook/signals?");
    assert_refused(lux("show", "handbook/zzzzzzzz"), 2, "handbook/tcp-close\n");
    assert_int_equal(lux("show", "handbook"), 0);
}

static void test_show_suggests_the_nearest_name(void **state)
{
    (void)state;
    assert_refused(lux("show", "tcp-ehco-server"), 2, "did you mean tcp-echo-server?");
    assert_refused(lux("show"), 2, "which challenge?");
    assert_refused(lux("show", "57"), 2, "1 to 56");
    assert_refused(lux("show", "packet-sniffer"), 2, "not yet available");
}

/* ---- start ---- */

static void test_start_makes_the_workspace_and_says_what_comes_next(void **state)
{
    (void)state;
    assert_int_equal(lux("start", "2"), 0);
    assert_true(exists("lux/02-tcp-echo-server/main.c"));
    assert_says(&out, "lux check 2");
    assert_int_equal(lux("start", "1", "--lang", "go"), 0);
    assert_true(exists("lux/01-tcp-echo-client/main.go"));
}

static void test_start_never_touches_a_workspace_that_is_there(void **state)
{
    (void)state;
    put("lux/02-tcp-echo-server/main.c", "precious");
    assert_refused(lux("start", "2"), 2, "02-tcp-echo-server is there already");
    assert_false(exists("lux/02-tcp-echo-server/main.go"));
    struct buf kept = {0};
    read_back("lux/02-tcp-echo-server/main.c", &kept);
    assert_string_equal(buf_str(&kept), "precious");
    buf_free(&kept);
}

static void test_start_lists_the_languages_that_have_a_starter(void **state)
{
    (void)state;
    assert_refused(lux("start", "2", "--lang", "cobol"), 2, "there are c and go");
    assert_refused(lux("start", "2", "--lang", "../../content"), 2, "no starter");
    assert_refused(lux("start", "55"), 2, "not yet available");
    assert_false(exists("lux"));
}

static void let_no_file_grow(void)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){20, 20}); /* not even a starter fits */
}

static void test_start_leaves_nothing_behind_when_the_disk_is_full(void **state)
{
    (void)state;
    in_child = let_no_file_grow;
    assert_int_equal(lux("start", "2"), 5);
    assert_true(exists("lux"));
    assert_false(exists("lux/02-tcp-echo-server"));
    autofree char *home = path_join(scratch, "lux");
    assert_int_equal(rmdir(home), 0); /* it is empty */
}

static void become_nobody(void)
{
    if (getuid() == 0 && (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
        _exit(97);
}

static void test_start_says_why_the_home_cannot_be_written(void **state)
{
    (void)state;
    autofree char *locked = path_join(scratch, "locked");
    autofree char *home = path_join(locked, "lux");
    assert_int_equal(mkdir(locked, 0555), 0);
    setenv("LUX_HOME", home, 1);
    chmod(scratch, 0755);
    in_child = become_nobody;
    assert_refused(lux("start", "2"), 5, "Permission denied");
}

/* ---- doctor ---- */

static void test_doctor_looks_at_everything(void **state)
{
    (void)state;
    static const char *const looked_at[] = {"course",     "sandbox",  "C ",       "Go",
                                            "workspaces", "progress", "watching", "locale"};
    int status = lux("doctor");
    assert_true(status == 0 || status == 4);
    for (size_t i = 0; i < ARRAY_LEN(looked_at); i++)
        assert_says(&out, looked_at[i]);
    assert_int_equal(strstr(buf_str(&out), "MISSING") != NULL, status == 4);
    /* A language with two ways to build it says which is which. */
    assert_says(&out, "Rust, cargo");
    assert_says(&out, "Rust, rustc");
}

static void test_doctor_names_what_is_missing(void **state)
{
    (void)state;
    autofree char *path = xstrdup(getenv("PATH"));
    setenv("PATH", scratch, 1);
    setenv("LC_ALL", "C", 1);
    setenv("TERM", "dumb", 1);
    int status = lux("doctor");
    setenv("PATH", path, 1);
    unsetenv("LC_ALL");
    assert_int_equal(status, 4);
    assert_says(&out, "sudo apt-get install gcc");
    assert_says(&out, "TERM is dumb");
    assert_says(&out, "ASCII");
}

static void test_a_data_directory_that_is_none_is_named(void **state)
{
    (void)state;
    setenv("LUX_DATA_DIR", "/nonexistent", 1);
    assert_refused(lux("list"), 5, "/nonexistent");
    assert_refused(lux("show", "2"), 5, "/nonexistent");
    assert_refused(lux("start", "2"), 5, "/nonexistent");
    assert_int_equal(lux("doctor"), 4);
    assert_says(&out, "/nonexistent");
}

#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOME(test_list_prints_every_challenge_as_json),
        IN_A_HOME(test_list_shows_stages_and_what_is_not_yet_available),
        IN_A_HOME(test_list_goes_on_without_progress_that_cannot_be_read),
        IN_A_HOME(test_list_refuses_what_it_does_not_know),
        IN_A_HOME(test_show_prints_the_lesson_without_hints),
        IN_A_HOME(test_show_takes_every_form_of_a_name),
        IN_A_HOME(test_show_prints_the_contract_and_single_hints),
        IN_A_HOME(test_show_prints_pages_of_the_handbook),
        IN_A_HOME(test_show_suggests_the_nearest_name),
        IN_A_HOME(test_start_makes_the_workspace_and_says_what_comes_next),
        IN_A_HOME(test_start_never_touches_a_workspace_that_is_there),
        IN_A_HOME(test_start_lists_the_languages_that_have_a_starter),
        IN_A_HOME(test_start_leaves_nothing_behind_when_the_disk_is_full),
        IN_A_HOME(test_start_says_why_the_home_cannot_be_written),
        IN_A_HOME(test_doctor_looks_at_everything),
        IN_A_HOME(test_doctor_names_what_is_missing),
        IN_A_HOME(test_a_data_directory_that_is_none_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
