/* What a learner's program does with files, signals and itself: what the checks of system_checks.c look at. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *argument = "";

/* cp(1) copies as it should, or only the contents. */
static void copy(void)
{
    execlp("cp", "cp", strcmp(argument, "well") == 0 ? "-a" : "-r", "a", "b", (char *)NULL);
}

static void write_file(void)
{
    int fd = open(argument, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    char data[4096] = "";

    if (fd < 0 || write(fd, data, sizeof data) < 0) {
        fprintf(stderr, "system: %s: %s\n", argument, strerror(errno));
        exit(1);
    }
}

static volatile sig_atomic_t received;

static void on_signal(int signal)
{
    (void)signal;
    received++;
}

/* Counts each signal that interrupts it. */
static void count_signals(void)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&mask);
    puts("ready");
    for (;;) {
        fflush(stdout);
        sigsuspend(&mask);
        printf("%d\n", (int)received);
    }
}

static void spin(void)
{
    for (;;)
        ;
}

static void *sleep_in_thread(void *nothing)
{
    pause();
    return nothing;
}

static void threads(void)
{
    pthread_t t;

    for (int i = 0; i < 3; i++)
        pthread_create(&t, NULL, sleep_in_thread, NULL);
    pause();
}

/* Prints the values of real-time signals in the order in which they come. */
static void queued(void)
{
    sigset_t mask;
    siginfo_t info;

    sigemptyset(&mask);
    sigaddset(&mask, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    puts("ready");
    for (;;) {
        fflush(stdout);
        while (sigwaitinfo(&mask, &info) < 0) /* EINTR: it was stopped and goes on */
            ;
        printf("%d\n", info.si_value.sival_int);
    }
}

/* Makes durable what it writes, once for all or each time. */
static void durable(void)
{
    int fd = open("log", O_WRONLY | O_CREAT, 0644), often = strcmp(argument, "each") == 0;

    for (int i = 0; i < 20; i++) {
        if (write(fd, "x", 1) != 1 || (often && fsync(fd) < 0))
            exit(1);
    }
    fsync(fd);
}

static const struct {
    const char *name;
    void (*run)(void);
} modes[] = {
    {"copy", copy},       {"write", write_file}, {"count-signals", count_signals},
    {"spin", spin},       {"threads", threads},  {"queued", queued},
    {"durable", durable},
};

int main(int argc, char **argv)
{
    if (argc > 2)
        argument = argv[2];
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run();
            return 0;
        }
    }
    return 99;
}
