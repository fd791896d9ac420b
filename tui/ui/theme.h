/* Themes as tables: what a thing is (its role) -> how it looks. */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "ui/cell.h"

enum role {
    ROLE_TEXT,
    ROLE_MUTED,
    ROLE_TITLE, /* of the screen: the top line */
    ROLE_BORDER,
    ROLE_BORDER_FOCUS,
    ROLE_PANE_TITLE,
    ROLE_PANE_TITLE_FOCUS,
    ROLE_SELECTED, /* the current line of a list with the focus */
    ROLE_SELECTED_UNFOCUSED,
    ROLE_HEADING1,
    ROLE_HEADING2,
    ROLE_HEADING3,
    ROLE_EMPHASIS,
    ROLE_STRONG,
    ROLE_CODE,
    ROLE_CODE_BLOCK,
    ROLE_LINK,
    ROLE_QUOTE,
    ROLE_PASS,
    ROLE_FAIL,
    ROLE_WARN,
    ROLE_RUNNING,
    ROLE_SKIP,
    ROLE_KEY,  /* a key in a hint */
    ROLE_HINT, /* the words beside it */
    ROLE_MESSAGE,
    ROLE_MESSAGE_ERROR,
    ROLE_MATCH, /* of a search */
    ROLE_PROGRESS_DONE,
    ROLE_PROGRESS_LEFT,
    ROLE_DIFF_ADDED,
    ROLE_DIFF_REMOVED,
    ROLE_COUNT_
};

struct theme;

/* "default", "light", "contrast", "mono"; NULL for an unknown name. Constant: never freed. */
const struct theme *theme_find(const char *name);
const char *const *theme_names(void); /* NULL-terminated */
struct style theme_style(const struct theme *t, enum role role);

#endif
