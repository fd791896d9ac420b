#include "trace/words.h"

#include "base/mem.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct word {
    uint64_t value;
    const char *name;
};

#define WORD(name)  \
    {               \
        name, #name \
    }

static const struct word at[] = {WORD(AT_SYMLINK_NOFOLLOW), WORD(AT_REMOVEDIR), WORD(AT_EMPTY_PATH), {0}};
static const struct word clone_flags[] = {
    WORD(CLONE_THREAD), WORD(CLONE_VFORK),  WORD(CLONE_NEWNS),   WORD(CLONE_NEWCGROUP), WORD(CLONE_NEWUTS),
    WORD(CLONE_NEWIPC), WORD(CLONE_NEWPID), WORD(CLONE_NEWUSER), WORD(CLONE_NEWNET),    {0}};
static const struct word creation[] = {{O_CLOEXEC, "CLOEXEC"}, {O_NONBLOCK, "NONBLOCK"}, {0}};
static const struct word domain[] = {WORD(AF_UNIX),    WORD(AF_INET),   WORD(AF_INET6),
                                     WORD(AF_NETLINK), WORD(AF_PACKET), {0}};
static const struct word epoll[] = {
    WORD(EPOLLIN),  WORD(EPOLLOUT),     WORD(EPOLLPRI),       WORD(EPOLLRDHUP),     WORD(EPOLLERR),
    WORD(EPOLLHUP), WORD(EPOLLONESHOT), WORD(EPOLLEXCLUSIVE), {EPOLLET, "EPOLLET"}, {0}};
static const struct word epoll_verb[] = {WORD(EPOLL_CTL_ADD), WORD(EPOLL_CTL_MOD), WORD(EPOLL_CTL_DEL), {0}};
static const struct word of_fcntl[] = {WORD(F_DUPFD),
                                       WORD(F_DUPFD_CLOEXEC),
                                       WORD(F_GETFD),
                                       WORD(F_SETFD),
                                       WORD(F_GETFL),
                                       WORD(F_SETFL),
                                       WORD(F_GETLK),
                                       WORD(F_SETLK),
                                       WORD(F_SETLKW),
                                       WORD(F_OFD_GETLK),
                                       WORD(F_SETOWN),
                                       WORD(F_OFD_SETLK),
                                       WORD(F_OFD_SETLKW),
                                       WORD(F_SETPIPE_SZ),
                                       WORD(F_GETPIPE_SZ),
                                       WORD(F_ADD_SEALS),
                                       {0}};
static const struct word of_flock[] = {WORD(LOCK_SH), WORD(LOCK_EX), WORD(LOCK_UN), WORD(LOCK_NB), {0}};
static const struct word inotify[] = {WORD(IN_ACCESS),      WORD(IN_MODIFY),        WORD(IN_ATTRIB),
                                      WORD(IN_CLOSE_WRITE), WORD(IN_CLOSE_NOWRITE), WORD(IN_OPEN),
                                      WORD(IN_MOVED_FROM),  WORD(IN_MOVED_TO),      WORD(IN_CREATE),
                                      WORD(IN_DELETE),      WORD(IN_DELETE_SELF),   WORD(IN_MOVE_SELF),
                                      WORD(IN_DONT_FOLLOW), WORD(IN_ONLYDIR),       {0}};
static const struct word of_ioctl[] = {
    WORD(SIOCGIFCONF), WORD(SIOCGIFNAME), WORD(SIOCGIFINDEX),   WORD(SIOCGIFFLAGS),   WORD(SIOCSIFFLAGS),
    WORD(SIOCGIFADDR), WORD(SIOCSIFADDR), WORD(SIOCGIFNETMASK), WORD(SIOCSIFNETMASK), WORD(SIOCGIFHWADDR),
    WORD(SIOCGIFMTU),  WORD(SIOCSIFMTU),  WORD(SIOCADDRT),      WORD(SIOCDELRT),      WORD(TUNSETIFF),
    WORD(FIONBIO),     WORD(FIONREAD),    WORD(TCGETS),         WORD(TCSETS),         WORD(TCSETSW),
    WORD(TCSETSF),     WORD(TIOCGWINSZ),  WORD(TIOCSWINSZ),     WORD(TIOCSCTTY),      WORD(TIOCNOTTY),
    WORD(TIOCGPGRP),   WORD(TIOCSPGRP),   WORD(TIOCGPTN),       WORD(TIOCSPTLCK),     {0}};
static const struct word level[] = {WORD(SOL_SOCKET),   WORD(IPPROTO_TCP), WORD(IPPROTO_IP),
                                    WORD(IPPROTO_IPV6), WORD(SOL_PACKET),  {0}};
static const struct word lock[] = {WORD(F_RDLCK), WORD(F_WRLCK), WORD(F_UNLCK), {0}};
static const struct word of_mount[] = {WORD(MS_RDONLY),  WORD(MS_NOSUID), WORD(MS_NODEV),  WORD(MS_NOEXEC),
                                       WORD(MS_REMOUNT), WORD(MS_BIND),   WORD(MS_MOVE),   WORD(MS_REC),
                                       WORD(MS_PRIVATE), WORD(MS_SLAVE),  WORD(MS_SHARED), {0}};
static const struct word msg[] = {
    WORD(MSG_DONTWAIT), WORD(MSG_NOSIGNAL), WORD(MSG_PEEK),     WORD(MSG_WAITALL),      WORD(MSG_TRUNC),
    WORD(MSG_MORE),     WORD(MSG_OOB),      WORD(MSG_ERRQUEUE), WORD(MSG_CMSG_CLOEXEC), {0}};
static const struct word open_flags[] = {
    WORD(O_CREAT),   WORD(O_EXCL),      WORD(O_TRUNC),    WORD(O_APPEND),           WORD(O_NONBLOCK),
    WORD(O_CLOEXEC), WORD(O_DIRECTORY), WORD(O_NOFOLLOW), WORD(O_NOCTTY),           WORD(O_SYNC),
    WORD(O_DSYNC),   WORD(O_PATH),      WORD(O_DIRECT),   {0100000, "O_LARGEFILE"}, {0}};
static const struct word option[] = {WORD(SO_REUSEADDR),
                                     WORD(SO_REUSEPORT),
                                     WORD(SO_KEEPALIVE),
                                     WORD(SO_BROADCAST),
                                     WORD(SO_ERROR),
                                     WORD(SO_TYPE),
                                     WORD(SO_LINGER),
                                     WORD(SO_RCVTIMEO),
                                     WORD(SO_SNDTIMEO),
                                     WORD(SO_RCVBUF),
                                     WORD(SO_SNDBUF),
                                     WORD(SO_PEERCRED),
                                     WORD(SO_ACCEPTCONN),
                                     WORD(SO_BINDTODEVICE),
                                     WORD(SO_ATTACH_FILTER),
                                     WORD(SO_RXQ_OVFL),
                                     {0}};
static const struct word option_tcp[] = {
    WORD(TCP_NODELAY), WORD(TCP_CORK),         WORD(TCP_KEEPIDLE), WORD(TCP_KEEPINTVL),
    WORD(TCP_KEEPCNT), WORD(TCP_USER_TIMEOUT), WORD(TCP_INFO),     {0}};
static const struct word option_ipv6[] = {WORD(IPV6_V6ONLY), {0}};
static const struct word option_packet[] = {WORD(PACKET_ADD_MEMBERSHIP), WORD(PACKET_AUXDATA), {0}};
static const struct word of_poll[] = {WORD(POLLIN),  WORD(POLLOUT), WORD(POLLPRI),  WORD(POLLRDHUP),
                                      WORD(POLLERR), WORD(POLLHUP), WORD(POLLNVAL), {0}};
static const struct word seek[] = {WORD(SEEK_SET),  WORD(SEEK_CUR),  WORD(SEEK_END),
                                   WORD(SEEK_DATA), WORD(SEEK_HOLE), {0}};
static const struct word of_shutdown[] = {WORD(SHUT_RD), WORD(SHUT_WR), WORD(SHUT_RDWR), {0}};
static const struct word of_sigaction[] = {
    WORD(SA_RESTART), WORD(SA_NOCLDSTOP), WORD(SA_NOCLDWAIT), WORD(SA_SIGINFO),
    WORD(SA_NODEFER), WORD(SA_ONSTACK),   WORD(SA_RESETHAND), {0}};
static const struct word of_socket[] = {WORD(SOCK_NONBLOCK), WORD(SOCK_CLOEXEC), {0}};
static const struct word type[] = {
    WORD(SOCK_STREAM), WORD(SOCK_DGRAM), WORD(SOCK_RAW), WORD(SOCK_SEQPACKET), {0}};
static const struct word of_wait[] = {WORD(WNOHANG), WORD(WUNTRACED), WORD(WCONTINUED),
                                      WORD(WEXITED), WORD(WNOWAIT),   {0}};

static const struct word *const vocabularies[] = {
    [WORDS_AT] = at,
    [WORDS_CLONE] = clone_flags,
    [WORDS_CREATION] = creation,
    [WORDS_DOMAIN] = domain,
    [WORDS_EPOLL] = epoll,
    [WORDS_EPOLL_VERB] = epoll_verb,
    [WORDS_FCNTL] = of_fcntl,
    [WORDS_FLOCK] = of_flock,
    [WORDS_INOTIFY] = inotify,
    [WORDS_IOCTL] = of_ioctl,
    [WORDS_LEVEL] = level,
    [WORDS_LOCK] = lock,
    [WORDS_MOUNT] = of_mount,
    [WORDS_MSG] = msg,
    [WORDS_OPEN] = open_flags,
    [WORDS_OPTION] = option,
    [WORDS_OPTION_TCP] = option_tcp,
    [WORDS_OPTION_IPV6] = option_ipv6,
    [WORDS_OPTION_PACKET] = option_packet,
    [WORDS_POLL] = of_poll,
    [WORDS_SEEK] = seek,
    [WORDS_SHUTDOWN] = of_shutdown,
    [WORDS_SIGACTION] = of_sigaction,
    [WORDS_SOCKET] = of_socket,
    [WORDS_TYPE] = type,
    [WORDS_WAIT] = of_wait,
};

void words_add_one(struct buf *out, enum words words, uint64_t value)
{
    for (const struct word *w = vocabularies[words]; w->name; w++)
        if (w->value == value) {
            buf_addstr(out, w->name);
            return;
        }
    buf_printf(out, value > UINT16_MAX ? "0x%" PRIx64 : "%" PRIu64, value);
}

/* Appends the names of the bits that have one, and returns the others. */
static uint64_t add_known(struct buf *out, enum words words, uint64_t value)
{
    const char *between = "";
    for (const struct word *w = vocabularies[words]; w->name; w++)
        if ((value & w->value) == w->value) {
            buf_printf(out, "%s%s", between, w->name);
            value &= ~w->value;
            between = "|";
        }
    return value;
}

void words_add_flags(struct buf *out, enum words words, uint64_t value)
{
    size_t before = out->len;
    uint64_t left = add_known(out, words, value);
    bool any = out->len > before;
    if (left || !any)
        buf_printf(out, left ? "%s0x%" PRIx64 : "%s%" PRIu64, any ? "|" : "", left);
}

void words_add_known(struct buf *out, enum words words, uint64_t value)
{
    add_known(out, words, value);
}

void words_add_signal(struct buf *out, int number)
{
    const char *name = sigabbrev_np(number);
    if (name)
        buf_printf(out, "SIG%s", name);
    else
        buf_printf(out, "%d", number);
}
