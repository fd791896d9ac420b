/* Expected and received text side by side: the lines that are alike once, those that differ as "- expected"
 * and
 * "+ received". */
#ifndef REPORT_TEXTDIFF_H
#define REPORT_TEXTDIFF_H

#include "event/event.h"
#include "report/paint.h"

/* Both texts are in the escaped form. The first difference is always shown. */
void textdiff_paint(const struct paint *p, int indent, const struct excerpt *expected,
                    const struct excerpt *received);

#endif
