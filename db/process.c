#include "db/process.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAY = 24 * 60 * 60 };

/* "BOOT/PIDNS": where a pid means something. */
static char *pid_scope(void)
{
    struct buf boot = {0};
    struct stat ns;

    if (file_read("/proc/sys/kernel/random/boot_id", 100, &boot, NULL) == 0)
        boot.data[strcspn(boot.data, "\n")] = '\0';
    unsigned long inode = stat("/proc/self/ns/pid", &ns) == 0 ? (unsigned long)ns.st_ino : 0;
    char *scope = xasprintf("%s/%lu", buf_str(&boot), inode);
    buf_free(&boot);
    return scope;
}

/* Field 22 of /proc/PID/stat: when the process began, in ticks since boot. False if there is no such process.
 */
static bool start_time(long pid, unsigned long long *out)
{
    autofree char *path = xasprintf("/proc/%ld/stat", pid);
    struct buf stat = {0};
    bool found = file_read(path, 4096, &stat, NULL) == 0;

    /* The name in parentheses may hold anything; the fields after the last parenthesis are numbers, from
     * field 3. */
    char *p = found && stat.data ? strrchr(stat.data, ')') : NULL;
    for (int field = 2; p && field < 22; field++) {
        p = strchr(p, ' ');
        if (p)
            p++;
    }
    found = p && sscanf(p, "%llu", out) == 1;
    buf_free(&stat);
    return found;
}

char *process_identity(void)
{
    autofree char *scope = pid_scope();
    unsigned long long start = 0;

    start_time((long)getpid(), &start);
    return xasprintf("%s/%ld/%llu", scope, (long)getpid(), start);
}

bool process_is_gone(const char *identity, int64_t began_at)
{
    autofree char *scope = pid_scope();
    size_t boot_len = strcspn(scope, "/"), scope_len = strlen(scope);
    unsigned long long start = 0, now = 0;
    long pid;

    if (strncmp(identity, scope, boot_len + 1) != 0)
        return true; /* the machine has been restarted, or it is another one */
    if (strncmp(identity, scope, scope_len) != 0 ||
        sscanf(identity + scope_len, "/%ld/%llu", &pid, &start) != 2)
        return clock_unix_seconds() - began_at > DAY;
    return !start_time(pid, &now) || now != start;
}
