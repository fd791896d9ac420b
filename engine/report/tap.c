/* TAP version 14 (https://testanything.org/tap-version-14-specification.html): one test point a check as it
 * ends, with a YAML block of diagnostics when it did not pass. */
#include "report/format.h"

#include <string.h>

struct tap {
    struct run run;
    int points;
    bool began;
    bool ended; /* by its plan or by bailing out */
};

static void begin(struct report *r, struct tap *tap)
{
    if (!tap->began)
        buf_addstr(&r->out, "TAP version 14\n");
    tap->began = true;
}

/* A description: "#" begins a directive unless it is escaped, and so does the escape. */
static void add_description(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '#' || *s == '\\')
            buf_addch(out, '\\');
        buf_addch(out, *s == '\n' ? ' ' : *s);
    }
}

static void add_comment(struct buf *out, const char *s)
{
    buf_addstr(out, "# ");
    for (; *s; s++) {
        buf_addch(out, *s);
        if (*s == '\n' && s[1])
            buf_addstr(out, "# ");
    }
    buf_addch(out, '\n');
}

/* YAML double-quoted scalar: what YAML and JSON agree on. */
static void add_scalar(struct buf *out, const char *s)
{
    buf_addch(out, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_printf(out, "\\%c", *s);
        else if (*s == '\n')
            buf_addstr(out, "\\n");
        else if (*s == '\t')
            buf_addstr(out, "\\t");
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            buf_printf(out, "\\x%02x", (unsigned)(unsigned char)*s);
        else
            buf_addch(out, *s);
    }
    buf_addstr(out, "\"\n");
}

static void add_field(struct buf *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    buf_printf(out, "  %s: ", name);
    add_scalar(out, value);
}

static void add_list(struct buf *out, const char *name, const char *const *items, size_t n)
{
    if (!n)
        return;
    buf_printf(out, "  %s:\n", name);
    for (size_t i = 0; i < n; i++) {
        buf_addstr(out, "    - ");
        add_scalar(out, items[i]);
    }
}

static void add_timed_list(struct buf *out, const char *name, const struct step *steps, size_t n)
{
    if (!n)
        return;
    buf_printf(out, "  %s:\n", name);
    for (size_t i = 0; i < n; i++) {
        struct buf line = {0};
        buf_printf(&line, "%.3f s  %s", steps[i].at, steps[i].text);
        buf_addstr(out, "    - ");
        add_scalar(out, buf_str(&line));
        buf_free(&line);
    }
}

static void add_processes(struct buf *out, const struct failure *f)
{
    if (f->n_processes)
        buf_addstr(out, "  processes:\n");
    for (size_t i = 0; i < f->n_processes; i++) {
        const struct process_state *p = &f->processes[i];
        struct buf line = {0};
        buf_printf(&line, "%s (pid %d): %s", p->name, p->pid, p->doing);
        buf_addstr(out, "    - ");
        add_scalar(out, buf_str(&line));
        buf_free(&line);
    }
}

static void add_output(struct buf *out, const struct failure *f)
{
    if (f->n_output)
        buf_addstr(out, "  output:\n");
    for (size_t i = 0; i < f->n_output; i++) {
        const struct output_line *o = &f->output[i];
        struct buf line = {0};
        buf_printf(&line, "%.3f s  %s %s: %s", o->at, o->program, o->stream, o->text);
        buf_addstr(out, "    - ");
        add_scalar(out, buf_str(&line));
        buf_free(&line);
    }
}

static void add_failure(struct buf *out, const struct failure *f)
{
    add_field(out, "clause", f->clause);
    add_field(out, "contract", f->clause_sentence);
    add_field(out, "message", f->expectation);
    add_field(out, "observation", f->observation);
    add_field(out, "expected", f->expected.text);
    add_field(out, "received", f->received.text);
    if (f->difference >= 0)
        buf_printf(out, "  first_difference: %lld\n", (long long)f->difference);
    add_list(out, "expected_hex", f->hex_expected, f->n_hex_expected);
    add_list(out, "received_hex", f->hex_received, f->n_hex_received);
    add_field(out, "waited", f->wait);
    add_processes(out, f);
    add_output(out, f);
    add_timed_list(out, "steps", f->steps, f->n_steps);
    add_field(out, "diagnosis", f->diagnosis);
    add_field(out, "see", f->see);
    add_list(out, "by_hand", f->by_hand, f->n_by_hand);
}

static void add_point(struct report *r, struct tap *tap, const struct checked *c)
{
    const struct event_check_end *end = &c->end.check_end;
    bool is_ok = end->verdict != VERDICT_FAIL && end->verdict != VERDICT_ERROR;
    buf_printf(&r->out, "%s %d - %s: ", is_ok ? "ok" : "not ok", ++tap->points, tier_name(c->tier));
    add_description(&r->out, c->title);
    if (end->verdict == VERDICT_SKIP || end->verdict == VERDICT_BLOCKED) {
        buf_printf(&r->out, " # SKIP %s", end->verdict == VERDICT_BLOCKED ? "blocked: " : "");
        add_description(&r->out, end->reason ? end->reason : "");
    }
    buf_printf(&r->out, "\n  ---\n  id: %s\n  verdict: %s\n  duration_ms: %.3f\n", c->id,
               verdict_name(end->verdict), end->ms);
    if (end->cause != CAUSE_NONE)
        buf_printf(&r->out, "  cause: %s\n", cause_name(end->cause));
    if (end->unstable)
        buf_addstr(&r->out, "  unstable: true\n");
    add_field(&r->out, "reason", end->reason);
    add_list(&r->out, "notes", end->notes, end->n_notes);
    if (end->failure)
        add_failure(&r->out, end->failure);
    buf_addstr(&r->out, "  ...\n");
}

static void handle(struct report *r, const struct event *e)
{
    struct tap *tap = r->state;
    const struct checked *c = run_event(&tap->run, e);
    begin(r, tap);
    tap->ended |= tap->run.build_failed || tap->run.started || tap->run.ended;
    switch (e->type) {
    case EVENT_BUILD_OUTPUT:
        add_comment(&r->out, e->build_output.text);
        break;
    case EVENT_BUILD_END:
        if (!e->build_end.ok) {
            buf_addstr(&r->out, "Bail out! ");
            add_description(&r->out,
                            e->build_end.error ? e->build_end.error : "the program could not be built");
            buf_addch(&r->out, '\n');
        }
        break;
    case EVENT_RUN_START:
        buf_printf(&r->out, "# %d %s, seed %llu\n1..%zu\n", e->run_start.number, e->run_start.title,
                   (unsigned long long)e->run_start.seed, e->run_start.n_checks);
        break;
    case EVENT_CHECK_END:
        if (c)
            add_point(r, tap, c);
        break;
    case EVENT_RUN_END:
        if (e->run_end.interrupted && !tap->run.build_failed)
            buf_addstr(&r->out, "Bail out! interrupted\n");
        else if (!e->run_end.interrupted)
            buf_printf(&r->out, "# core %d of %d, %d passed, %d failed: %s\n", e->run_end.core_passed,
                       e->run_end.core_total, e->run_end.passed, e->run_end.failed,
                       e->run_end.solved ? "solved" : "not solved");
        break;
    case EVENT_NOTICE:
        add_comment(&r->out, e->notice.text);
        break;
    default:
        break;
    }
}

/* Something was in the way of the whole run: the comments say what. */
static void finish(struct report *r)
{
    struct tap *tap = r->state;
    begin(r, tap);
    if (!tap->ended)
        buf_addstr(&r->out, "1..0 # SKIP no check was run\n");
}

static void free_state(struct report *r)
{
    report_run_free(&((struct tap *)r->state)->run);
}

const struct format format_tap = {
    .name = "tap", .size = sizeof(struct tap), .handle = handle, .finish = finish, .free = free_state};
