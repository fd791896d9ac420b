/* A bound on the processes of a sandbox that has no user or pid namespace to count them in: outside, RLIMIT_NPROC
 * counts whatever else the user runs, and for root it is none (setrlimit(2)). The checker and all below it ask the
 * keeper before each fork: seccomp_unotify(2). The keeper says yes as long as there are not too many; and once it has
 * closed its descriptor nobody in the tree can fork any more, so that a sweep finds them all. */
#include "sandbox/world.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const unsigned calls[] = {
    SYS_clone,
    SYS_clone3,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
};

#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)

static int listen_to_forks(void)
{
    struct sock_filter code[3 + ARRAY_LEN(calls)];
    size_t n = 0;

    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i],
                                                 (unsigned char)(ARRAY_LEN(calls) - i), 0);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_USER_NOTIF);
    struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

void supervise_join(int channel)
{
    char byte = 0;
    struct iovec data = {&byte, 1};
    union control control = {0};
    struct msghdr m = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int listener = listen_to_forks();

    if (listener < 0) /* an old kernel: there is no bound then */
        return;
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &listener, sizeof listener);
    if (sendmsg(channel, &m, MSG_NOSIGNAL) != 1)
        _exit(125); /* the keeper is gone, and with it whoever waits for us */
    close(listener);
}

int supervise_accept(int channel)
{
    char byte;
    struct iovec data = {&byte, 1};
    union control control = {0};
    struct msghdr m = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int listener = -1;

    if (recvmsg(channel, &m, MSG_CMSG_CLOEXEC) == 1 && m.msg_controllen >= CMSG_LEN(sizeof(int)))
        memcpy(&listener, CMSG_DATA(&control.header), sizeof listener);
    return listener;
}

/* Counting costs more than a fork: so many are allowed in between. */
enum { BATCH = 32 };

void supervise_answer(int listener, long most)
{
    static long allowed;
    struct seccomp_notif question = {0};
    struct seccomp_notif_resp answer = {0};

    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) < 0)
        return; /* who asked has died */
    if (allowed == 0) {
        long room = most - count_descendants();
        allowed = room <= 0 ? 0 : room < BATCH ? room : BATCH;
    }
    answer.id = question.id;
    if (allowed > 0) {
        allowed--;
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    } else {
        answer.error = -EAGAIN;
    }
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}
