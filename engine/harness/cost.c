#include "harness/cost.h"

#include "harness/failure.h"
#include "harness/program.h"
#include "harness/supervise.h"

long calls_of(Program *p, long number)
{
    for (size_t i = 0; p->supervisor && i < p->supervisor->n; i++)
        if (p->supervisor->calls[i].number == number && !p->supervisor->calls[i].asks_second)
            return p->supervisor->calls[i].seen;
    world_broken(0, "The check asks for system call %ld of %s, which is not counted", number, p->name);
}

long calls_in_all(Program *p, const long *numbers)
{
    long n = 0;

    for (; *numbers >= 0; numbers++)
        n += calls_of(p, *numbers);
    return n;
}

void expect_linear(const char *what, double n, double cost_n, double m, double cost_m, double floor)
{
    double base = cost_n > floor ? cost_n : floor, grown = (cost_m > floor ? cost_m : floor) / base;
    const char *seen = format("%.0f for %.0f and %.0f for %.0f: %.1f times as much for %.1f times the size",
                              cost_n, n, cost_m, m, grown, m / n);

    note("%s: %s", what, seen);
    if (grown > 2 * m / n)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .program = program_last(),
                               .expectation = format("%s grows no faster than in proportion", what),
                               .observation = seen});
}
