/* A seccomp filter for where pids are shared: it keeps a program from ending those who watch it, and everybody.
 * kill(-1, SIGKILL) would otherwise end all that the learner runs, this session included. */
#include "sandbox/world.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
enum { ARCHITECTURE = AUDIT_ARCH_X86_64 };
#elif defined __aarch64__
enum { ARCHITECTURE = AUDIT_ARCH_AARCH64 };
#else
enum { ARCHITECTURE = 0 };
#endif

/* The first argument of each says who gets the signal. */
static const unsigned calls[] = {
    SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open};

enum { FORBIDDEN_MAX = 10 };
static int forbidden[FORBIDDEN_MAX];
static size_t n_forbidden;

void guard_note(pid_t keeper, pid_t checker, pid_t lux)
{
    /* A negative number is a process group; the keeper and the checker lead theirs. The session of lux has the
     * learner's shell as its leader. */
    const int all[] = {-1,       1,   keeper,        -keeper,     checker,
                       -checker, lux, -getpgid(lux), getsid(lux), -getsid(lux)};

    n_forbidden = 0;
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (all[i] != 0) /* a group of a process that we cannot see */
            forbidden[n_forbidden++] = all[i];
}

#define LOAD(field)        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define ANSWER(action)     BPF_STMT(BPF_RET | BPF_K, action)

/* The lower half of args[0]: a pid has 32 bits, and both machines above are little-endian. Async-signal-safe. */
int guard_enter(void)
{
    struct sock_filter code[8 + ARRAY_LEN(calls) + FORBIDDEN_MAX];
    size_t n = 0, end;

    if (n_forbidden == 0 || ARCHITECTURE == 0)
        return 0;
    code[n++] = (struct sock_filter)LOAD(arch);
    code[n++] = (struct sock_filter)IF((unsigned)ARCHITECTURE, 1, 0);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)LOAD(nr);
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) /* to the first behind the answer that follows the list */
        code[n++] = (struct sock_filter)IF(calls[i], (unsigned char)(ARRAY_LEN(calls) - i), 0);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)LOAD(args[0]);
    end = n_forbidden;
    for (size_t i = 0; i < n_forbidden; i++)
        code[n++] = (struct sock_filter)IF((unsigned)forbidden[i], (unsigned char)(end - i), 0);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ERRNO | EPERM);

    struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 && errno != EINVAL && errno != ENOSYS)
        return -1;
    return 0; /* a kernel without seccomp has no such protection to give */
}
