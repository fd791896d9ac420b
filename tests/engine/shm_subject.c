/* What a learner's program does with shared memory, rightly and wrongly: what the checks of shm_checks.c look at. The
 * first argument is the mode, the second a name. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LENGTH = 10000 };

static char *map(const char *name, int protection, int flags)
{
    int fd = shm_open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    char *memory = NULL;

    if (fd >= 0 && ftruncate(fd, LENGTH) == 0)
        memory = mmap(NULL, LENGTH, protection, flags, fd, 0);
    if (!memory || memory == MAP_FAILED) {
        perror(name);
        exit(1);
    }
    return memory;
}

static void say_and_stay(const char *line)
{
    printf("%s\n", line);
    fflush(stdout);
    pause();
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    char name[300];

    snprintf(name, sizeof name, "/%s", argc > 2 ? argv[2] : "");
    if (strcmp(mode, "writer") == 0) {
        strcpy(map(name, PROT_READ | PROT_WRITE, MAP_SHARED), "hello");
        say_and_stay("written");
    } else if (strcmp(mode, "reader") == 0) {
        say_and_stay(map(name, PROT_READ, MAP_SHARED));
    } else if (strcmp(mode, "loner") == 0) {
        strcpy(map(name, PROT_READ | PROT_WRITE, MAP_PRIVATE), "hello");
        say_and_stay("written");
    } else if (strcmp(mode, "remover") == 0) {
        map(name, PROT_READ | PROT_WRITE, MAP_SHARED);
        shm_unlink(name);
        say_and_stay("removed");
    } else if (strcmp(mode, "dreamer") == 0) {
        for (;;)
            usleep(5000);
    } else if (strcmp(mode, "sleeper") == 0) {
        pause();
    } else if (strcmp(mode, "half") == 0) {
        printf("whole\nhalf");
    }
    return 0;
}
