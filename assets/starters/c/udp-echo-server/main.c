/* udp-echo-server: answers each datagram with the same datagram.
 * The contract is in the lesson. Build and check:  lux check udp-echo-server */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void usage(void)
{
    fprintf(stderr, "udpserver: usage: ./udpserver <port>, a port is a number from 1 to 65535\n");
    exit(2);
}

static uint16_t parse_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        usage();
    errno = 0;
    unsigned long port = strtoul(text, NULL, 10);
    if (errno != 0 || port < 1 || port > 65535)
        usage();
    return (uint16_t)port;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        usage();
    uint16_t port = parse_port(argv[1]);

    /* Your program goes here: socket, bind, and then recvfrom and sendto. */
    (void)port;
    fprintf(stderr, "udpserver: not implemented yet\n");
    return 1;
}
