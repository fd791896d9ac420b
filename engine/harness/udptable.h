/* The UDP sockets of this network namespace, from /proc/net/udp and udp6: proc_net(5). Not by sock_diag(7),
 * because its part for UDP is a kernel module that need not be there. */
#ifndef HARNESS_UDPTABLE_H
#define HARNESS_UDPTABLE_H

#include "harness/sockets.h"

struct udp_info {
    bool v6;
    struct endpoint local, remote; /* remote: port 0 while the socket is not connected */
    uint32_t receive_queue;        /* bytes of the kernel's memory, not of content */
    unsigned long inode;
};

/* One line of the table; false for its heading and for what is none. */
bool udptable_parse(const char *line, struct udp_info *out);
/* All of them. Returns how many; the caller frees *out. */
size_t udptable_all(struct udp_info **out);
/* The socket with this inode. */
bool udptable_with_inode(unsigned long inode, struct udp_info *out);

#endif
