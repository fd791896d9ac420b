/* Markdown onto pages. */
#include "markdown/markdown.h"

#include "panes/pane.h"

#include "base/mem.h"

#include <string.h>

/* Positions of one text after those of another: further apart than any text is long. */
enum { TEXT_SPAN = 1 << 24 };

/* What the layout's links are called on the page; 0: not yet. */
static void add_links(struct page *p, int indent, const struct md_layout *layout, const struct md_line *line,
                      int *numbers)
{
    for (size_t i = 0; i < line->n_runs; i++) {
        const struct md_run *r = &line->runs[i];
        if (r->link < 0)
            continue;
        struct page_link *last = p->n_links > 0 ? &p->links[p->n_links - 1] : NULL;
        if (last && last->line == p->n_lines - 1 && last->number == numbers[r->link])
            last->width = indent + r->col + r->width - last->col; /* one link in several styles */
        else
            numbers[r->link] = page_link(p, numbers[r->link], layout->links[r->link].target, p->n_lines - 1,
                                         indent + r->col, r->width);
    }
}

static void add_line(struct page *p, int indent, const struct md_line *line, size_t base, int first_block)
{
    struct line *l = page_line(p);
    l->position = base + line->position;
    l->kind = line->heading >= 0 ? LINE_HEADING : line->code >= 0 ? LINE_CODE : LINE_TEXT;
    l->block = line->code >= 0 ? first_block + line->code : 0;
    for (size_t i = 0; i < line->n_runs; i++)
        page_add(p, indent + line->runs[i].col, line->runs[i].role, line->runs[i].attrs, line->runs[i].text);
}

void page_markdown(struct page *p, int indent, const char *text, int scroll)
{
    struct md_doc *doc = md_doc_new(text, strlen(text));
    struct md_options options = {.width = p->width - indent, .unicode = ui_unicode(), .scroll = scroll};
    struct md_layout *layout = md_layout(doc, &options);
    size_t last = p->n_lines > 0 ? p->lines[p->n_lines - 1].position : 0;
    size_t base = last > 0 ? (last / TEXT_SPAN + 1) * TEXT_SPAN : 0;
    int first_block = (int)p->n_codes + 1;
    for (size_t i = 0; i < layout->n_codes; i++)
        page_code(p, layout->codes[i].text);
    size_t first = p->n_lines;
    autofree int *numbers = xcalloc(layout->n_links + 1, sizeof *numbers);
    for (size_t i = 0; i < layout->n_lines; i++) {
        add_line(p, indent, &layout->lines[i], base, first_block);
        add_links(p, indent, layout, &layout->lines[i], numbers);
    }
    page_link_manuals(p, first);
    if (layout->max_scroll > p->max_scroll)
        p->max_scroll = layout->max_scroll;
    md_layout_free(layout);
    md_doc_free(doc);
}
