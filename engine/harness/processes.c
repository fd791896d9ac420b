#include "harness/processes.h"

#include "base/clock.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/describe.h"
#include "harness/failure.h"
#include "harness/program.h"
#include "harness/signals.h"
#include "harness/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct process {
    Process *next;
    const char *name; /* "the daemon (pid 12)" */
    int pid;
    uint64_t started;
    bool reaped; /* by PID 1; it was an orphan */
    int status;
};

static Process *all;

void processes_ended(int pid, int status)
{
    for (Process *p = all; p; p = p->next) {
        if (p->pid != pid || p->reaped)
            continue;
        p->reaped = true;
        p->status = status;
        step("%s %s", p->name, status_words(status));
    }
}

Process *process_with_pid(int pid, const char *name)
{
    struct process_stat stat;

    world_run(0);
    if (pid <= 0 || !process_stat_of(pid, &stat) || stat.exiting)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("%s is running, with pid %d", name, pid),
                               .observation = "there is no process with this pid"});
    for (Process *known = all; known; known = known->next)
        if (known->pid == pid && known->started == stat.started)
            return known;
    Process *p = xcalloc(1, sizeof *p);
    p->name = format("%s (pid %d)", name, pid);
    p->pid = pid;
    p->started = stat.started;
    p->next = all;
    all = p;
    return p;
}

int pid_of_process(Process *p)
{
    return p->pid;
}

Process *process_of(Program *p)
{
    return process_with_pid(p->pid, p->name);
}

int children_of(Process *p, Process **out, int most)
{
    autofree struct process_stat *found = NULL;
    size_t n = process_descendants(p->pid, &found);
    int children = 0;

    for (size_t i = 0; i < n; i++) {
        if (found[i].ppid != p->pid || found[i].exiting)
            continue;
        if (children < most)
            out[children] = process_with_pid(found[i].pid, format("a child of %s", p->name));
        children++;
    }
    return children;
}

Process *child_of_(Process *p, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, format("%s to have a child", p->name), NULL);
    Process *child = NULL;
    int n;

    while ((n = children_of(p, &child, 1)) != 1)
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expectation = format("%s has one child", p->name),
                                   .observation = n ? format("it has %d", n) : "it has none",
                                   .wait = &w});
    return child;
}

const char *process_words(const Process *p)
{
    return p->name;
}

bool process_is_alive(Process *p)
{
    struct process_stat stat;

    return !p->reaped && process_stat_of(p->pid, &stat) && stat.started == p->started && !stat.exiting;
}

/* Nothing of it holds a lock or a descriptor any more: the leader is a zombie a moment before the last thread
 * ends. */
static bool is_gone(Process *p)
{
    struct process_stat stat;

    if (p->reaped || !process_stat_of(p->pid, &stat) || stat.started != p->started)
        return true;
    return stat.state == 'Z' && stat.threads <= 1;
}

/* ---- Ends ---------------------------------------------------------------------------------------------- */

static const char *end_words(Process *p)
{
    return p->reaped ? format("it %s", status_explained(p->status)) : "it has ended";
}

void expect_alive(Process *p)
{
    failure_settle();
    if (!process_is_alive(p))
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("%s is still running", p->name),
                               .observation = end_words(p)});
    step("%s is still running", p->name);
}

static void await_end(Process *p, const char *expectation, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, format("%s to end", p->name), NULL);

    while (!is_gone(p))
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_EXIT,
                                   .expectation = expectation,
                                   .observation = "it is still running",
                                   .wait = &w});
}

void expect_gone_(Process *p, const struct wait_options *o)
{
    await_end(p, format("%s ends", p->name), o);
    step("%s is gone", p->name);
}

void expect_gone_now(Process *p)
{
    if (process_is_alive(p))
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("%s has ended by now", p->name),
                               .observation = "it is still running"});
    step("%s is gone", p->name);
}

void expect_process_exit_(Process *p, int code, const struct wait_options *o)
{
    const char *expectation = format("%s ends with status %d", p->name, code);

    await_end(p, expectation, o);
    eventually(p->reaped, format("the exit status of %s", p->name));
    if (!WIFEXITED(p->status) || WEXITSTATUS(p->status) != code)
        fail(
            &(struct failing){.cause = CAUSE_WRONG, .expectation = expectation, .observation = end_words(p)});
}

int orphans_alive(void)
{
    autofree struct process_stat *found = NULL;
    size_t n = process_descendants((int)getpid(), &found);
    int alive = 0;

    for (size_t i = 0; i < n; i++)
        alive += !found[i].exiting && !program_of_pid(found[i].pid) && !terminal_is_shell(found[i].pid);
    return alive;
}

/* ---- Signals ------------------------------------------------------------------------------------------- */

void signal_process(Process *p, int signal)
{
    step("sends %s to %s", signal_name(signal), p->name);
    if (process_is_alive(p)) /* its pid may belong to somebody else by now */
        kill(p->pid, signal);
}

static bool is_stopped(Process *p)
{
    autofree int *threads = NULL;
    size_t n = process_threads(p->pid, &threads);
    struct process_stat stat;

    for (size_t i = 0; i < n; i++)
        /* 't': under a tracer, as in lux trace */
        if (process_stat_of_thread(p->pid, threads[i], &stat) && stat.state != 'T' && stat.state != 't')
            return false;
    return true;
}

void stop_process(Process *p)
{
    signal_process(p, SIGSTOP);
    eventually(is_stopped(p), format("%s to stop", p->name));
}

/* A field of /proc/PID/status, from behind its colon; NULL: there is none. */
static const char *status_field(Process *p, const char *field)
{
    char *line = NULL;
    size_t size = 0, len = strlen(field);
    const char *value = NULL;
    FILE *f = fopen(format("/proc/%d/status", p->pid), "re");

    while (f && !value && getline(&line, &size, f) > 0)
        if (strncmp(line, field, len) == 0 && line[len] == ':')
            value = format("%s", line + len + 1 + strspn(line + len + 1, " \t"));
    free(line);
    if (f)
        fclose(f);
    return value;
}

static bool is_pending(Process *p, int signal)
{
    const char *mask = status_field(p, "ShdPnd");

    return mask && (strtoull(mask, NULL, 16) >> (signal - 1) & 1);
}

void expect_pending_(Process *p, int signal, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, format("%s to be sent to %s", signal_name(signal), p->name), NULL);

    while (!is_pending(p, signal)) {
        if (process_is_alive(p) && wait_more(&w))
            continue;
        bool alive = process_is_alive(p);
        fail(&(struct failing){.cause = alive ? CAUSE_TIMEOUT : CAUSE_WRONG,
                               .expectation = format("%s is sent to %s", signal_name(signal), p->name),
                               .observation = alive ? "it was not" : end_words(p),
                               .wait = alive ? &w : NULL});
    }
    step("%s is on its way to %s, which is stopped", signal_name(signal), p->name);
}

/* ---- Facts --------------------------------------------------------------------------------------------- */

static struct process_stat look_at(Process *p)
{
    struct process_stat stat = {0};

    if (!process_is_alive(p) || !process_stat_of(p->pid, &stat))
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("%s is running while the checker looks at it", p->name),
                               .observation = end_words(p)});
    return stat;
}

struct process_facts facts_of(Process *p)
{
    struct process_stat stat = look_at(p);
    const char *mask = status_field(p, "Umask");
    char directory[4096];
    ssize_t n = readlink(format("/proc/%d/cwd", p->pid), directory, sizeof directory - 1);

    directory[n < 0 ? 0 : n] = '\0';
    return (struct process_facts){.parent = stat.ppid == (int)getpid() ? 1 : stat.ppid,
                                  .group = stat.group,
                                  .session = stat.session,
                                  .has_terminal = stat.terminal != 0,
                                  .umask = mask ? (int)strtol(mask, NULL, 8) : -1,
                                  .directory = format("%s", directory)};
}

const char *descriptor_of(Process *p, int fd)
{
    struct open_file file;

    look_at(p);
    return process_file(p->pid, fd, &file) ? format("%s", file.target) : NULL;
}

int open_files_of_process(Process *p)
{
    autofree struct open_file *files = NULL;

    look_at(p);
    return (int)process_files(p->pid, &files);
}

double process_cpu_ms_while_idle(Process *p, int ms)
{
    double before = look_at(p).cpu_ms;
    uint64_t end_ns = clock_now_ns() + (uint64_t)ms * 1000000;

    for (uint64_t now = clock_now_ns(); now < end_ns && process_is_alive(p); now = clock_now_ns())
        world_run(end_ns - now);
    double used = look_at(p).cpu_ms - before;
    step("%s uses %s of CPU time in %d ms with nothing to do", p->name, cpu_words(used), ms);
    return used;
}

int64_t bytes_read_by(Program *p)
{
    char content[512];
    int64_t count = -1;
    int fd = p->ended ? -1 : open(format("/proc/%d/io", p->pid), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, content, sizeof content - 1);

    if (fd >= 0)
        close(fd);
    if (p->ended)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .program = p,
                               .expectation = format("%s is running while the checker looks at it", p->name),
                               .observation = format("it %s", status_words(p->status))});
    content[n < 0 ? 0 : n] = '\0';
    if (sscanf(content, "rchar: %" SCNd64, &count) != 1)
        skip(
            "This kernel does not count what a process reads: /proc/PID/io is missing (CONFIG_TASK_IO_ACCOUNTING).");
    return count;
}

/* Of all its threads together; those that have ended meanwhile no longer count. */
static int64_t naps_of(Program *p)
{
    autofree int *threads = NULL;
    size_t n = process_threads(p->pid, &threads);
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        FILE *f = fopen(format("/proc/%d/task/%d/status", p->pid, threads[i]), "re");
        char line[256];
        int64_t naps;
        while (f && fgets(line, sizeof line, f))
            if (sscanf(line, "voluntary_ctxt_switches: %" SCNd64, &naps) == 1)
                sum += naps;
        if (f)
            fclose(f);
    }
    return sum;
}

int64_t naps_while_idle(Program *p, int ms)
{
    int64_t before = naps_of(p);
    uint64_t end_ns = clock_now_ns() + (uint64_t)ms * 1000000;

    for (uint64_t now = clock_now_ns(); now < end_ns && !p->ended; now = clock_now_ns())
        world_run(end_ns - now);
    int64_t naps = naps_of(p) - before;
    step("%s goes to sleep %" PRId64 " times in %d ms with nothing to do", p->name, naps, ms);
    return naps;
}
