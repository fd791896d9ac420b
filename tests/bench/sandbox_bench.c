/* How long sandbox_start takes, and the whole life of a sandbox, at each level; then ten thousand in a row, and what
 * they leave behind: bench_sandbox [RUNS-OF-THE-LONG-ROW] */
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "figures.h"
#include "sandbox/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 200, ROW = 10000 };

static int nothing(void *context)
{
    (void)context;
    return 0;
}

/* A daemon, a file, shared memory: what a check may find left behind. */
static int leave_things(void *context)
{
    (void)context;
    FILE *f = fopen("file", "w");
    FILE *shared = fopen("/dev/shm/lux-bench", "w");
    if (fork() == 0) {
        setsid();
        for (;;)
            pause();
    }
    return f && shared ? 0 : 1;
}

/* Runs one; false with a sentence on stderr. */
static bool run_one(const struct sandbox_spec *spec, double *ready_ms, double *whole_ms)
{
    struct sandbox s;
    struct error err;
    int status;
    uint64_t start = clock_now_ns();

    if (sandbox_start(spec, &s, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    *ready_ms = clock_ms_since(start);
    sandbox_reap(&s, true, &status);
    *whole_ms = clock_ms_since(start);
    if (status != 0)
        fprintf(stderr, "a sandbox ended with status %x\n", (unsigned)status);
    return status == 0;
}

static void measure(enum sandbox_level level, const char *workspace)
{
    struct sandbox_spec spec = {
        .workspace = workspace, .binary = "program", .main = nothing, .keep_fd = -1, .level = level};
    double ready[RUNS], whole[RUNS];
    char what[64];

    for (size_t i = 0; i < RUNS; i++)
        if (!run_one(&spec, &ready[i], &whole[i]))
            return;
    snprintf(what, sizeof what, "sandbox set-up, level %s", sandbox_level_name(level));
    figures_print(what, ready, RUNS);
    snprintf(what, sizeof what, "whole life of a sandbox, level %s", sandbox_level_name(level));
    figures_print(what, whole, RUNS);
}

/* ---- What is left -------------------------------------------------------------------------------------- */

static long count_entries(const char *path, const char *prefix)
{
    long n = 0;
    struct dirent *e;
    DIR *d = opendir(path);
    while (d && (e = readdir(d)) != NULL)
        n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    if (d)
        closedir(d);
    return n;
}

static long count_lines(const char *path)
{
    long n = 0;
    int c;
    FILE *f = fopen(path, "re");
    while (f && (c = getc(f)) != EOF)
        n += c == '\n';
    if (f)
        fclose(f);
    return n;
}

/* Network namespaces as the kernel's allocator counts them, which only root may ask; -1 otherwise. */
static long count_networks(void)
{
    char line[512];
    long n = -1;
    FILE *f = fopen("/proc/slabinfo", "re");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "net_namespace %ld", &n) == 1)
            break;
    if (f)
        fclose(f);
    return n;
}

/* We adopt whatever loses its parent. */
static long count_children(void)
{
    long n = 0;
    while (waitpid(-1, NULL, WNOHANG) >= 0 && n < 1000)
        n++;
    return n;
}

static void print_traces(const char *when)
{
    printf(
        "  %-7s mounts %ld   network namespaces %ld   processes of ours %ld   /dev/shm/lux* %ld   /tmp/lux-?????? %ld "
        "  descriptors %ld\n",
        when, count_lines("/proc/self/mountinfo"), count_networks(), count_children(),
        count_entries("/dev/shm", "lux"), count_entries("/tmp", "lux-"), count_entries("/proc/self/fd", ""));
}

static int run_row(size_t n, const char *workspace)
{
    static const struct timespec settle = {.tv_sec = 2}; /* the kernel frees a network in the background */
    struct sandbox_spec spec = {
        .workspace = workspace, .binary = "program", .main = leave_things, .keep_fd = -1};
    uint64_t start = clock_now_ns();
    double ready, whole;

    printf("%zu sandboxes in a row, each with a daemon, a file and shared memory:\n", n);
    print_traces("before");
    for (size_t i = 0; i < n; i++)
        if (!run_one(&spec, &ready, &whole))
            return 1;
    printf("  %.1f s\n", clock_ms_since(start) / 1e3);
    nanosleep(&settle, NULL);
    print_traces("after");
    return 0;
}

int main(int argc, char **argv)
{
    char here[4096];
    const char *workspace = getcwd(here, sizeof here);
    size_t row = argc > 1 ? strtoul(argv[1], NULL, 10) : ROW;

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (enum sandbox_level level = SANDBOX_FULL; level > SANDBOX_NONE; level--)
        measure(level, workspace);
    return run_row(row, workspace);
}
