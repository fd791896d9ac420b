/* One line of text that is being typed: for the search, the palette and the like. UTF-8; the cursor moves by
 * characters, words are what lies between blanks. */
#ifndef UI_LINEEDIT_H
#define UI_LINEEDIT_H

#include "ui/cell.h"

#include "base/buf.h"

enum { LINEEDIT_MAX = 256 };

enum lineedit_move { LINE_LEFT, LINE_RIGHT, LINE_START, LINE_END, LINE_WORD_LEFT, LINE_WORD_RIGHT };
enum lineedit_erase { ERASE_LEFT, ERASE_RIGHT, ERASE_WORD, ERASE_TO_START, ERASE_TO_END };

struct lineedit {
    char text[LINEEDIT_MAX + 1];
    size_t len, cursor; /* in bytes */
};

void lineedit_clear(struct lineedit *e);
void lineedit_set(struct lineedit *e,
                  const char *utf8); /* cut at a whole character if it is longer than the line */
/* Inserts what is printable of it; false if it did not fit, and then nothing is inserted. */
bool lineedit_insert(struct lineedit *e, const char *utf8, size_t n);
void lineedit_move(struct lineedit *e, enum lineedit_move where);
void lineedit_erase(struct lineedit *e, enum lineedit_erase what);
/* Draws it in `width` columns, scrolled so that the cursor is in sight, and puts the surface's cursor there.
 */
void lineedit_draw(const struct lineedit *e, struct area a, int row, int col, int width, struct style st);

#endif
