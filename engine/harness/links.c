#include "harness/links.h"

#include "base/buf.h"
#include "base/mem.h"
#include "harness/failure.h"
#include "harness/level.h"
#include "harness/program.h"
#include "sandbox/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TYPE_EXPERIMENT = 0x88b5, /* the EtherType that IEEE 802 leaves to everybody, for frames of our own */
    FRAME_MAX = 65536,
    FRAMES_MAX =
        100000 /* on one link, that nobody asked for; those after them are lost, as on a full queue */
};

struct node {
    const char *name;
    int fd; /* of its network namespace */
};

struct end {
    Node *node;
    const char *interface;
    uint8_t mac[MAC_SIZE];
};

struct link {
    struct end a, b;
    int fd; /* packet(7), on b */
    uv_poll_t poll;
    Frame *frames;
    size_t n_frames, n_taken;
};

struct bridge {
    const char *name;
    int n_ports;
};

/* ---- Nodes --------------------------------------------------------------------------------------------- */

/* The programs' node, which is where the checker is whenever no verb is at work. */
static Node *home(void)
{
    static Node node;

    if (node.name)
        return &node;
    require_own_network("to make machines and links");
    node.fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (node.fd < 0)
        world_broken(errno, "The network of the sandbox could not be opened");
    node.name = "the program's machine";
    return &node;
}

int node_enter(const Node *node)
{
    return setns(node->fd, CLONE_NEWNET);
}

static void go_to(const Node *node)
{
    if (node_enter(node ? node : home()) < 0)
        world_broken(errno, "The network of %s could not be entered", node ? node->name : home()->name);
}

static void go_home(void)
{
    go_to(home());
}

/* Broadcasts arrive although the interface has no address and so no way back to their sender: rp_filter, which a
 * namespace inherits. */
void prepare_interfaces(void)
{
    static const struct {
        const char *path, *value;
    } settings[] = {
        {"/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"},
        {"/proc/sys/net/ipv4/conf/default/rp_filter", "0"},
        {"/proc/sys/net/ipv4/conf/all/rp_filter", "0"},
    };

    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        int fd = open(settings[i].path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            continue; /* there is no IPv6 here */
        ssize_t ignored = write(fd, settings[i].value, 1);
        (void)ignored;
        close(fd);
    }
}

Node *make_node(const char *name)
{
    Node *node = xcalloc(1, sizeof *node);

    go_home(); /* opens it, if this is the first node */
    if (unshare(CLONE_NEWNET) < 0)
        skip(
            "This check needs a second network namespace, and there is none to be had here: %s. lux doctor says "
            "what a sandbox of the level full takes; sysctl user.max_net_namespaces limits their number.",
            strerror(errno));
    node->name = name;
    node->fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (node->fd < 0 || netlink_set_up("lo", true) < 0)
        world_broken(errno, "The network of %s could not be made", name);
    go_home();
    step("there is a machine named %s", name);
    return node;
}

int socket_in(Node *node, int domain, int type, int protocol)
{
    go_to(node);
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol), error = errno;
    go_home();
    if (fd < 0)
        world_broken(error, "A socket could not be made on %s", node ? node->name : home()->name);
    return fd;
}

/* ---- Frames -------------------------------------------------------------------------------------------- */

/* When the kernel saw it; 0 if it did not look at its clock. SO_TIMESTAMPNS would tell the present time then. */
static uint64_t time_of(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        struct scm_timestamping t;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
            continue;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        return (uint64_t)t.ts[0].tv_sec * 1000000000 + (uint64_t)t.ts[0].tv_nsec;
    }
    return 0;
}

static void keep_frame(Link *l, Frame f)
{
    if (l->n_frames - l->n_taken >= FRAMES_MAX) {
        if (!world.flood)
            world.flood = format("more than %d frames crossed the link %s that nothing had asked for",
                                 FRAMES_MAX, l->a.interface);
        return;
    }
    if ((l->n_frames & (l->n_frames - 1)) == 0)
        l->frames = xreallocarray(l->frames, l->n_frames ? 2 * l->n_frames : 1, sizeof *l->frames);
    f.content = join(f.content, text(""));
    l->frames[l->n_frames++] = f;
}

/* The next frame, whose content is valid until the next call; false if there is none. */
static bool read_frame(Link *l, Frame *out)
{
    static uint8_t content[FRAME_MAX];
    union {
        struct cmsghdr aligned;
        char room[256];
    } control;
    struct sockaddr_ll from = {0};
    struct iovec io = {content, sizeof content};
    struct msghdr m = {.msg_name = &from,
                       .msg_namelen = sizeof from,
                       .msg_iov = &io,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    ssize_t n;

    while ((n = recvmsg(l->fd, &m, MSG_DONTWAIT)) < 0)
        if (errno != ENETDOWN) /* the news that the interface went down */
            return false;
    *out = (Frame){.content = bytes(content, (size_t)n),
                   .from_b = from.sll_pkttype == PACKET_OUTGOING,
                   .sent_ns = time_of(&m)};
    return true;
}

/* One of await_link(), which comes late. */
static bool is_probe(const Frame *f)
{
    return f->content.size >= ETH_HLEN && f->content.data[12] == TYPE_EXPERIMENT >> 8 &&
           f->content.data[13] == (TYPE_EXPERIMENT & 255);
}

static void receive_frames(Link *l)
{
    enum { MOST = 256 }; /* then others get their turn */
    Frame f;

    for (int i = 0; i < MOST && read_frame(l, &f); i++)
        if (!is_probe(&f))
            keep_frame(l, f);
}

static void on_frames(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    receive_frames(poll->data);
}

bool take_frame(Link *l, Frame *out)
{
    receive_frames(l);
    if (l->n_taken == l->n_frames)
        return false;
    *out = l->frames[l->n_taken++];
    return true;
}

bool await_frame(Link *l, struct wait *w)
{
    for (receive_frames(l); l->n_taken == l->n_frames; receive_frames(l))
        if (!wait_more(w))
            return false;
    return true;
}

Frame receive_frame_(Link *l, const struct wait_options *o)
{
    struct wait w = wait_start(o, "a frame", format("on %s", l->a.interface));
    Frame f;

    if (!await_frame(l, &w)) {
        failure_settle();
        fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                               .expectation = format("a frame crosses the link %s", l->a.interface),
                               .observation = "nothing was sent on it",
                               .wait = &w});
    }
    take_frame(l, &f);
    step("%s → %s  a frame of %zu bytes", f.from_b ? l->b.interface : l->a.interface,
         f.from_b ? l->a.interface : l->b.interface, f.content.size);
    return f;
}

void send_frame(Link *l, Bytes frame)
{
    if (send(l->fd, frame.data, frame.size, 0) < 0 && errno != ENETDOWN)
        world_broken(errno, "A frame of %zu bytes could not be sent on %s", frame.size, l->b.interface);
}

/* ---- Links --------------------------------------------------------------------------------------------- */

static void open_end(struct end *e)
{
    struct ifreq r = {0};

    go_to(e->node);
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", e->interface);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &r) < 0 || netlink_checksum_in_software(e->interface) < 0 ||
        netlink_set_up(e->interface, true) < 0)
        world_broken(errno, "The interface %s could not be set up", e->interface);
    memcpy(e->mac, r.ifr_hwaddr.sa_data, MAC_SIZE);
    close(fd);
    go_home();
}

static void watch_frames(Link *l)
{
    const int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;

    go_to(l->b.node);
    struct sockaddr_ll on = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex(l->b.interface)};
    l->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); /* bind begins to receive */
    if (l->fd < 0 || setsockopt(l->fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps) < 0 ||
        bind(l->fd, (struct sockaddr *)&on, sizeof on) < 0)
        world_broken(errno, "The frames on %s could not be watched", l->b.interface);
    setsockopt(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){4 << 20}, sizeof(int));
    /* The queue of an interface is opened by the kernel some time after the other end has come up, and swallows
     * what is sent before. */
    setsockopt(l->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &(int){1}, sizeof(int));
    go_home();
    int status = uv_poll_init(&world.loop, &l->poll, l->fd);
    if (status < 0)
        world_broken(-status, "The frames on %s could not be watched", l->b.interface);
    l->poll.data = l;
}

/* The kernel begins to send on a new link, and to note the time of what is received, a moment after it was told to:
 * until then frames of ours cross the link, and nobody hears of them. */
static void await_link(Link *l)
{
    enum { TRIES = 200, PAUSE_MS = 5 };
    static const uint8_t probe[64] = {
        2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, TYPE_EXPERIMENT >> 8, TYPE_EXPERIMENT & 255};
    bool stamped = false;

    go_to(l->a.node);
    struct sockaddr_ll on = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(l->a.interface)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&on, sizeof on) < 0)
        world_broken(errno, "The link %s could not be tried", l->a.interface);
    go_home();
    for (int i = 0; i < TRIES && !(stamped && is_connected(l)); i++) {
        Frame f;
        ssize_t ignored = send(fd, probe, sizeof probe, 0);
        (void)ignored;
        poll(&(struct pollfd){.fd = l->fd, .events = POLLIN}, 1, PAUSE_MS);
        while (read_frame(l, &f))
            stamped = f.sent_ns > 0;
    }
    close(fd);
}

Link *lay_link(Node *a, const char *interface_a, Node *b, const char *interface_b)
{
    Link *l = xcalloc(1, sizeof *l);

    l->a = (struct end){.node = a, .interface = interface_a};
    l->b = (struct end){.node = b, .interface = interface_b};
    go_to(b);
    prepare_interfaces();
    go_to(a);
    prepare_interfaces();
    int status = netlink_make_veth(interface_a, interface_b, (b ? b : home())->fd), error = errno;
    go_home();
    if (status < 0 && error != EEXIST)
        skip(
            "This check needs a pair of virtual network interfaces (veth), and the kernel makes none here: %s. They "
            "come with the kernel module of that name: sudo modprobe veth. lux doctor looks for them, too.",
            strerror(error));
    if (status < 0)
        world_broken(error, "The link %s could not be made", interface_a);
    open_end(&l->b);
    watch_frames(l); /* before anything can be sent */
    open_end(&l->a);
    await_link(l);
    uv_poll_start(&l->poll, UV_READABLE, on_frames);
    step("a link joins %s of %s and %s of %s", interface_a, a ? a->name : home()->name, interface_b,
         b ? b->name : home()->name);
    return l;
}

Bridge *make_bridge(const char *name, const char *address)
{
    Bridge *bridge = xcalloc(1, sizeof *bridge);

    go_home();
    prepare_interfaces();
    if (netlink_make_bridge(name) < 0)
        skip(
            "This check needs a virtual switch, and the kernel makes none here: %s. It comes with the kernel module "
            "bridge: sudo modprobe bridge.",
            strerror(errno));
    bridge->name = name;
    set_up(NULL, name, true);
    if (address)
        set_address(NULL, name, address);
    return bridge;
}

Link *plug_in(Bridge *bridge, Node *node, const char *interface)
{
    const char *port = format("%s-%d", bridge->name, ++bridge->n_ports);
    Link *l = lay_link(node, interface, NULL, port);

    if (netlink_plug(port, bridge->name) < 0)
        world_broken(errno, "%s could not be plugged into the bridge", port);
    return l;
}

/* "10.0.0.1/24"; returns the length of the prefix. */
static int parse_address(const char *words, uint32_t *address)
{
    char host[INET_ADDRSTRLEN] = "";
    int prefix = -1;
    struct in_addr in;

    if (sscanf(words, "%15[0-9.]/%d", host, &prefix) != 2 || prefix < 0 || prefix > 32 ||
        inet_pton(AF_INET, host, &in) != 1)
        world_broken(0, "The check names the address \"%s\", which is none", words);
    *address = in.s_addr;
    return prefix;
}

void set_address(Node *node, const char *interface, const char *address)
{
    uint32_t number;
    int prefix = parse_address(address, &number);

    go_to(node);
    if (netlink_add_address(interface, number, prefix) < 0)
        world_broken(errno, "%s could not get the address %s", interface, address);
    go_home();
}

void set_route(Node *node, const char *to, const char *gateway)
{
    uint32_t network, via;
    int prefix = parse_address(to, &network);

    parse_address(format("%s/32", gateway), &via);
    go_to(node);
    if (netlink_add_route(network, prefix, via) < 0)
        world_broken(errno, "The route to %s could not be set", to);
    go_home();
}

void be_quiet_in(Node *node)
{
    go_to(node);
    prepare_interfaces();
    go_home();
}

void set_up(Node *node, const char *interface, bool up)
{
    go_to(node);
    if (netlink_set_up(interface, up) < 0)
        world_broken(errno, "%s could not be set %s", interface, up ? "up" : "down");
    go_home();
}

void cut(Link *l)
{
    step("the link at %s is cut", l->a.interface);
    set_up(l->b.node, l->b.interface, false);
}

void heal(Link *l)
{
    step("the link at %s is whole again", l->a.interface);
    set_up(l->b.node, l->b.interface, true);
}

/* ---- What is there ------------------------------------------------------------------------------------- */

Node *far_node_of(Link *l)
{
    return l->b.node;
}

const uint8_t *mac_of(Link *l)
{
    return l->a.mac;
}

const uint8_t *far_mac_of(Link *l)
{
    return l->b.mac;
}

static struct ifaddrs *addresses_in(Node *node)
{
    struct ifaddrs *all = NULL;

    go_to(node);
    if (getifaddrs(&all) < 0)
        world_broken(errno, "The interfaces could not be listed");
    go_home();
    return all;
}

static bool has_flag(Node *node, const char *interface, unsigned flag)
{
    struct ifaddrs *all = addresses_in(node);
    bool set = false;

    for (struct ifaddrs *i = all; i; i = i->ifa_next)
        set |= strcmp(i->ifa_name, interface) == 0 && (i->ifa_flags & flag);
    freeifaddrs(all);
    return set;
}

bool is_up(Node *node, const char *interface)
{
    return has_flag(node, interface, IFF_UP);
}

bool is_connected(Link *l)
{
    return has_flag(l->a.node, l->a.interface, IFF_RUNNING) &&
           has_flag(l->b.node, l->b.interface, IFF_RUNNING);
}

const char *addresses_of(Node *node, const char *interface)
{
    struct ifaddrs *all = addresses_in(node);
    const char *words = "";

    for (struct ifaddrs *i = all; i; i = i->ifa_next) {
        struct sockaddr_in address, mask;
        char host[INET_ADDRSTRLEN];
        if (strcmp(i->ifa_name, interface) != 0 || !i->ifa_addr || i->ifa_addr->sa_family != AF_INET)
            continue;
        memcpy(&address, i->ifa_addr, sizeof address);
        memcpy(&mask, i->ifa_netmask, sizeof mask);
        inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
        words = format("%s%s%s/%d", words, *words ? " " : "", host, __builtin_popcount(mask.sin_addr.s_addr));
    }
    freeifaddrs(all);
    return words;
}

const char *default_route_of(Node *node, const char *interface)
{
    char line[256], name[IF_NAMESIZE], host[INET_ADDRSTRLEN];
    const char *gateway = "";

    go_to(node);
    FILE *f = fopen("/proc/self/net/route", "re");
    go_home();
    if (!f)
        world_broken(errno, "The routes could not be read");
    while (fgets(line, sizeof line, f)) {
        unsigned to, via, mask;
        if (sscanf(line, "%15s %x %x %*x %*d %*d %*d %x", name, &to, &via, &mask) != 4)
            continue;
        if (to != 0 || mask != 0 || strcmp(name, interface) != 0)
            continue;
        inet_ntop(AF_INET, &(struct in_addr){via}, host, sizeof host); /* the words of memory as they are */
        gateway = format("%s", host);
    }
    fclose(f);
    return gateway;
}

static const char *or_none(const char *words)
{
    return *words ? words : "none";
}

static void expect_words(const char *(*look)(Node *, const char *), const char *noun, const char *interface,
                         const char *words, const struct network_options *o)
{
    struct wait w = wait_start_polling(&(const struct wait_options){o->within_ms, o->what},
                                       format("%s %s of %s", noun, or_none(words), interface), NULL);

    while (strcmp(look(o->node, interface), words) != 0) {
        if (wait_more(&w))
            continue;
        failure_settle();
        fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                               .program = program_last(),
                               .expectation = format("%s has the %s %s", interface, noun, or_none(words)),
                               .observation = format("it is %s", or_none(look(o->node, interface))),
                               .wait = &w});
    }
    step("%s has the %s %s", interface, noun, or_none(words));
}

void expect_addresses_(const char *interface, const char *addresses, const struct network_options *o)
{
    expect_words(addresses_of, "IPv4 address", interface, addresses, o);
}

void expect_default_route_(const char *interface, const char *gateway, const struct network_options *o)
{
    expect_words(default_route_of, "default gateway", interface, gateway, o);
}
