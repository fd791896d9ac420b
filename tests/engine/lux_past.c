/* What lux remembers, from outside: hint, next, history, progress, reset, and the snapshots behind them. */
#include "lux_help.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/sha256.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"

static char *workspace(void)
{
    return path_join(lux_scratch(), "lux/02-tcp-echo-server");
}

static char *in_workspace(const char *name)
{
    autofree char *dir = workspace();
    return path_join(dir, name);
}

static void start(void)
{
    lux_free(lux_run(0, "start", "2", "--lang", "c"));
}

static char *contents(const char *name)
{
    struct buf text = {0};
    struct error err;
    autofree char *path = in_workspace(name);
    if (file_read(path, 10 << 20, &text, &err))
        fail_msg("%s", err.text);
    return buf_take(&text);
}

static void put(const char *name, const char *text)
{
    struct error err;
    autofree char *path = in_workspace(name);
    if (file_write_atomic(path, text, strlen(text), 0644, &err))
        fail_msg("%s", err.text);
}

static bool is_there(const char *name)
{
    autofree char *path = in_workspace(name);
    return file_exists(path);
}

/* A program whose build fails is the quickest attempt. */
static void try_broken(void)
{
    put("main.c", "int main(void) { return nothing_of_the_kind; }\n");
    lux_free(lux_run(3, "check", "2"));
}

/* ---- Hashes ---- */

static void sha256_is_that_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hex;
    } known[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[SHA256_HEX];
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct sha256 s;
        sha256_begin(&s);
        for (const char *p = known[i].text; *p; p++)
            sha256_add(&s, p, 1);
        sha256_end(&s, hex);
        assert_string_equal(hex, known[i].hex);
    }
}

/* ---- hint ---- */

static void hints_come_one_by_one_and_are_remembered(void **state)
{
    (void)state;
    struct lux *none = lux_run(1, "hint", "2", "--again");
    assert_has(none->err, "no hint of tcp-echo-server was given yet");
    lux_free(none);
    static const char *const titles[] = {"Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3"};
    for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
        struct lux *l = lux_run(0, "hint", "2");
        assert_has(l->out, titles[i]);
        assert_string_equal(l->err, "");
        for (size_t k = 0; k < ARRAY_LEN(titles); k++)
            if (k != i)
                assert_has_not(l->out, titles[k]);
        lux_free(l);
    }
    struct lux *over = lux_run(1, "hint", "2");
    assert_string_equal(over->out, "");
    assert_has(over->err, "--again");
    lux_free(over);
    struct lux *again = lux_run(0, "hint", "2", "--again");
    for (size_t k = 0; k < ARRAY_LEN(titles); k++)
        assert_has(again->out, titles[k]);
    lux_free(again);
    struct lux *other = lux_run(0, "hint", "1");
    assert_has(other->out, "Hint 1 of");
    lux_free(other);
}

static void a_hint_that_cannot_be_remembered_is_given_all_the_same(void **state)
{
    (void)state;
    lux_put("lux.db", "this is no database, and it is long enough to be looked at as one, is it not?\n"
                      "one hundred bytes are what the header of one has; here they are.\n");
    struct lux *l = lux_run(0, "hint", "2");
    assert_has(l->out, "Hint 1 of 3");
    assert_has(l->err, "not remembered");
    lux_free(l);
}

/* ---- next ---- */

static void next_is_the_beginning_then_what_is_begun_then_what_was_tried(void **state)
{
    (void)state;
    struct lux *l = lux_run(0, "next");
    assert_has(l->out, "1 TCP Echo Client");
    assert_has(l->out, "where the course begins");
    assert_has(l->out, "lux start 1");
    lux_free(l);
    start();
    l = lux_run(0, "next");
    assert_has(l->out, "2 TCP Echo Server");
    assert_has(l->out, "never run");
    lux_free(l);
    try_broken();
    l = lux_run(0, "next");
    assert_has(l->out, "You were at it");
    assert_has(l->out, "lux check 2");
    lux_free(l);
    l = lux_run(0, "next", "--name");
    assert_string_equal(l->out, "tcp-echo-server\n");
    lux_free(l);
}

/* ---- history ---- */

static void history_lists_attempts_and_keeps_their_source(void **state)
{
    (void)state;
    struct lux *l = lux_run(1, "history", "2");
    assert_has(l->err, "never tried");
    lux_free(l);
    start();
    try_broken();
    put("main.c", "int main(void) { return another_thing; }\n");
    put("more.h", "/* a header */\n");
    lux_free(lux_run(3, "check", "2"));
    l = lux_run(0, "history", "2");
    assert_has(l->out, "2 attempts");
    assert_has(l->out, "build failed");
    lux_free(l);
    l = lux_run(0, "history", "2", "--attempt", "2");
    assert_has(l->out, "main.c");
    assert_has(l->out, "more.h");
    lux_free(l);
    l = lux_run(0, "history", "2", "--format", "json");
    assert_has(l->out, "\"attempt\": 2");
    lux_free(l);
    autofree char *old = path_join(lux_scratch(), "old");
    lux_free(lux_run(0, "history", "2", "--attempt", "1", "--to", old));
    struct buf text = {0};
    struct error err;
    autofree char *path = path_join(old, "main.c"), *other = path_join(old, "more.h");
    assert_int_equal(file_read(path, 1000, &text, &err), 0);
    assert_string_equal(buf_str(&text), "int main(void) { return nothing_of_the_kind; }\n");
    assert_false(file_exists(other));
    buf_free(&text);
    l = lux_run(2, "history", "2", "--attempt", "1", "--to", old);
    assert_has(l->err, "cannot make the directory");
    lux_free(l);
}

static void what_no_snapshot_keeps_is_told_once(void **state)
{
    (void)state;
    start();
    enum { TOO_MUCH = 300 << 10 };
    autofree char *big = xmalloc(TOO_MUCH + 1);
    memset(big, 'x', TOO_MUCH);
    big[TOO_MUCH] = '\0';
    put("big.txt", big);
    put("main.o", "an object file");
    autofree char *link = in_workspace("link.c");
    assert_int_equal(symlink("/etc/passwd", link), 0);
    put("main.c", "int main(void) { return nothing_of_the_kind; }\n");
    struct lux *l = lux_run(3, "check", "2", "--format", "ndjson");
    assert_has(l->out, "big.txt: 300 KiB, more than 256 KiB");
    assert_has(l->out, "link.c: a symbolic link");
    assert_has_not(l->out, "main.o: ");
    lux_free(l);
    l = lux_run(3, "check", "2", "--format", "ndjson");
    assert_has_not(l->out, "300 KiB");
    lux_free(l);
    l = lux_run(0, "history", "2", "--attempt", "2");
    assert_has(l->out, "big.txt: 300 KiB");
    assert_has_not(l->out, "main.o");
    lux_free(l);
}

/* ---- progress ---- */

static void progress_tells_stages_and_days(void **state)
{
    (void)state;
    struct lux *l = lux_run(0, "progress");
    assert_has(l->out, "0 of 56 challenges solved, 0 begun");
    lux_free(l);
    const char *dir = lux_program("good", "solutions/tcp-echo-server/c/main.c");
    lux_free(lux_run(0, "check", "2", "--dir", dir));
    l = lux_run(0, "progress");
    assert_has(l->out, "1 of 56 challenges solved, 0 begun");
    assert_has(l->out, "1 of 6");
    assert_has(l->out, "1 attempt ");
    assert_has(l->out, "1 solved");
    lux_free(l);
    l = lux_run(0, "progress", "--format", "json");
    assert_has(l->out, "\"slug\": \"tcp-echo-server\"");
    assert_has(l->out, "\"solved\": true");
    lux_free(l);
    l = lux_run(0, "next");
    assert_has(l->out, "builds on tcp-echo-server");
    lux_free(l);
}

/* ---- reset ---- */

static void reset_brings_the_starter_and_undo_brings_everything_back(void **state)
{
    (void)state;
    start();
    autofree char *starter = contents("main.c");
    put("main.c", "changed\n");
    put("notes.txt", "mine\n");
    put(".hidden", "stays\n");
    struct lux *l = lux_run(0, "reset", "2", "--yes");
    assert_has(l->out, "--undo");
    lux_free(l);
    autofree char *after = contents("main.c");
    assert_string_equal(after, starter);
    assert_false(is_there("notes.txt"));
    assert_true(is_there(".hidden"));
    lux_free(lux_run(0, "reset", "2", "--undo", "--yes"));
    autofree char *undone = contents("main.c"), *notes = contents("notes.txt");
    assert_string_equal(undone, "changed\n");
    assert_string_equal(notes, "mine\n");
    lux_free(lux_run(0, "reset", "2", "--undo", "--yes"));
    autofree char *redone = contents("main.c");
    assert_string_equal(redone, starter);
}

static void reset_does_not_touch_what_it_could_not_bring_back(void **state)
{
    (void)state;
    start();
    enum { TOO_MUCH = 300 << 10 };
    autofree char *big = xmalloc(TOO_MUCH + 1);
    memset(big, ' ', TOO_MUCH);
    big[TOO_MUCH] = '\0';
    put("main.c", big);
    put("notes.txt", "mine\n");
    struct lux *l = lux_run(5, "reset", "2", "--yes", "--lang", "c");
    assert_has(l->err, "main.c is in the way");
    lux_free(l);
    assert_true(is_there("notes.txt"));
    autofree char *still = contents("main.c");
    assert_string_equal(still, big);
}

static void without_a_database_nothing_is_reset(void **state)
{
    (void)state;
    start();
    put("main.c", "changed\n");
    setenv("LUX_DB", "/proc/nothing/lux.db", 1);
    struct lux *l = lux_run(5, "reset", "2", "--yes");
    assert_has(l->err, "nothing was changed");
    lux_free(l);
    autofree char *still = contents("main.c");
    assert_string_equal(still, "changed\n");
}

static void without_a_terminal_reset_wants_yes(void **state)
{
    (void)state;
    start();
    put("main.c", "changed\n");
    struct lux *l = lux_run(2, "reset", "2");
    assert_has(l->err, "--yes");
    lux_free(l);
    l = lux_run(1, "reset", "2", "--undo", "--yes");
    assert_has(l->err, "never reset");
    lux_free(l);
    autofree char *still = contents("main.c");
    assert_string_equal(still, "changed\n");
}

/* Runs `lux reset 2` on a terminal, types the answer once it has asked, and returns its exit status. */
static int reset_on_terminal(const char *answer)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        int slave = open(ptsname(master), O_RDWR);
        for (int fd = 0; fd < 3; fd++)
            dup2(slave, fd);
        execl(LUX_BINARY_DIR "/lux", "lux", "reset", "2", (char *)NULL);
        _exit(126);
    }
    struct buf seen = {0};
    char bytes[4096];
    ssize_t n;
    bool answered = false;
    while ((n = read(master, bytes, sizeof bytes)) > 0) {
        buf_add(&seen, bytes, (size_t)n);
        if (!answered && strstr(buf_str(&seen), "[y/N]")) {
            assert_has(buf_str(&seen), "remove   notes.txt");
            assert_has(buf_str(&seen), "replace  main.c");
            assert_int_equal(write(master, answer, strlen(answer)), strlen(answer));
            answered = true;
        }
    }
    assert_true(answered);
    buf_free(&seen);
    close(master);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static void on_a_terminal_reset_asks(void **state)
{
    (void)state;
    start();
    put("main.c", "changed\n");
    put("notes.txt", "mine\n");
    assert_int_equal(reset_on_terminal("\n"), 1);
    autofree char *still = contents("main.c");
    assert_string_equal(still, "changed\n");
    assert_int_equal(reset_on_terminal("y\n"), 0);
    assert_false(is_there("notes.txt"));
}

static void misuse_exits_2(void **state)
{
    (void)state;
    const struct {
        const char *arguments[5], *says;
    } cases[] = {
        {{"next", "2"}, "takes no arguments"},
        {{"hint"}, "which challenge?"},
        {{"hint", "2", "3"}, "not '3' as well"},
        {{"hint", "9"}, "not yet available"},
        {{"history"}, "which challenge?"},
        {{"history", "2", "--to", "x"}, "--to needs --attempt"},
        {{"history", "2", "--attempt", "7"}, "no attempt 7"},
        {{"progress", "2"}, "takes no arguments"},
        {{"progress", "--format", "xml"}, "pretty or json"},
        {{"reset"}, "which challenge?"},
        {{"reset", "2", "--yes"}, "lux start"},
        {{"reset", "2", "--undo", "--lang", "c"}, "whatever language"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *const *a = cases[i].arguments;
        const char *arguments[7] = {"lux", a[0], a[1], a[2], a[3], a[4], NULL};
        struct lux *l = lux_run_(arguments, 2);
        assert_has(l->err, cases[i].says);
        lux_free(l);
    }
    start();
    struct lux *l = lux_run(2, "reset", "2", "--yes", "--lang", "cobol");
    assert_has(l->err, "no starter in cobol");
    lux_free(l);
}

int main(int argc, char **argv)
{
    lux_as_nobody(argc, argv);
    const struct CMUnitTest tests[] = {
        LUX_TEST(sha256_is_that_of_the_standard),
        LUX_TEST(hints_come_one_by_one_and_are_remembered),
        LUX_TEST(a_hint_that_cannot_be_remembered_is_given_all_the_same),
        LUX_TEST(next_is_the_beginning_then_what_is_begun_then_what_was_tried),
        LUX_TEST(history_lists_attempts_and_keeps_their_source),
        LUX_TEST(what_no_snapshot_keeps_is_told_once),
        LUX_TEST(progress_tells_stages_and_days),
        LUX_TEST(reset_brings_the_starter_and_undo_brings_everything_back),
        LUX_TEST(reset_does_not_touch_what_it_could_not_bring_back),
        LUX_TEST(without_a_database_nothing_is_reset),
        LUX_TEST(without_a_terminal_reset_wants_yes),
        LUX_TEST(on_a_terminal_reset_asks),
        LUX_TEST(misuse_exits_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
