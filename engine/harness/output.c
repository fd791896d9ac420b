/* Verbs about what a program prints and how it ends. */
#include "base/clock.h"
#include "harness/compare.h"
#include "harness/failure.h"
#include "harness/mismatch.h"
#include "harness/program.h"
#include "harness/signals.h"

#include <string.h>
#include <sys/wait.h>

static const char *stdout_end_words(const Program *p)
{
    if (p->ended)
        return format("then it %s", status_words(p->status));
    return p->printed.ended ? "then it closed its stdout" : NULL;
}

static bool starts_with(Bytes received, Bytes expected)
{
    return received.size >= expected.size && memcmp(received.data, expected.data, expected.size) == 0;
}

void expect_stdout_(Program *p, Bytes b, const struct wait_options *o)
{
    struct wait w = wait_start(o, quote_sized(b), format("on the stdout of %s", p->name));

    while (!starts_with(inbox_unread(&p->printed), b)) {
        bool certain = mismatch_is_certain(b, inbox_unread(&p->printed)) || p->printed.ended;
        if (certain || !wait_more(&w)) {
            failure_settle();
            fail(&(struct failing){.cause = certain ? CAUSE_WRONG : CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_STDOUT,
                                   .program = p,
                                   .expectation = format("%s prints %s", p->name, quote_sized(b)),
                                   .observation =
                                       mismatch_words(b, inbox_unread(&p->printed), stdout_end_words(p)),
                                   .compares = true,
                                   .expected = b,
                                   .received = inbox_unread(&p->printed),
                                   .wait = certain ? NULL : &w});
        }
    }
    inbox_take(&p->printed, b.size);
    step("%s prints %s", p->name, quote_sized(b));
}

Bytes next_stdout_line_(Program *p, const struct wait_options *o)
{
    struct wait w = wait_start(o, "the next line", format("on the stdout of %s", p->name));
    const uint8_t *end;
    Bytes came;

    while (came = inbox_unread(&p->printed), (end = memchr(came.data, '\n', came.size)) == NULL) {
        bool certain = p->printed.ended;
        if (certain || !wait_more(&w)) {
            failure_settle();
            came = inbox_unread(&p->printed);
            fail(&(struct failing){.cause = certain ? CAUSE_WRONG : CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_STDOUT,
                                   .program = p,
                                   .expectation = format("%s prints a line", p->name),
                                   .observation =
                                       format("%s came%s%s", came.size ? quote_sized(came) : "nothing",
                                              certain ? ", " : "", certain ? stdout_end_words(p) : ""),
                                   .wait = certain ? NULL : &w});
        }
    }
    size_t size = (size_t)(end - came.data);
    Bytes line = join(slice(came, 0, size), text("")); /* a copy: what was taken may go */
    inbox_take(&p->printed, size + 1);
    step("%s prints %s", p->name, quote_sized(line));
    return line;
}

void expect_stdout_end_(Program *p, const struct wait_options *o)
{
    struct wait w = wait_start(o, "the end", format("of the stdout of %s", p->name));
    const char *expectation = format("%s prints nothing more", p->name);

    for (;;) {
        Bytes more = inbox_unread(&p->printed);
        if (more.size > 0) {
            failure_settle();
            more = inbox_unread(&p->printed);
            fail(&(struct failing){.cause = CAUSE_WRONG,
                                   .expecting = EXPECTING_STDOUT_END,
                                   .program = p,
                                   .expectation = expectation,
                                   .observation = format("%s came", quote_sized(more)),
                                   .compares = true,
                                   .received = more});
        }
        if (p->printed.ended || p->out.fd < 0)
            break;
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_STDOUT_END,
                                   .program = p,
                                   .expectation = format("%s, and ends its stdout", expectation),
                                   .observation = p->ended ? "it has ended, but its stdout is still open"
                                                           : "its stdout is still open",
                                   .wait = &w});
    }
    step("%s prints nothing more", p->name);
}

/* ---- stderr -------------------------------------------------------------------------------------------- */

/* Until stderr ends or holds the text; without a text: until it ends, or holds something. */
static bool await_stderr(Program *p, const char *s)
{
    struct wait w = wait_start(&(struct wait_options){0}, "the end", format("of the stderr of %s", p->name));

    for (;;) {
        Bytes all = inbox_kept(&p->complained);
        if (s && (*s ? memmem(all.data, all.size, s, strlen(s)) != NULL : all.size > 0))
            return true;
        if (p->err.fd < 0 || !wait_more(&w))
            return !s && all.size > 0;
    }
}

void expect_stderr_has(Program *p, const char *s)
{
    if (await_stderr(p, s)) {
        step("%s says %s on stderr", p->name, quote(text(s)));
        return;
    }
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .program = p,
                           .expectation = format("the stderr of %s holds %s", p->name, quote(text(s))),
                           .observation = p->complained.total ? "it holds something else" : "it is empty",
                           .compares = true,
                           .expected = text(s),
                           .received = inbox_kept(&p->complained)});
}

/* Whether it begins with the program's name, as one types it ("./server: ") or as it is ("server: "). */
static bool is_named(Bytes message)
{
    const char *slash = strrchr(world.program_name, '/'), *name = slash ? slash + 1 : world.program_name;

    return starts_with(message, text(format("%s: ", name))) ||
           starts_with(message, text(format("%s: ", world.program_name)));
}

void expect_stderr_message(Program *p)
{
    bool said = await_stderr(p, NULL);
    Bytes message = inbox_kept(&p->complained);

    if (said && is_named(message)) {
        step("%s says %s on stderr", p->name, quote_sized(message));
        return;
    }
    fail(&(struct failing){
        .cause = CAUSE_WRONG,
        .expecting = EXPECTING_MESSAGE,
        .program = p,
        .expectation = format("%s says on stderr what is wrong, after its own name and a colon", p->name),
        .observation = said ? format("it says %s", quote_sized(message)) : "its stderr is empty",
        .compares = said,
        .received = message});
}

void expect_stderr_empty(Program *p)
{
    if (!await_stderr(p, NULL)) {
        step("%s says nothing on stderr", p->name);
        return;
    }
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .program = p,
                           .expectation = format("%s says nothing on stderr", p->name),
                           .observation = format("it says %s", quote_sized(inbox_kept(&p->complained))),
                           .compares = true,
                           .received = inbox_kept(&p->complained)});
}

/* ---- The end ------------------------------------------------------------------------------------------- */

static void await_end(Program *p, const char *expectation, const struct wait_options *o)
{
    struct wait w = wait_start(o, format("%s to end", p->name), NULL);

    while (!p->ended) {
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expecting = EXPECTING_EXIT,
                                   .program = p,
                                   .expectation = expectation,
                                   .observation = "it is still running",
                                   .wait = &w});
    }
}

void expect_exit_(Program *p, int code, const struct wait_options *o)
{
    const char *expectation = format("%s ends with status %d", p->name, code);

    await_end(p, expectation, o);
    if (WIFEXITED(p->status) && WEXITSTATUS(p->status) == code)
        return;
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .expecting = EXPECTING_EXIT,
                           .program = p,
                           .expectation = expectation,
                           .observation = format("it %s", status_words(p->status))});
}

int wait_exit_(Program *p, const struct wait_options *o)
{
    await_end(p, format("%s ends", p->name), o);
    return p->status;
}

void expect_running(Program *p)
{
    failure_settle();
    if (!p->ended) {
        step("%s is still running", p->name);
        return;
    }
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .expecting = EXPECTING_OTHER,
                           .program = p,
                           .expectation = format("%s is still running", p->name),
                           .observation = format("it %s", status_words(p->status))});
}
