#include "harness/syscalls.h"

#include "base/mem.h"

#include <sys/syscall.h>

/* The numbers are those of the machine that Lux is built for; the newer architectures lack the older calls.
 */
static const struct syscall_name names[] = {
    {SYS_read, "read", SYSCALL_ON_FILE},
    {SYS_write, "write", SYSCALL_ON_FILE},
    {SYS_readv, "readv", SYSCALL_ON_FILE},
    {SYS_writev, "writev", SYSCALL_ON_FILE},
    {SYS_pread64, "pread", SYSCALL_ON_FILE},
    {SYS_pwrite64, "pwrite", SYSCALL_ON_FILE},
    {SYS_recvfrom, "recv", SYSCALL_ON_FILE},
    {SYS_sendto, "send", SYSCALL_ON_FILE},
    {SYS_recvmsg, "recvmsg", SYSCALL_ON_FILE},
    {SYS_sendmsg, "sendmsg", SYSCALL_ON_FILE},
    {SYS_recvmmsg, "recvmmsg", SYSCALL_ON_FILE},
    {SYS_sendmmsg, "sendmmsg", SYSCALL_ON_FILE},
    {SYS_accept, "accept", SYSCALL_ON_FILE},
    {SYS_accept4, "accept4", SYSCALL_ON_FILE},
    {SYS_connect, "connect", SYSCALL_ON_FILE},
    {SYS_close, "close", SYSCALL_ON_FILE},
    {SYS_fcntl, "fcntl", SYSCALL_ON_FILE},
    {SYS_flock, "flock", SYSCALL_ON_FILE},
    {SYS_ioctl, "ioctl", SYSCALL_ON_FILE},
    {SYS_fsync, "fsync", SYSCALL_ON_FILE},
    {SYS_sendfile, "sendfile", SYSCALL_ON_FILE},
    {SYS_splice, "splice", SYSCALL_ON_FILE},
    {SYS_mq_timedreceive, "mq_receive", SYSCALL_ON_FILE},
    {SYS_mq_timedsend, "mq_send", SYSCALL_ON_FILE},
    {SYS_openat, "open", SYSCALL_OTHER},
    {SYS_epoll_pwait, "epoll_wait", SYSCALL_ON_EPOLL},
    {SYS_epoll_pwait2, "epoll_wait", SYSCALL_ON_EPOLL},
    {SYS_ppoll, "poll", SYSCALL_ON_POLL},
    {SYS_pselect6, "select", SYSCALL_ON_SET},
    {SYS_nanosleep, "nanosleep", SYSCALL_ON_TIME},
    {SYS_clock_nanosleep, "nanosleep", SYSCALL_ON_TIME},
    {SYS_futex, "futex", SYSCALL_ON_LOCK},
    {SYS_semop, "semop", SYSCALL_ON_LOCK},
    {SYS_semtimedop, "semtimedop", SYSCALL_ON_LOCK},
    {SYS_wait4, "waitpid", SYSCALL_ON_CHILD},
    {SYS_waitid, "waitid", SYSCALL_ON_CHILD},
    {SYS_rt_sigsuspend, "sigsuspend", SYSCALL_OTHER},
    {SYS_rt_sigtimedwait, "sigwait", SYSCALL_OTHER},
    {SYS_msgrcv, "msgrcv", SYSCALL_OTHER},
    {SYS_msgsnd, "msgsnd", SYSCALL_OTHER},
    {SYS_io_uring_enter, "io_uring_enter", SYSCALL_ON_FILE},
    {SYS_restart_syscall, "a call that goes on after a signal", SYSCALL_OTHER},
#ifdef SYS_open
    {SYS_open, "open", SYSCALL_OTHER},
#endif
#ifdef SYS_poll
    {SYS_poll, "poll", SYSCALL_ON_POLL},
#endif
#ifdef SYS_select
    {SYS_select, "select", SYSCALL_ON_SET},
#endif
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, "epoll_wait", SYSCALL_ON_EPOLL},
#endif
#ifdef SYS_pause
    {SYS_pause, "pause", SYSCALL_OTHER},
#endif
#ifdef SYS_fork
    {SYS_fork, "fork", SYSCALL_OTHER},
#endif
#ifdef SYS_vfork
    {SYS_vfork, "vfork", SYSCALL_OTHER},
#endif
    {SYS_clone, "clone", SYSCALL_OTHER},
};

const struct syscall_name *syscall_named(long number)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].number == number)
            return &names[i];
    return NULL;
}

static const struct {
    long number;
    const char *name;
} every[] = {
#define NAMED(name) {SYS_##name, #name},
#include "syscall_words.h" /* made of <sys/syscall.h> when the build is configured */
};

const char *syscall_word(long number)
{
    for (size_t i = 0; i < ARRAY_LEN(every); i++)
        if (every[i].number == number)
            return every[i].name;
    return NULL;
}
