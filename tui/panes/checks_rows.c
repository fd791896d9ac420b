/* The rows of the list of checks: see checks_rows.h. */
#include "panes/checks_rows.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A compiler's message takes as many rows as it needs, for its last words are often those that tell; but one
 * that fills a page (of a template, say) must not hide all the others. */
enum { MESSAGE_PARTS_MAX = 3 };

char *checks_message_place(const struct build_message *msg)
{
    return msg->line > 0 ? xasprintf("%s:%d", msg->file, msg->line) : xstrdup(msg->file);
}

int checks_wrap_message(struct page *p, const struct build_message *msg, int cols)
{
    autofree char *place = checks_message_place(msg);
    autofree char *text = xasprintf("%s %s %s", place, msg->severity, msg->text);
    page_clear(p, cols - 2 - CHECKS_MESSAGE_INDENT);
    page_wrap(p, 0, ROLE_TEXT, text);
    return p->n_lines < MESSAGE_PARTS_MAX ? (int)p->n_lines : MESSAGE_PARTS_MAX;
}

static struct rows messages(const struct model *m)
{
    const struct run *r = model_open_item(m)->run;
    struct rows list = {.cursor = -1};
    struct page p = {0};
    list.rows = xcalloc(r->n_messages * MESSAGE_PARTS_MAX + 1, sizeof *list.rows);
    for (size_t i = 0; i < r->n_messages; i++) {
        int parts = checks_wrap_message(&p, &r->messages[i], m->layout.pane[PANE_CHECKS].cols);
        if ((int)i == m->checks.cursor)
            list.cursor = list.n;
        for (int k = 0; k < parts; k++)
            list.rows[list.n++] = (struct row){.kind = ROW_MESSAGE, .index = (int)i, .part = k};
    }
    page_free(&p);
    return list;
}

static bool is_blocked(const struct check_row *c)
{
    return c->verdict == VERDICT_BLOCKED && !c->running && !c->stale;
}

/* How many checks from `first` on are blocked, in its tier. */
static int blocked_from(const struct run *r, size_t first)
{
    size_t i = first;
    while (i < r->n_checks && r->checks[i].tier == r->checks[first].tier && is_blocked(&r->checks[i]))
        i++;
    return (int)(i - first);
}

static struct rows checks(const struct model *m, bool fold)
{
    const struct run *r = model_open_item(m)->run;
    struct rows list = {.cursor = -1};
    list.rows = xcalloc(r->n_checks + 3 + 1, sizeof *list.rows);
    for (size_t i = 0; i < r->n_checks;) {
        if (i == 0 || r->checks[i].tier != r->checks[i - 1].tier)
            list.rows[list.n++] = (struct row){.kind = ROW_TIER, .index = (int)r->checks[i].tier};
        int blocked = fold ? blocked_from(r, i) : 0, count = blocked > 1 ? blocked : 1;
        if (m->checks.cursor >= (int)i && m->checks.cursor < (int)i + count)
            list.cursor = list.n;
        list.rows[list.n++] =
            (struct row){.kind = count > 1 ? ROW_BLOCKED : ROW_CHECK, .index = (int)i, .count = count};
        i += (size_t)count;
    }
    return list;
}

struct rows checks_rows(const struct model *m)
{
    if (model_open_item(m)->run->phase == RUN_BUILD_FAILED)
        return messages(m);
    struct rows list = checks(m, false);
    if (list.n < m->layout.pane[PANE_CHECKS].rows || m->checks.unfolded)
        return list;
    free(list.rows);
    return checks(m, true);
}
