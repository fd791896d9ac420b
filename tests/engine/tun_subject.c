/* A program with a tunnel: it answers each packet by sending it back. What the checks of tun_checks.c look at. */
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(1);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    short info = strcmp(mode, "info") == 0 ? 0 : IFF_NO_PI;
    struct ifreq r = {.ifr_name = "tun%d"};
    unsigned char packet[2048], swapped[4];
    size_t skipped = info ? 0 : 4;
    int fd = open("/dev/net/tun", O_RDWR), s = socket(AF_INET, SOCK_DGRAM, 0);

    r.ifr_flags = (short)(IFF_TUN | info);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &r) < 0)
        die("/dev/net/tun");
    printf("%s\n", r.ifr_name);
    fflush(stdout);
    if (strcmp(mode, "down") == 0)
        pause();
    if (ioctl(s, SIOCGIFFLAGS, &r) < 0)
        die("SIOCGIFFLAGS");
    r.ifr_flags |= IFF_UP;
    if (ioctl(s, SIOCSIFFLAGS, &r) < 0)
        die("SIOCSIFFLAGS");
    for (;;) {
        ssize_t n = read(fd, packet, sizeof packet);
        unsigned char *ip = packet + skipped;
        if (n <= 0)
            die("read");
        memcpy(swapped, ip + 12, 4);
        memcpy(ip + 12, ip + 16, 4);
        memcpy(ip + 16, swapped, 4);
        if (strcmp(mode, "damage") == 0)
            packet[n - 1] ^= 1;
        if (write(fd, packet, (size_t)n) != n)
            die("write");
    }
}
