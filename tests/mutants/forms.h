/* Texts that are the same but for what differs from run to run, and the golden files that keep them.
 *
 * A form is a text of lines; each line is a label, a space, words. A number matches any number, since most of them
 * depend on the moment; in a kept form a word may hold a * for what else differs between runs. Of the lines of bytes,
 * which begin with - and +, only whether there are any is compared. A golden file has one section for each broken
 * program, "== NAME", with the forms in which its failure may be read, "-- or" between them:
 *
 *     == passes_messages-no-flush
 *     contract   attach: What is put by one is taken out by another.
 *     but        "*" came
 *     -- or
 *     ... */
#ifndef FORMS_H
#define FORMS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct section {
    char *name;
    char **forms;
    size_t n_forms;
};

struct golden {
    char *head; /* the comment before the first section */
    struct section *sections;
    size_t n;
};

/* Is the text one of the form's? */
bool form_matches(const char *form, const char *text);

/* The form that matches whatever either of them matches, which the caller frees; NULL when they have too little in
 * common: another number of lines or words, other labels, or more than half of the words of a line. */
char *form_merge(const char *form, const char *text);

/* Whatever looks like a port, a process, a time: made the same in every run. The caller frees. */
char *form_normalise(const char *text);

/* Reads a golden file; one that is not there is empty. 0, or -1 with the reason. golden_free in either case. */
int golden_read(const char *path, struct golden *out, struct error *err);
int golden_write(const char *path, const struct golden *g, struct error *err);
void golden_free(struct golden *g);

/* NULL: there is none of this name. */
struct section *golden_find(struct golden *g, const char *name);

/* Makes the text one of the section's, which is added when it is not there: true when that took a change. */
bool golden_learn(struct golden *g, const char *name, const char *text);

#endif
