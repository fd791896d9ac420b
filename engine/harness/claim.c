/* Expectations that a check words itself. */
#include "harness/failure.h"
#include "harness/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The sentence says what had to hold and, after a colon or a semicolon, what was seen. */
__attribute__((format(printf, 2, 0))) static void fail_claim(enum cause cause, const char *fmt, va_list args)
{
    char *sentence = NULL;

    if (vasprintf(&sentence, fmt, args) < 0)
        world_broken(0, "A claim could not be worded");
    char *seen = sentence + strcspn(sentence, ":;");
    while (*seen && seen[1] != ' ') /* a colon within a word separates nothing */
        seen += 1 + strcspn(seen + 1, ":;");
    bool says_both = *seen != '\0';
    *seen = '\0';
    fail(&(struct failing){
        .cause = cause, .expectation = sentence, .observation = says_both ? seen + 2 : "it does not hold"});
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
