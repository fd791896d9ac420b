#include "trace/tracer.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "trace/calls.h"
#include "trace/structs.h"
#include "trace/trace.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct thread {
    pid_t tid;
    int inside;              /* its number in the sandbox */
    const struct call *call; /* that it is in; NULL: none */
    uint64_t args[6];
    size_t record; /* of that call */
    bool is_shown;
    const struct row *row; /* of the calls that it does; NULL: none */
    size_t in_row;
    uint64_t loader_files; /* descriptors below 64 that the dynamic loader has open: of no interest */
};

struct record {
    uint64_t epoch_ns, at_ns;
    struct buf text;
    bool is_open; /* the call has not returned */
};

struct tracing {
    int join_fd, records_fd, ends_fd;
    uint64_t epoch_ns; /* of the last that joined */
    struct thread *threads;
    size_t n_threads;
    struct record *records;
    size_t n_records, untold;
    bool joins_ended;
};

/* ---- Threads ---- */

/* The last of the numbers in the line NSpid: the one in the innermost namespace. */
static int inner_number(pid_t tid)
{
    char path[64], line[256];
    int number = (int)tid;
    snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "NSpid:", 6) == 0) {
            const char *last = strrchr(line, '\t');
            number = last ? atoi(last) : number;
        }
    if (f)
        fclose(f);
    return number;
}

static struct thread *thread_of(struct tracing *t, pid_t tid)
{
    for (size_t i = 0; i < t->n_threads; i++)
        if (t->threads[i].tid == tid)
            return &t->threads[i];
    t->threads = xreallocarray(t->threads, t->n_threads + 1, sizeof *t->threads);
    t->threads[t->n_threads] = (struct thread){.tid = tid, .inside = inner_number(tid)};
    return &t->threads[t->n_threads++];
}

static void forget_thread(struct tracing *t, pid_t tid)
{
    for (size_t i = 0; i < t->n_threads; i++)
        if (t->threads[i].tid == tid) {
            t->threads[i] = t->threads[--t->n_threads];
            return;
        }
}

/* ---- Records ---- */

static struct record *new_record(struct tracing *t)
{
    if (t->n_records == TRACE_RECORDS_MAX) {
        t->untold++;
        return NULL;
    }
    if ((t->n_records & (t->n_records - 1)) == 0)
        t->records = xreallocarray(t->records, t->n_records ? 2 * t->n_records : 1, sizeof *t->records);
    struct record *r = &t->records[t->n_records++];
    *r = (struct record){.epoch_ns = t->epoch_ns, .at_ns = clock_now_ns()};
    return r;
}

static void say(struct tracing *t, int inside, const char *what)
{
    struct record *r = new_record(t);
    if (r)
        buf_printf(&r->text, "[%d] %s", inside, what);
}

/* ---- Rows ---- */

/* The threads of a Go program that look after the others sleep hundreds of times a second, and its runtime asks
 * for every signal at the start: of such calls in a row the first are shown, and the others counted. */
static const struct row {
    const char *name;
    size_t shown;
} rows[] = {{"nanosleep", 2}, {"clock_nanosleep", 2}, {"rt_sigaction", 8}};

static const struct row *row_of(const struct call *c)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, c->name) == 0)
            return &rows[i];
    return NULL;
}

static void end_row(struct tracing *t, struct thread *th)
{
    char what[64];
    size_t untold = th->row && th->in_row > th->row->shown ? th->in_row - th->row->shown : 0;
    if (untold) {
        snprintf(what, sizeof what, "%s: %zu more in a row", th->row->name, untold);
        say(t, th->inside, what);
    }
    th->row = NULL;
    th->in_row = 0;
}

/* Whether the call that the thread is in is one too many of a row. */
static bool is_counted_alone(struct tracing *t, struct thread *th)
{
    const struct row *row = row_of(th->call);
    if (th->row != row)
        end_row(t, th);
    th->row = row;
    return row && ++th->in_row > row->shown;
}

/* ---- What is not the program's own doing ---- */

static bool is_of_loader(const char *path)
{
    static const char *const places[] = {"/lib/", "/lib64/", "/usr/lib/", "/etc/ld.so.", "/usr/local/lib/"};
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (strncmp(path, places[i], strlen(places[i])) == 0)
            return true;
    return false;
}

/* The runtime of Go interrupts its own threads with SIGURG, many times a second, and asks what is done about signals. */
static bool is_of_runtime(const struct thread *th)
{
    if (strcmp(th->call->name, "tgkill") == 0)
        return th->args[2] == SIGURG;
    return strcmp(th->call->name, "rt_sigaction") == 0 && th->args[1] == 0;
}

static bool is_interruption(pid_t tid, int number)
{
    siginfo_t info;
    return number == SIGURG && ptrace(PTRACE_GETSIGINFO, tid, 0, &info) == 0 && info.si_code == SI_TKILL;
}

static bool is_noise(struct thread *th)
{
    char path[256];
    const char *name = th->call->name;
    uint64_t bit = th->args[0] < 64 ? 1ull << th->args[0] : 0;
    if (is_of_runtime(th))
        return true;
    if (strcmp(name, "openat") == 0 || strcmp(name, "newfstatat") == 0) {
        struct_read_text(th->tid, th->args[1], path, sizeof path);
        return is_of_loader(path) || (strcmp(name, "newfstatat") == 0 && !*path && th->loader_files & bit);
    }
    bool is_about_one =
        strcmp(name, "read") == 0 || strcmp(name, "pread64") == 0 || strcmp(name, "close") == 0;
    return is_about_one && th->loader_files & bit;
}

static void follow_loader(struct thread *th, int64_t result)
{
    if (th->is_shown)
        return;
    if (strcmp(th->call->name, "openat") == 0 && result >= 0 && result < 64)
        th->loader_files |= 1ull << result;
    else if (strcmp(th->call->name, "close") == 0)
        th->loader_files &= ~(1ull << th->args[0]);
}

/* ---- Stops ---- */

static void enter(struct tracing *t, struct thread *th, uint64_t number, const uint64_t *args)
{
    th->call = call_find((long)number);
    if (!th->call)
        return;
    memcpy(th->args, args, sizeof th->args);
    th->is_shown = !is_noise(th) && !is_counted_alone(t, th);
    struct record *r = th->is_shown ? new_record(t) : NULL;
    th->is_shown &= r != NULL || t->untold == 0;
    if (!r) {
        th->record = SIZE_MAX;
        return;
    }
    th->record = t->n_records - 1;
    r->is_open = true;
    buf_printf(&r->text, "[%d] ", th->inside);
    call_enter(&r->text, th->call, th->tid, th->args);
}

static void leave(struct tracing *t, struct thread *th, int64_t result, int is_error)
{
    if (!th->call)
        return;
    follow_loader(th, is_error ? -1 : result);
    if (th->record != SIZE_MAX) {
        struct record *r = &t->records[th->record];
        call_return(&r->text, th->call, th->tid, th->args, result, is_error);
        r->is_open = false;
    }
    th->call = NULL;
}

/* Returns the request with which the thread goes on. */
static long look_at_call(struct tracing *t, struct thread *th)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, th->tid, sizeof info, &info) <= 0)
        return PTRACE_CONT;
    if (info.op == PTRACE_SYSCALL_INFO_SECCOMP) {
        uint64_t args[6];
        for (int i = 0; i < 6; i++)
            args[i] = info.seccomp.args[i];
        enter(t, th, info.seccomp.nr, args);
        return PTRACE_SYSCALL; /* to its return */
    }
    if (info.op == PTRACE_SYSCALL_INFO_EXIT)
        leave(t, th, info.exit.rval, info.exit.is_error);
    /* An entry comes between the two stops of a call that is followed. */
    return info.op == PTRACE_SYSCALL_INFO_ENTRY ? PTRACE_SYSCALL : PTRACE_CONT;
}

static void on_stop(struct tracing *t, pid_t tid, int status)
{
    struct thread *th = thread_of(t, tid);
    int number = WSTOPSIG(status), event = status >> 16;
    long request = th->call ? PTRACE_SYSCALL : PTRACE_CONT, injected = 0;
    if (event == PTRACE_EVENT_STOP && number != SIGTRAP) {
        request = PTRACE_LISTEN; /* stopped by a signal, and stays so */
    } else if (number == (SIGTRAP | 0x80) || event == PTRACE_EVENT_SECCOMP) {
        request = look_at_call(t, th);
    } else if (event == 0) {
        char what[64];
        snprintf(what, sizeof what, "receives SIG%s", sigabbrev_np(number) ? sigabbrev_np(number) : "?");
        if (!is_interruption(tid, number))
            say(t, th->inside, what);
        injected = number;
    }
    ptrace((enum __ptrace_request)request, tid, 0, injected);
}

static void on_end(struct tracing *t, pid_t tid, int status)
{
    struct thread *th = thread_of(t, tid);
    char what[64];
    if (WIFSIGNALED(status))
        snprintf(what, sizeof what, "is ended by SIG%s",
                 sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
    else
        snprintf(what, sizeof what, "ends with status %d", WEXITSTATUS(status));
    end_row(t, th);
    say(t, th->inside, what);
    forget_thread(t, tid);
}

/* False once there is nobody left to wait for. */
static bool wait_for_stops(struct tracing *t)
{
    for (;;) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);
        if (tid == 0)
            return true;
        if (tid < 0)
            return errno == EINTR;
        if (WIFSTOPPED(status))
            on_stop(t, tid, status);
        else
            on_end(t, tid, status);
    }
}

/* ---- Joining ---- */

static void on_join(struct tracing *t)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    uint64_t epoch_ns;
    struct iovec piece = {&epoch_ns, sizeof epoch_ns};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    ssize_t n = recvmsg(t->join_fd, &message, MSG_CMSG_CLOEXEC);
    if (n != (ssize_t)sizeof epoch_ns) {
        t->joins_ended |= n == 0 || (n < 0 && errno != EINTR);
        return;
    }
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    struct ucred who = {0};
    if (c && c->cmsg_type == SCM_CREDENTIALS)
        memcpy(&who, CMSG_DATA(c), sizeof who);
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
    t->epoch_ns = epoch_ns;
    int answer = ptrace(PTRACE_SEIZE, who.pid, 0, options) < 0 ? errno : 0;
    if (answer) {
        char why[160];
        snprintf(why, sizeof why, "its system calls cannot be followed: %s; is kernel.yama.ptrace_scope 3?",
                 strerror(answer));
        say(t, inner_number(who.pid), why);
    } else {
        thread_of(t, who.pid);
    }
    send(t->join_fd, &answer, sizeof answer, MSG_NOSIGNAL);
}

static void write_records(struct tracing *t)
{
    if (t->untold && t->n_records) {
        struct record *last = &t->records[t->n_records - 1];
        buf_printf(&last->text, " (%zu further calls are not shown)", t->untold);
    }
    for (size_t i = 0; i < t->n_records; i++) {
        struct record *r = &t->records[i];
        if (r->is_open)
            buf_addstr(&r->text, " ... did not return");
        struct record_head head = {r->epoch_ns, r->at_ns, (uint32_t)r->text.len + 1};
        struct buf out = {0};
        buf_add(&out, &head, sizeof head);
        buf_add(&out, buf_str(&r->text), r->text.len + 1);
        for (size_t at = 0; at < out.len;) {
            ssize_t n = write(t->records_fd, out.data + at, out.len - at);
            if (n < 0 && errno != EINTR)
                _exit(1);
            at += n > 0 ? (size_t)n : 0;
        }
        buf_free(&out);
    }
}

void tracer_main(pid_t lux, int join_fd, int records_fd)
{
    struct tracing t = {.join_fd = join_fd, .records_fd = records_fd};
    sigset_t ends;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != lux)
        _exit(1);
    for (int number = 1; number < NSIG; number++)
        signal(number, number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGPIPE
                           ? SIG_IGN /* lux ends the sandbox, and that ends us */
                           : SIG_DFL);
    sigemptyset(&ends);
    sigaddset(&ends, SIGCHLD);
    sigprocmask(SIG_SETMASK, &ends, NULL);
    t.ends_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    while (wait_for_stops(&t) || !t.joins_ended) {
        struct pollfd fds[] = {{.fd = t.ends_fd, .events = POLLIN},
                               {.fd = t.joins_ended ? -1 : join_fd, .events = POLLIN}};
        struct signalfd_siginfo ignored;
        poll(fds, ARRAY_LEN(fds), -1);
        while (read(t.ends_fd, &ignored, sizeof ignored) > 0) {
        }
        if (fds[1].revents)
            on_join(&t);
    }
    write_records(&t);
    _exit(0);
}
