/* lux help [COMMAND] */
#include "commands/commands.h"
#include "commands/nearest.h"
#include "commands/table.h"

#include "base/mem.h"

#include <stdio.h>

static int print_overview(void)
{
    printf("Lux teaches Linux network and systems programming: 56 programs to write, in any language,\n"
           "each checked while it runs. This is the engine; luxtui is the screen.\n"
           "\n"
           "usage: lux COMMAND [ARGUMENTS]\n\n");
    for (const struct command *const *c = command_table; *c; c++)
        if ((*c)->summary)
            printf("  %-9s %s\n", (*c)->name, (*c)->summary);
    printf("\n"
           "A challenge is named by its slug (tcp-echo-server), its number (2), its section (4.2) or the\n"
           "beginning of its slug. lux help COMMAND tells more. To begin: lux start 2 --lang c\n");
    return LUX_OK;
}

static int run(int argc, char **argv)
{
    int rest = command_options(&command_help, NULL, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest == 0)
        return print_overview();
    if (rest > 1)
        return command_misused(&command_help, "one command at a time");
    const struct command *c = command_find(argv[0]);
    if (!c)
        return command_unknown(argv[0]);
    command_print_help(c);
    return LUX_OK;
}

int command_unknown(const char *name)
{
    const char *names[64];
    size_t n = 0;
    for (const struct command *const *c = command_table; *c && n < ARRAY_LEN(names); c++)
        names[n++] = (*c)->name;
    const char *near = nearest(name, names, n);
    if (near)
        fprintf(stderr, "lux: there is no command '%s'; did you mean lux %s?\n", name, near);
    else
        fprintf(stderr, "lux: there is no command '%s'; lux help lists them\n", name);
    return LUX_USAGE;
}

const struct command command_help = {
    .name = "help",
    .usage = "[COMMAND]",
    .summary = "explain Lux or one of its commands",
    .help = "Without COMMAND: what Lux is and which commands there are.",
    .run = run,
};
