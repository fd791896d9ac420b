/* netcat: joins stdin and stdout to a TCP connection, or to the datagrams of one UDP peer.
 * The contract is in the lesson. Build and check:  lux check netcat */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void usage(void)
{
    fprintf(stderr, "nc: usage: ./nc [-u] <host> <port> or ./nc [-u] -l <port>, a port is a number from 1 to 65535\n");
    exit(2);
}

/* The port stays text: getaddrinfo(3) takes it as it is. */
static void check_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != '\0' || atoi(text) < 1 || atoi(text) > 65535)
        usage();
}

int main(int argc, char **argv)
{
    bool udp = false, listens = false;
    int c;
    opterr = 0;
    while ((c = getopt(argc, argv, "+lu")) != -1) {
        if (c == 'l')
            listens = true;
        else if (c == 'u')
            udp = true;
        else
            usage();
    }
    if (argc - optind != (listens ? 1 : 2))
        usage();
    check_port(argv[argc - 1]);

    /* Your program goes here: connect or listen, and then both directions at once. */
    (void)udp;
    fprintf(stderr, "nc: not implemented yet\n");
    return 1;
}
