/* tcp-echo-client: carries stdin to a server, and what the server sends to stdout.
 * The contract is in the lesson. Build and check:  lux check tcp-echo-client */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void usage(void)
{
    fprintf(stderr, "client: usage: ./client <host> <port>, a port is a number from 1 to 65535\n");
    exit(2);
}

/* The port stays text: getaddrinfo(3) takes it as it is. */
static void check_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        usage();
    errno = 0;
    unsigned long port = strtoul(text, NULL, 10);
    if (errno != 0 || port < 1 || port > 65535)
        usage();
}

int main(int argc, char **argv)
{
    if (argc != 3)
        usage();
    const char *host = argv[1], *port = argv[2];
    check_port(port);

    /* Your program goes here: getaddrinfo, socket, connect, and then both directions at once. */
    (void)host;
    fprintf(stderr, "client: not implemented yet\n");
    return 1;
}
