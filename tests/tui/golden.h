/* Screens as text, compared with tests/golden/screens/NAME.scr: the rows between bars, where the cursor is,
 * and what the cells look like. A difference prints the text and fails; so does a missing file.
 * UPDATE_GOLDEN=1 writes the files instead: look at `git diff` before you commit them. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "base/buf.h"
#include "ui/cell.h"

/* All of it. */
void golden_dump(const struct surface *s, struct buf *out);
/* The looks alone, a line for each row that has any: "5 12a 3. 2b" are 12 columns in the look a, 3 plain ones
 * and 2 in b; "6 =" is as the line above. What a and b are stands at the end: foreground, background,
 * attributes. */
void golden_styles(const struct surface *s, struct buf *out);
void golden_check(const char *name, const struct buf *now);

#endif
