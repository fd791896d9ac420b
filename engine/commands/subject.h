/* What a command is about: the challenge, its checks, its workspace. For the commands that run checks or
 * programs. */
#ifndef COMMANDS_SUBJECT_H
#define COMMANDS_SUBJECT_H

#include "commands/commands.h"
#include "harness/harness.h"
#include "runner/runner.h"

struct subject {
    struct course *course;
    const struct challenge *challenge;
    const struct check **checks; /* all of the challenge */
    size_t n_checks;
    struct run_check *chosen; /* those that are asked for, in the same order */
    size_t n_chosen;
    char *data_dir;
    char *dir; /* the workspace, absolute */
    struct lesson lesson;
    bool has_lesson;
};

/* The challenge called `name`, or, when that is NULL, the one in whose workspace we stand. NULL when a
 * message has been printed and the command ends with LUX_USAGE. */
const struct challenge *subject_challenge(const struct command *c, const struct course *course,
                                          const char *name);

/* Finds everything: the challenge by its name (NULL: the one in whose workspace we stand), its directory
 * (dir, NULL: its workspace), and the checks that are in `only` (empty: all). Returns LUX_OK, or the code to
 * end with when a message of the command's has been printed. To be freed in either case; zeroed before. */
int subject_find(struct subject *s, const struct command *c, const char *name, const char *dir,
                 const struct option_list *only);
void subject_free(struct subject *s);

/* The ids of all its checks with their titles, on stderr. */
void subject_print_checks(const struct subject *s);

/* "2", or "2 --dir DIR" as a shell takes it: for commands to paste. The caller frees. */
char *subject_paste_name(const struct subject *s, const char *dir);

/* A sentence: with which challenge to go on once this one is solved. Those that are solved already are left
 * out, unless the progress is none of our business. The caller frees. */
char *subject_next(const struct subject *s, bool reads_progress);

#endif
