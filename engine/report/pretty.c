/* The report for a person: a line a check as it ends, tier by tier, then the failures explained, then the
 * summary. What a failed check blocks is one line, however much it is.
 *
 * The tiers stay together although checks of several run at once: a line waits until all checks of the tiers
 * before it have ended. On a terminal the last line says what is running, and is taken away before anything
 * else is written. */
#include "report/format.h"

#include "base/mem.h"
#include "report/explain.h"
#include "report/paint.h"

#include <string.h>

enum {
    EXPLAINED_MAX =
        3, /* failures shown in full; of the others two lines, and the command that shows the rest */
    WIDTH_DEFAULT = 80,
    WIDTH_MIN = 40,
    WIDTH_MAX = 110 /* longer lines are hard to read */
};

struct pretty {
    struct run run;
    bool *printed; /* of each check of the run */
    size_t n_ended;
    bool tier_begun[TIER_FAST + 1];
    bool has_status;         /* the last line is what is running */
    const char *last_reason; /* of the check printed last; belongs to its event */
};

static struct paint paint_of(struct report *r)
{
    int width = r->options.width ? r->options.width : WIDTH_DEFAULT;
    width = width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
    return (struct paint){.out = &r->out, .width = width, .colour = r->options.colour};
}

static char *duration(double ms)
{
    if (ms < 1)
        return xstrdup("<1 ms");
    return ms < 1000 ? xasprintf("%.0f ms", ms) : xasprintf("%.1f s", ms / 1e3);
}

static const struct look {
    const char *sign;
    enum style style;
} looks[] = {
    [VERDICT_NONE] = {" ", STYLE_DIM},     [VERDICT_PASS] = {"✓", STYLE_GOOD},
    [VERDICT_FAIL] = {"✗", STYLE_BAD},     [VERDICT_SKIP] = {"-", STYLE_WARN},
    [VERDICT_BLOCKED] = {"-", STYLE_WARN}, [VERDICT_ERROR] = {"!", STYLE_WARN},
};

static void paint_remark(const struct paint *p, enum style style, const char *text)
{
    enum { INDENT = 4 };
    if (!text || !*text)
        return;
    paint_spaces(p, INDENT);
    paint_wrapped(p, style, INDENT, INDENT, text);
    buf_addch(p->out, '\n');
}

/* The sign and the title, with the verdict and the time at the right edge of its last line. */
static void paint_titled(const struct paint *p, const struct look *look, const char *title, enum style style,
                         const char *verdict, const char *time)
{
    enum { INDENT = 4 };
    paint_spaces(p, 2);
    paint_styled(p, look->style, look->sign);
    buf_addch(p->out, ' ');
    autofree char *right = xasprintf("%s%*s", verdict, *time ? 8 : 0, time);
    int at = paint_beside(p, STYLE_PLAIN, INDENT, title, text_columns(right, strlen(right)));
    paint_spaces(p, p->width - at - text_columns(right, strlen(right)));
    paint_styled(p, style, right);
    buf_addch(p->out, '\n');
}

static void paint_check(const struct paint *p, struct pretty *s, const struct checked *c)
{
    const struct event_check_end *end = &c->end.check_end;
    const struct look *look = &looks[c->verdict];
    bool has_run = end->verdict != VERDICT_BLOCKED && end->verdict != VERDICT_SKIP;
    bool is_pass = end->verdict == VERDICT_PASS;
    autofree char *time = has_run ? duration(end->ms) : xstrdup("");
    paint_titled(p, look, c->title, is_pass ? STYLE_DIM : look->style, is_pass ? "" : verdict_words(end),
                 time);
    /* Where one check blocks many, its name once is enough. */
    const char *reason = end->reason ? end->reason : "";
    if (!s->last_reason || strcmp(s->last_reason, reason) != 0)
        paint_remark(p, STYLE_DIM, reason);
    s->last_reason = end->reason;
    for (size_t i = 0; i < end->n_notes; i++)
        paint_remark(p, STYLE_DIM, end->notes[i]);
}

static bool is_tier_over(const struct pretty *s, enum tier tier)
{
    for (size_t i = 0; i < s->run.n_checks; i++)
        if (s->run.checks[i].tier == tier && s->run.checks[i].verdict == VERDICT_NONE)
            return false;
    return true;
}

static void begin_tier(const struct paint *p, struct pretty *s, enum tier tier)
{
    if (!s->tier_begun[tier]) {
        buf_addch(p->out, '\n');
        paint_styled(p, STYLE_BOLD, tier_name(tier));
        buf_addch(p->out, '\n');
    }
    s->tier_begun[tier] = true;
}

/* What has ended, in the order of the course. What was blocked comes when the rest has. */
static void print_tier(const struct paint *p, struct pretty *s, enum tier tier)
{
    for (size_t i = 0; i < s->run.n_checks; i++) {
        const struct checked *c = &s->run.checks[i];
        if (s->printed[i] || c->tier != tier || c->verdict == VERDICT_NONE || c->verdict == VERDICT_BLOCKED)
            continue;
        begin_tier(p, s, tier);
        s->printed[i] = true;
        paint_check(p, s, c);
    }
}

static const char *reason_of(const struct checked *c)
{
    return c->end.check_end.reason ? c->end.check_end.reason : "";
}

/* Those that are blocked for the same reason as check `first`, from it on; prints and counts them as done. */
static void print_blocked_alike(const struct paint *p, struct pretty *s, size_t first)
{
    const struct checked *one = &s->run.checks[first];
    const char *reason = reason_of(one);
    size_t n = 0;
    for (size_t i = first; i < s->run.n_checks; i++) {
        const struct checked *c = &s->run.checks[i];
        if (s->printed[i] || c->tier != one->tier || c->verdict != VERDICT_BLOCKED ||
            strcmp(reason_of(c), reason) != 0)
            continue;
        s->printed[i] = true;
        n++;
    }
    if (n == 1) {
        paint_check(p, s, one);
        return;
    }
    autofree char *line = xasprintf("%zu checks were not run: each %s", n, reason);
    const struct look *look = &looks[VERDICT_BLOCKED];
    paint_titled(p, look, line, look->style, verdict_name(VERDICT_BLOCKED), "");
}

static void print_blocked(const struct paint *p, struct pretty *s, enum tier tier)
{
    for (size_t i = 0; i < s->run.n_checks; i++) {
        const struct checked *c = &s->run.checks[i];
        if (s->printed[i] || c->tier != tier || c->verdict != VERDICT_BLOCKED)
            continue;
        begin_tier(p, s, tier);
        print_blocked_alike(p, s, i);
    }
}

static void print_ended(const struct paint *p, struct pretty *s, bool all)
{
    for (int tier = TIER_CORE; tier <= TIER_FAST; tier++) {
        bool over = is_tier_over(s, (enum tier)tier);
        print_tier(p, s, (enum tier)tier);
        if (all || over)
            print_blocked(p, s, (enum tier)tier);
        if (!all && !over)
            return;
    }
}

/* ---- The line that says what is running ---- */

static void erase_status(struct report *r, struct pretty *s)
{
    if (s->has_status)
        buf_addstr(&r->out, "\r\033[K");
    s->has_status = false;
}

/* One line at most, never wrapped, and not in the last column: otherwise it could not be erased. */
static void paint_status(struct report *r, struct pretty *s)
{
    if (!r->options.is_live || !s->run.started || s->run.ended)
        return;
    struct buf line = {0};
    buf_printf(&line, "  … %zu/%zu", s->n_ended, s->run.n_checks);
    const char *separator = "  ";
    for (size_t i = 0; i < s->run.n_checks; i++) {
        if (!s->run.checks[i].is_running)
            continue;
        buf_printf(&line, "%s%s", separator, s->run.checks[i].title);
        separator = ", ";
    }
    int width = r->options.width ? r->options.width : WIDTH_DEFAULT;
    while (line.len && text_columns(line.data, line.len) > width - 1)
        do
            line.len--;
        while (line.len && ((unsigned char)line.data[line.len] & 0xc0) == 0x80);
    struct paint p = paint_of(r);
    autofree char *text = xstrndup(buf_str(&line), line.len);
    paint_styled(&p, STYLE_DIM, text);
    s->has_status = true;
    buf_free(&line);
}

/* ---- What is said once ---- */

static void print_header(const struct paint *p, const struct run *run)
{
    autofree char *title = xasprintf("%d %s", run->number, run->title);
    paint_styled(p, STYLE_BOLD, title);
    int at = text_columns(title, strlen(title));
    int columns = text_columns(run->dir, strlen(run->dir));
    buf_addstr(p->out, at + 2 + columns <= p->width ? "  " : "\n");
    paint_styled(p, STYLE_DIM, run->dir);
    buf_addch(p->out, '\n');
}

static void print_build_end(const struct paint *p, const struct event_build_end *b, struct run *run)
{
    if (b->ok) {
        if (!run->language || !*run->language)
            return;
        autofree char *time = duration(b->ms);
        autofree char *text = xasprintf("built (%s) in %s\n", run->language, time);
        paint_styled(p, STYLE_DIM, text);
        return;
    }
    paint_styled(p, STYLE_BAD, "✗ ");
    paint_wrapped(p, STYLE_BOLD, 2, 2, b->error ? b->error : "the program could not be built");
    buf_addch(p->out, '\n');
}

static bool is_failure(const struct checked *c)
{
    return c->verdict == VERDICT_FAIL;
}

static void print_failures(struct report *r, const struct pretty *s)
{
    struct paint p = paint_of(r);
    const char *name = r->options.name ? r->options.name : s->run.challenge;
    size_t shown = 0;
    for (int tier = TIER_CORE; tier <= TIER_FAST; tier++)
        for (size_t i = 0; i < s->run.n_checks; i++) {
            const struct checked *c = &s->run.checks[i];
            if ((int)c->tier != tier || !is_failure(c))
                continue;
            buf_addch(&r->out, '\n');
            if (shown++ < EXPLAINED_MAX) {
                report_explain(&p, c, name, s->run.seed);
                continue;
            }
            report_explain_briefly(&p, c);
            autofree char *more = xasprintf("in full: lux check %s --only %s", name, c->id);
            paint_spaces(&p, 2);
            paint_wrapped(&p, STYLE_DIM, 2, 2, more);
            buf_addch(&r->out, '\n');
        }
}

static void add_count(struct buf *out, int n, const char *what)
{
    if (n)
        buf_printf(out, ", %d %s", n, what);
}

static void print_summary(struct report *r, const struct pretty *s)
{
    struct paint p = paint_of(r);
    const struct event_run_end *e = &s->run.end;
    bool is_clean = e->failed == 0 && e->errors == 0;
    buf_addch(&r->out, '\n');
    if (e->interrupted) {
        paint_styled(&p, STYLE_WARN, "interrupted");
        buf_addstr(&r->out, ": ");
    } else if (e->solved) {
        paint_styled(&p, is_clean ? STYLE_GOOD : STYLE_WARN, is_clean ? "solved" : "solved, with a flaw");
        buf_addstr(&r->out, ": ");
    }
    autofree char *time = duration(e->ms);
    struct buf line = {0};
    if (!s->run.partial) /* of a few checks it would say nothing */
        buf_printf(&line, "core %d/%d, ", e->core_passed, e->core_total);
    buf_printf(&line, "%d passed", e->passed);
    add_count(&line, e->failed, "failed");
    add_count(&line, e->skipped, "skipped");
    add_count(&line, e->blocked, "blocked");
    add_count(&line, e->errors, e->errors == 1 ? "error" : "errors");
    buf_printf(&line, " in %s (seed %llu)", time, (unsigned long long)s->run.seed);
    paint_wrapped(&p, STYLE_PLAIN, e->solved || e->interrupted ? 14 : 0, 0, buf_str(&line));
    buf_addch(&r->out, '\n');
    buf_free(&line);
    if (e->solved && !e->interrupted && r->options.next) {
        paint_wrapped(&p, STYLE_PLAIN, 0, 0, r->options.next);
        buf_addch(&r->out, '\n');
    }
}

static void print_notice(const struct paint *p, const struct event_notice *n)
{
    paint_styled(p, n->is_warning ? STYLE_WARN : STYLE_DIM, "! ");
    paint_wrapped(p, STYLE_PLAIN, 2, 2, n->text);
    buf_addch(p->out, '\n');
}

/* ---- Events ---- */

static bool changes_screen(enum event_type type)
{
    return type != EVENT_STEP && type != EVENT_BUILD_START;
}

static void handle(struct report *r, const struct event *e)
{
    struct pretty *s = r->state;
    struct paint p = paint_of(r);
    struct checked *c = run_event(&s->run, e);
    if (!changes_screen(e->type))
        return;
    erase_status(r, s);
    switch (e->type) {
    case EVENT_BUILD_OUTPUT:
        paint_spaces(&p, 2);
        paint_verbatim(&p, STYLE_PLAIN, 2, 4, e->build_output.text, strlen(e->build_output.text));
        buf_addch(&r->out, '\n');
        break;
    case EVENT_BUILD_END:
        print_build_end(&p, &e->build_end, &s->run);
        break;
    case EVENT_RUN_START:
        s->n_ended = 0;
        free(s->printed);
        s->printed = xcalloc(s->run.n_checks + 1, sizeof *s->printed);
        print_header(&p, &s->run);
        break;
    case EVENT_CHECK_END:
        s->n_ended += c != NULL;
        print_ended(&p, s, false);
        break;
    case EVENT_RUN_END:
        print_ended(&p, s, true);
        if (!e->run_end.interrupted)
            print_failures(r, s);
        print_summary(r, s);
        break;
    case EVENT_NOTICE:
        print_notice(&p, &e->notice);
        break;
    default:
        break;
    }
    paint_status(r, s);
    if (!r->options.unicode)
        paint_fold_to_ascii(&r->out);
}

static void finish(struct report *r)
{
    erase_status(r, r->state);
}

static void free_state(struct report *r)
{
    struct pretty *s = r->state;
    report_run_free(&s->run);
    free(s->printed);
}

const struct format format_pretty = {
    .name = "pretty", .size = sizeof(struct pretty), .handle = handle, .finish = finish, .free = free_state};
