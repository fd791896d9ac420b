/* Each command's struct, defined in the file of its name. */
#ifndef COMMANDS_TABLE_H
#define COMMANDS_TABLE_H

#include "commands/commands.h"

extern const struct command command_list;   /* list.c */
extern const struct command command_show;   /* show.c */
extern const struct command command_start;  /* start.c */
extern const struct command command_check;  /* check.c */
extern const struct command command_doctor; /* doctor.c */
extern const struct command command_help;
extern const struct command command_version;

/* Says that there is no such command, and which one is near. Returns LUX_USAGE. */
int command_unknown(const char *name);

#endif
