/* The course: stages and challenges from content/course.yaml, and each challenge's lesson, contract and hints
 * from content/<stage>/<slug>.md. Knows nothing of checks: whether a challenge has any, `lux` and its harness
 * know. */
#ifndef COURSE_COURSE_H
#define COURSE_COURSE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct stage {
    int number;       /* from 1 */
    const char *slug; /* its folder in content/ */
    const char *title;
    int first, last; /* numbers of its challenges */
};

struct challenge {
    int number; /* 1 to 56 */
    const char *slug, *title, *binary;
    const char *usage;   /* "./server <port>"; several forms are separated by ", " */
    const char *summary; /* one sentence */
    const struct stage *stage;
    bool has_lesson;
    /* From the lesson's front matter; 0 or NULL-terminated lists, empty without a lesson. */
    int difficulty, minutes;
    const char *const *concepts, *const *needs, *const *man, *const *capabilities;
};

struct course;

/* Reads the course below data_dir (see course_data_dir). NULL with a sentence that names file and line. */
struct course *course_load(const char *data_dir, struct error *err);
void course_free(struct course *c);

/* Where content/ and assets/ are: LUX_DATA_DIR, else the nearest directory above the program that holds them
 * itself or in its share/lux: the source tree around a build, or <prefix>/share/lux of an installed program.
 * The caller frees; NULL if none holds content/course.yaml, with the places that were looked at. */
char *course_data_dir(struct error *err);

size_t course_stage_count(const struct course *c);
const struct stage *course_stage(const struct course *c, size_t i); /* from 0 */
size_t course_challenge_count(const struct course *c);
const struct challenge *course_challenge(const struct course *c, size_t i); /* from 0, in order of number */

/* By slug, number ("2"), section ("4.2"), workspace ("02-tcp-echo-server") or a prefix of the slug that fits
 * one challenge alone. NULL with a sentence: what fits, or the nearest name ("no challenge is called
 * tcp-ehco-server; did you mean tcp-echo-server?"). */
const struct challenge *course_find(const struct course *c, const char *name, struct error *err);

/* The directory name of its workspace: "02-tcp-echo-server". The caller frees. */
char *course_workspace_name(const struct challenge *ch);

struct clause {
    const char *id, *sentence; /* the sentence in markdown */
};

struct lesson {
    const char *body; /* markdown: everything but the front matter and the "## Hints" section */
    struct clause *clauses;
    size_t n_clauses;
    const char *hints[3]; /* markdown; NULL where the lesson has fewer */
    void *owner;
};

/* -1 with a sentence that names file and line. The contract's clauses are the lines `- **id** — sentence`
 * under
 * "## Contract"; a sentence may run over several lines, until an empty line or the next item. */
int lesson_load(const struct course *c, const struct challenge *ch, struct lesson *out, struct error *err);
/* The same for a text in memory; `path` is for the messages. */
int lesson_parse(const char *path, const char *text, size_t n, struct lesson *out, struct error *err);
void lesson_free(struct lesson *l);
const struct clause *lesson_clause(const struct lesson *l, const char *id); /* NULL if there is none */

/* The text of content/handbook/<name>.md; the caller frees. NULL if there is no such page. */
char *course_handbook_page(const struct course *c, const char *name, struct error *err);

/* Our solution of a challenge in a language, else in the first one that there is one in. *name (the caller
 * frees): its file, "main.c". The caller frees. NULL if there is none. */
char *course_solution(const struct course *c, const struct challenge *ch, const char *language, char **name,
                      struct error *err);

/* The names of its pages in alphabetical order, NULL-terminated; the caller frees each and the list. */
char **course_handbook_names(const struct course *c);

#endif
