/* What a learner's program does with unix sockets, FIFOs and message queues, rightly and wrongly: what the checks of
 * ipc_checks.c look at. The first argument is the mode, the second a path or a name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *path = "";

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_un address(const char *at)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    strncpy(a.sun_path, at, sizeof a.sun_path - 1);
    return a;
}

static int bound(int type)
{
    struct sockaddr_un a = address(path);
    int fd = socket(AF_UNIX, type, 0);

    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
        die("bind");
    return fd;
}

static void echo(int c)
{
    char data[65536];
    ssize_t n;

    while ((n = read(c, data, sizeof data)) > 0)
        for (ssize_t done = 0, m; done < n; done += m)
            if ((m = write(c, data + done, (size_t)(n - done))) < 0)
                die("write");
}

/* Forks for each connection, and reads what is in a descriptor that comes along. */
static void unix_server(void)
{
    int l = bound(SOCK_STREAM);

    signal(SIGCHLD, SIG_IGN);
    listen(l, 16);
    for (;;) {
        int c = accept(l, NULL, NULL);
        if (c < 0)
            die("accept");
        if (fork() == 0) {
            close(l);
            echo(c);
            exit(0);
        }
        close(c);
    }
}

static void taking_server(void)
{
    int l = bound(SOCK_STREAM);
    char control[CMSG_SPACE(sizeof(int))], byte, data[64];
    struct iovec piece = {&byte, 1};
    struct msghdr m = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    int fd;

    listen(l, 16);
    int c = accept(l, NULL, NULL);
    if (recvmsg(c, &m, 0) != 1 || !CMSG_FIRSTHDR(&m))
        die("recvmsg");
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
    ssize_t n = read(fd, data, sizeof data);
    if (write(c, data, (size_t)n) != n)
        die("write");
    pause();
}

static void shouting_server(void)
{
    int l = bound(SOCK_STREAM);
    char data[64];

    listen(l, 16);
    int c = accept(l, NULL, NULL);
    ssize_t n = read(c, data, sizeof data);
    for (ssize_t i = 0; i < n; i++)
        data[i] = (char)(data[i] & ~0x20);
    if (write(c, data, (size_t)n) != n)
        die("write");
    pause();
}

static void file_instead(void)
{
    close(open(path, O_CREAT | O_WRONLY, 0644));
    pause();
}

static void datagram_echo(void)
{
    int fd = bound(SOCK_DGRAM);
    char data[4096];

    for (;;) {
        struct sockaddr_un from;
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(fd, data, sizeof data, 0, (struct sockaddr *)&from, &len);
        if (n < 0 || sendto(fd, data, (size_t)n, 0, (struct sockaddr *)&from, len) < 0)
            die("sendto");
    }
}

static void unix_client(void)
{
    struct sockaddr_un a = address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
        die("connect");
    if (write(fd, "hello\n", 6) != 6)
        die("write");
    shutdown(fd, SHUT_WR);
    char data[64];
    ssize_t n = read(fd, data, sizeof data);
    fwrite(data, 1, (size_t)n, stdout);
}

static void datagram_client(void)
{
    struct sockaddr_un a = address(path);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    if (sendto(fd, "<13>hello", 9, 0, (struct sockaddr *)&a, sizeof a) < 0)
        die("sendto");
}

/* Answers each line in the FIFO PATH.reply; holds a writing end so as never to see the end. */
static void fifo_server(void)
{
    char line[256], reply[300];

    if (mkfifo(path, 0622) < 0 && errno != EEXIST)
        die("mkfifo");
    FILE *in = fdopen(open(path, O_RDWR | O_CLOEXEC), "r");
    snprintf(reply, sizeof reply, "%s.reply", path);
    while (fgets(line, sizeof line, in)) {
        int out = open(reply, O_WRONLY);
        if (write(out, line, strlen(line)) < 0)
            die("write");
        close(out);
    }
}

/* Ends with its first client. */
static void once_fifo_server(void)
{
    mkfifo(path, 0622);
    int fd = open(path, O_RDONLY);
    char data[64];

    while (read(fd, data, sizeof data) > 0)
        ;
}

/* A child keeps a copy of the writing end of the pipe that is descriptor 5. */
static void keeper(void)
{
    int ends[2];

    if (pipe(ends) < 0 || dup2(ends[1], 5) < 0 || dup2(ends[0], 4) < 0)
        die("pipe");
    close(3);
    if (fork() == 0) {
        if (strcmp(path, "tidy") == 0)
            for (int fd = 3; fd < 16; fd++)
                close(fd);
        pause();
    }
    for (int fd = 6; fd < 16; fd++)
        close(fd);
    printf("%d\n", (int)getpid());
    fflush(stdout);
    pause();
}

static void queue_sender(void)
{
    mqd_t q = mq_open(path, O_WRONLY | O_CREAT, 0600, NULL);

    if (q == (mqd_t)-1 || mq_send(q, "low", 3, 1) < 0 || mq_send(q, "high", 4, 9) < 0 ||
        mq_send(q, "", 0, 1) < 0)
        die("mq");
}

static void queue_receiver(void)
{
    char data[8192];
    mqd_t q = mq_open(path, O_RDONLY);
    unsigned priority;

    if (q == (mqd_t)-1)
        die("mq_open");
    for (;;) {
        ssize_t n = mq_receive(q, data, sizeof data, &priority);
        if (n < 0)
            die("mq_receive");
        printf("%u %.*s\n", priority, (int)n, data);
        fflush(stdout);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} modes[] = {
    {"unix-server", unix_server},           {"taking-server", taking_server},
    {"shouting-server", shouting_server},   {"file-instead", file_instead},
    {"datagram-echo", datagram_echo},       {"unix-client", unix_client},
    {"datagram-client", datagram_client},   {"fifo-server", fifo_server},
    {"once-fifo-server", once_fifo_server}, {"keeper", keeper},
    {"queue-sender", queue_sender},         {"queue-receiver", queue_receiver},
};

int main(int argc, char **argv)
{
    if (argc > 2)
        path = argv[2];
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run();
            return 0;
        }
    }
    return 99;
}
