/* What happens changes the model here, and nowhere else. Nothing in here does I/O. */
#ifndef APP_UPDATE_H
#define APP_UPDATE_H

#include "model/model.h"

/* Returns whether the screen may look different now: a key that only went to the shell changes nothing until
 * the shell answers, and a frame drawn for it would make the answer wait. */
bool update_input(struct model *m, const struct input_event *e);
void update_resize(struct model *m, int rows, int cols);
/* An event of the engine that checks the given item. */
void update_engine(struct model *m, size_t item, const struct event *e);
/* The engine is gone; trouble: why, if that was no regular end. */
void update_engine_gone(struct model *m, size_t item, bool cancelled, const char *trouble);
/* Our solution may be shown. */
void update_solution(struct model *m);
/* A manual page has come, or why it has not. */
void update_manual(struct model *m, const char *name, const char *text);
/* The answer of `lux list --format json`. */
int update_course_list(struct model *m, const char *json, size_t n, struct error *err);

/* Brings everything that follows from the rest of the model up to date; to be called before drawing. */
void update_settle(struct model *m);

#endif
