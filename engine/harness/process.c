#include "harness/process.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads a file of /proc in one go, as the kernel makes it at the moment of the read. */
static bool slurp(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    ssize_t n = read(fd, out, size - 1);
    close(fd);
    if (n < 0)
        return false;
    out[n] = '\0';
    return n > 0;
}

bool process_parse_stat(const char *line, struct process_stat *out)
{
    enum { PF_EXITING = 0x4 }; /* include/linux/sched.h; shown as it is since forever */
    const char *open = strchr(line, '('), *close = strrchr(line, ')');
    unsigned long flags, utime, stime;
    long cutime, cstime, threads;
    unsigned long long started;

    if (!open || !close || close < open)
        return false;
    *out = (struct process_stat){0};
    size_t len = (size_t)(close - open - 1);
    if (len >= sizeof out->name)
        len = sizeof out->name - 1;
    memcpy(out->name, open + 1, len);
    if (sscanf(line, "%d", &out->pid) != 1)
        return false;
    if (sscanf(close + 1, " %c %d %d %d %d %*d %lu %*u %*u %*u %*u %lu %lu %ld %ld %*d %*d %ld %*d %llu",
               &out->state, &out->ppid, &out->group, &out->session, &out->terminal, &flags, &utime, &stime,
               &cutime, &cstime, &threads, &started) != 12)
        return false;
    out->started = started;
    double tick_ms = 1000.0 / (double)sysconf(_SC_CLK_TCK);
    out->exiting = (flags & PF_EXITING) || out->state == 'Z' || out->state == 'X';
    out->threads = (int)threads;
    out->cpu_ms = (double)(utime + stime) * tick_ms;
    out->children_cpu_ms = (double)(cutime + cstime) * tick_ms;
    return true;
}

bool process_stat_of(int pid, struct process_stat *out)
{
    char path[64], line[1024];

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    return slurp(path, line, sizeof line) && process_parse_stat(line, out);
}

bool process_stat_of_thread(int pid, int tid, struct process_stat *out)
{
    char path[64], line[1024];

    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, tid);
    return slurp(path, line, sizeof line) && process_parse_stat(line, out);
}

/* The entries of a directory that are numbers, in ascending order. */
static size_t numbers_in(const char *path, int **out)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int *numbers = NULL;
    size_t n = 0;

    while (dir && (entry = readdir(dir)) != NULL) {
        int number;
        char rest;
        if (sscanf(entry->d_name, "%d%c", &number, &rest) != 1)
            continue;
        numbers = xreallocarray(numbers, n + 1, sizeof *numbers);
        size_t at = n++;
        for (; at > 0 && numbers[at - 1] > number; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = number;
    }
    if (dir)
        closedir(dir);
    *out = numbers;
    return n;
}

size_t process_all(struct process_stat **out)
{
    autofree int *pids = NULL;
    size_t n_pids = numbers_in("/proc", &pids), n = 0;
    struct process_stat *all = xcalloc(n_pids, sizeof *all);

    for (size_t i = 0; i < n_pids; i++)
        if (process_stat_of(pids[i], &all[n]))
            n++;
    *out = all;
    return n;
}

size_t process_descendants(int pid, struct process_stat **out)
{
    struct process_stat *all;
    size_t n_all = process_all(&all), n = 0;
    autofree bool *is_one = xcalloc(n_all, sizeof *is_one);

    for (bool found = true; found;) { /* pids wrap around: a child may have the smaller one */
        found = false;
        for (size_t i = 0; i < n_all; i++) {
            bool of_one = all[i].ppid == pid;
            for (size_t k = 0; k < n_all && !of_one; k++)
                of_one = is_one[k] && all[k].pid == all[i].ppid;
            if (of_one && !is_one[i] && all[i].pid != pid)
                is_one[i] = found = true;
        }
    }
    for (size_t i = 0; i < n_all; i++)
        if (is_one[i])
            all[n++] = all[i];
    *out = all;
    return n;
}

size_t process_threads(int pid, int **out)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    return numbers_in(path, out);
}

long process_memory_kb(int pid)
{
    char path[64], status[4096];
    long kb = 0;

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    if (!slurp(path, status, sizeof status))
        return 0;
    const char *line = strstr(status, "\nVmRSS:");
    if (line)
        sscanf(line, "\nVmRSS: %ld", &kb);
    return kb;
}

const char *process_command(int pid)
{
    char path[64], line[512];
    struct process_stat stat;
    struct buf out = {0};

    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof line);
    if (fd >= 0)
        close(fd);
    if (n > 0) {
        while (n > 0 && line[n - 1] == '\0')
            n--;
        for (ssize_t i = 0; i < n; i++)
            if (line[i] == '\0')
                line[i] = ' ';
        escape_bytes(&out, line, (size_t)n);
    } else if (process_stat_of(pid, &stat)) {
        buf_addch(&out, '[');
        escape_bytes(&out, stat.name, strlen(stat.name));
        buf_addch(&out, ']');
    }
    return buf_take(&out);
}

bool process_parse_call(const char *line, struct process_call *out)
{
    *out = (struct process_call){.known = true};
    if (strncmp(line, "running", 7) == 0) {
        out->running = true;
        return true;
    }
    int n =
        sscanf(line, "%ld %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64, &out->number,
               &out->args[0], &out->args[1], &out->args[2], &out->args[3], &out->args[4], &out->args[5]);
    out->in_call = n == 7 && out->number >= 0;
    out->known = n >= 1;
    return out->known;
}

struct process_call process_call_of(int pid, int tid)
{
    char path[64], line[512];
    struct process_call call = {0};

    snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", pid, tid);
    if (slurp(path, line, sizeof line))
        process_parse_call(line, &call);
    return call;
}

bool process_file(int pid, int fd, struct open_file *out)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
    ssize_t n = readlink(path, out->target, sizeof out->target - 1);
    if (n < 0)
        return false;
    out->target[n] = '\0';
    out->fd = fd;
    return true;
}

size_t process_files(int pid, struct open_file **out)
{
    char path[64];
    autofree int *fds = NULL;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    size_t n_fds = numbers_in(path, &fds), n = 0;
    struct open_file *files = xcalloc(n_fds, sizeof *files);
    for (size_t i = 0; i < n_fds; i++)
        if (process_file(pid, fds[i], &files[n]))
            n++;
    *out = files;
    return n;
}

bool process_wants_cpu(const struct process_stat *s)
{
    autofree int *tids = NULL;
    size_t n = s->threads > 1 ? process_threads(s->pid, &tids) : 0;

    if (s->state == 'R')
        return true;
    for (size_t i = 0; i < n; i++) {
        struct process_stat thread;
        if (process_stat_of_thread(s->pid, tids[i], &thread) && thread.state == 'R')
            return true;
    }
    return false;
}
