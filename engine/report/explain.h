/* A failure in full, as design and lessons promise it: the clause, what was expected and what came, the wait,
 * what the processes were doing, the steps, the output, what it usually means, and how to see it by hand. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "report/format.h"
#include "report/paint.h"

/* name: of the challenge, for the command to paste. */
void report_explain(const struct paint *p, const struct checked *c, const char *name, uint64_t seed);

/* Two lines: what had to hold and what came instead. */
void report_explain_briefly(const struct paint *p, const struct checked *c);

#endif
