/* The time scale. What is measured is what checks suffer from on a busy machine: late wake-ups and slow
 * forks. */
#include "runner/calibrate.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double sleep_overshoot_ms(void)
{
    enum { ROUNDS = 3, SLEEP_US = 300 };
    double worst = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t began = clock_now_ns();
        nanosleep(&(struct timespec){.tv_nsec = SLEEP_US * 1000L}, NULL);
        double over = clock_ms_since(began) - SLEEP_US / 1e3;
        if (over > worst)
            worst = over;
    }
    return worst;
}

static double fork_ms(void)
{
    uint64_t began = clock_now_ns();
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (child > 0)
        waitpid(child, NULL, 0);
    return clock_ms_since(began);
}

/* Processes, ourselves not counted, that run or want to at this moment; the load average would lag by a
 * minute. */
static int others_runnable(void)
{
    struct buf text = {0};
    int runnable = 1;
    if (file_read("/proc/loadavg", 256, &text, NULL) ||
        sscanf(buf_str(&text), "%*s %*s %*s %d/", &runnable) != 1)
        runnable = 1;
    buf_free(&text);
    return runnable > 1 ? runnable - 1 : 0;
}

double time_scale_of(double oversleep_ms, double forking_ms, double runnable_per_cpu)
{
    /* A quiet machine oversleeps 0.1 ms and forks in under 1 ms; with four processes that want each processor
     * both are ten times that, when one looks at the right moment. The number of those who want to run now is
     * the steadier witness, but it does not say for how long they will. */
    double scale = TIME_SCALE_MIN;
    const double symptoms[] = {oversleep_ms / 2, forking_ms / 5, runnable_per_cpu / 2};
    for (size_t i = 0; i < sizeof symptoms / sizeof *symptoms; i++)
        if (symptoms[i] > scale)
            scale = symptoms[i];
#ifdef LUX_SANITIZED
    scale *= 2;
#endif
    return scale < TIME_SCALE_MAX ? scale : TIME_SCALE_MAX;
}

int usable_cpus(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

int default_jobs(void)
{
    enum { MOST = 8 };
    int jobs = 2 * usable_cpus();
    return jobs < MOST ? jobs : MOST;
}

int time_scale(double *out, struct error *err)
{
    const char *set = getenv("LUX_TIME_SCALE");
    if (set && *set) {
        char *end;
        *out = strtod(set, &end);
        if (*end || !(*out >= 0.1 && *out <= 100))
            return error_set(err, "LUX_TIME_SCALE is '%s', but must be a number from 0.1 to 100", set);
        return 0;
    }
    *out = time_scale_of(sleep_overshoot_ms(), fork_ms(), (double)others_runnable() / usable_cpus());
    return 0;
}
