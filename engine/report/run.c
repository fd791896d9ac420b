/* The collected run: the events of a stream, put in one place. */
#include "report/format.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static char *copy(const char *s)
{
    return xstrdup(s ? s : "");
}

static void set(char **to, const char *s)
{
    free(*to);
    *to = copy(s);
}

static struct checked *find(struct run *run, const char *id)
{
    for (size_t i = 0; id && i < run->n_checks; i++)
        if (!strcmp(run->checks[i].id, id))
            return &run->checks[i];
    return NULL;
}

/* Events are copied by way of their line: the stream itself is the one definition of what is in them. */
static void keep_end(struct checked *c, const struct event *e)
{
    struct buf line = {0};
    struct error err;
    if (c->end.owner)
        event_free(&c->end);
    event_encode(e, &line);
    if (event_decode(buf_str(&line), line.len, &c->end, &err))
        c->end = (struct event){
            .type = EVENT_CHECK_END,
            .check_end = {.check = c->id, .verdict = e->check_end.verdict, .cause = e->check_end.cause}};
    buf_free(&line);
    c->verdict = e->check_end.verdict;
    c->is_running = false;
}

static void keep_output(struct run *run, const struct event_build_output *o)
{
    run->build_output.limit = RUN_OUTPUT_MAX;
    size_t len = strlen(o->text);
    if (run->build_output.len + len + 1 > RUN_OUTPUT_MAX) {
        run->build_output_dropped++;
        return;
    }
    buf_add(&run->build_output, o->text, len);
    buf_addch(&run->build_output, '\n');
}

static void free_checks(struct run *run)
{
    for (size_t i = 0; i < run->n_checks; i++) {
        struct checked *c = &run->checks[i];
        if (c->end.owner)
            event_free(&c->end);
        free(c->id);
        free(c->title);
        free(c->clause);
    }
    free(run->checks);
    run->checks = NULL;
    run->n_checks = 0;
}

static void keep_start(struct run *run, const struct event_run_start *s)
{
    run->started = true;
    set(&run->challenge, s->challenge);
    set(&run->title, s->title);
    set(&run->dir, s->dir);
    set(&run->level, s->level);
    run->number = s->number;
    run->jobs = s->jobs;
    run->seed = s->seed;
    run->partial = s->partial;
    run->time_scale = s->time_scale;
    free_checks(run);
    run->checks = xcalloc(s->n_checks + 1, sizeof *run->checks);
    run->n_checks = s->n_checks;
    for (size_t i = 0; i < s->n_checks; i++)
        run->checks[i] = (struct checked){.id = copy(s->checks[i].id),
                                          .title = copy(s->checks[i].title),
                                          .clause = copy(s->checks[i].clause),
                                          .tier = s->checks[i].tier};
}

struct checked *run_event(struct run *run, const struct event *e)
{
    struct checked *c = NULL;
    switch (e->type) {
    case EVENT_BUILD_START:
        set(&run->language, e->build_start.language);
        set(&run->dir, e->build_start.dir);
        break;
    case EVENT_BUILD_OUTPUT:
        keep_output(run, &e->build_output);
        break;
    case EVENT_BUILD_END:
        run->build_failed = !e->build_end.ok;
        run->build_ms = e->build_end.ms;
        set(&run->build_error, e->build_end.error);
        break;
    case EVENT_RUN_START:
        keep_start(run, &e->run_start);
        break;
    case EVENT_CHECK_START:
        c = find(run, e->check_start.check);
        if (c)
            c->is_running = true;
        break;
    case EVENT_STEP:
        c = find(run, e->step.check);
        break;
    case EVENT_CHECK_END:
        c = find(run, e->check_end.check);
        if (c)
            keep_end(c, e);
        break;
    case EVENT_RUN_END:
        run->ended = true;
        run->end = e->run_end;
        break;
    case EVENT_NOTICE:
        break;
    }
    return c;
}

void report_run_free(struct run *run)
{
    free_checks(run);
    buf_free(&run->build_output);
    free(run->language);
    free(run->build_error);
    free(run->challenge);
    free(run->title);
    free(run->dir);
    free(run->level);
    *run = (struct run){0};
}

const char *verdict_words(const struct event_check_end *end)
{
    static const char *const failures[] = {
        [CAUSE_NONE] = "fail",         [CAUSE_WRONG] = "fail: wrong", [CAUSE_TIMEOUT] = "fail: timeout",
        [CAUSE_CRASH] = "fail: crash", [CAUSE_LEAK] = "fail: leak",
    };
    if (end->verdict == VERDICT_FAIL)
        return failures[end->cause];
    if (end->verdict == VERDICT_ERROR && end->unstable)
        return "error: unstable";
    return verdict_name(end->verdict);
}
