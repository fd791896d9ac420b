/* The map: all stages and challenges on one screen, and what is known of the chosen one. */
#include "panes/pane.h"

#include "base/mem.h"

#include <string.h>

enum { COLUMNS_MAX = 8, COLUMN_MIN = 19, DETAIL_MIN = 2, DETAIL_MAX = 12 };

/* Which stages stand in which column, and where. */
struct map {
    int n_columns, column_width, height; /* height: of the highest column */
    int first_stage[COLUMNS_MAX + 1];    /* of each column; the last entry is the number of stages */
    int gap;                             /* lines between the stages of a column */
    int top;                             /* lines that are out of sight where it is too low for all */
};

static int stage_rows(const struct stage *s)
{
    return 1 + s->last - s->first + 1;
}

static int column_height(const struct model *m, int from, int to, int gap)
{
    int rows = 0;
    for (int s = from; s < to; s++)
        rows += stage_rows(course_stage(m->course, (size_t)s)) + (s > from ? gap : 0);
    return rows;
}

/* Fills columns of at most `height` lines from the left; false if that takes more than there are. */
static bool distribute(const struct model *m, struct map *map, int height)
{
    int n = (int)course_stage_count(m->course), stage = 0;
    map->height = 0;
    for (int c = 0; c < map->n_columns; c++) {
        int from = stage;
        map->first_stage[c] = stage;
        while (stage < n && column_height(m, from, stage + 1, map->gap) <= height)
            stage++;
        int rows = column_height(m, from, stage, map->gap);
        map->height = rows > map->height ? rows : map->height;
    }
    map->first_stage[map->n_columns] = n;
    return stage == n;
}

/* Calls f for every line: a stage (item == n_items) or a challenge. */
static void each_line(const struct model *m, const struct map *map,
                      void (*f)(void *context, int row, int column, int stage, size_t item), void *context)
{
    for (int c = 0; c < map->n_columns; c++) {
        int row = -map->top;
        for (int s = map->first_stage[c]; s < map->first_stage[c + 1]; s++) {
            const struct stage *stage = course_stage(m->course, (size_t)s);
            row += s > map->first_stage[c] ? map->gap : 0;
            f(context, row++, c, s, m->n_items);
            for (int number = stage->first; number <= stage->last; number++)
                f(context, row++, c, s, (size_t)number - 1);
        }
    }
}

struct place {
    size_t item; /* looked for; afterwards: found */
    int row, column;
    int distance;
    size_t n_items;
};

static void find_item(void *context, int row, int column, int stage, size_t item)
{
    struct place *at = context;
    (void)stage;
    if (item == at->item) {
        at->row = row;
        at->column = column;
    }
}

/* As few columns as there is height for: they are the wider then. */
static struct map layout(const struct model *m, struct rect inner)
{
    struct map map = {0};
    int max = inner.cols / COLUMN_MIN;
    max = max > COLUMNS_MAX ? COLUMNS_MAX : max < 1 ? 1 : max;
    for (int detail = 8; detail >= DETAIL_MIN; detail -= 6)
        for (map.n_columns = 2; map.n_columns <= max; map.n_columns++)
            for (map.gap = 1; map.gap >= 0; map.gap--) {
                map.column_width = inner.cols / map.n_columns;
                int height = 1;
                while (height <= inner.rows - detail && !distribute(m, &map, height))
                    height++; /* the lowest: columns of about the same height */
                if (height <= inner.rows - detail)
                    return map;
            }
    map.n_columns = max; /* what is too low for all shows as much as fits */
    map.gap = 0;
    map.column_width = inner.cols / max;
    map.height = inner.rows - DETAIL_MIN;
    int n = (int)course_stage_count(m->course);
    for (int c = 0; c <= max; c++)
        map.first_stage[c] = n * c / max;
    struct place cursor = {.item = m->map_cursor};
    each_line(m, &map, find_item, &cursor);
    map.top = cursor.row >= map.height ? cursor.row - map.height + 1 : 0;
    return map;
}

/* ---- Drawing ---- */

struct drawing {
    const struct model *m;
    const struct map *map;
    struct area area;
    size_t next;
    bool focused;
};

static void draw_stage(const struct drawing *d, int row, int col, int stage_index)
{
    const struct model *m = d->m;
    const struct stage *stage = course_stage(m->course, (size_t)stage_index);
    int solved = 0, total = stage->last - stage->first + 1, width = d->map->column_width - 1;
    for (int i = stage->first; i <= stage->last; i++)
        solved += m->items[i - 1].solved;
    autofree char *name = width < 30 ? stage_short_title(stage) : xstrdup(stage->title);
    autofree char *title = xasprintf("%d %s", stage->number, name);
    autofree char *count = xasprintf(" %d/%d", solved, total);
    int end = draw_text_cut(d->area, row, col, width - text_width(count),
                            theme_style(m->theme, ROLE_HEADING2), title);
    draw_text(d->area, row, end, theme_style(m->theme, ROLE_MUTED), count);
}

/* Narrow columns begin at their edge, for the sake of the names: the column of the mark keeps them apart. */
static int first_column(const struct map *map, int column)
{
    return column * map->column_width + (map->column_width >= 24);
}

static void draw_line(void *context, int row, int column, int stage, size_t item)
{
    const struct drawing *d = context;
    const struct model *m = d->m;
    int col = first_column(d->map, column), width = (column + 1) * d->map->column_width - col;
    if (row < 0 || row >= d->map->height)
        return;
    if (item == m->n_items) {
        draw_stage(d, row, column * d->map->column_width + 1, stage);
        return;
    }
    enum item_state state = model_state(m, item);
    struct style st = theme_style(m->theme, state_role(state));
    if (item == m->open)
        draw_text(d->area, row, col, theme_style(m->theme, ROLE_KEY), sign(SIGN_HERE));
    else if (item == d->next)
        draw_text(d->area, row, col, theme_style(m->theme, ROLE_KEY), sign(SIGN_NEXT));
    if (item == m->open || item == d->next)
        st.attrs |= ATTR_BOLD;
    draw_text(d->area, row, col + 1, theme_style(m->theme, state_sign_role(state)), sign(state_sign(state)));
    draw_printf(d->area, row, col + 3, st, "%2d", m->items[item].info->number);
    draw_text_cut(d->area, row, col + 6, width - 6, st, m->items[item].info->title);
    if (item == m->map_cursor && d->focused) {
        draw_restyle(d->area, (struct rect){row, col, 1, width}, theme_style(m->theme, ROLE_SELECTED));
        draw_cursor(d->area, row, col, CURSOR_BLOCK);
    }
}

static void state_words(struct page *p, const struct model *m, size_t item)
{
    static const char *const words[] = {[ITEM_SOLVED] = "solved",
                                        [ITEM_BEGUN] = "begun",
                                        [ITEM_READY] = "ready for you",
                                        [ITEM_LATER] = "to do",
                                        [ITEM_UNAVAILABLE] = "not yet available"};
    const struct item *it = &m->items[item];
    enum item_state state = model_state(m, item);
    page_printf(p, -1, state_sign_role(state), "   %s ", sign(state_sign(state)));
    page_add(p, -1, ROLE_TEXT, 0, words[state]);
    if (it->core_total > 0)
        page_printf(p, -1, ROLE_MUTED, "   core %d/%d", it->core_passed, it->core_total);
    if (it->attempts > 0)
        page_printf(p, -1, ROLE_MUTED, "   %d attempt%s", it->attempts, it->attempts == 1 ? "" : "s");
    if (item == m->open)
        page_add(p, -1, ROLE_MUTED, 0, "   you are here");
}

static void add_needs(struct page *p, const struct model *m, const struct challenge *info)
{
    bool any = false;
    for (const char *const *need = info->needs; need && *need; need++) {
        size_t k = model_find(m, *need);
        if (k == m->n_items)
            continue;
        enum item_state state = model_state(m, k);
        page_add(p, -1, ROLE_MUTED, 0, any ? ", " : "   needs ");
        any = true;
        page_add(p, -1, state_sign_role(state), 0, sign(state_sign(state))); /* before the name, as above */
        page_printf(p, -1, ROLE_TEXT, " %d %s", m->items[k].info->number, m->items[k].info->title);
    }
}

/* In the line that says how things stand, where it fits; else below it, or not at all. */
static void needs(struct page *p, const struct model *m, const struct challenge *info, bool roomy)
{
    struct page alone = {0};
    page_clear(&alone, p->width);
    page_line(&alone);
    add_needs(&alone, m, info);
    bool fits = p->lines[p->n_lines - 1].width + alone.lines[0].width <= p->width;
    page_free(&alone);
    if (!fits && roomy)
        page_line(p);
    if (fits || roomy)
        add_needs(p, m, info);
}

static void next_line(struct page *p, const struct model *m, size_t next)
{
    if (next == m->n_items) {
        page_wrap(p, 1, ROLE_TEXT, "Everything that is there is solved. Well done.");
        return;
    }
    autofree char *why = model_why(m, next);
    autofree char *text =
        xasprintf("Next: %d %s, because %s.", m->items[next].info->number, m->items[next].info->title, why);
    size_t first = p->n_lines;
    page_wrap(p, 3, ROLE_TEXT, text);
    page_label(p, first, 1, ROLE_KEY, sign(SIGN_NEXT));
}

static void legend(struct page *p)
{
    static const struct {
        enum item_state state;
        const char *word;
    } states[] = {{ITEM_SOLVED, "solved"},
                  {ITEM_BEGUN, "begun"},
                  {ITEM_READY, "to do"},
                  {ITEM_UNAVAILABLE, "not yet available"}};
    page_line(p);
    page_add(p, 1, ROLE_KEY, 0, sign(SIGN_HERE));
    page_add(p, -1, ROLE_MUTED, 0, " you are here   ");
    page_add(p, -1, ROLE_KEY, 0, sign(SIGN_NEXT));
    page_add(p, -1, ROLE_MUTED, 0, " next");
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        page_printf(p, -1, state_sign_role(states[i].state), "   %s ", sign(state_sign(states[i].state)));
        page_add(p, -1, ROLE_MUTED, 0, states[i].word);
    }
}

static void draw_detail(const struct model *m, struct area a, size_t next)
{
    const struct challenge *info = m->items[m->map_cursor].info;
    struct page p = {0};
    page_clear(&p, a.rect.cols - 1);
    bool roomy = a.rect.rows >= 6;
    if (roomy)
        page_blank(&p);
    page_line(&p);
    page_printf(&p, 1, ROLE_HEADING1, "%d %s", info->number, info->title);
    state_words(&p, m, m->map_cursor);
    needs(&p, m, info, roomy);
    if (roomy && info->summary)
        page_wrap(&p, 1, ROLE_TEXT, info->summary);
    if (roomy && info->minutes > 0) {
        page_line(&p);
        page_printf(&p, 1, ROLE_MUTED, "About %d minutes, difficulty %d of 5.", info->minutes,
                    info->difficulty);
    }
    if (roomy)
        page_blank(&p);
    next_line(&p, m, next);
    if (a.rect.rows > (int)p.n_lines + 1) {
        page_blank(&p);
        legend(&p);
    }
    page_draw(&p, m->theme, a, 0, 0, NULL);
    page_free(&p);
}

static void draw(const struct model *m, struct area a, bool focused)
{
    struct map map = layout(m, a.rect);
    struct drawing d = {.m = m, .map = &map, .area = a, .next = model_next(m), .focused = focused};
    each_line(m, &map, draw_line, &d);
    int rows = a.rect.rows - map.height;
    draw_detail(m, area_sub(a, (struct rect){map.height, 0, rows, a.rect.cols}), d.next);
}

/* ---- Moving ---- */

/* The challenge of a column that is nearest to a row. */
static void find_nearest(void *context, int row, int column, int stage, size_t item)
{
    struct place *at = context;
    int distance = row > at->row ? row - at->row : at->row - row;
    (void)stage;
    if (item == at->n_items || column != at->column || (at->distance >= 0 && distance >= at->distance))
        return;
    at->distance = distance;
    at->item = item;
}

static void move_sideways(struct model *m, int step)
{
    struct map map = layout(m, overlay_rect(m, OVERLAY_MAP));
    struct place at = {.item = m->map_cursor, .n_items = m->n_items, .distance = -1};
    each_line(m, &map, find_item, &at);
    at.column += step;
    each_line(m, &map, find_nearest, &at);
    if (at.distance >= 0)
        m->map_cursor = at.item;
}

static bool search(struct model *m, int direction, bool from_here)
{
    int n = (int)m->n_items;
    for (int i = from_here ? 0 : 1; i <= n; i++) {
        int k = (((int)m->map_cursor + direction * i) % n + n) % n;
        if (text_find(m->items[k].info->title, m->needle) >= 0) {
            m->map_cursor = (size_t)k;
            return true;
        }
    }
    return false;
}

static bool enter(struct model *m)
{
    size_t item = m->map_cursor;
    model_pop_overlay(m);
    if (item != m->open)
        model_open(m, item);
    model_focus(m, PANE_READER);
    return true;
}

static bool request(struct model *m, enum request r)
{
    int cursor = (int)m->map_cursor;
    switch (r) {
    case REQUEST_BACK:
        model_pop_overlay(m);
        return true;
    case REQUEST_ENTER:
        return enter(m);
    case REQUEST_LEFT:
        move_sideways(m, -1);
        return true;
    case REQUEST_RIGHT:
        move_sideways(m, 1);
        return true;
    case REQUEST_FIRST_MATCH:
        return search(m, 1, true);
    case REQUEST_NEXT_MATCH:
        return search(m, 1, false);
    case REQUEST_PREVIOUS_MATCH:
        return search(m, -1, false);
    default:
        if (!cursor_request(r, &cursor, (int)m->n_items, 8))
            return false;
        m->map_cursor = (size_t)cursor;
        return true;
    }
}

struct click {
    const struct map *map;
    int row, col;
    size_t item;
    size_t n_items;
};

static void find_click(void *context, int row, int column, int stage, size_t item)
{
    struct click *c = context;
    (void)stage;
    if (row == c->row && column == c->col / c->map->column_width)
        c->item = item;
}

static bool mouse(struct model *m, const struct mouse *e)
{
    struct map map = layout(m, overlay_rect(m, OVERLAY_MAP));
    struct click c = {.map = &map, .row = e->row, .col = e->col, .item = m->n_items, .n_items = m->n_items};
    if (e->action == MOUSE_WHEEL_UP || e->action == MOUSE_WHEEL_DOWN)
        return request(m, e->action == MOUSE_WHEEL_UP ? REQUEST_UP : REQUEST_DOWN);
    if (e->action != MOUSE_PRESS || e->button != 1)
        return false;
    each_line(m, &map, find_click, &c);
    if (c.item == m->n_items)
        return false;
    bool again = c.item == m->map_cursor;
    m->map_cursor = c.item;
    return again ? enter(m) : true;
}

const struct pane_ops map_overlay = {
    .name = "The way",
    .hints = (const struct hint[]){{"enter", "opens"},
                                   {"find", "finds"},
                                   {"statistics", "statistics"},
                                   {"close", "closes"},
                                   {NULL, NULL}},
    .draw = draw,
    .request = request,
    .mouse = mouse,
};
