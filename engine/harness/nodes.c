#include "harness/nodes.h"

#include "base/mem.h"
#include "harness/failure.h"
#include "harness/level.h"
#include "harness/program.h"
#include "sandbox/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct node {
    const char *name;
    int fd; /* of its network namespace */
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

void node_go(const Node *node)
{
    if (node_enter(node ? node : home()) < 0)
        world_broken(errno, "The network of %s could not be entered", node_name(node));
}

void node_go_home(void)
{
    node_go(home());
}

/* No IPv6, and broadcasts arrive although the interface has no address and so no way back to their sender: rp_filter, which a
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

const char *node_name(const Node *node)
{
    return node ? node->name : home()->name;
}

int node_namespace(const Node *node)
{
    return (node ? node : home())->fd;
}

Node *make_node(const char *name)
{
    Node *node = xcalloc(1, sizeof *node);

    node_go_home(); /* opens it, if this is the first node */
    if (unshare(CLONE_NEWNET) < 0)
        skip(
            "This check needs a second network namespace, and there is none to be had here: %s. lux doctor says "
            "what a sandbox of the level full takes; sysctl user.max_net_namespaces limits their number.",
            strerror(errno));
    node->name = name;
    node->fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (node->fd < 0 || netlink_set_up("lo", true) < 0)
        world_broken(errno, "The network of %s could not be made", name);
    node_go_home();
    step("there is a machine named %s", name);
    return node;
}

int socket_in(Node *node, int domain, int type, int protocol)
{
    node_go(node);
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol), error = errno;
    node_go_home();
    if (fd < 0)
        world_broken(error, "A socket could not be made on %s", node_name(node));
    return fd;
}

/* ---- What the check sets ------------------------------------------------------------------------------- */

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

    node_go(node);
    if (netlink_add_address(interface, number, prefix) < 0)
        world_broken(errno, "%s could not get the address %s", interface, address);
    node_go_home();
}

void set_route(Node *node, const char *to, const char *gateway)
{
    uint32_t network, via;
    int prefix = parse_address(to, &network);

    parse_address(format("%s/32", gateway), &via);
    node_go(node);
    if (netlink_add_route(network, prefix, via) < 0)
        world_broken(errno, "The route to %s could not be set", to);
    node_go_home();
}

void be_quiet_in(Node *node)
{
    node_go(node);
    prepare_interfaces();
    node_go_home();
}

void set_up(Node *node, const char *interface, bool up)
{
    node_go(node);
    if (netlink_set_up(interface, up) < 0)
        world_broken(errno, "%s could not be set %s", interface, up ? "up" : "down");
    node_go_home();
}

/* ---- What is there ------------------------------------------------------------------------------------- */

static struct ifaddrs *addresses_in(Node *node)
{
    struct ifaddrs *all = NULL;

    node_go(node);
    if (getifaddrs(&all) < 0)
        world_broken(errno, "The interfaces could not be listed");
    node_go_home();
    return all;
}

bool node_has_flag(Node *node, const char *interface, unsigned flag)
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
    return node_has_flag(node, interface, IFF_UP);
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

    node_go(node);
    FILE *f = fopen("/proc/self/net/route", "re");
    node_go_home();
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

/* "eth0 has no IPv4 address". */
static const char *sentence(const char *interface, const char *verb, const char *noun, const char *words)
{
    return *words ? format("%s %s the %s %s", interface, verb, noun, words)
                  : format("%s %s no %s", interface, verb, noun);
}

static const char *or_none(const char *words)
{
    return *words ? words : "none";
}

static void expect_words(const char *(*look)(Node *, const char *), const char *noun, const char *interface,
                         const char *words, const struct network_options *o)
{
    struct wait w = wait_start_polling(&(const struct wait_options){o->within_ms, o->what},
                                       sentence(interface, "to have", noun, words), NULL);

    while (strcmp(look(o->node, interface), words) != 0) {
        if (wait_more(&w))
            continue;
        failure_settle();
        fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                               .program = program_last(),
                               .expectation = sentence(interface, "has", noun, words),
                               .observation = format("it is %s", or_none(look(o->node, interface))),
                               .wait = &w});
    }
    step("%s", sentence(interface, "has", noun, words));
}

void expect_addresses_(const char *interface, const char *addresses, const struct network_options *o)
{
    expect_words(addresses_of, "IPv4 address", interface, addresses, o);
}

void expect_default_route_(const char *interface, const char *gateway, const struct network_options *o)
{
    expect_words(default_route_of, "default gateway", interface, gateway, o);
}
