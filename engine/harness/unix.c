#include "harness/unix.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/datagram_socket.h"
#include "harness/failure.h"
#include "harness/leftovers.h"
#include "harness/program.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct sockaddr_storage address_of_path(const char *path, socklen_t *len)
{
    struct sockaddr_storage out = {.ss_family = AF_UNIX};
    size_t size = strlen(path);

    if (size >= sizeof((struct sockaddr_un *)0)->sun_path)
        world_broken(0, "The path %s is too long for a unix socket", path);
    memcpy((char *)&out + offsetof(struct sockaddr_un, sun_path), path, size + 1);
    *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + 1);
    return out;
}

static int new_socket(int type)
{
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        world_broken(errno, "A unix socket could not be made");
    return fd;
}

static int bound_socket(const char *path, int type)
{
    socklen_t len;
    struct sockaddr_storage address = address_of_path(path, &len);
    int fd = new_socket(type);

    if (bind(fd, (struct sockaddr *)&address, len) < 0)
        world_broken(errno, "The checker cannot bind a socket to %s", path);
    chmod(path, 0666);
    leftovers_made(path);
    return fd;
}

/* A socket that is connected to the path; -1 with errno. */
static int connected_socket(const char *path, int type)
{
    socklen_t len;
    struct sockaddr_storage address = address_of_path(path, &len);
    int fd = new_socket(type);

    if (connect(fd, (struct sockaddr *)&address, len) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* ---- What is at a path --------------------------------------------------------------------------------- */

static const char *kind_words(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "a regular file";
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a FIFO";
    default:
        return "no socket";
    }
}

/* Why a connection to the path fails. */
static const char *refusal_words(const char *path, int error)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return "there is no such file";
    if (stat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
        return format("there is %s instead", kind_words(st.st_mode));
    if (error == ECONNREFUSED)
        return "there is a socket, but nobody listens on it";
    if (error == EAGAIN)
        return "it listens, but its queue of connections is full and it accepts none";
    if (error == EPROTOTYPE)
        return "there is a socket of another type: SOCK_STREAM and SOCK_DGRAM do not talk with each other";
    if (error == EACCES)
        return format("its permissions, %04o, do not let the checker connect", (unsigned)st.st_mode & 07777);
    return strerror(error);
}

/* Waits until a socket of this type can be connected; fails otherwise. */
static int await_socket(const char *path, int type, const char *expectation, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "somebody to listen", format("at %s", path));
    int fd;

    while ((fd = connected_socket(path, type)) < 0) {
        int error = errno;
        bool gone = programs_all_gone();
        const char *words = refusal_words(path, error);
        if (!gone ? wait_more(&w) : !w.last_look) {
            w.last_look |= gone; /* it may have listened just before it ended */
            continue;
        }
        fail(&(struct failing){
            .cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
            .expecting = EXPECTING_CONNECTION,
            .program = program_last(),
            .expectation = expectation,
            .observation = gone && program_endings() ? format("%s: %s", words, program_endings()) : words,
            .wait = gone ? NULL : &w});
    }
    return fd;
}

static const char *program_words(void)
{
    Program *p = program_last();

    return p ? p->name : "the program";
}

/* ---- Connections --------------------------------------------------------------------------------------- */

Conn *unix_connect_(const char *path, const struct wait_options *o)
{
    struct ucred who = {0};
    socklen_t len = sizeof who;
    int fd = await_socket(path, SOCK_STREAM, format("%s listens at %s", program_words(), path), o);

    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len); /* who has called listen(2) */
    Program *p = program_of_pid(who.pid);
    Conn *c = conn_new_taking(fd, false, p ? p : program_last());
    step("%s connects to %s at %s", c->name, c->peer_name, path);
    return c;
}

Listener *unix_listen(const char *path)
{
    int fd = bound_socket(path, SOCK_STREAM);

    if (listen(fd, 128) < 0)
        world_broken(errno, "The checker cannot listen at %s", path);
    step("the checker listens at %s", path);
    return listener_new_taking(fd, NULL, path);
}

void expect_no_unix_listener_(const char *path, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "a refusal", format("of connections to %s", path));
    int fd;

    while ((fd = connected_socket(path, SOCK_STREAM)) >= 0) {
        close(fd);
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .program = program_last(),
                                   .expectation = format("nobody listens at %s any more", path),
                                   .observation = "a connection to it still succeeds",
                                   .wait = &w});
    }
    step("nobody listens at %s", path);
}

void make_stale_socket(const char *path)
{
    int fd = bound_socket(path, SOCK_STREAM);

    close(fd);
    step("leaves a socket at %s on which nobody listens, as a server does that was killed", path);
}

void expect_socket_file_(const char *path, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "a socket", format("at %s", path));
    struct stat st;

    while (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .program = program_last(),
                                   .expectation = format("there is a socket at %s", path),
                                   .observation = lstat(path, &st) < 0
                                                      ? "there is no such file"
                                                      : format("there is %s instead", kind_words(st.st_mode)),
                                   .wait = &w});
    step("there is a socket at %s", path);
}

void send_descriptors(Conn *c, Bytes b, const int *fds, size_t n)
{
    enum { MOST = 16 };
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(MOST * sizeof(int))] = {0};
    struct iovec piece = {(void *)(uintptr_t)b.data, b.size};
    struct msghdr m = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control};

    if (n == 0 || n > MOST || outbox_pending(&c->out) > 0)
        world_broken(0, "The check passes %zu descriptors on %s", n, c->name);
    m.msg_controllen = CMSG_SPACE(n * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&m);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(n * sizeof(int));
    memcpy(CMSG_DATA(header), fds, n * sizeof(int));
    step("%s → %s  %s, and %zu descriptor%s with it", c->name, c->peer_name, quote_sized(b), n,
         n == 1 ? "" : "s");
    if (sendmsg(c->fd, &m, MSG_NOSIGNAL) != (ssize_t)b.size)
        world_broken(errno, "Descriptors could not be passed on %s", c->name);
}

/* ---- Datagrams ----------------------------------------------------------------------------------------- */

DatagramSocket *unix_datagrams(const char *path)
{
    DatagramSocket *u = datagram_socket_new_taking(bound_socket(path, SOCK_DGRAM), path);

    step("the checker receives datagrams at %s", path);
    return u;
}

DatagramSocket *unix_datagram_client_(const char *path, const struct wait_options *o)
{
    static int opened;
    const char *own = format("/tmp/lux-client-%d", ++opened);
    int probe =
        await_socket(path, SOCK_DGRAM, format("%s receives datagrams at %s", program_words(), path), o);

    close(probe);
    DatagramSocket *u =
        datagram_socket_new_taking(bound_socket(own, SOCK_DGRAM), format("client#%d", opened));
    u->to = address_of_path(path, &u->to_len);
    u->talks_with = path;
    step("%s has the path %s of its own and talks with %s at %s", u->name, own, u->peer_name, path);
    return u;
}
