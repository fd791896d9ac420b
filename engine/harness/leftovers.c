#include "harness/leftovers.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "harness/failure.h"
#include "harness/level.h"
#include "harness/program.h"
#include "harness/terminal.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

enum { NAMED_MAX = 10 }; /* leftovers that are named; the others are counted */

struct place {
    const char *path, *name;
    char **before;
    size_t n_before;
};

/* Those behind the first are the sandbox's own; on shared, everybody's, and not looked at. */
static struct place places[] = {
    {.path = ".", .name = "the working directory"},
    {.path = "/tmp", .name = "/tmp"},
    {.path = "/dev/shm", .name = "/dev/shm (shared memory)"},
    {.path = "/dev/mqueue", .name = "/dev/mqueue (message queues)"},
};

static size_t names_in(const char *path, char ***out)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    size_t n = 0;

    *out = NULL;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        *out = xreallocarray(*out, n + 1, sizeof **out);
        (*out)[n++] = xstrdup(entry->d_name);
    }
    if (dir)
        closedir(dir);
    return n;
}

static size_t n_places;

void leftovers_begin(void)
{
    n_places = has_own_files() ? ARRAY_LEN(places) : 1;
    for (size_t i = 0; i < n_places; i++)
        places[i].n_before = names_in(places[i].path, &places[i].before);
}

void leftovers_made(const char *path)
{
    for (size_t i = 0; i < n_places; i++) {
        struct place *p = &places[i];
        size_t len = strlen(p->path);
        bool below = strncmp(path, p->path, len) == 0 && path[len] == '/';
        if (i == 0 ? *path == '/' : !below)
            continue;
        const char *name = i == 0 ? path : path + len + 1;
        p->before = xreallocarray(p->before, p->n_before + 1, sizeof *p->before);
        p->before[p->n_before++] = xstrdup(format("%.*s", (int)strcspn(name, "/"), name));
    }
}

struct findings {
    struct buf words;
    size_t n;
};

static void find(struct findings *f, const char *words)
{
    if (++f->n <= NAMED_MAX)
        buf_printf(&f->words, "%s%s", f->n > 1 ? ", " : "", words);
}

static const char *findings_words(struct findings *f)
{
    if (f->n > NAMED_MAX)
        buf_printf(&f->words, " and %zu more", f->n - NAMED_MAX);
    return f->n ? buf_str(&f->words) : NULL;
}

static const char *new_names(const struct place *p)
{
    char **now;
    size_t n = names_in(p->path, &now);
    struct findings found = {0};

    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t k = 0; k < p->n_before && !known; k++)
            known = strcmp(now[i], p->before[k]) == 0;
        if (known)
            continue;
        struct buf name = {0};
        escape_bytes(&name, now[i], strlen(now[i]));
        find(&found, buf_str(&name));
    }
    return findings_words(&found);
}

/* Processes whose parent has ended, so that PID 1 has them now, and what they started. */
static const char *orphans(void)
{
    autofree struct process_stat *all = NULL;
    size_t n = process_descendants((int)getpid(), &all);
    struct findings found = {0};

    for (size_t i = 0; i < n; i++)
        if (!all[i].exiting && !program_of_pid(all[i].pid) && !terminal_is_shell(all[i].pid))
            find(&found, format("%s (pid %d)", process_command(all[i].pid), all[i].pid));
    return findings_words(&found);
}

static bool accepted;

void accept_leftovers(void)
{
    accepted = true;
}

void leftovers_note(void)
{
    const char *left = accepted ? NULL : orphans();

    if (left)
        note("still running although the program that started it has ended: %s", left);
    for (size_t i = 0; i < n_places && !accepted; i++)
        if ((left = new_names(&places[i])) != NULL)
            note("left behind in %s: %s", places[i].name, left);
}

void expect_nothing_left(void)
{
    const char *left;

    failure_settle();
    if ((left = orphans()) != NULL)
        fail(&(struct failing){.cause = CAUSE_LEAK,
                               .expectation = "no process stays behind",
                               .observation = format("still running: %s", left)});
    for (size_t i = 0; i < n_places; i++)
        if ((left = new_names(&places[i])) != NULL)
            fail(&(struct failing){.cause = CAUSE_LEAK,
                                   .expectation = format("nothing stays behind in %s", places[i].name),
                                   .observation = format("found there: %s", left)});
    step("nothing stays behind");
}
