/* dhcp-client: leases an IPv4 address for an interface that has none yet, and keeps it as long as it runs.
 *
 * Until there is an address, messages travel through a packet socket: whole IP packets are made and read here, and the
 * kernel's own idea of the network does not matter. One conversation after the other, in blocking style; the one place
 * that waits is wait_for(), and a signal ends the program from there. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SERVER_PORT = 67, CLIENT_PORT = 68 };
enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE };
enum {
    MASK = 1,
    ROUTER = 3,
    DNS = 6,
    ADDRESS = 50,
    LEASE,
    OVERLOAD,
    TYPE,
    SERVER,
    PARAMETERS,
    RENEW = 58,
    REBIND,
    END = 255
};
enum {
    OPTIONS_MAX = 2048,
    PACKET_MAX = 1500,
    FIRST_DELAY_MS = 1000,
    LAST_DELAY_MS = 16000,
    PROBE_MS = 500,
    PENANCE_MS = 1000
};

struct message { /* RFC 2131, figure 1 */
    uint8_t op, htype, hlen, hops;
    uint32_t xid;
    uint16_t secs, flags;
    uint32_t ciaddr, yiaddr, siaddr, giaddr;
    uint8_t chaddr[16], sname[64], file[128];
    uint8_t cookie[4], options[308];
} __attribute__((packed));

struct packet {
    struct iphdr ip;
    struct udphdr udp;
    struct message dhcp;
} __attribute__((packed));

struct options { /* as they came; the pieces of one that was split are behind each other: RFC 3396 */
    uint8_t value[256][OPTIONS_MAX];
    size_t size[256];
};

struct lease {
    uint32_t address, mask, server, router; /* network byte order, as all addresses here */
    uint32_t dns[16];
    size_t n_dns;
    uint32_t seconds, renew, rebind;
    uint64_t since_ms; /* when the request was sent that it answers */
};

enum outcome { TIMED_OUT, CAME };

static const char *interface;
static int interface_index, packet_fd, udp_fd = -1, signal_fd;
static uint8_t mac[6];
static struct lease held; /* address 0: none */
static uint32_t xid;
static uint64_t began_ms;
static uint16_t secs;
static struct message reply; /* that wait_for() received last */
static struct options reply_options;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "dhcpclient: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint32_t random_number(void)
{
    uint32_t n = 0;
    if (getrandom(&n, sizeof n, 0) != sizeof n)
        fail("getrandom");
    return n;
}

static const char *words(uint32_t address)
{
    static char text[8][INET_ADDRSTRLEN];
    static int next;
    next = (next + 1) % 8;
    return inet_ntop(AF_INET, &address, text[next], sizeof text[next]);
}

/* ---- The interface -------------------------------------------------------------------------------------- */

static struct ifreq interface_request(void)
{
    struct ifreq r = {0};
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", interface);
    return r;
}

static int interface_ioctl(unsigned long request, struct ifreq *r)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int status = ioctl(fd, request, r);
    int error = errno;
    close(fd);
    errno = error;
    return status;
}

static void set_interface_address(unsigned long request, uint32_t address)
{
    struct ifreq r = interface_request();
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};
    memcpy(&r.ifr_addr, &in, sizeof in);
    if (interface_ioctl(request, &r) < 0)
        fail("cannot set the address");
}

static void set_default_route(uint32_t router)
{
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
    struct sockaddr_in any = {.sin_family = AF_INET},
                       via = {.sin_family = AF_INET, .sin_addr.s_addr = router};
    char name[IF_NAMESIZE];
    snprintf(name, sizeof name, "%s", interface);
    memcpy(&route.rt_dst, &any, sizeof any);
    memcpy(&route.rt_genmask, &any, sizeof any);
    memcpy(&route.rt_gateway, &via, sizeof via);
    route.rt_dev = name;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (ioctl(fd, SIOCADDRT, &route) < 0 && errno != EEXIST)
        fail("cannot set the default route");
    close(fd);
}

static void bring_up(void)
{
    struct ifreq r = interface_request();
    if (interface_ioctl(SIOCGIFINDEX, &r) < 0)
        fail(interface);
    interface_index = r.ifr_ifindex;
    if (interface_ioctl(SIOCGIFHWADDR, &r) < 0)
        fail(interface);
    memcpy(mac, r.ifr_hwaddr.sa_data, sizeof mac);
    if (interface_ioctl(SIOCGIFFLAGS, &r) < 0)
        fail(interface);
    r.ifr_flags |= IFF_UP;
    if (interface_ioctl(SIOCSIFFLAGS, &r) < 0)
        fail("cannot bring the interface up");
}

static void configure(void)
{
    set_interface_address(SIOCSIFADDR, held.address);
    set_interface_address(SIOCSIFNETMASK, held.mask);
    if (held.router)
        set_default_route(held.router);
    /* From here on messages to the server go through the kernel, which asks for its MAC address. */
    struct sockaddr_in me = {
        .sin_family = AF_INET, .sin_port = htons(CLIENT_PORT), .sin_addr.s_addr = held.address};
    udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(udp_fd, (struct sockaddr *)&me, sizeof me) < 0)
        fail("bind");
}

static void unconfigure(void)
{
    close(udp_fd);
    udp_fd = -1;
    set_interface_address(SIOCSIFADDR, 0); /* its routes go with it */
    held.address = 0;
}

/* ---- Sending -------------------------------------------------------------------------------------------- */

static uint8_t *put_option(uint8_t *at, uint8_t code, const void *value, uint8_t size)
{
    *at++ = code;
    *at++ = size;
    memcpy(at, value, size);
    return at + size;
}

static void make_message(struct message *m, uint8_t type, uint32_t ciaddr, uint32_t address, uint32_t server)
{
    static const uint8_t wanted[] = {MASK, ROUTER, DNS, LEASE, RENEW, REBIND}, cookie[] = {99, 130, 83, 99};

    *m = (struct message){.op = 1, .htype = 1, .hlen = 6, .xid = xid, .secs = htons(secs), .ciaddr = ciaddr};
    memcpy(m->chaddr, mac, sizeof mac);
    memcpy(m->cookie, cookie, sizeof cookie);
    uint8_t *at = put_option(m->options, TYPE, &type, 1);
    if (address)
        at = put_option(at, ADDRESS, &address, 4);
    if (server)
        at = put_option(at, SERVER, &server, 4);
    if (type == DISCOVER || type == REQUEST)
        at = put_option(at, PARAMETERS, wanted, sizeof wanted);
    *at = END;
}

/* RFC 1071 */
static uint16_t checksum(uint32_t sum, const void *data, size_t size)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < size; i++)
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

/* From 0.0.0.0 to everybody on this wire. */
static void broadcast(const struct message *m)
{
    struct packet p = {.ip = {.version = 4,
                              .ihl = 5,
                              .ttl = 64,
                              .protocol = IPPROTO_UDP,
                              .tot_len = htons(sizeof p),
                              .saddr = m->ciaddr,
                              .daddr = INADDR_BROADCAST},
                       .udp = {.uh_sport = htons(CLIENT_PORT),
                               .uh_dport = htons(SERVER_PORT),
                               .uh_ulen = htons(sizeof p - sizeof p.ip)},
                       .dhcp = *m};
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_IP),
                             .sll_ifindex = interface_index,
                             .sll_halen = 6,
                             .sll_addr = {255, 255, 255, 255, 255, 255}};
    p.ip.check = checksum(0, &p.ip, sizeof p.ip);
    /* A checksum of UDP is not needed over IPv4, and 0 says that there is none: RFC 768. */
    if (sendto(packet_fd, &p, sizeof p, 0, (struct sockaddr *)&to, sizeof to) < 0)
        fprintf(stderr, "dhcpclient: cannot send: %s\n", strerror(errno)); /* it will be sent again */
}

static void send_to_server(const struct message *m)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(SERVER_PORT), .sin_addr.s_addr = held.server};
    if (sendto(udp_fd, m, sizeof *m, 0, (struct sockaddr *)&to, sizeof to) < 0)
        fprintf(stderr, "dhcpclient: cannot send: %s\n", strerror(errno));
}

static _Noreturn void leave(void)
{
    if (held.address) {
        struct message m;
        uint32_t address = held.address;
        xid = random_number();
        secs = 0;
        make_message(&m, RELEASE, address, 0, held.server);
        send_to_server(&m);
        unconfigure();
        printf("released %s\n", words(address));
    }
    exit(0);
}

/* ---- Receiving ------------------------------------------------------------------------------------------ */

/* False if it ends within an option. */
static bool read_options(const uint8_t *p, size_t size, struct options *o)
{
    for (size_t at = 0; at < size && p[at] != END;) {
        uint8_t code = p[at++];
        if (code == 0)
            continue;
        if (at == size || p[at] > size - at - 1)
            return false;
        size_t n = p[at++];
        if (o->size[code] + n <= OPTIONS_MAX) {
            memcpy(o->value[code] + o->size[code], p + at, n);
            o->size[code] += n;
        }
        at += n;
    }
    return true;
}

/* Whether the payload of a datagram is an answer to us; reply and reply_options are set then. */
static bool is_for_us(const uint8_t *p, size_t size)
{
    static const uint8_t cookie[] = {99, 130, 83, 99};
    size_t fixed = offsetof(struct message, options);
    struct options *o = &reply_options;

    if (size < fixed)
        return false;
    memcpy(&reply, p, fixed);
    memset(o->size, 0, sizeof o->size);
    if (reply.op != 2 || reply.xid != xid || memcmp(reply.chaddr, mac, sizeof mac) != 0 ||
        memcmp(reply.cookie, cookie, sizeof cookie) != 0 || !read_options(p + fixed, size - fixed, o))
        return false;
    int fields = o->size[OVERLOAD] == 1 ? o->value[OVERLOAD][0] : 0;
    if (fields & 1 && !read_options(reply.file, sizeof reply.file, o))
        return false;
    if (fields & 2 && !read_options(reply.sname, sizeof reply.sname, o))
        return false;
    return o->size[TYPE] == 1;
}

static bool receive_reply(void)
{
    uint8_t p[PACKET_MAX];
    ssize_t n = recv(packet_fd, p, sizeof p, MSG_DONTWAIT);
    struct iphdr ip;
    struct udphdr udp;

    if (n < (ssize_t)(sizeof ip + sizeof udp))
        return false;
    memcpy(&ip, p, sizeof ip);
    size_t header = (size_t)ip.ihl * 4, total = ntohs(ip.tot_len);
    if (ip.version != 4 || header < sizeof ip || ip.protocol != IPPROTO_UDP || total > (size_t)n ||
        total < header + sizeof udp)
        return false;
    memcpy(&udp, p + header, sizeof udp);
    size_t size = ntohs(udp.uh_ulen);
    if (udp.uh_dport != htons(CLIENT_PORT) || size < sizeof udp || size > total - header)
        return false;
    return is_for_us(p + header + sizeof udp, size - sizeof udp);
}

/* Until something is readable on fd, or the time is over. SIGTERM and SIGINT end the program here. */
static bool wait_readable(int fd, uint64_t until_ms)
{
    for (;;) {
        uint64_t now = now_ms();
        struct pollfd ready[] = {{.fd = signal_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
        uint64_t left = now < until_ms ? until_ms - now : 0;
        int n = poll(ready, 2, left > 1000000 ? 1000000 : (int)left);
        if (n > 0 && ready[0].revents)
            leave();
        if (n > 0)
            return true;
        if (now >= until_ms)
            return false;
    }
}

static enum outcome wait_for(uint64_t until_ms)
{
    while (wait_readable(packet_fd, until_ms))
        if (receive_reply())
            return CAME;
    return TIMED_OUT;
}

static uint32_t address_option(int code)
{
    uint32_t address = 0;
    if (reply_options.size[code] >= 4)
        memcpy(&address, reply_options.value[code], 4);
    return address;
}

static bool reply_is(int type)
{
    return reply_options.value[TYPE][0] == type;
}

/* ---- Leases --------------------------------------------------------------------------------------------- */

static bool read_lease(struct lease *l)
{
    *l = (struct lease){.address = reply.yiaddr,
                        .mask = address_option(MASK),
                        .server = address_option(SERVER),
                        .router = address_option(ROUTER),
                        .seconds = ntohl(address_option(LEASE)),
                        .renew = ntohl(address_option(RENEW)),
                        .rebind = ntohl(address_option(REBIND))};
    l->n_dns = reply_options.size[DNS] / 4;
    if (l->n_dns > 16)
        l->n_dns = 16;
    memcpy(l->dns, reply_options.value[DNS], l->n_dns * 4);
    if (!l->mask)
        l->mask = htonl(0xffffff00);
    if (!l->renew)
        l->renew = l->seconds / 2;
    if (!l->rebind)
        l->rebind = (uint32_t)((uint64_t)l->seconds * 7 / 8);
    return l->address != 0 && l->server != 0 && l->seconds != 0;
}

static void print_lease(const char *event)
{
    const struct lease *l = &held;

    printf("%s %s/%d router %s dns ", event, words(l->address), __builtin_popcount(l->mask),
           l->router ? words(l->router) : "none");
    for (size_t i = 0; i < l->n_dns; i++)
        printf("%s%s", i ? "," : "", words(l->dns[i]));
    printf("%s server %s ", l->n_dns ? "" : "none", words(l->server));
    if (l->seconds == UINT32_MAX)
        printf("lease infinite renew never rebind never\n");
    else
        printf("lease %u renew %u rebind %u\n", l->seconds, l->renew, l->rebind);
}

/* The delay before the n-th repetition: 1, 2, 4, ... seconds, a quarter more or less. */
static uint64_t delay_ms(int n)
{
    uint64_t ms = FIRST_DELAY_MS;
    while (n-- > 0 && ms < LAST_DELAY_MS)
        ms *= 2;
    return ms * 3 / 4 + random_number() % (ms / 2);
}

static void discover(struct lease *offer)
{
    struct message m;

    xid = random_number();
    began_ms = now_ms();
    for (int n = 0;; n++) {
        secs = (uint16_t)((now_ms() - began_ms) / 1000);
        make_message(&m, DISCOVER, 0, 0, 0);
        broadcast(&m);
        uint64_t until = now_ms() + delay_ms(n);
        while (wait_for(until) == CAME)
            if (reply_is(OFFER) && read_lease(offer))
                return;
    }
}

/* Asks for what was offered. False if it was refused, or nobody answers any more. */
static bool request(const struct lease *offer, struct lease *got)
{
    struct message m;

    make_message(&m, REQUEST, 0, offer->address, offer->server);
    for (int n = 0; n < 4; n++) {
        uint64_t sent = now_ms();
        broadcast(&m);
        uint64_t until = now_ms() + delay_ms(n);
        while (wait_for(until) == CAME) {
            if (address_option(SERVER) != offer->server)
                continue;
            if (reply_is(NAK)) {
                printf("refused\n");
                return false;
            }
            if (reply_is(ACK) && read_lease(got)) {
                got->since_ms = sent;
                return true;
            }
        }
    }
    return false;
}

/* Asks on the wire who has the address already: RFC 5227, 2.1.1. */
static bool is_taken(uint32_t address)
{
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP));
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ARP),
                             .sll_ifindex = interface_index,
                             .sll_halen = 6,
                             .sll_addr = {255, 255, 255, 255, 255, 255}};
    struct ether_arp probe = {.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER),
                                         .ar_pro = htons(ETH_P_IP),
                                         .ar_hln = 6,
                                         .ar_pln = 4,
                                         .ar_op = htons(ARPOP_REQUEST)}};
    bool taken = false;

    memcpy(probe.arp_sha, mac, sizeof mac);
    memcpy(probe.arp_tpa, &address, 4);
    if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to) < 0)
        fail("ARP");
    sendto(fd, &probe, sizeof probe, 0, (struct sockaddr *)&to, sizeof to);
    for (uint64_t until = now_ms() + PROBE_MS; !taken && wait_readable(fd, until);) {
        struct ether_arp heard;
        if (recv(fd, &heard, sizeof heard, MSG_DONTWAIT) == sizeof heard)
            taken = memcmp(heard.arp_spa, &address, 4) == 0 && memcmp(heard.arp_sha, mac, sizeof mac) != 0;
    }
    close(fd);
    return taken;
}

static void decline(const struct lease *l)
{
    struct message m;

    make_message(&m, DECLINE, 0, l->address, l->server);
    broadcast(&m);
    printf("conflict %s\n", words(l->address));
    for (uint64_t until = now_ms() + PENANCE_MS; wait_for(until) == CAME;)
        ; /* whatever it is, it is too late */
}

/* Asks for more time until `until_ms`; true if the lease goes on. *refused: it must not be used any more. */
static bool extend(bool by_broadcast, uint64_t until_ms, bool *refused)
{
    struct message m;
    uint64_t sent = now_ms();

    xid = random_number();
    secs = 0;
    make_message(&m, REQUEST, held.address, 0, 0);
    if (by_broadcast)
        broadcast(&m);
    else
        send_to_server(&m);
    while (wait_for(until_ms) == CAME) {
        struct lease more;
        if (reply_is(NAK)) {
            *refused = true;
            return false;
        }
        if (reply_is(ACK) && read_lease(&more) && more.address == held.address) {
            more.since_ms = sent;
            held = more;
            print_lease("renewed");
            return true;
        }
    }
    return false;
}

/* Holds the lease until it is lost. */
static void hold(void)
{
    bool refused = false;

    while (!refused) {
        uint64_t since = held.since_ms, forever = UINT64_MAX;
        bool infinite = held.seconds == UINT32_MAX;
        while (wait_for(infinite ? forever : since + held.renew * 1000ull) == CAME)
            ;
        if (extend(false, since + held.rebind * 1000ull, &refused))
            continue;
        if (!refused && extend(true, since + held.seconds * 1000ull, &refused))
            continue;
        break;
    }
    uint32_t address = held.address;
    unconfigure();
    if (refused)
        printf("refused\n");
    else
        printf("expired %s\n", words(address));
}

int main(int argc, char **argv)
{
    sigset_t set;

    if (argc != 2 || argv[1][0] == '\0' || strlen(argv[1]) >= IF_NAMESIZE) {
        fprintf(stderr, "dhcpclient: usage: ./dhcpclient <interface>\n");
        return 2;
    }
    interface = argv[1];
    setvbuf(stdout, NULL, _IOLBF, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
    bring_up();
    packet_fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_ll on = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = interface_index};
    if (signal_fd < 0 || packet_fd < 0 || bind(packet_fd, (struct sockaddr *)&on, sizeof on) < 0)
        fail("cannot open a packet socket");

    for (;;) {
        struct lease offer, got;
        discover(&offer);
        if (!request(&offer, &got))
            continue;
        if (is_taken(got.address)) {
            decline(&got);
            continue;
        }
        held = got;
        configure();
        print_lease("bound");
        hold();
    }
}
