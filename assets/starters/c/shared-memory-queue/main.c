/* shmqueue: a queue of messages in shared memory, used by as many processes as like to.
 * The contract is in the lesson. Build and check:  lux check shared-memory-queue */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MESSAGES = 10000, LONGEST_NAME = 200 };

static int is_name(const char *s)
{
    return *s && *s != '.' && !strchr(s, '/') && strlen(s) <= LONGEST_NAME;
}

/* 0 if it is no number of messages. */
static long size_in(const char *s)
{
    long n = *s && strspn(s, "0123456789") == strlen(s) ? strtol(s, NULL, 10) : 0;

    return n <= MOST_MESSAGES ? n : 0;
}

static int serve(const char *name, long size)
{
    /* Your program goes here: shm_open, mmap, and then one command after the other from stdin. */
    (void)name;
    (void)size;
    fprintf(stderr, "shmqueue: not implemented yet\n");
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 3 || !is_name(argv[1]) || size_in(argv[2]) == 0) {
        fprintf(stderr, "shmqueue: usage: ./shmqueue <name> <size>\n");
        return 2;
    }
    return serve(argv[1], size_in(argv[2]));
}
