/* What has changed between two texts, line by line, as in `diff -u`. */
#ifndef MODEL_DIFF_H
#define MODEL_DIFF_H

#include "base/buf.h"

enum {
    DIFF_CONTEXT = 2,        /* lines around a change */
    DIFF_CELLS_MAX = 4 << 20 /* lines of the one times lines of the other, between the first change and the
                                last; what is larger shows as replaced as a whole */
};

/* Adds lines that begin with "+", "-" or " ", and "@ LINE" where lines are left out (LINE: that of `b` with
 * which it goes on). Nothing if they are the same. */
void diff_texts(const char *a, const char *b, struct buf *out);

#endif
