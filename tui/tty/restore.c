/* A signal handler can reach static memory alone, so this file has the one global state of tty: what to write
 * and what to set. Everything it calls is on the list of signal-safety(7). */
#include "tty/restore.h"

#include "base/mem.h"
#include "tty/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static struct {
    atomic_bool armed;
    int fd;
    struct termios modes;
    char bytes[RESTORE_MAX];
    size_t n;
} saved;

/* Writes all of it even though the descriptor does not block: a frame may still be on its way. A terminal
 * that takes nothing for a second (a stopped one) is given up. */
static void write_patiently(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, p, n);
        if (w > 0) {
            p += w;
            n -= (size_t)w;
            continue;
        }
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0 && errno != EAGAIN)
            return;
        if (poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 1000) <= 0)
            return;
    }
}

void tty_restore(void)
{
    if (!atomic_exchange(&saved.armed, false))
        return;
    int error = errno;
    write_patiently(saved.fd, saved.bytes, saved.n);
    tcsetattr(saved.fd, TCSANOW, &saved.modes);
    errno = error;
}

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGQUIT};

/* SA_RESETHAND has put the default action back: raising the signal again ends the process with its true
 * cause, and with a core where one is wanted. */
static void on_fatal_signal(int number)
{
    tty_restore();
    raise(number);
}

static void arm_signals(void)
{
    static char stack[65536]; /* a stack overflow leaves no room on the ordinary one */

    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_handler = on_fatal_signal,
                               .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK | SA_NODEFER)};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(fatal_signals); i++)
        sigaction(fatal_signals[i], &action, NULL);
}

void restore_arm(int fd, const struct termios *modes, const char *bytes, size_t n)
{
    static bool registered;

    saved.fd = fd;
    saved.modes = *modes;
    saved.n = n < RESTORE_MAX ? n : RESTORE_MAX;
    memcpy(saved.bytes, bytes, saved.n);
    atomic_store(&saved.armed, true);
    if (!registered) {
        registered = true;
        arm_signals();
        atexit(tty_restore);
        mem_on_exhaustion(tty_restore);
    }
}

void restore_disarm(void)
{
    atomic_store(&saved.armed, false);
}
