/* lux version, the same as lux --version */
#include "commands/commands.h"
#include "commands/table.h"

#include <stdio.h>

static int run(int argc, char **argv)
{
    int rest = command_options(&command_version, NULL, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 0)
        return command_misused(&command_version, "it takes no arguments");
    printf("lux %s\n", LUX_VERSION);
    return LUX_OK;
}

const struct command command_version = {
    .name = "version",
    .usage = "",
    .summary = "print the version",
    .help = "Prints \"lux\" and its version.",
    .run = run,
};
