/* Drawing into an area. Every function clips; a wide character is never cut in half: writing over one half of
 * it blanks the other. */
#include "ui/cell.h"

#include "base/escape.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { REPLACEMENT = 0xfffd, ELLIPSIS = 0x2026 };

static bool inside(struct area a, int row, int col)
{
    return row >= 0 && row < a.rect.rows && col >= 0 && col < a.rect.cols;
}

/* Blanks the other half of a wide character of which this cell is one half. */
static void split_wide(struct surface *s, int row, int col)
{
    struct cell *c = surface_at(s, row, col);
    if (c->width == 0 && col > 0) {
        c[-1].ch = ' ';
        c[-1].marks[0] = c[-1].marks[1] = 0;
        c[-1].width = 1;
    } else if (c->width == 2 && col + 1 < s->cols) {
        c[1].ch = ' ';
        c[1].width = 1;
    }
}

void draw_cell(struct area a, int row, int col, const struct cell *c)
{
    if (!inside(a, row, col) || (c->width == 2 && !inside(a, row, col + 1)) || c->width == 0)
        return;
    int y = a.rect.row + row, x = a.rect.col + col;
    split_wide(a.surface, y, x);
    struct cell *to = surface_at(a.surface, y, x);
    if (c->width == 2)
        split_wide(a.surface, y, x + 1);
    *to = *c;
    if (c->width == 2)
        to[1] = (struct cell){.ch = ' ', .style = c->style, .width = 0};
}

/* Adds a combining character to the cell before col; a third one on the same cell is left out. */
static void draw_mark(struct area a, int row, int col, uint32_t mark)
{
    if (!inside(a, row, col - 1))
        return;
    struct cell *c = surface_at(a.surface, a.rect.row + row, a.rect.col + col - 1);
    if (c->width == 0 && col >= 2)
        c--;
    for (int i = 0; i < CELL_MARKS; i++) {
        if (!c->marks[i]) {
            c->marks[i] = mark;
            return;
        }
    }
}

/* What is drawn for a code point: controls are not, and without UTF-8 only ASCII is. */
static uint32_t drawable(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
        return ui_unicode() ? REPLACEMENT : '?';
    return cp < 0x80 || ui_unicode() ? cp : '?';
}

static int draw_until(struct area a, int row, int col, int end, struct style st, const char *utf8)
{
    size_t left = strlen(utf8);

    while (left > 0) {
        unsigned cp;
        size_t n = utf8_decode(utf8, left, &cp);
        uint32_t ch = drawable(n ? cp : 0);
        int width = char_width(ch);
        if (width == 0) {
            draw_mark(a, row, col, ch);
        } else {
            if (col + width > end)
                break;
            draw_cell(a, row, col, &(struct cell){.ch = ch, .style = st, .width = (uint8_t)width});
            col += width;
        }
        n = n ? n : 1;
        utf8 += n;
        left -= n;
    }
    return col;
}

int draw_text(struct area a, int row, int col, struct style st, const char *utf8)
{
    return draw_until(a, row, col, a.rect.cols, st, utf8);
}

int draw_text_cut(struct area a, int row, int col, int width, struct style st, const char *utf8)
{
    if (width <= 0)
        return col;
    if (text_width(utf8) <= width)
        return draw_until(a, row, col, col + width, st, utf8);
    col = draw_until(a, row, col, col + width - 1, st, utf8);
    draw_cell(a, row, col, &(struct cell){.ch = ui_unicode() ? ELLIPSIS : '~', .style = st, .width = 1});
    return col + 1;
}

int draw_printf(struct area a, int row, int col, struct style st, const char *format, ...)
{
    char *made = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&made, format, args);
    va_end(args);
    if (n < 0)
        return col;
    col = draw_text(a, row, col, st, made);
    free(made);
    return col;
}

void draw_fill(struct area a, struct rect r, struct style st, uint32_t ch)
{
    struct area part = area_sub(a, r);
    struct cell c = {.ch = ch, .style = st, .width = 1};

    for (int row = 0; row < part.rect.rows; row++)
        for (int col = 0; col < part.rect.cols; col++)
            draw_cell(part, row, col, &c);
}

void draw_hline(struct area a, int row, int col, int width, struct style st)
{
    draw_fill(a, (struct rect){row, col, 1, width}, st, ui_unicode() ? 0x2500 : '-');
}

void draw_vline(struct area a, int row, int col, int height, struct style st)
{
    draw_fill(a, (struct rect){row, col, height, 1}, st, ui_unicode() ? 0x2502 : '|');
}

void draw_restyle(struct area a, struct rect r, struct style st)
{
    struct area part = area_sub(a, r);

    for (int row = 0; row < part.rect.rows; row++)
        for (int col = 0; col < part.rect.cols; col++)
            surface_at(a.surface, part.rect.row + row, part.rect.col + col)->style = st;
}

void draw_add_attrs(struct area a, struct rect r, uint16_t attrs)
{
    struct area part = area_sub(a, r);

    for (int row = 0; row < part.rect.rows; row++)
        for (int col = 0; col < part.rect.cols; col++)
            surface_at(a.surface, part.rect.row + row, part.rect.col + col)->style.attrs |= attrs;
}

void draw_cursor(struct area a, int row, int col, enum cursor_shape shape)
{
    if (!inside(a, row, col))
        return;
    a.surface->cursor_row = a.rect.row + row;
    a.surface->cursor_col = a.rect.col + col;
    a.surface->cursor_visible = true;
    a.surface->cursor_shape = shape;
}
