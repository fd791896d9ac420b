/* Why a check failed, as a page: the clause, what had to hold and what came instead, where the bytes differ,
 * what was waited for, what the processes were doing, what this usually means, what the program printed, the
 * steps, and how to see it by hand. */
#include "panes/pane.h"

#include "base/buf.h"
#include "base/mem.h"

#include <inttypes.h>
#include <string.h>

enum { INDENT = 3 };

static void heading(struct page *p, const char *text)
{
    page_blank(p);
    page_line(p)->kind = LINE_HEADING;
    page_add(p, 1, ROLE_HEADING2, 0, text);
}

static void section(struct page *p, const char *title, enum role role, const char *text)
{
    if (!text || !*text)
        return;
    heading(p, title);
    page_wrap(p, INDENT, role, text);
}

/* Bytes that two escaped texts have in common at their beginnings, whole characters and escapes only. */
static size_t common_prefix(const char *a, const char *b)
{
    size_t n = 0, whole = 0;
    while (a[n] && a[n] == b[n]) {
        bool inside_escape = n > 0 && a[n - 1] == '\\';
        if (!inside_escape && ((unsigned char)a[n] & 0xc0) != 0x80)
            whole = n;
        n++;
    }
    bool at_boundary = ((unsigned char)a[n] & 0xc0) != 0x80 && !(n > 0 && a[n - 1] == '\\');
    return at_boundary ? n : whole;
}

/* One side of a comparison. A text that fits into a line has everything from the first difference on
 * underlined. */
static void excerpt(struct page *p, const char *label, enum role role, const struct excerpt *e,
                    const char *other)
{
    if (!e->text)
        return;
    page_line(p);
    page_add(p, INDENT, role, ATTR_BOLD, label);
    if (e->offset > 0 || e->total > strlen(e->text))
        page_printf(p, -1, ROLE_MUTED, "  from byte %" PRIu64 " of %" PRIu64, e->offset, e->total);
    else
        page_printf(p, -1, ROLE_MUTED, "  %" PRIu64 " byte%s", e->total, e->total == 1 ? "" : "s");
    if (!*e->text || !other || INDENT + 2 + text_width(e->text) > p->width) {
        page_wrap(p, INDENT + 2, role, *e->text ? e->text : "(nothing)");
        return;
    }
    size_t n = common_prefix(e->text, other);
    autofree char *same = xstrndup(e->text, n);
    page_line(p);
    page_add(p, INDENT + 2, role, 0, same);
    page_add(p, n > 0 ? -1 : INDENT + 2, role, ATTR_BOLD | ATTR_UNDERLINE, e->text + n);
}

static void hex_lines(struct page *p, const char *label, enum role role, const char **lines, size_t n)
{
    if (n == 0)
        return;
    page_line(p);
    page_add(p, INDENT, role, ATTR_BOLD, label);
    for (size_t i = 0; i < n; i++) {
        page_line(p);
        page_add(p, INDENT + 2, role, 0, lines[i]);
    }
}

static bool is_empty(const struct excerpt *e)
{
    return !e->text || !*e->text;
}

/* Nothing beside nothing compares nothing: of an empty datagram that did not come, the sentences above tell. */
static void comparison(struct page *p, const struct failure *f)
{
    if (is_empty(&f->expected) && is_empty(&f->received) && f->n_hex_expected == 0 && f->n_hex_received == 0)
        return;
    heading(p, "Compared");
    if (f->difference >= 0) {
        autofree char *where = xasprintf("The first difference is at byte %" PRId64 ".", f->difference);
        page_wrap(p, INDENT, ROLE_TEXT, where);
    }
    if (f->n_hex_expected > 0 || f->n_hex_received > 0) {
        hex_lines(p, "expected", ROLE_DIFF_ADDED, f->hex_expected, f->n_hex_expected);
        hex_lines(p, "received", ROLE_DIFF_REMOVED, f->hex_received, f->n_hex_received);
    } else {
        excerpt(p, "expected", ROLE_DIFF_ADDED, &f->expected, f->received.text);
        excerpt(p, "received", ROLE_DIFF_REMOVED, &f->received, f->expected.text);
    }
}

static void processes(struct page *p, const struct failure *f)
{
    if (f->n_processes == 0)
        return;
    heading(p, "At that moment");
    for (size_t i = 0; i < f->n_processes; i++) {
        const struct process_state *s = &f->processes[i];
        autofree char *text = xasprintf("%s (pid %d) %s", s->name, s->pid, s->doing);
        page_wrap(p, INDENT, ROLE_TEXT, text);
    }
}

static void steps(struct page *p, const struct failure *f)
{
    if (f->n_steps == 0)
        return;
    heading(p, "Step by step");
    for (size_t i = 0; i < f->n_steps; i++) {
        size_t first = p->n_lines;
        page_wrap(p, INDENT + 10, i + 1 == f->n_steps ? ROLE_FAIL : ROLE_TEXT, f->steps[i].text);
        autofree char *time = xasprintf("%7.3f s", f->steps[i].at);
        page_label(p, first, INDENT - 1, ROLE_MUTED, time);
    }
}

static void output(struct page *p, const struct failure *f)
{
    if (f->n_output == 0)
        return;
    heading(p, "What the program printed");
    const char *program = "", *stream = "";
    for (size_t i = 0; i < f->n_output; i++) {
        const struct output_line *o = &f->output[i];
        if (strcmp(program, o->program) != 0 || strcmp(stream, o->stream) != 0) {
            program = o->program;
            stream = o->stream;
            page_line(p);
            page_printf(p, INDENT, ROLE_MUTED, "%s, %s:", program, stream);
        }
        page_wrap(p, INDENT + 2, ROLE_CODE, o->text);
    }
}

static void by_hand(struct page *p, const struct failure *f)
{
    if (f->n_by_hand == 0)
        return;
    heading(p, "See it by hand");
    struct buf all = {0};
    for (size_t i = 0; i < f->n_by_hand; i++)
        buf_printf(&all, "%s\n", f->by_hand[i]);
    int block = page_code(p, buf_str(&all));
    buf_free(&all);
    for (size_t i = 0; i < f->n_by_hand; i++) {
        size_t first = p->n_lines;
        page_wrap(p, INDENT, ROLE_CODE_BLOCK, f->by_hand[i]);
        for (size_t k = first; k < p->n_lines; k++) {
            p->lines[k].kind = LINE_CODE;
            p->lines[k].block = block;
        }
    }
    page_line(p);
    page_add(p, INDENT, ROLE_KEY, 0, "y");
    page_add(p, -1, ROLE_MUTED, 0, " copies it, ");
    page_add(p, -1, ROLE_KEY, 0, "x");
    page_add(p, -1, ROLE_MUTED, 0, " runs it");
}

static void failure(struct page *p, const struct failure *f)
{
    if (f->clause_sentence || f->clause) {
        heading(p, "The contract says");
        if (f->clause)
            page_printf(p, -1, ROLE_MUTED, "  clause %s", f->clause);
        if (f->clause_sentence)
            page_markdown(p, INDENT, f->clause_sentence, 0);
    }
    section(p, "Expected", ROLE_TEXT, f->expectation);
    section(p, "What happened", ROLE_FAIL, f->observation);
    comparison(p, f);
    section(p, "Waited", ROLE_TEXT, f->wait);
    processes(p, f);
    section(p, "What this usually means", ROLE_STRONG, f->diagnosis);
    section(p, "Where to read on", ROLE_LINK, f->see);
    output(
        p,
        f); /* before the steps, which can be many: it is often the program itself that says what is wrong */
    steps(p, f);
    by_hand(p, f);
}

void failure_page(struct page *p, const struct model *m, const struct check_row *c, int width)
{
    static const char *const tiers[] = {[TIER_CORE] = "core", [TIER_ROBUST] = "robust", [TIER_FAST] = "fast"};
    char time[32];
    (void)m;
    page_clear(p, width - 1);
    page_blank(p);
    size_t first = p->n_lines;
    page_wrap(p, 3, ROLE_HEADING1, c->title);
    p->lines[first].kind = LINE_HEADING;
    page_label(p, first, 1, verdict_role(c), sign(verdict_sign(c)));
    first = p->n_lines;
    autofree char *what =
        xasprintf("%s   %s check", c->ms > 0 ? duration_text(c->ms, time) : "", tiers[c->tier]);
    int word = text_width(check_word(c));
    page_wrap(p, 3 + word + (word > 0 ? 3 : 0), ROLE_MUTED, c->ms > 0 ? what : what + 3);
    page_label(p, first, 3, verdict_role(c), check_word(c));
    if (p->lines[first].width + 3 + text_width(c->id) <= p->width)
        page_printf(p, -1, ROLE_MUTED, "   %s", c->id);
    else
        page_wrap(p, 3, ROLE_MUTED, c->id);
    if (c->unstable)
        page_wrap(p, 3, ROLE_WARN,
                  "Run again, it came to another verdict: the program's answer depends on timing.");

    const struct event_check_end *e = c->end ? &c->end->check_end : NULL;
    if (e && e->reason)
        section(p, c->verdict == VERDICT_BLOCKED ? "Why it was not run" : "Why", ROLE_TEXT, e->reason);
    if (e && e->failure)
        failure(p, e->failure);
    else if (c->verdict == VERDICT_FAIL)
        section(p, "Details", ROLE_MUTED, "They were not kept. R runs this check again.");
    else if (c->verdict == VERDICT_NONE)
        section(p, "Not run yet", ROLE_MUTED, "R runs this check alone, r runs all of them.");
    if (e && e->n_notes > 0) {
        heading(p, "Notes");
        for (size_t i = 0; i < e->n_notes; i++)
            page_wrap(p, INDENT, ROLE_TEXT, e->notes[i]);
    }
    page_link_manuals(p, 0);
    page_blank(p);
}

void build_page(struct page *p, const struct model *m, int width)
{
    const struct run *r = model_open_item(m)->run;
    page_clear(p, width - 1);
    page_blank(p);
    page_line(p)->kind = LINE_HEADING;
    bool failed = r->phase == RUN_BUILD_FAILED;
    page_add(p, 1, failed ? ROLE_FAIL : ROLE_HEADING1, ATTR_BOLD, failed ? "The build failed" : "The build");
    if (r->command && *r->command) {
        page_blank(p);
        page_line(p);
        page_add(p, 1, ROLE_MUTED, 0, "$ ");
        page_add(p, -1, ROLE_CODE, 0, r->command);
    }
    section(p, "Why", ROLE_TEXT, r->trouble);
    if (r->n_output == 0 && !r->trouble)
        section(p, "Output", ROLE_MUTED, "It printed nothing.");
    if (r->n_output > 0)
        heading(p, "Output");
    for (size_t i = 0; i < r->n_output; i++) {
        page_wrap(p, INDENT, ROLE_CODE, r->output[i]);
    }
    if (r->output_left_out > 0) {
        page_line(p);
        page_printf(p, INDENT, ROLE_MUTED, "and %zu more lines", r->output_left_out);
    }
    page_blank(p);
}
