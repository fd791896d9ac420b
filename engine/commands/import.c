/* lux import: takes in what `lux check --format ndjson` and `lux export` wrote elsewhere. */
#include "commands/commands.h"
#include "commands/table.h"

#include "base/mem.h"
#include "base/sha256.h"
#include "db/exchange.h"
#include "event/event.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct import_options {
    const char *learner;
    bool each;
};

static const struct option options[] = {
    {.name = "learner",
     .value = "NAME",
     .help = "they are this learner's, and not part of your own progress",
     .take = option_text,
     .offset = offsetof(struct import_options, learner)},
    {.name = "each",
     .help = "each file is of the learner that it is named after: ada.ndjson is Ada's",
     .take = option_switch,
     .offset = offsetof(struct import_options, each)},
    {0},
};

struct reading { /* all files; the strings of the attempts are copies */
    const struct course *course;
    struct moved_attempt *list;
    size_t n;
    /* Of the file being read. */
    const char *file;
    char *learner;
    int64_t written_at; /* for streams that do not say when they were */
    size_t first, skipped;
    bool is_open; /* the last of the list has not ended */
    struct sha256 hash;
    void **owned; /* everything that the attempts point to, freed in one go */
    size_t n_owned;
};

/* ---- From events to attempts ---- */

static void *own(struct reading *r, void *p)
{
    if ((r->n_owned & (r->n_owned - 1)) == 0)
        r->owned = xreallocarray(r->owned, r->n_owned ? 2 * r->n_owned : 1, sizeof *r->owned);
    return r->owned[r->n_owned++] = p;
}

static const char *keep(struct reading *r, const char *s)
{
    return s ? own(r, xstrdup(s)) : NULL;
}

static struct moved_attempt *current(const struct reading *r)
{
    return r->is_open ? &r->list[r->n - 1] : NULL;
}

/* One that does not say its name is named by what it says. */
static void name_by_content(struct reading *r, struct moved_attempt *a)
{
    char hex[SHA256_HEX];
    if (a->uid)
        return;
    sha256_end(&r->hash, hex);
    a->uid = own(r, xasprintf("sha256-%s", hex));
}

static void close_attempt(struct reading *r, const char *outcome)
{
    struct moved_attempt *a = current(r);
    if (!a)
        return;
    a->outcome = outcome;
    name_by_content(r, a);
    r->is_open = false;
    if (!a->slug) /* a build that failed, in a stream that does not say of what: nothing to keep */
        r->n--;
}

static struct moved_attempt *open_attempt(struct reading *r)
{
    close_attempt(r, "interrupted");
    r->list = xreallocarray(r->list, r->n + 1, sizeof *r->list);
    r->list[r->n++] = (struct moved_attempt){
        .learner = r->learner, .seed = "0", .lux_version = "", .dir = "", .started_at = r->written_at};
    r->is_open = true;
    sha256_begin(&r->hash);
    return current(r);
}

static void on_build_start(struct reading *r, const struct event_build_start *e)
{
    struct moved_attempt *a = open_attempt(r);
    a->language = keep(r, e->language);
    a->dir = keep(r, e->dir ? e->dir : "");
    a->slug = keep(r, e->challenge);
    a->uid = e->attempt && *e->attempt ? keep(r, e->attempt) : NULL;
    if (e->at && e->at < INT64_MAX / 1000)
        a->started_at = (int64_t)e->at;
}

static void on_run_start(struct reading *r, const struct event_run_start *e)
{
    struct moved_attempt *a = current(r);
    if (!a)
        a = open_attempt(r);
    a->slug = keep(r, e->challenge);
    a->seed = own(r, xasprintf("%" PRIu64, e->seed));
    a->partial = e->partial;
    struct check_result *results = own(r, xcalloc(e->n_checks + 1, sizeof *results));
    for (size_t i = 0; i < e->n_checks; i++)
        results[i] = (struct check_result){.check = keep(r, e->checks[i].id),
                                           .title = keep(r, e->checks[i].title),
                                           .tier = tier_name(e->checks[i].tier),
                                           .position = (int)i};
    a->results = results;
    a->n_results = e->n_checks;
}

static void on_check_end(struct reading *r, const struct event *e)
{
    const struct moved_attempt *a = current(r);
    const struct event_check_end *c = &e->check_end;
    for (size_t i = 0; a && i < a->n_results; i++) {
        struct check_result *result = (struct check_result *)(uintptr_t)&a->results[i];
        struct buf detail = {0};
        if (strcmp(result->check, c->check) != 0)
            continue;
        if (c->verdict != VERDICT_PASS)
            event_encode(e, &detail);
        result->verdict = verdict_name(c->verdict);
        result->cause = c->cause == CAUSE_NONE ? NULL : cause_name(c->cause);
        result->ms = c->ms;
        result->detail = detail.data ? own(r, detail.data) : NULL;
    }
}

static void on_event(void *context, const struct event *e)
{
    struct reading *r = context;
    struct moved_attempt *a;
    struct buf line = {0};
    if (e->type == EVENT_NOTICE && !e->owner) {
        fprintf(stderr, "lux import: %s: %s\n", r->file, e->notice.text);
        r->skipped++;
        return;
    }
    if (e->type == EVENT_BUILD_START)
        on_build_start(r, &e->build_start);
    else if (e->type == EVENT_RUN_START)
        on_run_start(r, &e->run_start);
    event_encode(e, &line);
    sha256_add(&r->hash, line.data, line.len);
    buf_free(&line);
    a = current(r);
    if (!a)
        return;
    if (e->type == EVENT_BUILD_END) {
        a->was_built = true;
        a->build_ok = e->build_end.ok;
        a->build_ms = a->ms = e->build_end.ms;
        a->build_message = keep(r, e->build_end.error);
        if (!e->build_end.ok)
            close_attempt(r, "build failed");
    } else if (e->type == EVENT_CHECK_END) {
        on_check_end(r, e);
    } else if (e->type == EVENT_RUN_END) {
        a->ms += e->run_end.ms;
        close_attempt(r, e->run_end.interrupted ? "interrupted"
                         : e->run_end.solved    ? "solved"
                         : e->run_end.errors    ? "error"
                                                : "unsolved");
    }
}

/* Checks that came to no result are not recorded by `lux check` either. */
static void drop_undecided(struct moved_attempt *a)
{
    struct check_result *list = (struct check_result *)(uintptr_t)a->results;
    size_t n = 0;
    for (size_t i = 0; i < a->n_results; i++)
        if (list[i].verdict)
            list[n++] = list[i];
    a->n_results = n;
}

/* ---- Files ---- */

/* "ada" of "class/ada.ndjson". */
static char *named_after(const char *file)
{
    const char *base = strrchr(file, '/');
    base = base ? base + 1 : file;
    const char *dot = strrchr(base, '.');
    return dot && dot > base ? xstrndup(base, (size_t)(dot - base)) : xstrdup(base);
}

static int read_file(struct reading *r, const char *file, const struct import_options *o)
{
    struct stat st;
    bool is_stdin = strcmp(file, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return command_failed(&command_import, LUX_USAGE, "cannot read %s: %s", file, strerror(errno));
    r->file = file;
    r->learner = own(r, o->each ? named_after(file) : xstrdup(o->learner ? o->learner : ""));
    r->written_at = st.st_mtime;
    r->first = r->n;
    struct event_reader *reader = event_reader_new(on_event, r);
    char bytes[65536];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        event_reader_feed(reader, bytes, (size_t)n);
    int error = errno;
    event_reader_end(reader);
    event_reader_free(reader);
    close_attempt(r, "interrupted");
    if (!is_stdin)
        close(fd);
    if (n < 0)
        return command_failed(&command_import, LUX_USAGE, "cannot read %s: %s", file, strerror(error));
    if (r->n == r->first)
        return command_failed(
            &command_import, LUX_UNSOLVED,
            "%s holds no attempt: it should be what lux check --format ndjson or lux export wrote", file);
    return LUX_OK;
}

/* Challenges of a newer course, or none at all. */
static void drop_unknown(struct reading *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        bool known = false;
        for (size_t k = 0; k < course_challenge_count(r->course) && !known; k++)
            known = strcmp(course_challenge(r->course, k)->slug, r->list[i].slug) == 0;
        if (known)
            r->list[n++] = r->list[i];
        else
            command_failed(&command_import, LUX_OK,
                           "left out: an attempt at '%s', which this course does not have", r->list[i].slug);
    }
    r->n = n;
}

static int store_all(struct reading *r)
{
    struct error err;
    struct import_counts counts;
    autofree char *path = store_default_path();
    drop_unknown(r);
    for (size_t i = 0; i < r->n; i++)
        drop_undecided(&r->list[i]);
    struct store *store = store_open(path, STORE_WRITE, &err);
    int failed = !store || store_import(store, r->list, r->n, &counts, &err);
    store_close(store);
    if (failed)
        return command_failed(&command_import, LUX_FAILED, "nothing was taken in: %s", err.text);
    printf("%zu attempt%s taken in", counts.added, counts.added == 1 ? "" : "s");
    if (counts.completed)
        printf(", %zu completed", counts.completed);
    if (counts.known)
        printf(", %zu known already", counts.known);
    printf("\n");
    return LUX_OK;
}

static int run(int argc, char **argv)
{
    struct import_options o = {.learner = NULL};
    struct reading r = {.n = 0};
    int rest = command_options(&command_import, &o, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest == 0)
        return command_misused(&command_import, "which files? - is standard input");
    if (o.learner && o.each)
        return command_misused(&command_import, "either --learner or --each");
    struct course *course = command_course(&command_import);
    if (!course)
        return LUX_FAILED;
    r.course = course;
    int code = LUX_OK;
    for (int i = 0; i < rest; i++) {
        int one = read_file(&r, argv[i], &o);
        code = code == LUX_OK ? one : code;
    }
    int stored = r.n ? store_all(&r) : LUX_OK;
    for (size_t i = 0; i < r.n_owned; i++)
        free(r.owned[i]);
    free(r.owned);
    free(r.list);
    course_free(course);
    return stored != LUX_OK ? stored : code;
}

const struct command command_import = {
    .name = "import",
    .usage = "FILE... [--learner NAME | --each]",
    .summary = "take in attempts that were made elsewhere",
    .help =
        "Takes in what lux check --format ndjson or lux export wrote: your own attempts on another machine,\n"
        "or, with --learner or --each, those of a class, which lux progress --class shows. An attempt is\n"
        "taken in once, however often its file is imported; one that was incomplete is completed. Files\n"
        "that cannot be read do not keep the others out.\n"
        "\n"
        "Exit status: 0; 1 some file held no attempt; 2 wrong usage, or a file could not be read; 5 nothing\n"
        "could be recorded.\n",
    .options = options,
    .run = run,
};
