/* What a pid namespace would do, where there is none: it bounds the number of processes, and no signal leaves it.
 *
 * Outside, RLIMIT_NPROC counts whatever else the user runs, and for root it is no limit (setrlimit(2)); kill(-1) ends
 * all that the user has, and as root the machine. So the checker and all below it ask the keeper before each fork and
 * each signal: seccomp_unotify(2). A fork is allowed as long as there are not too many processes, a signal if its
 * target is one of them. Once the keeper has closed its descriptor, nobody in the tree can do either any more, so
 * that a sweep finds them all. */
#include "sandbox/world.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
enum { ARCHITECTURE = AUDIT_ARCH_X86_64 };
#elif defined __aarch64__
enum { ARCHITECTURE = AUDIT_ARCH_AARCH64 };
#else
enum { ARCHITECTURE = 0 }; /* no filter has been thought of: these levels are not to be had */
#endif
enum { X32 = 0x40000000 }; /* above it the numbers of another set of system calls begin, syscall(2) */

static const unsigned calls[] = {
    SYS_clone,
    SYS_clone3,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
    /* Of these the first argument says who gets the signal. */
    SYS_kill,
    SYS_tkill,
    SYS_tgkill,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_pidfd_open,
    /* Of this, by a descriptor. */
    SYS_pidfd_send_signal,
};

static bool is_fork(int call)
{
    for (size_t i = 0; calls[i] != SYS_kill; i++)
        if (calls[i] == (unsigned)call)
            return true;
    return false;
}

#define LOAD(field)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)

static int listen_to_calls(void)
{
    struct sock_filter code[8 + ARRAY_LEN(calls)];
    size_t n = 0;

    if (ARCHITECTURE == 0) {
        errno = ENOSYS;
        return -1;
    }
    code[n++] = (struct sock_filter)LOAD(arch);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)ARCHITECTURE, 1, 0);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
    code[n++] = (struct sock_filter)LOAD(nr);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
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

int supervise_join(int channel)
{
    char byte = 0;
    struct iovec data = {&byte, 1};
    union control control = {0};
    struct msghdr m = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int listener = listen_to_calls();

    if (listener < 0)
        return -1;
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &listener, sizeof listener);
    if (sendmsg(channel, &m, MSG_NOSIGNAL) != 1)
        _exit(125); /* the keeper is gone, and with it whoever waits for us */
    return close(listener);
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

/* ---- Forks --------------------------------------------------------------------------------------------- */

/* Counting costs more than a fork: so many are allowed in between. */
enum { BATCH = 32 };

static int judge_fork(long most)
{
    static long allowed;

    if (allowed == 0) {
        long room = most - count_descendants();
        allowed = room <= 0 ? 0 : room < BATCH ? room : BATCH;
    }
    if (allowed == 0)
        return EAGAIN;
    allowed--;
    return 0;
}

/* ---- Signals ------------------------------------------------------------------------------------------- */

/* 0: there is none. */
static pid_t parent_of(pid_t pid)
{
    char path[64], line[512];
    int parent = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    const char *name_end = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    if (name_end && sscanf(name_end, ") %*c %d", &parent) != 1)
        parent = 0;
    if (f)
        fclose(f);
    return parent;
}

static bool is_descendant(pid_t pid)
{
    pid_t self = getpid();

    for (pid = parent_of(pid); pid > 1; pid = parent_of(pid))
        if (pid == self)
            return true;
    return false;
}

/* Programs may signal each other; the checker, which is their parent, is out of reach as PID 1 is, and so is
 * everybody outside. */
static int judge_signal(pid_t target, pid_t checker)
{
    if (target == 0) /* the own group, which the checker does not share */
        return 0;
    if (target == -1)
        return EPERM;
    if (target < 0)
        return target != -checker && has_descendant_in_group(-target) ? 0 : ESRCH;
    if (target == checker)
        return EPERM;
    return is_descendant(target) ? 0 : ESRCH;
}

/* Whom the descriptor of this process stands for. An open directory /proc/PID, which the kernel takes as well, is
 * nobody here. */
static pid_t target_of_descriptor(pid_t process, int fd)
{
    char path[64], line[128];
    int target = 0;

    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)process, fd);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f) && sscanf(line, "Pid: %d", &target) != 1)
        ;
    if (f)
        fclose(f);
    return target;
}

static int judge(const struct seccomp_data *call, pid_t caller, pid_t checker, long most)
{
    pid_t target = (pid_t)call->args[0];

    if (is_fork(call->nr))
        return judge_fork(most);
    if (caller == checker)
        return 0;
    if (call->nr == SYS_pidfd_send_signal) {
        target = target_of_descriptor(caller, target);
        return target > 0 ? judge_signal(target, checker) : ESRCH;
    }
    return judge_signal(target, checker);
}

void supervise_answer(int listener, pid_t checker, long most)
{
    struct seccomp_notif question = {0};
    struct seccomp_notif_resp answer = {0};

    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) < 0)
        return; /* who asked has died */
    answer.id = question.id;
    int refusal = judge(&question.data, (pid_t)question.pid, checker, most);
    answer.error = -refusal;
    if (!refusal)
        answer.flags = (__u32)SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}
