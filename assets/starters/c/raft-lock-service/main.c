/* lockd: one server of a replicated lock service.
 * The contract is in the lesson. Build and check:  lux check raft-lock-service */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVERS_MAX = 9 };

struct server {
    char address[16];
    int port;
};

static struct server servers[SERVERS_MAX + 1]; /* from 1 */

static int usage(const char *what)
{
    fprintf(stderr, "lockd: %s\n", what);
    return 2;
}

/* A number in decimal digits from 1 to most; 0: it is none. */
static int parse_number(const char *text, int most)
{
    size_t digits = text ? strspn(text, "0123456789") : 0;
    if (digits == 0 || digits > 5 || text[digits] != '\0' || atoi(text) > most)
        return 0;
    return atoi(text);
}

/* "1=127.0.0.1:9101,2=127.0.0.1:9102": how many there are; 0: it is no such list. */
static int parse_servers(const char *list)
{
    int count = 0;
    for (const char *at = list; at && *at;) {
        int id, used = 0;
        if (count == SERVERS_MAX ||
            sscanf(at, "%d=%15[0-9.]:%d%n", &id, servers[count + 1].address, &servers[count + 1].port, &used) != 3 ||
            id != count + 1)
            return 0;
        count++;
        at += used;
        if (*at == ',')
            at++;
        else if (*at != '\0')
            return 0;
    }
    return count;
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_number(argv[1], 65535) : 0;
    int id = parse_number(getenv("LOCKD_ID"), SERVERS_MAX);
    int count = parse_servers(getenv("LOCKD_PEERS"));
    const char *data = getenv("LOCKD_DATA");

    if (port == 0)
        return usage("usage: ./lockd <port>");
    if (id == 0 || count == 0 || id > count || !data)
        return usage("LOCKD_ID, LOCKD_PEERS and LOCKD_DATA must be set");

    /* Your program goes here: read the log, listen for clients and for peers, wait, elect, replicate. */
    fprintf(stderr, "lockd: not implemented yet\n");
    return 1;
}
