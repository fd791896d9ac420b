/* The sub-commands of lux, one file each behind a const struct, and what they share: exit codes, options,
 * messages and the course. A command prints its result on stdout and what went wrong on stderr, as "lux NAME:
 * sentence". */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "base/error.h"
#include "course/course.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exit_code {
    LUX_OK = 0,       /* done; of check: solved */
    LUX_UNSOLVED = 1, /* some check failed */
    LUX_USAGE = 2,    /* asked for something that does not exist or makes no sense */
    LUX_NO_BUILD = 3, /* the program could not be built */
    LUX_MACHINE = 4,  /* this machine lacks what every check needs */
    LUX_FAILED = 5    /* the engine itself failed */
};

/* ---- Options: --name VALUE, --name=VALUE, or a switch --name ---- */

struct option {
    const char *name;  /* without the dashes; NULL ends a table */
    const char *value; /* what the usage calls the value ("DIR"); NULL: a switch */
    const char *help;  /* one line */
    /* Stores the value at target, or says why it cannot be taken. One of the option_ functions below. */
    int (*take)(void *target, const char *value, struct error *err);
    size_t offset;              /* of the target within what is given to command_options */
    const char *const *choices; /* the only values, NULL-terminated; NULL: any */
};

int option_switch(void *target, const char *value, struct error *err); /* bool, set to true */
int option_text(void *target, const char *value, struct error *err);   /* const char *, not empty */
int option_count(void *target, const char *value, struct error *err);  /* int, 1 to 1 000 000 */

struct option_seed {
    bool given;
    uint64_t value;
};
int option_seed(void *target, const char *value,
                struct error *err); /* struct option_seed; decimal or 0x... */

enum { OPTION_LIST_MAX = 256 };
struct option_list {
    size_t n;
    const char *items[OPTION_LIST_MAX];
};
int option_list(void *target, const char *value,
                struct error *err); /* struct option_list, one item each time */

/* ---- Commands ---- */

struct command {
    const char *name;
    const char
        *usage; /* what follows "lux NAME " in the usage line: "NAME [--lang LANGUAGE]"; "" if nothing */
    const char *summary;          /* one line, for `lux help`; NULL: not listed there */
    const char *help;             /* paragraphs for `lux help NAME`, lines of at most 78 columns */
    const struct option *options; /* NULL: none */
    /* argv holds the arguments after the command's name. Returns an enum exit_code. */
    int (*run)(int argc, char **argv);
};

/* All of them in the order of `lux help`, NULL-terminated: table.c. */
extern const struct command *const command_table[];

/* Fills *into from the options among the arguments and moves the others to the front of argv; "--" ends the
 * options. Returns how many others there are, or -1 when a message has been printed and the command ends with
 * LUX_USAGE. */
int command_options(const struct command *c, void *into, int argc, char **argv);

/* Prints "lux NAME: sentence" and where the usage is found, on stderr. Returns LUX_USAGE. */
int command_misused(const struct command *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints "lux NAME: sentence" on stderr. Returns code. */
int command_failed(const struct command *c, enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The usage, the help and the options on stdout. */
void command_print_help(const struct command *c);

/* The command with that name, NULL if there is none. */
const struct command *command_find(const char *name);

/* The course, loaded; NULL when a message has been printed and the command ends with LUX_FAILED. The caller
 * frees. */
struct course *command_course(const struct command *c);

/* The challenge called `name`; NULL when a message has been printed and the command ends with LUX_USAGE. */
const struct challenge *command_challenge(const struct command *c, const struct course *course,
                                          const char *name);

#endif
