#include "harness/puppet.h"

#include "base/buf.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/facts.h"
#include "harness/failure.h"
#include "harness/files.h"
#include "harness/leftovers.h"
#include "harness/mismatch.h"
#include "harness/program.h"
#include "harness/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The puppet as a file: lux carries it, since inside a sandbox the place where it is installed may be hidden. */
__asm__(".pushsection .rodata\n"
        ".balign 16\n"
        ".global lux_puppet_begin\n"
        ".hidden lux_puppet_begin\n"
        "lux_puppet_begin:\n"
        ".incbin \"" LUX_PUPPET "\"\n"
        ".global lux_puppet_end\n"
        ".hidden lux_puppet_end\n"
        "lux_puppet_end:\n"
        ".popsection\n");
extern const uint8_t lux_puppet_begin[], lux_puppet_end[];

void put_puppet(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    size_t size = (size_t)(lux_puppet_end - lux_puppet_begin), done = 0;

    while (fd >= 0 && done < size) {
        ssize_t n = write(fd, lux_puppet_begin + done, size - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    if (fd < 0 || done < size)
        world_broken(errno, "The puppet could not be put at %s", path);
    close(fd);
    leftovers_made(path);
    step("puts the puppet at %s", path);
}

/* ---- Reading reports ----------------------------------------------------------------------------------- */

Facts *expect_report_(Program *p, const struct wait_options *o)
{
    const char *what = "a report of the puppet";
    struct wait w = wait_start(o, what, format("on the stdout of %s", p->name));
    Facts *f = xcalloc(1, sizeof *f);
    enum facts_progress progress;
    size_t used;

    f->teller = format("the command of %s", p->name);
    while ((progress = facts_parse(inbox_unread(&p->printed), f, &used)) != FACTS_WHOLE) {
        bool certain = progress == FACTS_BAD || p->printed.ended;
        if (!certain && wait_more(&w))
            continue;
        failure_settle();
        Bytes came = inbox_unread(&p->printed);
        fail(&(struct failing){
            .cause = certain ? CAUSE_WRONG : CAUSE_TIMEOUT,
            .expecting = EXPECTING_STDOUT,
            .program = p,
            .expectation = format("the command that %s runs prints %s on stdout", p->name, what),
            .observation = format("%s%s%s", came.size ? format("%s came", quote_sized(came)) : "nothing came",
                                  p->ended ? ", then it " : "", p->ended ? status_words(p->status) : ""),
            .received = came,
            .wait = certain ? NULL : &w});
    }
    inbox_take(&p->printed, used);
    step("%s tells %zu facts", f->teller, f->n);
    return f;
}

Facts *expect_report_in_(const char *path, const struct wait_options *o)
{
    const char *what = "a report of the puppet";
    struct wait w = wait_start_polling(o, what, format("in %s", path));
    Facts *f = xcalloc(1, sizeof *f);
    enum facts_progress progress;
    Bytes found;
    size_t used;

    f->teller = format("the command that writes to %s", path);
    for (;;) {
        found = is_there(path) ? read_file(path) : text("");
        progress = facts_parse(found, f, &used);
        if (progress == FACTS_WHOLE)
            break;
        bool certain = progress == FACTS_BAD;
        if (!certain && wait_more(&w))
            continue;
        fail(&(struct failing){.cause = certain ? CAUSE_WRONG : CAUSE_TIMEOUT,
                               .expectation = format("%s holds %s", path, what),
                               .observation = found.size ? format("it holds %s", quote_sized(found))
                                                         : "there is nothing",
                               .wait = certain ? NULL : &w});
    }
    step("%s tells %zu facts", f->teller, f->n);
    return f;
}

/* ---- What they say ------------------------------------------------------------------------------------- */

const char *nth_fact(Facts *f, const char *name, size_t i)
{
    for (size_t k = 0; k < f->n; k++)
        if (strcmp(f->all[k].name, name) == 0 && i-- == 0)
            return f->all[k].value;
    return NULL;
}

size_t count_facts(Facts *f, const char *name)
{
    size_t n = 0;

    while (nth_fact(f, name, n))
        n++;
    return n;
}

bool has_fact(Facts *f, const char *name, const char *value)
{
    const char *other;

    for (size_t i = 0; (other = nth_fact(f, name, i)) != NULL; i++)
        if (strcmp(other, value) == 0)
            return true;
    return false;
}

const char *facts_named(Facts *f, const char *name)
{
    struct buf words = {0};
    const char *value;

    for (size_t i = 0; (value = nth_fact(f, name, i)) != NULL; i++)
        buf_printf(&words, "%s%s", i ? ", " : "", value);
    return words.len ? buf_take(&words) : "none";
}

const char *fact(Facts *f, const char *name)
{
    claim(count_facts(f, name) == 1, "%s tells one %s: it tells %s", f->teller, name, facts_named(f, name));
    return nth_fact(f, name, 0);
}

static const char *list_words(const char *const *values)
{
    struct buf words = {0};

    for (size_t i = 0; values[i]; i++)
        buf_printf(&words, "%s%s", i ? ", " : "", values[i]);
    return words.len ? buf_take(&words) : "none";
}

void expect_facts_(Facts *f, const char *name, const char *const *values)
{
    size_t n = 0;
    bool same = true;

    for (; values[n]; n++)
        same = same && has_fact(f, name, values[n]);
    if (same && count_facts(f, name) == n) {
        step("%s: %s", name, list_words(values));
        return;
    }
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .expectation = format("%s sees %s: %s", f->teller, name, list_words(values)),
                           .observation = format("it sees %s", facts_named(f, name))});
}
