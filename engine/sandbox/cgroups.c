#include "sandbox/cgroups.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "sandbox/world.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define TREE     "/sys/fs/cgroup"
#define HOST     "lux.host"
#define PROGRAMS TREE "/programs"

enum {
    BUSY_TRIES = 1000 /* a millisecond apart: how long a process may take to leave a group when it ends */
};

/* ---- What is delegated --------------------------------------------------------------------------------- */

/* The group of this process; NULL: this machine has no tree of version 2 where it belongs. The caller frees. */
static char *own_group(void)
{
    struct buf text = {0};
    struct error err;
    char *dir = NULL;

    if (file_exists(TREE "/cgroup.controllers") && file_read("/proc/self/cgroup", 65536, &text, &err) == 0)
        for (const char *line = buf_str(&text); line && *line && !dir; line = strchr(line, '\n')) {
            line += *line == '\n';
            if (strncmp(line, "0::/", 4) == 0)
                dir = xasprintf(TREE "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
        }
    buf_free(&text);
    size_t n = dir ? strlen(dir) : 0;
    if (n > sizeof HOST && strcmp(dir + n - strlen("/" HOST), "/" HOST) == 0)
        dir[n - strlen("/" HOST)] = '\0'; /* a lux before us has moved the shell there */
    else if (n && dir[n - 1] == '/')
        dir[n - 1] = '\0';
    return dir;
}

/* systemd marks what it has delegated; what it has not is its own affair, even where we could write. */
static bool is_given_away(const char *dir)
{
    char mark[8] = "";
    if (access("/run/systemd/system", F_OK) < 0)
        return true;
    return getxattr(dir, "user.delegate", mark, sizeof mark - 1) == 1 && mark[0] == '1';
}

static bool has_controllers(const char *dir)
{
    autofree char *path = path_join(dir, "cgroup.controllers");
    struct buf text = {0};
    struct error err;
    bool both = file_read(path, 4096, &text, &err) == 0 && strstr(buf_str(&text), "memory") &&
                strstr(buf_str(&text), "pids");
    buf_free(&text);
    return both;
}

char *sandbox_delegated_cgroup(struct error *why)
{
    static const char how[] =
        "a shell with a group of its own: systemd-run --user --scope -p Delegate=yes $SHELL";
    autofree char *dir = own_group();
    autofree char *procs = dir ? path_join(dir, "cgroup.procs") : NULL;

    if (!dir)
        error_set(why, "this machine has no control groups of version 2");
    else if (access(dir, W_OK) < 0 || access(procs, W_OK) < 0 || !is_given_away(dir))
        error_set(why, "%s is not delegated; %s", dir, how);
    else if (!has_controllers(dir))
        error_set(why, "%s does not have the controllers memory and pids; %s", dir, how);
    else
        return xstrdup(dir);
    return NULL;
}

/* ---- Outside ------------------------------------------------------------------------------------------- */

static char *home; /* D; "" if there is none, NULL as long as nobody has looked */

static bool write_in(const char *dir, const char *file, const char *value)
{
    autofree char *path = path_join(dir, file);
    return setup_write(path, value) == 0;
}

static void move_all(const char *from, const char *to)
{
    autofree char *procs = path_join(from, "cgroup.procs");
    struct buf text = {0};
    struct error err;

    if (file_read(procs, 1 << 20, &text, &err) == 0)
        for (const char *line = buf_str(&text); line && *line; line = strchr(line, '\n')) {
            char pid[32];
            line += *line == '\n';
            snprintf(pid, sizeof pid, "%.*s", (int)strcspn(line, "\n"), line);
            write_in(to, "cgroup.procs", pid); /* fails for one that has ended */
        }
    buf_free(&text);
}

/* D can hand controllers on only if nobody is in it; the root of all groups alone may keep its processes. Some may start
 * others while they are moved: more than once. */
static bool hand_on_at_home(const char *dir)
{
    enum { ROUNDS = 50 };
    autofree char *host = path_join(dir, HOST);

    for (int i = 0; i < ROUNDS; i++) {
        if (write_in(dir, "cgroup.subtree_control", "+memory +pids"))
            return true;
        if (errno != EBUSY || (mkdir(host, 0755) < 0 && errno != EEXIST))
            return false;
        move_all(dir, host);
    }
    return false;
}

static void remove_tree(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *entry;

    while (d && (entry = readdir(d)) != NULL)
        if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            autofree char *below = path_join(dir, entry->d_name);
            remove_tree(below);
        }
    if (d)
        closedir(d);
    for (int i = 0; i < BUSY_TRIES && rmdir(dir) < 0 && errno == EBUSY; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* The groups of those lux that were killed before they could remove them. */
static void remove_abandoned(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *entry;

    while (d && (entry = readdir(d)) != NULL) {
        if (strncmp(entry->d_name, "lux.", 4) != 0 || !isdigit((unsigned char)entry->d_name[4]))
            continue;
        if (kill((pid_t)atoi(entry->d_name + 4), 0) == 0 || errno != ESRCH)
            continue;
        autofree char *left = path_join(dir, entry->d_name);
        remove_tree(left);
    }
    if (d)
        closedir(d);
}

static void settle(void)
{
    struct error why;
    autofree char *dir = sandbox_delegated_cgroup(&why);

    home = xstrdup("");
    if (!dir)
        return;
    if (!hand_on_at_home(dir))
        return;
    remove_abandoned(dir);
    free(home);
    home = xstrdup(dir);
}

static char *path_of(unsigned group)
{
    return xasprintf("%s/lux.%d.%u", home, getpid(), group);
}

unsigned cgroups_make(void)
{
    static unsigned last;

    if (!home)
        settle();
    if (!*home)
        return 0;
    autofree char *path = path_of(last + 1);
    return mkdir(path, 0755) == 0 ? ++last : 0;
}

void cgroups_enter(unsigned group)
{
    if (!group)
        return;
    autofree char *path = xasprintf("%s/lux.%d.%u", home, getppid(), group); /* in the child of who made it */
    write_in(path, "cgroup.procs", "0");
}

void cgroups_remove(unsigned group)
{
    if (!group)
        return;
    autofree char *path = path_of(group);
    remove_tree(path);
}

/* ---- Inside -------------------------------------------------------------------------------------------- */

static int join_fd = -1, events_fd = -1; /* of PID 1 and its children, whatever is mounted where */

static bool make(const char *path)
{
    return mkdir(path, 0755) == 0;
}

/* The builder, whose last act was to clone us, may still be on its way out of the group: EBUSY until it is gone. */
static bool hand_on(const char *group)
{
    for (int i = 0; i < BUSY_TRIES; i++) {
        if (write_in(group, "cgroup.subtree_control", "+memory +pids"))
            return true;
        if (errno != EBUSY)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return false;
}

static void limit_programs(const struct sandbox_limits *l)
{
    char memory[32], pids[32];

    snprintf(memory, sizeof memory, "%lldM", (long long)setup_limit(l->memory_mb, DEFAULT_MEMORY_MB));
    snprintf(pids, sizeof pids, "%ld", setup_limit(l->processes, SANDBOX_PROCESSES));
    write_in(PROGRAMS, "memory.max", memory);
    write_in(PROGRAMS, "memory.swap.max", "0"); /* there is no such file without swap */
    write_in(PROGRAMS, "pids.max", pids);
}

void cgroups_divide(const struct sandbox_spec *spec)
{
    if (mount("cgroup2", TREE, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return;
    bool divided = make(TREE "/checker") && write_in(TREE "/checker", "cgroup.procs", "0") && hand_on(TREE) &&
                   make(PROGRAMS) && hand_on(PROGRAMS) && make(PROGRAMS "/own") && make(SANDBOX_CGROUP) &&
                   hand_on(SANDBOX_CGROUP);
    if (divided) {
        limit_programs(&spec->limits);
        join_fd = open(PROGRAMS "/own/cgroup.procs", O_WRONLY | O_CLOEXEC);
        events_fd = open(PROGRAMS "/memory.events.local", O_RDONLY | O_CLOEXEC);
    }
    if (!divided || !spec->as_root)
        umount2(TREE, MNT_DETACH); /* a program with our uid could lift its own limits */
}

void cgroups_join_programs(void)
{
    ssize_t n = join_fd >= 0 ? write(join_fd, "0", 1) : 0;
    (void)n;
}

bool sandbox_has_cgroups(void)
{
    return join_fd >= 0;
}

bool sandbox_memory_ran_out(void)
{
    char text[512];
    ssize_t n = events_fd >= 0 ? pread(events_fd, text, sizeof text - 1, 0) : 0;

    text[n > 0 ? n : 0] = '\0';
    const char *count = strstr(text, "oom ");
    return count && atoi(count + strlen("oom ")) > 0;
}

long sandbox_memory_mb(const struct sandbox_spec *spec)
{
    return setup_limit(spec->limits.memory_mb, DEFAULT_MEMORY_MB);
}
