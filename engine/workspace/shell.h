/* Words of a shell command. */
#ifndef WORKSPACE_SHELL_H
#define WORKSPACE_SHELL_H

#include "base/buf.h"

/* Adds the word as sh(1) reads it back: quoted only where it must be, because commands are shown to people
 * too. */
void shell_add_word(struct buf *out, const char *word);

#endif
