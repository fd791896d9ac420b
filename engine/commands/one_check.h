/* One check, run before the eyes of a person. */
#ifndef COMMANDS_ONE_CHECK_H
#define COMMANDS_ONE_CHECK_H

#include "commands/subject.h"

struct one_check {
    const struct subject *subject; /* one check is chosen */
    const struct command *command;
    const char *dir; /* as it was given, NULL: the challenge's workspace; for commands to paste */
    struct option_seed seed;
    bool traced; /* with the system calls of the programs; otherwise with what they print */
};

/* Builds the program and runs the check; its steps are printed as they come, then what it came to. Nothing is
 * recorded. Returns an exit code as `lux check` does. */
int run_one_check(const struct one_check *o);

#endif
