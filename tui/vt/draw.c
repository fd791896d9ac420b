/* The view of a terminal as cells of a surface. */
#include "vt/terminal_parts.h"

#include "base/mem.h"
#include "vt/width.h"

enum { REPLACEMENT = 0xfffd };

/* Line drawing for terminals without UTF-8; everything else becomes a question mark. */
static uint32_t in_ascii(uint32_t cp)
{
    if (cp < 0x80)
        return cp;
    if (cp == 0x2500 || cp == 0x2501)
        return '-';
    if (cp == 0x2502 || cp == 0x2503)
        return '|';
    return cp > 0x2503 && cp < 0x2580 ? '+' : cp == 0xa0 ? ' ' : '?';
}

/* The grid trusts libvterm's idea of a character's width, for the child's cursor goes by it; a character that
 * would take another width on the outer terminal is not shown. */
static void set_char(struct cell *to, uint32_t cp)
{
    if (!ui_unicode())
        cp = in_ascii(cp);
    else if (cp >= 0x80 && char_width(cp) != to->width)
        cp = REPLACEMENT;
    /* A replacement is narrow; the caller blanks the column that is left. */
    if (cp < 0x80 || cp == REPLACEMENT)
        to->width = 1;
    to->ch = cp;
}

static struct style style_of(const struct terminal *t, const struct grid_cell *c)
{
    struct style st = {.fg = c->fg, .bg = c->bg, .attrs = c->attrs & 0xff};

    if (guard_mode(&t->guard, MODE_REVERSE))
        st.attrs ^= ATTR_REVERSE;
    return st;
}

struct cell draw_cell_of(const struct terminal *t, const struct grid_cell *c)
{
    struct cell to = {.ch = ' ', .style = style_of(t, c), .width = c->attrs & GRID_WIDE ? 2 : 1};
    uint32_t chars[1 + GRID_MARKS_MAX];
    int n = grid_chars(t->grid, c, chars);

    to.style.attrs &= (uint16_t)~ATTR_CONCEAL;
    if (n == 0 || (c->attrs & ATTR_CONCEAL)) {
        to.width = 1;
        return to;
    }
    set_char(&to, chars[0]);
    for (int i = 1, k = 0; i < n && k < CELL_MARKS && ui_unicode(); i++)
        if (!width_is_invisible(chars[i]))
            to.marks[k++] = chars[i];
    return to;
}

struct cell terminal_cell(const struct terminal *t, struct terminal_pos at)
{
    struct grid_cell c = grid_cell_at(grid_line(t->grid, at.line), at.col);
    struct cell cell = draw_cell_of(t, &c);

    if (c.attrs & GRID_TAIL)
        cell.width = 0;
    return cell;
}

bool terminal_selected(const struct terminal_selection *s, struct terminal_pos at)
{
    struct terminal_pos a = s->anchor, b = s->point;

    if (s->kind == SELECT_BLOCK) {
        int left = a.col < b.col ? a.col : b.col;
        int right = a.col < b.col ? b.col : a.col;
        long top = a.line < b.line ? a.line : b.line;
        long bottom = a.line < b.line ? b.line : a.line;
        return at.line >= top && at.line <= bottom && at.col >= left && at.col <= right;
    }
    if (a.line > b.line || (a.line == b.line && a.col > b.col)) {
        a = s->point;
        b = s->anchor;
    }
    if (at.line < a.line || at.line > b.line)
        return false;
    if (s->kind == SELECT_LINES)
        return true;
    return (at.line > a.line || at.col >= a.col) && (at.line < b.line || at.col <= b.col);
}

/* ---- Drawing ---- */

struct drawing {
    const struct terminal *t;
    const struct terminal_view *view;
    struct area area;
    long top;
    int cols; /* of the terminal */
    bool from_snapshot;
    struct terminal_cursor cursor;
};

static const struct row *row_at(const struct drawing *d, long line)
{
    const struct grid *g = d->t->grid;
    long on_screen = line - grid_screen_line(g);

    if (d->from_snapshot && on_screen >= 0)
        return on_screen < g->snapshot_rows ? g->snapshot[on_screen] : NULL;
    return grid_line(g, line);
}

/* Most cells are one ASCII character. */
static struct cell cell_of(const struct terminal *t, const struct grid_cell *c)
{
    if (c->glyph < 0x80 && !(c->attrs & (ATTR_CONCEAL | GRID_WIDE)))
        return (struct cell){.ch = c->glyph ? c->glyph : ' ', .style = style_of(t, c), .width = 1};
    return draw_cell_of(t, c);
}

static void draw_row(const struct drawing *d, int y)
{
    static const struct grid_cell blank;
    const struct row *r = row_at(d, d->top + y);
    int used = !r ? 0 : r->used < d->cols ? r->used : d->cols;
    int last = d->area.rect.cols - 1;
    struct cell *to = surface_at(d->area.surface, d->area.rect.row + y, d->area.rect.col);

    /* A neighbour's wide character that reaches in is cut; after that the cells can be written as they are.
     */
    draw_cell(d->area, y, 0, &(struct cell){.ch = ' ', .width = 1});
    draw_cell(d->area, y, last, &(struct cell){.ch = ' ', .width = 1});
    for (int x = 0; x <= last; x++) {
        struct cell cell = cell_of(d->t, x < used ? &r->cells[x] : &blank);
        if (cell.width == 2 && x == last)
            cell = (struct cell){.ch = ' ', .style = cell.style, .width = 1};
        if (d->view->selection && terminal_selected(d->view->selection, (struct terminal_pos){d->top + y, x}))
            cell.style = d->view->selected;
        to[x] = cell;
        if (cell.width == 2) {
            x++;
            to[x] = (struct cell){.ch = ' ', .style = cell.style, .width = 0};
        }
    }
}

static bool draw_match(const struct terminal_match *m, void *context)
{
    const struct drawing *d = context;

    for (struct terminal_pos p = m->first;; p.col++) {
        if (p.col >= d->t->grid->cols) {
            p.line++;
            p.col = 0;
        }
        long y = p.line - d->top;
        if (y >= d->area.rect.rows || p.line > m->last.line ||
            (p.line == m->last.line && p.col > m->last.col))
            return true;
        if (y >= 0)
            draw_restyle(d->area, (struct rect){(int)y, p.col, 1, 1}, d->view->match);
    }
}

static void draw_matches(const struct drawing *d)
{
    struct needle needle;

    if (!needle_of(d->view->search, &needle))
        return;
    struct line_text text = {0};
    for (long line = text_first_row(d->t, d->top); line < d->top + d->area.rect.rows; line = text.end) {
        if (line >= terminal_end_line(d->t))
            break;
        text_of_line(d->t, line, &text);
        search_line(&text, &needle, draw_match, (void *)d);
    }
    text_free(&text);
    needle_free(&needle);
}

/* The cursor: the surface's own in a focused pane, a reversed cell otherwise. */
static void draw_the_cursor(const struct drawing *d)
{
    struct terminal_pos at = d->view->cursor ? *d->view->cursor : d->cursor.at;
    long y = at.line - d->top;
    bool shown = d->view->cursor || d->cursor.visible;

    if (!shown || y < 0 || y >= d->area.rect.rows || at.col >= d->area.rect.cols)
        return;
    if (d->view->focused) {
        draw_cursor(d->area, (int)y, at.col, d->view->cursor ? CURSOR_BLOCK : d->cursor.shape);
        return;
    }
    struct cell *c = surface_at(d->area.surface, d->area.rect.row + (int)y, d->area.rect.col + at.col);
    c->style.attrs ^= ATTR_REVERSE;
}

/* The line in the first row of the area. A pane that is lower than the screen shows the part with the cursor.
 */
static long first_shown(const struct terminal *t, struct area a, const struct terminal_view *view,
                        const struct terminal_cursor *cursor)
{
    long screen = grid_screen_line(t->grid);

    if (view->top != TERMINAL_FOLLOW)
        return view->top < terminal_first_line(t) ? terminal_first_line(t) : view->top;
    long over = cursor->at.line - screen - (a.rect.rows - 1);
    return screen + (over > 0 ? over : 0);
}

void terminal_draw(const struct terminal *t, struct area a, const struct terminal_view *view)
{
    struct drawing d = {.t = t, .view = view, .area = a, .cols = t->grid->cols};

    if (a.rect.rows <= 0 || a.rect.cols <= 0)
        return;
    d.from_snapshot = t->grid->snapshot && view->top == TERMINAL_FOLLOW;
    d.cursor = d.from_snapshot ? t->snapshot_cursor : terminal_cursor(t);
    /* Lines may have gone into the history since the snapshot was taken. */
    if (d.from_snapshot)
        d.cursor.at.line = grid_screen_line(t->grid) + t->snapshot_row;
    d.top = first_shown(t, a, view, &d.cursor);
    for (int y = 0; y < a.rect.rows; y++)
        draw_row(&d, y);
    if (view->search && *view->search)
        draw_matches(&d);
    draw_the_cursor(&d);
}

/* ---- Views ---- */

bool terminal_scroll(const struct terminal *t, struct terminal_view *view, long delta)
{
    long screen = terminal_screen_line(t), first = terminal_first_line(t);
    long from = view->top == TERMINAL_FOLLOW ? screen : view->top;
    long to = from + delta;

    to = to < first ? first : to;
    view->top = to >= screen ? TERMINAL_FOLLOW : to;
    return (to > screen ? screen : to) != from;
}

void terminal_show_line(const struct terminal *t, struct terminal_view *view, long line)
{
    long top = view->top == TERMINAL_FOLLOW ? terminal_screen_line(t) : view->top;

    if (line < top)
        terminal_scroll(t, view, line - top);
    else if (line >= top + terminal_rows(t))
        terminal_scroll(t, view, line - (top + terminal_rows(t) - 1));
}
