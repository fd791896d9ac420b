#include "tty/tty.h"

#include "base/mem.h"
#include "tty/output.h"
#include "tty/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct tty {
    int fd;
    struct termios own; /* as we found it */
    struct output *output;
    struct buf out;
    bool mouse, gone;
};

/* Button presses, drags and the wheel, in SGR coordinates; bracketed paste; focus reports. */
static const char mouse_on[] = "\033[?1000h\033[?1002h\033[?1006h";
static const char mouse_off[] = "\033[?1006l\033[?1002l\033[?1000l";
static const char modes_on[] = "\033[?2004h\033[?1004h";
static const char modes_off[] =
    "\033[?2026l\033[?2004l\033[?1004l\033[?1006l\033[?1002l\033[?1000l\033[0 q\033[0m\033[?25h";

/* A description of our own: O_NONBLOCK on descriptor 0 itself would reach the shell that started us. */
static int open_terminal(struct error *err)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(err,
                         "luxtui needs a terminal for its input and output; `lux` does the same without one");
    const char *name = ttyname(STDIN_FILENO);
    int fd = open(name ? name : "/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_errno(err, "cannot open the terminal %s", name ? name : "/dev/tty");
    return fd;
}

static int enter_raw(struct tty *t, struct error *err)
{
    struct termios raw = t->own;

    cfmakeraw(&raw); /* Ctrl-C, Ctrl-Z and Ctrl-\ reach the program in the pane */
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(t->fd, TCSANOW, &raw) < 0)
        return error_errno(err, "cannot put the terminal into raw mode");
    return 0;
}

static void arm(const struct tty *t)
{
    struct buf undo = {0};

    buf_addstr(&undo, modes_off);
    /* A terminal that was resized meanwhile may bring rows of ours along from its alternate screen. */
    if (strstr(output_leave(t->output), "1049l"))
        buf_addstr(&undo, "\033[2J");
    buf_addstr(&undo, output_leave(t->output));
    restore_arm(t->fd, &t->own, undo.data, undo.len);
    buf_free(&undo);
}

static void send_modes(struct tty *t)
{
    buf_addstr(&t->out, modes_on);
    if (t->mouse)
        buf_addstr(&t->out, mouse_on);
}

/* Many terminals call themselves "xterm", whose description knows eight colours, and have 256; those that say
 * who they are besides are believed. */
static struct output *open_output(int rows, int cols, struct error *err)
{
    const char *term = getenv("TERM");
    bool has_more = getenv("XTERM_VERSION") || getenv("VTE_VERSION") || getenv("COLORTERM");
    struct error missing;
    struct output *o = NULL;
    if (term && strcmp(term, "xterm") == 0 && has_more)
        o = output_new("xterm-256color", rows, cols, &missing);
    return o ? o : output_new(term && *term ? term : "dumb", rows, cols, err);
}

struct tty *tty_open(const struct tty_options *o, struct error *err)
{
    struct tty *t = xcalloc(1, sizeof *t);
    int rows, cols;

    t->mouse = o->mouse;
    t->fd = open_terminal(err);
    if (t->fd < 0)
        goto failed;
    if (tcgetattr(t->fd, &t->own) < 0) {
        error_errno(err, "cannot read the terminal's modes");
        goto failed;
    }
    tty_size(t, &rows, &cols);
    t->output = open_output(rows, cols, err);
    if (!t->output)
        goto failed;
    arm(t);
    if (enter_raw(t, err) < 0) {
        restore_disarm();
        goto failed;
    }
    send_modes(t); /* curses itself sends the string that enters the alternate screen, with its first frame */
    return t;

failed:
    output_free(t->output);
    if (t->fd >= 0)
        close(t->fd);
    free(t);
    return NULL;
}

void tty_close(struct tty *t)
{
    if (!t)
        return;
    tty_restore();
    output_free(t->output);
    buf_free(&t->out);
    close(t->fd);
    free(t);
}

int tty_fd(const struct tty *t)
{
    return t->fd;
}

void tty_size(const struct tty *t, int *rows, int *cols)
{
    struct winsize w = {0};

    if (ioctl(t->fd, TIOCGWINSZ, &w) < 0 || w.ws_row == 0 || w.ws_col == 0)
        w = (struct winsize){.ws_row = 24, .ws_col = 80}; /* a serial line knows no size */
    *rows = w.ws_row;
    *cols = w.ws_col;
}

bool tty_is_writing(const struct tty *t)
{
    return t->out.len > 0 && !t->gone;
}

int tty_flush(struct tty *t)
{
    while (t->out.len > 0 && !t->gone) {
        ssize_t n = write(t->fd, t->out.data, t->out.len);
        if (n >= 0) {
            buf_drop(&t->out, (size_t)n);
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN)
            return 0;
        t->gone = true; /* EIO: the terminal hung up */
        buf_clear(&t->out);
    }
    return t->gone ? -1 : 0;
}

void tty_draw(struct tty *t, const struct surface *s)
{
    if (tty_is_writing(t) && tty_flush(t) == 0 && tty_is_writing(t))
        return;
    output_frame(t->output, s, &t->out);
    tty_flush(t);
}

void tty_repaint(struct tty *t)
{
    int rows, cols;

    tty_size(t, &rows, &cols);
    output_resize(t->output, rows, cols);
}

void tty_send(struct tty *t, const void *bytes, size_t n)
{
    buf_add(&t->out, bytes, n);
    tty_flush(t);
}

void tty_set_mouse(struct tty *t, bool on)
{
    t->mouse = on;
    const char *modes = on ? mouse_on : mouse_off;
    tty_send(t, modes, strlen(modes));
}

void tty_suspend(struct tty *t)
{
    tty_flush(t);
    buf_clear(&t->out);
    tty_restore();
}

void tty_resume(struct tty *t)
{
    arm(t);
    enter_raw(t, NULL);
    buf_addstr(&t->out, output_enter(t->output));
    send_modes(t);
    tty_repaint(t);
}

int tty_colors(const struct tty *t)
{
    return output_colors(t->output);
}
