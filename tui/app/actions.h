/* The actions: what a key can do, where, and what it is called. The table drives dispatch, help and the hints
 * in the footer; nothing that the keyboard does is written anywhere else, but for keys that are text (a
 * shell's, a search's) and the two of a question. */
#ifndef APP_ACTIONS_H
#define APP_ACTIONS_H

#include "model/action.h"
#include "model/model.h"

extern const struct action action_table[];
extern const size_t action_count;

/* The first action of the table that this key means in a context; NULL if none. */
const struct action *action_for_key(const struct key *k, unsigned context);
const struct action *action_find(const char *id);

#endif
