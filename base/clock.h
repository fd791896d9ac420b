/* Time. Intervals are measured by CLOCK_MONOTONIC, which nobody sets. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since some fixed moment in the past. */
uint64_t clock_now_ns(void);

/* Milliseconds, as a fraction, from `since_ns` (a value of clock_now_ns) until now. */
double clock_ms_since(uint64_t since_ns);

/* Seconds since 1970-01-01 UTC. LUX_TEST_TIME, when set, is taken instead: tests of dates need a fixed day.
 */
int64_t clock_unix_seconds(void);

#endif
