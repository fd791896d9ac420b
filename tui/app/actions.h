/* The actions: what a key can do, where, and what it is called. The table drives dispatch, help, footer,
 * palette and manual page. Nothing that the keyboard does is written anywhere else, but for keys that are
 * text: a shell's, a line's, and the one that is chosen to leave the shell. */
#ifndef APP_ACTIONS_H
#define APP_ACTIONS_H

#include "model/action.h"
#include "model/model.h"

extern const struct action action_table[];
extern const size_t action_count;

/* What this key means in these contexts, the first of which (the lowest bit) counts most; NULL: nothing. */
const struct action *action_for_key(const struct model *m, const struct key *k, unsigned contexts);
const struct action *action_find(const char *id);

#endif
