#include "harness/mqueue.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/failure.h"
#include "harness/leftovers.h"
#include "harness/level.h"
#include "harness/program.h"
#include "harness/report.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/stat.h>

struct message_queue {
    const char *name;
    mqd_t mqd;
};

static _Noreturn void skip_without_queues(int error)
{
    skip("This check needs POSIX message queues, and there are none here: %s. The kernel has them with "
         "CONFIG_POSIX_MQUEUE.",
         strerror(error));
}

static MessageQueue *queue_new(const char *name, mqd_t mqd)
{
    MessageQueue *q = xcalloc(1, sizeof *q);

    q->name = name;
    q->mqd = mqd;
    return q;
}

static struct mq_attr attributes_of(MessageQueue *q)
{
    struct mq_attr a;

    if (mq_getattr(q->mqd, &a) < 0)
        world_broken(errno, "The attributes of the queue %s cannot be read", q->name);
    return a;
}

/* Where the sandbox has no files of its own, the names are everybody's, and what programs leave there stays. */
enum { NAMES_MAX = 64 };
static const char *names[NAMES_MAX];
static size_t n_names;

static void remove_all(void)
{
    for (size_t i = 0; i < n_names; i++)
        mq_unlink(names[i]);
}

static bool is_there(const char *name)
{
    mqd_t mqd = mq_open(name, O_RDONLY | O_CLOEXEC);

    if (mqd != (mqd_t)-1)
        mq_close(mqd);
    return mqd != (mqd_t)-1 || errno == EACCES;
}

const char *mqueue_name(void)
{
    const char *name;

    do
        name = format("/q-%d", random_between(10000, 999999));
    while (is_there(name));
    if (!has_own_files()) {
        if (n_names == NAMES_MAX)
            world_broken(0, "more than %d names of message queues", NAMES_MAX);
        names[n_names++] = name;
        report_at_end(remove_all);
    }
    return name;
}

static void require_own_name(const char *name)
{
    for (size_t i = 0; i < n_names; i++)
        if (strcmp(names[i], name) == 0)
            return;
    require_own_files("so that the names of message queues are its own");
}

MessageQueue *mqueue_create_(const char *name, const struct mqueue_options *o)
{
    require_own_name(name);
    struct mq_attr a = {.mq_maxmsg = o->messages ? o->messages : 10, .mq_msgsize = o->size ? o->size : 8192};
    mqd_t mqd =
        mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC, o->mode ? o->mode : 0600, &a);

    if (mqd == (mqd_t)-1 && errno == ENOSYS)
        skip_without_queues(errno);
    if (mqd == (mqd_t)-1)
        world_broken(errno, "The queue %s could not be made", name);
    leftovers_made(format("/dev/mqueue%s", name));
    step("makes the message queue %s for %ld messages of up to %ld bytes", name, a.mq_maxmsg, a.mq_msgsize);
    return queue_new(name, mqd);
}

MessageQueue *mqueue_open_(const char *name, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "the message queue", name);
    Program *p = program_last();
    mqd_t mqd;

    require_own_name(name);
    /* Without leave to do both, what can be had will do for a look at it. */
    while ((mqd = mq_open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC)) == (mqd_t)-1) {
        int error = errno;
        bool gone = programs_all_gone();
        if (error == ENOSYS)
            skip_without_queues(error);
        if (error == ENOENT && (!gone ? wait_more(&w) : !w.last_look)) {
            w.last_look |= gone;
            continue;
        }
        fail(&(struct failing){
            .cause = gone || error != ENOENT ? CAUSE_WRONG : CAUSE_TIMEOUT,
            .program = p,
            .expectation = format("%s makes the message queue %s", p ? p->name : "the program", name),
            .observation = error == ENOENT ? "there is no queue of this name" : strerror(error),
            .wait = gone || error != ENOENT ? NULL : &w});
    }
    step("opens the message queue %s", name);
    return queue_new(name, mqd);
}

void mqueue_remove(const char *name)
{
    require_own_name(name);
    if (mq_unlink(name) < 0)
        world_broken(errno, "The queue %s could not be removed", name);
    step("removes the message queue %s", name);
}

void expect_no_mqueue_(const char *name, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "the message queue to be gone:", name);

    require_own_name(name);
    while (is_there(name))
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_LEAK,
                                   .program = program_last(),
                                   .expectation = format("there is no message queue %s", name),
                                   .observation = "it is still there",
                                   .wait = &w});
    step("there is no message queue %s", name);
}

void mqueue_send(MessageQueue *q, Bytes b, unsigned priority)
{
    if (mq_send(q->mqd, (const char *)b.data, b.size, priority) < 0)
        world_broken(errno, "The checker cannot send %zu bytes to the queue %s", b.size, q->name);
    step("the checker → %s  %s with priority %u", q->name, b.size ? quote_sized(b) : "an empty message",
         priority);
}

int mqueue_waiting(MessageQueue *q)
{
    return (int)attributes_of(q).mq_curmsgs;
}

int mqueue_room(MessageQueue *q)
{
    return (int)attributes_of(q).mq_maxmsg;
}

int mqueue_message_size(MessageQueue *q)
{
    return (int)attributes_of(q).mq_msgsize;
}

int mqueue_permissions(MessageQueue *q)
{
    struct stat st;

    if (fstat(q->mqd, &st) < 0)
        world_broken(errno, "The permissions of the queue %s cannot be read", q->name);
    return (int)(st.st_mode & 07777);
}

static const char *message_words(Bytes b, unsigned priority)
{
    return format("%s with priority %u", b.size ? quote_sized(b) : "an empty message", priority);
}

void expect_message_(MessageQueue *q, Bytes b, unsigned priority, const struct wait_options *o)
{
    const char *words = message_words(b, priority);
    struct wait w = wait_start_polling(o, words, format("in the queue %s", q->name));
    Program *p = program_last();
    const char *expectation = format("%s sends %s to %s", p ? p->name : "the program", words, q->name);
    size_t size = (size_t)attributes_of(q).mq_msgsize;
    char *data = xmalloc(size);
    unsigned came_priority = 0;
    ssize_t n;

    while ((n = mq_receive(q->mqd, data, size, &came_priority)) < 0) {
        bool gone = programs_all_gone();
        if (errno != EAGAIN && errno != EINTR)
            world_broken(errno, "The checker cannot receive from the queue %s", q->name);
        if (!gone ? wait_more(&w) : !w.last_look) {
            w.last_look |= gone;
            continue;
        }
        fail(&(struct failing){.cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
                               .program = p,
                               .expectation = expectation,
                               .observation = gone && program_endings()
                                                  ? format("the queue is empty: %s", program_endings())
                                                  : "the queue is empty",
                               .wait = gone ? NULL : &w});
    }
    Bytes came = bytes(data, (size_t)n);
    if (compare_bytes(b, came) >= 0 || came_priority != priority)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .program = p,
                               .expectation = expectation,
                               .observation = format("%s came", message_words(came, came_priority)),
                               .compares = compare_bytes(b, came) >= 0,
                               .expected = b,
                               .received = came});
    step("%s → the checker  %s", q->name, words);
}

void expect_mqueue_empty_(MessageQueue *q, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "everything to be taken", format("from the queue %s", q->name));

    while (mqueue_waiting(q) > 0)
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .program = program_last(),
                                   .expectation = format("somebody takes all messages from %s", q->name),
                                   .observation = format("%d still wait", mqueue_waiting(q)),
                                   .wait = &w});
    step("the queue %s is empty", q->name);
}
