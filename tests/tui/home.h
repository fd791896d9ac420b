/* A home directory of its own with a workspace for challenge 2, and luxtui in it: for tests from end to end. */
#ifndef TESTS_HOME_H
#define TESTS_HOME_H

#include "ptest.h"

#define LUX    LUX_BINARY_DIR "/lux"
#define LUXTUI LUX_BINARY_DIR "/luxtui"

/* Setup and teardown of a group of tests. */
int home_make(void **state);
int home_remove(void **state);

const char *home_dir(void);
const char *home_workspace(void); /* of challenge 2 */
/* "HOME=..." and "PATH=...", for environments. */
const char *home_env(void);
const char *home_path(void);

/* luxtui at challenge 2 with all questions answered and watching off; an environment of three more strings at
 * most, NULL-terminated. */
struct ptest *home_open(const char *const *argv, const char *const *more_env);
/* The same, with the prompt of a fresh shell in sight and the keys in it: "ready% ". */
struct ptest *home_open_shell(const char *shell);
/* Leaves luxtui, which must go well. */
void home_leave(struct ptest *p);

#endif
