/* lux's side, and that of the program that joins. */
#include "trace/trace.h"

#include "base/buf.h"
#include "base/mem.h"
#include "trace/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace/calls.h"

int tracer_start(struct tracer *t, struct error *err)
{
    int ends[2], records[2], on = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return error_errno(err, "cannot make a socket for the tracer");
    if (pipe2(records, O_CLOEXEC) < 0 || setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) {
        error_errno(err, "cannot make a pipe for the tracer");
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    pid_t lux = getpid();
    t->pid = fork();
    if (t->pid == 0) {
        close(ends[1]);
        close(records[0]);
        tracer_main(lux, ends[0], records[1]);
    }
    close(ends[0]);
    close(records[1]);
    t->join_fd = ends[1];
    t->records_fd = records[0];
    return t->pid < 0 ? error_errno(err, "cannot start the tracer") : 0;
}

void tracer_finish(struct tracer *t, void (*f)(void *context, const struct trace_record *r), void *context)
{
    struct buf all = {0};
    char bytes[65536];
    ssize_t n;
    close(t->join_fd);
    while ((n = read(t->records_fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            buf_add(&all, bytes, (size_t)n);
    close(t->records_fd);
    while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    struct record_head head;
    for (size_t at = 0; at + sizeof head <= all.len; at += sizeof head + head.size) {
        memcpy(&head, all.data + at, sizeof head);
        struct trace_record r = {head.epoch_ns, (double)(head.at_ns - head.epoch_ns) / 1e9,
                                 all.data + at + sizeof head};
        f(context, &r);
    }
    buf_free(&all);
}

/* ---- Joining ---- */

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#else
#error "the tracer knows the system calls of x86_64 and aarch64 alone"
#endif

/* Stops at the calls of the table. Calls of another architecture (32 bits) have other numbers and run unseen.
 */
static int install_filter(void)
{
    enum { MOST = 256 };
    struct sock_filter f[MOST];
    unsigned short n = 0;
    f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < call_count && n < MOST - 2; i++)
        f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].number,
                                              (unsigned char)(call_count - i), 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    struct sock_fprog program = {n, f};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

void trace_join(int join_fd, uint64_t epoch_ns)
{
    int answer = -1;
    if (send(join_fd, &epoch_ns, sizeof epoch_ns, MSG_NOSIGNAL) != (ssize_t)sizeof epoch_ns)
        return;
    while (recv(join_fd, &answer, sizeof answer, 0) < 0 && errno == EINTR) {
    }
    if (answer == 0) /* without a tracer the filter would make every call fail */
        install_filter();
}
