/* Expectations that a check words itself. */
#include "harness/failure.h"
#include "harness/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The sentence says what had to hold and, after a colon, what was seen. */
static void fail_claim(enum cause cause, const char *fmt, va_list args)
{
    char *sentence = NULL;

    if (vasprintf(&sentence, fmt, args) < 0)
        world_broken(0, "A claim could not be worded");
    char *colon = strstr(sentence, ": ");
    if (colon)
        *colon = '\0';
    fail(&(struct failing){
        .cause = cause, .expectation = sentence, .observation = colon ? colon + 2 : "it does not hold"});
}

void claim(bool holds, const char *fmt, ...)
{
    if (holds)
        return;
    va_list args;
    va_start(args, fmt);
    fail_claim(CAUSE_WRONG, fmt, args);
    va_end(args);
}

void claim_no_leak(bool holds, const char *fmt, ...)
{
    if (holds)
        return;
    va_list args;
    va_start(args, fmt);
    fail_claim(CAUSE_LEAK, fmt, args);
    va_end(args);
}
