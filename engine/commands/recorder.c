/* The recorder keeps the store open for the whole run, and an attempt in it from the build's start to the
 * run's end. */
#include "commands/recorder.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/store.h"
#include "snapshot/snapshot.h"

#include <stdlib.h>
#include <string.h>

struct known_check { /* from EVENT_RUN_START: the ends name a check by its id alone */
    char *id, *title;
    enum tier tier;
};

struct recorder {
    struct bus *bus;
    const struct challenge *challenge;
    uint64_t seed;
    bool partial;
    struct store *store; /* NULL: nothing is recorded (any more) */
    int64_t attempt;     /* 0: none is open */
    uint64_t began_ns;
    double build_ms;
    struct known_check *checks;
    size_t n_checks;
    char **failed; /* ids of the last attempt's checks that did not pass */
    size_t n_failed;
};

static void give_up(struct recorder *r, const struct error *err)
{
    store_close(r->store);
    r->store = NULL;
    r->attempt = 0;
    bus_notice(r->bus, true, "This run is not recorded: %s", err->text);
}

static void note_last_check(void *context, const struct last_check *c)
{
    struct recorder *r = context;
    if (!c->verdict || !strcmp(c->verdict, verdict_name(VERDICT_PASS)))
        return;
    r->failed = xreallocarray(r->failed, r->n_failed + 1, sizeof(char *));
    r->failed[r->n_failed++] = xstrdup(c->check);
}

struct recorder *recorder_new(struct bus *bus, const struct challenge *challenge, uint64_t seed, bool partial)
{
    struct recorder *r = xcalloc(1, sizeof *r);
    *r = (struct recorder){.bus = bus, .challenge = challenge, .seed = seed, .partial = partial};
    struct error err = {0};
    autofree char *path = store_default_path();
    r->store = store_open(path, STORE_WRITE, &err);
    if (!r->store || store_last_checks(r->store, challenge->slug, note_last_check, r, &err))
        give_up(r, &err);
    return r;
}

bool recorder_failed_before(const struct recorder *r, const char *check)
{
    for (size_t i = 0; i < r->n_failed; i++)
        if (!strcmp(r->failed[i], check))
            return true;
    return false;
}

/* The attempt is worth recording without it, so a failure is no more than a notice. */
static void keep_source(struct recorder *r, const char *dir)
{
    struct error err = {0};
    char *left_out;
    int64_t id =
        snapshot_take(r->store, r->challenge->slug, dir, r->challenge->binary, r->attempt, &left_out, &err);
    if (id < 0)
        bus_notice(r->bus, true, "The source is not kept with this attempt: %s", err.text);
    for (char *line = left_out; line && *line; line = strchr(line, '\n') + 1)
        bus_notice(r->bus, false, "Not kept with this attempt: %.*s", (int)strcspn(line, "\n"), line);
    free(left_out);
}

static void begin(struct recorder *r, const struct event_build_start *b)
{
    struct error err = {0};
    struct attempt a = {.slug = r->challenge->slug,
                        .dir = b->dir,
                        .language = b->language,
                        .seed = r->seed,
                        .lux_version = LUX_VERSION,
                        .uid = b->attempt,
                        .partial = r->partial};
    r->began_ns = clock_now_ns();
    r->attempt = store_attempt_begin(r->store, &a, &err);
    if (r->attempt <= 0)
        give_up(r, &err);
    else
        keep_source(r, b->dir);
}

static void end(struct recorder *r, enum outcome outcome, double ms)
{
    struct error err = {0};
    int64_t attempt = r->attempt;
    r->attempt = 0;
    if (store_attempt_end(r->store, attempt, outcome, ms, &err))
        give_up(r, &err);
}

static void built(struct recorder *r, const struct event_build_end *b)
{
    struct error err = {0};
    r->build_ms = b->ms;
    if (store_attempt_built(r->store, r->attempt, b->ok, b->ms, b->error, &err))
        give_up(r, &err);
}

static void know_checks(struct recorder *r, const struct event_run_start *s)
{
    r->checks = xcalloc(s->n_checks + 1, sizeof *r->checks);
    r->n_checks = s->n_checks;
    for (size_t i = 0; i < s->n_checks; i++)
        r->checks[i] = (struct known_check){
            .id = xstrdup(s->checks[i].id), .title = xstrdup(s->checks[i].title), .tier = s->checks[i].tier};
}

static void check_ended(struct recorder *r, const struct event *e)
{
    const struct event_check_end *c = &e->check_end;
    const struct known_check *known = NULL;
    for (size_t i = 0; i < r->n_checks && !known; i++)
        if (!strcmp(r->checks[i].id, c->check))
            known = &r->checks[i];
    struct buf detail = {0};
    if (c->verdict != VERDICT_PASS)
        event_encode(e, &detail);
    struct check_result result = {.check = c->check,
                                  .title = known ? known->title : c->check,
                                  .tier = tier_name(known ? known->tier : TIER_CORE),
                                  .verdict = verdict_name(c->verdict),
                                  .cause = c->cause == CAUSE_NONE ? NULL : cause_name(c->cause),
                                  .ms = c->ms,
                                  .detail = detail.data,
                                  .position = known ? (int)(known - r->checks) : 0};
    struct error err = {0};
    if (store_check_result(r->store, r->attempt, &result, &err))
        give_up(r, &err);
    buf_free(&detail);
}

void recorder_event(void *recorder, const struct event *e)
{
    struct recorder *r = recorder;
    if (!r->store || (!r->attempt && e->type != EVENT_BUILD_START))
        return;
    switch (e->type) {
    case EVENT_BUILD_START:
        begin(r, &e->build_start);
        break;
    case EVENT_BUILD_END:
        built(r, &e->build_end);
        break;
    case EVENT_RUN_START:
        know_checks(r, &e->run_start);
        break;
    case EVENT_CHECK_END:
        check_ended(r, e);
        break;
    case EVENT_RUN_END:
        end(r,
            e->run_end.interrupted ? OUTCOME_INTERRUPTED
            : e->run_end.solved    ? OUTCOME_SOLVED
            : e->run_end.errors    ? OUTCOME_ERROR
                                   : OUTCOME_UNSOLVED,
            clock_ms_since(r->began_ns));
        break;
    default:
        break;
    }
}

void recorder_build_failed(struct recorder *r)
{
    if (r && r->store && r->attempt)
        end(r, OUTCOME_BUILD_FAILED, r->build_ms); /* as the stream tells it: an import must not differ */
}

void recorder_close(struct recorder *r)
{
    if (!r)
        return;
    if (r->store && r->attempt)
        end(r, OUTCOME_INTERRUPTED, clock_ms_since(r->began_ns));
    store_close(r->store);
    for (size_t i = 0; i < r->n_checks; i++) {
        free(r->checks[i].id);
        free(r->checks[i].title);
    }
    free(r->checks);
    for (size_t i = 0; i < r->n_failed; i++)
        free(r->failed[i]);
    free(r->failed);
    free(r);
}
