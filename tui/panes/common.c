/* What panes share: signs, bars, movement in lists and texts, and the tables of panes. */
#include "panes/pane.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *unicode, *ascii;
} signs[SIGN_COUNT_] = {
    [SIGN_PASS] = {"✓", "+"},       [SIGN_FAIL] = {"✗", "x"},    [SIGN_RUNNING] = {"…", "~"},
    [SIGN_OPEN] = {"·", "."},       [SIGN_SKIP] = {"–", "-"},    [SIGN_BLOCKED] = {"○", "o"},
    [SIGN_ERROR] = {"!", "!"},      [SIGN_STARTED] = {"◐", "*"}, [SIGN_FOLDED] = {"▸", ">"},
    [SIGN_UNFOLDED] = {"▾", "v"},   [SIGN_HERE] = {"▸", ">"},    [SIGN_SEPARATOR] = {"›", ">"},
    [SIGN_ELLIPSIS] = {"…", "..."}, [SIGN_NEXT] = {"→", "*"},
};

const char *sign(enum sign s)
{
    return ui_unicode() ? signs[s].unicode : signs[s].ascii;
}

/* How a verdict looks. A verdict of an earlier run keeps its sign and loses its colour. */
static const struct {
    enum sign sign;
    enum role role;
} verdicts[] = {
    [VERDICT_NONE] = {SIGN_OPEN, ROLE_MUTED},       [VERDICT_PASS] = {SIGN_PASS, ROLE_PASS},
    [VERDICT_FAIL] = {SIGN_FAIL, ROLE_FAIL},        [VERDICT_SKIP] = {SIGN_SKIP, ROLE_SKIP},
    [VERDICT_BLOCKED] = {SIGN_BLOCKED, ROLE_MUTED}, [VERDICT_ERROR] = {SIGN_ERROR, ROLE_WARN},
};

enum sign verdict_sign(const struct check_row *c)
{
    return c->running ? SIGN_RUNNING : verdicts[c->verdict].sign;
}

enum role verdict_role(const struct check_row *c)
{
    return c->running ? ROLE_RUNNING : c->stale ? ROLE_MUTED : verdicts[c->verdict].role;
}

/* How a challenge looks in lists: by its state. */
static const struct {
    enum sign sign;
    enum role sign_role, role;
} states[] = {
    [ITEM_SOLVED] = {SIGN_PASS, ROLE_PASS, ROLE_TEXT},
    [ITEM_BEGUN] = {SIGN_STARTED, ROLE_RUNNING, ROLE_TEXT},
    [ITEM_READY] = {SIGN_OPEN, ROLE_MUTED, ROLE_TEXT},
    [ITEM_LATER] = {SIGN_OPEN, ROLE_MUTED, ROLE_TEXT},
    [ITEM_UNAVAILABLE] = {SIGN_SKIP, ROLE_MUTED, ROLE_MUTED},
};

enum sign state_sign(enum item_state s)
{
    return states[s].sign;
}

enum role state_sign_role(enum item_state s)
{
    return states[s].sign_role;
}

enum role state_role(enum item_state s)
{
    return states[s].role;
}

void draw_bar(const struct model *m, struct area a, int row, int col, int width, int done, int total)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int parts = total > 0 ? done * width * 8 / total : 0;
    if (done > 0 && parts == 0)
        parts = 1;
    struct style full = theme_style(m->theme, ROLE_PROGRESS_DONE),
                 left = theme_style(m->theme, ROLE_PROGRESS_LEFT);
    for (int i = 0; i < width; i++, parts -= 8) {
        if (parts >= 8)
            draw_text(a, row, col + i, full, ui_unicode() ? "█" : "#");
        else if (parts > 0)
            draw_text(a, row, col + i, full, ui_unicode() ? eighths[parts] : "+");
        else
            draw_text(a, row, col + i, left, ui_unicode() ? "·" : ".");
    }
}

const char *duration_text(double ms, char out[32])
{
    if (ms < 1)
        snprintf(out, 32, "<1 ms");
    else if (ms < 1000)
        snprintf(out, 32, "%.0f ms", ms);
    else if (ms < 60000)
        snprintf(out, 32, "%.1f s", ms / 1000);
    else
        snprintf(out, 32, "%.0f min", ms / 60000);
    return out;
}

const char *language_title(const char *name)
{
    static const char *const titles[][2] = {{"c", "C"},       {"go", "Go"},         {"cpp", "C++"},
                                            {"rust", "Rust"}, {"python", "Python"}, {"zig", "Zig"}};
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        if (strcmp(titles[i][0], name) == 0)
            return titles[i][1];
    return name;
}

/* How far a request moves in a window of this height; 0: it is no vertical movement. */
static int distance(enum request r, int n, int height)
{
    int page = height > 2 ? height - 1 : 1;
    switch (r) {
    case REQUEST_UP:
        return -1;
    case REQUEST_DOWN:
        return 1;
    case REQUEST_PAGE_UP:
        return -page;
    case REQUEST_PAGE_DOWN:
        return page;
    case REQUEST_HALF_UP:
        return -(height / 2 + 1);
    case REQUEST_HALF_DOWN:
        return height / 2 + 1;
    case REQUEST_TOP:
        return -n - 1;
    case REQUEST_BOTTOM:
        return n + 1;
    default:
        return 0;
    }
}

bool scroll_request(enum request r, int *top, int n, int height)
{
    int d = distance(r, n, height);
    if (d == 0)
        return false;
    *top = view_clamp(*top + d, n, height);
    return true;
}

bool cursor_request(enum request r, int *cursor, int n, int height)
{
    int d = distance(r, n, height);
    if (d == 0)
        return false;
    *cursor += d;
    if (*cursor >= n)
        *cursor = n - 1;
    if (*cursor < 0)
        *cursor = 0;
    return true;
}

const struct pane_ops *pane_ops_of(enum pane_id pane)
{
    static const struct pane_ops *const panes[PANE_COUNT_] = {
        [PANE_STAGES] = &stages_pane,
        [PANE_READER] = &reader_pane,
        [PANE_TERMINAL] = &terminal_pane,
        [PANE_CHECKS] = &checks_pane,
    };
    return panes[pane];
}

const struct pane_ops *overlay_ops_of(enum overlay o)
{
    static const struct pane_ops *const overlays[] = {
        [OVERLAY_NONE] = NULL,
        [OVERLAY_HELP] = &help_overlay,
        [OVERLAY_WELCOME] = &welcome_overlay,
        [OVERLAY_CONFIRM] = &confirm_overlay,
        [OVERLAY_MAP] = &map_overlay,
        [OVERLAY_HISTORY] = &history_overlay,
        [OVERLAY_STATS] = &stats_overlay,
        [OVERLAY_PALETTE] = &palette_overlay,
        [OVERLAY_SETTINGS] = &settings_overlay,
        [OVERLAY_DOCTOR] = &doctor_overlay,
    };
    return overlays[o];
}

const struct pane_ops *focused_ops(const struct model *m)
{
    const struct pane_ops *o = overlay_ops_of(model_overlay(m));
    return o ? o : pane_ops_of(m->focus);
}
