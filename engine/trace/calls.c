#include "trace/calls.h"

#include "base/mem.h"
#include "trace/shapes.h"
#include "trace/structs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>

#define CALL(name, arguments)        \
    {                                \
        SYS_##name, #name, arguments \
    }

/* Those that aarch64 does not have stand apart. */
const struct call calls[] = {
    CALL(read, "drd"),
    CALL(write, "dwd"),
    CALL(readv, "djd"),
    CALL(writev, "did"),
    CALL(pread64, "drdd"),
    CALL(pwrite64, "dwdd"),
    CALL(sendfile, "ddpd"),
    CALL(splice, "dpdpdx"),
    CALL(openat, "dsOu"),
    CALL(close, "d"),
    CALL(lseek, "ddK"),
    CALL(ftruncate, "dd"),
    CALL(fsync, "d"),
    CALL(fcntl, "dCz"),
    CALL(flock, "dl"),
    CALL(ioctl, "dIQ"),
    CALL(dup, "d"),
    CALL(dup3, "ddc"),
    CALL(pipe2, "2c"),
    CALL(unlinkat, "dsU"),
    CALL(renameat, "dsds"),
    CALL(renameat2, "dsdsx"),
    CALL(mkdirat, "dso"),
    CALL(linkat, "dsdsU"),
    CALL(symlinkat, "sds"),
    CALL(newfstatat, "dsbU"),
    CALL(getdents64, "dpd"),
    CALL(chdir, "s"),
    CALL(umask, "o"),
    CALL(inotify_init1, "c"),
    CALL(inotify_add_watch, "dsY"),
    CALL(socket, "DTd"),
    CALL(socketpair, "DTd2"),
    CALL(bind, "dad"),
    CALL(listen, "dd"),
    CALL(accept, "dAn"),
    CALL(accept4, "dAny"),
    CALL(connect, "dad"),
    CALL(shutdown, "dH"),
    CALL(sendto, "dwdGan"),
    CALL(recvfrom, "drdGnn"),
    CALL(sendmsg, "dmG"),
    CALL(recvmsg, "dRG"),
    CALL(setsockopt, "dLNvd"),
    CALL(getsockopt, "dLNVn"),
    CALL(getsockname, "dAn"),
    CALL(getpeername, "dAn"),
    CALL(ppoll, "fdtp"),
    CALL(pselect6, "dqqqt"),
    CALL(epoll_create1, "c"),
    CALL(epoll_ctl, "dEde"),
    CALL(epoll_pwait, "dZdd"),
    CALL(clone, "F"),
#ifdef SYS_clone3
    CALL(clone3, "B"),
#endif
    CALL(execve, "sX"),
    CALL(wait4, "dWk"),
    CALL(waitid, "ddpk"),
    CALL(kill, "dS"),
    CALL(tgkill, "ddS"),
    CALL(rt_sigaction, "Sh"),
    CALL(rt_sigsuspend, "g"),
    CALL(setsid, ""),
    CALL(setpgid, "dd"),
    CALL(prctl, "dx"),
    CALL(setrlimit, "dp"),
    CALL(nanosleep, "t"),
    CALL(clock_nanosleep, "ddt"),
    CALL(timerfd_create, "dc"),
    CALL(signalfd4, "dgdc"),
    CALL(eventfd2, "dc"),
    CALL(mq_open, "sOu"),
    CALL(mount, "sssM"),
    CALL(umount2, "sx"),
    CALL(unshare, "F"),
    CALL(setns, "dF"),
    CALL(pivot_root, "ss"),
    CALL(exit_group, "d"),
#ifdef __x86_64__
    CALL(open, "sOu"),
    CALL(creat, "so"),
    CALL(pipe, "2"),
    CALL(dup2, "dd"),
    CALL(poll, "fdd"),
    CALL(select, "dqqqp"),
    CALL(epoll_create, "d"),
    CALL(epoll_wait, "dZdd"),
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

/* How many arguments can be shown before the call returns. */
static size_t known_at_entry(const struct call *c)
{
    size_t i = 0;
    while (c->arguments[i] && !shape_comes_back(c->arguments[i]))
        i++;
    return i;
}

static void add_arguments(struct buf *out, const struct call *c, const struct call_seen *seen, size_t from,
                          size_t to)
{
    for (size_t i = from; i < to && c->arguments[i]; i++)
        if (shape_is_shown(c->arguments[i], seen, i)) {
            buf_addstr(out, i ? ", " : "");
            shape_add(out, c->arguments[i], seen, i);
        }
}

void call_enter(struct buf *out, const struct call *c, pid_t tid, const uint64_t args[6])
{
    buf_printf(out, "%s(", c->name);
    add_arguments(out, c, &(struct call_seen){tid, args, -1}, 0, known_at_entry(c));
}

/* What a call that waits for descriptors has found, behind its result. */
static void add_found(struct buf *out, const struct call *c, const struct call_seen *seen)
{
    static const char *const sets[] = {"reading", "writing", "exceptions"};
    if (c->arguments[0] == 'f') {
        buf_addch(out, ' ');
        struct_add_polled(out, seen->tid, seen->args[0], seen->args[1], true);
    }
    for (size_t i = 1; i <= ARRAY_LEN(sets) && c->arguments[i] == 'q'; i++)
        if (seen->args[i]) {
            buf_printf(out, " %s ", sets[i - 1]);
            struct_add_fds(out, seen->tid, seen->args[i], seen->args[0]);
        }
}

void call_return(struct buf *out, const struct call *c, pid_t tid, const uint64_t args[6], int64_t result,
                 int is_error)
{
    struct call_seen seen = {tid, args, is_error ? -1 : result};
    add_arguments(out, c, &seen, known_at_entry(c), 6);
    if (is_error && -result < 512)
        buf_printf(out, ") = -1 %s (%s)", strerrorname_np((int)-result) ? strerrorname_np((int)-result) : "?",
                   strerror((int)-result));
    else if (is_error)
        buf_addstr(out, ") interrupted");
    else
        buf_printf(out, ") = %" PRId64, result);
    if (!is_error && result > 0)
        add_found(out, c, &seen);
}
