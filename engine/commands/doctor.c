/* lux doctor: looks at what Lux needs of this machine, and says how to get what is missing. */
#include "commands/commands.h"
#include "commands/prose.h"
#include "commands/standing.h"
#include "commands/table.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/mem.h"
#include "db/store.h"
#include "sandbox/netlink.h"
#include "sandbox/sandbox.h"
#include "workspace/toolchain.h"
#include "workspace/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum finding {
    GOOD,
    NOTE, /* something is not as it could be; checks work all the same */
    BAD   /* checks do not work */
};

struct doctor {
    struct course *course;
    char *data_dir;
    struct prose how;
    enum sandbox_level level;
    bool is_ill;     /* a finding was BAD */
    bool is_lacking; /* one was a NOTE */
};

/* One line, wrapped. */
__attribute__((format(printf, 4, 5))) static void say(struct doctor *d, enum finding finding,
                                                      const char *what, const char *format, ...)
{
    static const char *const words[] = {[GOOD] = "ok", [NOTE] = "note", [BAD] = "MISSING"};
    static const char *const sgr[] = {[GOOD] = "\033[32m", [NOTE] = "\033[33m", [BAD] = "\033[31m"};
    struct buf text = {0}, line = {0};
    va_list args;
    va_start(args, format);
    char *sentence = NULL;
    if (vasprintf(&sentence, format, args) < 0)
        sentence = xstrdup("(out of memory)");
    va_end(args);
    escape_bytes(&text, sentence, strlen(sentence));
    free(sentence);

    buf_printf(&line, "%s%-9s%s%-11s ", d->how.colour ? sgr[finding] : "", words[finding],
               d->how.colour ? "\033[0m" : "", what);
    prose_wrap(&line, buf_str(&text), 21, &d->how);
    fputs(buf_str(&line), stdout);
    buf_free(&text);
    buf_free(&line);
    d->is_ill |= finding == BAD;
    d->is_lacking |= finding == NOTE;
}

/* ---- What is looked at ---- */

static void look_at_course(struct doctor *d)
{
    struct error err;
    d->data_dir = course_data_dir(&err);
    d->course = d->data_dir ? course_load(d->data_dir, &err) : NULL;
    if (!d->course) {
        say(d, BAD, "course", "%s", err.text);
        return;
    }
    size_t available = 0, n = course_challenge_count(d->course);
    for (size_t i = 0; i < n; i++)
        available += challenge_is_available(course_challenge(d->course, i));
    say(d, GOOD, "course", "%zu of %zu challenges available, in %s", available, n, d->data_dir);
}

static void look_at_sandbox(struct doctor *d)
{
    static const char *const lost[] = {
        [SANDBOX_NONE] = "",
        [SANDBOX_NOPID] = "checks of containers are skipped",
        [SANDBOX_SHARED] =
            "programs run beside everything else, can reach your files as you can, and checks that need "
            "root, a network or mounts of their own are skipped",
        [SANDBOX_FULL] = ""};
    struct error why = {""};
    d->level = sandbox_probe(&why);
    if (d->level == SANDBOX_FULL)
        say(d, GOOD, "sandbox", "full: each check runs in a world of its own");
    else if (d->level == SANDBOX_NONE)
        say(d, BAD, "sandbox", "%s", why.text);
    else
        say(d, NOTE, "sandbox", "%s: %s. The reason: %s", sandbox_level_name(d->level), lost[d->level],
            why.text);
}

/* The first line that a command prints; "" if it prints nothing. The caller frees. */
static char *first_line(const char *command)
{
    char line[200] = "";
    autofree char *quiet = xasprintf("%s 2>/dev/null </dev/null", command);
    FILE *f = popen(quiet, "re");
    if (f && !fgets(line, sizeof line, f))
        line[0] = '\0';
    if (f)
        pclose(f);
    line[strcspn(line, "\n")] = '\0';
    return xstrdup(line);
}

/* "Go"; "Rust, cargo" where a language has several. The caller frees. */
static char *name_of(const struct toolchains *all, const struct toolchain *tc)
{
    for (size_t i = 0; i < toolchains_count(all); i++) {
        const struct toolchain *other = toolchains_get(all, i);
        if (other->version && strcmp(other->version, tc->version) != 0 && tc->program &&
            strcmp(toolchain_title(other), toolchain_title(tc)) == 0)
            return xasprintf("%s, %s", toolchain_title(tc), tc->program);
    }
    return xstrdup(toolchain_title(tc));
}

static bool look_at_toolchain(struct doctor *d, const struct toolchains *all, const struct toolchain *tc)
{
    struct error err;
    autofree char *name = name_of(all, tc);
    if (!toolchain_present(tc, &err)) {
        say(d, NOTE, name, "%s", err.text);
        return false;
    }
    autofree char *version = first_line(tc->version);
    if (version[0])
        say(d, GOOD, name, "%s", version);
    else
        say(d, NOTE, name, "`%s` does not work", tc->version);
    return version[0] != '\0';
}

static void look_at_toolchains(struct doctor *d)
{
    struct error err;
    struct toolchains *all = d->data_dir ? toolchains_load(d->data_dir, &err) : NULL;
    if (!all && d->data_dir)
        say(d, BAD, "toolchains", "%s", err.text);
    if (!all)
        return;
    bool any = false;
    for (size_t i = 0; i < toolchains_count(all); i++) {
        const struct toolchain *tc = toolchains_get(all, i);
        bool seen = !tc->version;
        for (size_t k = 0; k < i && !seen; k++) {
            const char *other = toolchains_get(all, k)->version;
            seen = other && strcmp(other, tc->version) == 0;
        }
        if (!seen)
            any |= look_at_toolchain(d, all, tc);
    }
    if (!any)
        say(d, BAD, "compilers", "there is none: sudo apt-get install gcc (or golang-go)");
    toolchains_free(all);
}

/* The nearest directory on the way up that exists; the caller frees. */
static char *existing(const char *path)
{
    autofree char *p = xstrdup(path);
    for (char *slash = strrchr(p, '/'); slash > p && !file_is_dir(p); slash = strrchr(p, '/'))
        *slash = '\0';
    return xstrdup(file_is_dir(p) ? p : "/");
}

static void look_at_directory(struct doctor *d, const char *what, const char *path)
{
    enum { ENOUGH_MB = 100 };
    autofree char *dir = existing(path);
    struct statvfs fs;
    if (access(dir, W_OK | X_OK)) {
        say(d, NOTE, what, "%s: %s cannot be written to (%s)", path, dir, strerror(errno));
        return;
    }
    if (statvfs(dir, &fs)) {
        say(d, NOTE, what, "%s: %s", path, strerror(errno));
        return;
    }
    unsigned long long free_mb = (unsigned long long)fs.f_bavail * fs.f_frsize / 1000000;
    if (free_mb < ENOUGH_MB)
        say(d, NOTE, what, "%s: %llu MB free, which is little", path, free_mb);
    else
        say(d, GOOD, what, "%s (%llu MB free)", path, free_mb);
}

static void look_at_directories(struct doctor *d)
{
    autofree char *home = workspace_home();
    const char *tmp = getenv("TMPDIR");
    look_at_directory(d, "workspaces", home);
    look_at_directory(d, "temporary", tmp && tmp[0] == '/' ? tmp : "/tmp");
}

static void look_at_progress(struct doctor *d)
{
    autofree char *path = store_default_path();
    struct error err = {""};
    if (!d->course)
        return;
    autofree struct standing *standings = progress_read(d->course, &err);
    int attempted = 0, solved = 0;
    for (size_t i = 0; i < course_challenge_count(d->course); i++) {
        attempted += standings[i].attempted;
        solved += standings[i].solved;
    }
    if (err.text[0])
        say(d, NOTE, "progress", "%s", err.text);
    else if (!file_exists(path))
        look_at_directory(d, "progress", path);
    else if (access(path, W_OK))
        say(d, NOTE, "progress", "%s cannot be written to, so nothing new is recorded (%s)", path,
            strerror(errno));
    else
        say(d, GOOD, "progress", "%d tried, %d solved, in %s", attempted, solved, path);
}

static long read_number(const char *path)
{
    struct buf text = {0};
    struct error err;
    long n = file_read(path, 100, &text, &err) ? -1 : strtol(buf_str(&text), NULL, 10);
    buf_free(&text);
    return n;
}

static void look_at_watching(struct doctor *d)
{
    enum { FEW = 1024 };
    long watches = read_number("/proc/sys/fs/inotify/max_user_watches");
    long instances = read_number("/proc/sys/fs/inotify/max_user_instances");
    int fd = inotify_init1(IN_CLOEXEC);
    if (fd < 0)
        say(d, NOTE, "watching",
            "cannot watch files (%s), so luxtui looks for changes every second; more by: sudo sysctl "
            "fs.inotify.max_user_instances=512",
            strerror(errno));
    else if (watches >= 0 && watches < FEW)
        say(d, NOTE, "watching",
            "only %ld files can be watched; more by: sudo sysctl fs.inotify.max_user_watches=65536", watches);
    else
        say(d, GOOD, "watching", "saved files are seen at once (inotify: %ld watches, %ld instances)",
            watches, instances);
    if (fd >= 0)
        close(fd);
}

static void look_at_tun(struct doctor *d)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        say(d, GOOD, "TUN", "/dev/net/tun can be opened: checks of VPNs use the real device");
    else
        say(d, NOTE, "TUN",
            "/dev/net/tun cannot be opened (%s): checks that need the real device are skipped; it comes with: "
            "sudo modprobe tun && sudo chmod 0666 /dev/net/tun, in a container with --device /dev/net/tun",
            strerror(errno));
    if (fd >= 0)
        close(fd);
}

static void look_at_links(struct doctor *d)
{
    if (!sandbox_level_has(d->level, SANDBOX_NETWORK))
        say(d, NOTE, "links",
            "without a network of its own, no sandbox has wires: checks that lay them are skipped");
    else if (netlink_try_veth() == 0)
        say(d, GOOD, "links",
            "virtual network interfaces (veth) can be made: checks lay wires between machines");
    else
        say(d, NOTE, "links",
            "no virtual network interface can be made (%s): checks that lay wires between machines are skipped; %s",
            strerror(errno),
            errno == EOPNOTSUPP ? "they come with the kernel module veth: sudo modprobe veth"
                                : "they need what a sandbox of the level full needs, see above");
}

static void look_at_cgroups(struct doctor *d)
{
    struct error why;
    autofree char *dir = sandbox_delegated_cgroup(&why);
    if (dir)
        say(d, GOOD, "cgroups",
            "%s is delegated, with memory and pids: the kernel limits the programs of checks", dir);
    else
        say(d, NOTE, "cgroups",
            "%s. Checks of the limits of containers are skipped, and lux itself watches the memory of programs",
            why.text);
}

static void look_at_terminal(struct doctor *d)
{
    const char *term = getenv("TERM");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        say(d, GOOD, "locale", "UTF-8");
    else
        say(d, NOTE, "locale",
            "%s: lines and marks are drawn in ASCII; export LANG=C.UTF-8 brings the others",
            nl_langinfo(CODESET));
    if (!term || !term[0] || strcmp(term, "dumb") == 0)
        say(d, NOTE, "terminal", "TERM is %s: luxtui needs a real terminal, lux does not",
            term && term[0] ? term : "not set");
    else
        say(d, GOOD, "terminal", "%s", term);
}

static int run(int argc, char **argv)
{
    static void (*const looks[])(struct doctor *) = {
        look_at_course,   look_at_sandbox, look_at_toolchains, look_at_directories, look_at_progress,
        look_at_watching, look_at_tun,     look_at_links,      look_at_cgroups,     look_at_terminal,
    };
    int rest = command_options(&command_doctor, NULL, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 0)
        return command_misused(&command_doctor, "it takes no arguments, not '%s' either", argv[0]);

    struct doctor d = {.how = prose_for_stdout()};
    for (size_t i = 0; i < ARRAY_LEN(looks); i++)
        looks[i](&d);
    printf("\n%s\n", d.is_ill       ? "Checks cannot run here until what is missing is there."
                     : d.is_lacking ? "Checks can run here; what the notes speak of, they do without."
                                    : "Everything that checks need is there.");
    course_free(d.course);
    free(d.data_dir);
    return d.is_ill ? LUX_MACHINE : LUX_OK;
}

const struct command command_doctor = {
    .name = "doctor",
    .usage = "",
    .summary = "look at what Lux needs of this machine",
    .help = "Looks at the course, the sandbox, compilers, disk space, your progress, file watching,\n"
            "TUN, links, cgroups and the terminal, and says how to get what is missing.\n"
            "\n"
            "Exit status: 0 checks can run; 4 something that every check needs is missing.\n",
    .run = run,
};
