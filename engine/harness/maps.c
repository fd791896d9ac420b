#include "harness/maps.h"

#include <string.h>

/* A line is "7f00-7f01 rw-s 00000000 00:18 4711      /dev/shm/q (deleted)": five fields, then the path to the end. */
static const char *after_fields(const char *at, const char *end, int fields, const char **permissions)
{
    for (int i = 0; i < fields; i++) {
        if (i == 1)
            *permissions = at;
        at = memchr(at, ' ', (size_t)(end - at));
        while (at && at < end && *at == ' ')
            at++;
        if (!at || at == end)
            return NULL;
    }
    return at;
}

static bool is_path(const char *at, const char *end, const char *path)
{
    static const char deleted[] = " (deleted)";
    size_t len = strlen(path), left = (size_t)(end - at);

    if (left < len || memcmp(at, path, len) != 0)
        return false;
    return left == len ||
           (left - len == sizeof deleted - 1 && memcmp(at + len, deleted, sizeof deleted - 1) == 0);
}

enum mapping maps_find(Bytes maps, const char *path)
{
    const char *at = (const char *)maps.data, *end = at + maps.size;
    enum mapping best = MAPPED_NOT;

    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *permissions = NULL;
        if (!line_end)
            line_end = end;
        const char *name = after_fields(at, line_end, 5, &permissions);
        if (name && permissions[4] == ' ' && is_path(name, line_end, path)) {
            enum mapping m = permissions[3] != 's'   ? MAPPED_PRIVATE
                             : permissions[1] != 'w' ? MAPPED_READ_ONLY
                                                     : MAPPED_SHARED;
            best = m > best ? m : best;
        }
        at = line_end < end ? line_end + 1 : end;
    }
    return best;
}
