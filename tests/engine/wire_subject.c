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

#include "harness/sha1.h"

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

/* The first connection to port 7000. */
static int accepted(void)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(7000), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int l = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(l, (struct sockaddr *)&a, sizeof a) < 0 || listen(l, 1) < 0)
        exit(1);
    return accept(l, NULL, NULL);
}

static void redis(void)
{
    dprintf(accepted(), "+OK\r\n*1\r\n:7\r\n$x\r\n");
    pause();
}

/* Answers one handshake, sends a message and the end. */
static void web_socket_server(void)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char request[4096] = "", answer[29] = "", whole[128];
    unsigned char digest[SHA1_SIZE + 1] = {0};
    int c = accepted();

    if (read(c, request, sizeof request - 1) < 0)
        exit(1);
    const char *key = strstr(request, "Sec-WebSocket-Key: ") + strlen("Sec-WebSocket-Key: ");
    int n = snprintf(whole, sizeof whole, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    sha1((Bytes){(const unsigned char *)whole, (size_t)n}, digest);
    for (int i = 0; i < 27; i++) {
        const unsigned char *d = digest + i / 4 * 3;
        int three = d[0] << 16 | d[1] << 8 | d[2];
        answer[i] = digits[three >> (18 - 6 * (i % 4)) & 63];
    }
    answer[27] = '=';
    if (strcmp(argument, "liar") == 0)
        answer[0] = answer[0] == 'x' ? 'y' : 'x';
    dprintf(c,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: %s\r\n\r\n",
            answer);
    dprintf(c, strcmp(argument, "mask") == 0 ? "\x81\x82mask\1\2" : "\x81\x02hi\x88\x02\x03\xe8");
    exit(0);
}

static const struct {
    const char *name;
    void (*run)(void);
} modes[] = {
    {"web-socket", web_socket_server},
    {"redis", redis},
    {"resolve", resolve},
    {"trusting", trusting},
    {"careless", careless},
    {"log", log_it},
    {"log-wrongly", log_wrongly},
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
