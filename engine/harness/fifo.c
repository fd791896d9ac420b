#include "harness/fifo.h"

#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/holders.h"
#include "harness/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *program_words(void)
{
    Program *p = program_last();

    return p ? p->name : "the program";
}

/* What is there instead of a FIFO; NULL: there is one. */
static const char *wrong_kind(const char *path)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? "there is no such file" : strerror(errno);
    return S_ISFIFO(st.st_mode) ? NULL : "what is there is no FIFO";
}

static _Noreturn void fail_with(const char *expectation, const char *observation, bool gone,
                                const struct wait *w)
{
    fail(&(struct failing){.cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
                           .program = program_last(),
                           .expectation = expectation,
                           .observation = gone && program_endings()
                                              ? format("%s: %s", observation, program_endings())
                                              : observation,
                           .wait = gone ? NULL : w});
}

void expect_fifo_(const char *path, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "a FIFO", format("at %s", path));
    const char *wrong;

    while ((wrong = wrong_kind(path)) != NULL) {
        bool gone = programs_all_gone();
        if (gone || !wait_more(&w))
            fail_with(format("%s makes the FIFO %s", program_words(), path), wrong, gone && wrong_kind(path),
                      &w);
    }
    step("there is a FIFO at %s", path);
}

Conn *fifo_open_to_write_(const char *path, const struct wait_options *o)
{
    static int opened;
    struct wait w = wait_start_polling(o, "a reader", format("of %s", path));
    int fd;

    while (wrong_kind(path) || (fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) {
        const char *wrong = wrong_kind(path);
        bool gone = programs_all_gone();
        if (!wrong && errno != ENXIO && errno != EINTR)
            wrong = format("it cannot be opened: %s", strerror(errno));
        if (gone || !wait_more(&w))
            fail_with(format("%s opens the FIFO %s for reading", program_words(), path),
                      wrong ? wrong : "nobody has opened it for reading", gone, &w);
    }
    Conn *c = conn_new_taking(fd, false, program_last());
    c->name = format("writer#%d", ++opened);
    step("%s opens %s for writing", c->name, path);
    return c;
}

Conn *fifo_open_to_read(const char *path)
{
    static int opened;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || wrong_kind(path))
        world_broken(fd < 0 ? errno : 0, "The checker cannot read the FIFO %s", path);
    Conn *c = conn_new_taking(fd, false, program_last());
    c->name = format("reader#%d", ++opened);
    step("%s opens %s for reading", c->name, path);
    return c;
}

bool fifo_has_reader(const char *path)
{
    return holders_of_file(path, HELD_TO_READ, NULL) > 0;
}

void expect_fifo_unused_(const char *path, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "everybody to let go", format("of %s", path));
    const char *who;

    while (holders_of_file(path, HELD, &who) > 0)
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_LEAK,
                                   .program = program_last(),
                                   .expectation = format("nobody has %s open any more", path),
                                   .observation = format("still open in %s", who),
                                   .wait = &w});
    step("nobody has %s open", path);
}
