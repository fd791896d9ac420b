#include "harness/supervise.h"

#include "base/mem.h"
#include "harness/world.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#else
#error "system calls are counted on x86_64 and aarch64 alone"
#endif

enum { CALLS_MAX = 32 };

struct supervisor *supervisor_new(void)
{
    struct supervisor *s = xcalloc(1, sizeof *s);

    s->listener = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->ends) < 0)
        world_broken(errno, "A socket to watch system calls could not be made");
    return s;
}

void supervisor_add(struct supervisor *s, struct supervised_call call)
{
    if (s->n == CALLS_MAX)
        world_broken(0, "The check watches more than %d system calls", CALLS_MAX);
    s->calls = xreallocarray(s->calls, s->n + 1, sizeof *s->calls);
    s->calls[s->n++] = call;
}

/* ---- In the child -------------------------------------------------------------------------------------- */

/* For each call: is it this number, and has it this argument? Then whoever listens is asked. */
static unsigned short fill_filter(const struct supervisor *s, struct sock_filter *f)
{
    unsigned short n = 0;

    f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    for (size_t i = 0; i < s->n; i++) {
        const struct supervised_call *c = &s->calls[i];
        f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
        f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)c->number, 0,
                                              c->asks_second ? 3 : 1);
        if (c->asks_second) {
            f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                                  offsetof(struct seccomp_data, args[1]));
            f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, c->second, 0, 1);
        }
        f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    }
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return n;
}

static int hand_over(int socket, int fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec piece = {"", 1};
    struct msghdr m = {.msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control.room,
                       .msg_controllen = sizeof control.room};

    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    return sendmsg(socket, &m, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

int supervisor_enter(const struct supervisor *s)
{
    struct sock_filter f[4 + 5 * CALLS_MAX];
    struct sock_fprog program = {fill_filter(s, f), f};
    int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);

    if (fd < 0)
        return -1;
    int rc = hand_over(s->ends[1], fd);
    close(fd);
    return rc;
}

/* ---- In the checker ------------------------------------------------------------------------------------ */

static struct supervised_call *call_of(struct supervisor *s, const struct seccomp_data *data)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->calls[i].number == data->nr &&
            (!s->calls[i].asks_second || s->calls[i].second == (uint32_t)data->args[1]))
            return &s->calls[i];
    return NULL;
}

static void on_call(uv_poll_t *poll, int status, int events)
{
    struct supervisor *s = poll->data;
    struct seccomp_notif call = {0};
    struct seccomp_notif_resp answer = {0};

    (void)status;
    if (!(events & UV_READABLE)) { /* nobody is watched any more */
        uv_poll_stop(poll);
        return;
    }
    if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
        return; /* who called was killed meanwhile */
    struct supervised_call *known = call_of(s, &call.data);
    if (known)
        known->seen++;
    answer.id = call.id;
    if (!s->answers || !s->answers(s, &call, &answer))
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

void supervisor_begin(struct supervisor *s)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    char byte;
    struct iovec piece = {&byte, 1};
    struct msghdr m = {.msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control.room,
                       .msg_controllen = sizeof control.room};
    ssize_t n;

    close(s->ends[1]); /* so that a child that ends is noticed */
    while ((n = recvmsg(s->ends[0], &m, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    close(s->ends[0]);
    if (n != 1 || !CMSG_FIRSTHDR(&m))
        return; /* the child says why it could not */
    memcpy(&s->listener, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof s->listener);
    uv_poll_t *poll = xcalloc(1, sizeof *poll);
    uv_poll_init(&world.loop, poll, s->listener);
    poll->data = s;
    uv_poll_start(poll, UV_READABLE, on_call);
}
