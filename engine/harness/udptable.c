#include "harness/udptable.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* Addresses are written as the words of memory that hold them, so that reading them back into memory is right
 * on every byte order. */
static bool parse_address(const char *hex, struct in6_addr *out, bool *v6)
{
    uint32_t words[4] = {0};
    size_t n = strlen(hex) / 8;

    if (strlen(hex) != 8 * n || (n != 1 && n != 4))
        return false;
    for (size_t i = 0; i < n; i++)
        if (sscanf(hex + 8 * i, "%8x", &words[i]) != 1)
            return false;
    *out = (struct in6_addr){0};
    *v6 = n == 4;
    if (*v6) {
        memcpy(out, words, sizeof *out);
    } else {
        out->s6_addr[10] = out->s6_addr[11] = 0xff;
        memcpy(&out->s6_addr[12], words, 4);
    }
    return true;
}

bool udptable_parse(const char *line, struct udp_info *out)
{
    char local[33], remote[33];
    unsigned local_port, remote_port, receive_queue;
    unsigned long inode;
    bool v6;

    if (sscanf(line, " %*d: %32[0-9A-Fa-f]:%4x %32[0-9A-Fa-f]:%4x %*x %*x:%8x %*x:%*x %*x %*u %*u %lu", local,
               &local_port, remote, &remote_port, &receive_queue, &inode) != 6)
        return false;
    *out = (struct udp_info){.receive_queue = receive_queue, .inode = inode};
    out->local.port = (uint16_t)local_port;
    out->remote.port = (uint16_t)remote_port;
    return parse_address(local, &out->local.address, &out->v6) &&
           parse_address(remote, &out->remote.address, &v6);
}

size_t udptable_all(struct udp_info **out)
{
    static const char *const tables[] = {"/proc/net/udp", "/proc/net/udp6"};
    size_t n = 0;
    char line[512];

    *out = NULL;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        struct udp_info info;
        FILE *f = fopen(tables[i], "re"); /* without IPv6 there is no udp6 */
        while (f && fgets(line, sizeof line, f)) {
            if (!udptable_parse(line, &info))
                continue;
            *out = xreallocarray(*out, n + 1, sizeof **out);
            (*out)[n++] = info;
        }
        if (f)
            fclose(f);
    }
    return n;
}

bool udptable_with_inode(unsigned long inode, struct udp_info *out)
{
    autofree struct udp_info *all = NULL;
    size_t n = udptable_all(&all);

    for (size_t i = 0; i < n; i++) {
        if (all[i].inode == inode) {
            *out = all[i];
            return true;
        }
    }
    return false;
}
