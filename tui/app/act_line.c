/* The line in which a search or the name of an action is typed. See act.h. */
#include "app/act.h"

#include "base/mem.h"
#include "panes/pane.h"

#include <string.h>

static struct lineedit *typed_line(struct model *m)
{
    return m->searching ? &m->search_line : &m->palette.line;
}

/* The place moves with every key, as one types; in the terminal a search that is not finished moves nothing.
 */
void act_line_changed(struct model *m)
{
    if (!m->searching) {
        palette_changed(m);
        return;
    }
    free(m->needle);
    m->needle = xstrdup(m->search_line.text);
    origin_restore(m);
    if (*m->needle && m->focus != PANE_TERMINAL && focused_ops(m)->request)
        focused_ops(m)->request(m, REQUEST_FIRST_MATCH);
}

void act_line_move(struct model *m, int where)
{
    lineedit_move(typed_line(m), (enum lineedit_move)where);
}

void act_line_erase(struct model *m, int what)
{
    lineedit_erase(typed_line(m), (enum lineedit_erase)what);
    act_line_changed(m);
}

/* What is empty is left. */
void act_line_rub_out(struct model *m, int argument)
{
    (void)argument;
    if (typed_line(m)->len > 0)
        act_line_erase(m, ERASE_LEFT);
    else if (m->searching)
        act_search_cancel(m, 0);
    else
        model_pop_overlay(m);
}

void act_search_done(struct model *m, int argument)
{
    (void)argument;
    m->searching = false;
    if (!*m->needle)
        return;
    if (!focused_ops(m)->request || !focused_ops(m)->request(m, REQUEST_FIRST_MATCH))
        model_complain(m, "Not found: %s", m->needle);
}

void act_search_cancel(struct model *m, int argument)
{
    (void)argument;
    m->searching = false;
    m->needle[0] = '\0';
    origin_restore(m);
}
