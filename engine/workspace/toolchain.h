/* Toolchains: how the program in a directory is recognised and built. They are data: assets/toolchains.yaml,
 * and the learner's own $XDG_CONFIG_HOME/lux/toolchains.yaml, whose entries replace those of the same name.
 */
#ifndef WORKSPACE_TOOLCHAIN_H
#define WORKSPACE_TOOLCHAIN_H

#include "base/error.h"
#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>

struct toolchain_variable {
    char *name, *value;
};

struct toolchain {
    char *name;   /* "c": what `lux start --lang` and the event stream call it */
    char *title;  /* "C", for people */
    int priority; /* among the toolchains that a directory fits, the lowest wins; then the order of the file
                   */
    char **files; /* recognised when one of these patterns (fnmatch(3)) fits a file of the directory */
    unsigned n_files;
    char **sources; /* patterns of what {sources} stands for; without them, the files above */
    unsigned n_sources;
    char **exclude; /* patterns of files that {sources} leaves out */
    unsigned n_exclude;
    char *build;   /* a shell command; {binary} is what it makes, {sources} the files, {dir} the directory */
    char *product; /* what it makes when that is not {binary}: copied there. NULL otherwise */
    char *program; /* what must be on PATH */
    char *package; /* of Debian and Ubuntu, which has it; "" when there is none */
    char *version; /* a command that prints the version, for `lux doctor`; NULL: none */
    char *errors;  /* how its messages look: "gcc", "go", "rust", "python"; NULL: see pattern */
    char *pattern; /* extended regular expression of one message: groups file, line, column, severity, message
                    */
    char *hint;    /* said when the command succeeds and makes no program; NULL: none */
    struct toolchain_variable *environment; /* set unless the learner's environment has them */
    unsigned n_environment;
};

struct toolchains;

/* Reads both files; the learner's need not exist. NULL with a sentence that names file and line. */
struct toolchains *toolchains_load(const char *data_dir, struct error *err);
void toolchains_free(struct toolchains *t);

size_t toolchains_count(const struct toolchains *t);
const struct toolchain *toolchains_get(const struct toolchains *t, size_t i); /* by priority */
const struct toolchain *toolchains_named(const struct toolchains *t,
                                         const char *name); /* NULL if there is none */

/* Which toolchain the files of this directory ask for. NULL with a sentence when the directory cannot be
 * read, is empty, or holds nothing that is recognised (and what would be). */
const struct toolchain *toolchains_recognise(const struct toolchains *t, const char *dir, struct error *err);

/* The command with its placeholders replaced, names quoted for the shell where they need it. The caller
 * frees; NULL with a sentence when {sources} stands for nothing. */
char *toolchain_command(const struct toolchain *tc, const char *dir, const char *binary, struct error *err);

/* Whether the program that it needs is there; otherwise a sentence with the package to install. */
bool toolchain_present(const struct toolchain *tc, struct error *err);

/* Reads a compiler's output line by line and collects its messages. At most DIAGNOSTICS_MAX are kept: whoever
 * has more errors mends the first ones first. */
enum { DIAGNOSTICS_MAX = 200 };
struct diagnostics;
struct diagnostics *diagnostics_new(const struct toolchain *tc);
void diagnostics_free(struct diagnostics *d);
void diagnostics_line(struct diagnostics *d,
                      const char *line); /* one line of output, without its line feed */
/* What was found so far; the array and its strings live as long as d and until the next line. Paths are as
 * the compiler printed them, without a leading "./". */
struct diagnostic *diagnostics_list(struct diagnostics *d, size_t *n);

#endif
