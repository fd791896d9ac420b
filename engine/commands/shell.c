/* lux shell: a shell where the checks run the program. */
#include "commands/by_hand.h"
#include "commands/table.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shell_options {
    const char *dir;
};

static const struct option options[] = {
    {.name = "dir",
     .value = "DIR",
     .help = "the program's directory (default: its workspace)",
     .take = option_text,
     .offset = offsetof(struct shell_options, dir)},
    {0},
};

/* How a shell is told to leave the learner's own start-up files alone: they expect the learner's home. */
static const struct {
    const char *name, *option;
} plain[] = {{"bash", "--norc"}, {"zsh", "-f"}, {"fish", "--no-config"}};

static int run_shell(const struct subject *s, int n, char **arguments)
{
    enum { MOST = 2 };
    const char *shell = getenv("SHELL"), *term = getenv("TERM");
    if (!shell || shell[0] != '/' || access(shell, X_OK))
        shell = "/bin/sh";
    const char *base = strrchr(shell, '/') + 1, **argv = xcalloc((size_t)n + MOST + 1, sizeof *argv);
    autofree char *prompt = xasprintf("PS1=(lux %d) \\w \\$ ", s->challenge->number);
    autofree char *plain_prompt = xasprintf("PS1=(lux %d) $ ", s->challenge->number);
    autofree char *term_variable = xasprintf("TERM=%s", term ? term : "dumb");
    const char *const environment[] = {strcmp(base, "bash") == 0 ? prompt : plain_prompt, term_variable,
                                       NULL};
    int at = 0;
    argv[at++] = shell;
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        if (strcmp(base, plain[i].name) == 0)
            argv[at++] = plain[i].option;
    for (int i = 0; i < n; i++)
        argv[at++] = arguments[i];
    if (isatty(STDIN_FILENO))
        fprintf(stderr,
                "A shell in the sandbox of %s: your program is ./%s, its source is in %s.\n"
                "What you change here is gone when you leave: exit, or Ctrl-D.\n",
                s->challenge->title, s->challenge->binary, s->dir);
    int code = run_by_hand(s, &command_shell, argv, environment);
    free(argv);
    return code;
}

static int run(int argc, char **argv)
{
    struct shell_options o = {.dir = NULL};
    struct option_list none = {.n = 0};
    struct subject subject = {.course = NULL};
    int own = 0;
    while (own < argc && strcmp(argv[own], "--") != 0)
        own++;
    int rest = command_options(&command_shell, &o, own, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 1)
        return command_misused(&command_shell, "one challenge at a time, not '%s' as well", argv[1]);
    int code = subject_find(&subject, &command_shell, rest ? argv[0] : NULL, o.dir, &none);
    if (code == LUX_OK)
        code = run_shell(&subject, own < argc ? argc - own - 1 : 0, argv + own + 1);
    subject_free(&subject);
    return code;
}

const struct command command_shell = {
    .name = "shell",
    .usage = "[NAME] [--dir DIR] [-- ARGUMENTS]",
    .summary = "open a shell where the checks run your program",
    .help =
        "Builds the program and opens your shell ($SHELL) in its sandbox: start the program in the\n"
        "background and talk to it with nc, look at it in /proc, send it signals. The host is read-only in\n"
        "there, the network is lo alone, and nothing outlives the shell. ARGUMENTS are the shell's:\n"
        "lux shell 2 -- -c './server 7000 & sleep 1; echo hello | nc -N localhost 7000'\n"
        "\n"
        "Exit status: that of the shell. Before it begins: 2 wrong usage; 3 the program could not be built;\n"
        "4 there is no sandbox.\n",
    .options = options,
    .run = run,
};
