/* What is in the memory of a process where a pointer of a call leads to. Private to this folder. Where the memory
 * cannot be read, each shows the address. Of long texts and lists the beginning is shown, with "..." behind it. */
#ifndef TRACE_STRUCTS_H
#define TRACE_STRUCTS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How many of the n bytes at that address could be read. */
size_t struct_read(pid_t tid, uint64_t address, void *room, size_t n);
/* The text at that address; "" if it cannot be read. */
void struct_read_text(pid_t tid, uint64_t address, char *room, size_t size);

void struct_add_bytes(struct buf *out, pid_t tid, uint64_t address, uint64_t n);
void struct_add_text(struct buf *out, pid_t tid, uint64_t address);
void struct_add_texts(struct buf *out, pid_t tid, uint64_t address); /* those of argv */
/* n pieces, of which most bytes count in all. */
void struct_add_iovec(struct buf *out, pid_t tid, uint64_t address, uint64_t n, uint64_t most);
void struct_add_message(struct buf *out, pid_t tid, uint64_t address, uint64_t most); /* struct msghdr */
void struct_add_address(struct buf *out, pid_t tid, uint64_t address, uint64_t size); /* struct sockaddr */

void struct_add_timespec(struct buf *out, pid_t tid, uint64_t address);
void struct_add_stat(struct buf *out, pid_t tid, uint64_t address);
void struct_add_two(struct buf *out, pid_t tid, uint64_t address);  /* descriptors: [3, 4] */
void struct_add_wait(struct buf *out, pid_t tid, uint64_t address); /* the status of wait(2) */
void struct_add_epoll(struct buf *out, pid_t tid, uint64_t address);
void struct_add_epolled(struct buf *out, pid_t tid, uint64_t address, uint64_t n);
/* What is asked for: [3: POLLIN, 5: POLLIN|POLLOUT]; or what has come, of those where something has. */
void struct_add_polled(struct buf *out, pid_t tid, uint64_t address, uint64_t n, bool has_come);
void struct_add_fds(struct buf *out, pid_t tid, uint64_t address, uint64_t n);      /* of select(2): [3 5] */
void struct_add_value(struct buf *out, pid_t tid, uint64_t address, uint64_t size); /* of a socket's option */
void struct_add_sigaction(struct buf *out, pid_t tid, uint64_t address);
void struct_add_sigset(struct buf *out, pid_t tid, uint64_t address);
void struct_add_lock(struct buf *out, pid_t tid, uint64_t address);  /* struct flock */
void struct_add_clone(struct buf *out, pid_t tid, uint64_t address); /* struct clone_args */
void struct_add_clone_flags(struct buf *out, uint64_t flags);

#endif
