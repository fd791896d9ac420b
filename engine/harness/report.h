/* What the checker tells the engine: steps as they happen, notes, and one end. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include "event/event.h"

#include <stddef.h>

/* Steps over this many are left out of the middle of a failure, and a line says how many. */
enum { STEPS_FIRST = 50, STEPS_LAST = 150 };
/* So many steps are reported live; the others are told by a failure alone. */
enum { STEPS_LIVE = 1000 };

/* Tells live what a program has printed, line by line, if that is wanted. */
void report_output(const char *program, const char *stream, const char *data, size_t size);
/* Called when the verdict is told, whatever it is: for what the kernel does not clean up because it is the host's. */
void report_at_end(void (*clean_up)(void));
/* While it is hushed, steps are not taken down: for verbs that are made of others and tell of themselves in one step. */
void report_hush(bool hushed);
/* The steps that a failure shows. Later ones are ignored. */
struct step *report_steps(size_t *n);
/* The commands that by_hand() was given, after the one that runs this check alone. */
/* What about() said last; NULL: nothing. */
const char *report_about(void);
const char **report_by_hand(size_t *n);

/* Writes check_end with the id, the time and the notes of this check, and ends the process. */
_Noreturn void report_end(const struct event_check_end *end);
/* The same for a check that passed, but returns. */
void report_pass(void);
/* From now on, running out of memory is told to the engine too. */
void report_prepare(void);

#endif
