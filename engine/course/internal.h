/* What the files of this folder share. */
#ifndef COURSE_INTERNAL_H
#define COURSE_INTERNAL_H

#include "course/course.h"

#include <stddef.h>

enum { LESSON_FILE_MAX = 1 << 20 };

struct course {
    char *data_dir;
    struct course_file *file;    /* course.yaml as libcyaml made it: the strings below live in it */
    struct front_matter **front; /* one a challenge, NULL without a lesson; the lists live in it */
    struct stage *stages;
    size_t n_stages;
    struct challenge *challenges;
    size_t n_challenges;
};

/* content/<stage>/<slug>.md; the caller frees. */
char *lesson_path(const struct course *c, const struct challenge *ch);

/* The part of a lesson between the two lines "---": where it begins and its length, and in *body where the
 * rest begins. The front matter begins in line 2 of the file. -1 with a sentence when there is none. */
int front_matter_split(const char *path, const char *text, size_t n, size_t *begin, size_t *length,
                       size_t *body, struct error *err);

#endif
