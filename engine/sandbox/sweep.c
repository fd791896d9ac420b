/* The end of all descendants where no kernel ends them for us. Orphans become children of this process
 * (PR_SET_CHILD_SUBREAPER), so that none can leave the tree; a process that is stopped cannot fork. Hence: stop
 * all that are found until nobody new is found, kill them, and look again until there is nobody.
 *
 * A program that forks without end may win that race, where nothing limits its number (for root nothing does).
 * But a signal to a process group reaches all its members at once, those too that are being forked: whole groups
 * are killed first, and what is left are the few that have made groups of their own.
 *
 * Lists are kept in static memory: a sweep may be what the lack of memory asks for. */
#include "sandbox/world.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FOUND_MAX = 65536, /* in one look; those beyond are found by a later one */
    LOOKS_MAX = 100,   /* until nobody new is found */
    SWEEP_MS = 30000   /* then whoever is left cannot be killed: it hangs in the kernel */
};

static pid_t found[FOUND_MAX];
static size_t n_found;

static void add_children(pid_t pid, const char *thread)
{
    char path[320], text[4096];
    ssize_t n, kept = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%s/children", (int)pid, thread);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (n = read(fd, text + kept, sizeof text - 1 - (size_t)kept)) > 0) {
        char *at = text, *blank;
        text[kept + n] = '\0';
        for (; (blank = strchr(at, ' ')) != NULL && n_found < FOUND_MAX; at = blank + 1)
            found[n_found++] = (pid_t)strtol(at, NULL, 10);
        kept = (ssize_t)strlen(at);
        memmove(text, at, (size_t)kept); /* a number that was cut */
    }
    if (fd >= 0)
        close(fd);
}

/* A process has the children of each of its threads. */
static void add_all_children(pid_t pid)
{
    char path[64];
    struct dirent *entry;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    while (threads && (entry = readdir(threads)) != NULL)
        if (entry->d_name[0] != '.')
            add_children(pid, entry->d_name);
    if (threads)
        closedir(threads);
}

/* Breadth first: `found` is the list and the queue. */
static void find_descendants(void)
{
    n_found = 0;
    add_all_children(getpid());
    for (size_t i = 0; i < n_found; i++)
        add_all_children(found[i]);
}

long count_descendants(void)
{
    find_descendants();
    return (long)n_found;
}

bool has_descendant_in_group(pid_t group)
{
    find_descendants();
    for (size_t i = 0; i < n_found; i++)
        if (getpgid(found[i]) == group)
            return true;
    return false;
}

static void reap_zombies(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

/* Of all that were found. Every program begins a session, so that no group has members beyond this tree, but for
 * that of this process itself and of its parent's. */
static void kill_groups(void)
{
    pid_t own = getpgrp(), last = 0;

    for (size_t i = 0; i < n_found; i++) {
        pid_t group = getpgid(found[i]);
        if (group > 1 && group != own && group != last)
            kill(-group, SIGKILL);
        last = group;
    }
}

/* Before anybody else, where that is allowed: whoever is to be ended may want every processor. */
static void hurry(void)
{
    setpriority(PRIO_PROCESS, 0, -20);
}

bool sweep(void)
{
    static const struct timespec moment = {.tv_nsec = 200000};
    uint64_t start = clock_now_ns();

    hurry();
    while (clock_ms_since(start) < SWEEP_MS) {
        size_t before = 0;
        find_descendants();
        kill_groups();
        for (int look = 0; look < LOOKS_MAX; look++) {
            find_descendants();
            for (size_t i = 0; i < n_found; i++)
                kill(found[i], SIGSTOP);
            if (n_found == before)
                break;
            before = n_found;
        }
        for (size_t i = 0; i < n_found; i++)
            kill(found[i], SIGKILL);
        reap_zombies();
        if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
            return true; /* without a child there is no descendant */
        nanosleep(&moment, NULL);
    }
    return false;
}
