/* lux run: the learner's program in the sandbox of its checks, by hand; or one check, with everything that
 * happens. */
#include "commands/by_hand.h"
#include "commands/one_check.h"
#include "commands/table.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

struct run_options {
    const char *dir;
    struct option_list check;
    struct option_seed seed;
};

static const struct option options[] = {
    {.name = "check",
     .value = "CHECK",
     .help = "run this check and show each of its steps and what the program prints",
     .take = option_list,
     .offset = offsetof(struct run_options, check)},
    {.name = "seed",
     .value = "N",
     .help = "with --check: make random input as a run with this seed did",
     .take = option_seed,
     .offset = offsetof(struct run_options, seed)},
    {.name = "dir",
     .value = "DIR",
     .help = "the program's directory (default: its workspace)",
     .take = option_text,
     .offset = offsetof(struct run_options, dir)},
    {0},
};

static int run_program(const struct subject *s, int n, char **arguments)
{
    autofree char *path = xasprintf("./%s", s->challenge->binary);
    const char **argv = xcalloc((size_t)n + 2, sizeof *argv);
    const char *term = getenv("TERM");
    autofree char *term_variable = xasprintf("TERM=%s", term ? term : "dumb");
    const char *const environment[] = {term_variable, NULL};
    argv[0] = path;
    for (int i = 0; i < n; i++)
        argv[i + 1] = arguments[i];
    int code = run_by_hand(s, &command_run, argv, environment);
    free(argv);
    return code;
}

/* Where the program's own arguments begin: after "--". */
static int find_arguments(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--") == 0)
            return i;
    return argc;
}

static int run(int argc, char **argv)
{
    struct run_options o = {.dir = NULL};
    struct subject subject = {.course = NULL};
    int own = find_arguments(argc, argv), n = own < argc ? argc - own - 1 : 0;
    int rest = command_options(&command_run, &o, own, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 1)
        return command_misused(&command_run,
                               "one challenge at a time, not '%s' as well; the program's arguments follow --",
                               argv[1]);
    if (o.check.n > 1)
        return command_misused(&command_run, "one check at a time");
    if (o.check.n && n)
        return command_misused(&command_run, "with --check the check decides on the program's arguments");
    if (o.seed.given && !o.check.n)
        return command_misused(&command_run, "--seed needs --check: only a check has random input");
    int code = subject_find(&subject, &command_run, rest ? argv[0] : NULL, o.dir, &o.check);
    if (code == LUX_OK && o.check.n)
        code = run_one_check(
            &(struct one_check){.subject = &subject, .command = &command_run, .dir = o.dir, .seed = o.seed});
    else if (code == LUX_OK)
        code = run_program(&subject, n, argv + own + 1);
    subject_free(&subject);
    return code;
}

const struct command command_run = {
    .name = "run",
    .usage = "[NAME] [--dir DIR] [-- ARGUMENTS] | [NAME] --check CHECK [--seed N]",
    .summary = "run your program in its sandbox, by hand",
    .help =
        "Builds the program and runs it where its checks run it: in an empty directory, with a network, a\n"
        "/tmp and processes of its own, under the same limits. Input and output are yours; when it ends,\n"
        "everything that it has started is gone. Ctrl-C goes to the program; Ctrl-] three times ends it in\n"
        "any case. For a second program beside it (a client, say) use lux shell.\n"
        "\n"
        "--check runs one check instead, and shows its steps as they happen with what the program prints.\n"
        "Nothing is recorded.\n"
        "\n"
        "Exit status: that of the program, 128 and the number of the signal that ended it; with --check as\n"
        "of lux check. Before it begins: 2 wrong usage; 3 it could not be built; 4 there is no sandbox.\n",
    .options = options,
    .run = run,
};
