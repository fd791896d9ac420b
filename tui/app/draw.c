/* Model -> surface: see draw.h. */
#include "app/draw.h"

#include "base/mem.h"
#include "panes/pane.h"

static void draw_too_small(const struct model *m, struct area a)
{
    autofree char *text =
        xasprintf("Too small: Lux needs %dx%d, this is %dx%d. Everything goes on; make it larger.",
                  LAYOUT_MIN_COLS, LAYOUT_MIN_ROWS, m->cols, m->rows);
    struct page p = {0};
    page_clear(&p, a.rect.cols);
    page_wrap(&p, 0, ROLE_WARN, text);
    page_draw(&p, m->theme, a, 0, 0, NULL);
    page_free(&p);
    draw_cursor(a, 0, 0, CURSOR_BLOCK);
}

static void draw_overlay(const struct model *m, struct area screen, enum overlay o, bool topmost)
{
    const struct pane_ops *ops = overlay_ops_of(o);
    struct rect inner = overlay_rect(m, o);
    autofree char *title = xasprintf(" %s ", ops->name);
    draw_box(m, screen, inner, title, ops->hints);
    ops->draw(m, area_sub(screen, inner), topmost);
}

static void draw_selection(const struct model *m, struct area screen)
{
    for (int i = 0; m->selection.active && i < selection_rows(&m->selection); i++)
        draw_restyle(screen, selection_row(&m->selection, i), theme_style(m->theme, ROLE_SELECTED));
}

void draw_screen(const struct model *m, struct surface *s)
{
    surface_clear(s);
    s->cursor_visible = false;
    struct area screen = area_of(s, (struct rect){0, 0, s->rows, s->cols});
    struct style text = theme_style(m->theme, ROLE_TEXT);
    if (text.fg != COLOR_DEFAULT || text.bg != COLOR_DEFAULT) /* the surface is clear otherwise */
        draw_fill(screen, screen.rect, text, ' ');
    if (m->layout.kind == LAYOUT_TOO_SMALL) {
        draw_too_small(m, screen);
        return;
    }
    draw_top_line(m, area_sub(screen, m->layout.top));
    if (m->layout.tabs.rows > 0)
        draw_tabs(m, area_sub(screen, m->layout.tabs));
    draw_frames(m, screen);
    for (int i = 0; i < PANE_COUNT_; i++) {
        bool focused = m->focus == (enum pane_id)i && m->n_overlays == 0 && !m->searching;
        if (m->layout.pane[i].rows > 0)
            pane_ops_of((enum pane_id)i)->draw(m, area_sub(screen, m->layout.pane[i]), focused);
    }
    for (int i = 0; i < m->n_overlays; i++)
        draw_overlay(m, screen, m->overlays[i], i + 1 == m->n_overlays);

    draw_selection(m, screen);

    bool has_message = m->searching || *m->message;
    bool own_line = m->layout.message.rows > 0 && !(m->n_overlays > 0 && overlay_is_full(m->overlays[0]));
    if (own_line || !has_message)
        draw_footer(m, area_sub(screen, m->layout.footer));
    if (own_line || has_message) {
        struct rect r = own_line ? m->layout.message : m->layout.footer;
        int more = message_rows(m) - 1;
        draw_message(m, area_sub(screen, (struct rect){r.row - more, r.col, r.rows + more, r.cols}));
    }
}
