/* A program with as many faults as there are modes: what the checks of harness_checks.c look at. The first
 * argument is the mode, the second a port. It is compiled like a learner's program, without Lux. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *port = "0";

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_on(unsigned short network_port, int reuse)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = network_port};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (reuse)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
        die("bind");
    listen(fd, 16);
    return fd;
}

static int listener(void)
{
    return listen_on(htons((unsigned short)atoi(port)), 1);
}

static int connected(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
        die("connect");
    return fd;
}

static void write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0)
            die("write");
        data += n;
        size -= (size_t)n;
    }
}

/* Copies until the end; what a good program does. */
static void copy(int from, int to)
{
    static char data[65536];
    ssize_t n;

    while ((n = read(from, data, sizeof data)) > 0)
        write_all(to, data, (size_t)n);
}

static void *serve_in_thread(void *fd)
{
    char data[4096];
    int c = (int)(long)fd;
    ssize_t n;

    while ((n = read(c, data, sizeof data)) > 0)
        if (send(c, data, (size_t)n, MSG_NOSIGNAL) != n)
            break;
    close(c);
    return NULL;
}

static void echo_server(void)
{
    int l = listener();

    for (;;) {
        pthread_t t;
        pthread_create(&t, NULL, serve_in_thread, (void *)(long)accept(l, NULL, NULL));
        pthread_detach(t);
    }
}

static void client(void)
{
    int fd = connected();
    struct pollfd p[2] = {{.fd = 0, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    char data[4096];

    for (;;) {
        poll(p, 2, -1);
        if (p[0].revents) {
            ssize_t n = read(0, data, sizeof data);
            if (n > 0)
                write_all(fd, data, (size_t)n);
            else
                p[0].fd = -1, shutdown(fd, SHUT_WR);
        }
        if (p[1].revents) {
            ssize_t n = read(fd, data, sizeof data);
            if (n <= 0)
                exit(n < 0);
            write_all(1, data, (size_t)n);
        }
    }
}

static void cat(void)
{
    copy(0, 1);
}

static void buffered_cat(void)
{
    char line[256];

    while (fgets(line, sizeof line, stdin))
        printf("%s", line);
}

static void crlf_cat(void)
{
    int c;

    while ((c = getchar()) != EOF) {
        if (c == '\n')
            putchar('\r');
        putchar(c);
        fflush(stdout);
    }
}

static void string_server(void)
{
    int l = listener(), c;
    char data[4096];
    ssize_t n;

    while ((c = accept(l, NULL, NULL)) >= 0) {
        while ((n = read(c, data, sizeof data - 1)) > 0) {
            data[n] = '\0';
            write_all(c, data, strlen(data));
        }
        close(c);
    }
}

static void once_server(void)
{
    int l = listener(), c;
    char data[4096];

    while ((c = accept(l, NULL, NULL)) >= 0) {
        ssize_t n = read(c, data, sizeof data);
        write_all(c, data, n > 0 ? (size_t)n : 0);
        close(c);
    }
}

static void serial_server(void)
{
    int l = listener(), c;

    while ((c = accept(l, NULL, NULL)) >= 0) {
        copy(c, c);
        close(c);
    }
}

/* Reads all it can, and writes without looking at what write() returns. */
static void careless_server(void)
{
    int l = listener(), c = accept(l, NULL, NULL);
    static char data[65536];
    ssize_t n;

    signal(SIGPIPE, SIG_IGN);
    fcntl(c, F_SETFL, O_NONBLOCK);
    for (;;) {
        n = read(c, data, sizeof data);
        if (n < 0)
            poll(&(struct pollfd){.fd = c, .events = POLLIN}, 1, -1);
        else if (n == 0)
            break;
        else if (write(c, data, (size_t)n) < 0 && errno != EAGAIN)
            break;
    }
    pause();
}

/* Answers twice; the second answer meets a connection that is gone. */
static void sigpipe_server(void)
{
    int l = listener(), c = accept(l, NULL, NULL);
    char data[64];

    if (read(c, data, sizeof data) > 0)
        while (read(c, data, 1) > 0)
            ;
    for (;;)
        write_all(c, "x", 1);
}

static void crash_server(void)
{
    int l = listener(), c = accept(l, NULL, NULL);
    char data[64];

    if (read(c, data, sizeof data) > 0)
        *(volatile int *)0 = 1;
}

static void exit_server(void)
{
    int l = listener(), c = accept(l, NULL, NULL);
    char data[64];

    if (read(c, data, sizeof data) > 0) {
        fprintf(stderr, "cannot go on: no more ideas\n");
        exit(3);
    }
}

static void fork_server(int reap, int close_in_parent)
{
    int l = listener(), c;

    if (reap)
        signal(SIGCHLD, SIG_IGN);
    while ((c = accept(l, NULL, NULL)) >= 0) {
        if (fork() == 0) {
            copy(c, c);
            _exit(0);
        }
        if (close_in_parent)
            close(c);
    }
}

static void zombie_server(void)
{
    fork_server(0, 1);
}

static void holding_server(void)
{
    fork_server(1, 0);
}

static void leaky_server(void)
{
    int l = listener(), c;

    while ((c = accept(l, NULL, NULL)) >= 0) {
        copy(c, c);
        shutdown(c, SHUT_WR);
    }
}

/* Ends the connection first, which leaves it in TIME_WAIT, and sets no SO_REUSEADDR. */
static void no_reuse_server(void)
{
    int l = listen_on(htons((unsigned short)atoi(port)), 0), c = accept(l, NULL, NULL);

    write_all(c, "bye\n", 4);
    close(c);
    pause();
}

static void swapped_server(void)
{
    listen_on((unsigned short)atoi(port), 1);
    pause();
}

static void silent(void)
{
    pause();
}

static void spin(void)
{
    volatile unsigned long n = 0;

    for (;;)
        n++;
}

static void early_client(void)
{
    int fd = connected();
    char line[256];

    while (fgets(line, sizeof line, stdin))
        write_all(fd, line, strlen(line));
}

static void lock_step_client(void)
{
    int fd = connected();
    char line[256];

    while (fgets(line, sizeof line, stdin)) {
        write_all(fd, line, strlen(line));
        ssize_t n = read(fd, line, sizeof line);
        write_all(1, line, n > 0 ? (size_t)n : 0);
    }
    pause();
}

static void flood(void)
{
    static char data[65536];

    memset(data, 'y', sizeof data);
    for (;;)
        write_all(1, data, sizeof data);
}

static void daemon_maker(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            pause();
        _exit(0);
    }
    wait(NULL);
}

static void litter(void)
{
    int fd = shm_open("/subject-memory", O_CREAT | O_RDWR, 0600);

    if (fd < 0)
        die("shm_open");
    close(open("/tmp/subject.tmp", O_CREAT | O_WRONLY, 0600));
}

static void environment(void)
{
    extern char **environ;

    for (char **e = environ; *e; e++)
        puts(*e);
}

static void complain(void)
{
    fprintf(stderr, "subject: usage: subject MODE \x1b[31mPORT\n");
    exit(2);
}

static void close_stdin(void)
{
    close(0);
    write_all(1, "closed\n", 7);
    pause();
}

static void slow_reader(void)
{
    write_all(1, "ready\n", 6);
    pause();
}

static void big_output(void)
{
    for (int i = 0; i < 200000; i++)
        printf("line %07d\n", i);
}

static const struct {
    const char *name;
    void (*run)(void);
} modes[] = {
    {"echo-server", echo_server},
    {"client", client},
    {"cat", cat},
    {"buffered-cat", buffered_cat},
    {"crlf-cat", crlf_cat},
    {"string-server", string_server},
    {"once-server", once_server},
    {"serial-server", serial_server},
    {"careless-server", careless_server},
    {"sigpipe-server", sigpipe_server},
    {"crash-server", crash_server},
    {"exit-server", exit_server},
    {"zombie-server", zombie_server},
    {"holding-server", holding_server},
    {"leaky-server", leaky_server},
    {"no-reuse-server", no_reuse_server},
    {"swapped-server", swapped_server},
    {"silent", silent},
    {"spin", spin},
    {"early-client", early_client},
    {"lock-step-client", lock_step_client},
    {"flood", flood},
    {"daemon", daemon_maker},
    {"litter", litter},
    {"environment", environment},
    {"complain", complain},
    {"close-stdin", close_stdin},
    {"slow-reader", slow_reader},
    {"big-output", big_output},
};

int main(int argc, char **argv)
{
    if (argc > 2)
        port = argv[2];
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run();
            return 0;
        }
    }
    return 99;
}
