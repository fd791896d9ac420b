/* Code blocks: in a box, never wrapped, moved to the left by options.scroll. A picture (boxes and arrows, no
 * language) that fits needs no box around it and has those columns for itself; it is nothing to copy. */
#include "markdown/layout.h"

#include "base/escape.h"
#include "base/mem.h"

#include <string.h>

enum { TAB_WIDTH = 4 };

/* Adds a line of code with its tabs as blanks, and returns its width. */
static int expand_tabs(struct buf *out, const char *line, size_t len)
{
    static const char blanks[TAB_WIDTH + 1] = "    ";
    int col = 0;

    for (size_t i = 0; i < len;) {
        const char *tab = memchr(line + i, '\t', len - i);
        size_t n = tab ? (size_t)(tab - line) - i : len - i;
        buf_add(out, line + i, n);
        col += width_of(line + i, n);
        i += n;
        if (tab) {
            int more = TAB_WIDTH - col % TAB_WIDTH;
            buf_add(out, blanks, (size_t)more);
            col += more;
            i++;
        }
    }
    return col;
}

/* Adds the columns [from, from + width) of the text; a wide character that is cut becomes a blank. */
static void cut_columns(struct buf *out, const struct buf *line, int from, int width)
{
    const char *text = buf_str(line);
    int col = 0, end = from + width;
    size_t left = line->len;

    while (left > 0 && col <= end) {
        unsigned cp;
        size_t n = utf8_decode(text, left, &cp);
        int w = n ? char_width(cp) : 1;
        n = n ? n : 1;
        if (col >= from && col + w <= end)
            buf_add(out, text, n);
        else if (col < end && col + w > from)
            buf_addch(out, ' ');
        col += w;
        text += n;
        left -= n;
    }
    for (col = col < from ? from : col; col < end; col++)
        buf_addch(out, ' ');
}

static void put_code_line(struct layout *l, const char *line, size_t len, int inner)
{
    const struct box *box = layout_box(l);
    struct canvas *c = &l->canvas;
    int scroll = l->options->scroll;

    buf_clear(&l->whole);
    buf_clear(&l->visible);
    int width = expand_tabs(&l->whole, line, len);

    if (width - inner > c->layout->max_scroll)
        c->layout->max_scroll = width - inner;
    cut_columns(&l->visible, &l->whole, scroll, inner);
    layout_begin_line(l);
    canvas_puts(c, LOOK(ROLE_BORDER), box->v);
    canvas_puts(c, LOOK(ROLE_MUTED), scroll > 0 && width > 0 ? (l->options->unicode ? "‹" : "<") : " ");
    canvas_put(c, LOOK(ROLE_CODE_BLOCK), buf_str(&l->visible), l->visible.len, inner);
    canvas_puts(c, LOOK(ROLE_MUTED), width > scroll + inner ? (l->options->unicode ? "›" : ">") : " ");
    canvas_puts(c, LOOK(ROLE_BORDER), box->v);
}

static void put_frame(struct layout *l, const char *left, const char *right, const char *label, int width)
{
    const struct box *box = layout_box(l);
    struct canvas *c = &l->canvas;
    int label_width = width_of(label, strlen(label));

    layout_begin_line(l);
    canvas_puts(c, LOOK(ROLE_BORDER), left);
    if (label_width > 0 && label_width + 5 <= width) {
        canvas_puts(c, LOOK(ROLE_MUTED), " ");
        canvas_puts(c, LOOK(ROLE_MUTED), label);
        canvas_puts(c, LOOK(ROLE_MUTED), " ");
        width -= label_width + 2;
    }
    canvas_repeat(c, LOOK(ROLE_BORDER), box->h, width - 2);
    canvas_puts(c, LOOK(ROLE_BORDER), right);
}

/* Lines, corners, blocks and triangles: U+2500 to U+25FF. */
static bool is_drawn(const char *text, size_t len)
{
    for (size_t i = 0; i + 2 < len; i++)
        if (text[i] == '\xe2' && (unsigned char)text[i + 1] >= 0x94 && (unsigned char)text[i + 1] <= 0x97)
            return true;
    return false;
}

/* The bytes of the line that begins at `at`; *next: where the one after it does. */
static size_t line_at(const char *text, size_t len, size_t at, size_t *next)
{
    const char *lf = memchr(text + at, '\n', len - at);
    size_t end = lf ? (size_t)(lf - text) : len;
    *next = end + 1;
    return end - at;
}

/* The columns of the widest line. */
static int widest(struct layout *l, const char *text, size_t len)
{
    int most = 0;
    for (size_t at = 0, next; at < len; at = next) {
        size_t n = line_at(text, len, at, &next);
        buf_clear(&l->whole);
        int width = expand_tabs(&l->whole, text + at, n);
        most = width > most ? width : most;
    }
    return most;
}

static void layout_picture(struct layout *l, const struct node *n, const char *text, size_t len)
{
    for (size_t at = 0, next; at < len; at = next) {
        size_t bytes = line_at(text, len, at, &next);
        while (bytes > 0 && text[at + bytes - 1] == ' ')
            bytes--;
        buf_clear(&l->whole);
        int width = expand_tabs(&l->whole, text + at, bytes);
        layout_begin_line(l);
        canvas_put(&l->canvas, LOOK(ROLE_CODE_BLOCK), buf_str(&l->whole), l->whole.len, width);
        canvas_end_line(&l->canvas, n->start + at);
    }
}

void layout_code(struct layout *l, const struct node *n)
{
    const struct box *box = layout_box(l);
    struct canvas *c = &l->canvas;
    const char *text = l->doc->pool.data + n->start, *language = l->doc->names.data + n->lang;
    size_t len = n->end - n->start;
    int width = layout_width(l);

    if (!*language && is_drawn(text, len) && widest(l, text, len) <= width) {
        layout_picture(l, n, text, len);
        return;
    }
    int code = canvas_add_code(c, language, text, len);
    c->code = code;
    put_frame(l, box->tl, box->tr, language, width);
    canvas_end_line(c, n->start);
    for (size_t at = 0, next; at < len; at = next) {
        put_code_line(l, text + at, line_at(text, len, at, &next), width - 4);
        canvas_end_line(c, n->start + at);
    }
    put_frame(l, box->bl, box->br, "", width);
    canvas_end_line(c, c->position);
    canvas_end_code(c, code);
    c->code = -1;
}
