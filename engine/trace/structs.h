/* What structures look like that calls are given or give back. Private to this folder. */
#ifndef TRACE_STRUCTS_H
#define TRACE_STRUCTS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Where the memory cannot be read, each shows the address. */
void struct_add_timespec(struct buf *out, pid_t tid, uint64_t address);
void struct_add_stat(struct buf *out, pid_t tid, uint64_t address);
void struct_add_two(struct buf *out, pid_t tid, uint64_t address);  /* descriptors: [3, 4] */
void struct_add_wait(struct buf *out, pid_t tid, uint64_t address); /* the status of wait(2) */
void struct_add_epoll(struct buf *out, pid_t tid, uint64_t address);
/* What is asked for: [3: POLLIN, 5: POLLIN|POLLOUT]; or what has come, of those where something has. */
void struct_add_polled(struct buf *out, pid_t tid, uint64_t address, uint64_t n, bool has_come);
/* The level, the name and the value of an option of a socket. */
void struct_add_level(struct buf *out, uint64_t level);
void struct_add_option(struct buf *out, uint64_t level, uint64_t option);
void struct_add_value(struct buf *out, pid_t tid, uint64_t address, uint64_t size);

/* How many of the n bytes at that address could be read. */
size_t struct_read(pid_t tid, uint64_t address, void *room, size_t n);

#endif
