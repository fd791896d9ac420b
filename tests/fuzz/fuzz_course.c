/* Any bytes as course.yaml, as the front matter of a lesson, or as toolchains.yaml: the first byte says
 * which. */
#include "base/file.h"
#include "base/mem.h"
#include "course/course.h"
#include "workspace/toolchain.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char one_challenge[] =
    "stages:\n  - slug: s\n    title: S\n    challenges:\n      - {number: 1, slug: c, title: C, "
    "binary: b, usage: ./b, summary: S.}\n";

/* Not atomically and not to a disk: thousands of times a second. */
static void put(const char *dir, const char *name, const void *bytes, size_t n)
{
    autofree char *path = path_join(dir, name);
    FILE *f = fopen(path, "w");
    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f))
        abort();
}

static const char *directory(void)
{
    static char dir[] = "/dev/shm/lux-fuzz-XXXXXX";
    static bool is_made;
    struct error err;
    if (!is_made) {
        if (!mkdtemp(dir))
            abort();
        autofree char *content = path_join(dir, "content/s");
        autofree char *assets = path_join(dir, "assets");
        if (file_make_dirs(content, 0755, &err) || file_make_dirs(assets, 0755, &err))
            abort();
        setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
        is_made = true;
    }
    return dir;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"content/course.yaml", "content/s/c.md", "assets/toolchains.yaml"};
    const char *dir = directory();
    struct error err = {""};
    if (size == 0)
        return 0;
    size_t which = data[0] % ARRAY_LEN(names);

    put(dir, "content/course.yaml", one_challenge, sizeof one_challenge - 1);
    put(dir, "content/s/c.md", "", 0);
    put(dir, names[which], data + 1, size - 1);
    if (which == 2) {
        struct toolchains *t = toolchains_load(dir, &err);
        if (!t && err.text[0] == '\0')
            abort();
        if (t && !toolchains_recognise(t, dir, &err) && err.text[0] == '\0')
            abort();
        toolchains_free(t);
        return 0;
    }
    if (which == 0) {
        autofree char *lesson = path_join(dir, "content/s/c.md");
        remove(lesson);
    }
    struct course *c = course_load(dir, &err);
    if (!c && err.text[0] == '\0')
        abort();
    course_free(c);
    return 0;
}
