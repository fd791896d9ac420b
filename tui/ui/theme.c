/* The themes. "default" uses the terminal's own sixteen colours alone; "light" takes darker ones for a light
 * background, where yellow and cyan are faint; "contrast" leans on bright colours and bold; "mono" (and
 * NO_COLOR) on attributes alone. Nothing is told by colour alone in any of them: signs, words, borders and
 * attributes say the same. */
#include "ui/theme.h"

#include <string.h>

#define FG(i) .fg = COLOR_INDEX(i)
#define BG(i) .bg = COLOR_INDEX(i)

enum {
    RED = 1,
    GREEN,
    YELLOW,
    BLUE,
    MAGENTA,
    CYAN,
    GREY,
    DARK,
    BRIGHT_RED,
    BRIGHT_GREEN,
    BRIGHT_YELLOW,
    BRIGHT_BLUE,
    BRIGHT_MAGENTA,
    BRIGHT_CYAN,
    WHITE,
    BLACK = 16, /* of the 256: 0 turns grey in bold on many terminals */
    /* Of the 256: dark enough on white. A terminal with fewer takes the nearest. */
    DEEP_GREEN = 28,
    DEEP_CYAN = 30,
    DEEP_YELLOW = 130,
    DEEP_GREY = 241
};

struct theme {
    const char *name;
    struct style styles[ROLE_COUNT_];
};

static const struct theme themes[] = {
    {"default",
     {
         [ROLE_MUTED] = {FG(DARK)},
         [ROLE_TITLE] = {.attrs = ATTR_BOLD},
         [ROLE_BORDER] = {FG(DARK)},
         [ROLE_BORDER_FOCUS] = {FG(CYAN), .attrs = ATTR_BOLD},
         [ROLE_PANE_TITLE] = {FG(DARK)},
         [ROLE_PANE_TITLE_FOCUS] = {FG(CYAN), .attrs = ATTR_BOLD},
         [ROLE_SELECTED] = {.attrs = ATTR_REVERSE},
         [ROLE_SELECTED_UNFOCUSED] = {.attrs = ATTR_BOLD},
         [ROLE_HEADING1] = {FG(CYAN), .attrs = ATTR_BOLD},
         [ROLE_HEADING2] = {FG(CYAN), .attrs = ATTR_BOLD},
         [ROLE_HEADING3] = {.attrs = ATTR_BOLD | ATTR_UNDERLINE},
         [ROLE_EMPHASIS] = {.attrs = ATTR_ITALIC},
         [ROLE_STRONG] = {.attrs = ATTR_BOLD},
         [ROLE_CODE] = {FG(YELLOW)},
         [ROLE_CODE_BLOCK] = {FG(GREEN)},
         [ROLE_LINK] = {FG(BRIGHT_BLUE), .attrs = ATTR_UNDERLINE},
         [ROLE_QUOTE] = {FG(MAGENTA)},
         [ROLE_PASS] = {FG(GREEN)},
         [ROLE_FAIL] = {FG(RED), .attrs = ATTR_BOLD},
         [ROLE_WARN] = {FG(YELLOW)},
         [ROLE_RUNNING] = {FG(BRIGHT_BLUE)},
         [ROLE_SKIP] = {FG(DARK)},
         [ROLE_KEY] = {FG(CYAN), .attrs = ATTR_BOLD},
         [ROLE_HINT] = {FG(DARK)},
         [ROLE_MESSAGE] = {.attrs = ATTR_BOLD},
         [ROLE_MESSAGE_ERROR] = {FG(RED), .attrs = ATTR_BOLD},
         [ROLE_MATCH] = {BG(YELLOW), FG(0)},
         [ROLE_PROGRESS_DONE] = {FG(GREEN)},
         [ROLE_PROGRESS_LEFT] = {FG(DARK)},
         [ROLE_DIFF_ADDED] = {FG(GREEN)},
         [ROLE_DIFF_REMOVED] = {FG(RED)},
     }},
    {"light",
     {
         [ROLE_MUTED] = {FG(DEEP_GREY)},
         [ROLE_TITLE] = {.attrs = ATTR_BOLD},
         [ROLE_BORDER] = {FG(DEEP_GREY)},
         [ROLE_BORDER_FOCUS] = {FG(DEEP_CYAN), .attrs = ATTR_BOLD},
         [ROLE_PANE_TITLE] = {FG(DEEP_GREY)},
         [ROLE_PANE_TITLE_FOCUS] = {FG(DEEP_CYAN), .attrs = ATTR_BOLD},
         [ROLE_SELECTED] = {.attrs = ATTR_REVERSE},
         [ROLE_SELECTED_UNFOCUSED] = {.attrs = ATTR_BOLD},
         [ROLE_HEADING1] = {FG(DEEP_CYAN), .attrs = ATTR_BOLD},
         [ROLE_HEADING2] = {FG(DEEP_CYAN), .attrs = ATTR_BOLD},
         [ROLE_HEADING3] = {.attrs = ATTR_BOLD | ATTR_UNDERLINE},
         [ROLE_EMPHASIS] = {.attrs = ATTR_ITALIC},
         [ROLE_STRONG] = {.attrs = ATTR_BOLD},
         [ROLE_CODE] = {FG(DEEP_YELLOW)},
         [ROLE_CODE_BLOCK] = {FG(DEEP_GREEN)},
         [ROLE_LINK] = {FG(BLUE), .attrs = ATTR_UNDERLINE},
         [ROLE_QUOTE] = {FG(MAGENTA)},
         [ROLE_PASS] = {FG(DEEP_GREEN)},
         [ROLE_FAIL] = {FG(RED), .attrs = ATTR_BOLD},
         [ROLE_WARN] = {FG(DEEP_YELLOW)},
         [ROLE_RUNNING] = {FG(BLUE)},
         [ROLE_SKIP] = {FG(DEEP_GREY)},
         [ROLE_KEY] = {FG(DEEP_CYAN), .attrs = ATTR_BOLD},
         [ROLE_HINT] = {FG(DEEP_GREY)},
         [ROLE_MESSAGE] = {.attrs = ATTR_BOLD},
         [ROLE_MESSAGE_ERROR] = {FG(RED), .attrs = ATTR_BOLD},
         [ROLE_MATCH] = {BG(YELLOW), FG(0)},
         [ROLE_PROGRESS_DONE] = {FG(DEEP_GREEN)},
         [ROLE_PROGRESS_LEFT] = {FG(DEEP_GREY)},
         [ROLE_DIFF_ADDED] = {FG(DEEP_GREEN)},
         [ROLE_DIFF_REMOVED] = {FG(RED)},
     }},
    {"contrast",
     {
         [ROLE_TEXT] = {FG(WHITE), BG(0)},
         [ROLE_MUTED] = {FG(GREY), BG(0)},
         [ROLE_TITLE] = {FG(BLACK), BG(WHITE), .attrs = ATTR_BOLD},
         [ROLE_BORDER] = {FG(GREY), BG(0)},
         [ROLE_BORDER_FOCUS] = {FG(BRIGHT_YELLOW), BG(0), .attrs = ATTR_BOLD},
         [ROLE_PANE_TITLE] = {FG(WHITE), BG(0)},
         [ROLE_PANE_TITLE_FOCUS] = {FG(BRIGHT_YELLOW), BG(0), .attrs = ATTR_BOLD},
         [ROLE_SELECTED] = {FG(BLACK), BG(BRIGHT_YELLOW), .attrs = ATTR_BOLD},
         [ROLE_SELECTED_UNFOCUSED] = {FG(WHITE), BG(0), .attrs = ATTR_BOLD | ATTR_UNDERLINE},
         [ROLE_HEADING1] = {FG(BRIGHT_YELLOW), BG(0), .attrs = ATTR_BOLD},
         [ROLE_HEADING2] = {FG(BRIGHT_YELLOW), BG(0), .attrs = ATTR_BOLD},
         [ROLE_HEADING3] = {FG(WHITE), BG(0), .attrs = ATTR_BOLD | ATTR_UNDERLINE},
         [ROLE_EMPHASIS] = {FG(WHITE), BG(0), .attrs = ATTR_UNDERLINE},
         [ROLE_STRONG] = {FG(WHITE), BG(0), .attrs = ATTR_BOLD},
         [ROLE_CODE] = {FG(BRIGHT_CYAN), BG(0)},
         [ROLE_CODE_BLOCK] = {FG(BRIGHT_CYAN), BG(0)},
         [ROLE_LINK] = {FG(BRIGHT_BLUE), BG(0), .attrs = ATTR_UNDERLINE},
         [ROLE_QUOTE] = {FG(WHITE), BG(0)},
         [ROLE_PASS] = {FG(BRIGHT_GREEN), BG(0), .attrs = ATTR_BOLD},
         [ROLE_FAIL] = {FG(WHITE), BG(RED), .attrs = ATTR_BOLD},
         [ROLE_WARN] = {FG(BRIGHT_YELLOW), BG(0), .attrs = ATTR_BOLD},
         [ROLE_RUNNING] = {FG(BRIGHT_CYAN), BG(0)},
         [ROLE_SKIP] = {FG(GREY), BG(0)},
         [ROLE_KEY] = {FG(BRIGHT_YELLOW), BG(0), .attrs = ATTR_BOLD},
         [ROLE_HINT] = {FG(WHITE), BG(0)},
         [ROLE_MESSAGE] = {FG(WHITE), BG(0), .attrs = ATTR_BOLD},
         [ROLE_MESSAGE_ERROR] = {FG(WHITE), BG(RED), .attrs = ATTR_BOLD},
         [ROLE_MATCH] = {FG(BLACK), BG(BRIGHT_CYAN)},
         [ROLE_PROGRESS_DONE] = {FG(BRIGHT_GREEN), BG(0)},
         [ROLE_PROGRESS_LEFT] = {FG(GREY), BG(0)},
         [ROLE_DIFF_ADDED] = {FG(BRIGHT_GREEN), BG(0)},
         [ROLE_DIFF_REMOVED] = {FG(BRIGHT_RED), BG(0), .attrs = ATTR_BOLD},
     }},
    {"mono",
     {
         [ROLE_MUTED] = {.attrs = ATTR_DIM},
         [ROLE_TITLE] = {.attrs = ATTR_BOLD},
         [ROLE_BORDER] = {.attrs = ATTR_DIM},
         [ROLE_BORDER_FOCUS] = {.attrs = ATTR_BOLD},
         [ROLE_PANE_TITLE_FOCUS] = {.attrs = ATTR_BOLD | ATTR_REVERSE},
         [ROLE_SELECTED] = {.attrs = ATTR_REVERSE},
         [ROLE_SELECTED_UNFOCUSED] = {.attrs = ATTR_BOLD},
         [ROLE_HEADING1] = {.attrs = ATTR_BOLD | ATTR_UNDERLINE},
         [ROLE_HEADING2] = {.attrs = ATTR_BOLD},
         [ROLE_HEADING3] = {.attrs = ATTR_UNDERLINE},
         [ROLE_EMPHASIS] = {.attrs = ATTR_ITALIC},
         [ROLE_STRONG] = {.attrs = ATTR_BOLD},
         [ROLE_LINK] = {.attrs = ATTR_UNDERLINE},
         [ROLE_PASS] = {.attrs = 0},
         [ROLE_FAIL] = {.attrs = ATTR_BOLD},
         [ROLE_WARN] = {.attrs = ATTR_BOLD},
         [ROLE_SKIP] = {.attrs = ATTR_DIM},
         [ROLE_KEY] = {.attrs = ATTR_BOLD},
         [ROLE_MESSAGE] = {.attrs = ATTR_BOLD},
         [ROLE_MESSAGE_ERROR] = {.attrs = ATTR_BOLD | ATTR_REVERSE},
         [ROLE_MATCH] = {.attrs = ATTR_REVERSE},
         [ROLE_PROGRESS_DONE] = {.attrs = ATTR_BOLD},
         [ROLE_PROGRESS_LEFT] = {.attrs = ATTR_DIM},
         [ROLE_DIFF_ADDED] = {.attrs = ATTR_BOLD},
         [ROLE_DIFF_REMOVED] = {.attrs = ATTR_UNDERLINE},
     }},
};

const struct theme *theme_find(const char *name)
{
    for (size_t i = 0; i < sizeof themes / sizeof themes[0]; i++)
        if (strcmp(themes[i].name, name) == 0)
            return &themes[i];
    return NULL;
}

const char *const *theme_names(void)
{
    static const char *const names[] = {"default", "light", "contrast", "mono", NULL};
    return names;
}

struct style theme_style(const struct theme *t, enum role role)
{
    return t->styles[role];
}
