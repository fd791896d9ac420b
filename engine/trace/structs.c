#include "trace/structs.h"

#include "base/escape.h"
#include "base/mem.h"
#include "trace/words.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

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

enum { SHOWN = 8 /* of the members of a list */ };

/* Shows the address itself where there is nothing to be read. */
static bool get(struct buf *out, pid_t tid, uint64_t address, void *room, size_t n)
{
    if (address && struct_read(tid, address, room, n) == n)
        return true;
    buf_printf(out, address ? "0x%" PRIx64 : "NULL", address);
    return false;
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
        buf_addstr(out, WIFSIGNALED(status) ? "{ended by " : "{stopped by ");
        words_add_signal(out, WIFSIGNALED(status) ? WTERMSIG(status) : WSTOPSIG(status));
        buf_addch(out, '}');
    } else
        buf_printf(out, "{0x%x}", (unsigned)status);
}

/* What the program has put there to know the descriptor again: most often its number. */
static void add_epoll_event(struct buf *out, const struct epoll_event *e)
{
    enum { NUMBER_MOST = 1 << 20 };
    buf_addch(out, '{');
    words_add_flags(out, WORDS_EPOLL, e->events);
    buf_printf(out, e->data.u64 <= NUMBER_MOST ? ", %" PRIu64 "}" : ", 0x%" PRIx64 "}", e->data.u64);
}

void struct_add_epoll(struct buf *out, pid_t tid, uint64_t address)
{
    struct epoll_event e;
    if (get(out, tid, address, &e, sizeof e))
        add_epoll_event(out, &e);
}

void struct_add_epolled(struct buf *out, pid_t tid, uint64_t address, uint64_t n)
{
    struct epoll_event events[SHOWN];
    size_t shown = n < SHOWN ? (size_t)n : SHOWN;
    if (shown && !get(out, tid, address, events, shown * sizeof *events))
        return;
    buf_addch(out, '[');
    for (size_t i = 0; i < shown; i++) {
        buf_addstr(out, i ? ", " : "");
        add_epoll_event(out, &events[i]);
    }
    buf_addstr(out, n > shown ? ", ...]" : "]");
}

void struct_add_polled(struct buf *out, pid_t tid, uint64_t address, uint64_t n, bool has_come)
{
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
        words_add_flags(out, WORDS_POLL, (uint16_t)(has_come ? fds[i].revents : fds[i].events));
        between = ", ";
    }
    buf_addstr(out, n > shown ? ", ...]" : "]");
}

void struct_add_value(struct buf *out, pid_t tid, uint64_t address, uint64_t size)
{
    int value;
    if (size != sizeof value)
        buf_printf(out, "0x%" PRIx64, address);
    else if (get(out, tid, address, &value, sizeof value))
        buf_printf(out, "%d", value);
}

/* ---- Bytes and texts ---- */

void struct_read_text(pid_t tid, uint64_t address, char *room, size_t size)
{
    size_t n = address ? struct_read(tid, address, room, size - 1) : 0;
    room[n] = '\0';
}

void struct_add_bytes(struct buf *out, pid_t tid, uint64_t address, uint64_t n)
{
    enum { BYTES = 48 };
    char bytes[BYTES];
    size_t got = struct_read(tid, address, bytes, n < sizeof bytes ? (size_t)n : sizeof bytes);
    buf_addch(out, '"');
    escape_bytes(out, bytes, got);
    buf_addstr(out, n > got ? "\"..." : "\"");
}

void struct_add_text(struct buf *out, pid_t tid, uint64_t address)
{
    char text[256];
    struct_read_text(tid, address, text, sizeof text);
    buf_addch(out, '"');
    escape_bytes(out, text, strlen(text));
    buf_addstr(out, strlen(text) == sizeof text - 1 ? "\"..." : "\"");
}

void struct_add_texts(struct buf *out, pid_t tid, uint64_t address)
{
    uint64_t texts[SHOWN + 1] = {0};
    size_t n = 0;
    if (!get(out, tid, address, &texts[0], sizeof texts[0]))
        return;
    buf_addch(out, '[');
    for (; n < SHOWN && texts[n]; n++) {
        buf_addstr(out, n ? ", " : "");
        struct_add_text(out, tid, texts[n]);
        uint64_t next = address + (n + 1) * sizeof *texts;
        if (struct_read(tid, next, &texts[n + 1], sizeof *texts) != sizeof *texts)
            texts[n + 1] = 0;
    }
    buf_addstr(out, texts[n] ? ", ...]" : "]");
}

void struct_add_iovec(struct buf *out, pid_t tid, uint64_t address, uint64_t n, uint64_t most)
{
    struct iovec pieces[SHOWN];
    size_t shown = n < SHOWN ? (size_t)n : SHOWN;
    if (shown && !get(out, tid, address, pieces, shown * sizeof *pieces))
        return;
    buf_addch(out, '[');
    for (size_t i = 0; i < shown && (most > 0 || i == 0); i++) {
        uint64_t size = pieces[i].iov_len < most ? pieces[i].iov_len : most;
        buf_addstr(out, i ? ", " : "");
        struct_add_bytes(out, tid, (uint64_t)(uintptr_t)pieces[i].iov_base, size);
        most -= size;
    }
    buf_addstr(out, n > shown ? ", ...]" : "]");
}

void struct_add_message(struct buf *out, pid_t tid, uint64_t address, uint64_t most)
{
    struct msghdr m;
    if (!get(out, tid, address, &m, sizeof m))
        return;
    buf_addch(out, '{');
    if (m.msg_name && m.msg_namelen) {
        struct_add_address(out, tid, (uint64_t)(uintptr_t)m.msg_name, m.msg_namelen);
        buf_addstr(out, ", ");
    }
    struct_add_iovec(out, tid, (uint64_t)(uintptr_t)m.msg_iov, m.msg_iovlen, most);
    if (m.msg_controllen)
        buf_printf(out, ", %zu bytes of control messages", (size_t)m.msg_controllen);
    buf_addch(out, '}');
}

/* ---- Addresses ---- */

static void add_packet_address(struct buf *out, const struct sockaddr_ll *a)
{
    buf_printf(out, "{packets of interface %d, protocol 0x%04x", a->sll_ifindex, ntohs(a->sll_protocol));
    for (size_t i = 0; i < a->sll_halen && i < sizeof a->sll_addr; i++)
        buf_printf(out, "%s%02x", i ? ":" : ", ", a->sll_addr[i]);
    buf_addch(out, '}');
}

void struct_add_address(struct buf *out, pid_t tid, uint64_t address, uint64_t size)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
        struct sockaddr_ll ll;
    } a = {0};
    char text[INET6_ADDRSTRLEN] = "";
    size_t n = struct_read(tid, address, &a, size < sizeof a ? (size_t)size : sizeof a);
    if (!address || n < sizeof a.any.sa_family) {
        buf_addstr(out, address ? "?" : "NULL");
    } else if (a.any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &a.in.sin_addr, text, sizeof text);
        buf_printf(out, "%s:%d", text, ntohs(a.in.sin_port));
    } else if (a.any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &a.in6.sin6_addr, text, sizeof text);
        buf_printf(out, "[%s]:%d", text, ntohs(a.in6.sin6_port));
    } else if (a.any.sa_family == AF_UNIX) {
        const char *path = a.un.sun_path;
        bool is_abstract = !path[0];
        buf_addstr(out, is_abstract ? "unix:@" : "unix:");
        escape_bytes(out, path + is_abstract, strnlen(path + is_abstract, sizeof a.un.sun_path - 1));
    } else if (a.any.sa_family == AF_PACKET) {
        add_packet_address(out, &a.ll);
    } else {
        buf_addch(out, '{');
        words_add_one(out, WORDS_DOMAIN, a.any.sa_family);
        buf_addch(out, '}');
    }
}

/* ---- Others ---- */

void struct_add_sigaction(struct buf *out, pid_t tid, uint64_t address)
{
    struct { /* as the kernel has it */
        uint64_t handler, flags;
    } action;
    enum { SA_RESTORER_ = 0x04000000 }; /* the C library's own affair */
    if (!get(out, tid, address, &action, sizeof action))
        return;
    if (action.handler > 1)
        buf_printf(out, "{0x%" PRIx64, action.handler);
    else
        buf_addstr(out, action.handler ? "{SIG_IGN" : "{SIG_DFL");
    action.flags &= ~(uint64_t)SA_RESTORER_;
    if (action.flags) {
        buf_addstr(out, ", ");
        words_add_flags(out, WORDS_SIGACTION, action.flags);
    }
    buf_addch(out, '}');
}

void struct_add_sigset(struct buf *out, pid_t tid, uint64_t address)
{
    uint64_t set;
    const char *between = "";
    if (!get(out, tid, address, &set, sizeof set))
        return;
    if (set == UINT64_MAX) {
        buf_addstr(out, "[all]");
        return;
    }
    buf_addch(out, '[');
    for (int number = 1; number <= 64; number++)
        if (set & (UINT64_C(1) << (number - 1))) {
            buf_addstr(out, between);
            words_add_signal(out, number);
            between = " ";
        }
    buf_addch(out, ']');
}

void struct_add_fds(struct buf *out, pid_t tid, uint64_t address, uint64_t n)
{
    fd_set set;
    size_t fds = n < FD_SETSIZE ? (size_t)n : FD_SETSIZE;
    const char *between = "";
    FD_ZERO(&set);
    if (!get(out, tid, address, &set, (fds + 63) / 64 * 8))
        return;
    buf_addch(out, '[');
    for (size_t fd = 0; fd < fds; fd++)
        if (FD_ISSET(fd, &set)) {
            buf_printf(out, "%s%zu", between, fd);
            between = " ";
        }
    buf_addch(out, ']');
}

void struct_add_lock(struct buf *out, pid_t tid, uint64_t address)
{
    struct flock l;
    if (!get(out, tid, address, &l, sizeof l))
        return;
    buf_addch(out, '{');
    words_add_one(out, WORDS_LOCK, (uint64_t)l.l_type);
    buf_addstr(out, ", ");
    words_add_one(out, WORDS_SEEK, (uint64_t)l.l_whence);
    buf_printf(out, ", from %jd, %jd bytes}", (intmax_t)l.l_start, (intmax_t)l.l_len);
}

void struct_add_clone(struct buf *out, pid_t tid, uint64_t address)
{
    struct { /* the beginning of struct clone_args */
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
    } args;
    if (!get(out, tid, address, &args, sizeof args))
        return;
    buf_addch(out, '{');
    struct_add_clone_flags(out, args.flags | args.exit_signal);
    buf_addch(out, '}');
}

void struct_add_clone_flags(struct buf *out, uint64_t flags)
{
    size_t before = out->len;
    int number = (int)(flags & 0xff); /* CSIGNAL */
    words_add_known(out, WORDS_CLONE, flags & ~UINT64_C(0xff));
    if (number) {
        buf_addstr(out, out->len > before ? "|" : "");
        words_add_signal(out, number);
    } else if (out->len == before) {
        buf_addch(out, '0');
    }
}
