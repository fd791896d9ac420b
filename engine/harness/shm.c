#include "harness/shm.h"

#include "harness/failure.h"
#include "harness/files.h"
#include "harness/leftovers.h"
#include "harness/level.h"
#include "harness/maps.h"
#include "harness/program.h"
#include "harness/report.h"
#include "harness/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *path_of(const char *name)
{
    return format("/dev/shm/%s", name);
}

static const char *program_words(void)
{
    Program *p = program_last();

    return p ? p->name : "the program";
}

bool shm_is_there(const char *name)
{
    return is_there(path_of(name));
}

/* Where the sandbox has no files of its own, /dev/shm is the host's, and what programs leave there stays. */
enum { NAMES_MAX = 64 };
static const char *names[NAMES_MAX];
static size_t n_names;

static void remove_all(void)
{
    for (size_t i = 0; i < n_names; i++)
        shm_unlink(format("/%s", names[i]));
}

const char *shm_name(void)
{
    const char *name;

    do
        name = format("q-%d", random_between(10000, 999999));
    while (shm_is_there(name));
    if (!has_own_files()) {
        if (n_names == NAMES_MAX)
            world_broken(0, "more than %d names of shared memory objects", NAMES_MAX);
        names[n_names++] = name;
        report_at_end(remove_all);
    }
    return name;
}

/* ---- What the check does ------------------------------------------------------------------------------- */

void shm_make(const char *name, Bytes content)
{
    int fd = shm_open(format("/%s", name), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, content.data, content.size) != (ssize_t)content.size)
        world_broken(errno, "The shared memory object %s could not be made", name);
    close(fd);
    leftovers_made(path_of(name));
    step("makes the shared memory object %s of %zu bytes", name, content.size);
}

void shm_remove(const char *name)
{
    if (shm_unlink(format("/%s", name)) < 0)
        world_broken(errno, "The shared memory object %s could not be removed", name);
    step("removes the shared memory object %s", name);
}

/* ---- What the check sees ------------------------------------------------------------------------------- */

static const char *existing(const char *name)
{
    if (!shm_is_there(name))
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .program = program_last(),
                               .expectation = format("there is a shared memory object %s", name),
                               .observation = format("there is no /dev/shm/%s", name)});
    return path_of(name);
}

Bytes shm_content(const char *name)
{
    return read_file(existing(name));
}

int64_t shm_size(const char *name)
{
    return size_of_file(existing(name));
}

int shm_permissions(const char *name)
{
    return permissions_of(existing(name));
}

/* ---- What the check expects ---------------------------------------------------------------------------- */

void expect_shm_(const char *name, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "the shared memory object", name);

    while (!shm_is_there(name)) {
        bool gone = programs_all_gone();
        if (!gone ? wait_more(&w) : !w.last_look) {
            w.last_look |= gone;
            continue;
        }
        fail(&(struct failing){
            .cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
            .program = program_last(),
            .expectation = format("%s makes the shared memory object /%s", program_words(), name),
            .observation = gone && program_endings()
                               ? format("there is no /dev/shm/%s: %s", name, program_endings())
                               : format("there is no /dev/shm/%s", name),
            .wait = gone ? NULL : &w});
    }
    step("there is a shared memory object %s", name);
}

void expect_no_shm_(const char *name, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, "the shared memory object to be gone:", name);

    while (shm_is_there(name))
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_LEAK,
                                   .program = program_last(),
                                   .expectation = format("there is no shared memory object %s", name),
                                   .observation = format("/dev/shm/%s is still there", name),
                                   .wait = &w});
    step("there is no shared memory object %s", name);
}

void expect_shm_mapped_(Program *p, const char *name, const struct wait_options *o)
{
    static const char *const seen[] = {
        [MAPPED_NOT] = "it has not mapped it",
        [MAPPED_PRIVATE] = "it has mapped it with MAP_PRIVATE: what it writes there nobody else sees",
        [MAPPED_READ_ONLY] = "it has mapped it without PROT_WRITE",
    };
    struct wait w = wait_start_polling(o, format("%s to map", p->name), name);
    enum mapping m;

    while (
        (m = p->ended ? MAPPED_NOT : maps_find(read_file(format("/proc/%d/maps", p->pid)), path_of(name))) !=
        MAPPED_SHARED)
        if (p->ended || !wait_more(&w))
            fail(&(struct failing){
                .cause = p->ended ? CAUSE_WRONG : CAUSE_TIMEOUT,
                .program = p,
                .expectation = format("%s has the shared memory object %s in its memory", p->name, name),
                .observation = p->ended ? format("it %s", status_words(p->status)) : seen[m],
                .wait = p->ended ? NULL : &w});
    step("%s has mapped /dev/shm/%s, shared", p->name, name);
}
