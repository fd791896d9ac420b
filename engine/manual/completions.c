#include "completions.h"

#include "commands/commands.h"

#include <stdio.h>
#include <string.h>

/* What the value of an option is, or what a command takes. */
enum kind {
    KIND_NOTHING,
    KIND_CHOICES,
    KIND_DIRECTORY,
    KIND_FILE,
    KIND_CHALLENGE,
    KIND_CHECK,
    KIND_COMMAND,
    KIND_OTHER
};

static enum kind kind_of(const struct option *o)
{
    if (!o->value)
        return KIND_NOTHING;
    if (o->choices)
        return KIND_CHOICES;
    return strcmp(o->value, "DIR") == 0     ? KIND_DIRECTORY
           : strcmp(o->value, "CHECK") == 0 ? KIND_CHECK
                                            : KIND_OTHER;
}

static enum kind takes(const struct command *c)
{
    return strstr(c->usage, "NAME")      ? KIND_CHALLENGE
           : strstr(c->usage, "FILE")    ? KIND_FILE
           : strstr(c->usage, "COMMAND") ? KIND_COMMAND
                                         : KIND_NOTHING;
}

static void print_words(void)
{
    for (const struct command *const *c = command_table; *c; c++)
        printf("%s%s", c == command_table ? "" : " ", (*c)->name);
}

static void print_choices(const struct option *o, const char *between)
{
    for (const char *const *choice = o->choices; *choice; choice++)
        printf("%s%s", choice == o->choices ? "" : between, *choice);
}

/* ---- bash ---- */

static void print_bash_command(const struct command *c)
{
    static const char *const what[] = {
        [KIND_NOTHING] = ":",
        [KIND_FILE] = "COMPREPLY=($(compgen -f -- \"$cur\"))",
        [KIND_CHALLENGE] = "COMPREPLY=($(compgen -W \"$(lux list --format names 2>/dev/null)\" -- \"$cur\"))",
        [KIND_COMMAND] = "COMPREPLY=($(compgen -W \"$commands\" -- \"$cur\"))",
    };
    printf("  %s)\n    case $prev in\n", c->name);
    for (const struct option *o = c->options; o && o->name; o++) {
        if (!o->value)
            continue;
        printf("    --%s) ", o->name);
        if (kind_of(o) == KIND_CHOICES) {
            printf("COMPREPLY=($(compgen -W \"");
            print_choices(o, " ");
            printf("\" -- \"$cur\"))");
        } else if (kind_of(o) == KIND_DIRECTORY) {
            printf("COMPREPLY=($(compgen -d -- \"$cur\"))");
        } else if (kind_of(o) == KIND_CHECK) {
            printf(
                "COMPREPLY=($(compgen -W \"$(lux list --checks \"${COMP_WORDS[2]}\" 2>/dev/null)\" -- \"$cur\"))");
        } else {
            printf(":");
        }
        printf("; return ;;\n");
    }
    printf("    esac\n    case $cur in\n    -*) COMPREPLY=($(compgen -W \"");
    for (const struct option *o = c->options; o && o->name; o++)
        printf("--%s ", o->name);
    printf("--help\" -- \"$cur\")) ;;\n    *) %s ;;\n    esac ;;\n", what[takes(c)]);
}

void print_bash(void)
{
    printf("# Completion of lux for bash. Made from the table of commands.\n"
           "_lux() {\n"
           "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} commands=\"");
    print_words();
    printf("\"\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "    COMPREPLY=($(compgen -W \"$commands --help --version\" -- \"$cur\"))\n    return\n  fi\n"
           "  case ${COMP_WORDS[1]} in\n");
    for (const struct command *const *c = command_table; *c; c++)
        print_bash_command(*c);
    printf("  esac\n}\n"
           "complete -F _lux lux\n");
}

/* ---- zsh ---- */

/* Within single quotes, where a colon or a bracket would mean something. */
static void print_zsh_text(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            printf("'\\''");
        else if (strchr("[]:\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void print_zsh_option(const struct option *o)
{
    printf(" \\\n      '%s--%s[", o->take == option_list ? "*" : "", o->name);
    print_zsh_text(o->help);
    printf("]");
    if (o->value)
        printf(":%s:", o->value);
    if (kind_of(o) == KIND_CHOICES) {
        printf("(");
        print_choices(o, " ");
        printf(")");
    } else if (kind_of(o) == KIND_DIRECTORY) {
        printf("_files -/");
    } else if (kind_of(o) == KIND_CHECK) {
        printf("_lux_checks");
    }
    printf("'");
}

void print_zsh(void)
{
    static const char *const what[] = {[KIND_NOTHING] = "",
                                       [KIND_FILE] = " \\\n      '*:file:_files'",
                                       [KIND_CHALLENGE] = " \\\n      '1:challenge:_lux_challenges'",
                                       [KIND_COMMAND] = " \\\n      '1:command:_lux_commands'"};
    printf("#compdef lux\n# Completion of lux for zsh. Made from the table of commands.\n"
           "_lux_challenges() { compadd -- ${(f)\"$(lux list --format names 2>/dev/null)\"} }\n"
           "_lux_checks() { compadd -- ${(f)\"$(lux list --checks ${words[2]} 2>/dev/null)\"} }\n"
           "_lux_commands() {\n  local -a commands=(\n");
    for (const struct command *const *c = command_table; *c; c++) {
        printf("    '%s:", (*c)->name);
        print_zsh_text((*c)->summary ? (*c)->summary : "");
        printf("'\n");
    }
    printf("  )\n  _describe command commands\n}\n"
           "_lux() {\n"
           "  if (( CURRENT == 2 )); then\n    _lux_commands\n    return\n  fi\n"
           "  shift words\n  (( CURRENT-- ))\n"
           "  case ${words[1]} in\n");
    for (const struct command *const *c = command_table; *c; c++) {
        printf("  %s)\n    _arguments '--help[show the help]'", (*c)->name);
        for (const struct option *o = (*c)->options; o && o->name; o++)
            print_zsh_option(o);
        printf("%s ;;\n", what[takes(*c)]);
    }
    printf("  esac\n}\n_lux \"$@\"\n");
}

/* ---- fish ---- */

static void print_fish_text(const char *text)
{
    printf("'");
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    printf("'");
}

static void print_fish_option(const struct command *c, const struct option *o)
{
    printf("complete -c lux -n '__fish_seen_subcommand_from %s' -l %s%s -d ", c->name, o->name,
           o->value ? " -x" : "");
    print_fish_text(o->help);
    if (kind_of(o) == KIND_CHOICES) {
        printf(" -a '");
        print_choices(o, " ");
        printf("'");
    } else if (kind_of(o) == KIND_DIRECTORY) {
        printf(" -a '(__fish_complete_directories)'");
    } else if (kind_of(o) == KIND_CHECK) {
        printf(" -a '(lux list --checks (commandline -opc)[3] 2>/dev/null)'");
    }
    printf("\n");
}

void print_fish(void)
{
    printf("# Completion of lux for fish. Made from the table of commands.\ncomplete -c lux -f\n");
    for (const struct command *const *c = command_table; *c; c++) {
        printf("complete -c lux -n __fish_use_subcommand -a %s -d ", (*c)->name);
        print_fish_text((*c)->summary ? (*c)->summary : "");
        printf("\n");
        if (takes(*c) == KIND_CHALLENGE)
            printf(
                "complete -c lux -n '__fish_seen_subcommand_from %s' -a '(lux list --format names 2>/dev/null)'\n",
                (*c)->name);
        else if (takes(*c) == KIND_FILE)
            printf("complete -c lux -n '__fish_seen_subcommand_from %s' -F\n", (*c)->name);
        for (const struct option *o = (*c)->options; o && o->name; o++)
            print_fish_option(*c, o);
    }
}
