/* Datagrams, over whatever kind of socket; udp.c and unix.c open them. */
#include "harness/datagram_socket.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/failure.h"
#include "harness/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { KEPT_MAX = 64 << 20 }; /* bytes that arrived and nobody asked for */

/* ---- In the background --------------------------------------------------------------------------------- */

/* Whom a datagram comes from, in words that answer_datagram() can turn back into an address. */
static Datagram sender_of(const struct sockaddr_storage *from, socklen_t len)
{
    char host[INET6_ADDRSTRLEN] = "";
    struct endpoint e;

    if (from->ss_family == AF_UNIX) {
        const struct sockaddr_un *un = (const struct sockaddr_un *)from;
        size_t size =
            len > offsetof(struct sockaddr_un, sun_path) ? len - offsetof(struct sockaddr_un, sun_path) : 0;
        const char *path = format("%.*s", (int)size, un->sun_path);
        return (Datagram){.from = *path ? path : "a socket without a name", .host = path};
    }
    e = endpoint_of_address(from);
    if (from->ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)from)->sin6_addr, host, sizeof host);
    else
        inet_ntop(AF_INET, &((const struct sockaddr_in *)from)->sin_addr, host, sizeof host);
    return (Datagram){.from = endpoint_words(&e), .host = format("%s", host), .port = e.port};
}

static void keep(DatagramSocket *u, Bytes content, Datagram d)
{
    if (u->kept_bytes + content.size > KEPT_MAX) {
        if (!world.flood)
            world.flood = format("%s has sent %s to %s that nothing had asked for", u->peer_name,
                                 count_bytes(KEPT_MAX), u->name);
        return;
    }
    if ((u->n_kept & (u->n_kept - 1)) == 0)
        u->kept = xreallocarray(u->kept, u->n_kept ? 2 * u->n_kept : 1, sizeof *u->kept);
    d.content = join(content, text(""));
    u->kept[u->n_kept++] = d;
    u->kept_bytes += content.size;
}

/* A datagram goes to whoever answers in the background, or is kept until it is asked for. */
static void receive_some(DatagramSocket *u)
{
    enum { MOST = 256 }; /* then others get their turn */
    static uint8_t content[1 << 18];

    for (int i = 0; i < MOST && u->fd >= 0; i++) {
        struct sockaddr_storage from = {0};
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(u->fd, content, sizeof content, 0, (struct sockaddr *)&from, &len);
        if (n >= 0 && u->on_datagram)
            u->on_datagram(u, bytes(content, (size_t)n), sender_of(&from, len));
        else if (n >= 0)
            keep(u, bytes(content, (size_t)n), sender_of(&from, len));
        else if (errno == EAGAIN)
            return;
        /* anything else is the news that an earlier datagram could not be delivered */
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    receive_some(poll->data);
}

DatagramSocket *datagram_socket_new_taking(int fd, const char *name)
{
    DatagramSocket *u = xcalloc(1, sizeof *u);
    Program *program = program_last();

    u->fd = fd;
    u->name = name;
    u->peer = program;
    u->peer_name = program ? program->name : world.program_name;
    int status = uv_poll_init(&world.loop, &u->poll, fd);
    if (status < 0)
        world_broken(-status, "A socket for datagrams could not be watched");
    u->poll.data = u;
    uv_poll_start(&u->poll, UV_READABLE, on_readable);
    return u;
}

void close_datagrams(DatagramSocket *u)
{
    step("%s closes its socket", u->name);
    if (u->fd < 0)
        return;
    uv_poll_stop(&u->poll);
    close(u->fd);
    u->fd = -1;
}

static void drop_first(DatagramSocket *u)
{
    u->kept_bytes -= u->kept[0].content.size;
    memmove(u->kept, u->kept + 1, --u->n_kept * sizeof *u->kept);
}

/* ---- Sending ------------------------------------------------------------------------------------------- */

static const char *sized(Bytes b)
{
    return b.size ? quote_sized(b) : "an empty datagram";
}

static void send_to(DatagramSocket *u, const struct sockaddr_storage *to, socklen_t len, Bytes content)
{
    if (u->fd < 0)
        world_broken(0, "The check sends a datagram on %s, which it has closed", u->name);
    for (;;) {
        if (sendto(u->fd, content.data, content.size, 0, (const struct sockaddr *)to, len) >= 0)
            return;
        if (errno == EAGAIN || errno == ENOBUFS) /* what was sent before is still on its way */
            world_run(1000000);
        else if (errno != EINTR && errno != ECONNREFUSED)
            world_broken(errno, "A datagram of %zu bytes could not be sent on %s", content.size, u->name);
    }
}

void send_datagram(DatagramSocket *u, Bytes content)
{
    if (!u->talks_with)
        world_broken(0, "The check sends a datagram on %s, which talks with nobody", u->name);
    step("%s → %s  %s", u->name, u->peer_name, sized(content));
    send_to(u, &u->to, u->to_len, content);
}

void send_quietly(DatagramSocket *u, Datagram to, Bytes content)
{
    socklen_t len;
    struct sockaddr_storage address =
        to.port ? address_named(to.host, to.port, &len) : address_of_path(to.host, &len);

    send_to(u, &address, len, content);
}

void answer_datagram(DatagramSocket *u, Datagram to, Bytes content)
{
    step("%s → %s  %s", u->name, to.from, sized(content));
    u->asked = to.from;
    send_quietly(u, to, content);
}

/* ---- Receiving ----------------------------------------------------------------------------------------- */

const char *datagram_difference(Bytes expected, Bytes received)
{
    int64_t at = compare_bytes(expected, received);

    if (at < 0)
        return NULL;
    if (received.size == 0)
        return "an empty datagram came";
    if ((size_t)at == received.size)
        return format("only the first %s of %s came", count_bytes(received.size), count_bytes(expected.size));
    if ((size_t)at == expected.size)
        return format("%s came: %s, and %s after it", count_bytes(received.size),
                      expected.size ? "what was expected" : "what should be empty",
                      quote_sized(slice(received, expected.size, received.size)));
    if (expected.size <= QUOTE_MAX && received.size <= QUOTE_MAX)
        return format("%s came", quote_sized(received));
    return format("%s came; the first %s are right, then comes %s instead of %s", count_bytes(received.size),
                  count_bytes((uint64_t)at), name_byte(received.data[at]), name_byte(expected.data[at]));
}

static void require_open(DatagramSocket *u)
{
    if (u->fd < 0)
        world_broken(0, "The check expects a datagram on %s, which it has closed", u->name);
}

/* expected: NULL when any datagram would do. */
static _Noreturn void fail_without(DatagramSocket *u, const Bytes *expected, const char *expectation,
                                   const char *observation, const struct wait *w)
{
    bool ended = u->peer && u->peer->ended;

    if (ended && program_endings())
        observation = format("%s: %s", observation, program_endings());
    fail(&(struct failing){.cause = ended ? CAUSE_WRONG : CAUSE_TIMEOUT,
                           .expecting = EXPECTING_DATAGRAM,
                           .program = u->peer,
                           .expectation = expectation,
                           .observation = observation,
                           .asked = u->talks_with ? u->talks_with : u->asked,
                           .compares = expected != NULL,
                           .expected = expected ? *expected : (Bytes){0},
                           .wait = ended ? NULL : w});
}

/* Waits until n have arrived; false if they do not come. */
static bool await(DatagramSocket *u, size_t n, struct wait *w)
{
    receive_some(u);
    while (u->n_kept < n) {
        if (u->peer && u->peer->ended) /* what it sent before its end has arrived */
            w->last_look = true;
        if (!wait_more(w))
            break;
        receive_some(u);
    }
    if (u->n_kept < n)
        failure_settle();
    return u->n_kept >= n;
}

static void require_sender(DatagramSocket *u, const Datagram *d)
{
    if (!u->talks_with || strcmp(d->from, u->talks_with) == 0)
        return;
    fail(&(struct failing){
        .cause = CAUSE_WRONG,
        .expecting = EXPECTING_DATAGRAM,
        .program = u->peer,
        .expectation = format("what %s receives comes from %s, where it has sent to", u->name, u->talks_with),
        .observation = format("%s came from %s", sized(d->content), d->from)});
}

void expect_datagram_(DatagramSocket *u, Bytes content, const struct wait_options *o)
{
    struct wait w = wait_start(o, sized(content), format("at %s", u->name));
    const char *expectation = format("%s sends %s to %s", u->peer_name, sized(content), u->name);

    require_open(u);
    if (!await(u, 1, &w))
        fail_without(u, &content, expectation, "nothing came", &w);
    Datagram d = u->kept[0];
    require_sender(u, &d);
    if (compare_bytes(content, d.content) >= 0) {
        failure_settle();
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expecting = EXPECTING_DATAGRAM,
                               .program = u->peer,
                               .expectation = expectation,
                               .observation = datagram_difference(content, d.content),
                               .compares = true,
                               .expected = content,
                               .received = d.content});
    }
    drop_first(u);
    step("%s → %s  %s", u->peer_name, u->name, sized(content));
}

/* Takes the first of those that arrived out of those that were expected; false if it is none of them. */
static bool strike_out(Datagram d, const Bytes *contents, bool *came, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (came[i] || compare_bytes(contents[i], d.content) >= 0)
            continue;
        came[i] = true;
        return true;
    }
    return false;
}

static size_t first_missing(const bool *came, size_t n)
{
    size_t i = 0;

    while (i < n && came[i])
        i++;
    return i;
}

void expect_datagrams_(DatagramSocket *u, const Bytes *contents, size_t n, const struct wait_options *o)
{
    const char *name = format("%zu datagrams", n);
    struct wait w = wait_start(o, name, format("at %s", u->name));
    autofree bool *came = xcalloc(n, sizeof *came);
    const char *expectation = format("%s sends %s to %s, each once", u->peer_name, name, u->name);

    require_open(u);
    for (size_t i = 0; i < n; i++) {
        if (!await(u, 1, &w))
            fail_without(u, &contents[first_missing(came, n)], expectation,
                         format("%zu of them came; %s is missing%s", i,
                                sized(contents[first_missing(came, n)]),
                                n - i > 1 ? format(", with %zu others", n - i - 1) : ""),
                         &w);
        require_sender(u, &u->kept[0]);
        if (!strike_out(u->kept[0], contents, came, n))
            fail(&(struct failing){.cause = CAUSE_WRONG,
                                   .expecting = EXPECTING_DATAGRAM,
                                   .program = u->peer,
                                   .expectation = expectation,
                                   .observation = format("%s came, which is none of those that are due",
                                                         sized(u->kept[0].content)),
                                   .compares = true,
                                   .expected = contents[first_missing(came, n)],
                                   .received = u->kept[0].content});
        step("%s → %s  %s", u->peer_name, u->name, sized(u->kept[0].content));
        drop_first(u);
    }
}

Datagram receive_datagram_(DatagramSocket *u, const struct wait_options *o)
{
    struct wait w = wait_start(o, "a datagram", format("at %s", u->name));

    require_open(u);
    if (!await(u, 1, &w))
        fail_without(u, NULL, format("%s sends a datagram to %s", u->peer_name, u->name), "nothing came", &w);
    Datagram d = u->kept[0];
    drop_first(u);
    step("%s → %s  %s", d.from, u->name, sized(d.content));
    return d;
}

size_t datagrams_waiting(DatagramSocket *u)
{
    receive_some(u);
    return u->n_kept;
}
