/* The outer side: relays between the caller's terminal and the program's, until the sandbox is gone. */
#include "live/live.h"

#include "live/wire.h"

#include "base/clock.h"
#include "base/mem.h"
#include "runner/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ESCAPE = 0x1d /* Ctrl-] */, ESCAPES = 3, ESCAPE_MS = 1000 };

struct outer {
    struct wire wire;
    struct sandbox sandbox;
    int channel, master, resized_fd, interrupt_fd;
    int screen; /* where the program's terminal is shown */
    bool told, started, stdin_ended;
    int interrupts, status, error;
    int escapes;
    uint64_t first_escape_ns;
};

/* ---- The caller's terminal ---- */

static void look_at_streams(struct outer *o)
{
    for (int i = 0; i < 3; i++)
        o->wire.is_terminal[i] = isatty(i);
    o->wire.has_terminal = o->wire.is_terminal[0] && tcgetattr(STDIN_FILENO, &o->wire.modes) == 0;
    if (o->wire.has_terminal && ioctl(STDIN_FILENO, TIOCGWINSZ, &o->wire.size) < 0)
        o->wire.size = (struct winsize){.ws_row = 24, .ws_col = 80};
    o->screen = o->wire.is_terminal[1]   ? STDOUT_FILENO
                : o->wire.is_terminal[2] ? STDERR_FILENO
                                         : STDIN_FILENO;
}

static void make_raw(const struct outer *o)
{
    struct termios raw = o->wire.modes;
    if (!o->wire.has_terminal)
        return;
    cfmakeraw(&raw);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

static void make_as_before(const struct outer *o)
{
    if (o->wire.has_terminal)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &o->wire.modes);
}

static int watch_size(struct outer *o, sigset_t *before, struct error *err)
{
    sigset_t resized;
    sigemptyset(&resized);
    sigaddset(&resized, SIGWINCH);
    sigprocmask(SIG_BLOCK, &resized, before);
    o->resized_fd = signalfd(-1, &resized, SFD_CLOEXEC | SFD_NONBLOCK);
    return o->resized_fd < 0 ? error_errno(err, "cannot watch the size of the window") : 0;
}

/* ---- Relaying ---- */

static void write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno == EAGAIN)
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 100);
        else if (written < 0 && errno != EINTR)
            return;
        if (written > 0) {
            bytes += written;
            n -= (size_t)written;
        }
    }
}

/* True once the keys that end it in any case were pressed. */
static bool is_escape(struct outer *o, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != ESCAPE) {
            o->escapes = 0;
            continue;
        }
        if (o->escapes == 0 || clock_ms_since(o->first_escape_ns) > ESCAPE_MS) {
            o->escapes = 0;
            o->first_escape_ns = clock_now_ns();
        }
        if (++o->escapes == ESCAPES)
            return true;
    }
    return false;
}

static void relay_keys(struct outer *o)
{
    char bytes[4096];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n <= 0 && errno != EINTR) {
        o->stdin_ended = true;
        sandbox_kill(&o->sandbox); /* the terminal is gone */
    } else if (n > 0 && is_escape(o, bytes, (size_t)n)) {
        sandbox_kill(&o->sandbox);
    } else if (n > 0) {
        write_all(o->master, bytes, (size_t)n);
    }
}

/* Shows what the program's terminal has for us; false when it has nothing (more). */
static bool relay_screen(struct outer *o)
{
    char bytes[16384];
    ssize_t n = read(o->master, bytes, sizeof bytes);
    if (n > 0)
        write_all(o->screen, bytes, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(o->master); /* EIO: nobody has the other end open */
        o->master = -1;
    }
    return n > 0;
}

static void follow_size(const struct outer *o)
{
    struct signalfd_siginfo ignored;
    struct winsize size;
    while (read(o->resized_fd, &ignored, sizeof ignored) > 0) {
    }
    if (o->master >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        ioctl(o->master, TIOCSWINSZ, &size);
}

static void listen_to_inner(struct outer *o)
{
    struct tell tell;
    int fds[1];
    size_t n;
    ssize_t got = wire_receive_fds(o->channel, &tell, sizeof tell, fds, 1, &n);
    if (got != (ssize_t)sizeof tell) {
        close(o->channel);
        o->channel = -1;
        return;
    }
    if (tell.what == TOLD_STARTED && n) {
        o->master = fds[0];
        fcntl(o->master, F_SETFL, O_NONBLOCK);
    }
    o->started |= tell.what == TOLD_STARTED;
    o->told |= tell.what == TOLD_ENDED;
    if (tell.what == TOLD_ENDED)
        o->status = tell.value;
    else if (tell.what == TOLD_NOT_STARTED)
        o->error = tell.value;
}

/* The first goes to the program, which may have something to put away. */
static void pass_interrupt(struct outer *o)
{
    char bytes[64];
    ssize_t n = read(o->interrupt_fd, bytes, sizeof bytes);
    int number = interrupt_signal();
    o->interrupts += n > 0 ? (int)n : 0;
    if (o->interrupts > 1 || number == SIGHUP || o->channel < 0)
        sandbox_kill(&o->sandbox);
    else if (send(o->channel, &number, sizeof number, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        sandbox_kill(&o->sandbox);
}

static void relay(struct outer *o)
{
    enum { LIFE, CHANNEL, INTERRUPT, RESIZED, SCREEN, KEYS, COUNT };
    for (;;) {
        struct pollfd fds[COUNT] = {
            [LIFE] = {o->sandbox.pidfd, POLLIN, 0},
            [CHANNEL] = {o->channel, POLLIN, 0},
            [INTERRUPT] = {o->interrupt_fd, POLLIN, 0},
            [RESIZED] = {o->resized_fd, POLLIN, 0},
            [SCREEN] = {o->master, POLLIN, 0},
            [KEYS] = {o->master >= 0 && !o->stdin_ended ? STDIN_FILENO : -1, POLLIN, 0},
        };
        if (poll(fds, COUNT, -1) < 0)
            continue;
        if (fds[CHANNEL].revents)
            listen_to_inner(o);
        if (fds[RESIZED].revents)
            follow_size(o);
        if (fds[INTERRUPT].revents)
            pass_interrupt(o);
        if (fds[KEYS].revents)
            relay_keys(o);
        if (fds[SCREEN].revents)
            relay_screen(o);
        if (fds[LIFE].revents)
            break;
    }
    /* PID 1 has said its last word, and everything in there is gone: what is left lies in the buffers. */
    if (o->channel >= 0 && !o->told)
        while (o->channel >= 0)
            listen_to_inner(o);
    while (o->master >= 0 && relay_screen(o)) {
    }
}

/* ---- Begin and end ---- */

static int send_streams(const struct outer *o, struct error *err)
{
    int fds[3];
    size_t n = 0;
    for (int i = 0; i < 3; i++)
        if (!o->wire.has_terminal || !o->wire.is_terminal[i])
            fds[n++] = i;
    return wire_send_fds(o->channel, "", 1, fds, n) ? error_errno(err, "cannot hand the streams on") : 0;
}

static int finish(struct outer *o, int *status, struct error *err)
{
    int ended = 0;
    sandbox_reap(&o->sandbox, true, &ended);
    if (o->error)
        return error_set(err, "%s cannot be started: %s", o->wire.live->arguments[0], strerror(o->error));
    *status = o->told ? o->status : ended; /* a sandbox that was killed has died of SIGKILL */
    return 0;
}

int live_run(const struct live_spec *spec, int *status, struct error *err)
{
    struct outer o = {.channel = -1, .master = -1, .resized_fd = -1};
    int ends[2];
    sigset_t before;
    o.interrupt_fd = interrupt_watch(err);
    if (o.interrupt_fd < 0)
        return -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return error_errno(err, "cannot make a channel to the sandbox");
    look_at_streams(&o);
    o.channel = ends[0];
    o.wire.live = spec;
    o.wire.inner = ends[1];
    o.wire.sandbox = (struct sandbox_spec){.workspace = spec->workspace,
                                           .binary = spec->binary,
                                           .as_root = spec->as_root,
                                           .level = spec->level,
                                           .main = inner_main,
                                           .context = &o.wire,
                                           .keep_fd = ends[1]};
    int result = send_streams(&o, err);
    if (result == 0)
        result = sandbox_start(&o.wire.sandbox, &o.sandbox, err);
    close(ends[1]);
    if (result == 0) {
        watch_size(&o, &before, NULL); /* without it the program sees the first size alone */
        make_raw(&o);
        relay(&o);
        make_as_before(&o);
        sigprocmask(SIG_SETMASK, &before, NULL);
        result = finish(&o, status, err);
    }
    const int fds[] = {o.channel, o.master, o.resized_fd};
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return result;
}
