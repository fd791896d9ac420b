/* The program that a build has made. */
#ifndef WORKSPACE_PROGRAM_H
#define WORKSPACE_PROGRAM_H

#include "base/error.h"
#include "workspace/toolchain.h"

/* After `command` has succeeded: looks for what it made, which must be an executable file, and puts it in its
 * place, dir/binary, in one step. `staged` is the name in dir under which the command made it, NULL if it
 * went to its place by itself. 0, or -1 with a sentence; a staged file is gone then. */
int program_place(const struct toolchain *tc, const char *command, const char *dir, const char *staged,
                  const char *binary, struct error *err);

#endif
