/* The words of the stream for the enumerations, and what makes a text safe to print. Private to the event
 * module. */
#ifndef EVENT_WORDS_H
#define EVENT_WORDS_H

#include "event/shape.h"

#include <stdbool.h>

/* The word for a value of this kind of field (FIELD_TIER, FIELD_VERDICT, FIELD_CAUSE); "" if there is none.
 */
const char *word_of(enum field_kind kind, int value);
/* The value of the word; -1 if there is none. */
int word_value(enum field_kind kind, const char *word);

/* Whether the text holds something that a terminal may act on, or that is not UTF-8. */
bool text_is_clean(const char *s);
/* Adds the text with such bytes escaped. Backslashes stay as they are: an escaped text does not change. */
void text_clean(struct buf *out, const char *s);

#endif
