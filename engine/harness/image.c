#include "harness/image.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "harness/failure.h"
#include "harness/files.h"
#include "harness/leftovers.h"
#include "harness/level.h"
#include "harness/program.h"
#include "harness/puppet.h"
#include "sandbox/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Making one ---------------------------------------------------------------------------------------- */

static void must(int result, const char *what, const char *path)
{
    if (result < 0)
        world_broken(errno, "%s %s", what, path);
}

static void mount_images(void)
{
    if (is_there("images"))
        return;
    require_own_pids("in which containers may have theirs");
    must(mkdir("images", 0755), "Cannot make", "images");
    must(mount("images", "images", "tmpfs", 0, "mode=755,size=64m"), "Cannot mount a file system at",
         "images");
    leftovers_made("images");
}

const char *make_image(const char *name)
{
    static const char *const directories[] = {"", "/bin", "/dev", "/proc", "/tmp"};
    const char *path = format("images/%s", name);

    mount_images();
    for (size_t i = 0; i < ARRAY_LEN(directories); i++) {
        const char *directory = format("%s%s", path, directories[i]);
        must(mkdir(directory, 0755), "Cannot make", directory);
    }
    put_puppet(format("%s/bin/puppet", path));
    return path;
}

/* ---- What is in it ------------------------------------------------------------------------------------- */

/* FNV-1a, 64 bits: to see a change, not to keep anybody from making one. */
static uint64_t checksum(Bytes b)
{
    uint64_t sum = 14695981039346656037u;

    for (size_t i = 0; i < b.size; i++)
        sum = (sum ^ b.data[i]) * 1099511628211u;
    return sum;
}

static uint64_t checksum_of(const char *path, const struct stat *st)
{
    char target[4096];

    if (S_ISREG(st->st_mode))
        return checksum(read_file(path));
    ssize_t n = S_ISLNK(st->st_mode) ? readlink(path, target, sizeof target) : 0;
    return checksum(bytes(target, n > 0 ? (size_t)n : 0));
}

static char type_of(mode_t mode)
{
    return S_ISDIR(mode) ? 'd' : S_ISREG(mode) ? '-' : S_ISLNK(mode) ? 'l' : '?';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(struct buf *out, const char *path)
{
    struct dirent **entries = NULL;
    struct stat st;
    struct buf name = {0};

    if (lstat(path, &st) < 0) {
        buf_printf(out, "%s\t%s\n", path, strerror(errno));
        return;
    }
    escape_bytes(&name, path, strlen(path));
    buf_printf(out, "%s\t%c %04o %lld.%09ld %lld %016" PRIx64 "\n", buf_str(&name), type_of(st.st_mode),
               st.st_mode & 07777, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
               S_ISREG(st.st_mode) ? (long long)st.st_size : 0, checksum_of(path, &st));
    int n = S_ISDIR(st.st_mode) ? scandir(path, &entries, NULL, by_name) : 0;
    for (int i = 0; i < n; i++)
        if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
            list(out, format("%s/%s", path, entries[i]->d_name));
}

const char *listing_of(const char *directory)
{
    struct buf out = {0};

    list(&out, directory);
    return buf_take(&out);
}

/* The first line of a text of which the beginning, up to and with `end`, does not begin a line of the other one; NULL if
 * there is none. */
static const char *line_not_in(const char *text, const char *other, char end)
{
    for (size_t len; *text; text += len) {
        len = strcspn(text, "\n") + 1;
        const char *line = format("%.*s", (int)len, text);
        size_t part = strcspn(line, (const char[]){end, '\0'}) + 1;
        const char *begin = format("\n%.*s", (int)part, line);
        if (!strstr(format("\n%s", other), begin))
            return format("%.*s", (int)len - 1, text);
    }
    return NULL;
}

static const char *path_in(const char *line)
{
    return format("%.*s", (int)strcspn(line, "\t"), line);
}

void expect_unchanged(const char *directory, const char *before)
{
    const char *now = listing_of(directory), *line, *seen = NULL;

    /* A directory changes with what is in it, so that comes first. */
    if ((line = line_not_in(now, before, '\t')) != NULL)
        seen = format("%s is new", path_in(line));
    else if ((line = line_not_in(before, now, '\t')) != NULL)
        seen = format("%s is gone", path_in(line));
    else if ((line = line_not_in(now, before, '\n')) != NULL)
        seen = format("%s has changed: its content, its permissions or its time", path_in(line));
    if (seen)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = format("everything in %s is as it was", directory),
                               .observation = seen});
    step("everything in %s is as it was", directory);
}

/* ---- Limits -------------------------------------------------------------------------------------------- */

const char *delegated_cgroup(void)
{
    if (!sandbox_has_cgroups())
        skip(
            "no control group (cgroups, version 2, with memory and pids) is delegated to lux here, so that no limit "
            "can be set; a shell that has one is made by: systemd-run --user --scope -p Delegate=yes $SHELL");
    return SANDBOX_CGROUP;
}

/* ---- Mounts -------------------------------------------------------------------------------------------- */

/* Of /proc/self/mountinfo, see proc(5): the mount point, its options and what is mounted. */
const char *mounts_now(void)
{
    FILE *f = fopen("/proc/self/mountinfo", "re");
    struct buf out = {0};
    char line[8192];

    if (!f)
        fail(
            &(struct failing){.cause = CAUSE_WRONG,
                              .expectation = "/proc/self/mountinfo can be read outside of every container",
                              .observation = format("it cannot: %s; the root directory of the sandbox is not "
                                                    "what it was",
                                                    strerror(errno))});
    while (fgets(line, sizeof line, f)) {
        char point[4096], options[1024];
        const char *rest = strstr(line, " - ");
        if (rest && sscanf(line, "%*s %*s %*s %*s %4095s %1023s", point, options) == 2)
            buf_printf(&out, "%s %s %s", point, options, rest + 3);
    }
    fclose(f);
    return out.len ? buf_take(&out) : "";
}

void expect_same_mounts(const char *before)
{
    const char *expectation = "the mounts outside of the container are as they were", *now = mounts_now();
    const char *new = line_not_in(now, before, '\n'), *gone = line_not_in(before, now, '\n');

    if (new || gone)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation = expectation,
                               .observation = new ? format("now there is %s", new)
                                                  : format("there is no %s any more", gone)});
    step("%s", expectation);
}

/* ---- Processes ----------------------------------------------------------------------------------------- */

/* Its number in the innermost of its pid namespaces; 0 if that is our own. NSpid in proc_pid_status(5). */
static int number_inside(int pid)
{
    FILE *f = fopen(format("/proc/%d/status", pid), "re");
    char line[1024];
    int inner = 0;

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "NSpid:", 6) == 0) {
            const char *last = strrchr(line, '\t');
            inner = last > line + 6 ? atoi(last) : 0;
        }
    if (f)
        fclose(f);
    return inner;
}

static int first_below(Program *p)
{
    autofree struct process_stat *all = NULL;
    size_t n = process_descendants(pid_of(p), &all);

    for (size_t i = 0; i < n; i++)
        if (number_inside(all[i].pid) == 1)
            return all[i].pid;
    return 0;
}

Process *expect_first_process_(Program *p, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, format("%s to have a process 1 of its own", p->name), NULL);
    int pid;

    while ((pid = first_below(p)) == 0)
        if (p->ended || !wait_more(&w))
            fail(&(struct failing){.cause = p->ended ? CAUSE_WRONG : CAUSE_TIMEOUT,
                                   .program = p,
                                   .expectation =
                                       format("a descendant of %s is process 1 of a pid namespace", p->name),
                                   .observation = "none is",
                                   .wait = p->ended ? NULL : &w});
    return process_with_pid(pid, format("process 1 of the container of %s", p->name));
}
