/* What the commands that only look want to know of the learner's progress. */
#ifndef COMMANDS_STANDING_H
#define COMMANDS_STANDING_H

#include "course/course.h"

#include <stdbool.h>
#include <stddef.h>

/* How many checks the challenge has. (Asking here keeps the words of harness/check.h out of the commands.) */
size_t challenge_checks(const struct challenge *ch);

/* Whether it can be learnt: it has a lesson and checks. */
bool challenge_is_available(const struct challenge *ch);

struct standing { /* of one challenge */
    bool attempted, solved;
    int core_passed, core_total;
};

/* One a challenge, in the order of the course; the caller frees. Where the progress cannot be read,
 * everything is as if never attempted, and err says why; otherwise err is "". */
struct standing *progress_read(const struct course *course, struct error *err);

#endif
