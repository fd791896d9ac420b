/* How long sandbox_start takes, and the whole life of a sandbox: min, median, p95 of 200 runs.
 * bench_sandbox [WORKSPACE [RUNS]] */
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "sandbox/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int nothing(void *context)
{
    (void)context;
    return 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *what, double *ms, size_t n)
{
    qsort(ms, n, sizeof *ms, compare);
    printf("%-12s min %6.2f  median %6.2f  p95 %6.2f ms\n", what, ms[0], ms[n / 2], ms[n * 95 / 100]);
}

int main(int argc, char **argv)
{
    char here[4096];
    const char *workspace = argc > 1 ? argv[1] : getcwd(here, sizeof here);
    size_t runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;
    struct sandbox_spec spec = {.workspace = workspace, .binary = "program", .main = nothing, .keep_fd = -1};
    if (runs == 0)
        return 2;
    double *ready = xcalloc(runs, sizeof *ready);
    double *whole = xcalloc(runs, sizeof *whole);

    for (size_t i = 0; i < runs; i++) {
        struct sandbox s;
        struct error err;
        uint64_t start = clock_now_ns();
        if (sandbox_start(&spec, &s, &err) < 0) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
        ready[i] = clock_ms_since(start);
        sandbox_reap(&s, true, NULL);
        whole[i] = clock_ms_since(start);
    }
    print("set-up", ready, runs);
    print("whole life", whole, runs);
    free(ready);
    free(whole);
    return 0;
}
