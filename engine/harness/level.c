#include "harness/level.h"

#include "harness/world.h"
#include "sandbox/sandbox.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static enum sandbox_level level(void)
{
    enum sandbox_level of_spec = world.run->spec->level;

    return of_spec == SANDBOX_NONE ? SANDBOX_FULL : of_spec;
}

/* `what` and `purpose` as in "This check needs WHAT PURPOSE". */
static void require(enum sandbox_part part, const char *what, const char *purpose)
{
    if (!sandbox_level_has(level(), part))
        skip(
            "This check needs %s%s%s. The sandbox has none on this machine (it is of the level %s); lux doctor "
            "says why, and how to get it.",
            what, *purpose ? " " : "", purpose, sandbox_level_name(level()));
}

bool has_own_network(void)
{
    return sandbox_level_has(level(), SANDBOX_NETWORK);
}

bool has_own_files(void)
{
    return sandbox_level_has(level(), SANDBOX_FILES);
}

void require_own_network(const char *purpose)
{
    require(SANDBOX_NETWORK, "a network of its own", purpose);
}

void require_own_files(const char *purpose)
{
    require(SANDBOX_FILES, "mounts of its own", purpose);
}

void require_own_pids(const char *purpose)
{
    require(SANDBOX_PIDS, "processes and a /proc of its own", purpose);
}

void require_root(void)
{
    require(SANDBOX_ROOT, "a root of its own, as which the program runs", "");
}

/* The lowest port that may be bound without a capability, ip(7). */
static int lowest_port(void)
{
    int lowest = 1024;
    FILE *f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");

    if (f && fscanf(f, "%d", &lowest) != 1)
        lowest = 1024;
    if (f)
        fclose(f);
    return lowest;
}

void require_bindable(int port)
{
    bool by_capability = world.run->check->as_root && has_own_network();

    if (!by_capability && port < lowest_port())
        skip(
            "This check needs port %d, and the ports below %d are closed to ordinary programs here (the sandbox is "
            "of the level %s). In one of the level full all are open; lux doctor says what that takes.",
            port, lowest_port(), sandbox_level_name(level()));
}

/* In a network of its own a check would only get in its own way: a port that was chosen, and is bound later. */
static bool claim_for_this_check(int port)
{
    static uint64_t given[(UINT16_MAX + 1) / 64];
    uint64_t bit = 1ull << (port % 64), *word = &given[port / 64];
    bool is_first = !(*word & bit);

    *word |= bit;
    return is_first;
}

/* An abstract unix socket is a name that the kernel gives to one at a time, and takes back with the process. */
bool claim_port(int port)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    if (has_own_network())
        return claim_for_this_check(port);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int n = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "lux-port-%d", port);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&name, size) == 0)
        return true; /* stays open */
    if (fd >= 0)
        close(fd);
    return false;
}
