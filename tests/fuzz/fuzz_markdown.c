/* Any bytes as markdown, at a width and a scroll that the first two bytes choose: no line is wider than the
 * pane, and every index lies within its table. */
#include "markdown/markdown.h"

#include <locale.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_layout(const struct md_layout *l, int width)
{
    for (size_t i = 0; i < l->n_lines; i++) {
        const struct md_line *line = &l->lines[i];
        int col = 0;
        for (size_t j = 0; j < line->n_runs; j++) {
            const struct md_run *r = &line->runs[j];
            if (r->col < col || r->width != text_width(r->text) || r->link >= (int)l->n_links)
                abort();
            col = r->col + r->width;
        }
        if (col > width || line->heading >= (int)l->n_headings || line->code >= (int)l->n_codes)
            abort();
        if (i > 0 && line->position < l->lines[i - 1].position)
            abort();
    }
    for (size_t i = 0; i < l->n_links; i++) {
        if (l->links[i].line >= l->n_lines)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct md_options options = {.width = 20 + data[0] % 100, .unicode = data[1] & 1, .scroll = data[1] >> 1};
    setlocale(LC_ALL, "C.UTF-8");
    ui_set_unicode(options.unicode);
    struct md_doc *d = md_doc_new((const char *)data + 2, size - 2);
    struct md_layout *l = md_layout(d, &options);
    check_layout(l, options.width);
    md_doc_free(d);
    md_line_at(l, size);
    md_layout_free(l);
    return 0;
}
