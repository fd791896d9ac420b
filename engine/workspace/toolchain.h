/* Toolchains: how the program in a directory is recognised and built. They are data: assets/toolchains.yaml,
 * and the learner's own $XDG_CONFIG_HOME/lux/toolchains.yaml, whose entries replace those of the same name.
 */
#ifndef WORKSPACE_TOOLCHAIN_H
#define WORKSPACE_TOOLCHAIN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct toolchain_variable {
    char *name, *value;
};

struct toolchain {
    char *name;     /* unique: "c-files" */
    char *language; /* NULL: the name; see toolchain_language */
    char *title;    /* NULL: the language; see toolchain_title */
    int priority;   /* among those that a directory fits the lowest wins; then the order of the file */
    char **files;   /* recognised when one of these patterns (fnmatch(3)) fits a file of the directory */
    unsigned n_files;
    char **sources; /* patterns of the files that {sources} stands for; without them, the files above */
    unsigned n_sources;
    char **exclude; /* patterns of files that {sources} leaves out */
    unsigned n_exclude;
    char *build;   /* a shell command; {binary} is what it makes, {sources} the files, {dir} the directory */
    char *product; /* where it leaves the program when that is not {binary}; NULL otherwise */
    char *program; /* what must be on PATH */
    char *package; /* of Debian and Ubuntu, which has it; "" when there is none */
    char *version; /* a command that prints the version, for `lux doctor`; NULL: none */
    char *errors;  /* how its messages look: "gcc", "go", "rust" or "python"; NULL: see pattern */
    char *pattern; /* or a regular expression: see diagnostics_new; NULL: none */
    char *hint;    /* what to do when it succeeds and makes no program; NULL: nothing to say */
    struct toolchain_variable *environment; /* set unless the learner's environment has them */
    unsigned n_environment;
};

struct toolchains;

/* Reads both files; the learner's need not exist. NULL with a sentence that names file and line. */
struct toolchains *toolchains_load(const char *data_dir, struct error *err);
void toolchains_free(struct toolchains *t);

size_t toolchains_count(const struct toolchains *t);
const struct toolchain *toolchains_get(const struct toolchains *t, size_t i); /* in order of priority */

/* "c" and "C" of any of the toolchains for C. */
const char *toolchain_language(const struct toolchain *tc);
const char *toolchain_title(const struct toolchain *tc);

/* Which toolchain the files of this directory ask for. NULL with a sentence when the directory cannot be
 * read, is empty, or holds nothing that is recognised (and what would be). */
const struct toolchain *toolchains_recognise(const struct toolchains *t, const char *dir, struct error *err);

/* The text with {binary}, {sources} and {dir} replaced, quoted for the shell where they need it. The caller
 * frees; NULL with a sentence when {sources} stands for nothing or dir cannot be read. */
char *toolchain_expand(const struct toolchain *tc, const char *text, const char *dir, const char *binary,
                       struct error *err);

/* The environment for its command, an array of copies that ends with NULL; the caller frees each and the
 * array. */
char **toolchain_environment(const struct toolchain *tc);

/* Whether the program that it needs is there; otherwise a sentence with the package to install. */
bool toolchain_present(const struct toolchain *tc, struct error *err);

#endif
