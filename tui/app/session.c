/* The session file: lines of "challenge SLUG" and "place SLUG PLACE HINTS". */
#include "app/session.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { SESSION_MAX = 64 << 10, SLUG_MAX = 64 };

static char *session_path(void)
{
    autofree char *dir = path_xdg("XDG_STATE_HOME", ".local/state");
    return path_join(dir, "session");
}

char *session_load(struct model *m)
{
    autofree char *path = session_path();
    struct buf text = {0};
    char *open = NULL;
    if (file_read(path, SESSION_MAX, &text, NULL) < 0)
        return NULL;
    char *save = NULL;
    for (char *line = strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char slug[SLUG_MAX];
        long place;
        int hints;
        if (sscanf(line, "challenge %63s", slug) == 1) {
            free(open);
            open = xstrdup(slug);
        } else if (sscanf(line, "place %63s %ld %d", slug, &place, &hints) == 3) {
            size_t i = model_find(m, slug);
            if (i == m->n_items || place < 0)
                continue;
            m->items[i].place = (size_t)place;
            m->items[i].hints_shown = hints < 0 ? 0 : hints > 3 ? 3 : hints;
        }
    }
    buf_free(&text);
    return open;
}

int session_save(const struct model *m, struct error *err)
{
    autofree char *dir = path_xdg("XDG_STATE_HOME", ".local/state");
    autofree char *path = session_path();
    struct buf text = {0};
    buf_printf(&text, "challenge %s\n", model_open_item(m)->info->slug);
    for (size_t i = 0; i < m->n_items; i++)
        if (m->items[i].place > 0 || m->items[i].hints_shown > 0)
            buf_printf(&text, "place %s %zu %d\n", m->items[i].info->slug, m->items[i].place,
                       m->items[i].hints_shown);
    int status = file_make_dirs(dir, 0700, err);
    if (status == 0)
        status = file_write_atomic(path, text.data, text.len, 0600, err);
    buf_free(&text);
    return status;
}
