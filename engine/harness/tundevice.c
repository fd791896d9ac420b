#include "harness/tundevice.h"

#include "base/mem.h"
#include "harness/level.h"
#include "harness/links.h"
#include "harness/process.h"
#include "harness/world.h"
#include "sandbox/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    MAC = 6,
    HEADER = 14,
    INFO = 4 /* of a packet unless IFF_NO_PI: flags and protocol */,
    PACKET_MAX = 65536
};

static const char tun_path[] = "/dev/net/tun";

struct device {
    struct device *next;
    ino_t inode;      /* of the socket that the program has for it */
    int socket, wire; /* our end, and the packets at the far end of its interface; -1: none yet */
    bool has_info;
    uint8_t near_mac[MAC], far_mac[MAC];
    uv_poll_t socket_poll, wire_poll;
};

static struct device *devices;

/* ---- Which kind ---------------------------------------------------------------------------------------- */

/* Whether the kernel makes a device for us; it is gone when it is closed. */
static bool kernel_makes_one(void)
{
    struct ifreq r = {.ifr_name = "luxtun%d", .ifr_flags = IFF_TUN | IFF_NO_PI};
    int fd = open(tun_path, O_RDWR | O_CLOEXEC);
    bool makes = fd >= 0 && ioctl(fd, TUNSETIFF, &r) == 0;

    if (fd >= 0)
        close(fd);
    return makes;
}

bool tundevice_is_emulated(enum tun_kind kind, Node *node)
{
    static bool told;

    require_own_network("to make an interface");
    be_quiet_in(node);
    bool emulated = kind == TUN_EMULATED || !kernel_makes_one();
    if (!told)
        note(emulated
                 ? "the TUN device is emulated: /dev/net/tun cannot be opened here, or the check asks for it"
                 : "the TUN device is the kernel's");
    told = true;
    return emulated;
}

/* ---- The pump ------------------------------------------------------------------------------------------ */

static void device_close(struct device *d)
{
    uv_poll_stop(&d->socket_poll);
    close(d->socket);
    d->socket = -1;
    if (d->wire < 0)
        return;
    uv_poll_stop(&d->wire_poll);
    close(d->wire); /* the last of its namespace, which takes the interface with it */
    d->wire = -1;
}

static void on_program(uv_poll_t *poll, int status, int events)
{
    static uint8_t frame[HEADER + PACKET_MAX + INFO];
    struct device *d = poll->data;
    size_t skipped = d->has_info ? INFO : 0;
    ssize_t n;

    (void)status, (void)events;
    while ((n = recv(d->socket, frame + HEADER - skipped, PACKET_MAX, MSG_DONTWAIT)) > 0) {
        if (d->wire < 0 || (size_t)n <= skipped)
            continue;
        bool v6 = frame[HEADER] >> 4 == 6; /* the header is written over what was in front of the packet */
        memcpy(frame, d->near_mac, MAC);
        memcpy(frame + MAC, d->far_mac, MAC);
        frame[12] = v6 ? ETHERTYPE_IPV6 >> 8 : ETHERTYPE_IP >> 8;
        frame[13] = v6 ? ETHERTYPE_IPV6 & 255 : 0;
        ssize_t ignored = send(d->wire, frame, HEADER + (size_t)n - skipped, MSG_DONTWAIT);
        (void)ignored; /* a packet that finds no room is lost, as with the kernel's device */
    }
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        device_close(d);
}

static void on_wire(uv_poll_t *poll, int status, int events)
{
    static uint8_t frame[HEADER + PACKET_MAX];
    struct device *d = poll->data;
    struct sockaddr_ll from;
    socklen_t len = sizeof from;
    ssize_t n;

    (void)status, (void)events;
    while (d->wire >= 0 &&
           (n = recvfrom(d->wire, frame, sizeof frame, MSG_DONTWAIT, (struct sockaddr *)&from, &len)) > 0) {
        int protocol = frame[12] << 8 | frame[13];
        uint8_t *packet = frame + HEADER;
        size_t size = (size_t)n - HEADER;
        len = sizeof from;
        if (from.sll_pkttype == PACKET_OUTGOING || n < HEADER ||
            (protocol != ETHERTYPE_IP && protocol != ETHERTYPE_IPV6))
            continue;
        if (d->has_info) {
            packet -= INFO;
            size += INFO;
            packet[0] = packet[1] = 0;
            packet[2] = (uint8_t)(protocol >> 8);
            packet[3] = (uint8_t)protocol;
        }
        ssize_t ignored = send(d->socket, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)ignored;
    }
}

static void watch(uv_poll_t *poll, int fd, struct device *d, uv_poll_cb f)
{
    uv_poll_init(&world.loop, poll, fd);
    poll->data = d;
    uv_poll_start(poll, UV_READABLE, f);
}

/* ---- The interface ------------------------------------------------------------------------------------- */

static void mac_of_interface(int fd, const char *name, uint8_t *mac)
{
    struct ifreq r = {0};

    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    ioctl(fd, SIOCGIFHWADDR, &r);
    memcpy(mac, r.ifr_hwaddr.sa_data, MAC);
}

static int own_namespace(void)
{
    return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* In the program's namespace: the interface, without ARP, and the wire in the far one. 0, or errno. */
static int make_interface(struct device *d, const char *name, int far)
{
    struct ifreq r = {.ifr_flags = IFF_NOARP};

    if (netlink_make_veth(name, "wire", far) < 0)
        return errno;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    ioctl(fd, SIOCSIFFLAGS, &r);
    mac_of_interface(fd, name, d->near_mac);
    close(fd);
    netlink_checksum_in_software(name);
    return 0;
}

/* In the far namespace, where nobody else is. 0, or errno. */
static int open_wire(struct device *d)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    mac_of_interface(fd, "wire", d->far_mac);
    close(fd);
    if (netlink_set_up("wire", true) < 0) /* before the socket, which would be told that it is down */
        return errno;
    struct sockaddr_ll on = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex("wire")};
    d->wire = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (d->wire < 0 || bind(d->wire, (struct sockaddr *)&on, sizeof on) < 0)
        return errno;
    setsockopt(d->wire, SOL_PACKET, PACKET_QDISC_BYPASS, &(int){1}, sizeof(int));
    return 0;
}

static int attach(struct device *d, int pid, const char *name)
{
    int home = own_namespace(), theirs = open(format("/proc/%d/ns/net", pid), O_RDONLY | O_CLOEXEC);
    int error = home < 0 || theirs < 0 || unshare(CLONE_NEWNET) < 0 ? errno : 0;
    int far = error ? -1 : own_namespace();

    if (!error)
        prepare_interfaces();
    if (!error && setns(theirs, CLONE_NEWNET) == 0)
        error = make_interface(d, name, far);
    if (!error && setns(far, CLONE_NEWNET) == 0)
        error = open_wire(d);
    if (home >= 0 && setns(home, CLONE_NEWNET) < 0)
        world_broken(errno, "The network of the sandbox could not be entered again");
    for (int *fd = (int[]){home, theirs, far, -1}; *fd >= 0; fd++)
        close(*fd);
    return error;
}

/* ---- Answers ------------------------------------------------------------------------------------------- */

static bool read_memory(int pid, uint64_t address, void *out, size_t size)
{
    struct iovec ours = {out, size}, theirs = {(void *)(uintptr_t)address, size};

    return process_vm_readv(pid, &ours, 1, &theirs, 1, 0) == (ssize_t)size;
}

static bool write_memory(int pid, uint64_t address, const void *data, size_t size)
{
    struct iovec ours = {(void *)(uintptr_t)data, size}, theirs = {(void *)(uintptr_t)address, size};

    return process_vm_writev(pid, &ours, 1, &theirs, 1, 0) == (ssize_t)size;
}

/* A path is read byte by byte: it may end right before memory that cannot be read. */
static bool is_tun_path(int pid, uint64_t address)
{
    for (size_t i = 0; i < sizeof tun_path; i++) {
        char c;
        if (!read_memory(pid, address + i, &c, 1) || c != tun_path[i])
            return false;
    }
    return true;
}

static bool answer_open(struct supervisor *s, const struct seccomp_notif *call,
                        struct seccomp_notif_resp *answer)
{
    bool at = call->data.nr == SYS_openat;
    int flags = (int)call->data.args[at ? 2 : 1], ends[2];
    struct stat st;

    if (!is_tun_path((int)call->pid, call->data.args[at ? 1 : 0]))
        return false;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        answer->error = -errno;
        return true;
    }
    struct device *d = xcalloc(1, sizeof *d);
    d->next = devices;
    devices = d;
    d->socket = ends[0];
    d->wire = -1;
    if (fstat(ends[1], &st) == 0)
        d->inode = st.st_ino;
    if (flags & O_NONBLOCK)
        fcntl(ends[1], F_SETFL, O_NONBLOCK);
    struct seccomp_notif_addfd add = {
        .id = call->id, .srcfd = (uint32_t)ends[1], .newfd_flags = (uint32_t)flags & O_CLOEXEC};
    int fd = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
    close(ends[1]);
    answer->error = fd < 0 ? -errno : 0;
    answer->val = fd < 0 ? 0 : fd;
    watch(&d->socket_poll, d->socket, d, on_program);
    return true;
}

static struct device *device_of(int pid, int fd)
{
    struct open_file file;
    unsigned long inode = 0;

    if (!process_file(pid, fd, &file) || sscanf(file.target, "socket:[%lu]", &inode) != 1)
        return NULL;
    for (struct device *d = devices; d; d = d->next)
        if (d->inode == inode)
            return d;
    return NULL;
}

/* "tun%d", or no name at all, is the first that is free. */
static int attach_named(struct device *d, int pid, char *name)
{
    bool chosen = !*name || strchr(name, '%');
    int error = 0;

    for (int i = 0; i == 0 || (chosen && error == EEXIST && i < 100); i++) {
        if (chosen)
            snprintf(name, IFNAMSIZ, "tun%d", i);
        error = attach(d, pid, name);
    }
    return error;
}

static bool answer_ioctl(const struct seccomp_notif *call, struct seccomp_notif_resp *answer)
{
    struct device *d = device_of((int)call->pid, (int)call->data.args[0]);
    struct ifreq r;

    if (!d)
        return false;
    if ((uint32_t)call->data.args[1] != TUNSETIFF)
        return true; /* persistence and owners: it is as if it were done */
    if (!read_memory((int)call->pid, call->data.args[2], &r, sizeof r)) {
        answer->error = -EFAULT;
        return true;
    }
    r.ifr_name[IFNAMSIZ - 1] = '\0';
    if ((r.ifr_flags & ~(IFF_NO_PI | IFF_ONE_QUEUE | IFF_TUN_EXCL)) != IFF_TUN || d->wire >= 0) {
        step("the emulation of /dev/net/tun does not know the flags 0x%04x", (unsigned)(uint16_t)r.ifr_flags);
        answer->error = -EINVAL;
        return true;
    }
    d->has_info = !(r.ifr_flags & IFF_NO_PI);
    int error = attach_named(d, (int)call->pid, r.ifr_name);
    if (error == EOPNOTSUPP)
        skip(
            "This check needs a TUN device. /dev/net/tun cannot be opened here, and it cannot be emulated without veth "
            "interfaces either: sudo modprobe veth.");
    answer->error = error == EEXIST ? -EBUSY : -error;
    if (!error && !write_memory((int)call->pid, call->data.args[2], r.ifr_name, IFNAMSIZ))
        answer->error = -EFAULT;
    if (d->wire >= 0)
        watch(&d->wire_poll, d->wire, d, on_wire);
    return true;
}

static bool answer_call(struct supervisor *s, const struct seccomp_notif *call,
                        struct seccomp_notif_resp *answer)
{
    return call->data.nr == SYS_ioctl ? answer_ioctl(call, answer) : answer_open(s, call, answer);
}

void tundevice_supervise(struct supervisor *s)
{
    static const uint32_t requests[] = {(uint32_t)TUNSETIFF, (uint32_t)TUNSETPERSIST, (uint32_t)TUNSETOWNER,
                                        (uint32_t)TUNSETGROUP};

    supervisor_add(s, (struct supervised_call){.number = SYS_openat});
#ifdef SYS_open
    supervisor_add(s, (struct supervised_call){.number = SYS_open});
#endif
    for (size_t i = 0; i < ARRAY_LEN(requests); i++)
        supervisor_add(
            s, (struct supervised_call){.number = SYS_ioctl, .asks_second = true, .second = requests[i]});
    s->answers = answer_call;
}
