/* Prints what completes the command line of luxtui in a shell: completions bash|zsh|fish. */
#include "options.h"

#include <stdio.h>
#include <string.h>

static const char names[] = "lux list --format names 2>/dev/null";

static void bash(void)
{
    printf("# Completion of luxtui for bash.\n"
           "_luxtui() {\n"
           "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "  case $prev in\n");
    for (int i = 0; i < N_TUI_OPTIONS; i++)
        if (tui_options[i].values)
            printf("  --%s)\n    COMPREPLY=($(compgen -W \"%s\" -- \"$cur\"))\n    return ;;\n",
                   tui_options[i].name, tui_options[i].values);
    printf("  esac\n  case $cur in\n  -*) COMPREPLY=($(compgen -W \"");
    for (int i = 0; i < N_TUI_OPTIONS; i++)
        printf("%s--%s", i > 0 ? " " : "", tui_options[i].name);
    printf("\" -- \"$cur\")) ;;\n"
           "  *) COMPREPLY=($(compgen -W \"$(%s)\" -- \"$cur\")) ;;\n"
           "  esac\n}\ncomplete -F _luxtui luxtui\n",
           names);
}

static void zsh(void)
{
    printf("#compdef luxtui\n# Completion of luxtui for zsh.\n"
           "_luxtui_challenges() { compadd -- ${(f)\"$(%s)\"} }\n_arguments \\\n",
           names);
    for (int i = 0; i < N_TUI_OPTIONS; i++) {
        const struct tui_option *o = &tui_options[i];
        printf("  '--%s%s[%s]", o->name, o->values ? "=" : "", o->help);
        printf(o->values ? ":%s:(%s)' \\\n" : "' \\\n", o->name, o->values);
    }
    printf("  '1:challenge:_luxtui_challenges'\n");
}

static void fish(void)
{
    printf("# Completion of luxtui for fish.\ncomplete -c luxtui -f -a '(%s)'\n", names);
    for (int i = 0; i < N_TUI_OPTIONS; i++) {
        const struct tui_option *o = &tui_options[i];
        printf("complete -c luxtui -l %s -d '%s'", o->name, o->help);
        if (o->values)
            printf(" -x -a '%s'", o->values);
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    const char *shell = argc > 1 ? argv[1] : "";
    if (strcmp(shell, "bash") == 0)
        bash();
    else if (strcmp(shell, "zsh") == 0)
        zsh();
    else if (strcmp(shell, "fish") == 0)
        fish();
    else
        return 2;
    return fflush(stdout) != 0;
}
