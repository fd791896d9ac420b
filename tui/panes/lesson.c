/* The lesson as a page: its text, and after it the hints that were asked for. */
#include "panes/pane.h"

#include "base/mem.h"

#include <string.h>

static void add_hints(struct page *p, const struct model *m, const struct lesson *lesson)
{
    const struct item *it = model_open_item(m);
    int available = 0;
    while (available < 3 && lesson->hints[available])
        available++;
    if (available == 0)
        return;
    page_blank(p);
    page_line(p)->kind = LINE_HEADING;
    page_add(p, 1, ROLE_HEADING2, 0, "Hints");
    for (int i = 0; i < it->hints_shown && i < available; i++) {
        page_blank(p);
        page_line(p)->kind = LINE_HEADING;
        page_printf(p, 1, ROLE_HEADING3, "Hint %d of %d", i + 1, available);
        page_markdown(p, 1, lesson->hints[i], m->reader.left);
    }
    page_blank(p);
    page_line(p);
    if (it->hints_shown < available) {
        page_add(p, 1, ROLE_KEY, 0, "h");
        page_printf(p, -1, ROLE_MUTED,
                    it->hints_shown == 0 ? " shows a first hint (there are %d)" : " shows hint %d of %d",
                    it->hints_shown == 0 ? available : it->hints_shown + 1, available);
    } else {
        page_add(p, 1, ROLE_MUTED, 0, "These are all the hints.");
    }
}

/* The list of stages has challenges without a lesson: what is known of them all the same. */
static void add_outline(struct page *p, const struct model *m, const struct challenge *info)
{
    size_t next = model_next(m);
    page_blank(p);
    page_line(p)->kind = LINE_HEADING;
    page_add(p, 1, ROLE_HEADING1, 0, info->title);
    page_blank(p);
    if (info->summary && *info->summary)
        page_wrap(p, 1, ROLE_TEXT, info->summary);
    page_blank(p);
    page_line(p);
    page_add(p, 1, ROLE_MUTED, 0, "Program  ");
    page_add(p, -1, ROLE_CODE, 0, info->usage);
    page_blank(p);
    page_wrap(p, 1, ROLE_WARN,
              "This challenge is not yet available: its lesson and its checks are still being written.");
    if (next < m->n_items) {
        page_blank(p);
        autofree char *text = xasprintf("Next for you: %d %s. { and } go from challenge to challenge.",
                                        m->items[next].info->number, m->items[next].info->title);
        page_wrap(p, 1, ROLE_MUTED, text);
    }
}

void lesson_page(struct page *p, const struct model *m, int width)
{
    const struct item *it = model_open_item(m);
    page_clear(p, width - 1);
    if (!it->lesson_loaded) {
        add_outline(p, m, it->info);
        return;
    }
    page_blank(p);
    page_markdown(p, 1, it->lesson.body, m->reader.left);
    add_hints(p, m, &it->lesson);
    page_blank(p);
}
