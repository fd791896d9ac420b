/* lux export: the attempts in the progress as an event stream, which lux import reads back. */
#include "commands/commands.h"
#include "commands/table.h"

#include "base/mem.h"
#include "db/exchange.h"
#include "event/event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct exporting {
    const struct course *course;
    FILE *out;
    size_t n;
};

static void write_event(const struct exporting *x, const struct event *e)
{
    struct buf line = {0};
    event_encode(e, &line);
    fwrite(buf_str(&line), 1, line.len, x->out);
    buf_free(&line);
}

static enum tier tier_of(const char *word)
{
    for (enum tier t = TIER_CORE; t <= TIER_FAST; t++)
        if (strcmp(tier_name(t), word) == 0)
            return t;
    return TIER_CORE;
}

static enum verdict verdict_of(const char *word)
{
    for (enum verdict v = VERDICT_NONE; v <= VERDICT_ERROR; v++)
        if (strcmp(verdict_name(v), word) == 0)
            return v;
    return VERDICT_NONE;
}

static enum cause cause_of(const char *word)
{
    for (enum cause c = CAUSE_NONE; word && c <= CAUSE_LEAK; c++)
        if (strcmp(cause_name(c), word) == 0)
            return c;
    return CAUSE_NONE;
}

static void write_run_start(const struct exporting *x, const struct moved_attempt *a)
{
    struct error err;
    const struct challenge *ch = course_find(x->course, a->slug, &err);
    struct event_run_check *checks = xcalloc(a->n_results + 1, sizeof *checks);
    for (size_t i = 0; i < a->n_results; i++)
        checks[i] = (struct event_run_check){.id = a->results[i].check,
                                             .title = a->results[i].title,
                                             .clause = "",
                                             .tier = tier_of(a->results[i].tier)};
    write_event(x, &(struct event){.type = EVENT_RUN_START,
                                   .run_start = {.challenge = a->slug,
                                                 .number = ch ? ch->number : 0,
                                                 .title = ch ? ch->title : a->slug,
                                                 .dir = a->dir,
                                                 .level = "",
                                                 .seed = strtoull(a->seed, NULL, 10),
                                                 .time_scale = 1,
                                                 .jobs = 1,
                                                 .partial = a->partial,
                                                 .checks = checks,
                                                 .n_checks = a->n_results}});
    free(checks);
}

static void write_check_end(const struct exporting *x, const struct check_result *r)
{
    struct event e;
    struct error err;
    if (r->detail && event_decode(r->detail, strcspn(r->detail, "\n"), &e, &err) == 0) {
        write_event(x, &e);
        event_free(&e);
        return;
    }
    write_event(x, &(struct event){.type = EVENT_CHECK_END,
                                   .check_end = {.check = r->check,
                                                 .verdict = verdict_of(r->verdict),
                                                 .cause = cause_of(r->cause),
                                                 .ms = r->ms}});
}

static void write_run_end(const struct exporting *x, const struct moved_attempt *a)
{
    struct event_run_end end = {.solved = strcmp(a->outcome, "solved") == 0,
                                .interrupted = strcmp(a->outcome, "interrupted") == 0,
                                .ms = a->ms > a->build_ms ? a->ms - a->build_ms : 0};
    int *const counters[] = {
        [VERDICT_NONE] = NULL,         [VERDICT_PASS] = &end.passed,     [VERDICT_FAIL] = &end.failed,
        [VERDICT_SKIP] = &end.skipped, [VERDICT_BLOCKED] = &end.blocked, [VERDICT_ERROR] = &end.errors};
    for (size_t i = 0; i < a->n_results; i++) {
        const struct check_result *r = &a->results[i];
        enum verdict verdict = verdict_of(r->verdict);
        bool is_core = strcmp(r->tier, tier_name(TIER_CORE)) == 0;
        if (counters[verdict])
            ++*counters[verdict];
        end.core_total += is_core;
        end.core_passed += is_core && verdict == VERDICT_PASS;
    }
    if (strcmp(a->outcome, "error") == 0 && !end.errors)
        end.errors = 1;
    write_event(x, &(struct event){.type = EVENT_RUN_END, .run_end = end});
}

static int write_attempt(void *context, const struct moved_attempt *a)
{
    struct exporting *x = context;
    x->n++;
    write_event(x, &(struct event){.type = EVENT_BUILD_START,
                                   .build_start = {.language = a->language,
                                                   .command = "",
                                                   .dir = a->dir,
                                                   .challenge = a->slug,
                                                   .attempt = a->uid,
                                                   .at = (uint64_t)a->started_at}});
    if (a->was_built)
        write_event(x, &(struct event){
                           .type = EVENT_BUILD_END,
                           .build_end = {.ok = a->build_ok, .ms = a->build_ms, .error = a->build_message}});
    if (a->was_built && !a->build_ok && strcmp(a->outcome, "build failed") == 0)
        return ferror(x->out);
    write_run_start(x, a);
    for (size_t i = 0; i < a->n_results; i++)
        write_check_end(x, &a->results[i]);
    write_run_end(x, a);
    return ferror(x->out);
}

/* What is written to a file gets its name once it is whole. */
static int export_to(struct exporting *x, struct store *store, const char *file)
{
    struct error err = {""};
    autofree char *draft = file ? xasprintf("%s.part", file) : NULL;
    x->out = file ? fopen(draft, "we") : stdout;
    if (!x->out)
        return command_failed(&command_export, LUX_FAILED, "cannot write %s: %s", draft, strerror(errno));
    int failed = store_export(store, write_attempt, x, &err);
    if (fflush(x->out) && !failed)
        failed = 1;
    if (failed > 0)
        error_errno(&err, "cannot write %s", file ? file : "to standard output");
    if (file && fclose(x->out) && !failed)
        failed = error_errno(&err, "cannot write %s", file);
    if (file && !failed && rename(draft, file))
        failed = error_errno(&err, "cannot write %s", file);
    if (file && failed)
        unlink(draft);
    if (failed)
        return command_failed(&command_export, LUX_FAILED, "%s", err.text);
    if (x->n == 0)
        fputs("lux export: no attempt is recorded yet\n", stderr);
    if (file)
        printf("%zu attempt%s written to %s\n", x->n, x->n == 1 ? "" : "s", file);
    return LUX_OK;
}

static int run(int argc, char **argv)
{
    struct exporting x = {.n = 0};
    struct error err;
    int rest = command_options(&command_export, NULL, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 1)
        return command_misused(&command_export, "one file, not '%s' as well", argv[1]);
    struct course *course = command_course(&command_export);
    if (!course)
        return LUX_FAILED;
    autofree char *path = store_default_path();
    struct store *store = store_open(path, STORE_READ, &err);
    x.course = course;
    int code = store ? export_to(&x, store, rest && strcmp(argv[0], "-") != 0 ? argv[0] : NULL)
                     : command_failed(&command_export, LUX_FAILED, "%s", err.text);
    store_close(store);
    course_free(course);
    return code;
}

const struct command command_export = {
    .name = "export",
    .usage = "[FILE]",
    .summary = "write all attempts down as an event stream",
    .help =
        "Writes your attempts with their results to FILE, or to standard output, in the form of\n"
        "`lux check --format ndjson`. lux import takes them into another database, on another machine or\n"
        "a teacher's. The source is not part of it.\n"
        "\n"
        "Exit status: 0; 2 wrong usage; 5 it could not be read or written.\n",
    .run = run,
};
