/* With which challenge to go on. */
#ifndef COMMANDS_NEXT_H
#define COMMANDS_NEXT_H

#include "commands/standing.h"

/* The one that `lux next` names once this one is solved; NULL: nothing is left. Marks it as solved in `standings`. */
const struct challenge *next_after(const struct course *course, struct standing *standings,
                                   const struct challenge *solved);

#endif
