/* Our solutions: below solutions/ of an installed course, tests/solutions/ of the source tree. */
#include "base/file.h"
#include "base/mem.h"
#include "course/internal.h"

#include <stdlib.h>
#include <string.h>

enum { SOLUTION_MAX = 1 << 20 };

static char *read_main_file(const char *dir, char **name)
{
    static const char *const files[] = {"main.c",      "main.go", "main.cpp",
                                        "src/main.rs", "main.py", "main.zig"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        autofree char *path = path_join(dir, files[i]);
        struct buf text = {0};
        if (file_exists(path) && file_read(path, SOLUTION_MAX, &text, NULL) == 0) {
            *name = xstrdup(files[i]);
            return buf_take(&text);
        }
        buf_free(&text);
    }
    return NULL;
}

char *course_solution(const struct course *c, const struct challenge *ch, const char *language, char **name,
                      struct error *err)
{
    static const char *const places[] = {"solutions", "tests/solutions"};
    const char *const languages[] = {language && *language ? language : "c", "c", "go"};
    for (size_t l = 0; l < ARRAY_LEN(languages); l++)
        for (size_t i = 0; i < ARRAY_LEN(places); i++) {
            autofree char *dir = xasprintf("%s/%s/%s/%s", c->data_dir, places[i], ch->slug, languages[l]);
            char *text = read_main_file(dir, name);
            if (text)
                return text;
        }
    error_set(err, "There is no solution of ours for %s here.", ch->title);
    return NULL;
}
