/* Programs that run for a person, in the sandbox of a challenge. */
#ifndef COMMANDS_BY_HAND_H
#define COMMANDS_BY_HAND_H

#include "commands/subject.h"

/* Builds the program, then runs `arguments` ([0]: a path as seen in the sandbox) on our own terminal. Returns
 * its exit status as a shell would (128 and the number for a signal), or the code of a failure before it
 * began. */
int run_by_hand(const struct subject *s, const struct command *c, const char *const *arguments,
                const char *const *environment);

#endif
