/* Runs: see run.h. */
#include "model/run.h"

#include "base/buf.h"
#include "base/mem.h"

#include <string.h>

static char *copy(const char *s)
{
    return s ? xstrdup(s) : NULL;
}

static void set(char **where, const char *text)
{
    free(*where);
    *where = copy(text);
}

static void forget_end(struct check_row *c)
{
    if (!c->end)
        return;
    event_free(c->end);
    free(c->end);
    c->end = NULL;
}

static void free_check(struct check_row *c)
{
    forget_end(c);
    free(c->id);
    free(c->title);
    free(c->clause);
    free(c->step);
}

static void forget_build(struct run *r)
{
    for (size_t i = 0; i < r->n_output; i++)
        free(r->output[i]);
    for (size_t i = 0; i < r->n_messages; i++) {
        free(r->messages[i].file);
        free(r->messages[i].severity);
        free(r->messages[i].text);
    }
    free(r->output);
    free(r->messages);
    r->output = NULL;
    r->messages = NULL;
    r->n_output = r->output_left_out = r->n_messages = 0;
}

static void forget_checks(struct run *r)
{
    for (size_t i = 0; i < r->n_checks; i++)
        free_check(&r->checks[i]);
    free(r->checks);
    r->checks = NULL;
    r->n_checks = 0;
}

struct run *run_new(void)
{
    return xcalloc(1, sizeof(struct run));
}

void run_free(struct run *r)
{
    if (!r)
        return;
    forget_build(r);
    forget_checks(r);
    free(r->language);
    free(r->command);
    free(r->dir);
    free(r->trouble);
    free(r->warning);
    free(r);
}

void run_begin(struct run *r, bool partial)
{
    r->phase = RUN_STARTING;
    r->partial = partial;
    r->build_ms = r->ms = 0;
    set(&r->trouble, NULL);
    set(&r->warning, NULL);
    forget_build(r);
    for (size_t i = 0; i < r->n_checks && !partial; i++) {
        r->checks[i].stale = r->checks[i].verdict != VERDICT_NONE;
        r->checks[i].running = false;
    }
}

struct check_row *run_find(struct run *r, const char *id)
{
    for (size_t i = 0; i < r->n_checks; i++)
        if (strcmp(r->checks[i].id, id) == 0)
            return &r->checks[i];
    return NULL;
}

/* A new row behind the last one of its tier. */
static struct check_row *add_check(struct run *r, const char *id, const char *title, const char *clause,
                                   enum tier tier)
{
    size_t at = r->n_checks;
    while (at > 0 && r->checks[at - 1].tier > tier)
        at--;
    r->checks = xreallocarray(r->checks, r->n_checks + 1, sizeof *r->checks);
    memmove(&r->checks[at + 1], &r->checks[at], (r->n_checks - at) * sizeof *r->checks);
    r->n_checks++;
    struct check_row *c = &r->checks[at];
    *c = (struct check_row){.id = xstrdup(id ? id : ""),
                            .title = xstrdup(title ? title : ""),
                            .clause = copy(clause),
                            .tier = tier};
    return c;
}

static void take_verdict(struct check_row *c, enum verdict v, enum cause cause, double ms)
{
    c->verdict = v;
    c->cause = cause;
    c->ms = ms;
    c->running = c->stale = false;
    forget_end(c);
}

/* The announced checks, each with what is still known of it. A check that the engine no longer has goes away,
 * unless this run was asked for a part only. */
static void on_run_start(struct run *r, const struct event_run_start *e)
{
    r->phase = RUN_CHECKING;
    set(&r->dir, e->dir);
    struct check_row *old = r->checks;
    size_t n_old = r->n_checks;
    if (!r->partial) {
        r->checks = NULL;
        r->n_checks = 0;
    }
    for (size_t i = 0; i < e->n_checks; i++) {
        const struct event_run_check *announced = &e->checks[i];
        if (run_find(r, announced->id))
            continue;
        struct check_row *c =
            add_check(r, announced->id, announced->title, announced->clause, announced->tier);
        for (size_t k = 0; k < n_old && !r->partial; k++)
            if (strcmp(old[k].id, announced->id) == 0) {
                c->verdict = old[k].verdict;
                c->cause = old[k].cause;
                c->ms = old[k].ms;
                c->stale = c->verdict != VERDICT_NONE;
                c->end = old[k].end;
                old[k].end = NULL;
            }
    }
    if (r->partial)
        return;
    for (size_t k = 0; k < n_old; k++)
        free_check(&old[k]);
    free(old);
}

static void on_build_end(struct run *r, const struct event_build_end *e)
{
    r->build_ms = e->ms;
    if (e->ok)
        return;
    r->phase = RUN_BUILD_FAILED;
    set(&r->trouble, e->error);
    r->messages = xcalloc(e->n_diagnostics + 1, sizeof *r->messages);
    for (size_t i = 0; i < e->n_diagnostics; i++) {
        const struct diagnostic *d = &e->diagnostics[i];
        r->messages[r->n_messages++] = (struct build_message){
            .file = xstrdup(d->file ? d->file : ""),
            .severity = xstrdup(d->severity ? d->severity : "error"),
            .text = xstrdup(d->message ? d->message : ""),
            .line = d->line,
            .column = d->column,
        };
    }
}

static void on_build_output(struct run *r, const char *text)
{
    if (r->n_output == RUN_OUTPUT_MAX) {
        r->output_left_out++;
        return;
    }
    r->output = xreallocarray(r->output, r->n_output + 1, sizeof *r->output);
    r->output[r->n_output++] = xstrdup(text ? text : "");
}

/* An event lives as long as its handler; what is kept is a copy, made by writing and reading it. */
static struct event *keep(const struct event *e)
{
    struct buf line = {0};
    event_encode(e, &line);
    struct event *copied = xcalloc(1, sizeof *copied);
    int status = event_decode(buf_str(&line), line.len, copied, NULL);
    buf_free(&line);
    if (status == 0)
        return copied;
    free(copied);
    return NULL;
}

static void on_check_end(struct run *r, const struct event *whole)
{
    const struct event_check_end *e = &whole->check_end;
    struct check_row *c = run_find(r, e->check);
    if (!c)
        c = add_check(r, e->check, e->check, NULL, TIER_CORE);
    take_verdict(c, e->verdict, e->cause, e->ms);
    c->unstable = e->unstable;
    if (e->failure || e->reason || e->n_notes > 0)
        c->end = keep(whole);
}

void run_apply(struct run *r, const struct event *e)
{
    struct check_row *c;
    switch (e->type) {
    case EVENT_BUILD_START:
        r->phase = RUN_BUILDING;
        set(&r->language, e->build_start.language);
        set(&r->command, e->build_start.command);
        set(&r->dir, e->build_start.dir);
        break;
    case EVENT_BUILD_OUTPUT:
        on_build_output(r, e->build_output.text);
        break;
    case EVENT_BUILD_END:
        on_build_end(r, &e->build_end);
        break;
    case EVENT_RUN_START:
        on_run_start(r, &e->run_start);
        break;
    case EVENT_CHECK_START:
        if ((c = run_find(r, e->check_start.check))) {
            c->running = true;
            set(&c->step, NULL);
        }
        break;
    case EVENT_STEP:
        if ((c = run_find(r, e->step.check)))
            set(&c->step, e->step.step.text);
        break;
    case EVENT_CHECK_END:
        on_check_end(r, e);
        break;
    case EVENT_RUN_END:
        r->phase = e->run_end.interrupted ? RUN_CANCELLED : RUN_DONE;
        r->ms = e->run_end.ms;
        r->solved = e->run_end.solved;
        break;
    case EVENT_NOTICE:
        if (e->notice.is_warning)
            set(&r->warning, e->notice.text);
        break;
    }
}

void run_end(struct run *r, bool cancelled, const char *trouble)
{
    for (size_t i = 0; i < r->n_checks; i++)
        r->checks[i].running = false;
    if (!run_is_active(r))
        return;
    r->phase = cancelled ? RUN_CANCELLED : RUN_BROKEN;
    set(&r->trouble, trouble);
}

bool run_is_active(const struct run *r)
{
    return r->phase == RUN_STARTING || r->phase == RUN_BUILDING || r->phase == RUN_CHECKING;
}

const struct build_message *run_first_error(const struct run *r)
{
    for (size_t i = 0; i < r->n_messages; i++)
        if (strstr(r->messages[i].severity, "error"))
            return &r->messages[i];
    return r->n_messages > 0 ? &r->messages[0] : NULL;
}

struct run_counts run_count(const struct run *r)
{
    struct run_counts n = {0};
    for (size_t i = 0; i < r->n_checks; i++) {
        const struct check_row *c = &r->checks[i];
        if (c->running || c->stale || c->verdict == VERDICT_NONE)
            n.open++;
        else if (c->verdict == VERDICT_PASS)
            n.pass++;
        else if (c->verdict == VERDICT_FAIL)
            n.fail++;
        else if (c->verdict == VERDICT_SKIP)
            n.skip++;
        else if (c->verdict == VERDICT_BLOCKED)
            n.blocked++;
        else
            n.error++;
        if (c->tier == TIER_CORE) {
            n.core_total++;
            n.core_pass += c->verdict == VERDICT_PASS;
        }
    }
    return n;
}

/* The value whose name is `word`; `otherwise` if there is none. */
static int lookup(const char *word, const char *const *names, int n, int otherwise)
{
    for (int i = 0; word && i < n; i++)
        if (strcmp(names[i], word) == 0)
            return i;
    return otherwise;
}

void run_recall(struct run *r, const char *id, const char *title, const char *tier, const char *verdict,
                const char *cause, double ms, const char *detail)
{
    const char *const tiers[] = {tier_name(TIER_CORE), tier_name(TIER_ROBUST), tier_name(TIER_FAST)};
    const char *verdicts[VERDICT_ERROR + 1], *causes[CAUSE_LEAK + 1];
    for (int i = 0; i <= VERDICT_ERROR; i++)
        verdicts[i] = verdict_name((enum verdict)i);
    for (int i = 0; i <= CAUSE_LEAK; i++)
        causes[i] = cause_name((enum cause)i);

    struct check_row *c = run_find(r, id);
    if (!c)
        c = add_check(r, id, title, NULL, (enum tier)lookup(tier, tiers, 3, TIER_CORE));
    take_verdict(c, (enum verdict)lookup(verdict, verdicts, VERDICT_ERROR + 1, VERDICT_NONE),
                 (enum cause)lookup(cause, causes, CAUSE_LEAK + 1, CAUSE_NONE), ms);
    if (detail) {
        c->end = xcalloc(1, sizeof *c->end);
        if (event_decode(detail, strlen(detail), c->end, NULL) != 0) {
            free(c->end);
            c->end = NULL;
        } else if (c->end->type != EVENT_CHECK_END) {
            forget_end(c);
        }
    }
    if (r->phase == RUN_NONE)
        r->phase = RUN_DONE;
}

const char *check_word(const struct check_row *c)
{
    if (c->running)
        return "running";
    if (c->verdict == VERDICT_NONE)
        return "";
    if (c->verdict == VERDICT_FAIL && c->cause != CAUSE_NONE)
        return cause_name(c->cause);
    return verdict_name(c->verdict);
}
