#include "harness/memory.h"

#include "base/mem.h"
#include "harness/process.h"
#include "harness/world.h"
#include "sandbox/sandbox.h"

#include <signal.h>
#include <unistd.h>

enum { LOOK_MS = 100 };

static const char *excess;

/* Private memory: what programs share is counted once for all of them, or not at all. */
static long private_kb(int pid)
{
    long pages[3];
    FILE *f = fopen(format("/proc/%d/statm", pid), "re");
    bool read = f && fscanf(f, "%ld %ld %ld", &pages[0], &pages[1], &pages[2]) == 3;

    if (f)
        fclose(f);
    return read ? (pages[1] - pages[2]) * (sysconf(_SC_PAGESIZE) / 1024) : 0;
}

static void look(uv_timer_t *timer)
{
    autofree struct process_stat *all = NULL;
    size_t n = process_descendants((int)getpid(), &all);
    long sum = 0, most = 0, limit = sandbox_memory_mb(world.run->spec) * 1024;
    int hungriest = 0;

    for (size_t i = 0; i < n; i++) {
        long kb = private_kb(all[i].pid);
        sum += kb;
        if (kb > most) {
            most = kb;
            hungriest = all[i].pid;
        }
    }
    if (sum <= limit)
        return;
    for (size_t i = 0; i < n; i++)
        kill(all[i].pid, SIGSTOP);
    excess = format("they use %ld MiB; the most, %ld MiB, is that of %s (pid %d)", sum / 1024, most / 1024,
                    process_command(hungriest), hungriest);
    uv_timer_stop(timer);
}

void memory_watch(void)
{
    static uv_timer_t timer;

    if (sandbox_has_cgroups() || uv_timer_init(&world.loop, &timer) < 0)
        return;
    uv_timer_start(&timer, look, LOOK_MS, LOOK_MS);
}

const char *memory_excess(void)
{
    if (!excess && sandbox_memory_ran_out())
        excess = "they wanted more, and the kernel has killed one of them";
    return excess;
}

const char *memory_rule(void)
{
    return format("the programs use at most %ld MiB of memory", sandbox_memory_mb(world.run->spec));
}
