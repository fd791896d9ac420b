/* tail: prints the end of a file and follows its name.
 *
 * The file is read by pread(2) at an offset of our own, so that all that following has to know is which file
 * it is and how far it is printed. inotify tells when it is worth a look; what is true, the look itself finds
 * out. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BLOCK = 64 * 1024,
    LOOK_MS =
        1000 /* look at least this often: not everything has an event, a link in another directory for one */
};

static const char *path;

static void usage(void)
{
    fprintf(stderr, "tail: usage: ./tail [-f] [-n lines] <file>\n");
    exit(2);
}

static void fail(const char *what)
{
    fprintf(stderr, "tail: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void print(const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(STDOUT_FILENO, data, size);
        if (n < 0 && errno != EINTR)
            fail("cannot write");
        data += n < 0 ? 0 : n;
        size -= n < 0 ? 0 : (size_t)n;
    }
}

/* ---- The end of a file that can be read from anywhere ---- */

/* Reads a whole block, or what there is of it. */
static size_t read_at(int fd, char *block, size_t size, off_t at)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = pread(fd, block + done, size - done, at + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail(path);
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return done;
}

/* Where the last lines begin: goes backwards, block by block, until enough line feeds were seen. The one that
 * ends the last line ends no line before it. */
static off_t find_last_lines(int fd, off_t size, uint64_t wanted)
{
    static char block[BLOCK];

    if (wanted == 0)
        return size;
    uint64_t feeds = 0;
    off_t end = size;
    while (end > 0) {
        off_t from = (end - 1) / BLOCK * BLOCK;
        size_t n = read_at(fd, block, (size_t)(end - from), from);
        for (size_t i = n; i-- > 0;) {
            bool is_last_byte = from + (off_t)i == size - 1;
            if (block[i] == '\n' && !is_last_byte && ++feeds == wanted)
                return from + (off_t)i + 1;
        }
        end = from;
    }
    return 0;
}

/* Prints what there is from this offset on; returns the offset behind it. */
static off_t print_from(int fd, off_t at)
{
    static char block[BLOCK];
    size_t n;

    while ((n = read_at(fd, block, sizeof block, at)) > 0) {
        print(block, n);
        at += (off_t)n;
    }
    return at;
}

/* ---- The end of a stream ---- */

/* The bytes that may still turn out to be the last lines. */
struct kept {
    char *data;
    size_t start, end, room;
    uint64_t feeds;
};

static void keep(struct kept *k, const char *data, size_t size)
{
    if (k->end + size > k->room && k->start > 0) {
        memmove(k->data, k->data + k->start, k->end - k->start);
        k->end -= k->start;
        k->start = 0;
    }
    if (k->end + size > k->room) {
        k->room = 2 * (k->end + size);
        k->data = realloc(k->data, k->room);
        if (k->data == NULL)
            fail(path);
    }
    memcpy(k->data + k->end, data, size);
    k->end += size;
    for (size_t i = 0; i < size; i++)
        k->feeds += data[i] == '\n';
}

static void drop_first_line(struct kept *k)
{
    char *feed = memchr(k->data + k->start, '\n', k->end - k->start);
    k->start = (size_t)(feed + 1 - k->data);
    k->feeds--;
}

static void print_last_lines_of_stream(int fd, uint64_t wanted)
{
    static char block[BLOCK];
    struct kept k = {0};
    ssize_t n;

    while ((n = read(fd, block, sizeof block)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail(path);
        keep(&k, block, (size_t)n);
        while (k.feeds > wanted)
            drop_first_line(&k);
    }
    bool unfinished = k.end > k.start && k.data[k.end - 1] != '\n';
    if (unfinished && k.feeds == wanted) {
        if (wanted == 0)
            k.start = k.end;
        else
            drop_first_line(&k);
    }
    print(k.data + k.start, k.end - k.start);
    free(k.data);
}

/* ---- Following ---- */

struct followed {
    int fd;
    off_t printed;
    int events, file_watch; /* inotify */
};

static void watch_file(struct followed *f)
{
    char name[64]; /* the file that is open, whatever has its name by now */
    snprintf(name, sizeof name, "/proc/self/fd/%d", f->fd);
    f->file_watch = inotify_add_watch(f->events, name, IN_MODIFY | IN_ATTRIB);
}

static void watch_name(struct followed *f)
{
    char *copy = strdup(path);
    if (copy != NULL)
        inotify_add_watch(f->events, dirname(copy), IN_CREATE | IN_MOVED_TO);
    free(copy);
}

static void print_new(struct followed *f)
{
    struct stat st;
    if (fstat(f->fd, &st) == 0 && st.st_size < f->printed) {
        fprintf(stderr, "tail: %s: it was cut, and is printed from its start\n", path);
        f->printed = 0;
    }
    f->printed = print_from(f->fd, f->printed);
}

/* The name stands for another file now. It is opened before the old one is finished: what the old one gets
 * after this is too late. */
static bool switch_file(struct followed *f)
{
    struct stat ours, current;
    if (fstat(f->fd, &ours) < 0 || stat(path, &current) < 0 || !S_ISREG(current.st_mode))
        return false;
    if (ours.st_ino == current.st_ino && ours.st_dev == current.st_dev)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    print_new(f);
    inotify_rm_watch(f->events, f->file_watch);
    close(f->fd);
    f->fd = fd;
    f->printed = 0;
    watch_file(f);
    return true;
}

static void forget_events(int fd)
{
    char events[16 * 1024];
    while (read(fd, events, sizeof events) > 0)
        ;
}

static void follow(int fd, off_t printed)
{
    struct followed f = {.fd = fd, .printed = printed, .events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    watch_file(&f);
    watch_name(&f);

    for (;;) {
        do
            print_new(&f);
        while (switch_file(&f));

        struct pollfd fds[] = {{.fd = f.events, .events = POLLIN}, {.fd = STDOUT_FILENO}};
        if (poll(fds, 2, LOOK_MS) < 0 && errno != EINTR)
            fail("poll");
        if (fds[1].revents & (POLLERR | POLLHUP))
            exit(1); /* nobody reads any more, and to say so is pointless */
        forget_events(f.events);
    }
}

/* ---- The command line ---- */

static uint64_t parse_lines(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        usage();
    errno = 0;
    unsigned long long n = strtoull(text, NULL, 10);
    if (errno != 0 || n > INT64_MAX)
        usage();
    return n;
}

int main(int argc, char **argv)
{
    bool follows = false;
    uint64_t lines = 10;

    opterr = 0;
    for (int option; (option = getopt(argc, argv, "+fn:")) != -1;) {
        if (option == 'f')
            follows = true;
        else if (option == 'n')
            lines = parse_lines(optarg);
        else
            usage();
    }
    if (optind != argc - 1)
        usage();
    path = argv[optind];

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        fail(path);
    if (!S_ISREG(st.st_mode) || st.st_size == 0) { /* the files in /proc say that they are empty */
        print_last_lines_of_stream(fd, lines);
        st.st_size = lseek(fd, 0, SEEK_CUR);
    } else {
        st.st_size = print_from(fd, find_last_lines(fd, st.st_size, lines));
    }
    if (follows && S_ISREG(st.st_mode))
        follow(fd, st.st_size);
    return 0;
}
