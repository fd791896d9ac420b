#include "harness/links.h"

#include "base/mem.h"
#include "harness/failure.h"
#include "harness/nodes.h"
#include "sandbox/netlink.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
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

    node_go(e->node);
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", e->interface);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &r) < 0 || netlink_checksum_in_software(e->interface) < 0 ||
        netlink_set_up(e->interface, true) < 0)
        world_broken(errno, "The interface %s could not be set up", e->interface);
    memcpy(e->mac, r.ifr_hwaddr.sa_data, MAC_SIZE);
    close(fd);
    node_go_home();
}

static void watch_frames(Link *l)
{
    const int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;

    node_go(l->b.node);
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
    node_go_home();
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

    node_go(l->a.node);
    struct sockaddr_ll on = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(l->a.interface)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&on, sizeof on) < 0)
        world_broken(errno, "The link %s could not be tried", l->a.interface);
    node_go_home();
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
    node_go(b);
    prepare_interfaces();
    node_go(a);
    prepare_interfaces();
    int status = netlink_make_veth(interface_a, interface_b, node_namespace(b)), error = errno;
    node_go_home();
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
    step("a link joins %s of %s and %s of %s", interface_a, node_name(a), interface_b, node_name(b));
    return l;
}

Bridge *make_bridge(const char *name, const char *address)
{
    Bridge *bridge = xcalloc(1, sizeof *bridge);

    node_go_home();
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

bool is_connected(Link *l)
{
    return node_has_flag(l->a.node, l->a.interface, IFF_RUNNING) &&
           node_has_flag(l->b.node, l->b.interface, IFF_RUNNING);
}
