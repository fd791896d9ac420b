/* Building: real compilers in real directories, and everything that can go wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "scratch.h"
#include "workspace/build.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct record {
    uv_loop_t loop;
    struct build *build;
    int starts, ends;
    bool ok;
    char language[32], error[2048];
    struct buf command, output;
    struct {
        char file[128], severity[16], message[256];
        int line, column;
    } diagnostics[8];
    size_t n_diagnostics;
    const char *cancel_at; /* cancels when a line of output is this */
};

static void on_event(void *context, const struct event *e)
{
    struct record *r = context;
    assert_int_equal(r->ends, 0); /* the end is the last */
    switch (e->type) {
    case EVENT_BUILD_START:
        r->starts++;
        snprintf(r->language, sizeof r->language, "%s",
                 e->build_start.language ? e->build_start.language : "");
        buf_addstr(&r->command, e->build_start.command);
        break;
    case EVENT_BUILD_OUTPUT:
        buf_printf(&r->output, "%s\n", e->build_output.text);
        if (r->cancel_at && strcmp(r->cancel_at, e->build_output.text) == 0)
            build_cancel(r->build);
        break;
    case EVENT_BUILD_END:
        r->ends++;
        r->ok = e->build_end.ok;
        snprintf(r->error, sizeof r->error, "%s", e->build_end.error ? e->build_end.error : "");
        for (size_t i = 0; i < e->build_end.n_diagnostics && i < 8; i++) {
            const struct diagnostic *d = &e->build_end.diagnostics[i];
            snprintf(r->diagnostics[i].file, 128, "%s", d->file);
            snprintf(r->diagnostics[i].severity, 16, "%s", d->severity);
            snprintf(r->diagnostics[i].message, 256, "%s", d->message);
            r->diagnostics[i].line = d->line;
            r->diagnostics[i].column = d->column;
        }
        r->n_diagnostics = e->build_end.n_diagnostics;
        break;
    default:
        fail_msg("an event of type %d", (int)e->type);
    }
}

static struct record r;

static void begin_build(int time_limit_ms)
{
    uv_loop_init(&r.loop);
    r.build = build_run(&(struct build_options){.loop = &r.loop,
                                                .data_dir = LUX_SOURCE_DIR,
                                                .dir = scratch,
                                                .binary = "prog",
                                                .time_limit_ms = time_limit_ms,
                                                .epoch_ns = clock_now_ns(),
                                                .handler = on_event,
                                                .context = &r});
}

static void finish_build(void)
{
    uv_run(&r.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&r.loop), 0); /* no handle is left */
    assert_int_equal(r.starts, 1);
    assert_int_equal(r.ends, 1);
    assert_true(r.ok == (r.error[0] == '\0'));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static void forget(void)
{
    buf_free(&r.command);
    buf_free(&r.output);
    r = (struct record){.starts = 0};
}

static void build(void)
{
    forget();
    begin_build(0);
    finish_build();
}

static void assert_built(void)
{
    build();
    if (!r.ok)
        fail_msg("%s\n%s", r.error, buf_str(&r.output));
    autofree char *program = path_join(scratch, "prog");
    assert_int_equal(access(program, X_OK), 0);
}

static void assert_fails_with(const char *piece)
{
    build();
    if (r.ok || !strstr(r.error, piece))
        fail_msg("the error does not say \"%s\": %s\n%s", piece, r.error, buf_str(&r.output));
}

/* What the program prints. */
static void assert_prints(const char *expected)
{
    char line[256] = "";
    autofree char *command = xasprintf("%s/prog 'an argument'", scratch);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(pclose(f), 0);
    assert_string_equal(line, expected);
}

static bool have(const char *program)
{
    autofree char *command = xasprintf("command -v %s >/dev/null 2>&1", program);
    return system(command) == 0;
}

/* Nothing but these files (sorted, joined by spaces) is in the directory. */
static void assert_holds(const char *expected)
{
    struct dirent **entries;
    struct buf names = {0};
    int n = scandir(scratch, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
            buf_printf(&names, "%s%s", names.len ? " " : "", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    assert_string_equal(buf_str(&names), expected);
    buf_free(&names);
}

#define HELLO_C "#include <stdio.h>\nint main(int c, char **v) { return !(c == 2 && puts(v[1]) > 0); }\n"

/* ---- Languages ---- */

static void test_builds_c(void **state)
{
    (void)state;
    scratch_put("main.c",
                "int say(const char *);\nint main(int c, char **v) { return !(c == 2 && say(v[1]) > 0); }\n");
    scratch_put("a file.c",
                "#include <stdio.h>\nint say(const char *s);\nint say(const char *s) { return puts(s); }\n");
    assert_built();
    assert_string_equal(r.language, "c");
    assert_string_equal(buf_str(&r.command),
                        "cc -std=gnu17 -O2 -g -Wall -Wextra -o prog 'a file.c' main.c -pthread -lm -lrt");
    assert_prints("an argument\n");
    assert_holds("a file.c main.c prog");
}

static void test_builds_c_without_a_main_file(void **state)
{
    (void)state;
    scratch_put("server.c", HELLO_C);
    assert_built();
    assert_string_equal(r.language, "c");
}

static void test_builds_go_from_files(void **state)
{
    (void)state;
    if (!have("go"))
        skip();
    scratch_put("main.go", "package main\nfunc main() { say() }\n");
    scratch_put("say.go", "package main\nimport (\"fmt\"; \"os\")\nfunc say() { fmt.Println(os.Args[1]) }\n");
    scratch_put("say_test.go", "package main\nimport \"testing\"\nfunc TestSay(t *testing.T) {}\n");
    assert_built();
    assert_string_equal(r.language, "go");
    assert_string_equal(buf_str(&r.command), "go build -o prog main.go say.go");
    assert_prints("an argument\n");
}

static void test_builds_a_go_module(void **state)
{
    (void)state;
    if (!have("go"))
        skip();
    scratch_put("go.mod", "module example.com/prog\n\ngo 1.18\n");
    scratch_put("main.go", "package main\nimport (\"fmt\"; \"os\"; \"example.com/prog/x\")\n"
                           "func main() { fmt.Println(os.Args[x.One]) }\n");
    scratch_put("x/x.go", "package x\nconst One = 1\n");
    assert_built();
    assert_prints("an argument\n");
}

static void test_builds_go_without_a_home_that_can_be_written(void **state)
{
    (void)state;
    if (!have("go"))
        skip();
    autofree char *home = xstrdup(getenv("HOME"));
    scratch_put("main.go", "package main\nfunc main() { println(1) }\n");
    setenv("HOME", "/nonexistent", 1);
    unsetenv("XDG_CACHE_HOME");
    build();
    setenv("HOME", home, 1);
    if (!r.ok)
        fail_msg("%s\n%s", r.error, buf_str(&r.output));
}

static void test_builds_cpp(void **state)
{
    (void)state;
    if (!have("c++"))
        skip();
    scratch_put("main.cpp", "#include <iostream>\nint main(int, char **v) { std::cout << v[1] << '\\n'; }\n");
    assert_built();
    assert_string_equal(r.language, "c++");
    assert_prints("an argument\n");
}

static void test_builds_rust_from_a_file(void **state)
{
    (void)state;
    if (system("rustc --version >/dev/null 2>&1"))
        skip();
    scratch_put("main.rs", "fn main() { println!(\"{}\", std::env::args().nth(1).unwrap()); }\n");
    assert_built();
    assert_string_equal(r.language, "rust");
    assert_prints("an argument\n");
    assert_holds("main.rs prog");
}

static void test_builds_a_cargo_package(void **state)
{
    (void)state;
    if (system("cargo --version >/dev/null 2>&1"))
        skip();
    scratch_put("Cargo.toml", "[package]\nname = \"prog\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    scratch_put("src/main.rs", "fn main() { println!(\"{}\", std::env::args().nth(1).unwrap()); }\n");
    assert_built();
    assert_string_equal(r.language, "rust");
    assert_prints("an argument\n");
    scratch_put("Cargo.toml", "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    autofree char *target = path_join(scratch, "target/release/prog");
    unlink(target);
    assert_fails_with("must have name = \"prog\"");
}

static void test_builds_python(void **state)
{
    (void)state;
    if (!have("python3"))
        skip();
    scratch_put("main.py", "import sys\nimport words\nprint(words.last(sys.argv))\n");
    scratch_put("words.py", "def last(l):\n    return l[-1]\n");
    assert_built();
    assert_string_equal(r.language, "python");
    assert_prints("an argument\n");
}

static void test_builds_with_make(void **state)
{
    (void)state;
    if (!have("make"))
        skip();
    scratch_put("main.c", HELLO_C);
    scratch_put("Makefile", "prog: main.c\n\t$(CC) -o $@ $<\n");
    assert_built();
    assert_string_equal(r.language, "make");
    assert_prints("an argument\n");
}

static void test_prefers_a_build_script_to_everything_else(void **state)
{
    (void)state;
    scratch_put("main.c", "this is no C\n");
    scratch_put("Makefile", "nor is this a rule\n");
    scratch_put("build.sh", "printf '#!/bin/sh\\necho \"$1\"\\n' > prog\nchmod +x prog\n");
    assert_built();
    assert_string_equal(r.language, "script");
    assert_prints("an argument\n");
}

static void test_knows_a_language_that_the_learner_has_added(void **state)
{
    (void)state;
    scratch_put("config/lux/toolchains.yaml",
                "toolchains:\n"
                "  - name: shout\n    files: [main.shout]\n    program: tr\n"
                "    build: tr a-z A-Z < {sources} > {binary} && chmod +x {binary}\n");
    scratch_put("main.shout", "#!/bin/sh\n");
    autofree char *config = path_join(scratch, "config");
    setenv("XDG_CONFIG_HOME", config, 1);
    assert_built();
    assert_string_equal(r.language, "shout");
    scratch_put("config/lux/toolchains.yaml", "toolchains:\n  - name: shout\n    fils: [x]\n");
    assert_fails_with("toolchains.yaml:3: Unexpected key: fils");
    unsetenv("XDG_CONFIG_HOME");
}

/* ---- Messages ---- */

static void assert_diagnostic(size_t i, const char *file, int line, int column, const char *severity,
                              const char *piece)
{
    assert_true(i < r.n_diagnostics);
    assert_string_equal(r.diagnostics[i].file, file);
    assert_int_equal(r.diagnostics[i].line, line);
    assert_int_equal(r.diagnostics[i].column, column);
    assert_string_equal(r.diagnostics[i].severity, severity);
    if (!strstr(r.diagnostics[i].message, piece))
        fail_msg("%s", r.diagnostics[i].message);
}

static void test_finds_the_errors_of_gcc(void **state)
{
    (void)state;
    scratch_put("main.c", "int main(void)\n{\n    int unused;\n    return x;\n}\n");
    assert_fails_with("an error in main.c:4: ‘x’ undeclared");
    bool seen = false;
    for (size_t i = 0; i < r.n_diagnostics; i++)
        if (r.diagnostics[i].line == 4 && strcmp(r.diagnostics[i].severity, "error") == 0) {
            assert_diagnostic(i, "main.c", 4, 12, "error", "undeclared");
            seen = true;
        }
    assert_true(seen);
    assert_holds("main.c");
}

static void test_finds_the_errors_of_the_linker(void **state)
{
    (void)state;
    scratch_put("main.c", "int missing(void);\nint main(void)\n{\n    return missing();\n}\n");
    assert_fails_with("an error in main.c:4: undefined reference to `missing'");
}

static void test_finds_the_errors_of_go(void **state)
{
    (void)state;
    if (!have("go"))
        skip();
    scratch_put("main.go", "package main\n\nfunc main() {\n\tx := 1\n\ty()\n}\n");
    assert_fails_with("2 errors, the first in main.go:4");
    assert_diagnostic(1, "main.go", 5, 2, "error", "undefined: y");
}

static void test_finds_the_errors_of_python(void **state)
{
    (void)state;
    if (!have("python3"))
        skip();
    scratch_put("main.py", "x = 1\ndef f(:\n");
    assert_fails_with("an error in main.py:2: SyntaxError");
}

static void test_finds_the_errors_of_rust(void **state)
{
    (void)state;
    if (system("rustc --version >/dev/null 2>&1"))
        skip();
    scratch_put("main.rs", "fn main() {\n    y();\n}\n");
    assert_fails_with("an error in main.rs:2: cannot find function");
}

static void test_builds_with_warnings_and_reports_them(void **state)
{
    (void)state;
    scratch_put("main.c", "int main(void)\n{\n    int unused;\n    return 0;\n}\n");
    assert_built();
    assert_diagnostic(0, "main.c", 3, 9, "warning", "unused");
}

/* ---- What can go wrong ---- */

static void test_says_what_an_empty_workspace_needs(void **state)
{
    (void)state;
    assert_fails_with("is empty: write a program there");
    assert_string_equal(r.language, "");
    scratch_put("notes.txt", "x\n");
    assert_fails_with("Lux looks for build.sh, GNUmakefile");
    assert_non_null(strstr(r.error, "main.c"));
}

static void test_says_that_a_workspace_cannot_be_read(void **state)
{
    (void)state;
    if (getuid() == 0) {
        autofree char *path = path_join(scratch, "");
        rmdir(path);
        assert_fails_with("cannot read the workspace");
        mkdir(path, 0755);
        return;
    }
    chmod(scratch, 0);
    assert_fails_with("cannot read the workspace");
    chmod(scratch, 0755);
}

static void test_names_the_package_of_a_missing_compiler(void **state)
{
    (void)state;
    autofree char *path = xstrdup(getenv("PATH"));
    scratch_put("main.c", HELLO_C);
    setenv("PATH", scratch, 1);
    assert_fails_with("cc is not installed, and C needs it: sudo apt-get install gcc");
    setenv("PATH", path, 1);
    assert_string_equal(r.language, "c");
}

static void test_wants_a_program_after_a_build_that_succeeds(void **state)
{
    (void)state;
    scratch_put("build.sh", "true\n");
    assert_fails_with(
        "`sh ./build.sh` succeeded, but there is no program prog afterwards. build.sh must leave");
    scratch_put("build.sh", "echo x > prog\n");
    assert_fails_with("not executable");
    scratch_put("build.sh", "rm -f prog; mkdir -p prog\n");
    assert_fails_with("no program prog");
}

static void test_does_not_replace_a_directory_by_the_program(void **state)
{
    (void)state;
    scratch_put("main.c", HELLO_C);
    scratch_put("prog/keep", "x\n");
    assert_fails_with("cannot put the program in its place");
    assert_holds("main.c prog");
}

static void test_reports_exit_status_and_signals_of_the_command(void **state)
{
    (void)state;
    scratch_put("build.sh", "echo out; echo err >&2; exit 3\n");
    assert_fails_with("`sh ./build.sh` ended with exit status 3");
    assert_non_null(strstr(buf_str(&r.output), "out\n"));
    assert_non_null(strstr(buf_str(&r.output), "err\n"));
    scratch_put("build.sh", "kill -SEGV $$\n");
    assert_fails_with("signal 11");
}

static void test_escapes_what_the_build_prints(void **state)
{
    (void)state;
    scratch_put("build.sh", "printf '\\033[31mred\\033[0m\\r\\n\\tx\\377\\000y'; exit 1\n");
    assert_fails_with("exit status 1");
    assert_string_equal(buf_str(&r.output), "\\e[31mred\\e[0m\n        x\\xff\\0y\n");
}

static void test_bounds_the_output(void **state)
{
    (void)state;
    scratch_put("build.sh", "yes 'a line of output' | head -c 20000000; head -c 100000 /dev/zero; exit 1\n");
    assert_fails_with("exit status 1");
    assert_true(r.output.len < BUILD_OUTPUT_MAX + 200);
    assert_non_null(strstr(buf_str(&r.output), "more than 1 MiB of output"));
}

static void test_stops_a_build_that_takes_too_long(void **state)
{
    (void)state;
    forget();
    scratch_put("build.sh", "trap '' TERM INT HUP; while :; do sleep 100; done\n");
    begin_build(300);
    finish_build();
    assert_non_null(strstr(r.error, "took longer than 0.3 s and was stopped (`sh ./build.sh`)"));
}

static bool is_alive(const char *pid_file)
{
    struct buf text = {0};
    struct error err;
    autofree char *path = path_join(scratch, pid_file);
    if (file_read(path, 100, &text, &err))
        fail_msg("%s", err.text);
    pid_t pid = (pid_t)strtol(buf_str(&text), NULL, 10);
    assert_true(pid > 1);
    buf_free(&text);
    return kill(pid, 0) == 0;
}

static void test_cancelling_kills_daemons_too(void **state)
{
    (void)state;
    forget();
    scratch_put("build.sh", "(trap '' HUP TERM; setsid sh -c 'sleep 1000 & echo $! > daemon; wait' &) \n"
                            "while ! test -s daemon; do :; done\necho ready\nsleep 1000\n");
    r.cancel_at = "ready";
    begin_build(0);
    finish_build();
    assert_string_equal(r.error, "the build was cancelled");
    assert_false(is_alive("daemon"));
}

static void test_a_build_leaves_no_process_when_it_succeeds(void **state)
{
    (void)state;
    scratch_put("build.sh",
                "setsid sh -c 'sleep 1000 & echo $! > daemon; wait' &\nwhile ! test -s daemon; do :; done\n"
                "cp /bin/true prog\n");
    assert_built();
    assert_false(is_alive("daemon"));
}

static void test_a_cancel_before_the_beginning_ends_the_build(void **state)
{
    (void)state;
    forget();
    scratch_put("build.sh", "sleep 1000\n");
    begin_build(0);
    build_cancel(r.build);
    finish_build();
    assert_string_equal(r.error, "the build was cancelled");
}

/* A child begins a build and is killed; what it started must be gone, and its temporary directory too. */
static void test_nothing_survives_the_death_of_lux(void **state)
{
    (void)state;
    scratch_put("build.sh", "echo $TMPDIR > tmpdir; touch $TMPDIR/half-made\necho $$ > shell\n"
                            "setsid sh -c 'sleep 1000 & echo $! > daemon; wait' &\n"
                            "while ! test -s daemon; do :; done\necho > ready\nsleep 1000\n");
    autofree char *ready = path_join(scratch, "ready");
    forget();
    pid_t lux = fork();
    if (lux == 0) {
        begin_build(0);
        uv_run(&r.loop, UV_RUN_DEFAULT);
        _exit(0);
    }
    while (!file_exists(ready))
        assert_int_equal(waitpid(lux, NULL, WNOHANG), 0);
    kill(lux, SIGKILL);
    assert_int_equal(waitpid(lux, NULL, 0), lux);

    struct buf tmpdir = {0};
    struct error err;
    autofree char *path = path_join(scratch, "tmpdir");
    assert_int_equal(file_read(path, 1000, &tmpdir, &err), 0);
    tmpdir.data[--tmpdir.len] = '\0';
    uint64_t since = clock_now_ns();
    while ((file_exists(tmpdir.data) || is_alive("daemon") || is_alive("shell")) &&
           clock_ms_since(since) < 10000)
        usleep(1000);
    assert_false(file_exists(tmpdir.data));
    assert_false(is_alive("daemon"));
    assert_false(is_alive("shell"));
    buf_free(&tmpdir);
}

static void test_a_program_that_runs_is_not_disturbed_by_a_new_build(void **state)
{
    (void)state;
    scratch_put("main.c",
                "#include <unistd.h>\nint main(void) { char c; return read(0, &c, 1) == 1 ? 7 : 8; }\n");
    assert_built();
    int in[2];
    assert_int_equal(pipe(in), 0);
    autofree char *program = path_join(scratch, "prog");
    pid_t running = fork();
    if (running == 0) {
        dup2(in[0], 0);
        execl(program, program, (char *)NULL);
        _exit(1);
    }
    forget();
    begin_build(0);
    uv_run(&r.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&r.loop), 0);
    assert_true(r.ok);
    int status;
    assert_int_equal(write(in[1], "x", 1), 1);
    assert_int_equal(waitpid(running, &status, 0), running);
    assert_int_equal(WEXITSTATUS(status), 7);
    close(in[0]);
    close(in[1]);
}

static int release(void **state)
{
    (void)state;
    forget();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SCRATCH(test_builds_c),
        WITH_SCRATCH(test_builds_c_without_a_main_file),
        WITH_SCRATCH(test_builds_go_from_files),
        WITH_SCRATCH(test_builds_a_go_module),
        WITH_SCRATCH(test_builds_go_without_a_home_that_can_be_written),
        WITH_SCRATCH(test_builds_cpp),
        WITH_SCRATCH(test_builds_rust_from_a_file),
        WITH_SCRATCH(test_builds_a_cargo_package),
        WITH_SCRATCH(test_builds_python),
        WITH_SCRATCH(test_builds_with_make),
        WITH_SCRATCH(test_prefers_a_build_script_to_everything_else),
        WITH_SCRATCH(test_knows_a_language_that_the_learner_has_added),
        WITH_SCRATCH(test_finds_the_errors_of_gcc),
        WITH_SCRATCH(test_finds_the_errors_of_the_linker),
        WITH_SCRATCH(test_finds_the_errors_of_go),
        WITH_SCRATCH(test_finds_the_errors_of_python),
        WITH_SCRATCH(test_finds_the_errors_of_rust),
        WITH_SCRATCH(test_builds_with_warnings_and_reports_them),
        WITH_SCRATCH(test_says_what_an_empty_workspace_needs),
        WITH_SCRATCH(test_says_that_a_workspace_cannot_be_read),
        WITH_SCRATCH(test_names_the_package_of_a_missing_compiler),
        WITH_SCRATCH(test_wants_a_program_after_a_build_that_succeeds),
        WITH_SCRATCH(test_does_not_replace_a_directory_by_the_program),
        WITH_SCRATCH(test_reports_exit_status_and_signals_of_the_command),
        WITH_SCRATCH(test_escapes_what_the_build_prints),
        WITH_SCRATCH(test_bounds_the_output),
        WITH_SCRATCH(test_stops_a_build_that_takes_too_long),
        WITH_SCRATCH(test_cancelling_kills_daemons_too),
        WITH_SCRATCH(test_a_build_leaves_no_process_when_it_succeeds),
        WITH_SCRATCH(test_a_cancel_before_the_beginning_ends_the_build),
        WITH_SCRATCH(test_nothing_survives_the_death_of_lux),
        WITH_SCRATCH(test_a_program_that_runs_is_not_disturbed_by_a_new_build),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
