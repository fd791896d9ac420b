#include "trace/calls.h"

#include "base/escape.h"
#include "base/mem.h"
#include "trace/structs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

enum { SHOWN_BYTES = 48 };

#define CALL(name, arguments)        \
    {                                \
        SYS_##name, #name, arguments \
    }

/* Those that aarch64 does not have stand apart. */
const struct call calls[] = {
    CALL(read, "drd"),
    CALL(write, "dwd"),
    CALL(readv, "dpd"),
    CALL(writev, "dpd"),
    CALL(pread64, "drdd"),
    CALL(pwrite64, "dwdd"),
    CALL(sendfile, "ddpd"),
    CALL(splice, "dpdpdx"),
    CALL(openat, "dsOo"),
    CALL(close, "d"),
    CALL(lseek, "ddd"),
    CALL(ftruncate, "dd"),
    CALL(fsync, "d"),
    CALL(fcntl, "ddx"),
    CALL(flock, "dx"),
    CALL(ioctl, "dxp"),
    CALL(dup, "d"),
    CALL(dup3, "ddx"),
    CALL(pipe2, "2x"),
    CALL(unlinkat, "dsx"),
    CALL(renameat, "dsds"),
    CALL(renameat2, "dsdsx"),
    CALL(mkdirat, "dso"),
    CALL(linkat, "dsdsx"),
    CALL(symlinkat, "sds"),
    CALL(newfstatat, "dsbx"),
    CALL(getdents64, "dpd"),
    CALL(chdir, "s"),
    CALL(umask, "o"),
    CALL(inotify_init1, "x"),
    CALL(inotify_add_watch, "dsx"),
    CALL(socket, "DTd"),
    CALL(socketpair, "DTd2"),
    CALL(bind, "dad"),
    CALL(listen, "dd"),
    CALL(accept, "dAn"),
    CALL(accept4, "dAnx"),
    CALL(connect, "dad"),
    CALL(shutdown, "dd"),
    CALL(sendto, "dwdxan"),
    CALL(recvfrom, "drdxnn"),
    CALL(sendmsg, "dpx"),
    CALL(recvmsg, "dpx"),
    CALL(setsockopt, "dLNvd"),
    CALL(getsockopt, "dLNVn"),
    CALL(getsockname, "dAn"),
    CALL(getpeername, "dAn"),
    CALL(ppoll, "fdtp"),
    CALL(pselect6, "dpppp"),
    CALL(epoll_create1, "x"),
    CALL(epoll_ctl, "dEde"),
    CALL(epoll_pwait, "dpdd"),
    CALL(clone, "x"),
#ifdef SYS_clone3
    CALL(clone3, "p"),
#endif
    CALL(execve, "sp"),
    CALL(wait4, "dWx"),
    CALL(waitid, "ddpx"),
    CALL(kill, "dS"),
    CALL(tgkill, "ddS"),
    CALL(rt_sigaction, "Sp"),
    CALL(rt_sigsuspend, "p"),
    CALL(setsid, ""),
    CALL(setpgid, "dd"),
    CALL(prctl, "dx"),
    CALL(setrlimit, "dp"),
    CALL(nanosleep, "t"),
    CALL(clock_nanosleep, "ddt"),
    CALL(timerfd_create, "dx"),
    CALL(signalfd4, "dpdx"),
    CALL(eventfd2, "dx"),
    CALL(mq_open, "sOo"),
    CALL(mount, "sssx"),
    CALL(umount2, "sx"),
    CALL(unshare, "x"),
    CALL(setns, "dx"),
    CALL(pivot_root, "ss"),
    CALL(exit_group, "d"),
#ifdef __x86_64__
    CALL(open, "sOo"),
    CALL(creat, "so"),
    CALL(pipe, "2"),
    CALL(dup2, "dd"),
    CALL(poll, "fdd"),
    CALL(select, "dpppp"),
    CALL(epoll_create, "d"),
    CALL(epoll_wait, "dpdd"),
    CALL(fork, ""),
    CALL(vfork, ""),
    CALL(unlink, "s"),
    CALL(rename, "ss"),
    CALL(mkdir, "so"),
    CALL(rmdir, "s"),
    CALL(link, "ss"),
    CALL(symlink, "ss"),
    CALL(stat, "sb"),
    CALL(lstat, "sb"),
    CALL(pause, ""),
    CALL(alarm, "d"),
#endif
};
const size_t call_count = ARRAY_LEN(calls);

const struct call *call_find(long number)
{
    for (size_t i = 0; i < call_count; i++)
        if (calls[i].number == number)
            return &calls[i];
    return NULL;
}

/* ---- The memory of the process ---- */

void call_read_text(pid_t tid, uint64_t address, char *room, size_t size)
{
    size_t n = address ? struct_read(tid, address, room, size - 1) : 0;
    room[n] = '\0';
}

static void add_bytes(struct buf *out, pid_t tid, uint64_t address, uint64_t n)
{
    char bytes[SHOWN_BYTES];
    size_t got = struct_read(tid, address, bytes, n < sizeof bytes ? (size_t)n : sizeof bytes);
    buf_addch(out, '"');
    escape_bytes(out, bytes, got);
    buf_addstr(out, n > got ? "\"..." : "\"");
}

static void add_text(struct buf *out, pid_t tid, uint64_t address)
{
    char text[256];
    call_read_text(tid, address, text, sizeof text);
    buf_addch(out, '"');
    escape_bytes(out, text, strlen(text));
    buf_addstr(out, strlen(text) == sizeof text - 1 ? "\"..." : "\"");
}

static void add_address(struct buf *out, pid_t tid, uint64_t address, uint64_t size)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
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
    } else {
        buf_printf(out, "{family %d}", a.any.sa_family);
    }
}

/* ---- Words ---- */

struct word {
    uint64_t value;
    const char *name;
};

#define WORD(name)  \
    {               \
        name, #name \
    }
static const struct word domains[] = {WORD(AF_UNIX), WORD(AF_INET), WORD(AF_INET6), WORD(AF_NETLINK),
                                      WORD(AF_PACKET)};
static const struct word types[] = {WORD(SOCK_STREAM), WORD(SOCK_DGRAM), WORD(SOCK_RAW),
                                    WORD(SOCK_SEQPACKET)};
static const struct word open_flags[] = {WORD(O_CREAT),     WORD(O_EXCL),     WORD(O_TRUNC),
                                         WORD(O_APPEND),    WORD(O_NONBLOCK), WORD(O_CLOEXEC),
                                         WORD(O_DIRECTORY), WORD(O_NOFOLLOW)};

static const struct word epoll_verbs[] = {WORD(EPOLL_CTL_ADD), WORD(EPOLL_CTL_MOD), WORD(EPOLL_CTL_DEL)};

/* What the pointer to a socklen_t points to. */
static socklen_t length_at(pid_t tid, uint64_t address)
{
    socklen_t n = 0;
    return struct_read(tid, address, &n, sizeof n) == sizeof n ? n : 0;
}

static void add_word(struct buf *out, uint64_t value, const struct word *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (words[i].value == value) {
            buf_addstr(out, words[i].name);
            return;
        }
    buf_printf(out, "%" PRIu64, value);
}

static void add_type(struct buf *out, uint64_t value)
{
    add_word(out, value & ~(uint64_t)(SOCK_NONBLOCK | SOCK_CLOEXEC), types, ARRAY_LEN(types));
    buf_addstr(out, value & SOCK_NONBLOCK ? "|SOCK_NONBLOCK" : "");
    buf_addstr(out, value & SOCK_CLOEXEC ? "|SOCK_CLOEXEC" : "");
}

static void add_open_flags(struct buf *out, uint64_t value)
{
    static const char *const access[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "3"};
    buf_addstr(out, access[value & O_ACCMODE]);
    for (size_t i = 0; i < ARRAY_LEN(open_flags); i++)
        if ((value & open_flags[i].value) == open_flags[i].value)
            buf_printf(out, "|%s", open_flags[i].name);
}

static void add_argument(struct buf *out, char kind, pid_t tid, const uint64_t args[6], size_t i,
                         int64_t result)
{
    const uint64_t a = args[i], next = i < 5 ? args[i + 1] : 0;
    switch (kind) {
    case 'd':
        if ((int)a == AT_FDCWD)
            buf_addstr(out, "AT_FDCWD");
        else
            buf_printf(out, "%" PRId64,
                       (int64_t)a > INT32_MAX && a <= UINT32_MAX ? (int64_t)(int32_t)a : (int64_t)a);
        break;
    case 'o':
        buf_printf(out, "0%" PRIo64, a & 07777);
        break;
    case 's':
        add_text(out, tid, a);
        break;
    case 'w':
        add_bytes(out, tid, a, next);
        break;
    case 'r':
        add_bytes(out, tid, a, result > 0 ? (uint64_t)result : 0);
        break;
    case 'a':
        add_address(out, tid, a, next);
        break;
    case 'A':
        add_address(out, tid, result < 0 ? 0 : a, sizeof(struct sockaddr_un));
        break;
    case 'D':
        add_word(out, a, domains, ARRAY_LEN(domains));
        break;
    case 'T':
        add_type(out, a);
        break;
    case 'S':
        if (sigabbrev_np((int)a))
            buf_printf(out, "SIG%s", sigabbrev_np((int)a));
        else
            buf_printf(out, "%" PRIu64, a);
        break;
    case 'O':
        add_open_flags(out, a);
        break;
    case 't':
        struct_add_timespec(out, tid, a);
        break;
    case 'f':
        struct_add_polled(out, tid, a, next, false);
        break;
    case 'b':
        struct_add_stat(out, tid, result < 0 ? 0 : a);
        break;
    case '2':
        struct_add_two(out, tid, result < 0 ? 0 : a);
        break;
    case 'W':
        struct_add_wait(out, tid, result <= 0 ? 0 : a);
        break;
    case 'E':
        add_word(out, a, epoll_verbs, ARRAY_LEN(epoll_verbs));
        break;
    case 'e':
        struct_add_epoll(out, tid, a);
        break;
    case 'L':
        struct_add_level(out, a);
        break;
    case 'N':
        struct_add_option(out, args[i - 1], a);
        break;
    case 'v':
        struct_add_value(out, tid, a, next);
        break;
    case 'V':
        struct_add_value(out, tid, result < 0 ? 0 : a, length_at(tid, next));
        break;
    default:
        buf_printf(out, a ? "0x%" PRIx64 : "%" PRIu64, a);
    }
}

static bool comes_back(char kind)
{
    return kind && strchr("rAb2WV", kind);
}

/* How many arguments can be shown before the call returns. */
static size_t known_at_entry(const struct call *c)
{
    size_t i = 0;
    while (c->arguments[i] && !comes_back(c->arguments[i]))
        i++;
    return i;
}

static void add_arguments(struct buf *out, const struct call *c, pid_t tid, const uint64_t args[6],
                          size_t from, size_t to, int64_t result)
{
    for (size_t i = from; i < to && c->arguments[i]; i++) {
        if (c->arguments[i] == 'n')
            continue;
        buf_addstr(out, i ? ", " : "");
        add_argument(out, c->arguments[i], tid, args, i, result);
    }
}

void call_enter(struct buf *out, const struct call *c, pid_t tid, const uint64_t args[6])
{
    buf_printf(out, "%s(", c->name);
    add_arguments(out, c, tid, args, 0, known_at_entry(c), 0);
}

void call_return(struct buf *out, const struct call *c, pid_t tid, const uint64_t args[6], int64_t result,
                 int is_error)
{
    add_arguments(out, c, tid, args, known_at_entry(c), 6, is_error ? -1 : result);
    if (is_error && -result < 512)
        buf_printf(out, ") = -1 %s (%s)", strerrorname_np((int)-result) ? strerrorname_np((int)-result) : "?",
                   strerror((int)-result));
    else if (is_error)
        buf_addstr(out, ") interrupted");
    else
        buf_printf(out, ") = %" PRId64, result);
    if (c->arguments[0] == 'f' && !is_error && result > 0) {
        buf_addch(out, ' ');
        struct_add_polled(out, tid, args[0], args[1], true);
    }
}
