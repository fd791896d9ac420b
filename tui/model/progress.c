/* How far the learner is: what a challenge's state is, which one comes next and why. See model.h. */
#include "model/model.h"

#include "base/buf.h"
#include "base/mem.h"

#include <string.h>

enum item_state model_state(const struct model *m, size_t item)
{
    const struct item *it = &m->items[item];
    if (it->solved)
        return ITEM_SOLVED;
    if (!it->available)
        return ITEM_UNAVAILABLE;
    if (it->attempts > 0 || it->workspace_state == WORKSPACE_PRESENT)
        return ITEM_BEGUN;
    for (const char *const *need = it->info->needs; need && *need; need++) {
        size_t k = model_find(m, *need);
        if (k < m->n_items && m->items[k].available && !m->items[k].solved)
            return ITEM_LATER;
    }
    return ITEM_READY;
}

size_t model_next(const struct model *m)
{
    static const enum item_state wanted[] = {ITEM_BEGUN, ITEM_READY, ITEM_LATER};
    enum item_state here = model_state(m, m->open);
    for (size_t w = 0; w < ARRAY_LEN(wanted); w++) {
        if (wanted[w] == ITEM_BEGUN && here == ITEM_BEGUN)
            return m->open;
        size_t from = wanted[w] == ITEM_READY && here == ITEM_SOLVED ? m->open + 1 : 0;
        for (size_t i = 0; i < m->n_items; i++) {
            size_t item = (from + i) % m->n_items;
            if (model_state(m, item) == wanted[w])
                return item;
        }
    }
    return m->n_items;
}

/* "1 TCP Echo Client and 2 TCP Echo Server" */
static char *names_of_needs(const struct model *m, const struct challenge *info)
{
    struct buf text = {0};
    for (const char *const *need = info->needs; need && *need; need++) {
        size_t k = model_find(m, *need);
        if (k == m->n_items)
            continue;
        const char *between = text.len == 0 ? "" : need[1] ? ", " : " and ";
        buf_printf(&text, "%s%s", between, m->items[k].info->title);
    }
    return buf_take(&text);
}

char *model_why(const struct model *m, size_t item)
{
    const struct item *it = &m->items[item];
    autofree char *needs = names_of_needs(m, it->info);
    switch (model_state(m, item)) {
    case ITEM_SOLVED:
        return xstrdup("it is solved");
    case ITEM_BEGUN:
        if (it->core_total > 0)
            return xasprintf("you have begun it: core %d/%d", it->core_passed, it->core_total);
        return xstrdup("you have begun it");
    case ITEM_READY:
        if (*needs)
            return xasprintf("it builds on %s, which you have solved", needs);
        return xstrdup(model_solved(m) == 0 && item == 0 ? "everything builds on it"
                                                         : "it is the next one that is left");
    case ITEM_LATER:
        return xasprintf("%s prepares for it; it can be done first all the same", needs);
    case ITEM_UNAVAILABLE:
        break;
    }
    return xstrdup("its lesson and its checks are still being written");
}

size_t model_next_failure(const struct model *m)
{
    const struct run *r = model_open_item(m)->run;
    size_t from = (size_t)m->checks.cursor + (m->reader.showing == READER_FAILURE);
    for (size_t i = 0; i < r->n_checks; i++) {
        size_t k = (from + i) % r->n_checks;
        if (r->checks[k].verdict == VERDICT_FAIL)
            return k;
    }
    return r->n_checks;
}
