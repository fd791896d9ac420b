/* lux run, trace, shell and watch from outside. */
#include "lux_help.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"

/* A program that tells how it was started, and what it reads. */
static const char telling[] = "#include <stdio.h>\n"
                              "#include <stdlib.h>\n"
                              "#include <unistd.h>\n"
                              "int main(int argc, char **argv) {\n"
                              "    char line[100], here[100];\n"
                              "    for (int i = 1; i < argc; i++) printf(\"argument %s\\n\", argv[i]);\n"
                              "    printf(\"in %s\\n\", getcwd(here, sizeof here));\n"
                              "    fprintf(stderr, \"to stderr\\n\");\n"
                              "    while (fgets(line, sizeof line, stdin)) printf(\"read %s\", line);\n"
                              "    if (argc > 1 && argv[1][0] == 'a') abort();\n"
                              "    return 42;\n"
                              "}\n";

static const char sleeping[] = "#include <signal.h>\n"
                               "#include <stdio.h>\n"
                               "#include <unistd.h>\n"
                               "static void on(int n) { (void)n; write(1, \"put away\\n\", 9); _exit(9); }\n"
                               "int main(int argc, char **argv) {\n"
                               "    (void)argv;\n"
                               "    signal(SIGINT, argc > 1 ? SIG_IGN : on);\n"
                               "    signal(SIGTERM, argc > 1 ? SIG_IGN : on);\n"
                               "    write(1, \"asleep\\n\", 7);\n"
                               "    for (;;) pause();\n"
                               "}\n";

/* ---- run ---- */

static void run_gives_the_program_its_arguments_streams_and_status(void **state)
{
    (void)state;
    const char *dir = lux_program_text("telling", "main.c", telling);
    struct lux *l = lux_run(42, "run", "2", "--dir", dir, "--", "one", "--two");
    assert_has(l->out, "argument one\nargument --two\nin /run/lux\n");
    assert_string_equal(l->err, "to stderr\n");
    lux_free(l);
    l = lux_run(128 + SIGABRT, "run", "2", "--dir", dir, "--", "abort");
    lux_free(l);
}

static void run_does_not_touch_the_workspace(void **state)
{
    (void)state;
    const char *dir = lux_program_text("telling", "main.c", telling);
    autofree char *shell = xasprintf("rm -f %s/main.c; echo x > %s/new; ls %s", dir, dir, dir);
    setenv("SHELL", "/bin/sh", 1);
    struct lux *l = lux_run(0, "shell", "2", "--dir", dir, "--", "-c", shell);
    assert_has(l->out, "new");
    assert_has_not(l->out, "main.c");
    lux_free(l);
    autofree char *source = path_join(dir, "main.c"), *made = path_join(dir, "new");
    assert_true(file_exists(source));
    assert_false(file_exists(made));
}

/* Whatever their numbers are in there: lux has descriptors of its own. */
static void the_streams_are_the_callers(void **state)
{
    (void)state;
    const char *dir = lux_program_text("telling", "main.c", telling);
    setenv("SHELL", "/bin/sh", 1);
    struct lux *l = lux_run(0, "shell", "28", "--dir", dir, "--", "-c", "echo out; echo err >&2; echo last");
    assert_string_equal(l->out, "out\nlast\n");
    assert_string_equal(l->err, "err\n");
    lux_free(l);
}

static void run_says_what_does_not_build(void **state)
{
    (void)state;
    const char *dir = lux_program_text("broken", "main.c", "int main(void) { return undeclared; }\n");
    struct lux *l = lux_run(3, "run", "2", "--dir", dir);
    assert_string_equal(l->out, "");
    assert_has(l->err, "undeclared");
    assert_has(l->err, "main.c");
    lux_free(l);
}

static void a_signal_goes_to_the_program_first(void **state)
{
    (void)state;
    const char *dir = lux_program_text("sleeping", "main.c", sleeping);
    struct lux *l = lux_start("run", "2", "--dir", dir);
    lux_expect(l, "asleep");
    kill(l->pid, SIGTERM);
    lux_finish(l);
    assert_has(l->out, "put away");
    assert_int_equal(l->code, 9);
    lux_free(l);
}

static void a_second_signal_ends_even_a_program_that_ignores_it(void **state)
{
    (void)state;
    const char *dir = lux_program_text("sleeping", "main.c", sleeping);
    struct lux *l = lux_start("run", "2", "--dir", dir, "--", "deaf");
    lux_expect(l, "asleep");
    kill(l->pid, SIGINT);
    kill(l->pid, SIGTERM);
    lux_finish(l);
    assert_int_equal(l->code, 128 + SIGKILL);
    lux_free(l);
}

static void nothing_outlives_the_program(void **state)
{
    (void)state;
    const char *dir = lux_program_text("telling", "main.c", telling);
    setenv("SHELL", "/bin/sh", 1);
    struct lux *l =
        lux_run(0, "shell", "2", "--dir", dir, "--", "-c", "setsid sleep 1000 & sleep 1000 & exit 0");
    lux_free(l);
}

static void run_check_shows_steps_and_output(void **state)
{
    (void)state;
    lux_free(lux_run(0, "start", "2", "--lang", "c"));
    struct lux *l = lux_run(1, "run", "2", "--check", "echoes_a_line", "--seed", "7");
    assert_has(l->out, "starts ./server");
    assert_has(l->out, "./server stderr: server: not implemented yet");
    assert_has(l->out, "fail: wrong");
    assert_has(l->out, "seed 7");
    lux_free(l);
    l = lux_run(1, "history", "2");
    assert_has(l->err, "never tried");
    lux_free(l);
}

/* ---- trace ---- */

static void trace_shows_system_calls_between_the_steps(void **state)
{
    (void)state;
    const char *dir = lux_program("good", "solutions/tcp-echo-server/c/main.c");
    struct lux *l = lux_run(0, "trace", "2", "echoes_a_line", "--dir", dir);
    static const char *const in_order[] = {
        "execve(\"./server\"", "socket(AF_INET, SOCK_STREAM", "bind(", "listen(", "accept4(", "\"hello\\n\"",
        "1 passed in"};
    const char *at = l->out;
    for (size_t i = 0; i < ARRAY_LEN(in_order); i++) {
        const char *next = strstr(at, in_order[i]);
        if (!next) {
            fail_msg("no %s where it should be in %s", in_order[i], l->out);
            return;
        }
        at = next;
    }
    assert_has(l->out, "starts ./server");
    assert_has_not(l->out, "libc.so");
    lux_free(l);
}

static const char forking[] = "#include <sys/wait.h>\n"
                              "#include <unistd.h>\n"
                              "int main(void) {\n"
                              "    if (fork() == 0) { chdir(\"/child/was/here\"); _exit(3); }\n"
                              "    wait(0);\n"
                              "    return 1;\n"
                              "}\n";

static void trace_follows_children_and_tells_how_it_ended(void **state)
{
    (void)state;
    const char *dir = lux_program_text("forking", "main.c", forking);
    struct lux *l = lux_run(1, "trace", "2", "echoes_a_line", "--dir", dir);
    assert_has(l->out, "[2] execve");
    assert_has(l->out, "chdir(\"/child/was/here\") = -1 ENOENT");
    assert_has(l->out, "ends with status 3");
    assert_has(l->out, "[2] ends with status 1");
    assert_has(l->out, "fail: wrong");
    lux_free(l);
}

static const char structs[] =
    "#include <poll.h>\n"
    "#include <sys/socket.h>\n"
    "#include <sys/stat.h>\n"
    "#include <sys/wait.h>\n"
    "#include <time.h>\n"
    "#include <unistd.h>\n"
    "int main(void) {\n"
    "    int ends[2], on = 1, s = socket(AF_INET, SOCK_STREAM, 0);\n"
    "    struct stat st;\n"
    "    pipe(ends);\n"
    "    struct pollfd p = {ends[1], POLLOUT, 0};\n"
    "    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);\n"
    "    poll(&p, 1, 5);\n"
    "    stat(\"/\", &st);\n"
    "    for (int i = 0; i < 9; i++) nanosleep(&(struct timespec){0, 2000000}, 0);\n"
    "    if (fork() == 0) _exit(3);\n"
    "    wait(&on);\n"
    "    return 1;\n"
    "}\n";

static const char words[] =
    "#define _GNU_SOURCE\n"
    "#include <arpa/inet.h>\n"
    "#include <fcntl.h>\n"
    "#include <net/if.h>\n"
    "#include <signal.h>\n"
    "#include <sys/epoll.h>\n"
    "#include <sys/ioctl.h>\n"
    "#include <sys/select.h>\n"
    "#include <sys/socket.h>\n"
    "#include <sys/uio.h>\n"
    "#include <unistd.h>\n"
    "int main(int argc, char **argv) {\n"
    "    int s = socket(AF_INET, SOCK_DGRAM, 0), e = epoll_create1(EPOLL_CLOEXEC), file = open(\"f\", O_CREAT|O_RDWR, 0640);\n"
    "    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(7777), .sin_addr = {htonl(0x7f000001)}};\n"
    "    struct iovec two[] = {{\"ab\", 2}, {\"cd\\n\", 3}};\n"
    "    struct msghdr m = {.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = two, .msg_iovlen = 2};\n"
    "    struct epoll_event event = {.events = EPOLLIN, .data.fd = s};\n"
    "    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 3, .l_len = 4};\n"
    "    struct ifreq lo = {.ifr_name = \"lo\"};\n"
    "    char room[9];\n"
    "    fd_set set;\n"
    "    bind(s, (void *)&a, sizeof a);\n"
    "    ioctl(s, SIOCGIFFLAGS, &lo);\n"
    "    epoll_ctl(e, EPOLL_CTL_ADD, s, &event);\n"
    "    sendmsg(s, &m, MSG_NOSIGNAL);\n"
    "    epoll_wait(e, &event, 1, 1000);\n"
    "    FD_ZERO(&set);\n"
    "    FD_SET(s, &set);\n"
    "    select(s + 1, &set, NULL, NULL, NULL);\n"
    "    two[0] = (struct iovec){room, sizeof room};\n"
    "    m.msg_iovlen = 1;\n"
    "    recvmsg(s, &m, 0);\n"
    "    shutdown(s, SHUT_WR);\n"
    "    fcntl(s, F_SETFL, O_NONBLOCK);\n"
    "    fcntl(file, F_SETLK, &lock);\n"
    "    lseek(file, 0, SEEK_END);\n"
    "    signal(SIGPIPE, SIG_IGN);\n"
    "    execl(\"./none\", \"none\", \"of this\", NULL);\n"
    "    return 1;\n"
    "}\n";

static void trace_has_words_for_flags_and_messages(void **state)
{
    (void)state;
    static const char *const has[] = {
        "epoll_create1(CLOEXEC) = ",
        "O_RDWR|O_CREAT, 0640) = ",
        "SIOCGIFFLAGS, \"lo\") = 0",
        "EPOLL_CTL_ADD, ",
        "{127.0.0.1:7777, [\"ab\", \"cd\\n\"]}, MSG_NOSIGNAL) = 5",
        ", [{EPOLLIN, ",
        "NULL, NULL, NULL) = 1 reading [",
        "{127.0.0.1:7777, [\"abcd\\n\"]}, 0) = 5",
        "SHUT_WR) = ",
        "F_SETFL, O_NONBLOCK) = 0",
        "F_SETLK, {F_WRLCK, SEEK_SET, from 3, 4 bytes}) = 0",
        "0, SEEK_END) = 0",
        "rt_sigaction(SIGPIPE, {SIG_IGN, SA_RESTART}) = 0",
        "execve(\"./none\", [\"none\", \"of this\"]) = -1 ENOENT",
    };
    const char *dir = lux_program_text("words", "main.c", words);
    struct lux *l = lux_run(1, "trace", "2", "echoes_a_line", "--dir", dir);
    for (size_t i = 0; i < ARRAY_LEN(has); i++)
        assert_has(l->out, has[i]);
    lux_free(l);
}

static void trace_shows_what_is_in_structures_and_counts_rows(void **state)
{
    (void)state;
    const char *dir = lux_program_text("structs", "main.c", structs);
    struct lux *l = lux_run(1, "trace", "2", "echoes_a_line", "--dir", dir);
    assert_has(l->out, "SOL_SOCKET, SO_REUSEADDR, 1, 4) = 0");
    assert_has(l->out, ": POLLOUT], 1, ");
    assert_has(l->out, ") = 1 [");
    assert_has(l->out, "{directory, mode 0");
    assert_has(l->out, "{0.002 s}");
    assert_has(l->out, "nanosleep: 7 more in a row");
    assert_has(l->out, "{exit status 3}");
    lux_free(l);
}

static void trace_can_be_interrupted(void **state)
{
    (void)state;
    const char *dir = lux_program_text("sleeping", "main.c", sleeping);
    struct lux *l = lux_start("trace", "2", "echoes_a_line", "--dir", dir);
    poll(NULL, 0, 700); /* anywhere in it */
    kill(l->pid, SIGTERM);
    lux_finish(l);
    assert_int_equal(l->signal, SIGTERM);
    lux_free(l);
}

/* ---- On a terminal ---- */

struct screen {
    int master;
    pid_t pid;
    struct buf seen;
};

static struct screen begin(const char *const *arguments)
{
    struct screen s = {.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
    struct winsize size = {.ws_row = 33, .ws_col = 99};
    assert_true(s.master >= 0 && grantpt(s.master) == 0 && unlockpt(s.master) == 0);
    s.pid = fork();
    if (s.pid == 0) {
        setsid();
        int slave = open(ptsname(s.master), O_RDWR);
        ioctl(slave, TIOCSWINSZ, &size);
        for (int fd = 0; fd < 3; fd++)
            dup2(slave, fd);
        execv(LUX_BINARY_DIR "/lux", (char *const *)(uintptr_t)arguments);
        _exit(126);
    }
    return s;
}

static void see(struct screen *s, const char *text)
{
    char bytes[4096];
    uint64_t began = clock_now_ns();
    while (!strstr(buf_str(&s->seen), text)) {
        struct pollfd p = {.fd = s->master, .events = POLLIN};
        ssize_t n = poll(&p, 1, 1000) > 0 ? read(s->master, bytes, sizeof bytes) : 0;
        if (n < 0 || clock_ms_since(began) > 30000) {
            kill(s->pid, SIGKILL);
            fail_msg("no \"%s\" in \"%s\"", text, buf_str(&s->seen));
        }
        buf_add(&s->seen, bytes, (size_t)n);
    }
    size_t end = (size_t)(strstr(buf_str(&s->seen), text) - buf_str(&s->seen)) + strlen(text);
    buf_drop(&s->seen, end);
}

static void press(struct screen *s, const char *keys)
{
    assert_int_equal(write(s->master, keys, strlen(keys)), strlen(keys));
}

static int end_of(struct screen *s)
{
    char bytes[4096];
    int status = 0;
    while (read(s->master, bytes, sizeof bytes) > 0) {
    }
    close(s->master);
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    buf_free(&s->seen);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void on_a_terminal_the_shell_has_one_of_its_own(void **state)
{
    (void)state;
    const char *dir = lux_program_text("telling", "main.c", telling);
    setenv("SHELL", "/bin/sh", 1);
    struct screen s = begin((const char *const[]){"lux", "shell", "2", "--dir", dir, NULL});
    see(&s, "(lux 2)");
    press(&s, "stty size; echo size is above\r");
    see(&s, "33 99");
    see(&s, "size is above");
    press(&s, "sh -c 'echo beg''un; exec sleep 1000'\r");
    see(&s, "begun");
    press(&s, "\003");
    see(&s, "(lux 2)");
    press(&s, "echo interr''upted\r");
    see(&s, "interrupted");
    struct winsize larger = {.ws_row = 44, .ws_col = 120};
    ioctl(s.master, TIOCSWINSZ, &larger);
    press(&s, "while test \"$(stty size)\" != '44 120'; do :; done; echo gr''own\r");
    see(&s, "grown");
    press(&s, "exit 5\r");
    assert_int_equal(end_of(&s), 5);
}

static void ctrl_c_reaches_the_program_and_three_escapes_end_it(void **state)
{
    (void)state;
    const char *dir = lux_program_text("sleeping", "main.c", sleeping);
    struct screen s = begin((const char *const[]){"lux", "run", "2", "--dir", dir, NULL});
    see(&s, "asleep");
    press(&s, "\003");
    see(&s, "put away");
    assert_int_equal(end_of(&s), 9);
    s = begin((const char *const[]){"lux", "run", "2", "--dir", dir, "--", "deaf", NULL});
    see(&s, "asleep");
    press(&s, "\003");
    press(&s, "\035\035\035");
    assert_int_equal(end_of(&s), 128 + SIGKILL);
}

/* ---- watch ---- */

static void copy_solution(void)
{
    struct buf text = {0};
    struct error err;
    autofree char *to = path_join(lux_scratch(), "lux/02-tcp-echo-server/main.c");
    assert_int_equal(
        file_read(LUX_SOURCE_DIR "/tests/solutions/tcp-echo-server/c/main.c", 1 << 20, &text, &err), 0);
    assert_int_equal(file_write_atomic(to, text.data, text.len, 0644, &err), 0);
    buf_free(&text);
}

static void watch_checks_again_when_a_file_is_saved(void **state)
{
    (void)state;
    lux_free(lux_run(0, "start", "2", "--lang", "c"));
    struct lux *l = lux_start("watch", "2", "--only", "echoes_a_line", "--until-solved");
    lux_expect(l, "1 failed");
    lux_expect(l, "Watching");
    copy_solution();
    lux_finish(l);
    assert_has(l->out, "A file was saved.");
    assert_has(l->out, "1 passed");
    assert_int_equal(l->code, 0);
    lux_free(l);
}

/* The fallback where files cannot be watched: more directories than are watched bring it about anywhere. */
static void watch_says_that_it_has_to_look_for_itself_and_does(void **state)
{
    (void)state;
    struct error err;
    lux_free(lux_run(0, "start", "2", "--lang", "c"));
    for (int i = 0; i < 70; i++) {
        autofree char *part = xasprintf("%s/lux/02-tcp-echo-server/part-%d", lux_scratch(), i);
        assert_int_equal(file_make_dirs(part, 0755, &err), 0);
    }
    struct lux *l = lux_start("watch", "2", "--only", "echoes_a_line", "--until-solved");
    lux_expect(l, "Watching");
    copy_solution();
    lux_finish(l);
    assert_has(l->err, "cannot be watched here (there are more than 64 directories)");
    assert_has(l->out, "A file was saved.");
    assert_has(l->out, "1 passed");
    assert_int_equal(l->code, 0);
    lux_free(l);
}

static void watch_ends_with_its_check(void **state)
{
    (void)state;
    const char *dir = lux_program("good", "solutions/tcp-echo-server/c/main.c");
    struct lux *l = lux_start("watch", "2", "--dir", dir, "--no-record");
    lux_expect(l, "built");
    kill(l->pid, SIGTERM);
    lux_finish(l);
    assert_int_equal(l->signal, SIGTERM);
    lux_free(l);
}

static void misuse_exits_2(void **state)
{
    (void)state;
    const struct {
        const char *arguments[6], *says;
    } cases[] = {
        {{"run"}, "which challenge?"},
        {{"run", "2", "7000"}, "arguments follow --"},
        {{"run", "2", "--seed", "4"}, "--seed needs --check"},
        {{"run", "2", "--check", "echoes_a_lime"}, "did you mean echoes_a_line?"},
        {{"run", "2", "--check", "echoes_a_line", "--"}, "lux start"},
        {{"run", "2"}, "lux start"},
        {{"trace", "2"}, "lux start"},
        {{"trace", "2", "--dir", "/tmp"}, "which check? tcp-echo-server has these:\n  echoes_a_line "},
        {{"trace", "2", "a", "b"}, "not 'b' as well"},
        {{"shell", "9"}, "not available yet"},
        {{"shell", "2", "3"}, "not '3' as well"},
        {{"watch", "2", "--only", "nothing_like_it"}, "it has "},
        {{"watch", "2"}, "lux start"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *const *a = cases[i].arguments;
        const char *arguments[8] = {"lux", a[0], a[1], a[2], a[3], a[4], a[5], NULL};
        struct lux *l = lux_run_(arguments, 2);
        assert_string_equal(l->out, "");
        assert_has(l->err, cases[i].says);
        lux_free(l);
    }
}

int main(int argc, char **argv)
{
    lux_as_nobody(argc, argv);
    const struct CMUnitTest tests[] = {
        LUX_TEST(run_gives_the_program_its_arguments_streams_and_status),
        LUX_TEST(run_does_not_touch_the_workspace),
        LUX_TEST(the_streams_are_the_callers),
        LUX_TEST(run_says_what_does_not_build),
        LUX_TEST(a_signal_goes_to_the_program_first),
        LUX_TEST(a_second_signal_ends_even_a_program_that_ignores_it),
        LUX_TEST(nothing_outlives_the_program),
        LUX_TEST(run_check_shows_steps_and_output),
        LUX_TEST(trace_shows_system_calls_between_the_steps),
        LUX_TEST(trace_follows_children_and_tells_how_it_ended),
        LUX_TEST(trace_shows_what_is_in_structures_and_counts_rows),
        LUX_TEST(trace_has_words_for_flags_and_messages),
        LUX_TEST(trace_can_be_interrupted),
        LUX_TEST(on_a_terminal_the_shell_has_one_of_its_own),
        LUX_TEST(ctrl_c_reaches_the_program_and_three_escapes_end_it),
        LUX_TEST(watch_checks_again_when_a_file_is_saved),
        LUX_TEST(watch_says_that_it_has_to_look_for_itself_and_does),
        LUX_TEST(watch_ends_with_its_check),
        LUX_TEST(misuse_exits_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
