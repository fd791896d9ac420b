/* A terminal or a pipe is shared with whoever else has it, so it must not be made non-blocking. Instead: wait
 * until PIPE_BUF bytes fit (poll(2) says so for pipes), and never write more at once. */
#include "commands/output.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Until when a reader that does not read holds up somebody who wants to end us. */
enum { INTERRUPTED_WAIT_MS = 1000 };

static bool wait_for_room(struct output *o)
{
    int timeout = -1;
    for (;;) {
        struct pollfd fds[2] = {{.fd = o->fd, .events = POLLOUT}, {.fd = o->interrupt_fd, .events = POLLIN}};
        int n = poll(fds, timeout < 0 ? 2 : 1, timeout);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || fds[0].revents) /* POLLERR too: the write says what it is */
            return true;
        if (n == 0)
            return false;
        timeout = INTERRUPTED_WAIT_MS;
    }
}

static void lose(struct output *o, int error)
{
    if (error == EPIPE || error == 0)
        o->is_gone = true;
    else
        o->broken_errno = error;
    o->on_lost(o->context);
}

void output_write(void *output, const char *bytes, size_t n)
{
    struct output *o = output;
    while (n && !o->is_gone && !o->broken_errno) {
        if (!wait_for_room(o)) {
            lose(o, 0);
            return;
        }
        ssize_t written = write(o->fd, bytes, n < PIPE_BUF ? n : PIPE_BUF);
        if (written < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (written < 0) {
            lose(o, errno);
            return;
        }
        bytes += written;
        n -= (size_t)written;
    }
}

static bool is_dumb(const char *term)
{
    return !term || !*term || !strcmp(term, "dumb");
}

static int terminal_width(int fd)
{
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    return columns ? atoi(columns) : 0;
}

void output_look(int fd, struct report_options *options)
{
    const char *no_colour = getenv("NO_COLOR");
    bool is_tty = isatty(fd), is_capable = is_tty && !is_dumb(getenv("TERM"));
    options->width = is_tty ? terminal_width(fd) : 0;
    options->is_live = is_capable;
    options->colour = is_capable && !(no_colour && *no_colour);
    options->unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
}
