/* lux-manual man|bash|zsh|fish: prints the manual page of lux, or the completions of a shell. */
#include "completions.h"

#include "commands/commands.h"

#include <stdio.h>
#include <string.h>

/* One line of text, so that nothing in it is a request or an escape of roff. */
static void print_line(const char *text, size_t n)
{
    if (n && (*text == '.' || *text == '\''))
        printf("\\&");
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\\')
            printf("\\e");
        else if (text[i] == '-')
            printf("\\-");
        else
            putchar(text[i]);
    }
    putchar('\n');
}

static void print_text(const char *text)
{
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        if (n == 0)
            printf(".PP\n");
        else
            print_line(text, n);
    }
}

static void print_option(const struct option *o)
{
    printf(".TP\n\\fB\\-\\-%s\\fR", o->name);
    if (o->value)
        printf(" \\fI%s\\fR", o->value);
    printf("\n");
    print_line(o->help, strlen(o->help));
    for (const char *const *choice = o->choices; choice && *choice; choice++)
        printf("%s%s%s\n", choice == o->choices ? "(" : "", *choice, choice[1] ? "," : ")");
}

static void print_command(const struct command *c)
{
    printf(".SS lux %s\n", c->name);
    if (*c->usage) {
        printf(".B lux %s\n", c->name);
        print_line(c->usage, strlen(c->usage));
    }
    printf(".PP\n");
    print_text(c->help ? c->help : c->summary ? c->summary : "");
    for (const struct option *o = c->options; o && o->name; o++)
        print_option(o);
}

static void print_man(void)
{
    printf(
        ".\\\" Made from the table of commands.\n"
        ".TH LUX 1 \"\" \"Lux %s\" \"Lux\"\n"
        ".SH NAME\nlux \\- learn Linux network and systems programming, checked while your programs run\n"
        ".SH SYNOPSIS\n.B lux\n.I COMMAND\n[\\fIARGUMENTS\\fR]\n"
        ".SH DESCRIPTION\n"
        "Lux teaches by 56 programs to write, in any language. Each is built and run in a sandbox, where checks talk\n"
        "to it and watch what it does. This is the engine;\n.BR luxtui (1)\nis the screen.\n"
        ".PP\nA challenge is named by its slug (tcp\\-echo\\-server), its number (2), its section (4.2) or the beginning of\n"
        "its slug. To begin: lux start 2 \\-\\-lang c\n"
        ".SH COMMANDS\n",
        LUX_VERSION);
    for (const struct command *const *c = command_table; *c; c++)
        print_command(*c);
    printf(
        ".SH ENVIRONMENT\n"
        ".TP\n.B LUX_HOME\nwhere the workspaces are; by default ~/lux\n"
        ".TP\n.B LUX_DB\nthe file with the progress; by default $XDG_DATA_HOME/lux/lux.db\n"
        ".TP\n.B LUX_DATA_DIR\nwhere content/ and assets/ are; by default they are found beside the program\n"
        ".TP\n.B LUX_TIME_SCALE\nstretches all deadlines of checks\n"
        ".TP\n.B NO_COLOR\nno colours\n"
        ".SH FILES\n"
        ".TP\n.I ~/lux/NN\\-slug\nthe workspace of a challenge\n"
        ".TP\n.I $XDG_CONFIG_HOME/lux/toolchains.yaml\nyour own toolchains, for other languages\n"
        ".SH SEE ALSO\n.BR luxtui (1)\n");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } forms[] = {{"man", print_man}, {"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; argc == 2 && i < sizeof forms / sizeof *forms; i++)
        if (strcmp(argv[1], forms[i].name) == 0) {
            forms[i].print();
            return fflush(stdout) != 0;
        }
    fprintf(stderr, "usage: lux-manual man|bash|zsh|fish\n");
    return 2;
}
