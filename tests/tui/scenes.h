/* Models in known states, for tests of the screen: no file of the learner's, no process, no clock. */
#ifndef TESTS_SCENES_H
#define TESTS_SCENES_H

#include "model/model.h"

/* A model of the real course with all challenges available but the last stage, and a short lesson of its own
 * in challenge 2, which is open. The workspace is missing. */
struct model *scene_new(int rows, int cols);
void scene_free(struct model *m);

/* Feeds a key by name: "r", "C-g", "Enter". */
void scene_key(struct model *m, const char *name);
void scene_keys(struct model *m, const char *names); /* separated by blanks */

/* The workspace exists, and a shell with some output (no process) is in the terminal pane. */
void scene_workspace(struct model *m);
/* A run of six checks, in its middle: some passed, one failed, one runs, others wait. */
void scene_running(struct model *m);
/* The same run at its end: two failed. */
void scene_failed(struct model *m);
/* The first check failed, and all others wait for it. */
void scene_blocked(struct model *m);
void scene_solved(struct model *m);
void scene_build_failed(struct model *m);

/* The oldest intention: its type, with its text in *text (to be freed); -1 if there is none. */
int scene_intent(struct model *m, char **text);

/* Fails unless this is the oldest intention, which is taken; text: NULL for none. */
void expect_intent(struct model *m, enum intent_type type, const char *text);
void expect_no_intent(struct model *m);

/* Draws into a new surface of the model's size. */
struct surface *scene_draw(const struct model *m);

#endif
