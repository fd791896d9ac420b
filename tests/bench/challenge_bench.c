/* What a learner waits for: right programs are checked again and again, and the events tell when the build was done,
 * when the first result came, and when all were there. */
#include "base/clock.h"
#include "base/mem.h"
#include "figures.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUNS = 20 };

struct figures {
    double first[RUNS], checks[RUNS], whole[RUNS];
};

/* The time of an event line, in milliseconds since lux began; -1 if it is of another type. */
static double time_of(const char *line, const char *type)
{
    autofree char *start = xasprintf("{\"v\":1,\"type\":\"%s\",\"t\":", type);
    size_t n = strlen(start);
    return strncmp(line, start, n) == 0 ? strtod(line + n, NULL) * 1e3 : -1;
}

static bool run_once(const char *slug, const char *dir, int at, struct figures *f)
{
    autofree char *command =
        xasprintf(LUX_BINARY_DIR "/lux check %s --dir %s --no-record --format ndjson", slug, dir);
    char *line = NULL;
    size_t room = 0;
    double built = -1, first = -1, end = -1;
    uint64_t start = clock_now_ns();
    FILE *events = popen(command, "r");

    while (events && getline(&line, &room, events) > 0) {
        double t;
        if ((t = time_of(line, "build_end")) >= 0)
            built = t;
        else if (first < 0 && (t = time_of(line, "check_end")) >= 0)
            first = t;
        else if ((t = time_of(line, "run_end")) >= 0)
            end = t;
    }
    free(line);
    int status = events ? pclose(events) : -1;
    f->first[at] = first - built;
    f->checks[at] = end - built;
    f->whole[at] = clock_ms_since(start);
    if (status != 0 || built < 0 || first < 0 || end < 0)
        fprintf(stderr, "%s: lux check ended with %x\n", slug, (unsigned)status);
    return status == 0 && end >= 0;
}

static void measure(const char *slug)
{
    char dir[] = "/tmp/lux-bench-XXXXXX";
    struct figures f;
    int n = 0;
    if (!mkdtemp(dir))
        return;
    autofree char *copy = xasprintf("cp " LUX_SOURCE_DIR "/tests/solutions/%s/c/* %s/", slug, dir);
    autofree char *clean = xasprintf("rm -r %s", dir);
    if (system(copy) == 0)
        while (n < RUNS && run_once(slug, dir, n, &f))
            n++;
    autofree char *first = xasprintf("%s: build to first result", slug);
    autofree char *checks = xasprintf("%s: build to last result", slug);
    autofree char *whole = xasprintf("%s: whole challenge, wall time", slug);
    figures_print(first, f.first, (size_t)n);
    figures_print(checks, f.checks, (size_t)n);
    figures_print(whole, f.whole, (size_t)n);
    if (system(clean) != 0)
        fprintf(stderr, "%s is left\n", dir);
}

int main(void)
{
    static const char *const slugs[] = {"tcp-echo-client", "tcp-echo-server", "daemon", "tail"};
    for (size_t i = 0; i < ARRAY_LEN(slugs); i++)
        measure(slugs[i]);
    return 0;
}
