/* lux from outside: what it says, what it exits with. Stopping it, and hostile programs: lux_life.c. */
#include "lux_help.h"
#include "wellformed.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"

/* In a directory of its own: the build puts the program there. */
#define GOOD_SERVER lux_program("good", "solutions/tcp-echo-server/c/main.c")

/* ---- Usage ---- */

static void without_arguments_it_prints_a_short_usage_and_exits_2(void **state)
{
    (void)state;
    struct lux *l = lux_run(2);
    assert_string_equal(l->out, "");
    assert_has(l->err, "usage: lux COMMAND");
    assert_has(l->err, "lux help");
    lux_free(l);
}

static void help_lists_the_commands_and_explains_each(void **state)
{
    (void)state;
    static const char *const asking[] = {"help", "--help", "-h"};
    for (size_t i = 0; i < ARRAY_LEN(asking); i++) {
        struct lux *l = lux_run(0, asking[i]);
        assert_has(l->out, "check");
        assert_string_equal(l->err, "");
        lux_free(l);
    }
    struct lux *by_help = lux_run(0, "help", "check"), *by_option = lux_run(0, "check", "--help");
    assert_has(by_help->out, "usage: lux check");
    assert_has(by_help->out, "--seed N");
    assert_has(by_help->out, "pretty, ndjson, tap, junit");
    assert_string_equal(by_help->out, by_option->out);
    lux_free(by_help);
    lux_free(by_option);
}

static void every_command_that_help_lists_explains_itself(void **state)
{
    (void)state;
    struct lux *all = lux_run(0, "help");
    int n = 0;
    for (char *line = strtok(all->out, "\n"); line; line = strtok(NULL, "\n")) {
        char name[32];
        if (strncmp(line, "  ", 2) != 0 || sscanf(line, " %31s", name) != 1)
            continue;
        struct lux *one = lux_run(0, "help", name);
        autofree char *usage = xasprintf("usage: lux %s", name);
        assert_has(one->out, usage);
        for (const char *l = one->out; *l; l += strcspn(l, "\n") + 1)
            assert_true(strcspn(l, "\n") <= 100);
        lux_free(one);
        n++;
    }
    assert_true(n >= 3);
    lux_free(all);
}

static void version_is_one_line(void **state)
{
    (void)state;
    struct lux *l = lux_run(0, "--version");
    assert_int_equal(strncmp(l->out, "lux ", 4), 0);
    assert_int_equal(strcspn(l->out, "\n"), l->out_len - 1);
    lux_free(l);
}

static void a_misuse_exits_2_and_says_what_was_meant(void **state)
{
    (void)state;
    const struct {
        const char *arguments[5], *says;
    } cases[] = {
        {{"chekc", "2"}, "did you mean lux check?"},
        {{"frobnicate"}, "lux help lists them"},
        {{"help", "chekc"}, "did you mean lux check?"},
        {{"help", "check", "version"}, "one command at a time"},
        {{"version", "x"}, "takes no arguments"},
        {{"check", "2", "3"}, "not '3' as well"},
        {{"check"}, "which challenge?"},
        {{"check", "2", "--dri", "x"}, "did you mean --dir?"},
        {{"check", "2", "-d"}, "options are written out"},
        {{"check", "2", "--dir"}, "--dir needs a value"},
        {{"check", "2", "--dir="}, "must not be empty"},
        {{"check", "2", "--no-record=yes"}, "takes no value"},
        {{"check", "2", "--jobs", "0"}, "not a whole number from 1"},
        {{"check", "2", "--jobs", "2x"}, "'2x'"},
        {{"check", "2", "--seed", "-1"}, "not a whole number"},
        {{"check", "2", "--seed", "18446744073709551616"}, "not a whole number"},
        {{"check", "2", "--format", "html"}, "pretty, ndjson, tap or junit"},
        {{"check", "2", "--only", "echoes_a_lime"}, "did you mean echoes_a_line?"},
        {{"check", "2", "--only", "zzzzzzzz"}, "it has these:\n  echoes_a_line "},
        {{"check", "tcp-ehco-server"}, "tcp-echo-server"},
        {{"check", "57"}, "57"},
        {{"check", "4.99"}, "4.99"},
        {{"check", ""}, "lux check"},
        {{"check", "9"}, "not available yet"},
        {{"check", "2"}, "lux start"},
        {{"check", "2", "--dir", "/nonexistent"}, "/nonexistent"},
        {{"check", "2", "--dir", "/etc/passwd"}, "/etc/passwd"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *const *a = cases[i].arguments;
        const char *arguments[7] = {"lux", a[0], a[1], a[2], a[3], a[4], NULL};
        struct lux *l = lux_run_(arguments, 2);
        assert_string_equal(l->out, "");
        assert_has(l->err, cases[i].says);
        assert_has(l->err, "lux");
        lux_free(l);
    }
}

static void a_time_scale_that_is_none_is_refused(void **state)
{
    (void)state;
    setenv("LUX_TIME_SCALE", "fast", 1);
    struct lux *l = lux_run(2, "check", "2", "--dir", GOOD_SERVER);
    unsetenv("LUX_TIME_SCALE");
    assert_has(l->err, "LUX_TIME_SCALE is 'fast'");
    lux_free(l);
}

/* ---- Workspaces and builds ---- */

static void an_empty_workspace_is_a_failed_build_that_says_so(void **state)
{
    (void)state;
    autofree char *dir = path_join(lux_scratch(), "empty");
    mkdir(dir, 0755);
    struct lux *l = lux_run(3, "check", "2", "--dir", dir, "--no-record");
    assert_has(l->out, "empty");
    lux_free(l);
}

static void an_unreadable_workspace_says_so(void **state)
{
    (void)state;
    if (geteuid() == 0)
        skip(); /* root reads everything */
    autofree char *dir = path_join(lux_scratch(), "closed");
    mkdir(dir, 0);
    struct lux *l = lux_run(2, "check", "2", "--dir", dir, "--no-record");
    assert_has(l->err, "closed");
    lux_free(l);
    rmdir(dir);
}

static void without_a_compiler_it_names_the_package(void **state)
{
    (void)state;
    const char *dir = lux_program("server", "null/sleep.c");
    autofree char *path = xstrdup(getenv("PATH"));
    setenv("PATH", lux_scratch(), 1);
    struct lux *l = lux_run(3, "check", "2", "--dir", dir, "--no-record");
    setenv("PATH", path, 1);
    assert_has(l->out, "install");
    lux_free(l);
}

static void a_compile_error_exits_3_with_the_compilers_words_in_every_format(void **state)
{
    (void)state;
    const char *dir = lux_program_text("broken", "main.c", "int main(void) { return undeclared_thing; }\n");
    for (int i = 0; i < 4; i++) {
        static const char *const formats[] = {"pretty", "ndjson", "tap", "junit"};
        struct lux *l = lux_run(3, "check", "2", "--dir", dir, "--format", formats[i]);
        assert_has(l->out, "undeclared_thing");
        assert_has(l->out, "main.c");
        const char *bad = i == 1   ? ndjson_error(l->out)
                          : i == 2 ? tap_error(l->out)
                          : i == 3 ? xml_error(l->out, l->out_len)
                                   : NULL;
        if (bad)
            fail_msg("%s: %s in %s", formats[i], bad, l->out);
        lux_free(l);
    }
}

/* ---- Runs ---- */

static void a_good_program_is_solved_and_exits_0_in_every_format(void **state)
{
    (void)state;
    static const char *const formats[] = {"pretty", "ndjson", "tap", "junit"};
    static const char *const says[] = {"solved", "\"solved\":true", ": solved",
                                       "failures=\"0\" errors=\"0\""};
    for (int i = 0; i < 4; i++) {
        struct lux *l = lux_run(0, "check", "tcp-echo-server", "--dir", GOOD_SERVER, "--format", formats[i],
                                "--no-record");
        assert_string_equal(l->err, "");
        assert_has(l->out, says[i]);
        assert_has_not(l->out, "\033");
        const char *bad = i == 1   ? ndjson_error(l->out)
                          : i == 2 ? tap_error(l->out)
                          : i == 3 ? xml_error(l->out, l->out_len)
                                   : NULL;
        if (bad)
            fail_msg("%s: %s in %s", formats[i], bad, l->out);
        lux_free(l);
    }
    assert_false(file_exists(getenv("LUX_DB")));
}

static void a_program_that_ends_at_once_fails_and_exits_1_in_every_format(void **state)
{
    (void)state;
    static const char *const formats[] = {"pretty", "ndjson", "tap", "junit"};
    const char *dir = lux_program("exit", "null/exit-1.c");
    for (int i = 0; i < 4; i++) {
        struct lux *l = lux_run(1, "check", "2", "--dir", dir, "--format", formats[i], "--no-record");
        assert_has(l->out, "fail");
        const char *bad = i == 1   ? ndjson_error(l->out)
                          : i == 2 ? tap_error(l->out)
                          : i == 3 ? xml_error(l->out, l->out_len)
                                   : NULL;
        if (bad)
            fail_msg("%s: %s in %s", formats[i], bad, l->out);
        lux_free(l);
    }
}

static void a_failure_shows_the_clause_and_the_command_to_run_it_again(void **state)
{
    (void)state;
    const char *dir = lux_program("it's here", "null/exit-1.c");
    struct lux *l = lux_run(1, "check", "2", "--dir", dir, "--seed", "77", "--no-record");
    autofree char *again = xasprintf("--dir '%s/it'\\''s here' --only echoes_a_line", lux_scratch());
    assert_has(l->out, "contract");
    /* Wrapped like all text: joined again before it is looked for. */
    struct buf joined = {0};
    for (const char *c = l->out; *c; c++)
        if (*c == '\n' && c[1] == ' ')
            c += strspn(c + 1, " "), buf_addch(&joined, ' ');
        else
            buf_addch(&joined, *c);
    assert_has(buf_str(&joined), again);
    assert_has(buf_str(&joined), "--seed 77");
    buf_free(&joined);
    lux_free(l);
}

static void only_runs_the_named_checks_and_solves_nothing(void **state)
{
    (void)state;
    struct lux *l = lux_run(0, "check", "2", "--dir", GOOD_SERVER, "--only", "echoes_a_line",
                            "--only=takes_the_next_client", "--format", "ndjson");
    assert_has(l->out, "\"passed\":2");
    assert_has(l->out, "\"solved\":false");
    assert_has_not(l->out, "bulk");
    lux_free(l);
}

static void a_seed_is_shown_and_can_be_given_in_hexadecimal(void **state)
{
    (void)state;
    struct lux *l = lux_run(0, "check", "2", "--dir", GOOD_SERVER, "--only", "echoes_a_line", "--seed",
                            "0xffffffffffffffff", "--format", "ndjson", "--no-record");
    assert_has(l->out, "\"18446744073709551615\"");
    lux_free(l);
}

static void a_workspace_is_found_by_its_place_and_by_where_one_stands(void **state)
{
    (void)state;
    const char *dir = lux_program("lux/02-tcp-echo-server", "solutions/tcp-echo-server/c/main.c");
    struct lux *by_name = lux_run(0, "check", "tcp-echo-server", "--only", "echoes_a_line", "--no-record");
    lux_free(by_name);
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(dir), 0);
    struct lux *by_place = lux_run(0, "check", "--only", "echoes_a_line", "--no-record");
    assert_int_equal(chdir(here), 0);
    assert_has(by_place->out, "TCP Echo Server");
    lux_free(by_place);
}

static void a_report_that_cannot_be_written_is_no_success(void **state)
{
    (void)state;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct lux *l = lux_start_to(full, "check", "2", "--dir", GOOD_SERVER, "--no-record");
    lux_finish(l);
    close(full);
    assert_int_equal(l->code, 5);
    assert_has(l->err, "cannot write the report: No space left on device");
    lux_free(l);
}

static void a_database_that_cannot_be_used_is_one_warning(void **state)
{
    (void)state;
    lux_put("lux.db",
            "this is no database, but a text that is long enough to be mistaken for nothing else\n");
    struct lux *l = lux_run(0, "check", "2", "--dir", GOOD_SERVER, "--format", "ndjson");
    const char *first = strstr(l->out, "not recorded");
    assert_non_null(first);
    assert_null(strstr(first + 1, "not recorded"));
    assert_has(l->out, "\"solved\":true");
    lux_free(l);
}

/* A user namespace in which no other can be made, as on machines that forbid them; and no place for the
 * directory of a check. */
static void where_no_sandbox_can_be_had_it_says_why_and_exits_4_in_every_format(void **state)
{
    (void)state;
    static const char *const formats[] = {"pretty", "ndjson", "tap", "junit"};
    const char *dir = GOOD_SERVER;
    for (int i = 0; i < 4; i++) {
        autofree char *command = xasprintf(
            "unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && export TMPDIR=/nowhere && exec %s/lux check 2 --dir %s "
            "--no-record --format %s 2>%s/why'",
            LUX_BINARY_DIR, dir, formats[i], lux_scratch());
        FILE *pipe = popen(command, "r");
        assert_non_null(pipe);
        char out[16384];
        size_t n = fread(out, 1, sizeof out - 1, pipe);
        out[n] = '\0';
        int status = pclose(pipe);
        assert_int_equal(WEXITSTATUS(status), 4);
        struct buf why = {0};
        struct error err;
        autofree char *path = path_join(lux_scratch(), "why");
        assert_int_equal(file_read(path, 65536, &why, &err), 0);
        assert_has(buf_str(&why), "no check can run on this machine: ");
        assert_has(buf_str(&why), "max_user_namespaces");
        buf_free(&why);
        const char *bad = i == 1   ? ndjson_error(out)
                          : i == 2 ? tap_error(out)
                          : i == 3 ? xml_error(out, n)
                                   : NULL;
        if (bad)
            fail_msg("%s: %s in %s", formats[i], bad, out);
        if (i > 0)
            assert_has(out, "max_user_namespaces");
    }
}

int main(int argc, char **argv)
{
    lux_as_nobody(argc, argv);
    const struct CMUnitTest tests[] = {
        LUX_TEST(without_arguments_it_prints_a_short_usage_and_exits_2),
        LUX_TEST(help_lists_the_commands_and_explains_each),
        LUX_TEST(every_command_that_help_lists_explains_itself),
        LUX_TEST(version_is_one_line),
        LUX_TEST(a_misuse_exits_2_and_says_what_was_meant),
        LUX_TEST(a_time_scale_that_is_none_is_refused),
        LUX_TEST(an_empty_workspace_is_a_failed_build_that_says_so),
        LUX_TEST(an_unreadable_workspace_says_so),
        LUX_TEST(without_a_compiler_it_names_the_package),
        LUX_TEST(a_compile_error_exits_3_with_the_compilers_words_in_every_format),
        LUX_TEST(a_good_program_is_solved_and_exits_0_in_every_format),
        LUX_TEST(a_program_that_ends_at_once_fails_and_exits_1_in_every_format),
        LUX_TEST(a_failure_shows_the_clause_and_the_command_to_run_it_again),
        LUX_TEST(only_runs_the_named_checks_and_solves_nothing),
        LUX_TEST(a_seed_is_shown_and_can_be_given_in_hexadecimal),
        LUX_TEST(a_workspace_is_found_by_its_place_and_by_where_one_stands),
        LUX_TEST(a_report_that_cannot_be_written_is_no_success),
        LUX_TEST(where_no_sandbox_can_be_had_it_says_why_and_exits_4_in_every_format),
        LUX_TEST(a_database_that_cannot_be_used_is_one_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
