/* Where a search began: see model.h. */
#include "model/model.h"

#include "base/mem.h"

#include <string.h>

static size_t stages_size(const struct model *m)
{
    return course_stage_count(m->course) * sizeof *m->stages.unfolded;
}

void origin_keep(struct model *m)
{
    struct search_origin *o = &m->origin;
    free(o->unfolded);
    *o = (struct search_origin){.open = m->open,
                                .lesson = model_open_item(m)->scroll,
                                .page = m->reader.other_scroll,
                                .checks = m->checks,
                                .stages_cursor = m->stages.cursor,
                                .stages_top = m->stages.top,
                                .overlay = m->overlay_scroll,
                                .history = m->history.scroll,
                                .map_cursor = m->map_cursor};
    o->unfolded = xcalloc(1, stages_size(m) + 1);
    memcpy(o->unfolded, m->stages.unfolded, stages_size(m));
}

void origin_restore(struct model *m)
{
    const struct search_origin *o = &m->origin;
    if (!o->unfolded || o->open != m->open) /* a click has led elsewhere meanwhile */
        return;
    model_open_item(m)->scroll = o->lesson;
    m->reader.other_scroll = o->page;
    m->checks = o->checks;
    m->overlay_scroll = o->overlay;
    m->history.scroll = o->history;
    m->map_cursor = o->map_cursor;
    memcpy(m->stages.unfolded, o->unfolded, stages_size(m));
    stages_rebuild(m);
    m->stages.cursor = o->stages_cursor;
    m->stages.top = o->stages_top;
}
