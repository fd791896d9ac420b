/* Verbs that ask the kernel about a program. */
#include "base/clock.h"
#include "base/mem.h"
#include "harness/describe.h"
#include "harness/failure.h"
#include "harness/program.h"
#include "harness/signals.h"

/* An ended program is no mistake of the check: it makes the question pointless. */
static void require_alive(Program *p, const char *question)
{
    world.asked = p;
    if (!p->ended)
        return;
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .program = p,
                           .expectation =
                               format("%s is running while the checker looks at %s", p->name, question),
                           .observation = format("it %s", status_words(p->status))});
}

void wait_until_idle_(Program *p, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, format("%s to have nothing to do", p->name), NULL);
    struct process_stat stat;

    for (;;) {
        require_alive(p, "whether it waits");
        if (process_stat_of(p->pid, &stat) && stat.state == 'S')
            return;
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .program = p,
                                   .expectation =
                                       format("%s waits in the kernel for something to do", p->name),
                                   .observation = "it is busy all the time",
                                   .wait = &w});
    }
}

int open_files_of(Program *p)
{
    struct open_file *files;

    require_alive(p, "its open descriptors");
    size_t n = process_files(p->pid, &files);
    if (p->first_files) {
        free(files);
    } else {
        p->first_files = files;
        p->n_first_files = n;
    }
    return (int)n;
}

/* Adds up something over a program and its descendants. */
static double sum_over(Program *p, double (*value)(const struct process_stat *s))
{
    autofree struct process_stat *children = NULL;
    struct process_stat self;
    double sum = 0;

    if (process_stat_of(p->pid, &self))
        sum += value(&self);
    size_t n = process_descendants(p->pid, &children);
    for (size_t i = 0; i < n; i++)
        sum += value(&children[i]);
    return sum;
}

static double cpu_value(const struct process_stat *s)
{
    return s->cpu_ms + s->children_cpu_ms;
}

static double memory_value(const struct process_stat *s)
{
    return (double)process_memory_kb(s->pid);
}

static double zombie_value(const struct process_stat *s)
{
    return s->state == 'Z' ? 1 : 0;
}

static double one_value(const struct process_stat *s)
{
    return s->state == 'Z' || s->state == 'X' ? 0 : 1;
}

double cpu_ms_of(Program *p)
{
    require_alive(p, "its CPU time");
    return sum_over(p, cpu_value);
}

long memory_kb_of(Program *p)
{
    require_alive(p, "its memory");
    return (long)sum_over(p, memory_value);
}

int zombies_of(Program *p)
{
    p->asked_zombies = true;
    world.asked = p;
    return (int)sum_over(p, zombie_value);
}

int processes_of(Program *p)
{
    return (int)sum_over(p, one_value);
}

static double wanting_value(const struct process_stat *s)
{
    return process_wants_cpu(s) ? 1 : 0;
}

/* Looks every few milliseconds, until this time, whether it sleeps; true once it was seen asleep. */
static bool sleeps_by(Program *p, uint64_t end_ns, bool to_the_end)
{
    enum { LOOK_NS = 10000000 };
    bool slept = false;

    for (uint64_t now = clock_now_ns(); now < end_ns && !p->ended && (to_the_end || !slept);
         now = clock_now_ns()) {
        world_run(end_ns - now < LOOK_NS ? end_ns - now : LOOK_NS);
        slept = slept || sum_over(p, wanting_value) == 0;
    }
    return slept;
}

double cpu_ms_while_idle(Program *p, int ms)
{
    enum { ASLEEP_MS = 3000 };
    double before = cpu_ms_of(p);

    p->asked_idle = true;
    bool slept = sleeps_by(p, clock_now_ns() + (uint64_t)ms * 1000000, true);
    double used = cpu_ms_of(p) - before;
    /* On a busy machine a busy loop gets little of the processor. But it never sleeps, and what waits does,
     * though one may have to wait for it. */
    if (!slept && used < ms / 2.0 && !sleeps_by(p, clock_now_ns() + world_scaled_ns(ASLEEP_MS), false)) {
        step("%s never sleeps: it takes all the time that it can get", p->name);
        used = ms;
    }
    step("%s uses %s of CPU time in %d ms with nothing to do", p->name, cpu_words(used), ms);
    return used;
}
