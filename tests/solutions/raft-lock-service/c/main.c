/* lockd: one server of a replicated lock service. See lockd.h. */
#define _GNU_SOURCE
#include "lockd.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FAILED = 1, WRONG_USAGE = 2 };

int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void give_up(const char *what)
{
    fprintf(stderr, "lockd: %s: %s\n", what, strerror(errno));
    exit(FAILED);
}

static int usage(const char *what)
{
    fprintf(stderr, "lockd: %s\n", what);
    return WRONG_USAGE;
}

/* ---- Commands ---- */

static bool is_name(const char *s)
{
    size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return n >= 1 && n <= 64 && s[n] == '\0';
}

static bool is_number(const char *s)
{
    size_t n = strspn(s, "0123456789");
    return n >= 1 && n <= 15 && s[n] == '\0';
}

/* Whether the words are what the pattern says: n a name, d a number. */
static bool fits(char **words, size_t n, const char *verb, const char *pattern)
{
    if (n != strlen(pattern) + 1 || strcmp(words[0], verb) != 0)
        return false;
    for (size_t i = 0; pattern[i]; i++)
        if (pattern[i] == 'n' ? !is_name(words[i + 1]) : !is_number(words[i + 1]))
            return false;
    return true;
}

void main_command(uint64_t connection, const char *line)
{
    char copy[LINE_SIZE], answer[ANSWER_MAX] = "ERROR", *words[6], *rest = copy;
    size_t n = 0;

    snprintf(copy, sizeof copy, "%s", line);
    while (n < 6 && rest)
        words[n++] = strsep(&rest, " ");
    if (fits(words, n, "ACQUIRE", "nndd") || fits(words, n, "RELEASE", "nndd") || fits(words, n, "STATUS", "n")) {
        raft_propose(connection, line);
        return;
    }
    if (fits(words, n, "ROLE", ""))
        raft_role(answer);
    net_to_client(connection, answer);
}

/* ---- The program ---- */

int main(int argc, char **argv)
{
    const char *id = getenv("LOCKD_ID"), *peers = getenv("LOCKD_PEERS"), *data = getenv("LOCKD_DATA");
    int servers = 0;

    if (argc != 2 || !is_number(argv[1]) || atol(argv[1]) < 1 || atol(argv[1]) > 65535)
        return usage("usage: ./lockd <port>");
    if (!id || !peers || !data || !is_number(id) || strlen(id) > 1 || atoi(id) < 1)
        return usage("LOCKD_ID, LOCKD_PEERS and LOCKD_DATA must be set");
    signal(SIGPIPE, SIG_IGN);
    net_start(argv[1], peers, atoi(id), &servers);
    if (servers == 0)
        return usage("LOCKD_PEERS is no list of 1=ADDRESS:PORT,2=... with LOCKD_ID in it");
    raft_start(data, atoi(id), servers);
    for (;;)
        net_wait(raft_tick());
}
