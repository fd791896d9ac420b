/* What was reached in a challenge: a calm summary, which is also there before it is solved. */
#include "panes/pane.h"

#include "base/mem.h"

#include <stdio.h>

enum { INDENT = 3, LABEL = 12 };

const char *span_text(int64_t seconds, char out[32])
{
    long long minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
    if (seconds < 60)
        snprintf(out, 32, "%lld s", (long long)(seconds < 0 ? 0 : seconds));
    else if (minutes < 60)
        snprintf(out, 32, "%lld min", minutes);
    else if (hours < 24)
        snprintf(out, 32, "%lld h %lld min", hours, minutes % 60);
    else
        snprintf(out, 32, "%lld day%s", days, days == 1 ? "" : "s");
    return out;
}

static void fact(struct page *p, const char *label, const char *text)
{
    size_t first = p->n_lines;
    page_wrap(p, INDENT + LABEL, ROLE_TEXT, text);
    page_label(p, first, INDENT, ROLE_MUTED, label);
}

static void heading(struct page *p, const char *text)
{
    page_blank(p);
    page_line(p)->kind = LINE_HEADING;
    page_add(p, 1, ROLE_HEADING2, 0, text);
}

static void tier_line(struct page *p, const struct run *r, enum tier tier, const char *name)
{
    int pass = 0, total = 0;
    for (size_t i = 0; i < r->n_checks; i++)
        if (r->checks[i].tier == tier) {
            total++;
            pass += r->checks[i].verdict == VERDICT_PASS;
        }
    if (total == 0)
        return;
    page_line(p);
    page_add(p, INDENT, ROLE_MUTED, 0, name);
    page_printf(p, INDENT + LABEL, pass == total ? ROLE_PASS : ROLE_TEXT, "%d of %d", pass, total);
    if (pass == total)
        page_printf(p, -1, ROLE_PASS, "  %s", sign(SIGN_PASS));
}

/* What does not pass, CORE first: that is the order of the checks. */
static void left_over(struct page *p, const struct run *r)
{
    bool any = false;
    for (size_t i = 0; i < r->n_checks; i++) {
        const struct check_row *c = &r->checks[i];
        if (c->verdict == VERDICT_PASS)
            continue;
        if (!any)
            heading(p, "Left to try here");
        any = true;
        size_t first = p->n_lines;
        page_wrap(p, INDENT + 2, ROLE_TEXT, c->title);
        page_label(p, first, INDENT, verdict_role(c), sign(verdict_sign(c)));
    }
    if (any)
        page_wrap(p, INDENT, ROLE_MUTED, "In the checks (4), Enter on one tells more.");
}

static void key_line(struct page *p, const char *key, const char *text)
{
    size_t first = p->n_lines;
    page_wrap(p, INDENT + 3, ROLE_TEXT, text);
    page_label(p, first, INDENT, ROLE_KEY, key);
}

static void next_challenge(struct page *p, const struct model *m)
{
    size_t next = model_next(m);
    heading(p, "Next");
    if (next == m->n_items) {
        page_wrap(p, INDENT, ROLE_TEXT, "Everything that is there is solved. Well done.");
        return;
    }
    const struct challenge *info = m->items[next].info;
    autofree char *name = xasprintf("%d %s", info->number, info->title);
    autofree char *why = model_why(m, next);
    if (next == m->open) {
        page_wrap(p, INDENT, ROLE_TEXT, "This challenge: its first failed check says what is missing.");
        return;
    }
    page_line(p);
    page_add(p, INDENT, ROLE_LINK, 0, name);
    page_link(p, 0, info->slug, p->n_lines - 1, INDENT, text_width(name));
    autofree char *because = xasprintf("because %s.", why);
    page_wrap(p, INDENT, ROLE_MUTED, because);
    if (info->summary && *info->summary)
        page_wrap(p, INDENT, ROLE_TEXT, info->summary);
    key_line(p, ">", "goes there");
}

void solved_page(struct page *p, const struct model *m, int width)
{
    const struct item *it = model_open_item(m);
    char span[32];
    page_clear(p, width - 1);
    page_blank(p);
    size_t first = p->n_lines;
    autofree char *name = xasprintf("%d %s", it->info->number, it->info->title);
    page_wrap(p, 3, ROLE_HEADING1, name);
    p->lines[first].kind = LINE_HEADING;
    enum item_state state = model_state(m, m->open);
    page_label(p, first, 1, state_sign_role(state), sign(state_sign(state)));
    page_blank(p);
    fact(p, "State",
         it->solved         ? "solved: all of core passes"
         : it->attempts > 0 ? "begun"
                            : "not begun yet");
    autofree char *attempts = xasprintf("%d", it->attempts);
    if (it->attempts > 0)
        fact(p, "Attempts", attempts);
    if (it->solved && it->solved_at > 0 && it->first_attempt_at > 0) {
        autofree char *took = xasprintf("%s from the first attempt to the one that solved it",
                                        span_text(it->solved_at - it->first_attempt_at, span));
        fact(p, "Time", it->solved_at > it->first_attempt_at ? took : "at the first attempt");
    }
    tier_line(p, it->run, TIER_CORE, "Core");
    tier_line(p, it->run, TIER_ROBUST, "Robust");
    tier_line(p, it->run, TIER_FAST, "Fast");
    left_over(p, it->run);
    if (it->solved) {
        heading(p, "Look back");
        key_line(p, "s", "our solution, to compare with yours");
        key_line(p, "a", "your notes: what would you tell yourself of yesterday?");
        key_line(p, "H", "your attempts, and what changed between them");
    }
    next_challenge(p, m);
    page_blank(p);
}
