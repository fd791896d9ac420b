/* shmqueue: a queue of messages in shared memory, used by as many processes as like to.
 *
 * Everything that the processes share is one struct in a POSIX shared memory object. A robust mutex guards it: when its
 * owner is killed, the next one gets it with EOWNERDEAD, and goes on at once, since the state is whole at every moment: the
 * text of a message is written before `put` says that it is there, and read before `taken` says that its place is free.
 * Each of the two changes by one store.
 *
 * Waiting is not left to a condition variable, which keeps count of its waiters and does not get over one that is killed.
 * A futex keeps count of nobody. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SIZE_MAX_ = 10000, TEXT_MAX_ = 256, NAME_MAX_ = 200, FAILED = 1, USAGE = 2 };

static const uint64_t MAGIC = 0x31756575716d6873; /* "shmqueu1" */

struct message {
    uint32_t length;
    char text[TEXT_MAX_];
};

struct queue {
    uint64_t magic; /* written last, when everything else is ready */
    uint32_t size;
    pthread_mutex_t lock;
    uint64_t put, taken;  /* messages, ever: what is between waits in the queue */
    uint32_t puts, takes; /* futexes: another value than before means that something has happened */
    struct message messages[];
};

static const char *shm_path;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "shmqueue: %s: %s\n", shm_path, what);
    exit(FAILED);
}

/* ---- Attaching ------------------------------------------------------------------------------------------ */

static void set_up(struct queue *q, uint32_t size)
{
    pthread_mutexattr_t how;

    pthread_mutexattr_init(&how);
    pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&q->lock, &how);
    q->size = size;
    __atomic_store_n(&q->magic, MAGIC, __ATOMIC_RELEASE);
}

/* The file lock keeps two that start at the same moment apart; the kernel takes it back from one that is killed. */
static struct queue *attach(uint32_t size)
{
    size_t length = sizeof(struct queue) + size * sizeof(struct message);
    int fd = shm_open(shm_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat st;

    if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0)
        give_up(strerror(errno));
    if (st.st_size == 0) {
        /* Unlike ftruncate, this fails at once when there is no memory left. */
        int error = posix_fallocate(fd, 0, (off_t)length);
        if (error)
            give_up(strerror(error));
        st.st_size = (off_t)length;
    }
    if ((size_t)st.st_size < sizeof(struct queue))
        give_up("is there, but is no queue");
    struct queue *q = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (q == MAP_FAILED)
        give_up(strerror(errno));
    if (q->magic == 0 && (size_t)st.st_size == length)
        set_up(q, size);
    if (q->magic != MAGIC)
        give_up("is there, but is no queue");
    if (q->size != size)
        give_up("is a queue of another size");
    flock(fd, LOCK_UN); /* close alone does not do it: the mapping holds on to the open file */
    close(fd);
    return q;
}

/* ---- The queue ------------------------------------------------------------------------------------------ */

/* Wakes all that wait: one alone could be about to die. */
static void announce(uint32_t *event)
{
    __atomic_fetch_add(event, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, event, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void lock(struct queue *q)
{
    int error = pthread_mutex_lock(&q->lock);

    if (error == 0)
        return;
    if (error != EOWNERDEAD)
        give_up(strerror(error));
    pthread_mutex_consistent(&q->lock);
    announce(&q->puts); /* its last owner may not have come to do it */
    announce(&q->takes);
}

static void unlock(struct queue *q)
{
    pthread_mutex_unlock(&q->lock);
}

/* Gives the lock back until something has happened, or for a second: who should have told us may have been killed. */
static void wait_for(struct queue *q, uint32_t *event)
{
    static const struct timespec second = {.tv_sec = 1};
    uint32_t seen = *event;

    unlock(q);
    syscall(SYS_futex, event, FUTEX_WAIT, seen, &second, NULL, 0);
    lock(q);
}

static void put(struct queue *q, const char *text, size_t length)
{
    lock(q);
    while (q->put - q->taken == q->size)
        wait_for(q, &q->takes);
    struct message *m = &q->messages[q->put % q->size];
    m->length = (uint32_t)length;
    memcpy(m->text, text, length);
    __atomic_store_n(&q->put, q->put + 1, __ATOMIC_RELEASE);
    announce(&q->puts);
    unlock(q);
}

static void get(struct queue *q, struct message *out)
{
    lock(q);
    while (q->put == q->taken)
        wait_for(q, &q->puts);
    *out = q->messages[q->taken % q->size];
    __atomic_store_n(&q->taken, q->taken + 1, __ATOMIC_RELEASE);
    announce(&q->takes);
    unlock(q);
}

static uint64_t count(struct queue *q)
{
    lock(q);
    uint64_t n = q->put - q->taken;
    unlock(q);
    return n;
}

/* ---- Commands ------------------------------------------------------------------------------------------- */

static bool is(const char *line, size_t length, const char *word)
{
    return length == strlen(word) && memcmp(line, word, length) == 0;
}

/* Carries out the command and prints its answer. Nobody else waits for our stdout: the lock is not ours here. */
static void obey(struct queue *q, const char *line, size_t length)
{
    if (length >= 4 && length <= 4 + TEXT_MAX_ && memcmp(line, "put ", 4) == 0) {
        put(q, line + 4, length - 4);
        printf("ok\n");
    } else if (is(line, length, "get")) {
        struct message m;
        get(q, &m);
        printf("got ");
        fwrite(m.text, 1, m.length, stdout);
        printf("\n");
    } else if (is(line, length, "count")) {
        printf("%llu\n", (unsigned long long)count(q));
    } else if (is(line, length, "remove")) {
        shm_unlink(shm_path);
        printf("ok\n");
    } else {
        printf("error\n");
    }
    if (fflush(stdout) != 0)
        give_up("stdout cannot be written");
}

static uint32_t number(const char *s)
{
    uint32_t n = 0;

    if (strspn(s, "0123456789") != strlen(s))
        return 0;
    for (; *s && n <= SIZE_MAX_; s++)
        n = 10 * n + (uint32_t)(*s - '0');
    return n <= SIZE_MAX_ ? n : 0;
}

int main(int argc, char **argv)
{
    uint32_t size = argc == 3 ? number(argv[2]) : 0;
    char path[NAME_MAX_ + 2];
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    if (size == 0 || !*argv[1] || *argv[1] == '.' || strchr(argv[1], '/') || strlen(argv[1]) > NAME_MAX_) {
        fprintf(stderr, "shmqueue: usage: ./shmqueue <name> <size>, a name without / and 1 to 10000 messages\n");
        return USAGE;
    }
    snprintf(path, sizeof path, "/%s", argv[1]);
    shm_path = path;

    struct queue *q = attach(size);
    while ((length = getline(&line, &room, stdin)) > 0 && line[length - 1] == '\n')
        obey(q, line, (size_t)length - 1);
    return 0;
}
