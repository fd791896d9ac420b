/* The parts of a failure in their order, each a small function that prints nothing when there is nothing to
 * say. */
#include "report/explain.h"

#include "base/mem.h"
#include "report/textdiff.h"

#include <string.h>

enum { INDENT = 2, LABEL = 12 }; /* columns: of the labels, of what follows them */

static void paint_labelled(const struct paint *p, const char *label, enum style style, const char *text)
{
    if (!text || !*text)
        return;
    paint_spaces(p, INDENT);
    paint_styled(p, STYLE_DIM, label);
    int at = INDENT + text_columns(label, strlen(label));
    paint_spaces(p, at < LABEL ? LABEL - at : 1);
    paint_wrapped(p, style, at < LABEL ? LABEL : at + 1, LABEL, text);
    buf_addch(p->out, '\n');
}

static void paint_heading(const struct paint *p, const char *label)
{
    paint_spaces(p, INDENT);
    paint_styled(p, STYLE_DIM, label);
    buf_addch(p->out, '\n');
}

static void paint_excerpt_range(const struct paint *p, const char *which, const struct excerpt *x)
{
    if (!x->text || x->offset == 0)
        return;
    autofree char *text = xasprintf("%s is shown from byte %llu of %llu on", which,
                                    (unsigned long long)x->offset, (unsigned long long)x->total);
    paint_labelled(p, "", STYLE_DIM, text);
}

static void paint_hex(const struct paint *p, const char *label, enum style style, const char *const *lines,
                      size_t n)
{
    if (n)
        paint_heading(p, label);
    for (size_t i = 0; i < n; i++) {
        paint_spaces(p, INDENT + 2);
        paint_styled(p, style, lines[i]);
        buf_addch(p->out, '\n');
    }
}

static void paint_difference(const struct paint *p, const struct failure *f)
{
    if (f->n_hex_expected || f->n_hex_received) {
        paint_hex(p, "expected bytes", STYLE_GOOD, f->hex_expected, f->n_hex_expected);
        paint_hex(p, "received bytes", STYLE_BAD, f->hex_received, f->n_hex_received);
    } else if (f->expected.text || f->received.text) {
        paint_heading(p, "- expected, + received");
        textdiff_paint(p, INDENT + 2, &f->expected, &f->received);
        paint_excerpt_range(p, "expected", &f->expected);
        paint_excerpt_range(p, "received", &f->received);
    }
    if (f->difference >= 0) {
        autofree char *where = xasprintf("the first difference is at byte %lld", (long long)f->difference);
        paint_labelled(p, "", STYLE_PLAIN, where);
    }
}

static void paint_processes(const struct paint *p, const struct failure *f)
{
    for (size_t i = 0; i < f->n_processes; i++) {
        const struct process_state *s = &f->processes[i];
        autofree char *text = xasprintf("%s (pid %d): %s", s->name, s->pid, s->doing);
        paint_labelled(p, i == 0 ? "process" : "", STYLE_PLAIN, text);
    }
}

static void paint_steps(const struct paint *p, const struct failure *f)
{
    if (f->n_steps)
        paint_heading(p, "steps");
    for (size_t i = 0; i < f->n_steps; i++) {
        autofree char *time = xasprintf("%*s%7.3f s  ", INDENT, "", f->steps[i].at);
        paint_styled(p, STYLE_DIM, time);
        int at = (int)strlen(time);
        paint_wrapped(p, STYLE_PLAIN, at, at, f->steps[i].text);
        buf_addch(p->out, '\n');
    }
}

static void paint_output(const struct paint *p, const struct failure *f)
{
    const char *program = NULL;
    for (size_t i = 0; i < f->n_output; i++) {
        const struct output_line *o = &f->output[i];
        if (!program || strcmp(program, o->program) != 0) {
            program = o->program;
            autofree char *label = xasprintf("output of %s", program);
            paint_heading(p, label);
        }
        autofree char *left = xasprintf("%*s%7.3f s  %s  ", INDENT, "", o->at, o->stream);
        paint_styled(p, STYLE_DIM, left);
        int at = (int)strlen(left);
        paint_verbatim(p, STYLE_PLAIN, at, at, o->text, strlen(o->text));
        buf_addch(p->out, '\n');
    }
}

static void paint_commands(const struct paint *p, const struct checked *c, const char *name, uint64_t seed)
{
    const struct failure *f = c->end.check_end.failure;
    /* The checker, which knows neither the directory nor what was typed, offers the run of lux too: ours is
     * better. */
    const char *label = "by hand";
    for (size_t i = 0; f && i < f->n_by_hand; i++) {
        if (!strncmp(f->by_hand[i], "lux ", strlen("lux ")))
            continue;
        paint_labelled(p, label, STYLE_BOLD, f->by_hand[i]);
        label = "";
    }
    autofree char *again =
        xasprintf("lux check %s --only %s --seed %llu", name, c->id, (unsigned long long)seed);
    paint_labelled(p, "again", STYLE_BOLD, again);
    if (!f)
        return;
    autofree char *calls = xasprintf("lux trace %s %s --seed %llu", name, c->id, (unsigned long long)seed);
    paint_labelled(p, "trace", STYLE_BOLD, calls);
}

static void paint_title(const struct paint *p, const struct checked *c)
{
    autofree char *right = xasprintf("%s, %s", tier_name(c->tier), verdict_words(&c->end.check_end));
    paint_styled(p, STYLE_BAD, "✗ ");
    int columns = text_columns(right, strlen(right));
    int at = paint_beside(p, STYLE_BOLD, INDENT, c->title, columns);
    paint_spaces(p, p->width - at - columns);
    paint_styled(p, STYLE_BAD, right);
    buf_addch(p->out, '\n');
}

void report_explain(const struct paint *p, const struct checked *c, const char *name, uint64_t seed)
{
    const struct event_check_end *end = &c->end.check_end;
    const struct failure *f = end->failure;
    paint_title(p, c);
    if (f) {
        autofree char *clause =
            f->clause_sentence && *f->clause_sentence
                ? xasprintf("%s: %s", f->clause && *f->clause ? f->clause : c->clause, f->clause_sentence)
                : xstrdup(f->clause && *f->clause ? f->clause : c->clause);
        paint_labelled(p, "contract", STYLE_PLAIN, clause);
        paint_labelled(p, "expected", STYLE_PLAIN, f->expectation);
        paint_labelled(p, "but", STYLE_BAD, f->observation);
        paint_difference(p, f);
        paint_labelled(p, "wait", STYLE_PLAIN, f->wait);
        paint_processes(p, f);
        paint_steps(p, f);
        paint_output(p, f);
        paint_labelled(p, "diagnosis", STYLE_WARN, f->diagnosis);
        paint_labelled(p, "see", STYLE_PLAIN, f->see);
    }
    paint_labelled(p, "reason", STYLE_PLAIN, end->reason);
    paint_commands(p, c, name, seed);
}

void report_explain_briefly(const struct paint *p, const struct checked *c)
{
    const struct failure *f = c->end.check_end.failure;
    paint_title(p, c);
    paint_labelled(p, "expected", STYLE_PLAIN, f ? f->expectation : NULL);
    paint_labelled(p, "but", STYLE_BAD, f ? f->observation : c->end.check_end.reason);
}
