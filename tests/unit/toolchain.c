/* Toolchains as data: the table that is shipped, and how files with mistakes are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"
#include "workspace/diagnostics.h"
#include "workspace/toolchain.h"

static void put_table(const char *entry)
{
    autofree char *text = xasprintf("toolchains:\n%s", entry);
    scratch_put("assets/toolchains.yaml", text);
}

static void assert_refused(const char *entry, const char *piece)
{
    struct error err = {""};
    put_table(entry);
    assert_null(toolchains_load(scratch, &err));
    if (!strstr(err.text, piece))
        fail_msg("the error does not say \"%s\": %s", piece, err.text);
}

static const char *recognised(const struct toolchains *t)
{
    struct error err;
    const struct toolchain *tc = toolchains_recognise(t, scratch, &err);
    return tc ? tc->name : "";
}

static void test_recognises_by_the_files_in_a_fixed_order(void **state)
{
    (void)state;
    struct error err;
    struct toolchains *t = toolchains_load(LUX_SOURCE_DIR, &err);
    assert_non_null(t);
    static const struct {
        const char *file, *toolchain;
    } steps[] = {
        {"other.c", "c-files"}, {"main.py", "python"}, {"main.c", "c"},        {"go.mod", "go"},
        {"Cargo.toml", "rust"}, {"Makefile", "make"},  {"build.sh", "script"},
    };
    assert_string_equal(recognised(t), "");
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        scratch_put(steps[i].file, "");
        assert_string_equal(recognised(t), steps[i].toolchain);
    }
    toolchains_free(t);
}

static void test_ignores_hidden_files_and_directories(void **state)
{
    (void)state;
    struct error err;
    struct toolchains *t = toolchains_load(LUX_SOURCE_DIR, &err);
    scratch_put(".main.c", "");
    scratch_put("main.c/x", "");
    assert_string_equal(recognised(t), "");
    toolchains_free(t);
}

static void test_every_toolchain_can_be_shown(void **state)
{
    (void)state;
    struct error err;
    struct toolchains *t = toolchains_load(LUX_SOURCE_DIR, &err);
    for (size_t i = 0; i < toolchains_count(t); i++) {
        const struct toolchain *tc = toolchains_get(t, i);
        assert_true(toolchain_title(tc)[0] && toolchain_language(tc)[0] && tc->program[0]);
        assert_true(i == 0 || toolchains_get(t, i - 1)->priority <= tc->priority);
    }
    toolchains_free(t);
}

static void test_quotes_what_the_shell_would_misread(void **state)
{
    (void)state;
    struct error err;
    put_table("  - {name: x, files: [\"*.x\"], build: \"x {sources} -o {binary}\", program: x}\n");
    struct toolchains *t = toolchains_load(scratch, &err);
    scratch_put("-rf.x", "");
    scratch_put("a b.x", "");
    scratch_put("it's;$(id).x", "");
    const struct toolchain *tc = toolchains_recognise(t, scratch, &err);
    autofree char *command = toolchain_expand(tc, tc->build, scratch, "prog", &err);
    assert_string_equal(command, "x ./-rf.x 'a b.x' 'it'\\''s;$(id).x' -o prog");
    toolchains_free(t);
}

static void test_refuses_tables_with_mistakes(void **state)
{
    (void)state;
    assert_refused("  - {name: x, files: [], build: b, program: x}\n", "files is empty");
    assert_refused("  - {name: x, files: [a], build: b}\n", "Missing required mapping field: program");
    assert_refused("  - {name: x, files: [a], build: b, program: x, errors: klingon}\n",
                   "no style \"klingon\"");
    assert_refused("  - {name: x, files: [a], build: b, program: x, pattern: \"(\"}\n", "x: pattern:");
    assert_refused("  - {name: x, files: [a], build: b, program: x, pattern: \"(a)\"}\n", "are five");
    assert_refused(
        "  - {name: x, files: [a], build: b, program: x, environment: [{name: \"A=B\", value: c}]}\n",
        "no name of a variable");
    assert_refused("  - {name: x, priority: high, files: [a], build: b, program: x}\n", "toolchains.yaml:2:");
}

static void test_reads_messages_by_a_pattern_of_ones_own(void **state)
{
    (void)state;
    struct diagnostics *d =
        diagnostics_new(NULL, "^([a-z.]+)\\[([0-9]+),([0-9]+)\\] ([a-z]+): (.*)$", "/somewhere");
    size_t n;
    diagnostics_line(d, "nothing");
    diagnostics_line(d, "main.x[3,14] hint: write less");
    struct diagnostic *list = diagnostics_list(d, &n);
    assert_int_equal(n, 1);
    assert_string_equal(list[0].file, "main.x");
    assert_int_equal(list[0].line, 3);
    assert_int_equal(list[0].column, 14);
    assert_string_equal(list[0].severity, "hint");
    assert_string_equal(list[0].message, "write less");
    diagnostics_free(d);
}

static void test_keeps_a_limited_number_of_messages(void **state)
{
    (void)state;
    struct diagnostics *d = diagnostics_new("gcc", NULL, "/dir");
    size_t n;
    for (int i = 1; i <= 1000; i++) {
        autofree char *line = xasprintf("/dir/sub/main.c:%d:1: error: no\x1b[31m", i);
        diagnostics_line(d, line);
    }
    struct diagnostic *list = diagnostics_list(d, &n);
    assert_int_equal(n, DIAGNOSTICS_MAX);
    assert_string_equal(list[0].file, "sub/main.c");
    assert_string_equal(list[0].message, "no\\e[31m");
    diagnostics_free(d);
}

static void test_is_not_confused_by_lines_of_any_kind(void **state)
{
    (void)state;
    static const char *const styles[] = {"gcc", "go", "rust", "python"};
    static const char *const lines[] = {
        "",
        ":",
        ":::",
        "a:1:1: error: ",
        "a:99999999999999999999:1: error: x",
        " --> :1:1",
        "error: ",
        " --> a:1:1",
        "  File \"\", line 1",
        "SyntaxError: x",
        "  File \"a\", line 99999999999999999999",
        "x.go:0:0: ",
    };
    for (size_t s = 0; s < ARRAY_LEN(styles); s++) {
        struct diagnostics *d = diagnostics_new(styles[s], NULL, "/dir");
        size_t n;
        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
            diagnostics_line(d, lines[i]);
        struct diagnostic *list = diagnostics_list(d, &n);
        for (size_t i = 0; i < n; i++)
            assert_true(list[i].file && list[i].message && list[i].severity && list[i].line >= 0);
        diagnostics_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SCRATCH(test_recognises_by_the_files_in_a_fixed_order),
        WITH_SCRATCH(test_ignores_hidden_files_and_directories),
        cmocka_unit_test(test_every_toolchain_can_be_shown),
        WITH_SCRATCH(test_quotes_what_the_shell_would_misread),
        WITH_SCRATCH(test_refuses_tables_with_mistakes),
        cmocka_unit_test(test_reads_messages_by_a_pattern_of_ones_own),
        cmocka_unit_test(test_keeps_a_limited_number_of_messages),
        cmocka_unit_test(test_is_not_confused_by_lines_of_any_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
