/* A child on a pseudo-terminal, and real programs on the whole terminal. Every wait is for a condition. */
#include "vt_screen.h"

#include "base/clock.h"
#include "vt/environment.h"
#include "vt/pty.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

struct child {
    struct screen *screen;
    struct pty *pty;
};

static void child_output(const char *bytes, size_t n, void *user)
{
    struct child *c = user;
    assert_true(pty_write(c->pty, bytes, n));
}

static struct child *start_in(int rows, int cols, const char *const *env, const char *const *argv)
{
    static const struct terminal_callbacks callbacks = {.output = child_output};
    struct child *c = calloc(1, sizeof *c);
    struct error err = {0};

    c->screen = calloc(1, sizeof *c->screen);
    c->screen->t = terminal_new(rows, cols, 1000, &callbacks, c);
    c->pty = pty_spawn(&(struct pty_options){.argv = argv, .env = env, .rows = rows, .cols = cols}, &err);
    if (!c->pty)
        fail_msg("%s", err.text);
    return c;
}

#define start(...) start_in(24, 80, NULL, (const char *const[]){__VA_ARGS__, NULL})

/* Moves bytes for a moment; false when the terminal has ended. */
static bool pump(struct child *c)
{
    static char buffer[PTY_READ_MAX];
    struct pollfd p = {.fd = pty_fd(c->pty), .events = POLLIN};

    if (p.fd < 0)
        return false;
    if (pty_queued(c->pty))
        p.events |= POLLOUT;
    poll(&p, 1, 100);
    if (p.revents & POLLOUT)
        pty_flush(c->pty);
    ssize_t n = p.revents & ~POLLOUT ? pty_read(c->pty, buffer, sizeof buffer) : 0;
    if (n > 0)
        terminal_feed(c->screen->t, buffer, (size_t)n);
    return n >= 0;
}

static bool shows(const struct child *c, const char *text)
{
    struct buf all = {0};

    add_lines(c->screen, terminal_screen_line(c->screen->t), terminal_end_line(c->screen->t), &all);
    bool found = strstr(buf_str(&all), text) != NULL;
    buf_free(&all);
    return found;
}

static void wait_for_at(struct child *c, const char *text, int line)
{
    uint64_t since = clock_now_ns();

    while (!shows(c, text)) {
        bool open = pump(c);
        if ((!open && !shows(c, text)) || clock_ms_since(since) > PATIENCE_MS) {
            struct buf all = {0};
            add_lines(c->screen, terminal_screen_line(c->screen->t), terminal_end_line(c->screen->t), &all);
            print_error("waited for \"%s\"; the screen is:\n%s\n", text, buf_str(&all));
            buf_free(&all);
            _fail(__FILE__, line);
        }
    }
}
#define wait_for(c, text) wait_for_at(c, text, __LINE__)

static int wait_for_end(struct child *c)
{
    int status;

    while (pump(c))
        ;
    while (!pty_reap(c->pty, &status))
        pump(c);
    return status;
}

static void type(struct child *c, const char *text)
{
    terminal_send(c->screen->t, text, strlen(text));
}

static void stop(struct child *c)
{
    pty_free(c->pty);
    screen_free(c->screen);
    free(c);
}

static void what_a_child_writes_last_is_not_lost(void **state)
{
    struct child *c = start("sh", "-c", "seq 1 1000; printf the-end; exit 7");
    (void)state;
    int status = wait_for_end(c);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_true(shows(c, "1000\nthe-end"));
    assert_int_equal(terminal_end_line(c->screen->t) - terminal_first_line(c->screen->t), 1001);
    assert_int_equal(pty_fd(c->pty), -1);
    stop(c);
}

static void a_program_that_cannot_start_says_why(void **state)
{
    struct error err;
    (void)state;
    assert_null(
        pty_spawn(&(struct pty_options){.argv = (const char *const[]){"no-such-program", NULL}}, &err));
    assert_string_equal(err.text, "cannot start no-such-program: No such file or directory");
    assert_null(pty_spawn(
        &(struct pty_options){.argv = (const char *const[]){"sh", NULL}, .cwd = "/no/such/directory"}, &err));
    assert_string_equal(err.text, "cannot start sh in /no/such/directory: No such file or directory");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left to reap */
    assert_int_equal(errno, ECHILD);
}

static void the_child_finds_a_sane_terminal_of_the_right_size(void **state)
{
    struct child *c =
        start_in(30, 100, NULL,
                 (const char *const[]){"sh", "-c", "stty size; stty; tty; echo $0; ls /proc/self/fd", NULL});
    (void)state;
    wait_for_end(c);
    assert_true(shows(c, "30 100"));
    assert_true(shows(c, "/dev/pts/"));
    assert_false(shows(c, "-echo"));
    assert_false(shows(c, "-icanon"));
    assert_true(shows(c, "0  1  2  3")); /* 3 is the directory that ls reads */
    assert_false(shows(c, "3  4"));
    stop(c);
}

static void signals_are_as_by_default(void **state)
{
    sigset_t all, old;
    (void)state;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);
    signal(SIGPIPE, SIG_IGN);
    struct child *c = start("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status");
    sigprocmask(SIG_SETMASK, &old, NULL);
    wait_for_end(c);
    assert_true(shows(c, "SigBlk: 0000000000000000"));
    assert_true(shows(c, "SigIgn: 0000000000000000"));
    stop(c);
}

static void the_environment_is_cleaned(void **state)
{
    char *base[] = {"HOME=/home/x",   "TMUX=/tmp/x", "TMUX_PANE=%1", "LINES=3",       "COLUMNS=4",
                    "TERM=screen",    "STY=1",       "KITTY_PID=1",  "VTE_VERSION=1", "LANG=C",
                    "TERM_PROGRAM=a", "LINESX=1",    "WEZTERM_X=1",  "GONE=1",        "OLD=1",
                    "TERMINFO=/x",    NULL};
    static const char *const changes[] = {"OLD=2", "NEW=3", "GONE", "NEVER", NULL};
    static const char *const expected[] = {"HOME=/home/x",
                                           "LANG=C",
                                           "LINESX=1",
                                           "TERMINFO=/x",
                                           "TERM=xterm-256color",
                                           "COLORTERM=truecolor",
                                           "LUXTUI=1",
                                           "TERM_PROGRAM=luxtui",
                                           "OLD=2",
                                           "NEW=3",
                                           "TERM_PROGRAM_VERSION=" LUX_VERSION};
    size_t count = 0;

    (void)state;
    char **env = environment_new(base, changes);
    for (; env[count]; count++) {
        bool found = false;
        for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
            found |= strcmp(env[count], expected[i]) == 0;
        if (!found)
            fail_msg("%s is there", env[count]);
    }
    assert_int_equal(count, sizeof expected / sizeof *expected);
    environment_free(env);
}

static void a_resize_reaches_the_child(void **state)
{
    struct child *c =
        start("sh", "-c", "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.02; done");
    (void)state;
    wait_for(c, "ready");
    terminal_resize(c->screen->t, 33, 77, NULL, 0);
    pty_resize(c->pty, 33, 77);
    wait_for(c, "33 77");
    wait_for_end(c);
    stop(c);
}

static void what_the_child_does_not_take_waits_and_is_bounded(void **state)
{
    enum { SIZE = 1 << 20 };
    struct child *c =
        start("sh", "-c", "stty raw -echo; echo ready; read -r x < /dev/null; head -c 1048576 | cksum");
    char *bytes = calloc(1, SIZE);
    (void)state;
    wait_for(c, "ready");
    assert_true(pty_write(c->pty, bytes, SIZE));
    assert_true(pty_queued(c->pty) > 0);
    for (int i = 1; i < PTY_QUEUE_MAX / SIZE; i++)
        assert_true(pty_write(c->pty, bytes, SIZE));
    assert_false(pty_write(c->pty, bytes, PTY_QUEUE_MAX));
    wait_for(c, "1048576");
    pty_drop_queue(c->pty);
    assert_int_equal(pty_queued(c->pty), 0);
    free(bytes);
    stop(c);
}

static void control_c_stops_a_flood(void **state)
{
    struct child *c =
        start("sh", "-c", "trap 'trap \"\" INT; echo stopped; exit 3' INT; while :; do echo flood; done");
    (void)state;
    wait_for(c, "flood");
    type(c, "\003");
    int status = wait_for_end(c);
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_true(shows(c, "stopped"));
    stop(c);
}

static void a_freed_terminal_hangs_up_its_child(void **state)
{
    struct child *c = start("sh", "-c", "echo ready; exec cat");
    int status;
    (void)state;
    wait_for(c, "ready");
    pid_t pid = pty_pid(c->pty);
    assert_int_equal(pty_foreground(c->pty), pid);
    stop(c);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGHUP);
}

/* ---- Real programs ---- */

static bool have(const char *program)
{
    char command[100];

    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
    return system(command) == 0;
}

#define need(program)   \
    if (!have(program)) \
    skip()

static const char *const plain[] = {
    "LC_ALL=C.UTF-8", "HOME=/nonexistent", "EXINIT", "VIMINIT", "LESS", "PS1=$ ", NULL};

static struct child *start_shell(void)
{
    return start_in(24, 80, plain, (const char *const[]){"sh", "-i", NULL});
}

static void vim_edits_inside(void **state)
{
    need("vim");
    struct child *c =
        start_in(24, 80, plain, (const char *const[]){"vim", "-u", "NONE", "-N", "-i", "NONE", NULL});
    (void)state;
    wait_for(c, "VIM - Vi IMproved");
    assert_true(terminal_modes(c->screen->t).alternate);
    type(c, ":set noswapfile ruler\rione\rtwo\rthree\033");
    wait_for(c, "one\ntwo\nthree\n~");
    wait_for(c, "3,5");
    terminal_key(c->screen->t, TKEY_UP, 0);
    wait_for(c, "2,3");
    type(c, "dd");
    wait_for(c, "one\nthree\n~");
    terminal_resize(c->screen->t, 10, 40, NULL, 0);
    pty_resize(c->pty, 10, 40);
    wait_for(c, "2,1"); /* its last row, drawn anew */
    type(c, ":vsplit\r");
    wait_for(c, "one                 |one");
    type(c, ":qa!\r");
    int status = wait_for_end(c);
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_false(terminal_modes(c->screen->t).alternate);
    stop(c);
}

static void less_pages_inside(void **state)
{
    need("less");
    struct child *c = start_in(10, 80, plain, (const char *const[]){"sh", "-c", "seq 1 100 | less", NULL});
    (void)state;
    wait_for(c, "8\n9\n:");
    type(c, " ");
    wait_for(c, "17\n18\n:");
    type(c, "/42\r");
    wait_for(c, "42\n43");
    type(c, "q");
    wait_for_end(c);
    stop(c);
}

static void tmux_runs_inside(void **state)
{
    need("tmux");
    char command[200];
    /* tmux takes keys that come within a millisecond for pasted text, its prefix too. */
    snprintf(command, sizeof command,
             "tmux -L luxtest%d -f /dev/null new 'echo in-tmux; exec cat' \\; set -g assume-paste-time 0",
             (int)getpid());
    struct child *c = start_in(24, 80, plain, (const char *const[]){"sh", "-c", command, NULL});
    (void)state;
    wait_for(c, "in-tmux");
    wait_for(c, "[0] 0:");
    type(c, "\002%");
    wait_for(c, "\xe2\x94\x82");
    type(c, "\002x");
    wait_for(c, "(y/n)");
    type(c, "y");
    type(c, "gr\xc3\xbc\xc3\x9f\r");
    wait_for(c, "gr\xc3\xbc\xc3\x9f\ngr\xc3\xbc\xc3\x9f");
    type(c, "\004");
    wait_for(c, "[exited]");
    wait_for_end(c);
    stop(c);
}

static void htop_draws_inside(void **state)
{
    need("htop");
    struct child *c = start_in(24, 100, plain, (const char *const[]){"htop", NULL});
    (void)state;
    wait_for(c, "PID USER");
    wait_for(c, "F10Quit");
    type(c, "q");
    wait_for_end(c);
    stop(c);
}

static void a_shell_prompts_and_runs(void **state)
{
    struct child *c = start_shell();
    (void)state;
    wait_for(c, "$");
    type(c, "echo $((6*7)) $TERM_PROGRAM\r");
    wait_for(c, "42 luxtui");
    type(c, "exit 4\r");
    int status = wait_for_end(c);
    assert_int_equal(WEXITSTATUS(status), 4);
    stop(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_child_writes_last_is_not_lost),
        cmocka_unit_test(a_program_that_cannot_start_says_why),
        cmocka_unit_test(the_child_finds_a_sane_terminal_of_the_right_size),
        cmocka_unit_test(signals_are_as_by_default),
        cmocka_unit_test(the_environment_is_cleaned),
        cmocka_unit_test(a_resize_reaches_the_child),
        cmocka_unit_test(what_the_child_does_not_take_waits_and_is_bounded),
        cmocka_unit_test(control_c_stops_a_flood),
        cmocka_unit_test(a_freed_terminal_hangs_up_its_child),
        cmocka_unit_test(a_shell_prompts_and_runs),
        cmocka_unit_test(vim_edits_inside),
        cmocka_unit_test(less_pages_inside),
        cmocka_unit_test(tmux_runs_inside),
        cmocka_unit_test(htop_draws_inside),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
