/* The program of a workspace, built for a command whose standard output belongs to somebody else. */
#ifndef COMMANDS_MADE_H
#define COMMANDS_MADE_H

#include "commands/subject.h"

/* Builds it while nobody else does. Nothing is printed when that succeeds; otherwise what the toolchain said
 * goes to stderr. Returns LUX_OK, or the code to end with. Dies of a signal that comes meanwhile. */
int make_program(const struct subject *s, const struct command *c);

#endif
