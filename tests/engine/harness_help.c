#include "harness_help.h"

#include "base/mem.h"
#include "sandbox/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WORKSPACE LUX_BINARY_DIR "/tests/harness"

struct outcome outcome;
static const char *challenge = "subject";

static const char *binary = "subject";

void check_program(const char *name)
{
    binary = name;
}

void check_challenge(const char *slug)
{
    challenge = slug;
}

static const struct check *check_named(const char *id)
{
    const struct check **all;
    size_t n = harness_checks_of(challenge, &all);
    const struct check *found = NULL;

    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i]->id, id) == 0)
            found = all[i];
    free(all);
    assert_non_null(found);
    return found;
}

static void read_stream(int fd)
{
    char chunk[65536];
    ssize_t n;

    buf_clear(&outcome.stream);
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        buf_add(&outcome.stream, chunk, (size_t)n);
    close(fd);
}

/* The last line is check_end, all before it are steps. */
static void decode_stream(const char *id)
{
    struct error err;
    bool ended = false;

    outcome.n_steps = 0;
    event_free(&outcome.end);
    for (char *line = outcome.stream.data; line && *line; line = strchr(line, '\n') + 1) {
        struct event e;
        assert_false(ended);
        if (event_decode(line, (size_t)(strchr(line, '\n') - line), &e, &err) != 0)
            fail_msg("%s in %.*s", err.text, (int)(strchr(line, '\n') - line), line);
        if (e.type == EVENT_CHECK_END) {
            assert_string_equal(e.check_end.check, id);
            outcome.end = e;
            ended = true;
            continue;
        }
        assert_int_equal(e.type, EVENT_STEP);
        assert_string_equal(e.step.check, id);
        outcome.n_steps++;
        event_free(&e);
    }
    if (!ended)
        fail_msg("%s did not end", id);
}

static enum sandbox_level level;

void check_at_level(enum sandbox_level wanted)
{
    level = wanted;
}

enum sandbox_level check_level(void)
{
    struct error why = {""};

    if (level == SANDBOX_NONE)
        level = sandbox_probe(&why);
    if (level == SANDBOX_NONE)
        fail_msg("%s", why.text);
    return level;
}

const struct event_check_end *run_with_seed(const char *id, uint64_t seed)
{
    struct harness_run run = {.check = check_named(id), .seed = seed, .time_scale = 1};
    struct sandbox_spec spec = {.workspace = WORKSPACE,
                                .binary = binary,
                                .limits = {.memory_mb = 256},
                                .main = harness_main,
                                .context = &run,
                                .keep_fd = -1};
    struct sandbox sandbox;
    struct error err;
    int fds[2], status;

    assert_int_equal(pipe(fds), 0);
    spec.level = check_level();
    run.spec = &spec;
    run.event_fd = spec.keep_fd = fds[1];
    spec.as_root = run.check->as_root;
    if (sandbox_start(&spec, &sandbox, &err) < 0)
        fail_msg("%s", err.text);
    close(fds[1]);
    read_stream(fds[0]);
    assert_true(sandbox_reap(&sandbox, true, &status));
    if (status != 0)
        fail_msg("%s: PID 1 ended with %x", id, (unsigned)status);
    close(sandbox.pidfd);
    decode_stream(id);
    if (getenv("SHOW"))
        fprintf(stderr, "%s", outcome.stream.data);
    return &outcome.end.check_end;
}

const struct event_check_end *run(const char *id)
{
    return run_with_seed(id, 7);
}

void passes(const char *id)
{
    const struct event_check_end *end = run(id);

    if (end->verdict == VERDICT_PASS)
        return;
    fail_msg("%s: %s, %s: %s", id, verdict_name(end->verdict), end->reason ? end->reason : "",
             end->failure ? end->failure->observation : "");
}

const struct failure *fails(const char *id, enum cause cause)
{
    const struct event_check_end *end = run(id);

    if (end->verdict != VERDICT_FAIL)
        fail_msg("%s: %s %s", id, verdict_name(end->verdict), end->reason ? end->reason : "");
    if (end->cause != cause)
        fail_msg("%s: %s instead of %s: %s, but %s", id, cause_name(end->cause), cause_name(cause),
                 end->failure->expectation, end->failure->observation);
    assert_true(end->failure->n_by_hand >= 1);
    char again[128];
    snprintf(again, sizeof again, "lux check %s --only ", challenge);
    has(end->failure->by_hand[0], again);
    return end->failure;
}

void has_(const char *where, const char *text, const char *piece, int line)
{
    if (!text || !strstr(text, piece))
        fail_msg("line %d: %s is \"%s\", without \"%s\"", line, where, text ? text : "(null)", piece);
}
