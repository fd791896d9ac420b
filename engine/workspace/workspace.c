/* Where the learner's directories are, and how a new one is made from a starter. */
#include "workspace/workspace.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STARTER_FILE_MAX = 1 << 20, STARTER_DEPTH_MAX = 8, LANGUAGES_MAX = 64, LANGUAGE_NAME_MAX = 32 };

char *workspace_home(void)
{
    const char *set = getenv("LUX_HOME");
    if (set && set[0] == '/')
        return xstrdup(set);
    if (set && set[0]) {
        char here[PATH_MAX];
        if (getcwd(here, sizeof here))
            return path_join(here, set);
    }
    autofree char *home = path_home();
    return path_join(home, "lux");
}

char *workspace_path(const struct challenge *ch)
{
    autofree char *home = workspace_home();
    autofree char *name = course_workspace_name(ch);
    return path_join(home, name);
}

char *workspace_find(const struct challenge *ch, const char *dir, struct error *err)
{
    autofree char *own = dir ? xstrdup(dir) : workspace_path(ch);
    char *path = realpath(own, NULL);

    if (!path && errno == ENOENT && !dir)
        error_set(err, "there is no workspace for %s yet (%s): `lux start %s` makes one", ch->slug, own,
                  ch->slug);
    else if (!path && errno == ENOENT)
        error_set(err, "there is no directory %s", own);
    else if (!path)
        error_errno(err, "cannot use the workspace %s", own);
    else if (!file_is_dir(path))
        error_set(err, "%s is not a directory: a workspace is the directory that holds the program's source",
                  own);
    else if (access(path, R_OK | X_OK))
        error_errno(err, "cannot read the workspace %s", own);
    else
        return path;
    free(path);
    return NULL;
}

/* ---- Starters ---- */

static char *starter_path(const char *data_dir, const struct challenge *ch, const char *language)
{
    return xasprintf("%s/assets/starters/%s/%s", data_dir, language, ch->slug);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names lie behind the array of pointers to them. */
char **workspace_starter_languages(const char *data_dir, const struct challenge *ch)
{
    struct listing {
        char *list[LANGUAGES_MAX + 1];
        char names[LANGUAGES_MAX][LANGUAGE_NAME_MAX];
    } *all = xcalloc(1, sizeof *all);
    size_t n = 0;
    autofree char *starters = path_join(data_dir, "assets/starters");
    DIR *dir = opendir(starters);
    const struct dirent *entry;

    while (dir && n < LANGUAGES_MAX && (entry = readdir(dir))) {
        autofree char *path = starter_path(data_dir, ch, entry->d_name);
        size_t length = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || length >= LANGUAGE_NAME_MAX || !file_is_dir(path))
            continue;
        all->list[n] = memcpy(all->names[n], entry->d_name, length + 1);
        n++;
    }
    if (dir)
        closedir(dir);
    qsort(all->list, n, sizeof(char *), by_name);
    return all->list; /* the first member: free(3) takes it for the whole */
}

/* Copies what is in `from` into `to`, two directories that exist. New files alone are made, never one
 * replaced. */
static int copy_tree(const char *from, const char *to, int depth, struct error *err);

static int copy_entry(const char *from, const char *to, int depth, struct error *err)
{
    struct stat st;
    struct buf text = {0};
    int fd;

    if (stat(from, &st))
        return error_errno(err, "cannot read %s", from);
    if (S_ISDIR(st.st_mode)) {
        if (mkdir(to, 0755))
            return error_errno(err, "cannot make the directory %s", to);
        return copy_tree(from, to, depth + 1, err);
    }
    int result = file_read(from, STARTER_FILE_MAX, &text, err);
    if (result == 0) {
        fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0111 ? 0755 : 0644);
        ssize_t written = fd < 0 ? -1 : write(fd, buf_str(&text), text.len);
        if (written >= 0 && (size_t)written < text.len)
            errno = ENOSPC; /* a regular file takes everything unless it is too large for the disk */
        bool failed = written < 0 || (size_t)written < text.len;
        if (fd >= 0 && close(fd))
            failed = true;
        if (failed)
            result = error_errno(err, "cannot write %s", to);
    }
    buf_free(&text);
    return result;
}

static int copy_tree(const char *from, const char *to, int depth, struct error *err)
{
    if (depth > STARTER_DEPTH_MAX)
        return error_set(err, "%s goes deeper than a starter may", from);
    DIR *dir = opendir(from);
    if (!dir)
        return error_errno(err, "cannot read %s", from);
    const struct dirent *entry;
    int result = 0;
    while (result == 0 && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        autofree char *source = path_join(from, entry->d_name);
        autofree char *target = path_join(to, entry->d_name);
        result = copy_entry(source, target, depth, err);
    }
    closedir(dir);
    return result;
}

/* Removes a tree that was made here a moment ago. */
static void remove_tree(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        autofree char *child = path_join(path, entry->d_name);
        if (unlink(child))
            remove_tree(child);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static bool is_empty_or_absent(const char *path)
{
    struct stat st;
    const struct dirent *entry;
    if (lstat(path, &st))
        return true;
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    bool empty = true;
    while (empty && (entry = readdir(dir)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(dir);
    return empty;
}

static int no_language(const char *data_dir, const struct challenge *ch, const char *language,
                       struct error *err)
{
    char **languages = workspace_starter_languages(data_dir, ch);
    struct buf list = {0};
    for (char **l = languages; *l; l++)
        buf_printf(&list, "%s%s", l == languages ? "" : l[1] ? ", " : " and ", *l);
    if (list.len)
        error_set(
            err,
            "there is no starter in %s for %s: there are %s. Any other language works too: write the program "
            "in an empty directory and name that with --dir",
            language, ch->slug, buf_str(&list));
    else
        error_set(err, "there is no starter for %s yet", ch->slug);
    buf_free(&list);
    free(languages);
    return -1;
}

/* The copy is made beside its place and moved there in one step: a workspace is there whole or not at all. */
static int make_workspace(const char *starter, const char *path, struct error *err)
{
    autofree char *home = workspace_home();
    if (file_make_dirs(home, 0755, err))
        return -1;
    autofree char *draft = xasprintf("%s.new-%d", path, (int)getpid());
    if (mkdir(draft, 0755))
        return error_errno(err, "cannot make the directory %s", path);
    if (copy_tree(starter, draft, 0, err)) {
        remove_tree(draft);
        return -1;
    }
    if (rename(draft, path)) { /* replaces an empty directory; fails for one that got files meanwhile */
        error_errno(err, "cannot make the directory %s", path);
        remove_tree(draft);
        return -1;
    }
    return 0;
}

enum workspace_start workspace_start(const char *data_dir, const struct challenge *ch, const char *language,
                                     char **path, struct error *err)
{
    *path = workspace_path(ch);
    autofree char *starter = starter_path(data_dir, ch, language);

    if (language[0] == '\0' || strchr(language, '/') || language[0] == '.' || !file_is_dir(starter)) {
        no_language(data_dir, ch, language, err);
        return WORKSPACE_NO_LANGUAGE;
    }
    if (!is_empty_or_absent(*path)) {
        error_set(err, "%s is there already, and nothing in it was touched", *path);
        return WORKSPACE_EXISTS;
    }
    return make_workspace(starter, *path, err) ? WORKSPACE_FAILED : WORKSPACE_STARTED;
}
