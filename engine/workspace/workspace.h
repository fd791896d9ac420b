/* The learner's directories: $LUX_HOME/NN-slug (default ~/lux), plain files that the learner owns. Lux writes
 * there only when asked. */
#ifndef WORKSPACE_WORKSPACE_H
#define WORKSPACE_WORKSPACE_H

#include "base/error.h"
#include "course/course.h"

/* $LUX_HOME made absolute, else ~/lux; the caller frees. Never NULL; it need not exist. */
char *workspace_home(void);

/* $LUX_HOME/NN-slug; the caller frees. Never NULL; it need not exist. */
char *workspace_path(const struct challenge *ch);

/* The directory that `lux check` uses: dir when it is not NULL, else the challenge's own. Absolute, without
 * symbolic links; the caller frees. NULL with a sentence when it does not exist (and how to start), is no
 * directory, or cannot be read. */
char *workspace_find(const struct challenge *ch, const char *dir, struct error *err);

/* The languages for which there is a starter of this challenge, sorted: an array that ends with NULL, one
 * allocation that the caller frees. */
char **workspace_starter_languages(const char *data_dir, const struct challenge *ch);

enum workspace_start {
    WORKSPACE_STARTED,
    WORKSPACE_EXISTS,      /* there are files in it already: nothing was touched */
    WORKSPACE_NO_LANGUAGE, /* no starter in this language */
    WORKSPACE_FAILED       /* could not be written; what was begun is removed again */
};

/* Makes the workspace from assets/starters/<language>/<slug>. *path is the workspace in every case; the
 * caller frees. err says what is in the way unless the result is WORKSPACE_STARTED. */
enum workspace_start workspace_start(const char *data_dir, const struct challenge *ch, const char *language,
                                     char **path, struct error *err);

#endif
