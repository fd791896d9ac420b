/* The checks of all challenges: each CHECK() left a pointer in the linker's section lux_checks. */
#include "harness/harness.h"

#include "base/mem.h"

#include <string.h>

extern const struct check *const __start_lux_checks[] __attribute__((weak));
extern const struct check *const __stop_lux_checks[] __attribute__((weak));

static int by_line(const void *a, const void *b)
{
    const struct check *const *x = a, *const *y = b;

    return ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

size_t harness_checks_of(const char *slug, const struct check ***out)
{
    const struct check **found = NULL;
    size_t n = 0;

    for (const struct check *const *c = __start_lux_checks; c < __stop_lux_checks; c++) {
        if (strcmp((*c)->challenge, slug) != 0)
            continue;
        if (out) {
            found = xreallocarray(found, n + 1, sizeof(struct check *));
            found[n] = *c;
        }
        n++;
    }
    if (out) {
        if (n > 0)
            qsort(found, n, sizeof(struct check *), by_line);
        *out = found;
    }
    return n;
}
