#include "base/file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read(const char *path, size_t max, struct buf *out, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_errno(err, "cannot open %s", path);
    size_t start = out->len;
    ssize_t n;
    do {
        char chunk[65536];
        n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) {
            n = 1;
            continue;
        }
        if (n > 0 && (out->len - start + (size_t)n > max || !buf_add(out, chunk, (size_t)n))) {
            close(fd);
            return error_set(err, "%s is larger than %zu bytes", path, max);
        }
    } while (n > 0);
    if (n < 0)
        error_errno(err, "cannot read %s", path);
    close(fd);
    return n < 0 ? -1 : 0;
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, p, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return -1;
        p += w;
        n -= (size_t)w;
    }
    return 0;
}

int file_write_atomic(const char *path, const void *data, size_t n, mode_t mode, struct error *err)
{
    autofree char *temporary = xasprintf("%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "cannot write %s", path);
    if (write_all(fd, data, n) || fchmod(fd, mode) || fsync(fd)) {
        error_errno(err, "cannot write %s", path);
        close(fd);
        unlink(temporary);
        return -1;
    }
    if (close(fd) || rename(temporary, path)) {
        error_errno(err, "cannot write %s", path);
        unlink(temporary);
        return -1;
    }
    return 0;
}

int file_make_dirs(const char *path, mode_t mode, struct error *err)
{
    autofree char *p = xstrdup(path);

    for (char *slash = p + 1; *p; slash++) {
        if (*slash != '/' && *slash != '\0')
            continue;
        char kept = *slash;
        *slash = '\0';
        if (mkdir(p, mode) && errno != EEXIST)
            return error_errno(err, "cannot make the directory %s", p);
        *slash = kept;
        if (!kept)
            break;
    }
    if (!file_is_dir(path))
        return error_set(err, "%s is in the way: it is not a directory", path);
    return 0;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *path_join(const char *dir, const char *name)
{
    size_t n = strlen(dir);
    return xasprintf("%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name);
}

char *path_home(void)
{
    const char *home = getenv("HOME");
    if (home && home[0] == '/')
        return xstrdup(home);
    const struct passwd *user = getpwuid(getuid());
    return xstrdup(user && user->pw_dir && user->pw_dir[0] == '/' ? user->pw_dir : "/");
}

char *path_xdg(const char *variable, const char *fallback)
{
    const char *value = getenv(variable);
    if (value && value[0] == '/')
        return path_join(value, "lux");
    autofree char *home = path_home();
    autofree char *base = path_join(home, fallback);
    return path_join(base, "lux");
}
