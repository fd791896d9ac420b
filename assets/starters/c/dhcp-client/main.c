/* dhcp-client: leases an IPv4 address for an interface, and keeps it as long as it runs.
 * The contract is in the lesson. Build and check:  lux check dhcp-client */
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 2 || argv[1][0] == '\0') {
        fprintf(stderr, "dhcpclient: usage: ./dhcpclient <interface>\n");
        return 2;
    }
    const char *interface = argv[1];

    /* Your program goes here: a socket on the interface, DHCPDISCOVER, and then what the server says. */
    (void)interface;
    fprintf(stderr, "dhcpclient: not implemented yet\n");
    return 1;
}
