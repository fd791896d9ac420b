/* Headers of database files: see header.h.
 *
 * SQLite's locks are POSIX locks, and a process loses all that it has on a file as soon as it closes any
 * descriptor of that file. A second store that read the header and closed the file would so unlock the first:
 * the next lux that ends would take itself for the last user and delete the log under it, and from then on the
 * first would read what nobody writes to any more. So the stores of a process that have the same file open share
 * one descriptor for the header, and the last of them closes it. */
#include "db/header.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_SIZE = 100 }; /* of a SQLite file */

static struct store *open_stores; /* of this process */

/* Another store that has the same file open; NULL: none has. With `file`: one that has its descriptor. */
static struct store *sibling(const struct store *s, bool file)
{
    for (struct store *o = open_stores; o; o = o->next)
        if (o != s && o->inode == s->inode && o->device == s->device && o->inode != 0 &&
            (!file || o->file >= 0))
            return o;
    return NULL;
}

static void know_inode(struct store *s, const struct stat *st)
{
    s->device = st->st_dev;
    s->inode = st->st_ino;
}

/* The descriptor to read from: a sibling's, or an own one, which stays open. -1 with errno set: there is none. */
static int descriptor(struct store *s)
{
    struct stat st;
    if (stat(s->path, &st) != 0)
        return -1;
    know_inode(s, &st);
    const struct store *other = sibling(s, true);
    if (other)
        return other->file;
    s->file = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (s->file >= 0 && fstat(s->file, &st) == 0)
        know_inode(s, &st);
    return s->file;
}

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

int header_read(struct store *s, struct header *out, struct error *err)
{
    uint8_t bytes[HEADER_SIZE];
    struct stat st;

    *out = (struct header){0};
    s->file = -1;
    s->next = open_stores;
    open_stores = s;
    int fd = descriptor(s);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return error_errno(err, "%s cannot be read (make it readable for you, or set LUX_DB to another file)",
                           s->path);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        return error_set(err, "%s is not a file: set LUX_DB to the name of a file", s->path);
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    out->exists = true;
    out->is_empty = st.st_size == 0;
    if (out->is_empty)
        return 0;
    if (n != HEADER_SIZE || memcmp(bytes, "SQLite format 3", 16) != 0)
        return sql_error(s, SQLITE_NOTADB, err);
    out->version = big_endian(bytes + 60);
    out->application = big_endian(bytes + 68);
    return 0;
}

void header_opened(struct store *s)
{
    struct stat st;
    if (s->inode == 0 && stat(s->path, &st) == 0)
        know_inode(s, &st);
}

void header_release(struct store *s)
{
    for (struct store **at = &open_stores; *at; at = &(*at)->next)
        if (*at == s) {
            *at = s->next;
            break;
        }
    struct store *heir = sibling(s, false);
    if (heir && heir->file < 0)
        heir->file = s->file;
    else if (s->file >= 0)
        close(s->file);
}
