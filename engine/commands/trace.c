/* lux trace: one check again, with the system calls of the program between its steps. */
#include "commands/one_check.h"
#include "commands/table.h"

#include <string.h>

struct trace_options {
    const char *dir;
    struct option_seed seed;
};

static const struct option options[] = {
    {.name = "seed",
     .value = "N",
     .help = "make random input as a run with this seed did",
     .take = option_seed,
     .offset = offsetof(struct trace_options, seed)},
    {.name = "dir",
     .value = "DIR",
     .help = "the program's directory (default: its workspace)",
     .take = option_text,
     .offset = offsetof(struct trace_options, dir)},
    {0},
};

static int ask_which(const char *name, const char *dir)
{
    struct subject subject = {.course = NULL};
    int code = subject_find(&subject, &command_trace, name, dir, &(struct option_list){.n = 0});
    if (code == LUX_OK) {
        code =
            command_failed(&command_trace, LUX_USAGE, "which check? %s has these:", subject.challenge->slug);
        subject_print_checks(&subject);
    }
    subject_free(&subject);
    return code;
}

static int run(int argc, char **argv)
{
    struct trace_options o = {.dir = NULL};
    struct subject subject = {.course = NULL};
    int rest = command_options(&command_trace, &o, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest == 0)
        return command_misused(&command_trace, "which check?");
    /* One word with a digit first or a dash in it is a challenge; the names of checks have neither. */
    if (rest == 1 && (strchr("0123456789", argv[0][0]) || strchr(argv[0], '-')))
        return ask_which(argv[0], o.dir);
    if (rest > 2)
        return command_misused(&command_trace, "one check at a time, not '%s' as well", argv[2]);
    /* Inside a workspace the check alone is enough. */
    struct option_list only = {.n = 1, .items = {argv[rest - 1]}};
    int code = subject_find(&subject, &command_trace, rest == 2 ? argv[0] : NULL, o.dir, &only);
    if (code == LUX_OK)
        code = run_one_check(&(struct one_check){
            .subject = &subject, .command = &command_trace, .dir = o.dir, .seed = o.seed, .traced = true});
    subject_free(&subject);
    return code;
}

const struct command command_trace = {
    .name = "trace",
    .usage = "[NAME] CHECK [--seed N] [--dir DIR]",
    .summary = "run one check again and show the program's system calls",
    .help =
        "Runs the check and prints its steps with, between them, what the program asked of the kernel: the\n"
        "calls about files, sockets, processes and signals, with arguments and results; [2] is the process.\n"
        "What the dynamic loader does is left out, and how Go's runtime interrupts its threads; long rows of\n"
        "nanosleep or rt_sigaction are counted.\n"
        "It works for programs in any language, without strace.\n"
        "A program that is built with LeakSanitizer does not work while it is followed.\n"
        "\n"
        "Exit status: as of lux check. Nothing is recorded.\n",
    .options = options,
    .run = run,
};
