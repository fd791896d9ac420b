/* vttest in the terminal: the screens of its menus 1 (cursor movements), 2 (screen features) and 8 (inserting
 * and deleting) as golden text. They were compared by eye with what vttest itself says each should show. It
 * runs as its manual advises for a terminal that does not switch to 132 columns.
 *
 * UPDATE_GOLDEN=1 writes the files anew, taking a screen when nothing has come for a while. */
#include "vt_screen.h"

#include "base/clock.h"
#include "base/file.h"
#include "vt/pty.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

enum { ROWS = 24, COLS = 80, PATIENCE_MS = 30000, QUIET_MS = 700, SCREENS_MAX = 40 };

static const char separator[] = "==== next screen\n";

struct run {
    struct terminal *t;
    struct pty *pty;
};

static void to_child(const char *bytes, size_t n, void *user)
{
    struct run *r = user;
    pty_write(r->pty, bytes, n);
}

/* Rows between bars, the cursor, and runs of cells that are not plain. */
static void add_golden(const struct terminal *t, struct buf *out)
{
    long top = terminal_screen_line(t);
    struct terminal_cursor c = terminal_cursor(t);

    for (int row = 0; row < ROWS; row++) {
        buf_addch(out, '|');
        terminal_line_text(t, top + row, out);
        buf_addstr(out, "\n");
    }
    buf_printf(out, "cursor %ld,%d\n", c.at.line - top, c.at.col);
    for (int row = 0; row < ROWS; row++) {
        struct style run = {0};
        int from = 0;
        for (int col = 0; col <= COLS; col++) {
            struct style st = {0};
            if (col < COLS)
                st = terminal_cell(t, (struct terminal_pos){top + row, col}).style;
            if (col < COLS && st.fg == run.fg && st.bg == run.bg && st.attrs == run.attrs)
                continue;
            if (run.fg || run.bg || run.attrs)
                buf_printf(out, "%d:%d+%d fg %x bg %x attrs %x\n", row, from, col - from, run.fg, run.bg,
                           run.attrs);
            run = st;
            from = col;
        }
    }
}

/* Whether something came within ms; ends the test program's wait when the child is gone. */
static bool pump(struct run *r, int ms)
{
    static char buffer[PTY_READ_MAX];
    struct pollfd p = {.fd = pty_fd(r->pty), .events = POLLIN};

    if (p.fd < 0 || poll(&p, 1, ms) <= 0)
        return false;
    ssize_t n = pty_read(r->pty, buffer, sizeof buffer);
    if (n > 0)
        terminal_feed(r->t, buffer, (size_t)n);
    return n > 0;
}

static void settle(struct run *r, struct buf *out)
{
    while (pump(r, QUIET_MS))
        ;
    add_golden(r->t, out);
}

/* Waits until something has come and the screen is as expected. */
static void expect_screen(struct run *r, const char *expected, size_t n)
{
    uint64_t since = clock_now_ns();
    struct buf got = {0};
    bool came = false;

    for (;;) {
        came |= pump(r, 50);
        buf_clear(&got);
        add_golden(r->t, &got);
        if (came && got.len == n && memcmp(got.data, expected, n) == 0)
            break;
        if (clock_ms_since(since) > PATIENCE_MS) {
            print_error("expected:\n%.*s\nthe screen is:\n%s\n", (int)n, expected, buf_str(&got));
            buf_free(&got);
            fail();
        }
    }
    buf_free(&got);
}

/* The main menu is not golden: it tells vttest's version. Its question is where each menu ends. */
static bool at_main_menu(const struct terminal *t)
{
    struct buf line = {0};

    for (long i = terminal_screen_line(t); i < terminal_end_line(t); i++)
        terminal_line_text(t, i, &line);
    bool there = strstr(buf_str(&line), "Enter choice number (0 - 12):") != NULL;
    buf_free(&line);
    return there;
}

static void record(struct run *r, const char *menu, const char *path)
{
    struct buf all = {0};
    struct error err;

    for (int i = 0; i < SCREENS_MAX; i++) {
        terminal_send(r->t, i == 0 ? menu : "\r", i == 0 ? strlen(menu) : 1);
        struct buf screen = {0};
        settle(r, &screen);
        if (!at_main_menu(r->t)) {
            if (all.len)
                buf_addstr(&all, separator);
            buf_add(&all, screen.data, screen.len);
        }
        buf_free(&screen);
        if (i > 0 && at_main_menu(r->t))
            break;
    }
    if (file_write_atomic(path, all.data, all.len, 0644, &err) != 0)
        fail_msg("%s", err.text);
    buf_free(&all);
}

static void compare(struct run *r, const char *menu, const char *path)
{
    struct buf golden = {0};
    struct error err;

    if (file_read(path, 1 << 20, &golden, &err) != 0)
        fail_msg("%s", err.text);
    terminal_send(r->t, menu, strlen(menu));
    const char *from = golden.data;
    while (from) {
        const char *next = strstr(from, separator);
        expect_screen(r, from, next ? (size_t)(next - from) : strlen(from));
        terminal_send(r->t, "\r", 1);
        from = next ? next + strlen(separator) : NULL;
    }
    uint64_t since = clock_now_ns();
    while (!at_main_menu(r->t) && clock_ms_since(since) < PATIENCE_MS)
        pump(r, 50);
    assert_true(at_main_menu(r->t));
    buf_free(&golden);
}

static void run_menu(const char *menu, const char *name)
{
    static const struct terminal_callbacks callbacks = {.output = to_child};
    struct run r = {0};
    struct error err;
    char path[512];
    int status;

    snprintf(path, sizeof path, LUX_SOURCE_DIR "/tests/golden/vttest/%s.txt", name);
    if (system("command -v vttest >/dev/null 2>&1") != 0)
        fail_msg("this needs vttest, which ./dev test installs");
    r.t = terminal_new(ROWS, COLS, 0, &callbacks, &r);
    r.pty = pty_spawn(&(struct pty_options){.argv = (const char *const[]){"vttest", "24x80.80", NULL},
                                            .rows = ROWS,
                                            .cols = COLS},
                      &err);
    if (!r.pty)
        fail_msg("%s", err.text);
    uint64_t since = clock_now_ns();
    while (!at_main_menu(r.t) && clock_ms_since(since) < PATIENCE_MS)
        pump(&r, 50);
    if (getenv("UPDATE_GOLDEN"))
        record(&r, menu, path);
    else
        compare(&r, menu, path);
    pid_t pid = pty_pid(r.pty);
    pty_free(r.pty);
    waitpid(pid, &status, 0);
    terminal_free(r.t);
}

static void menu_1_cursor_movements(void **state)
{
    (void)state;
    run_menu("1\r", "1-cursor-movements");
}

static void menu_2_screen_features(void **state)
{
    (void)state;
    run_menu("2\r", "2-screen-features");
}

static void menu_8_inserting_and_deleting(void **state)
{
    (void)state;
    run_menu("8\r", "8-inserting-and-deleting");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(menu_1_cursor_movements),
        cmocka_unit_test(menu_2_screen_features),
        cmocka_unit_test(menu_8_inserting_and_deleting),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
