/* Errors as sentences for a person.
 *
 * A function that can fail returns 0 or -1 (or NULL) and, on failure, fills the struct error that its caller
 * gave it. The text is one sentence that says what failed and, where it is known, what to do about it. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

enum { ERROR_TEXT_MAX = 2048 };

struct error {
    char text[ERROR_TEXT_MAX]; /* "" when nothing failed; a longer text ends in "..." */
};

/* Sets the text. Always returns -1, so that a caller can write `return error_set(err, ...)`. err may be NULL.
 */
int error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, followed by ": " and the description of errno as it was at the call. errno is left unchanged. */
int error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "format: " in front of the text that is there. Returns -1. */
int error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
