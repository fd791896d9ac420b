/* Clients of DNS and syslog, right and wrong ones: what the checks of wire_checks.c look at. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

static const char *argument = "";

/* The C library's resolver: it does what RFC 1035 asks for. */
static void resolve(void)
{
    struct addrinfo *found, hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    int rc = getaddrinfo(argument, NULL, &hints, &found);

    if (rc != 0) {
        fprintf(stderr, "resolve: %s\n", gai_strerror(rc));
        exit(1);
    }
    for (struct addrinfo *a = found; a; a = a->ai_next)
        printf("%s\n", inet_ntoa(((struct sockaddr_in *)a->ai_addr)->sin_addr));
}

static int name_server(void)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
        exit(1);
    return fd;
}

/* Takes whatever comes first for the answer, and the last four bytes of it for the address. */
static void trusting(void)
{
    static const char query[] = "\0\7\1\0\0\1\0\0\0\0\0\0\3www\4test\0\0\1\0\1";
    unsigned char data[512];
    int fd = name_server();

    if (write(fd, query, sizeof query - 1) < 0)
        exit(1);
    ssize_t n = read(fd, data, sizeof data);
    printf("%d.%d.%d.%d\n", data[n - 4], data[n - 3], data[n - 2], data[n - 1]);
}

static void careless(void)
{
    if (write(name_server(), "\0\7\1\0\0\1\0\0\0\0\0\0\3www\4test\0\0\1\0", 25) < 0)
        exit(1);
    pause();
}

static void log_it(void)
{
    openlog("wire", LOG_PID, LOG_USER);
    syslog(LOG_NOTICE, "%s", argument);
}

static void log_wrongly(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    if (sendto(fd, argument, strlen(argument), 0, (struct sockaddr *)&a, sizeof a) < 0)
        exit(1);
}

static const struct {
    const char *name;
    void (*run)(void);
} modes[] = {
    {"resolve", resolve}, {"trusting", trusting},       {"careless", careless},
    {"log", log_it},      {"log-wrongly", log_wrongly},
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
