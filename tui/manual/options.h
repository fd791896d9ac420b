/* The options of luxtui, for the manual page and the completions. (luxtui --help says the same; a test compares.)
 */
#ifndef MANUAL_OPTIONS_H
#define MANUAL_OPTIONS_H

#include <stddef.h>

struct tui_option {
    const char *name;   /* without the hyphens */
    const char *values; /* separated by blanks; NULL: it takes none */
    const char *help;
};

static const struct tui_option tui_options[] = {
    {"theme", "auto default light contrast mono", "how it looks; auto follows the terminal"},
    {"no-mouse", NULL, "leave the mouse to your terminal"},
    {"help", NULL, "say how to begin, and end"},
    {"version", NULL, "print the version, and end"},
};
enum { N_TUI_OPTIONS = sizeof tui_options / sizeof tui_options[0] };

#endif
