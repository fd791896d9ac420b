/* port-scanner: says which TCP ports of a host are open.
 * The contract is in the lesson. Build and check:  lux check port-scanner */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void usage(void)
{
    fprintf(stderr, "portscan: usage: ./portscan <host> <start-port> <end-port>, ports are numbers from 1 to 65535\n");
    exit(2);
}

static int parse_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        usage();
    errno = 0;
    unsigned long port = strtoul(text, NULL, 10);
    if (errno != 0 || port < 1 || port > 65535)
        usage();
    return (int)port;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        usage();
    const char *host = argv[1];
    int first = parse_port(argv[2]), last = parse_port(argv[3]);
    if (first > last)
        usage();

    /* Your program goes here: getaddrinfo, then socket, connect and poll for many ports at a time. */
    (void)host;
    fprintf(stderr, "portscan: not implemented yet\n");
    return 1;
}
