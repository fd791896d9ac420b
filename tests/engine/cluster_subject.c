/* One member of a cluster that passes words on: what the checks of cluster_checks.c look at.
 *
 *     ./gossip PORT ID ADDRESSES
 *
 * To its clients it speaks lines: TELL N WORD sends the word to member N, HEARD is answered with the newest word of
 * another member ("nothing" before), SILENT is never answered, HALF is answered without a line feed and the end. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNS = 64 };

static char heard[64] = "nothing";
static struct sockaddr_in members[10];

static int listen_on(struct sockaddr_in a)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 16) < 0)
        exit(1);
    return fd;
}

static void tell(int to, const char *word)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&members[to], sizeof members[to]) == 0)
        dprintf(fd, "%s\n", word); /* and the connection stays: a link that heals brings it */
}

static void serve(FILE *client)
{
    char line[128], word[64];
    int to;

    if (!fgets(line, sizeof line, client))
        exit(0);
    if (sscanf(line, "TELL %d %63s", &to, word) == 2 && to >= 1 && to <= 9) {
        tell(to, word);
        fprintf(client, "told\r\n");
    } else if (strcmp(line, "HEARD\n") == 0) {
        fprintf(client, "%s\n", heard);
    } else if (strcmp(line, "HALF\n") == 0) {
        fprintf(client, "half");
        fflush(client);
        exit(0);
    }
    fflush(client);
}

int main(int argc, char **argv)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    struct pollfd fds[CONNS] = {{0}};
    FILE *clients[CONNS] = {0};
    int n = 2, id = argc == 4 ? atoi(argv[2]) : 0;

    if (argc != 4)
        return 2;
    for (char *at = strtok(argv[3], ","); at; at = strtok(NULL, ",")) {
        int i, port;
        char host[16];
        if (sscanf(at, "%d=%15[0-9.]:%d", &i, host, &port) != 3 || i < 1 || i > 9)
            return 2;
        members[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        inet_pton(AF_INET, host, &members[i].sin_addr);
    }
    own.sin_port = htons((uint16_t)atoi(argv[1]));
    fds[0] = (struct pollfd){.fd = listen_on(own), .events = POLLIN};
    fds[1] = (struct pollfd){.fd = listen_on(members[id]), .events = POLLIN};
    for (;;) {
        poll(fds, (nfds_t)n, -1);
        for (int i = 2; i < n; i++) {
            if (!fds[i].revents)
                continue;
            if (clients[i]) {
                char byte;
                if (recv(fds[i].fd, &byte, 1, MSG_PEEK) == 1)
                    serve(clients[i]);
                else
                    fds[i].fd = -1;
            } else {
                char word[64];
                ssize_t size = recv(fds[i].fd, word, sizeof word - 1, 0);
                if (size > 1)
                    snprintf(heard, sizeof heard, "%.*s", (int)size - 1, word);
                else
                    fds[i].fd = -1;
            }
        }
        for (int i = 0; i < 2 && n < CONNS; i++)
            if (fds[i].revents) {
                fds[n] = (struct pollfd){.fd = accept(fds[i].fd, NULL, NULL), .events = POLLIN};
                clients[n] = i == 0 ? fdopen(fds[n].fd, "r+") : NULL;
                n++;
            }
    }
}
