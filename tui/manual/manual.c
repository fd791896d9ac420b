/* Prints the manual page of luxtui. */
#include "options.h"

#include "app/actions.h"

#include <stdio.h>

static void print_text(const char *text)
{
    if (*text == '.' || *text == '\'')
        printf("\\&");
    for (; *text; text++)
        switch (*text) {
        case '\\':
            printf("\\e");
            break;
        case '-':
            printf("\\-");
            break;
        default:
            putchar(*text);
        }
}

static void print_keys(enum action_group group)
{
    printf(".SS %s\n", action_group_name(group));
    for (size_t i = 0; i < action_count; i++) {
        if (action_table[i].group != group || !*action_table[i].keys)
            continue;
        printf(".TP\n\\fB");
        print_text(action_table[i].keys);
        printf("\\fR\n");
        print_text(action_table[i].help);
        printf("\n");
    }
}

int main(void)
{
    printf(
        ".\\\" Made from the table of actions.\n"
        ".TH LUXTUI 1 \"\" \"Lux %s\" \"Lux\"\n"
        ".SH NAME\nluxtui \\- the workbench of Lux: lessons, a shell, and live checks on one screen\n"
        ".SH SYNOPSIS\n.B luxtui\n[\\fB\\-\\-theme\\fR \\fINAME\\fR] [\\fB\\-\\-no\\-mouse\\fR] [\\fICHALLENGE\\fR]\n"
        ".SH DESCRIPTION\n"
        "Shows the lesson of a challenge beside a real shell, with your own editor, and the checks that run your program\n"
        "as you save it. CHALLENGE is a slug, a number, a section or a prefix that fits one challenge alone; without it,\n"
        "luxtui goes on where you stopped.\n.BR lux (1)\ndoes the same without a screen.\n"
        ".SH OPTIONS\n",
        LUX_VERSION);
    for (int i = 0; i < N_TUI_OPTIONS; i++) {
        printf(".TP\n\\fB\\-\\-");
        print_text(tui_options[i].name);
        printf(tui_options[i].values ? "\\fR \\fINAME\\fR\n" : "\\fR\n");
        print_text(tui_options[i].help);
        if (tui_options[i].values)
            printf(" (%s)", tui_options[i].values);
        printf("\n");
    }
    printf(
        ".SH KEYS\n"
        "C\\-x is Ctrl and x, S\\-Tab is Shift and Tab. In the terminal pane all keys but two go to the shell: F12, and\n"
        "the one that is called Leave below, which is C\\-g unless you have chosen another; the pane's frame names it.\n");
    for (int g = 0; g < GROUP_COUNT_; g++)
        print_keys((enum action_group)g);
    printf(".SH SEE ALSO\n.BR lux (1)\n");
    return fflush(stdout) != 0;
}
