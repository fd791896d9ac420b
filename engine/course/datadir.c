/* Where content/ and assets/ are. */
#include "course/course.h"

#include "base/file.h"
#include "base/mem.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool holds_course(const char *dir)
{
    autofree char *course = path_join(dir, "content/course.yaml");
    return file_exists(course);
}

/* The directory itself or its share/lux, which may be a link. */
static char *data_at(const char *dir)
{
    autofree char *share = path_join(dir, "share/lux");
    if (holds_course(dir))
        return xstrdup(dir);
    return holds_course(share) ? realpath(share, NULL) : NULL;
}

/* Walks up from the program: that finds the source tree around a build (or the link share/lux that the build
 * makes), and <prefix>/share/lux beside <prefix>/bin. */
char *course_data_dir(struct error *err)
{
    const char *named = getenv("LUX_DATA_DIR");
    if (named && named[0]) {
        if (holds_course(named))
            return xstrdup(named);
        error_set(err, "LUX_DATA_DIR is %s, but there is no content/course.yaml in it", named);
        return NULL;
    }

    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n < 0) {
        error_errno(err, "cannot find out where this program is (/proc/self/exe); set LUX_DATA_DIR to the "
                         "directory that holds content/ and assets/");
        return NULL;
    }
    program[n] = '\0';
    autofree char *dir = xstrdup(program);
    for (char *slash = strrchr(dir, '/'); slash; slash = strrchr(dir, '/')) {
        *slash = '\0';
        char *found = data_at(dir[0] ? dir : "/");
        if (found)
            return found;
    }
    error_set(
        err,
        "the course is missing: no content/course.yaml in any directory above %s, nor in share/lux there; "
        "set LUX_DATA_DIR to the directory that holds content/ and assets/",
        program);
    return NULL;
}
