/* How benches print what they measured. */
#ifndef TESTS_BENCH_FIGURES_H
#define TESTS_BENCH_FIGURES_H

#include <stddef.h>

/* Sorts them, and prints a line: what, p50, p95, the worst, how many. */
void figures_print(const char *what, double *ms, size_t n);

#endif
