/* The commands of lux, in the order of `lux help`. A command is one file; it enters here and in the list of
 * sources. */
#include "commands/table.h"

/* clang-format off */
const struct command *const command_table[] = {
    &command_list,
    &command_show,
    &command_next,
    &command_start,
    &command_check,
    &command_watch,
    &command_run,
    &command_shell,
    &command_trace,
    &command_hint,
    &command_reset,
    &command_history,
    &command_progress,
    &command_export,
    &command_import,
    &command_doctor,
    &command_help,
    &command_version,
    NULL,
};
/* clang-format on */
