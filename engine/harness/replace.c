#include "harness/replace.h"

#include "base/mem.h"
#include "harness/level.h"
#include "harness/world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* A link may point into /run, which is empty here: /etc/resolv.conf often does. What it points to is made. */
static void make_target_of_link(const char *path)
{
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);

    if (n < 0 || access(path, F_OK) == 0)
        return;
    target[n] = '\0';
    const char *slash = strrchr(path, '/');
    const char *whole =
        *target == '/' ? format("%s", target) : format("%.*s/%s", (int)(slash - path), path, target);
    for (const char *s = strchr(whole + 1, '/'); s; s = strchr(s + 1, '/'))
        mkdir(format("%.*s", (int)(s - whole), whole), 0755);
    int fd = open(whole, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (fd >= 0)
        close(fd);
}

struct replaced {
    struct replaced *next;
    const char *path;
};

static struct replaced *all;

/* The file is ours already: it is written anew. Nothing can be mounted over a file that was unlinked. */
static bool is_ours(const char *path)
{
    for (struct replaced *r = all; r; r = r->next)
        if (strcmp(r->path, path) == 0)
            return true;
    struct replaced *r = xcalloc(1, sizeof *r);
    *r = (struct replaced){all, path};
    all = r;
    return false;
}

static void fill_taking(int fd, const char *path, Bytes content)
{
    if (fd < 0 || fchmod(fd, 0644) < 0 || write(fd, content.data, content.size) != (ssize_t)content.size)
        world_broken(errno, "%s could not be written", path);
    close(fd);
}

void replace_file(const char *path, Bytes content, const char *purpose)
{
    char ours[] = "/tmp/lux-file-XXXXXX";

    require_own_files(purpose);
    if (is_ours(path)) {
        fill_taking(open(path, O_WRONLY | O_TRUNC | O_CLOEXEC), path, content);
        return;
    }
    make_target_of_link(path);
    fill_taking(mkostemp(ours, O_CLOEXEC), ours, content);
    int rc = mount(ours, path, NULL, MS_BIND, NULL), error = errno;
    unlink(ours); /* the mount keeps the file */
    if (rc < 0)
        skip("This check needs files of its own %s, and %s cannot be replaced here: %s.", purpose, path,
             strerror(error));
}
