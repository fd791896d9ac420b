/* The whole path of a newcomer, on the rendered screen: the welcome, challenge 2, a program written in vim in
 * the terminal pane, a failure explained, the mistake mended, solved, out, in again, still solved. And every
 * way out of luxtui leaves a terminal that a shell can use. */
#include "cmocka_all.h"

#include "ptest.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REFERENCE LUX_SOURCE_DIR "/tests/solutions/tcp-echo-server/c/main.c"
#define LUXTUI    LUX_BINARY_DIR "/luxtui"

struct newcomer {
    char home[64];
    char *env[5];
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static int set_up(void **state)
{
    struct newcomer *n = xcalloc(1, sizeof *n);
    struct error err;

    snprintf(n->home, sizeof n->home, "/tmp/lux-newcomer-XXXXXX");
    if (!mkdtemp(n->home))
        return -1;
    n->env[0] = xasprintf("HOME=%s", n->home);
    n->env[1] = xasprintf("PATH=%s", getenv("PATH"));
    n->env[2] = xstrdup("SHELL=/bin/sh");
    n->env[3] = xstrdup("PS1=$ ");
    *state = n;
    /* No surprises from the machine's own vim. */
    autofree char *vimrc = path_join(n->home, ".vimrc");
    static const char plain[] = "set nocompatible nobackup noswapfile ruler\nset shortmess+=I\n";
    return file_write_atomic(vimrc, plain, sizeof plain - 1, 0644, &err);
}

static int tear_down(void **state)
{
    struct newcomer *n = *state;

    nftw(n->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < ARRAY_LEN(n->env); i++)
        free(n->env[i]);
    free(n);
    return 0;
}

static struct ptest *open_lux(const struct newcomer *n, const char *argument)
{
    const char *env[8] = {n->env[0], n->env[1], n->env[2], n->env[3], "LUXTUI_TEST=1", "EDITOR=vim"};
    const char *argv[] = {LUXTUI, argument, NULL};

    return pt_start(&(struct pt_options){.rows = 40, .cols = 120, .argv = argv, .env = env, .cwd = n->home});
}

static void pass_welcome(struct ptest *p)
{
    pt_wait_text(p, "In which language will you write?");
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "Press the key that you want to leave the shell with");
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "What this machine offers");
    pt_keys(p, "<Enter>");
    pt_wait_gone(p, "What this machine offers");
    pt_wait_text(p, "The way"); /* the map: the first challenge is chosen */
    pt_keys(p, "<Enter>");
    pt_wait_gone(p, "The way");
}

static void must_leave_cleanly(struct ptest *p)
{
    int status = pt_wait_exit(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(pt_is_sane(p));
}

/* The reference with one defect: it stops at the first NUL byte. */
static void write_broken_program(const char *path)
{
    static const char broken[] =
        "#include <arpa/inet.h>\n#include <pthread.h>\n#include <signal.h>\n#include <stdlib.h>\n#include <string.h>\n"
        "#include <sys/socket.h>\n#include <unistd.h>\n"
        "static void *serve(void *p) { int fd = (int)(long)p; char b[4097]; ssize_t n;\n"
        "  while ((n = read(fd, b, 4096)) > 0) { b[n] = 0; send(fd, b, strlen(b), MSG_NOSIGNAL); } close(fd); return 0; }\n"
        "int main(int c, char **v) { if (c != 2) return 2; int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;\n"
        "  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(v[1]))};\n"
        "  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);\n"
        "  if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 128)) return 1;\n"
        "  for (;;) { int fd = accept(s, 0, 0); pthread_t t; pthread_create(&t, 0, serve, (void *)(long)fd); "
        "pthread_detach(t); } }\n";
    struct error err;
    assert_int_equal(file_write_atomic(path, broken, sizeof broken - 1, 0644, &err), 0);
}

static void a_newcomer_solves_a_challenge(void **state)
{
    struct newcomer *n = *state;
    struct ptest *p = open_lux(n, NULL);

    pass_welcome(p);
    pt_wait_text(p, "solved 0/56");

    /* Challenge 2, and a place for the program. */
    pt_keys(p, "}");
    pt_wait_text(p, "2 TCP Echo Server        ");
    pt_keys(p, "t");
    pt_sync(p);
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "C-g q or F12 leaves");
    pt_wait_text(p, "$ ");

    /* A first try, in vim, in the terminal pane; saving it starts the checks. */
    autofree char *draft = path_join(n->home, "draft.c");
    write_broken_program(draft);
    pt_keys(p, "vim main.c<Enter>");
    pt_wait_text(p, "\"main.c\" ");
    autofree char *read_draft = xasprintf(":silent %%!cat %s<Enter>", draft);
    pt_keys(p, read_draft);
    pt_wait_text(p, "MSG_NOSIGNAL");
    pt_keys(p, ":w<Enter>");
    pt_wait_any(p, (const char *const[]){"failed  core", NULL}, 60000);
    assert_false(pt_has(p, "solved 1/56"));

    /* Out of the shell, to the check that failed: why. */
    pt_keys(p, "<F12>4/every byte<Enter>");
    pt_sync(p);
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "keeps_every_byte_value");
    pt_wait_text(p, "The contract says");
    pt_wait_text(p, "Every byte that a client sends");

    /* Mended: the reference takes the place of the draft. */
    pt_keys(p, "t");
    pt_sync(p);
    autofree char *read_reference = xasprintf(":silent %%!cat %s<Enter>", REFERENCE);
    pt_keys(p, read_reference);
    pt_keys(p, ":wq<Enter>");
    pt_wait_any(p, (const char *const[]){"solved 1/56", NULL}, 60000);
    pt_keys(p, "<F12>");
    pt_sync(p);

    /* Out (from the failure to the lesson, then from Lux); and in again, where one stopped. */
    pt_keys(p, "q");
    pt_wait_text(p, "Lesson");
    pt_keys(p, "q");
    must_leave_cleanly(p);
    pt_free(p);

    p = open_lux(n, NULL);
    pt_wait_text(p, "solved 1/56");
    pt_wait_text(p, "2 TCP Echo Server");
    assert_false(pt_has(p, "In which language"));
    pt_keys(p, "q");
    must_leave_cleanly(p);
    pt_free(p);
}

static void the_top_line_names_the_language_of_the_workspace(void **state)
{
    struct newcomer *n = *state;
    struct ptest *p = open_lux(n, "2");
    pt_wait_text(p, "In which language will you write?");
    pt_keys(p, "<Esc>");
    pt_wait_text(p, "The way");
    pt_keys(p, "<Esc>t");
    pt_wait_text(p, "[C]");
    pt_keys(p, "<Right>");
    pt_wait_text(p, "[Go]");
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "Go   solved 0/56"); /* nothing was built yet */
    pt_keys(p, "exit<Enter>");
    pt_wait_text(p, "The shell ended");
    pt_keys(p, "<F12>q");
    must_leave_cleanly(p);
    pt_free(p);
}

/* Most learners leave their editor open: what the compiler complains of is gone to in it. */
static void a_build_error_is_gone_to_in_the_editor_that_is_open(void **state)
{
    struct newcomer *n = *state;
    struct ptest *p = open_lux(n, "2");
    struct error err;
    static const char wrong[] = "int main(void)\n{\n    return 3\n}\n// the end\n";
    autofree char *draft = path_join(n->home, "draft.c");
    assert_int_equal(file_write_atomic(draft, wrong, sizeof wrong - 1, 0644, &err), 0);

    pt_wait_text(p, "In which language will you write?");
    pt_keys(p, "<Esc>");
    pt_wait_text(p, "The way");
    pt_keys(p, "<Esc>t");
    pt_wait_text(p, "Enter make it");
    pt_sync(p);
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "C-g q or F12 leaves");
    pt_wait_text(p, "$ ");
    pt_keys(p, "<C-g>e");
    pt_wait_text(p, "\"main.c\" ");
    autofree char *read_draft = xasprintf(":silent %%!cat %s<Enter>", draft);
    pt_keys(p, read_draft);
    pt_wait_text(p, "// the end");
    pt_keys(p, ":w<Enter>");
    pt_wait_any(p, (const char *const[]){"build failed", NULL}, 60000);
    pt_keys(p, "G");
    pt_wait_text(p, "5,1");
    pt_keys(p, "<F12>.");
    pt_wait_text(p, "3,5"); /* in the same vim */
    pt_keys(p, ":q!<Enter>");
    pt_wait_gone(p, "// the end");
    pt_keys(p, "exit<Enter>");
    pt_wait_text(p, "The shell ended");
    pt_keys(p, "<F12>q");
    must_leave_cleanly(p);
    pt_free(p);
}

static void the_terminal_is_sane_after_every_end(void **state)
{
    struct newcomer *n = *state;
    static const int signals[] = {SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGBUS};

    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct ptest *p = open_lux(n, "2");
        pt_wait_text(p, "TCP Echo Server");
        pt_sync(p);
        assert_false(pt_is_sane(p));
        pt_signal(p, signals[i]);
        int status = pt_wait_exit(p);
        if (signals[i] == SIGTERM || signals[i] == SIGHUP)
            assert_true(WIFEXITED(status) || WTERMSIG(status) == signals[i]);
        else
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
        assert_true(pt_is_sane(p));
        size_t size;
        const char *tail = pt_tail(p, &size);
        assert_non_null(strstr(tail, "\033[?1049l")); /* out of the alternate screen */
        assert_non_null(strstr(tail, "\033[?1006l"));
        assert_non_null(strstr(tail, "\033[?2004l"));
        pt_free(p);
    }
}

static void it_asks_for_a_terminal_when_there_is_none(void **state)
{
    struct newcomer *n = *state;
    (void)n;
    FILE *f = popen(LUXTUI " </dev/null 2>&1", "r");
    char line[256] = "";

    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_non_null(strstr(line, "needs a terminal"));
    int status = pclose(f);
    assert_int_equal(WEXITSTATUS(status), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_newcomer_solves_a_challenge, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_top_line_names_the_language_of_the_workspace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_build_error_is_gone_to_in_the_editor_that_is_open, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_terminal_is_sane_after_every_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_asks_for_a_terminal_when_there_is_none, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
