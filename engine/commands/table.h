/* Each command's struct, defined in the file of its name. */
#ifndef COMMANDS_TABLE_H
#define COMMANDS_TABLE_H

#include "commands/commands.h"

extern const struct command command_list;
extern const struct command command_show;
extern const struct command command_next;
extern const struct command command_start;
extern const struct command command_check;
extern const struct command command_watch;
extern const struct command command_run;
extern const struct command command_shell;
extern const struct command command_trace;
extern const struct command command_hint;
extern const struct command command_reset;
extern const struct command command_history;
extern const struct command command_progress;
extern const struct command command_export;
extern const struct command command_import;
extern const struct command command_doctor;
extern const struct command command_help;
extern const struct command command_version;

/* Says that there is no such command, and which one is near. Returns LUX_USAGE. */
int command_unknown(const char *name);

#endif
