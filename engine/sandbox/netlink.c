#include "sandbox/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_MAX = 512 }; /* far more than the few attributes below take */

struct request {
    union {
        struct nlmsghdr header;
        char room[REQUEST_MAX];
    };
};

/* A request whose header of this size follows the one of netlink; returns where. */
static void *begin(struct request *r, uint16_t type, uint16_t flags, size_t size)
{
    memset(r, 0, sizeof *r);
    r->header.nlmsg_type = type;
    r->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
    r->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
    return NLMSG_DATA(&r->header);
}

static struct rtattr *add(struct request *r, unsigned short type, const void *data, size_t size)
{
    struct rtattr *a = (struct rtattr *)(r->room + NLMSG_ALIGN(r->header.nlmsg_len));

    a->rta_type = type;
    a->rta_len = (unsigned short)RTA_LENGTH(size);
    if (size > 0)
        memcpy(RTA_DATA(a), data, size);
    r->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(r->header.nlmsg_len) + RTA_ALIGN(a->rta_len));
    return a;
}

static void add_text(struct request *r, unsigned short type, const char *s)
{
    add(r, type, s, strlen(s) + 1);
}

/* Ends an attribute that holds others: all that were added since. */
static void enclose(struct request *r, struct rtattr *outer)
{
    outer->rta_len = (unsigned short)(r->room + r->header.nlmsg_len - (char *)outer);
}

/* Sends it, and waits for the kernel's answer. */
static int ask(struct request *r)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr answer;
        char more[REQUEST_MAX]; /* the request is repeated */
    } in;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), error = 0;

    if (fd < 0)
        return -1;
    if (send(fd, r, r->header.nlmsg_len, 0) < 0)
        error = errno;
    else if (recv(fd, &in, sizeof in, 0) < (ssize_t)(sizeof in.header + sizeof in.answer.error) ||
             in.header.nlmsg_type != NLMSG_ERROR)
        error = EBADMSG;
    else
        error = -in.answer.error;
    close(fd);
    errno = error;
    return error ? -1 : 0;
}

int netlink_make_veth(const char *near, const char *far, int far_namespace)
{
    struct request r;

    begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    add_text(&r, IFLA_IFNAME, near);
    struct rtattr *info = add(&r, IFLA_LINKINFO, NULL, 0);
    add_text(&r, IFLA_INFO_KIND, "veth");
    struct rtattr *data = add(&r, IFLA_INFO_DATA, NULL, 0);
    struct rtattr *peer = add(&r, VETH_INFO_PEER, &(struct ifinfomsg){0}, sizeof(struct ifinfomsg));
    add_text(&r, IFLA_IFNAME, far);
    add(&r, IFLA_NET_NS_FD, &far_namespace, sizeof far_namespace);
    enclose(&r, peer);
    enclose(&r, data);
    enclose(&r, info);
    return ask(&r);
}

int netlink_make_bridge(const char *name)
{
    struct request r;

    begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    add_text(&r, IFLA_IFNAME, name);
    struct rtattr *info = add(&r, IFLA_LINKINFO, NULL, 0);
    add_text(&r, IFLA_INFO_KIND, "bridge");
    enclose(&r, info);
    return ask(&r);
}

int netlink_plug(const char *name, const char *bridge)
{
    struct request r;
    struct ifinfomsg *link = begin(&r, RTM_NEWLINK, 0, sizeof *link);
    uint32_t master = if_nametoindex(bridge);

    link->ifi_index = (int)if_nametoindex(name);
    add(&r, IFLA_MASTER, &master, sizeof master);
    return ask(&r);
}

int netlink_set_up(const char *name, bool up)
{
    struct request r;
    struct ifinfomsg *link = begin(&r, RTM_NEWLINK, 0, sizeof *link);

    link->ifi_index = (int)if_nametoindex(name);
    link->ifi_change = IFF_UP;
    link->ifi_flags = up ? IFF_UP : 0;
    return ask(&r);
}

int netlink_add_address(const char *name, uint32_t address, int prefix)
{
    struct request r;
    struct ifaddrmsg *a = begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *a);
    uint32_t mask = prefix ? ~0U << (32 - prefix) : 0;
    uint32_t broadcast = address | __builtin_bswap32(~mask);

    a->ifa_family = AF_INET;
    a->ifa_prefixlen = (uint8_t)prefix;
    a->ifa_index = if_nametoindex(name);
    add(&r, IFA_LOCAL, &address, sizeof address);
    add(&r, IFA_ADDRESS, &address, sizeof address);
    if (prefix < 31)
        add(&r, IFA_BROADCAST, &broadcast, sizeof broadcast);
    return ask(&r);
}

int netlink_add_route(uint32_t to, int prefix, uint32_t gateway)
{
    struct request r;
    struct rtmsg *route = begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof *route);

    route->rtm_family = AF_INET;
    route->rtm_dst_len = (uint8_t)prefix;
    route->rtm_table = RT_TABLE_MAIN;
    route->rtm_protocol = RTPROT_STATIC;
    route->rtm_type = RTN_UNICAST;
    route->rtm_scope = RT_SCOPE_UNIVERSE;
    if (prefix > 0)
        add(&r, RTA_DST, &to, sizeof to);
    add(&r, RTA_GATEWAY, &gateway, sizeof gateway);
    return ask(&r);
}

int netlink_checksum_in_software(const char *name)
{
    struct ethtool_value off = {.cmd = ETHTOOL_STXCSUM, .data = 0};
    struct ifreq r = {.ifr_data = (void *)&off};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    int status = ioctl(fd, SIOCETHTOOL, &r), error = errno;
    close(fd);
    errno = error;
    return status;
}

/* Runs in a child, whose exit status is errno. */
static int try_in_child(void)
{
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return errno;
    int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (here < 0 || netlink_make_veth("near", "far", here) < 0)
        return errno;
    return 0;
}

int netlink_try_veth(void)
{
    int status;
    pid_t child = fork();

    if (child < 0)
        return -1;
    if (child == 0)
        _exit(try_in_child());
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
    return errno ? -1 : 0;
}
