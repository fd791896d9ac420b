#include "harness/sockets.h"

#include "base/mem.h"
#include "harness/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPLY_MAX = 32 << 10 };

struct request {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
};

static struct in6_addr address_of(int family, const void *words)
{
    struct in6_addr a = {0};

    if (family == AF_INET6) {
        memcpy(&a, words, sizeof a);
    } else {
        a.s6_addr[10] = a.s6_addr[11] = 0xff;
        memcpy(&a.s6_addr[12], words, 4);
    }
    return a;
}

static struct socket_info info_of(const struct inet_diag_msg *m)
{
    return (struct socket_info){
        .state = m->idiag_state,
        .v6 = m->idiag_family == AF_INET6,
        .local = {address_of(m->idiag_family, m->id.idiag_src), ntohs(m->id.idiag_sport)},
        .remote = {address_of(m->idiag_family, m->id.idiag_dst), ntohs(m->id.idiag_dport)},
        .receive_queue = m->idiag_rqueue,
        .send_queue = m->idiag_wqueue,
        .inode = m->idiag_inode,
    };
}

/* Sends one request and gives each socket of the answer to found(). */
static void ask(struct request *r, void (*found)(void *context, struct socket_info info), void *context)
{
    static _Alignas(struct nlmsghdr) char reply[REPLY_MAX];
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    bool more = fd >= 0 && send(fd, r, sizeof *r, 0) == (ssize_t)sizeof *r;

    while (more) {
        ssize_t n = recv(fd, reply, sizeof reply, 0);
        if (n <= 0)
            break;
        more = r->header.nlmsg_flags & NLM_F_DUMP;
        size_t left = (size_t)n;
        for (struct nlmsghdr *h = (struct nlmsghdr *)reply; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
            if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
                more = false;
            else if (h->nlmsg_type == SOCK_DIAG_BY_FAMILY)
                found(context, info_of(NLMSG_DATA(h)));
        }
    }
    if (fd >= 0)
        close(fd);
}

struct collected {
    struct socket_info *items;
    size_t n;
};

static void collect(void *context, struct socket_info info)
{
    struct collected *c = context;

    if ((c->n & (c->n - 1)) == 0)
        c->items = xreallocarray(c->items, c->n ? 2 * c->n : 1, sizeof *c->items);
    c->items[c->n++] = info;
}

size_t sockets_in(uint32_t states, struct socket_info **out)
{
    struct collected all = {0};

    for (int i = 0; i < 2; i++) {
        struct request r = {.header = {.nlmsg_len = sizeof r,
                                       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
                            .body = {.sdiag_family = i ? AF_INET6 : AF_INET,
                                     .sdiag_protocol = IPPROTO_TCP,
                                     .idiag_states = states}};
        ask(&r, collect, &all);
    }
    *out = all.items;
    return all.n;
}

static bool is_v4(const struct in6_addr *a)
{
    return IN6_IS_ADDR_V4MAPPED(a);
}

static void put_address(uint32_t words[4], const struct in6_addr *a)
{
    if (is_v4(a))
        memcpy(words, &a->s6_addr[12], 4);
    else
        memcpy(words, a, sizeof *a);
}

bool socket_peer(int fd, struct socket_info *out)
{
    struct endpoint here, there;
    struct collected one = {0};

    if (!socket_local(fd, &here) || !socket_remote(fd, &there))
        return false;
    struct request r = {
        .header = {.nlmsg_len = sizeof r, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
        .body = {.sdiag_family = is_v4(&there.address) ? AF_INET : AF_INET6,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_states = UINT32_MAX,
                 .id = {.idiag_sport = htons(there.port),
                        .idiag_dport = htons(here.port),
                        .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};
    put_address(r.body.id.idiag_src, &there.address);
    put_address(r.body.id.idiag_dst, &here.address);
    ask(&r, collect, &one);
    bool found = one.n > 0 && one.items[0].state != TCP_LISTEN;
    if (found)
        *out = one.items[0];
    free(one.items);
    return found;
}

bool socket_with_inode(unsigned long inode, struct socket_info *out)
{
    autofree struct socket_info *all = NULL;
    size_t n = sockets_in(UINT32_MAX, &all);

    for (size_t i = 0; i < n; i++) {
        if (all[i].inode == inode) {
            *out = all[i];
            return true;
        }
    }
    return false;
}

struct endpoint endpoint_of_address(const struct sockaddr_storage *s)
{
    if (s->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)s;
        return (struct endpoint){in6->sin6_addr, ntohs(in6->sin6_port)};
    }
    const struct sockaddr_in *in = (const struct sockaddr_in *)s;
    return (struct endpoint){address_of(AF_INET, &in->sin_addr), ntohs(in->sin_port)};
}

static bool endpoint_of(const struct sockaddr_storage *s, struct endpoint *out)
{
    if (s->ss_family != AF_INET && s->ss_family != AF_INET6)
        return false;
    *out = endpoint_of_address(s);
    return true;
}

bool socket_local(int fd, struct endpoint *out)
{
    struct sockaddr_storage s;
    socklen_t len = sizeof s;

    return getsockname(fd, (struct sockaddr *)&s, &len) == 0 && endpoint_of(&s, out);
}

bool socket_remote(int fd, struct endpoint *out)
{
    struct sockaddr_storage s;
    socklen_t len = sizeof s;

    return getpeername(fd, (struct sockaddr *)&s, &len) == 0 && endpoint_of(&s, out);
}

bool endpoint_same(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

const char *endpoint_words(const struct endpoint *e)
{
    char words[INET6_ADDRSTRLEN];

    if (is_v4(&e->address)) {
        inet_ntop(AF_INET, &e->address.s6_addr[12], words, sizeof words);
        return format("%s:%u", words, e->port);
    }
    inet_ntop(AF_INET6, &e->address, words, sizeof words);
    return format("[%s]:%u", words, e->port);
}
