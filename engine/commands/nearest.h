/* "Did you mean ...?": the name that a mistyped one is closest to. */
#ifndef COMMANDS_NEAREST_H
#define COMMANDS_NEAREST_H

#include <stddef.h>

/* The candidate within a third of the word's length (at least 2) in edits, transpositions counting as one, or
 * the one that the word begins; NULL if none is that near. */
const char *nearest(const char *word, const char *const *candidates, size_t n);

#endif
