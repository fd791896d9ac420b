/* Finding text, and what the screen shows how large. See act.h. */
#include "app/act.h"

#include "base/mem.h"
#include "panes/pane.h"

#include <string.h>

/* ---- Text ---- */

void act_find(struct model *m, int argument)
{
    (void)argument;
    m->searching = true;
    m->search_backwards = model_looking_back(m) && m->search_backwards;
    lineedit_clear(&m->search_line);
    origin_keep(m);
}

void act_next_match(struct model *m, int r)
{
    const struct pane_ops *ops = focused_ops(m);
    if (!*m->needle)
        model_say(m, "Nothing is searched for: / begins a search.");
    else if (!ops->request || !ops->request(m, (enum request)r))
        model_complain(m, "Not found: %s", m->needle);
}

/* ---- The screen ---- */

void act_resize_pane(struct model *m, int step)
{
    int size = (int)m->size + step;
    if (size >= 0 && size < SIZE_COUNT_)
        m->size = (enum pane_size)size;
    model_relayout(m);
}

const char *label_zoom(const struct model *m)
{
    return m->size == SIZE_FULL ? "zoom out" : "zoom";
}

/* With the whole screen to itself, a terminal hides how one sees the rest again. */
const char *label_prefix(const struct model *m)
{
    return m->size == SIZE_FULL ? "then z zooms out, ? more" : "then q leaves, ? shows more";
}

void act_zoom(struct model *m, int argument)
{
    (void)argument;
    m->size = m->size == SIZE_FULL ? SIZE_NORMAL : SIZE_FULL;
    model_relayout(m);
}

void act_repaint(struct model *m, int argument)
{
    (void)argument;
    model_want(m, INTENT_REPAINT, NULL, 0);
}

void act_toggle_mouse(struct model *m, int argument)
{
    (void)argument;
    m->mouse = !m->mouse;
    model_want(m, INTENT_MOUSE, NULL, 0);
    model_say(m, m->mouse ? "The mouse is Lux's: click, wheel, drag to copy."
                          : "The mouse is your terminal's: select as everywhere. M gives it back.");
}

void act_suspend(struct model *m, int argument)
{
    (void)argument;
    model_want(m, INTENT_SUSPEND, NULL, 0);
}
