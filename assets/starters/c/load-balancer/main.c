/* load-balancer: passes each HTTP request to the next of several backends.
 * The contract is in the lesson. Build and check:  lux check load-balancer */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKENDS_MAX = 64 };

static void usage(void)
{
    fprintf(stderr, "lb: usage: ./lb <listen-port> <address>:<port>..., at most %d backends\n", BACKENDS_MAX);
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

static struct sockaddr_in parse_backend(const char *text)
{
    char address[INET_ADDRSTRLEN];
    const char *colon = strchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof address)
        usage();
    memcpy(address, text, (size_t)(colon - text));
    address[colon - text] = '\0';
    struct sockaddr_in backend = {.sin_family = AF_INET, .sin_port = htons(parse_port(colon + 1))};
    if (inet_pton(AF_INET, address, &backend.sin_addr) != 1)
        usage();
    return backend;
}

int main(int argc, char **argv)
{
    struct sockaddr_in backends[BACKENDS_MAX];

    if (argc < 3 || argc - 2 > BACKENDS_MAX)
        usage();
    uint16_t port = parse_port(argv[1]);
    for (int i = 2; i < argc; i++)
        backends[i - 2] = parse_backend(argv[i]);

    /* Your program goes here: read a request, choose a backend, pass the request on, and its answer back. */
    (void)port, (void)backends;
    fprintf(stderr, "lb: not implemented yet\n");
    return 1;
}
