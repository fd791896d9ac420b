/* The palette: every action and every challenge by a few letters of its name, and which key would have done
 * it.
 */
#include "panes/pane.h"

#include "base/mem.h"
#include "model/action.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* How well letters fit a name: they must occur in it in this order; beginnings of words and neighbours count
 * more, late beginnings less. 0: they do not. */
static int fit(const char *letters, const char *name)
{
    int score = 1;
    const char *last = NULL, *at = name;
    for (; *letters; letters++) {
        if (*letters == ' ')
            continue;
        int letter = tolower((unsigned char)*letters);
        const char *hit = NULL;
        for (const char *c = at; *c && !hit; c++)
            if (tolower((unsigned char)*c) == letter &&
                (c == last + 1 || c == name || !isalnum((unsigned char)c[-1])))
                hit = c; /* a neighbour or the beginning of a word */
        if (hit)
            score += hit == last + 1 ? 8 : 6;
        for (const char *c = at; *c && !hit; c++)
            if (tolower((unsigned char)*c) == letter)
                hit = c;
        if (!hit)
            return 0;
        last = hit;
        at = hit + 1;
    }
    return score * 64 - (int)(strlen(name) < 60 ? strlen(name) : 60);
}

/* Moving about is done with keys alone, and what belongs to looking back means nothing elsewhere. */
static bool is_offered(const struct action *a)
{
    return a->group != GROUP_MOVE && a->group != GROUP_LOOK && (a->contexts & IN_PANES) &&
           strcmp(a->id, "palette") != 0;
}

static void add_hit(struct palette_view *v, bool is_action, size_t index, int score)
{
    if (score == 0)
        return;
    v->hits = xreallocarray(v->hits, (size_t)v->n + 1, sizeof *v->hits);
    v->hits[v->n++] = (struct palette_hit){is_action, index, score};
}

/* The best first; what is equally good stays in the order of the table. */
static int by_score(const void *a, const void *b)
{
    const struct palette_hit *x = a, *y = b;
    if (x->score != y->score)
        return y->score - x->score;
    if (x->is_action != y->is_action)
        return x->is_action ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static char *challenge_name(const struct model *m, size_t i)
{
    return xasprintf("%d %s", m->items[i].info->number, m->items[i].info->title);
}

static void find_hits(struct model *m)
{
    struct palette_view *v = &m->palette;
    const char *letters = v->line.text;
    v->n = v->cursor = v->top = 0;
    for (size_t i = 0; i < m->n_actions; i++) {
        int name = fit(letters, m->actions[i].name), help = fit(letters, m->actions[i].help) / 2;
        if (is_offered(&m->actions[i]))
            add_hit(v, true, i, !*letters ? 1 : name > help ? name : help);
    }
    for (size_t i = 0; i < m->n_items; i++) {
        autofree char *name = challenge_name(m, i);
        add_hit(v, false, i, *letters ? fit(letters, name) : 1);
    }
    if (v->n > 0)
        qsort(v->hits, (size_t)v->n, sizeof *v->hits, by_score);
}

static void prepare(struct model *m, struct rect inner)
{
    struct palette_view *v = &m->palette;
    if (!v->hits)
        find_hits(m);
    view_follow(&v->top, &v->cursor, v->n, inner.rows - 2);
}

static const char *action_name(const struct model *m, const struct action *a)
{
    return a->label ? a->label(m) : a->name;
}

/* The column of what the actions do, behind the longest of their names; a long one does not move them all. */
static int help_column(const struct model *m)
{
    enum { NAME_MAX_COLS = 15 };
    int longest = 0;
    for (int i = 0; i < m->palette.n; i++) {
        const struct palette_hit *h = &m->palette.hits[i];
        int width = h->is_action ? text_width(action_name(m, &m->actions[h->index])) : 0;
        longest = width > longest && width <= NAME_MAX_COLS ? width : longest;
    }
    return 3 + longest + 2;
}

static void draw_hit(const struct model *m, struct area a, int row, const struct palette_hit *h, int help)
{
    struct style plain = theme_style(m->theme, ROLE_TEXT), muted = theme_style(m->theme, ROLE_MUTED);
    int end = a.rect.cols - 1, col;
    if (!h->is_action) {
        enum item_state state = model_state(m, h->index);
        autofree char *name = challenge_name(m, h->index);
        draw_text(a, row, 1, theme_style(m->theme, state_sign_role(state)), sign(state_sign(state)));
        col = draw_text_cut(a, row, 3, end - 4, theme_style(m->theme, state_role(state)), name);
        draw_text_cut(a, row, col + 2, end - col - 2, muted, m->items[h->index].info->stage->title);
        return;
    }
    const struct action *action = &m->actions[h->index];
    char key_text[64];
    int keys = text_width(action_keys(m, action, key_text));
    col = draw_text_cut(a, row, 3, end - 5 - keys, plain, action_name(m, action)) + 2;
    col = col < help ? help : col;
    draw_text_cut(a, row, col, end - keys - col - 2, muted, action->help);
    draw_text(a, row, end - keys, theme_style(m->theme, ROLE_KEY), key_text);
}

static void draw(const struct model *m, struct area a, bool focused)
{
    const struct palette_view *v = &m->palette;
    struct area list = area_sub(a, (struct rect){2, 0, a.rect.rows - 2, a.rect.cols});
    int help = help_column(m);
    for (int row = 0; row < list.rect.rows && v->top + row < v->n; row++) {
        draw_hit(m, list, row, &v->hits[v->top + row], help);
        if (v->top + row == v->cursor)
            draw_restyle(list, (struct rect){row, 0, 1, list.rect.cols},
                         theme_style(m->theme, ROLE_SELECTED));
    }
    if (v->n == 0)
        draw_text(list, 0, 3, theme_style(m->theme, ROLE_MUTED),
                  "No action and no challenge is called that.");
    int col = draw_text(a, 0, 1, theme_style(m->theme, ROLE_KEY), ":") + 1;
    if (focused)
        lineedit_draw(&v->line, a, 0, col, a.rect.cols - col - 1, theme_style(m->theme, ROLE_TEXT));
}

static void choose(struct model *m)
{
    struct palette_view *v = &m->palette;
    if (v->n == 0)
        return;
    struct palette_hit hit = v->hits[v->cursor];
    model_pop_overlay(m);
    if (hit.is_action) {
        const struct action *a = &m->actions[hit.index];
        a->function(m, a->argument);
    } else {
        model_open(m, hit.index);
        model_focus(m, PANE_READER);
    }
}

static bool request(struct model *m, enum request r)
{
    struct palette_view *v = &m->palette;
    if (r == REQUEST_ENTER)
        choose(m);
    else if (r == REQUEST_BACK)
        model_pop_overlay(m);
    else
        return cursor_request(r, &v->cursor, v->n, overlay_rect(m, OVERLAY_PALETTE).rows - 2);
    return true;
}

/* A letter of the name. */
static void text(struct model *m, const struct key *k)
{
    if (line_type(&m->palette.line, k))
        palette_changed(m);
}

void palette_changed(struct model *m)
{
    free(m->palette.hits); /* looked for again before it is drawn */
    m->palette.hits = NULL;
}

static bool mouse(struct model *m, const struct mouse *e)
{
    struct palette_view *v = &m->palette;
    if (e->action == MOUSE_WHEEL_UP || e->action == MOUSE_WHEEL_DOWN)
        return cursor_request(e->action == MOUSE_WHEEL_UP ? REQUEST_UP : REQUEST_DOWN, &v->cursor, v->n, 1);
    if (e->action != MOUSE_PRESS || e->row < 2 || v->top + e->row - 2 >= v->n)
        return false;
    v->cursor = v->top + e->row - 2;
    choose(m);
    return true;
}

const struct pane_ops palette_overlay = {
    .name = "What do you want to do?",
    .hints = (const struct hint[]){{"palette-up", NULL},
                                   {"palette-down", "choose"},
                                   {"palette-choose", "does it"},
                                   {"palette-close", "closes"},
                                   {NULL, NULL}},
    .prepare = prepare,
    .draw = draw,
    .request = request,
    .text = text,
    .mouse = mouse,
};
