/* The database: progress and settings in; settings out. What another lux writes shows up at once, because the
 * database's directory is watched. */
#include "app/program.h"

#include "base/file.h"
#include "base/mem.h"

#include <string.h>
#include <sys/stat.h>

enum { RELOAD_MS = 50, POLL_MS = 500 };

static void take_progress(void *context, const struct challenge_progress *c)
{
    struct model *m = context;
    size_t i = model_find(m, c->slug);
    if (i == m->n_items)
        return;
    struct item *it = &m->items[i];
    it->attempts = c->attempts;
    it->solved = c->solved;
    it->first_attempt_at = c->first_attempt_at;
    it->solved_at = c->solved_at;
    it->core_passed = c->core_passed;
    it->core_total = c->core_total;
    it->passed = c->passed;
    it->total = c->total;
}

void progress_load(struct program *p)
{
    struct error err = {0};
    if (!p->store)
        return;
    if (store_progress(p->store, take_progress, p->m, &err) < 0)
        model_complain(p->m, "%s", err.text);
}

static void take_check(void *context, const struct last_check *c)
{
    run_recall(context, c->check, c->title, c->tier, c->verdict, c->cause, c->ms, c->detail);
}

void progress_recall(struct program *p, size_t item)
{
    struct error err = {0};
    struct item *it = &p->m->items[item];
    if (!p->store || (p->check && p->check_item == item))
        return;
    if (store_last_checks(p->store, it->info->slug, take_check, it->run, &err) < 0)
        model_complain(p->m, "%s", err.text);
}

static ino_t inode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

static char *store_dir(const struct program *p)
{
    char *dir = xstrdup(p->store_path);
    char *slash = strrchr(dir, '/');
    if (slash)
        *slash = '\0';
    return dir;
}

static void watch_store(struct program *p);

/* The file may have come into being, or another may have taken its place, since we opened it. */
static void open_store(struct program *p)
{
    ino_t now = inode_of(p->store_path);
    if (p->store && now == p->store_inode)
        return;
    struct store *s = store_open(p->store_path, STORE_READ, NULL);
    if (!s)
        return; /* what is known stays known; lux says what is wrong with the file */
    store_close(p->store);
    p->store = s;
    p->store_inode = now;
}

void progress_refresh(struct program *p)
{
    autofree char *dir = store_dir(p);
    if (inode_of(dir) != p->store_dir_inode)
        watch_store(p);
    open_store(p);
    progress_load(p);
    progress_recall(p, p->m->open);
    if (model_overlay(p->m) == OVERLAY_HISTORY || model_overlay(p->m) == OVERLAY_STATS)
        history_load(p);
    program_changed(p);
}

/* Whether somebody has written to the database since the last look. */
static bool store_has_changed(struct program *p)
{
    static const char *const ends[ARRAY_LEN(p->store_changed)] = {"", "-wal"};
    bool changed = false;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        autofree char *path = xasprintf("%s%s", p->store_path, ends[i]);
        struct stat st = {0}; /* a file that is not there has never changed */
        if (stat(path, &st) != 0)
            st.st_mtim = (struct timespec){0};
        changed |= st.st_mtim.tv_sec != p->store_changed[i].tv_sec ||
                   st.st_mtim.tv_nsec != p->store_changed[i].tv_nsec;
        p->store_changed[i] = st.st_mtim;
    }
    return changed;
}

static void on_store_timer(uv_timer_t *timer)
{
    struct program *p = timer->data;
    if (!p->store_polls || store_has_changed(p))
        progress_refresh(p);
}

static void on_store_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
    struct program *p = handle->data;
    (void)events;
    /* The -shm file changes when we read, too. */
    const char *base = strrchr(p->store_path, '/');
    base = base ? base + 1 : p->store_path;
    if (status < 0 || !name || strncmp(name, base, strlen(base)) != 0 || strstr(name, "-shm"))
        return;
    if (!uv_is_active((uv_handle_t *)&p->store_timer))
        uv_timer_start(&p->store_timer, on_store_timer, RELOAD_MS, 0);
}

static void watch_store(struct program *p)
{
    autofree char *dir = store_dir(p);
    file_make_dirs(dir, 0700, NULL); /* if that fails, there is nothing to watch */
    uv_fs_event_stop(&p->store_watch);
    p->store_polls = uv_fs_event_start(&p->store_watch, on_store_event, dir, 0) < 0;
    if (p->store_polls)
        uv_timer_start(&p->store_timer, on_store_timer, POLL_MS, POLL_MS);
    else
        uv_timer_stop(&p->store_timer);
    p->store_dir_inode = inode_of(dir);
}

static void load_settings(struct program *p)
{
    struct model *m = p->m;
    autofree char *done = p->store ? store_setting_get(p->store, "welcome") : NULL;
    autofree char *language = p->store ? store_setting_get(p->store, "language") : NULL;
    autofree char *leave = p->store ? store_setting_get(p->store, "leave_key") : NULL;
    autofree char *clipboard = p->store ? store_setting_get(p->store, "clipboard") : NULL;
    autofree char *theme = p->store ? store_setting_get(p->store, "theme") : NULL;
    autofree char *watch = p->store ? store_setting_get(p->store, "watch") : NULL;
    autofree char *mouse = p->store ? store_setting_get(p->store, "mouse") : NULL;
    struct key key;
    if (theme && !p->theme_is_given)
        model_choose_theme(m, theme);
    if (watch && strcmp(watch, "off") == 0)
        m->watch_wanted = false;
    if (mouse && strcmp(mouse, "off") == 0)
        m->mouse = false;
    if (clipboard)
        m->clipboard = strcmp(clipboard, "on") == 0 ? CLIPBOARD_ALLOWED : CLIPBOARD_REFUSED;
    for (int i = 0; language && m->languages[i]; i++)
        if (strcmp(m->languages[i], language) == 0) {
            free(m->language);
            m->language = xstrdup(language);
            m->start_language = m->welcome.language = i;
        }
    if (leave && key_parse(leave, &key))
        m->leave_key = key;
    if (!done)
        model_push_overlay(m, OVERLAY_WELCOME);
}

void progress_start(struct program *p)
{
    struct error err = {0};
    p->store_path = store_default_path();
    p->store = store_open(p->store_path, STORE_READ, &err);
    if (!p->store)
        model_complain(p->m, "%s", err.text);
    p->store_inode = inode_of(p->store_path);
    load_settings(p);
    progress_load(p);
    uv_fs_event_init(&p->loop, &p->store_watch);
    p->store_watch.data = p;
    watch_store(p);
}

void progress_save_setting(struct program *p, const char *name_is_value)
{
    struct error err = {0};
    autofree char *name = xstrdup(name_is_value);
    char *value = strchr(name, '=');
    *value++ = '\0';
    struct store *s = store_open(p->store_path, STORE_WRITE, &err);
    if (!s || store_setting_set(s, name, value, &err) < 0)
        model_complain(p->m, "The choice holds for today, but could not be kept: %s", err.text);
    store_close(s);
}

void progress_stop(struct program *p)
{
    store_close(p->store);
    p->store = NULL;
}
