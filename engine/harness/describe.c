#include "harness/describe.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "harness/conn.h"
#include "harness/program.h"
#include "harness/udptable.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { LISTED_MAX = 6 }; /* descriptors or processes that a sentence names */

const char *cpu_words(double ms)
{
    return ms < 1 ? "less than 1 ms" : format("%.0f ms", ms);
}

/* ---- Descriptors --------------------------------------------------------------------------------------- */

static const char *describe_pipe(int pid, unsigned long inode, enum target *target)
{
    for (Program *p = world.programs; p; p = p->next) {
        const struct {
            unsigned long inode;
            enum target target;
            const char *name;
        } ends[] = {{p->in.inode, TARGET_STDIN, "stdin"},
                    {p->out.inode, TARGET_STDOUT, "stdout"},
                    {p->err.inode, TARGET_STDERR, "stderr"}};
        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
            if (inode != ends[i].inode)
                continue;
            *target = ends[i].target;
            return p->pid == pid ? format("its %s", ends[i].name)
                                 : format("the %s of %s", ends[i].name, p->name);
        }
    }
    return "a pipe";
}

/* What kind of socket it is, asked by a copy of the descriptor: for those that sock_diag does not list. */
static const char *socket_kind(int pid, int fd)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    int copy = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
    int domain = -1, kind = -1;
    socklen_t len = sizeof(int);

    if (copy >= 0) {
        getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &len);
        getsockopt(copy, SOL_SOCKET, SO_TYPE, &kind, &len);
        close(copy);
    }
    if (pidfd >= 0)
        close(pidfd);
    if (domain == AF_UNIX)
        return "a unix socket";
    if (domain == AF_INET || domain == AF_INET6)
        return kind == SOCK_STREAM ? "a TCP socket without a connection" : "a UDP socket";
    return "a socket";
}

static const char *describe_socket(int pid, int fd, unsigned long inode, enum target *target, Conn **conn)
{
    struct socket_info info;
    struct udp_info udp;

    if (udptable_with_inode(inode, &udp))
        return format("the UDP socket on %s%s%s", endpoint_words(&udp.local),
                      udp.remote.port ? ", connected to " : "",
                      udp.remote.port ? endpoint_words(&udp.remote) : "");
    if (!socket_with_inode(inode, &info))
        return socket_kind(pid, fd);
    if (info.state == TCP_LISTEN) {
        *target = TARGET_LISTENER;
        return format("the listening socket on %s", endpoint_words(&info.local));
    }
    *conn = conn_with_local(&info.remote);
    if (*conn) {
        *target = TARGET_CONN;
        return format("the connection with %s", (*conn)->name);
    }
    return format("a TCP connection with %s", endpoint_words(&info.remote));
}

static const char *plain_path(const char *path)
{
    struct buf out = {0};

    escape_bytes(&out, path, strlen(path));
    return buf_take(&out);
}

const char *describe_file(int pid, const struct open_file *file, enum target *target, Conn **conn)
{
    static const struct {
        const char *target, *words;
    } known[] = {
        {"anon_inode:[eventpoll]", "an epoll descriptor"},
        {"anon_inode:[eventfd]", "an eventfd"},
        {"anon_inode:[timerfd]", "a timerfd"},
        {"anon_inode:[signalfd]", "a signalfd"},
        {"anon_inode:inotify", "an inotify descriptor"},
        {"anon_inode:[pidfd]", "a pidfd"},
    };
    unsigned long inode;

    *target = TARGET_OTHER;
    *conn = NULL;
    if (sscanf(file->target, "pipe:[%lu]", &inode) == 1)
        return describe_pipe(pid, inode, target);
    if (sscanf(file->target, "socket:[%lu]", &inode) == 1)
        return describe_socket(pid, file->fd, inode, target, conn);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(file->target, known[i].target) == 0)
            return known[i].words;
    return plain_path(file->target);
}

/* ---- What a thread waits for --------------------------------------------------------------------------- */

struct list {
    struct buf words;
    int n;
    int fd; /* the last one, and what it is */
    enum target target;
    Conn *conn;
};

static void list_descriptor(struct list *l, int pid, int fd)
{
    struct open_file file;

    if (!process_file(pid, fd, &file))
        return;
    if (++l->n > LISTED_MAX)
        return;
    l->fd = fd;
    const char *words = describe_file(pid, &file, &l->target, &l->conn);
    buf_printf(&l->words, "%s%d (%s)", l->n > 1 ? ", " : "", fd, words);
}

static const char *list_words(struct list *l)
{
    if (l->n == 0)
        return "no descriptor at all";
    if (l->n > LISTED_MAX)
        buf_printf(&l->words, " and %d more", l->n - LISTED_MAX);
    return buf_str(&l->words);
}

static bool read_memory(int pid, uint64_t address, void *out, size_t size)
{
    struct iovec ours = {.iov_base = out, .iov_len = size};
    struct iovec theirs = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};

    return size == 0 || process_vm_readv(pid, &ours, 1, &theirs, 1, 0) == (ssize_t)size;
}

static bool polled(int pid, const struct process_call *call, struct list *l)
{
    enum { MOST = 64 };
    struct pollfd fds[MOST];
    size_t n = call->args[1] < MOST ? (size_t)call->args[1] : MOST;

    if (!read_memory(pid, call->args[0], fds, n * sizeof *fds))
        return false;
    for (size_t i = 0; i < n; i++)
        if (fds[i].fd >= 0)
            list_descriptor(l, pid, fds[i].fd);
    return true;
}

static bool selected(int pid, const struct process_call *call, struct list *l)
{
    fd_set any;
    size_t n = call->args[0] < FD_SETSIZE ? (size_t)call->args[0] : FD_SETSIZE;

    FD_ZERO(&any);
    for (int set = 1; set <= 3; set++) {
        fd_set one;
        FD_ZERO(&one);
        if (!call->args[set])
            continue;
        if (!read_memory(pid, call->args[set], &one, (n + 63) / 64 * 8))
            return false;
        for (int fd = 0; fd < (int)n; fd++)
            if (FD_ISSET(fd, &one))
                FD_SET(fd, &any);
    }
    for (int fd = 0; fd < (int)n; fd++)
        if (FD_ISSET(fd, &any))
            list_descriptor(l, pid, fd);
    return true;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* The kernel lists them as they lie in its memory: in order they say the same in every run. */
static bool in_epoll(int pid, int epoll_fd, struct list *l)
{
    char path[64], line[256];
    autofree int *fds = NULL;
    size_t n = 0;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", pid, epoll_fd);
    FILE *info = fopen(path, "re");
    if (!info)
        return false;
    while (fgets(line, sizeof line, info))
        if (sscanf(line, "tfd: %d", &fd) == 1) {
            fds = xreallocarray(fds, n + 1, sizeof *fds);
            fds[n++] = fd;
        }
    fclose(info);
    if (n)
        qsort(fds, n, sizeof *fds, by_number);
    for (size_t i = 0; i < n; i++)
        list_descriptor(l, pid, fds[i]);
    return true;
}

static struct doing in_call(int pid, const struct process_call *call)
{
    struct doing d = {.state = 'S', .fd = -1, .call = syscall_named(call->number)};
    struct open_file file;
    struct list list = {0};
    bool listed = false;

    if (!d.call) {
        const char *word = syscall_word(call->number);
        d.words = word ? format("blocked in %s()", word) : format("blocked in system call %ld", call->number);
        return d;
    }
    switch (d.call->kind) {
    case SYSCALL_ON_FILE:
        d.fd = (int)call->args[0];
        if (process_file(pid, d.fd, &file))
            d.words = format("blocked in %s(%d), %s", d.call->name, d.fd,
                             describe_file(pid, &file, &d.target, &d.conn));
        else
            d.words = format("blocked in %s(%d), which is not open any more", d.call->name, d.fd);
        return d;
    case SYSCALL_ON_POLL:
        listed = polled(pid, call, &list);
        break;
    case SYSCALL_ON_SET:
        listed = selected(pid, call, &list);
        break;
    case SYSCALL_ON_EPOLL:
        listed = in_epoll(pid, (int)call->args[0], &list);
        break;
    case SYSCALL_ON_TIME:
        d.words = "asleep in nanosleep()";
        return d;
    case SYSCALL_ON_LOCK:
        d.words = format("blocked in %s(): it waits for a lock, a condition or another thread", d.call->name);
        return d;
    case SYSCALL_ON_CHILD:
        d.words = format("blocked in %s(): it waits for a child to end", d.call->name);
        return d;
    case SYSCALL_OTHER:
        break;
    }
    d.words = listed ? format("waiting in %s() for %s", d.call->name, list_words(&list))
                     : format("blocked in %s()", d.call->name);
    if (list.n == 1) {
        d.fd = list.fd;
        d.target = list.target;
        d.conn = list.conn;
    }
    return d;
}

static struct doing describe_thread(int pid, int tid, const struct process_stat *stat)
{
    struct process_call call = process_call_of(pid, tid);

    if (stat->state == 'Z' || stat->state == 'X')
        return (struct doing){
            .words = "a zombie: it has ended, and its parent has not waited for it", .state = 'Z', .fd = -1};
    if (stat->state == 'T' || stat->state == 't')
        return (struct doing){.words = "stopped by a signal", .state = 'T', .fd = -1};
    if (stat->state != 'R' && call.in_call)
        return in_call(pid, &call);
    if (stat->state == 'R' || call.running)
        return (struct doing){.words = format("running, and has used %s of CPU time",
                                              cpu_words(stat->cpu_ms + stat->children_cpu_ms)),
                              .state = 'R',
                              .running = true,
                              .fd = -1};
    return (struct doing){.words = stat->state == 'D' ? "waiting for a disk" : "blocked in the kernel",
                          .state = stat->state,
                          .fd = -1};
}

/* Of several threads, the one that says most about why nothing happens. */
static int weight(const struct doing *d)
{
    static const int of_kind[] = {
        [SYSCALL_ON_FILE] = 6, [SYSCALL_ON_POLL] = 5, [SYSCALL_ON_SET] = 5,   [SYSCALL_ON_EPOLL] = 4,
        [SYSCALL_OTHER] = 3,   [SYSCALL_ON_TIME] = 2, [SYSCALL_ON_CHILD] = 3, [SYSCALL_ON_LOCK] = 1};

    if (d->running)
        return 7;
    return d->call ? of_kind[d->call->kind] : 2;
}

struct doing describe_process(int pid)
{
    autofree int *tids = NULL;
    size_t n = process_threads(pid, &tids);
    struct doing best = {.words = "gone", .state = 'X', .fd = -1};
    int best_weight = -1;

    for (size_t i = 0; i < n && i < 64; i++) {
        struct process_stat stat;
        if (!process_stat_of_thread(pid, tids[i], &stat))
            continue;
        struct doing d = describe_thread(pid, tids[i], &stat);
        if (weight(&d) > best_weight) {
            best = d;
            best_weight = weight(&d);
        }
    }
    if (n > 1)
        best.words = format("%s (one of its %zu threads; the others wait too, or do less)", best.words, n);
    return best;
}

/* ---- Who has what open --------------------------------------------------------------------------------- */

static void list_holder(struct list *l, const struct process_stat *s, int fd)
{
    Program *p = program_of_pid(s->pid);

    if (++l->n > LISTED_MAX)
        return;
    buf_addstr(&l->words, l->n > 1 ? ", " : "");
    if (p && p->pid == s->pid)
        buf_printf(&l->words, "%s (pid %d, descriptor %d)", p->name, s->pid, fd);
    else if (p)
        buf_printf(&l->words, "a child of %s (pid %d, descriptor %d)", p->name, s->pid, fd);
    else
        buf_printf(&l->words, "%s (pid %d, descriptor %d)", process_command(s->pid), s->pid, fd);
}

const char *describe_holders(const char *target, int *n)
{
    autofree struct process_stat *all = NULL;
    size_t n_all = process_descendants((int)getpid(), &all);
    struct list l = {0};

    for (size_t i = 0; i < n_all; i++) {
        autofree struct open_file *files = NULL;
        size_t n_files = process_files(all[i].pid, &files);
        for (size_t k = 0; k < n_files; k++)
            if (strcmp(files[k].target, target) == 0) {
                list_holder(&l, &all[i], files[k].fd);
                break;
            }
    }
    *n = l.n;
    return l.n ? list_words(&l) : NULL;
}

/* A run of descriptors that are all the same kind of thing. */
struct group {
    const char *words;
    int first, last, n;
};

static void list_group(struct list *l, const struct group *g)
{
    if (g->n == 0 || ++l->n > LISTED_MAX)
        return;
    buf_addstr(&l->words, l->n > 1 ? ", " : "");
    if (g->n == 1)
        buf_printf(&l->words, "%d (%s)", g->first, g->words);
    else
        buf_printf(&l->words, "%d to %d (%d times %s)", g->first, g->last, g->n, g->words);
}

const char *describe_new_files(Program *p)
{
    autofree struct open_file *now = NULL;
    size_t n = p->first_files && !p->ended ? process_files(p->pid, &now) : 0;
    struct list l = {0};
    struct group g = {0};

    for (size_t i = 0; i < n; i++) {
        bool known = false;
        enum target target;
        Conn *conn;
        for (size_t k = 0; k < p->n_first_files && !known; k++)
            known = p->first_files[k].fd == now[i].fd;
        if (known)
            continue;
        const char *words = describe_file(p->pid, &now[i], &target, &conn);
        if (g.n == 0 || strcmp(words, g.words) != 0) {
            list_group(&l, &g);
            g = (struct group){.words = words, .first = now[i].fd};
        }
        g.last = now[i].fd;
        g.n++;
    }
    list_group(&l, &g);
    return l.n ? list_words(&l) : NULL;
}
