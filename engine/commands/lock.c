/* The lock, asked for again and again: flock(2) has no descriptor to wait for beside the one of the signals.
 */
#include "commands/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/file.h>
#include <unistd.h>

enum { ASK_AGAIN_MS = 20 };

int lock_workspace(const char *dir, int interrupt_fd, struct bus *bus)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    for (bool has_said = false; flock(fd, LOCK_EX | LOCK_NB) < 0; has_said = true) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            close(fd);
            return -1;
        }
        if (!has_said)
            bus_notice(bus, false, "Another run is under way in %s: waiting for its end.", dir);
        struct pollfd interrupt = {.fd = interrupt_fd, .events = POLLIN};
        if (poll(&interrupt, 1, ASK_AGAIN_MS) > 0) {
            close(fd);
            return LOCK_INTERRUPTED;
        }
    }
    return fd;
}
