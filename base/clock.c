#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

uint64_t clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double clock_ms_since(uint64_t since_ns)
{
    return (double)(clock_now_ns() - since_ns) / 1e6;
}

int64_t clock_unix_seconds(void)
{
    const char *fixed = getenv("LUX_TEST_TIME");
    if (fixed && *fixed)
        return strtoll(fixed, NULL, 10);
    return (int64_t)time(NULL);
}
