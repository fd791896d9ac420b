/* The limit of a line. Private to the event module. */
#ifndef EVENT_FIT_H
#define EVENT_FIT_H

#include "event/shape.h"

#include <jansson.h>

/* Adds the object as one line of at most EVENT_LINE_MAX bytes, its line feed included. What does not fit is
 * left out of the middle of the longest texts, then of the middle of the longest lists, and the place says
 * how much it was. */
void fit_line(json_t *object, const struct field *fields, struct buf *out);

#endif
