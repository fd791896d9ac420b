#include "trace/structs.h"

#include "base/mem.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

struct word {
    uint64_t value;
    const char *name;
};

#define WORD(name)  \
    {               \
        name, #name \
    }
static const struct word poll_events[] = {WORD(POLLIN),  WORD(POLLOUT), WORD(POLLPRI),  WORD(POLLRDHUP),
                                          WORD(POLLERR), WORD(POLLHUP), WORD(POLLNVAL), {0}};
static const struct word epoll_events[] = {WORD(EPOLLIN),  WORD(EPOLLOUT), WORD(EPOLLRDHUP),   WORD(EPOLLERR),
                                           WORD(EPOLLHUP), WORD(EPOLLET),  WORD(EPOLLONESHOT), {0}};
static const struct word of_sockets[] = {WORD(SO_REUSEADDR), WORD(SO_REUSEPORT), WORD(SO_KEEPALIVE),
                                         WORD(SO_BROADCAST), WORD(SO_ERROR),     WORD(SO_TYPE),
                                         WORD(SO_LINGER),    WORD(SO_RCVTIMEO),  WORD(SO_SNDTIMEO),
                                         WORD(SO_RCVBUF),    WORD(SO_SNDBUF),    {0}};
static const struct word of_tcp[] = {WORD(TCP_NODELAY),
                                     WORD(TCP_CORK),
                                     WORD(TCP_KEEPIDLE),
                                     WORD(TCP_KEEPINTVL),
                                     WORD(TCP_KEEPCNT),
                                     WORD(TCP_USER_TIMEOUT),
                                     {0}};
static const struct word of_ipv6[] = {WORD(IPV6_V6ONLY), {0}};
static const struct word levels[] = {WORD(SOL_SOCKET), WORD(IPPROTO_TCP), WORD(IPPROTO_IP),
                                     WORD(IPPROTO_IPV6)};

size_t struct_read(pid_t tid, uint64_t address, void *room, size_t n)
{
    /* A page at a time: a text may end right before one that is not there. */
    size_t got = 0;
    while (got < n) {
        size_t piece = 4096 - (address + got) % 4096;
        piece = piece < n - got ? piece : n - got;
        struct iovec here = {(char *)room + got, piece}, there = {(void *)(uintptr_t)(address + got), piece};
        ssize_t one = process_vm_readv(tid, &here, 1, &there, 1, 0);
        if (one <= 0)
            break;
        got += (size_t)one;
    }
    return got;
}

/* Shows the address itself where there is nothing to be read. */
static bool get(struct buf *out, pid_t tid, uint64_t address, void *room, size_t n)
{
    if (address && struct_read(tid, address, room, n) == n)
        return true;
    buf_printf(out, address ? "0x%" PRIx64 : "NULL", address);
    return false;
}

static void add_flags(struct buf *out, uint64_t value, const struct word *words)
{
    const char *between = "";
    for (; words->name; words++)
        if (value & words->value) {
            buf_printf(out, "%s%s", between, words->name);
            value &= ~words->value;
            between = "|";
        }
    if (value || !*between)
        buf_printf(out, value ? "%s0x%" PRIx64 : "%s%" PRIu64, between, value);
}

void struct_add_timespec(struct buf *out, pid_t tid, uint64_t address)
{
    struct timespec t;
    if (get(out, tid, address, &t, sizeof t)) {
        if (t.tv_sec == 0 && t.tv_nsec > 0 && t.tv_nsec < 1000000)
            buf_printf(out, "{%g us}", (double)t.tv_nsec / 1e3);
        else
            buf_printf(out, "{%.6g s}", (double)t.tv_sec + (double)t.tv_nsec / 1e9);
    }
}

void struct_add_stat(struct buf *out, pid_t tid, uint64_t address)
{
    struct stat st;
    if (!get(out, tid, address, &st, sizeof st))
        return;
    const char *type = S_ISREG(st.st_mode)    ? "file"
                       : S_ISDIR(st.st_mode)  ? "directory"
                       : S_ISLNK(st.st_mode)  ? "symbolic link"
                       : S_ISFIFO(st.st_mode) ? "FIFO"
                       : S_ISSOCK(st.st_mode) ? "socket"
                                              : "device";
    buf_printf(out, "{%s, mode 0%o, %jd bytes}", type, (unsigned)st.st_mode & 07777, (intmax_t)st.st_size);
}

void struct_add_two(struct buf *out, pid_t tid, uint64_t address)
{
    int two[2];
    if (get(out, tid, address, two, sizeof two))
        buf_printf(out, "[%d, %d]", two[0], two[1]);
}

void struct_add_wait(struct buf *out, pid_t tid, uint64_t address)
{
    int status;
    if (!get(out, tid, address, &status, sizeof status))
        return;
    if (WIFEXITED(status))
        buf_printf(out, "{exit status %d}", WEXITSTATUS(status));
    else if (WIFSIGNALED(status) || WIFSTOPPED(status)) {
        int number = WIFSIGNALED(status) ? WTERMSIG(status) : WSTOPSIG(status);
        buf_printf(out, "{%s by SIG%s}", WIFSIGNALED(status) ? "ended" : "stopped",
                   sigabbrev_np(number) ? sigabbrev_np(number) : "?");
    } else
        buf_printf(out, "{0x%x}", (unsigned)status);
}

void struct_add_epoll(struct buf *out, pid_t tid, uint64_t address)
{
    struct epoll_event e;
    if (!get(out, tid, address, &e, sizeof e))
        return;
    buf_addch(out, '{');
    add_flags(out, e.events, epoll_events);
    buf_addch(out, '}');
}

void struct_add_polled(struct buf *out, pid_t tid, uint64_t address, uint64_t n, bool has_come)
{
    enum { SHOWN = 8 };
    struct pollfd fds[SHOWN];
    size_t shown = n < SHOWN ? (size_t)n : SHOWN;
    const char *between = "";
    if (shown && !get(out, tid, address, fds, shown * sizeof *fds))
        return;
    buf_addch(out, '[');
    for (size_t i = 0; i < shown; i++) {
        if (has_come && !fds[i].revents)
            continue;
        buf_printf(out, "%s%d: ", between, fds[i].fd);
        add_flags(out, (uint16_t)(has_come ? fds[i].revents : fds[i].events), poll_events);
        between = ", ";
    }
    buf_addstr(out, n > shown ? ", ...]" : "]");
}

void struct_add_level(struct buf *out, uint64_t level)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (levels[i].value == level) {
            buf_addstr(out, levels[i].name);
            return;
        }
    buf_printf(out, "%" PRIu64, level);
}

void struct_add_option(struct buf *out, uint64_t level, uint64_t option)
{
    static const struct word none[] = {{0}};
    const struct word *words = level == SOL_SOCKET     ? of_sockets
                               : level == IPPROTO_TCP  ? of_tcp
                               : level == IPPROTO_IPV6 ? of_ipv6
                                                       : none;
    while (words->name && words->value != option)
        words++;
    if (words->name)
        buf_addstr(out, words->name);
    else
        buf_printf(out, "%" PRIu64, option);
}

void struct_add_value(struct buf *out, pid_t tid, uint64_t address, uint64_t size)
{
    int value;
    if (size != sizeof value)
        buf_printf(out, "0x%" PRIx64, address);
    else if (get(out, tid, address, &value, sizeof value))
        buf_printf(out, "%d", value);
}
