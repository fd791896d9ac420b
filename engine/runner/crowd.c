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

/* Fills found with the process and its descendants, and returns how many they are. */
static size_t find_all(pid_t pid, pid_t found[CROWD_MAX + 1])
{
    enum { CHILDREN_TEXT_MAX = 1 << 16 };
    size_t n = 1;
    found[0] = pid;
    for (size_t i = 0; i < n; i++) {
        char path[64];
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
    return n;
}

size_t crowd_below(pid_t pid)
{
    pid_t found[CROWD_MAX + 1];
    return find_all(pid, found) - 1;
}

size_t crowd_zombies(pid_t pid)
{
    pid_t found[CROWD_MAX + 1];
    size_t n = find_all(pid, found), zombies = 0;
    for (size_t i = 1; i < n; i++)
        zombies += is_zombie(found[i]);
    return zombies;
}
