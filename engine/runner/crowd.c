/* Breadth first, with the list of the found as the queue. */
#include "runner/crowd.h"

#include "base/buf.h"
#include "base/file.h"

#include <stdbool.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "123 (name) Z ...": the name may hold anything, so the last parenthesis counts. */
static bool is_zombie(pid_t pid)
{
    enum { STAT_MAX = 4096 };
    struct buf text = {0};
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    const char *end = file_read(path, STAT_MAX, &text, NULL) == 0 ? strrchr(buf_str(&text), ')') : NULL;
    bool is = end && !strncmp(end, ") Z", 3);
    buf_free(&text);
    return is;
}

struct crowd crowd_below(pid_t pid)
{
    enum { CHILDREN_TEXT_MAX = 1 << 16 };
    pid_t found[CROWD_MAX + 1] = {pid};
    size_t n = 1, zombies = 0;
    for (size_t i = 0; i < n; i++) {
        char path[64];
        zombies += i > 0 && is_zombie(found[i]);
        snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)found[i], (int)found[i]);
        struct buf text = {0};
        char *end = NULL;
        if (file_read(path, CHILDREN_TEXT_MAX, &text, NULL) == 0)
            for (char *at = text.data; at && n <= CROWD_MAX; at = end) {
                long child = strtol(at, &end, 10);
                if (end == at)
                    break;
                found[n++] = (pid_t)child;
            }
        buf_free(&text);
    }
    return (struct crowd){.processes = n - 1, .zombies = zombies};
}
