/* What the puppet can tell of itself and its surroundings. Nothing of it needs /proc but what is only there. */
#include "puppet/puppet.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024 }; /* looked at where there is no /proc */

static int arg_count;
static char **args;

static void pid(void)
{
    puppet_line("pid %d", getpid());
}

static void ppid(void)
{
    puppet_line("ppid %d", getppid());
}

static void group(void)
{
    puppet_line("group %d", getpgrp());
}

static void session(void)
{
    puppet_line("session %d", getsid(0));
}

static void uid(void)
{
    puppet_line("uid %u", geteuid());
}

static void gid(void)
{
    puppet_line("gid %u", getegid());
}

static void hostname(void)
{
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    puppet_line("hostname %s", name);
}

static void cwd(void)
{
    char path[4096] = "?";
    if (!getcwd(path, sizeof path))
        strcpy(path, "?");
    puppet_line("cwd %s", path);
}

static void mask(void)
{
    mode_t m = umask(0);
    umask(m);
    puppet_line("umask %03o", m);
}

static void argv(void)
{
    for (int i = 0; i < arg_count; i++)
        puppet_line("argv %s", args[i]);
}

static void env(void)
{
    for (char **e = environ; *e; e++)
        puppet_line("env %s", *e);
}

/* "signal TERM blocked", "signal PIPE ignored": what is not as it is by default. */
static void signals(void)
{
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int s = 1; s < NSIG; s++) {
        const char *name = sigabbrev_np(s);
        struct sigaction now;
        if (!name)
            continue;
        if (sigismember(&blocked, s) == 1)
            puppet_line("signal %s blocked", name);
        if (sigaction(s, NULL, &now) == 0 && now.sa_handler != SIG_DFL)
            puppet_line("signal %s %s", name, now.sa_handler == SIG_IGN ? "ignored" : "caught");
    }
}

/* "descriptor 3 /path", "descriptor 1 pipe:[123]"; the target is ? where there is no /proc. */
static void descriptors(void)
{
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        char link[64], target[1024];
        if (fcntl(fd, F_GETFD) < 0)
            continue;
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, target, sizeof target);
        puppet_line("descriptor %d %.*s", fd, n > 0 ? (int)n : 1, n > 0 ? target : "?");
    }
}

/* "process 7": those that /proc shows. */
static void processes(void)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            puppet_line("process %s", entry->d_name);
    if (dir)
        closedir(dir);
}

/* "interface lo up", "interface eth0 down". */
static void interfaces(void)
{
    struct if_nameindex *all = if_nameindex();
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    for (struct if_nameindex *i = all; i && i->if_index; i++) {
        struct ifreq request = {0};
        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", i->if_name);
        bool up = ioctl(s, SIOCGIFFLAGS, &request) == 0 && request.ifr_flags & IFF_UP;
        puppet_line("interface %s %s", i->if_name, up ? "up" : "down");
    }
    close(s);
    if_freenameindex(all);
}

/* "mount /proc proc rw,nosuid"; see /proc/PID/mountinfo in proc(5). */
static void mounts(void)
{
    FILE *f = fopen("/proc/self/mountinfo", "re");
    char line[4096];

    while (f && fgets(line, sizeof line, f)) {
        char path[2048], options[1024], type[256];
        const char *rest = strstr(line, " - ");
        if (sscanf(line, "%*s %*s %*s %*s %2047s %1023s", path, options) == 2 && rest &&
            sscanf(rest + 3, "%255s", type) == 1)
            puppet_line("mount %s %s %s", path, type, options);
    }
    if (f)
        fclose(f);
}

/* "entry dev": what is in the root. */
static void root(void)
{
    DIR *dir = opendir("/");
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            puppet_line("entry %s", entry->d_name);
    if (dir)
        closedir(dir);
}

/* "device null 1:3": the character devices in /dev. */
static void devices(void)
{
    DIR *dir = opendir("/dev");
    struct dirent *entry;
    struct stat st;

    while (dir && (entry = readdir(dir)) != NULL)
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode))
            puppet_line("device %s %u:%u", entry->d_name, (unsigned)(st.st_rdev >> 8 & 0xfff),
                        (unsigned)(st.st_rdev & 0xff));
    if (dir)
        closedir(dir);
}

/* "namespace pid pid:[4026531836]" */
static void namespaces(void)
{
    static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char link[64], target[64];
        snprintf(link, sizeof link, "/proc/self/ns/%s", names[i]);
        ssize_t n = readlink(link, target, sizeof target);
        puppet_line("namespace %s %.*s", names[i], n > 0 ? (int)n : 1, n > 0 ? target : "?");
    }
}

static const struct {
    const char *name;
    void (*tell)(void);
} facts[] = {
    {"pid", pid},
    {"ppid", ppid},
    {"group", group},
    {"session", session},
    {"uid", uid},
    {"gid", gid},
    {"hostname", hostname},
    {"cwd", cwd},
    {"umask", mask},
    {"argv", argv},
    {"env", env},
    {"signals", signals},
    {"root", root},
    {"devices", devices},
    {"descriptors", descriptors},
    {"processes", processes},
    {"interfaces", interfaces},
    {"mounts", mounts},
    {"namespaces", namespaces},
};

bool puppet_report(const char *list, int argc, char **argv_)
{
    char names[1024];

    arg_count = argc;
    args = argv_;
    snprintf(names, sizeof names, "%s", list);
    puppet_line("report");
    for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
        bool known = false;
        for (size_t i = 0; i < sizeof facts / sizeof *facts && !known; i++)
            if ((known = strcmp(facts[i].name, name) == 0))
                facts[i].tell();
        if (!known)
            return false;
    }
    puppet_line("end");
    return true;
}
