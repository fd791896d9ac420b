/* What the screen begins with: the model, and the challenge that is open. */
#include "app/program.h"

#include "app/actions.h"
#include "app/session.h"
#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <stdlib.h>

/* The languages for which there are starters: the directories of assets/starters. */
static char **starter_languages(const char *data_dir)
{
    autofree char *assets = path_join(data_dir, "assets/starters");
    struct dirent **names = NULL;
    int n = scandir(assets, &names, NULL, alphasort);
    char **list = xcalloc((size_t)(n > 0 ? n : 0) + 1, sizeof *list);
    size_t count = 0;
    for (int i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.')
            list[count++] = xstrdup(names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return list;
}

int start_model(struct program *p, const struct program_options *o, struct error *err)
{
    autofree char *data_dir = course_data_dir(err);
    if (!data_dir)
        return -1;
    struct course *course = course_load(data_dir, err);
    if (!course)
        return -1;
    char **languages = starter_languages(data_dir);
    p->m = model_new(course, (const char *const *)languages);
    for (char **l = languages; *l; l++)
        free(*l);
    free(languages);
    p->m->actions = action_table;
    p->m->n_actions = action_count;
    p->m->mouse = !o->no_mouse;
    free(p->m->home);
    p->m->home = path_home();
    const char *no_color = getenv("NO_COLOR");
    p->m->no_color = no_color && *no_color;
    p->theme_is_given = o->theme != NULL;
    model_choose_theme(p->m, o->theme ? o->theme : THEME_AUTO);
    p->shells = xcalloc(p->m->n_items, sizeof *p->shells);
    return 0;
}

/* The challenge to begin with: the one that was asked for, else where the learner stopped, else the first. */
int start_open(struct program *p, const struct program_options *o, struct error *err)
{
    autofree char *last = session_load(p->m);
    size_t item = last ? model_find(p->m, last) : p->m->n_items;
    if (o->challenge) {
        const struct challenge *ch = course_find(p->m->course, o->challenge, err);
        if (!ch)
            return -1;
        item = model_find(p->m, ch->slug);
    }
    if (item == p->m->n_items && p->store) {
        autofree char *slug = store_last_slug(p->store);
        item = slug ? model_find(p->m, slug) : item;
    }
    model_open(p->m, item == p->m->n_items ? 0 : item);
    return 0;
}
