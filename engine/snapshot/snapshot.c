#include "snapshot/snapshot.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
    const char *binary;
    struct source_tree *tree;
    struct buf left_out;
};

/* ---- What counts ---- */

static bool counts(const char *name, const char *binary, bool is_top)
{
    static const char *const made[] = {".*",      "*~",          "#*#",         "*.o",    "*.a",
                                       "*.so",    "*.d",         "*.pyc",       "*.gch",  "*.rlib",
                                       "core",    "core.*",      "vgcore.*",    "target", "zig-cache",
                                       "zig-out", "__pycache__", "node_modules"};
    if (is_top && binary && strcmp(name, binary) == 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(made); i++)
        if (fnmatch(made[i], name, FNM_PERIOD) == 0)
            return false;
    return true;
}

static bool is_elf(const char *data, size_t size)
{
    return size >= 4 && memcmp(data, "\177ELF", 4) == 0;
}

__attribute__((format(printf, 3, 4))) static void leave_out(struct reading *r, const char *path,
                                                            const char *format, ...)
{
    if (r->tree->n_left_out++ >= SNAPSHOT_TOLD_MAX)
        return;
    va_list args;
    va_start(args, format);
    char *why = NULL;
    if (vasprintf(&why, format, args) < 0)
        why = xstrdup("");
    va_end(args);
    escape_bytes(&r->left_out, path, strlen(path));
    buf_printf(&r->left_out, ": %s\n", why);
    free(why);
}

static void size_words(off_t size, char *room, size_t n)
{
    if (size < 1 << 20)
        snprintf(room, n, "%lld KiB", (long long)(size + 1023) >> 10);
    else
        snprintf(room, n, "%.1f MiB", (double)size / (1 << 20));
}

/* ---- Reading ---- */

/* False if the file changed into something else, or is gone, since it was looked at: then it is not there. */
static bool read_whole(int dir, const char *name, struct buf *data, off_t *size)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return false;
    *data = (struct buf){.limit = SNAPSHOT_FILE_MAX + 1};
    char bytes[16384];
    ssize_t n;
    *size = 0;
    while ((n = read(fd, bytes, sizeof bytes)) > 0 && *size <= SNAPSHOT_FILE_MAX) {
        buf_add(data, bytes, (size_t)n);
        *size += n;
    }
    close(fd);
    return n >= 0;
}

static void take_file(struct reading *r, int dir, const char *name, const char *path, const struct stat *st)
{
    struct source_tree *t = r->tree;
    char words[32];
    struct buf data = {0};
    off_t size = st->st_size;
    size_words(size, words, sizeof words);
    if (size > SNAPSHOT_FILE_MAX) {
        leave_out(r, path, "%s, more than %d KiB", words, SNAPSHOT_FILE_MAX >> 10);
    } else if (t->n_files == SNAPSHOT_FILES_MAX) {
        leave_out(r, path, "there are more than %d files", SNAPSHOT_FILES_MAX);
    } else if (!read_whole(dir, name, &data, &size)) {
        leave_out(r, path, "cannot be read: %s", strerror(errno));
    } else if (size > SNAPSHOT_FILE_MAX) {
        leave_out(r, path, "it grows while it is read");
    } else if (is_elf(buf_str(&data), data.len)) {
        /* a program that a build made under a name of its own */
    } else if (t->total + data.len > SNAPSHOT_TOTAL_MAX) {
        leave_out(r, path, "%s, and all files together have more than %d MiB", words,
                  SNAPSHOT_TOTAL_MAX >> 20);
    } else {
        t->files = xreallocarray(t->files, t->n_files + 1, sizeof *t->files);
        t->total += data.len;
        struct source_file file = {.path = xstrdup(path), .executable = st->st_mode & 0111, .size = data.len};
        file.data = buf_take(&data);
        t->files[t->n_files++] = file;
    }
    buf_free(&data);
}

static int read_directory(struct reading *r, int parent, const char *name, const char *path, int depth)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return -1;
    for (const struct dirent *d; (d = readdir(dir));) {
        struct stat st;
        if (!counts(d->d_name, r->binary, depth == 0) || fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        autofree char *below = *path ? path_join(path, d->d_name) : xstrdup(d->d_name);
        if (S_ISREG(st.st_mode))
            take_file(r, fd, d->d_name, below, &st);
        else if (S_ISLNK(st.st_mode))
            leave_out(r, below, "a symbolic link");
        else if (S_ISDIR(st.st_mode) && depth == SNAPSHOT_DEPTH_MAX)
            leave_out(r, below, "more than %d directories deep", SNAPSHOT_DEPTH_MAX);
        else if (S_ISDIR(st.st_mode) && read_directory(r, fd, d->d_name, below, depth + 1))
            leave_out(r, below, "cannot be read: %s", strerror(errno));
    }
    closedir(dir);
    return 0;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct source_file *)a)->path, ((const struct source_file *)b)->path);
}

static int by_line(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines in order, because directories have none, and the same files must be the same tree. */
static char *sorted_lines(const char *text, size_t untold)
{
    char *lines[SNAPSHOT_TOLD_MAX];
    size_t n = 0;
    autofree char *copy = xstrdup(text);
    struct buf out = {0};
    char *rest = NULL;
    for (char *line = strtok_r(copy, "\n", &rest); line && n < ARRAY_LEN(lines);
         line = strtok_r(NULL, "\n", &rest))
        lines[n++] = line;
    qsort(lines, n, sizeof *lines, by_line);
    for (size_t i = 0; i < n; i++)
        buf_printf(&out, "%s\n", lines[i]);
    if (untold)
        buf_printf(&out, "and %zu more\n", untold);
    return buf_take(&out);
}

int source_read(const char *dir, const char *binary, struct source_tree *out, struct error *err)
{
    *out = (struct source_tree){0};
    struct reading r = {.binary = binary, .tree = out};
    if (read_directory(&r, AT_FDCWD, dir, "", 0))
        return error_errno(err, "cannot read %s", dir);
    if (out->n_files)
        qsort(out->files, out->n_files, sizeof *out->files, by_path);
    if (out->n_left_out)
        out->left_out =
            sorted_lines(buf_str(&r.left_out),
                         out->n_left_out > SNAPSHOT_TOLD_MAX ? out->n_left_out - SNAPSHOT_TOLD_MAX : 0);
    buf_free(&r.left_out);
    return 0;
}

void source_free(struct source_tree *t)
{
    for (size_t i = 0; i < t->n_files; i++) {
        free(t->files[i].path);
        free(t->files[i].data);
    }
    free(t->files);
    free(t->left_out);
    *t = (struct source_tree){0};
}

int64_t snapshot_take(struct store *s, const char *slug, const char *dir, const char *binary, int64_t attempt,
                      char **left_out, struct error *err)
{
    struct source_tree t;
    bool is_new = false;
    if (left_out)
        *left_out = NULL;
    if (source_read(dir, binary, &t, err))
        return -1;
    struct snapshot snapshot = {.slug = slug,
                                .dir = dir,
                                .attempt = attempt,
                                .files = t.files,
                                .n_files = t.n_files,
                                .left_out = t.left_out};
    int64_t id = store_snapshot_add(s, &snapshot, &is_new, err);
    if (id > 0 && is_new && left_out && t.left_out)
        *left_out = xstrdup(t.left_out);
    source_free(&t);
    return id;
}

/* ---- Putting back ---- */

static int keep_file(void *context, const struct source_file *file, struct error *err)
{
    struct source_tree *t = context;
    (void)err;
    t->files = xreallocarray(t->files, t->n_files + 1, sizeof *t->files);
    char *data = xmalloc(file->size + 1);
    if (file->size)
        memcpy(data, file->data, file->size);
    data[file->size] = '\0';
    t->total += file->size;
    t->files[t->n_files++] = (struct source_file){
        .path = xstrdup(file->path), .executable = file->executable, .data = data, .size = file->size};
    return 0;
}

int snapshot_read(struct store *s, int64_t snapshot, struct source_tree *out, struct error *err)
{
    *out = (struct source_tree){0};
    if (store_snapshot_files(s, snapshot, keep_file, out, err) == 0)
        return 0;
    source_free(out);
    return -1;
}

static const struct source_file *find(const struct source_file *files, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(files[i].path, path) == 0)
            return &files[i];
    return NULL;
}

/* A path from a database need not be one that a snapshot would make. */
static bool is_safe(const char *path)
{
    if (*path == '/' || !*path)
        return false;
    for (const char *p = path; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (!strncmp(p, "..", 2) && (p[2] == '/' || !p[2]))
            return false;
    }
    return true;
}

static int look_at_place(const char *dir, const struct source_tree *now, const struct source_file *f,
                         struct error *err)
{
    struct stat st;
    autofree char *path = path_join(dir, f->path);
    if (!is_safe(f->path))
        return error_set(err, "the snapshot has a file of the name %s, which is outside of the workspace",
                         f->path);
    for (char *slash = strchr(path + strlen(dir) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0'; /* no symbolic link may lead out of the workspace */
        if (lstat(path, &st) == 0 && !S_ISDIR(st.st_mode) &&
            !find(now->files, now->n_files, path + strlen(dir) + 1))
            return error_set(err, "%s is in the way: move it elsewhere first", path);
        *slash = '/';
    }
    if (lstat(path, &st) == 0 && !find(now->files, now->n_files, f->path))
        return error_set(err, "%s is in the way, and no snapshot can keep it: move it elsewhere first", path);
    return 0;
}

static int write_file(const char *dir, const struct source_file *f, struct error *err)
{
    autofree char *path = path_join(dir, f->path);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    int failed = file_make_dirs(path, 0755, err);
    *slash = '/';
    return failed ? -1 : file_write_atomic(path, f->data, f->size, f->executable ? 0755 : 0644, err);
}

static int remove_file(const char *dir, const char *name, struct error *err)
{
    autofree char *path = path_join(dir, name);
    if (unlink(path) && errno != ENOENT)
        return error_errno(err, "cannot remove %s", path);
    /* Directories that are empty by now go too; the others stay by themselves. */
    for (char *slash = strrchr(path, '/'); slash > path + strlen(dir); slash = strrchr(path, '/')) {
        *slash = '\0';
        if (rmdir(path))
            break;
    }
    return 0;
}

int source_replace(const char *dir, const struct source_tree *now, const struct source_file *files, size_t n,
                   struct error *err)
{
    for (size_t i = 0; i < n; i++)
        if (look_at_place(dir, now, &files[i], err))
            return -1;
    for (size_t i = 0; i < n; i++) {
        const struct source_file *old = find(now->files, now->n_files, files[i].path);
        bool same = old && old->executable == files[i].executable && old->size == files[i].size &&
                    memcmp(old->data, files[i].data, old->size) == 0;
        if (!same && write_file(dir, &files[i], err))
            return -1;
    }
    for (size_t i = 0; i < now->n_files; i++)
        if (!find(files, n, now->files[i].path) && remove_file(dir, now->files[i].path, err))
            return -1;
    return 0;
}
