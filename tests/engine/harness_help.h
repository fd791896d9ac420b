/* Runs single checks as the engine does, each in a sandbox of its own, and looks at what they report. */
#ifndef TESTS_ENGINE_HARNESS_HELP_H
#define TESTS_ENGINE_HARNESS_HELP_H

#include "base/buf.h"
#include "event/event.h"
#include "harness/harness.h"
#include "sandbox/sandbox.h"

/* Of the check that was run last. */
extern struct outcome {
    struct event end; /* of type EVENT_CHECK_END */
    struct buf stream;
    size_t n_steps;
} outcome;

/* The checks are those of this challenge; "subject" if nothing else was said. */
void check_challenge(const char *slug);
/* The program is this one of build/tests/harness; "subject" if nothing else was said. */
void check_program(const char *binary);

/* The level of their sandboxes: the highest, or that of LUX_SANDBOX. */
enum sandbox_level check_level(void);
/* From now on it is this one; SANDBOX_NONE: the highest again. */
void check_at_level(enum sandbox_level wanted);

const struct event_check_end *run(const char *id);
const struct event_check_end *run_with_seed(const char *id, uint64_t seed);
void passes(const char *id);
/* Runs a check that is to fail, and returns the failure. */
const struct failure *fails(const char *id, enum cause cause);

void has_(const char *where, const char *text, const char *piece, int line);
#define has(text, piece) has_(#text, text, piece, __LINE__)

#endif
