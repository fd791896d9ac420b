/* Term, vote and log in one file of lines, to which lines are only ever added:
 *
 *     T term vote
 *     E index term command
 *
 * An entry takes the place of what was at its index and ends the log there. A last line without its line feed was being
 * written when the process died: nobody was told of it yet, and it is cut off. */
#include "lockd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void remember(struct store *s, uint64_t index, uint64_t term, const char *command)
{
    if (index >= s->capacity) {
        s->capacity = 2 * index + 64;
        s->log = realloc(s->log, s->capacity * sizeof *s->log);
        if (!s->log)
            give_up("memory");
    }
    s->log[index].term = term;
    snprintf(s->log[index].command, COMMAND_MAX, "%s", command);
    s->last = index;
}

static void take_line(struct store *s, char *line)
{
    uint64_t index, term;
    int vote, at = 0;

    if (sscanf(line, "T %" SCNu64 " %d", &term, &vote) == 2) {
        s->term = term;
        s->vote = vote;
    } else if (sscanf(line, "E %" SCNu64 " %" SCNu64 " %n", &index, &term, &at) == 2 && at > 0 && index >= 1 &&
               index <= s->last + 1) {
        remember(s, index, term, line + at);
    } else {
        errno = EINVAL;
        give_up("a line of the log");
    }
}

void store_open(struct store *s, const char *directory)
{
    char path[4096], line[COMMAND_MAX + 64];
    off_t whole = 0;

    *s = (struct store){0};
    remember(s, 0, 0, "");
    if (snprintf(path, sizeof path, "%s/log", directory) >= (int)sizeof path)
        errno = ENAMETOOLONG, give_up(directory);
    s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    FILE *f = s->fd < 0 ? NULL : fdopen(dup(s->fd), "r");
    if (!f)
        give_up(path);
    while (fgets(line, sizeof line, f)) {
        char *end = strchr(line, '\n');
        if (!end)
            break;
        *end = '\0';
        take_line(s, line);
        whole += end - line + 1;
    }
    fclose(f);
    if (ftruncate(s->fd, whole) < 0 || lseek(s->fd, whole, SEEK_SET) < 0)
        give_up(path);
    int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* the name of a new file has to last, too */
    if (dir < 0 || fsync(dir) < 0)
        give_up(directory);
    close(dir);
}

static void add_line(struct store *s, const char *line, int size)
{
    if (write(s->fd, line, (size_t)size) != size)
        give_up("the log");
    s->unsynced = true;
}

void store_set_term(struct store *s, uint64_t term, int vote)
{
    char line[64];
    s->term = term;
    s->vote = vote;
    add_line(s, line, snprintf(line, sizeof line, "T %" PRIu64 " %d\n", term, vote));
}

void store_put(struct store *s, uint64_t index, uint64_t term, const char *command)
{
    char line[COMMAND_MAX + 64];
    remember(s, index, term, command);
    add_line(s, line, snprintf(line, sizeof line, "E %" PRIu64 " %" PRIu64 " %s\n", index, term, command));
}

void store_sync(struct store *s)
{
    if (s->unsynced && fdatasync(s->fd) < 0)
        give_up("the log");
    s->unsynced = false;
}
