#include "harness/tree.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/failure.h"
#include "harness/files.h"
#include "harness/leftovers.h"
#include "harness/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOLE_SPACE_MAX = 64 << 10 }; /* bytes on the disk that a file which is all hole may take */

struct entry {
    const char *path; /* below the root */
    mode_t kind;      /* S_IFREG and so on */
    int mode;         /* permissions; -1: any */
    int64_t hole;     /* -1: none */
    Bytes content;
    const char *target; /* of a symbolic link; of a hard link another path below the root */
    bool is_hard_link;
};

struct tree {
    struct entry *entries;
    size_t n;
};

static Bytes decoded(const char *s)
{
    struct buf out = {0};

    escape_decode(&out, s);
    size_t size = out.len;
    return bytes(buf_take(&out), size);
}

static const char *shown(const char *path)
{
    struct buf out = {0};

    escape_bytes(&out, path, strlen(path));
    return buf_take(&out);
}

/* What follows the name decides what the entry is. */
static struct entry parse_entry(const char *line)
{
    size_t length = strcspn(line, " ");
    const char *rest = line[length] ? line + length + 1 : "";
    struct entry e = {.kind = S_IFREG, .mode = -1, .hole = -1};
    struct buf path = {0};

    escape_decode(&path, format("%.*s", (int)length, line));
    if (path.len > 1 && path.data[path.len - 1] == '/') {
        e.kind = S_IFDIR;
        path.data[--path.len] = '\0';
    }
    e.path = buf_take(&path);
    if (*rest == '=') {
        char *end;
        e.mode = (int)strtol(rest + 1, &end, 8);
        rest = *end == ' ' ? end + 1 : end;
    }
    if (strncmp(rest, "-> ", 3) == 0) {
        e.kind = S_IFLNK;
        e.target = (const char *)decoded(rest + 3).data;
    } else if (strncmp(rest, "& ", 2) == 0) {
        e.is_hard_link = true;
        e.target = (const char *)decoded(rest + 2).data;
    } else if (strcmp(rest, "|") == 0) {
        e.kind = S_IFIFO;
    } else if (*rest == '%') {
        e.hole = strtoll(rest + 1, NULL, 10);
    } else {
        e.content = decoded(rest);
    }
    return e;
}

static struct tree parse(const char *lines)
{
    struct tree t = {0};

    while (*lines) {
        size_t length = strcspn(lines, "\n");
        const char *line = format("%.*s", (int)length, lines);
        lines += length + (lines[length] == '\n');
        if (!*line)
            continue;
        t.entries = xreallocarray(t.entries, t.n + 1, sizeof *t.entries);
        t.entries[t.n++] = parse_entry(line);
    }
    return t;
}

/* ---- Making -------------------------------------------------------------------------------------------- */

static void must(int result, const char *path)
{
    if (result < 0)
        world_broken(errno, "Cannot make %s", shown(path));
}

static void make_file(const struct entry *e, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    must(fd, path);
    if (e->hole >= 0)
        must(ftruncate(fd, e->hole), path);
    for (size_t done = 0; done < e->content.size;) {
        ssize_t n = write(fd, e->content.data + done, e->content.size - done);
        must(n < 0 ? -1 : 0, path);
        done += (size_t)n;
    }
    close(fd);
}

static void make_entry(const char *root, const struct entry *e)
{
    const char *path = format("%s/%s", root, e->path);

    if (e->is_hard_link)
        must(link(format("%s/%s", root, e->target), path), path);
    else if (e->kind == S_IFDIR)
        must(mkdir(path, 0755), path);
    else if (e->kind == S_IFLNK)
        must(symlink(e->target, path), path);
    else if (e->kind == S_IFIFO)
        must(mkfifo(path, 0644), path);
    else
        make_file(e, path);
}

void make_tree(const char *root, const char *lines)
{
    struct tree t = parse(lines);

    if (mkdir(root, 0755) < 0 && errno != EEXIST)
        must(-1, root);
    leftovers_made(root);
    for (size_t i = 0; i < t.n; i++)
        make_entry(root, &t.entries[i]);
    for (size_t i = t.n; i-- > 0;) /* at last: nothing could be made in a directory that may not be written */
        if (t.entries[i].mode >= 0)
            must(chmod(format("%s/%s", root, t.entries[i].path), (mode_t)t.entries[i].mode),
                 t.entries[i].path);
    step("makes %zu files and directories in %s", t.n, shown(root));
}

/* ---- Looking ------------------------------------------------------------------------------------------- */

struct names {
    const char **all;
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All paths below the root, sorted byte by byte; what cannot be opened is left out with all that is in it. */
static void walk(struct names *out, const char *root, const char *below)
{
    DIR *dir = opendir(*below ? format("%s/%s", root, below) : root);
    struct dirent *d;
    struct stat st;

    while (dir && (d = readdir(dir)) != NULL) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        const char *path = *below ? format("%s/%s", below, d->d_name) : format("%s", d->d_name);
        out->all = xreallocarray(out->all, out->n + 1, sizeof *out->all);
        out->all[out->n++] = path;
        if (lstat(format("%s/%s", root, path), &st) == 0 && S_ISDIR(st.st_mode))
            walk(out, root, path);
    }
    if (dir)
        closedir(dir);
}

static struct names names_below(const char *root)
{
    struct names n = {0};

    walk(&n, root, "");
    if (n.n > 0)
        qsort(n.all, n.n, sizeof *n.all, by_name);
    return n;
}

static const char *kind_words(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "a file";
    case S_IFDIR:
        return "a directory";
    case S_IFLNK:
        return "a symbolic link";
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    default:
        return "a device";
    }
}

static const char *target_of(const char *path)
{
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);

    return format("%.*s", (int)(n < 0 ? 0 : n), target);
}

/* What is not as expected of a file's content, or NULL. */
static const char *wrong_content(const char *path, const struct stat *st, const struct entry *e)
{
    Bytes expected = e->content, found;

    if (e->hole >= 0) {
        if (st->st_size != e->hole)
            return format("it has %s instead of %s", count_bytes((uint64_t)st->st_size),
                          count_bytes((uint64_t)e->hole));
        if (st->st_blocks * 512 > HOLE_SPACE_MAX)
            return format("it takes %s on the disk, although it is all hole",
                          count_bytes((uint64_t)st->st_blocks * 512));
        return NULL;
    }
    found = read_file(path);
    if (compare_bytes(expected, found) < 0)
        return NULL;
    return format("it holds %s instead of %s", found.size ? quote_sized(found) : "nothing",
                  expected.size ? quote_sized(expected) : "nothing");
}

static const char *wrong_entry(const char *root, const struct entry *e)
{
    const char *path = format("%s/%s", root, e->path);
    struct stat st, other;

    if (lstat(path, &st) < 0)
        return "it is missing";
    if (e->is_hard_link) {
        bool same = lstat(format("%s/%s", root, e->target), &other) == 0 && other.st_ino == st.st_ino;
        return same ? NULL : format("it is no hard link to %s", shown(e->target));
    }
    if ((st.st_mode & S_IFMT) != e->kind)
        return format("it is %s instead of %s", kind_words(st.st_mode), kind_words(e->kind));
    if (e->mode >= 0 && (int)(st.st_mode & 07777) != e->mode)
        return format("its permissions are %04o instead of %04o", (unsigned)st.st_mode & 07777,
                      (unsigned)e->mode);
    if (e->kind == S_IFLNK && strcmp(target_of(path), e->target) != 0)
        return format("it points to %s instead of %s", shown(target_of(path)), shown(e->target));
    return e->kind == S_IFREG ? wrong_content(path, &st, e) : NULL;
}

static bool is_expected(const struct tree *t, const char *path)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->entries[i].path, path) == 0)
            return true;
    return false;
}

/* The first thing that is not as expected, as a sentence; NULL: nothing. */
static const char *difference(const char *root, const struct tree *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const char *wrong = wrong_entry(root, &t->entries[i]);
        if (wrong)
            return format("%s/%s: %s", shown(root), shown(t->entries[i].path), wrong);
    }
    struct names found = names_below(root);
    for (size_t i = 0; i < found.n; i++)
        if (!is_expected(t, found.all[i]))
            return format("%s/%s is there and should not be", shown(root), shown(found.all[i]));
    return NULL;
}

void expect_tree_(const char *root, const char *lines, const struct wait_options *o)
{
    struct tree t = parse(lines);
    struct wait w =
        wait_start_polling(o, format("%zu files and directories", t.n), format("in %s", shown(root)));
    const char *wrong;

    while ((wrong = difference(root, &t)) != NULL)
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expectation =
                                       format("in %s there are the %zu files and directories that are due, "
                                              "and nothing else",
                                              shown(root), t.n),
                                   .observation = wrong,
                                   .wait = &w});
    step("in %s there is what is due, %zu files and directories", shown(root), t.n);
}

/* ---- Comparing ----------------------------------------------------------------------------------------- */

static uint64_t time_of(const struct stat *st)
{
    return (uint64_t)st->st_mtim.tv_sec * 1000000000 + (uint64_t)st->st_mtim.tv_nsec;
}

static const char *time_words(const struct stat *st)
{
    return format("%lld.%09ld", (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
}

/* The first of the names that is a link to the file; NULL: none is. */
static const char *first_link(const char *root, const struct names *n, const struct stat *file)
{
    struct stat st;

    for (size_t i = 0; i < n->n; i++)
        if (lstat(format("%s/%s", root, n->all[i]), &st) == 0 && st.st_ino == file->st_ino &&
            st.st_dev == file->st_dev)
            return n->all[i];
    return NULL;
}

static const char *wrong_copy(const char *a, const char *b, enum same_tree what)
{
    struct stat one, other;

    if (lstat(a, &one) < 0 || lstat(b, &other) < 0)
        return "it is missing";
    if ((one.st_mode & S_IFMT) != (other.st_mode & S_IFMT))
        return format("it is %s instead of %s", kind_words(other.st_mode), kind_words(one.st_mode));
    if (!S_ISLNK(one.st_mode) && (one.st_mode & 07777) != (other.st_mode & 07777))
        return format("its permissions are %04o instead of %04o", (unsigned)other.st_mode & 07777,
                      (unsigned)one.st_mode & 07777);
    if (S_ISLNK(one.st_mode) && strcmp(target_of(a), target_of(b)) != 0)
        return format("it points to %s instead of %s", shown(target_of(b)), shown(target_of(a)));
    if (what == SAME_TIMES && time_of(&one) != time_of(&other))
        return format("it was modified at %s instead of %s", time_words(&other), time_words(&one));
    if (!S_ISREG(one.st_mode))
        return NULL;
    if (one.st_size != other.st_size)
        return format("it has %s instead of %s", count_bytes((uint64_t)other.st_size),
                      count_bytes((uint64_t)one.st_size));
    if (one.st_blocks == 0) /* all hole, perhaps of many gigabytes */
        return other.st_blocks * 512 > HOLE_SPACE_MAX ? "it takes space on the disk, although it is all hole"
                                                      : NULL;
    int64_t at = compare_bytes(read_file(a), read_file(b));
    return at < 0 ? NULL : format("it differs from byte %lld on", (long long)at);
}

void expect_same_tree(const char *first, const char *second, enum same_tree what)
{
    struct names one = names_below(first), other = names_below(second);
    const char *wrong = NULL, *name = NULL;
    struct stat a, b;

    for (size_t i = 0; i < one.n && !wrong; i++) {
        const char *here = format("%s/%s", first, one.all[i]), *there = format("%s/%s", second, one.all[i]);
        name = one.all[i];
        wrong = wrong_copy(here, there, what);
        if (wrong || lstat(here, &a) < 0 || lstat(there, &b) < 0 || S_ISDIR(a.st_mode))
            continue;
        const char *link = first_link(first, &one, &a), *copied = first_link(second, &other, &b);
        if (a.st_nlink > 1 && link && copied && strcmp(link, copied) != 0)
            wrong = format("it is no hard link to %s", shown(link));
    }
    for (size_t i = 0; i < other.n && !wrong; i++) {
        name = other.all[i];
        if (lstat(format("%s/%s", first, name), &a) < 0)
            wrong = "it is there and should not be";
    }
    if (wrong)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("%s is a copy of %s", shown(second), shown(first)),
                               .observation = format("%s/%s: %s", shown(second), shown(name), wrong)});
    step("%s is a copy of %s: %zu files and directories", shown(second), shown(first), one.n);
}
