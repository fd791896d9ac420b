/* Watching: see watch.h. */
#include "watch/watch.h"

#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 4, FILES_MAX = 4000, DIRS_MAX = 64 /* watch_dir() says this number, too */ };

struct watch {
    uv_loop_t *loop;
    void (*changed)(void *user);
    void *user;
    char *dir, *ignore;
    uint64_t seen;
    uv_timer_t *timer;               /* settles events, or polls */
    uv_fs_event_t *events[DIRS_MAX]; /* one a directory */
    int n_events;
    const char *polls; /* why it does; NULL: it need not */
};

/* ---- What counts ---- */

bool watch_counts(const char *name, const char *ignore)
{
    static const char *const noise[] = {
        ".*",    "*~",     "#*#",  "4913",   "*.swp",    "*.swx",       "*.tmp",   "*.bak",
        "*.o",   "*.a",    "*.so", "*.d",    "*.pyc",    "__pycache__", "target",  "node_modules",
        "*.gch", "*.rlib", "core", "core.*", "vgcore.*", "zig-cache",   "zig-out", "*.log"};
    if (ignore && strcmp(name, ignore) == 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(noise); i++)
        if (fnmatch(noise[i], name, FNM_PERIOD) == 0)
            return false;
    return true;
}

/* A program that a build made under a name that we do not know. */
static bool is_elf(int dir, const char *name)
{
    char head[4];
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool elf = fd >= 0 && read(fd, head, 4) == 4 && memcmp(head, "\177ELF", 4) == 0;
    if (fd >= 0)
        close(fd);
    return elf;
}

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
    for (const unsigned char *p = bytes; n > 0; n--) /* FNV-1a */
        h = (h ^ *p++) * 1099511628211u;
    return h;
}

/* Visits the directories that count, and sums up the files in them. Sums, because readdir has no order. */
static uint64_t visit(const char *path, const char *ignore, int depth, int *files,
                      void (*on_dir)(void *user, const char *path), void *user)
{
    DIR *dir = opendir(path);
    uint64_t sum = 0;
    if (!dir)
        return 0;
    if (on_dir)
        on_dir(user, path);
    for (struct dirent *d; (d = readdir(dir)) && *files < FILES_MAX;) {
        struct stat st;
        if (!watch_counts(d->d_name, ignore) || fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        ++*files;
        if (S_ISDIR(st.st_mode)) {
            if (depth < DEPTH_MAX) {
                autofree char *sub = path_join(path, d->d_name);
                sum += visit(sub, ignore, depth + 1, files, on_dir, user);
            }
            continue;
        }
        if (!S_ISREG(st.st_mode) || ((st.st_mode & 0111) && is_elf(dirfd(dir), d->d_name)))
            continue;
        uint64_t h = mix(14695981039346656037u, d->d_name, strlen(d->d_name));
        h = mix(h, &st.st_mtim, sizeof st.st_mtim);
        sum += mix(h, &st.st_size, sizeof st.st_size);
    }
    closedir(dir);
    return sum;
}

uint64_t watch_signature(const char *dir, const char *ignore)
{
    int files = 0;
    return visit(dir, ignore, 0, &files, NULL, NULL);
}

/* ---- Watching ---- */

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

struct watch *watch_new(uv_loop_t *loop, void (*changed)(void *user), void *user)
{
    struct watch *w = xcalloc(1, sizeof *w);
    w->loop = loop;
    w->changed = changed;
    w->user = user;
    w->timer = xcalloc(1, sizeof *w->timer);
    uv_timer_init(loop, w->timer);
    w->timer->data = w;
    return w;
}

static void close_events(struct watch *w)
{
    for (int i = 0; i < w->n_events; i++)
        uv_close((uv_handle_t *)w->events[i], free_handle);
    w->n_events = 0;
}

void watch_stop(struct watch *w)
{
    close_events(w);
    uv_timer_stop(w->timer);
    free(w->dir);
    free(w->ignore);
    w->dir = w->ignore = NULL;
    w->polls = NULL;
}

void watch_free(struct watch *w)
{
    if (!w)
        return;
    watch_stop(w);
    uv_close((uv_handle_t *)w->timer, free_handle);
    free(w);
}

static void look(uv_timer_t *timer);

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
    struct watch *w = handle->data;
    (void)events;
    if (status == 0 && name && !watch_counts(name, w->ignore))
        return;
    uv_timer_start(w->timer, look, WATCH_SETTLE_MS, 0);
}

static void watch_dir(void *user, const char *path)
{
    struct watch *w = user;
    if (w->polls)
        return;
    if (w->n_events == DIRS_MAX) {
        w->polls = "there are more than 64 directories";
        return;
    }
    uv_fs_event_t *e = xcalloc(1, sizeof *e);
    uv_fs_event_init(w->loop, e);
    e->data = w;
    if (uv_fs_event_start(e, on_event, path, 0) == 0) {
        w->events[w->n_events++] = e;
        return;
    }
    w->polls = "the system has no more watches to give";
    uv_close((uv_handle_t *)e, free_handle);
}

/* Watches each directory as it is now. */
static void watch_dirs(struct watch *w)
{
    int files = 0;
    close_events(w);
    w->polls = NULL;
    visit(w->dir, w->ignore, 0, &files, watch_dir, w);
    if (w->n_events == 0 && !w->polls)
        w->polls = "the directory cannot be read";
    if (w->polls) {
        close_events(w);
        uv_timer_start(w->timer, look, WATCH_POLL_MS, WATCH_POLL_MS);
    }
}

static void look(uv_timer_t *timer)
{
    struct watch *w = timer->data;
    uint64_t now = watch_signature(w->dir, w->ignore);
    if (now == w->seen)
        return;
    w->seen = now;
    if (!w->polls)
        watch_dirs(w); /* directories may have come and gone */
    w->changed(w->user);
}

const char *watch_start(struct watch *w, const char *dir, const char *ignore)
{
    watch_stop(w);
    w->dir = xstrdup(dir);
    w->ignore = xstrdup(ignore);
    watch_mark_seen(w);
    watch_dirs(w);
    return w->polls;
}

const char *watch_polls(const struct watch *w)
{
    return w->polls;
}

void watch_mark_seen(struct watch *w)
{
    if (w->dir)
        w->seen = watch_signature(w->dir, w->ignore);
}
