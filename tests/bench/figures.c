#include "figures.h"

#include <stdio.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void figures_print(const char *what, double *ms, size_t n)
{
    if (n == 0) {
        printf("%-44s no figures\n", what);
        return;
    }
    qsort(ms, n, sizeof *ms, by_value);
    printf("%-44s p50 %8.2f ms   p95 %8.2f ms   worst %8.2f ms   (%zu)\n", what, ms[(n - 1) / 2],
           ms[(n - 1) * 95 / 100], ms[n - 1], n);
}
