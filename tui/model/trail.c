/* The reader's way from page to page, and back: see model.h. */
#include "model/model.h"

#include "base/mem.h"

#include <string.h>

static void forget_text(struct reader_view *v)
{
    free(v->name);
    free(v->text);
    v->name = v->text = NULL;
    v->fresh = true;
    v->text_width = v->other_scroll = v->left = v->link = 0;
}

void reader_forget(struct model *m)
{
    struct reader_view *v = &m->reader;
    forget_text(v);
    for (size_t i = 0; i < v->n_trail; i++) {
        free(v->trail[i].name);
        free(v->trail[i].text);
    }
    v->n_trail = 0;
}

void reader_show(struct model *m, enum reader_page page)
{
    reader_forget(m);
    m->reader.showing = READER_LESSON;
    if (page != READER_LESSON)
        reader_go(m, page, NULL, NULL);
}

void reader_go(struct model *m, enum reader_page page, const char *name, char *text)
{
    struct reader_view *v = &m->reader;
    if (v->n_trail == READER_TRAIL_MAX) {
        free(v->trail[0].name);
        free(v->trail[0].text);
        memmove(v->trail, v->trail + 1, --v->n_trail * sizeof *v->trail);
    }
    v->trail = xreallocarray(v->trail, v->n_trail + 1, sizeof *v->trail);
    v->trail[v->n_trail++] =
        (struct reader_place){v->showing, v->name, v->text, v->text_width, v->other_scroll, v->left, v->link};
    v->name = v->text = NULL;
    forget_text(v);
    v->showing = page;
    v->name = name ? xstrdup(name) : NULL;
    v->text = text;
}

bool reader_return(struct model *m)
{
    struct reader_view *v = &m->reader;
    if (v->n_trail == 0)
        return false;
    const struct reader_place *to = &v->trail[--v->n_trail];
    forget_text(v);
    v->showing = to->showing;
    v->name = to->name;
    v->text = to->text;
    v->text_width = to->text_width;
    v->other_scroll = to->scroll;
    v->left = to->left;
    v->link = to->link;
    return true;
}
