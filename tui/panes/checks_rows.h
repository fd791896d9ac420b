/* The rows of the list of checks: tiers with their checks, or what the compiler said. Several blocked checks in a
 * row share one where the list is too long for the pane: the failure that they wait for is what matters. */
#ifndef PANES_CHECKS_ROWS_H
#define PANES_CHECKS_ROWS_H

#include "model/model.h"

enum row_kind {
    ROW_TIER,
    ROW_CHECK,
    ROW_BLOCKED, /* `count` checks from `index` on */
    ROW_MESSAGE
};

struct row {
    enum row_kind kind;
    int index; /* of a tier, a check or a compiler's message */
    int part;  /* of a message: 0 for its first row */
    int count;
};

struct rows {
    struct row *rows; /* free() it */
    int n;
    int cursor; /* the row in which the cursor is; -1: none */
};

struct rows checks_rows(const struct model *m);

/* A compiler's message in lines for a list of that width. Returns how many of them are shown. */
int checks_wrap_message(struct page *p, const struct build_message *msg, int cols);
/* "main.c:12"; the caller frees. */
char *checks_message_place(const struct build_message *msg);
enum { CHECKS_MESSAGE_INDENT = 2 }; /* of the second line and the third */

#endif
