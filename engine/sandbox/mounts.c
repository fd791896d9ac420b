#include "sandbox/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int mounts_copy(const char *path)
{
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | (*path ? 0 : AT_EMPTY_PATH);
    return (int)syscall(SYS_open_tree, AT_FDCWD, path, flags);
}

int mounts_attach(int tree, const char *path)
{
    long result = syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
    return result < 0 ? -1 : close(tree);
}

int mounts_set(const char *path, uint64_t set, uint64_t clear, bool below)
{
    struct mount_attr attributes = {.attr_set = set, .attr_clr = clear};
    return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, below ? AT_RECURSIVE : 0, &attributes,
                        sizeof attributes);
}

int mounts_make_dirs(const char *path)
{
    char prefix[PATH_MAX];
    if (snprintf(prefix, sizeof prefix, "%s/", path) >= (int)sizeof prefix) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (char *slash = strchr(prefix + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        struct stat st;
        *slash = '\0';
        /* mkdir says EROFS or EACCES of what exists, depending on the file system: look first. */
        if (stat(prefix, &st) < 0 && mkdir(prefix, 0755) < 0)
            return -1;
        *slash = '/';
    }
    return 0;
}
