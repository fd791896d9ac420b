/* http-client: fetches a page over HTTP/1.1 and prints its body.
 * The contract is in the lesson. Build and check:  lux check http-client */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void usage(void)
{
    fprintf(stderr, "httpclient: usage: ./httpclient http://host[:port][/path][?query]\n");
    exit(2);
}

int main(int argc, char **argv)
{
    if (argc != 2 || strncasecmp(argv[1], "http://", strlen("http://")) != 0)
        usage();
    const char *url = argv[1];

    /* Your program goes here: take the URL apart (it may still be wrong usage), connect, send the request, read the
     * head of the response, and print the body as it comes. */
    (void)url;
    fprintf(stderr, "httpclient: not implemented yet\n");
    return 1;
}
