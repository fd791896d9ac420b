/* The environment in which a toolchain runs: the learner's, made fit for programs whose output is read by
 * Lux. */
#include "base/file.h"
#include "base/mem.h"
#include "workspace/toolchain.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char **toolchain_environment(const struct toolchain *tc)
{
    autofree char *home = path_home();
    const struct {
        const char *name, *value; /* value NULL: taken away */
        bool force;
    } fixed[] = {
        {"LC_ALL", "C.UTF-8", true}, /* messages are recognised by their English words */
        {"TERM", "dumb", true},      /* and without colours */
        {"MAKEFLAGS", NULL, true},   /* of a make that started lux: this one is another */
        {"MAKELEVEL", NULL, true},
        {"HOME", home, false}, /* Go and Cargo keep their caches there */
        {"PATH", "/usr/local/bin:/usr/bin:/bin", false},
    };
    size_t n = 0, own = 0;
    while (environ[own])
        own++;
    char **list = xcalloc(own + ARRAY_LEN(fixed) + tc->n_environment + 1, sizeof(char *));

    for (size_t i = 0; i < own; i++) {
        bool replaced = false;
        for (size_t k = 0; k < ARRAY_LEN(fixed); k++) {
            size_t length = strlen(fixed[k].name);
            replaced |= fixed[k].force && strncmp(environ[i], fixed[k].name, length) == 0 &&
                        environ[i][length] == '=';
        }
        if (!replaced)
            list[n++] = xstrdup(environ[i]);
    }
    for (size_t k = 0; k < ARRAY_LEN(fixed); k++)
        if (fixed[k].value && (fixed[k].force || !getenv(fixed[k].name)))
            list[n++] = xasprintf("%s=%s", fixed[k].name, fixed[k].value);
    for (unsigned i = 0; i < tc->n_environment; i++)
        if (!getenv(tc->environment[i].name))
            list[n++] = xasprintf("%s=%s", tc->environment[i].name, tc->environment[i].value);
    return list;
}
