/* Markdown onto pages. */
#include "panes/pane.h"

void page_markdown(struct page *p, int indent, const char *text, int scroll)
{
    (void)scroll;
    page_wrap(p, indent, ROLE_TEXT, text);
}
