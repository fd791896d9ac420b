/* Where the learner stopped: the open challenge and the place in each lesson, in $XDG_STATE_HOME/lux/session.
 * Losing it is a nuisance and no more, so a file that cannot be read is an empty one. */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include "base/error.h"
#include "model/model.h"

/* Puts the places into the model. Returns the slug of the challenge that was open; the caller frees; NULL:
 * none. */
char *session_load(struct model *m);
int session_save(const struct model *m, struct error *err);

#endif
