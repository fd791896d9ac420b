#include "harness/holders.h"

#include "base/buf.h"
#include "base/mem.h"
#include "harness/describe.h"
#include "harness/failure.h"
#include "harness/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMED_MAX = 6 }; /* holders that a sentence names */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether the descriptor was opened in this way; proc_pid_fdinfo(5). */
static bool is_opened(int pid, int fd, enum holding how)
{
    unsigned flags = O_RDWR;
    FILE *f = fopen(format("/proc/%d/fdinfo/%d", pid, fd), "re");

    if (f) {
        if (fscanf(f, "pos: %*d flags: %o", &flags) != 1)
            flags = O_RDWR;
        fclose(f);
    }
    unsigned access = flags & O_ACCMODE;
    return how == HELD || access == O_RDWR || access == (how == HELD_TO_READ ? O_RDONLY : O_WRONLY);
}

/* The first descriptor of the process that stands for the file; -1: none does. */
static int descriptor_for(int pid, const struct stat *file, enum holding how)
{
    autofree struct open_file *files = NULL;
    size_t n = process_files(pid, &files);
    struct stat st;

    for (size_t i = 0; i < n; i++)
        if (stat(format("/proc/%d/fd/%d", pid, files[i].fd), &st) == 0 && same_file(&st, file) &&
            is_opened(pid, files[i].fd, how))
            return files[i].fd;
    return -1;
}

static int holders_of(const struct stat *file, enum holding how, const char **who)
{
    autofree struct process_stat *all = NULL;
    size_t n = process_descendants((int)getpid(), &all);
    struct buf words = {0};
    int holders = 0;

    for (size_t i = 0; i < n; i++) {
        int fd = all[i].exiting ? -1 : descriptor_for(all[i].pid, file, how);
        if (fd < 0)
            continue;
        if (++holders <= NAMED_MAX)
            buf_printf(&words, "%s%s (pid %d, descriptor %d)", holders > 1 ? ", " : "",
                       process_command(all[i].pid), all[i].pid, fd);
    }
    if (holders > NAMED_MAX)
        buf_printf(&words, " and %d more", holders - NAMED_MAX);
    if (who)
        *who = holders ? buf_str(&words) : "nobody";
    return holders;
}

int holders_of_file(const char *path, enum holding how, const char **who)
{
    struct stat file;

    if (stat(path, &file) < 0) {
        if (who)
            *who = "nobody";
        return 0;
    }
    return holders_of(&file, how, who);
}

int holders_of_descriptor(Process *p, int fd, enum holding how, const char **who)
{
    struct stat file;

    if (stat(format("/proc/%d/fd/%d", pid_of_process(p), fd), &file) < 0)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("%s has descriptor %d open", process_words(p), fd),
                               .observation = "it is closed"});
    return holders_of(&file, how, who);
}

void expect_sole_holder_(Process *p, int fd, enum holding how, const struct wait_options *o)
{
    const char *end = how == HELD_TO_WRITE  ? "the writing end of"
                      : how == HELD_TO_READ ? "the reading end of"
                                            : "";
    const char *what =
        format("%s%sthe pipe that is descriptor %d of %s", end, *end ? " " : "", fd, process_words(p));
    struct wait w = wait_start_polling(o, "all others to close it", NULL);
    const char *who;
    int n;

    while ((n = holders_of_descriptor(p, fd, how, &who)) != 1)
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_LEAK,
                                   .expectation = format("%s is open in one process", what),
                                   .observation = format("it is open in %d: %s", n, who),
                                   .wait = &w});
    step("%s is open in one process: %s", what, who);
}

/* What it has open beside stdin, stdout and stderr; NULL: nothing. */
static const char *other_descriptors(int pid)
{
    autofree struct open_file *files = NULL;
    size_t n = process_files(pid, &files);
    struct buf words = {0};
    int named = 0;

    for (size_t i = 0; i < n; i++) {
        enum target target;
        Conn *conn;
        if (files[i].fd <= STDERR_FILENO || ++named > NAMED_MAX)
            continue;
        buf_printf(&words, "%s%d (%s)", named > 1 ? ", " : "", files[i].fd,
                   describe_file(pid, &files[i], &target, &conn));
    }
    if (named > NAMED_MAX)
        buf_printf(&words, " and %d more", named - NAMED_MAX);
    return named ? buf_str(&words) : NULL;
}

void expect_no_other_descriptors_(Process *p, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "everything else to be closed", format("in %s", process_words(p)));
    const char *others;

    while ((others = other_descriptors(pid_of_process(p))) != NULL)
        if (!wait_more(&w))
            fail(&(struct failing){
                .cause = CAUSE_LEAK,
                .expectation =
                    format("%s has nothing open but its stdin, stdout and stderr", process_words(p)),
                .observation = format("also open: %s", others),
                .wait = &w});
    step("%s has nothing open but its stdin, stdout and stderr", process_words(p));
}
