/* Screens as text, compared with tests/golden/NAME.scr: the rows between bars, where the cursor is, and a
 * line for each run of cells that look alike. A difference prints both and fails; so does a missing file.
 * UPDATE_GOLDEN=1 writes the files instead: look at `git diff` before you commit them. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "base/buf.h"
#include "ui/cell.h"

void golden_dump(const struct surface *s, struct buf *out);
void golden_check(const char *name, const struct surface *s);

#endif
