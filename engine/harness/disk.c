#include "harness/disk.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/leftovers.h"
#include "harness/level.h"
#include "harness/world.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *ballast_in(const char *path)
{
    return format("%s/.ballast", path);
}

void mount_disk_(const char *path, const struct disk_options *o)
{
    int64_t size = o->size ? o->size : 1 << 20;
    const char *files = o->files ? format(",nr_inodes=%lld", (long long)o->files + 1) : ""; /* and its root */
    const char *options = format("size=%lld,mode=0777%s", (long long)size, files);

    require_own_files("to mount a small file system");
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        world_broken(errno, "The directory %s could not be made", path);
    leftovers_made(path);
    if (mount("disk", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
        skip("This check needs a file system of its own at %s, which cannot be mounted here: %s.", path,
             strerror(errno));
    step("mounts a file system of %s at %s", count_bytes((uint64_t)size), path);
}

int64_t free_on_disk(const char *path)
{
    struct statvfs st;

    if (statvfs(path, &st) < 0)
        world_broken(errno, "The file system at %s cannot be asked", path);
    return (int64_t)(st.f_bavail * st.f_frsize);
}

void fill_disk(const char *path, int64_t all_but)
{
    int fd = open(ballast_in(path), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    struct stat st;
    int64_t size = free_on_disk(path) - all_but;

    if (fd < 0 || fstat(fd, &st) < 0 || (size > 0 && posix_fallocate(fd, st.st_size, size) != 0))
        world_broken(errno, "The file system at %s could not be filled", path);
    close(fd);
    step("fills the file system at %s: %s are left", path, count_bytes((uint64_t)free_on_disk(path)));
}

void empty_disk(const char *path)
{
    if (unlink(ballast_in(path)) < 0)
        world_broken(errno, "The file system at %s could not be emptied", path);
    step("makes room in the file system at %s", path);
}

void make_disk_read_only(const char *path)
{
    if (mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
        world_broken(errno, "The file system at %s could not be made read-only", path);
    step("the file system at %s cannot be written any more", path);
}
