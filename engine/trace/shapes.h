/* How an argument of a call is shown. Private to this folder. */
#ifndef TRACE_SHAPES_H
#define TRACE_SHAPES_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct call_seen {
    pid_t tid;
    const uint64_t *args; /* six */
    int64_t result;       /* negative: it failed, or is not known yet */
};

/* By its letter:
 *
 *   numbers    d decimal, x hexadecimal, o octal, p pointer, n not shown
 *   words      C command of fcntl(2), D domain, E verb of epoll_ctl(2), H how to shutdown(2), I request of ioctl(2),
 *              K whence of lseek(2), L level of an option, N name of an option, S signal,
 *              T type of a socket
 *   flags      c CLOEXEC and NONBLOCK, y the same of a socket, F of clone(2), G of send(2), O of open(2), U of openat(2)
 *              and its kind, Y of inotify, k of wait4(2), l of flock(2), M of mount(2)
 *   memory     s text, X argv, w bytes that the next argument counts, a address that the next argument measures,
 *              i struct iovec that the next argument counts, m struct msghdr, t timespec, f pollfds that the next
 *              argument counts, q descriptors of select(2), e epoll_event, v value of an option, whose size is the next
 *              argument, h sigaction, g set of signals, B struct clone_args
 *   depending  u mode of open(2), z argument of fcntl(2), Q argument of ioctl(2)
 *   what comes r bytes that the result counts, j iovec that the result counts, R msghdr with as many bytes as the result,
 *   back       A address, b struct stat, 2 two descriptors, W status of wait(2), V value of an option, Z epoll_events
 *              that the result counts
 */
void shape_add(struct buf *out, char letter, const struct call_seen *c, size_t i);

/* Whether it is known only when the call returns. */
bool shape_comes_back(char letter);

/* Whether there is anything to be shown: open(2) has a mode only where it may make a file. */
bool shape_is_shown(char letter, const struct call_seen *c, size_t i);

#endif
