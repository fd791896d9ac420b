#include "harness/files.h"

#include "base/buf.h"
#include "base/escape.h"
#include "harness/compare.h"
#include "harness/failure.h"
#include "harness/leftovers.h"
#include "harness/mismatch.h"
#include "harness/world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20 }; /* more of a file is not read: no check expects that much */

static const char *shown(const char *path)
{
    struct buf out = {0};

    escape_bytes(&out, path, strlen(path));
    return buf_take(&out);
}

static void must(int result, const char *what, const char *path)
{
    if (result < 0)
        world_broken(errno, "%s %s", what, shown(path));
}

static void write_at(int fd, const char *path, Bytes b, bool at_once)
{
    for (size_t done = 0; done < b.size;) {
        ssize_t n = write(fd, b.data + done, b.size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || (at_once && (size_t)n != b.size))
            world_broken(n < 0 ? errno : ENOSPC, "Cannot write to %s", shown(path));
        done += (size_t)n;
    }
}

/* The programs have the checker's uid, so they may read and write what it makes. */
static int open_to_write(const char *path, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);

    must(fd, "Cannot open", path);
    leftovers_made(path);
    return fd;
}

/* ---- What the check does ------------------------------------------------------------------------------- */

void write_file(const char *path, Bytes b)
{
    int fd = open_to_write(path, O_TRUNC);

    write_at(fd, path, b, false);
    close(fd);
    step("writes %s to %s", quote_sized(b), shown(path));
}

void append_silently(const char *path, Bytes b)
{
    int fd = open_to_write(path, O_APPEND);

    write_at(fd, path, b, true);
    close(fd);
}

void append_file(const char *path, Bytes b)
{
    append_silently(path, b);
    step("appends %s to %s", quote_sized(b), shown(path));
}

void truncate_file(const char *path, int64_t size)
{
    must(truncate(path, size), "Cannot truncate", path);
    step("truncates %s to %s", shown(path), count_bytes((uint64_t)size));
}

void write_sparse_file(const char *path, int64_t hole, Bytes end)
{
    int fd = open_to_write(path, O_TRUNC);

    must(ftruncate(fd, hole), "Cannot make a hole in", path);
    must((int)(lseek(fd, 0, SEEK_END) < 0 ? -1 : 0), "Cannot go to the end of", path);
    write_at(fd, path, end, false);
    close(fd);
    step("writes %s to %s, after a hole of %s", quote_sized(end), shown(path), count_bytes((uint64_t)hole));
}

void rename_file(const char *from, const char *to)
{
    must(rename(from, to), "Cannot rename", from);
    leftovers_made(to);
    step("renames %s to %s", shown(from), shown(to));
}

void remove_file(const char *path)
{
    must(unlink(path), "Cannot remove", path);
    step("removes %s", shown(path));
}

void make_directory(const char *path)
{
    must(mkdir(path, 0755), "Cannot make the directory", path);
    leftovers_made(path);
    step("makes the directory %s", shown(path));
}

void make_fifo(const char *path)
{
    must(mkfifo(path, 0644), "Cannot make the FIFO", path);
    leftovers_made(path);
    step("makes the FIFO %s", shown(path));
}

void make_symlink(const char *target, const char *path)
{
    const char *temporary = format("%s.new", path);

    must(symlink(target, temporary), "Cannot make the symbolic link", path);
    must(rename(temporary, path), "Cannot replace", path);
    leftovers_made(path);
    step("lets the symbolic link %s point to %s", shown(path), shown(target));
}

void set_permissions(const char *path, int mode)
{
    must(chmod(path, (mode_t)mode), "Cannot set the permissions of", path);
    step("sets the permissions of %s to %04o", shown(path), (unsigned)mode);
}

void set_mtime(const char *path, int64_t seconds, int nanoseconds)
{
    struct timespec t = {.tv_sec = seconds, .tv_nsec = nanoseconds};

    must(utimensat(AT_FDCWD, path, (struct timespec[]){t, t}, AT_SYMLINK_NOFOLLOW), "Cannot set the time of",
         path);
    step("sets the modification time of %s to %lld.%09d", shown(path), (long long)seconds, nanoseconds);
}

/* ---- What the check sees ------------------------------------------------------------------------------- */

bool is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

/* Returns 0, or errno. Never blocks: a FIFO in the place of a file is not waited for. */
static int slurp(const char *path, Bytes *out)
{
    struct buf all = {0};
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    char piece[16 << 10];
    ssize_t n = 0;

    if (fd < 0)
        return errno;
    while (all.len < FILE_MAX && (n = read(fd, piece, sizeof piece)) > 0)
        buf_add(&all, piece, (size_t)n);
    int error = n < 0 ? errno : 0;
    close(fd);
    size_t size = all.len;
    *out = bytes(buf_take(&all), size);
    return error;
}

Bytes read_file(const char *path)
{
    Bytes all = {0};
    int error = slurp(path, &all);

    if (error)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("%s can be read", shown(path)),
                               .observation = strerror(error)});
    return all;
}

static struct stat look_at(const char *path)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("%s is there", shown(path)),
                               .observation = strerror(errno)});
    return st;
}

int64_t size_of_file(const char *path)
{
    return look_at(path).st_size;
}

int permissions_of(const char *path)
{
    return (int)(look_at(path).st_mode & 07777);
}

int64_t space_of_file(const char *path)
{
    return look_at(path).st_blocks * 512;
}

int64_t mtime_of(const char *path)
{
    struct stat st = look_at(path);

    return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

uint64_t inode_of(const char *path)
{
    return look_at(path).st_ino;
}

int links_to(const char *path)
{
    return (int)look_at(path).st_nlink;
}

const char *target_of_symlink(const char *path)
{
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);

    if (n < 0)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("%s is a symbolic link", shown(path)),
                               .observation = errno == EINVAL ? "it is none" : strerror(errno)});
    return format("%.*s", (int)n, target);
}

/* ---- What the check expects ---------------------------------------------------------------------------- */

/* What is not as expected, as a sentence; NULL: it holds exactly this. */
static const char *difference(const char *path, Bytes expected, Bytes *found)
{
    int error = slurp(path, found);

    if (error)
        return error == ENOENT ? "there is no such file" : format("it cannot be read: %s", strerror(error));
    if (found->size == expected.size &&
        (found->size == 0 || memcmp(found->data, expected.data, found->size) == 0))
        return NULL;
    if (found->size == 0)
        return "it is empty";
    if (expected.size <= QUOTE_MAX && found->size <= QUOTE_MAX)
        return format("it holds %s", quote(*found));
    if (compare_bytes(expected, *found) == (int64_t)expected.size)
        return format("%s more follow", count_bytes(found->size - expected.size));
    return mismatch_words(expected, *found, NULL);
}

void expect_file_(const char *path, Bytes b, const struct wait_options *o)
{
    const char *expectation = format("%s holds %s", shown(path), b.size ? quote_sized(b) : "nothing");
    struct wait w = wait_start_polling(o, b.size ? quote_sized(b) : "nothing", format("in %s", shown(path)));
    const char *wrong;
    Bytes found = {0};

    while ((wrong = difference(path, b, &found)) != NULL)
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expectation = expectation,
                                   .observation = wrong,
                                   .compares = found.data != NULL,
                                   .expected = b,
                                   .received = found,
                                   .wait = &w});
    step("%s", expectation);
}

void expect_file_now(const char *path, const char *s)
{
    const char *expectation = format("%s holds %s by now", shown(path), quote_sized(text(s)));
    Bytes found = {0};
    const char *wrong = difference(path, text(s), &found);

    if (wrong)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = expectation,
                               .observation = wrong,
                               .compares = found.data != NULL,
                               .expected = text(s),
                               .received = found});
    step("%s", expectation);
}

void expect_no_file_(const char *path, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, format("%s to be gone", shown(path)), NULL);

    while (is_there(path))
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expectation = format("there is no %s", shown(path)),
                                   .observation = "it is still there",
                                   .wait = &w});
    step("there is no %s", shown(path));
}
