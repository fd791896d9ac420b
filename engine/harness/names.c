/* Host names, by a file of our own over /etc/hosts: seen by what runs in this sandbox alone. */
#include "base/buf.h"
#include "harness/level.h"
#include "harness/world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOSTS_MAX = 1 << 20 }; /* of the machine's own file; what is longer is left out */

static const char hosts[] = "/etc/hosts";

/* The names that the machine knew before stay known. */
static void add_hosts(struct buf *out)
{
    FILE *f = fopen(hosts, "re");
    char line[512];

    while (f && out->len < HOSTS_MAX && fgets(line, sizeof line, f))
        buf_addstr(out, line);
    if (f)
        fclose(f);
    if (out->len > 0 && out->data[out->len - 1] != '\n')
        buf_addstr(out, "\n");
}

void name_addresses_(const char *name, const char *const *addresses)
{
    char path[] = "/tmp/lux-hosts-XXXXXX";
    struct buf content = {0};

    require_own_files("to give a host name several addresses in /etc/hosts");
    add_hosts(&content);
    for (size_t i = 0; addresses[i]; i++) {
        buf_printf(&content, "%s %s\n", addresses[i], name);
        step("/etc/hosts gives %s the address %s", name, addresses[i]);
    }

    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0 || fchmod(fd, 0644) < 0 || write(fd, content.data, content.len) != (ssize_t)content.len)
        world_broken(errno, "%s could not be written", path);
    close(fd);
    int rc = mount(path, hosts, NULL, MS_BIND, NULL), error = errno;
    unlink(path); /* the mount keeps the file */
    if (rc < 0)
        skip(
            "This check needs a host name with several addresses, and /etc/hosts cannot be replaced here: %s. It "
            "can in a sandbox of the level full; lux doctor says what that takes.",
            strerror(error));
}
