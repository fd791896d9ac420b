/* luxtui: the options, and then the screen. */
#include "app/program.h"

#include "app/actions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: luxtui [options] [CHALLENGE]\n"
    "\n"
    "Opens the workbench: lessons, a shell with your own editor, and checks that run your program as you save it.\n"
    "CHALLENGE is a slug (tcp-echo-server), a number (2), a section (4.2) or a prefix that fits one challenge alone;\n"
    "without it, luxtui goes on where you stopped.\n"
    "\n"
    "  --theme NAME   auto, default, light, contrast or mono\n"
    "  --no-mouse     leave the mouse to your terminal\n"
    "  --help         this text\n"
    "  --version      the version\n"
    "\n"
    "Inside, ? shows every key. `lux` does the same without a screen.\n";

static int misused(const char *what, const char *argument)
{
    fprintf(stderr, "luxtui: %s%s\nTry `luxtui --help`.\n", what, argument);
    return 2;
}

/* The value of "--name VALUE" or "--name=VALUE" at argv[*i]; NULL if it is another option; "" if the value is
 * missing. */
static const char *option_value(const char *name, int argc, char **argv, int *i)
{
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n) != 0)
        return NULL;
    if (argv[*i][n] == '=')
        return argv[*i] + n + 1;
    if (argv[*i][n] != '\0')
        return NULL;
    return *i + 1 < argc ? argv[++*i] : "";
}

int main(int argc, char **argv)
{
    struct program_options o = {0};
    bool options = true;
    for (int i = 1; i < argc && argv[i]; i++) {
        const char *argument = argv[i], *value;
        if (options && strcmp(argument, "--") == 0) {
            options = false;
        } else if (options && (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)) {
            fputs(usage, stdout);
            return 0;
        } else if (options && strcmp(argument, "--version") == 0) {
            puts("luxtui " LUX_VERSION);
            return 0;
        } else if (options && strcmp(argument, "--no-mouse") == 0) {
            o.no_mouse = true;
        } else if (options && (value = option_value("--theme", argc, argv, &i))) {
            if (!theme_find(value) && strcmp(value, THEME_AUTO) != 0)
                return misused("--theme wants auto, default, light, contrast or mono, not ",
                               *value ? value : "nothing");
            o.theme = value;
        } else if (options && argument[0] == '-') {
            return misused("there is no option ", argument);
        } else if (o.challenge) {
            return misused("one challenge at a time; this is one too many: ", argument);
        } else {
            o.challenge = argument;
        }
    }
    struct error err = {0};
    int status = program_run(&o, &err);
    if (status != 0 && err.text[0])
        fprintf(stderr, "luxtui: %s\n", err.text);
    return status;
}
