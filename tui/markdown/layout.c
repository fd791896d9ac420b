/* Blocks -> lines: what is indented how, and where blank lines are. Tables and code have files of their own.
 */
#include "markdown/layout.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

const struct box *layout_box(const struct layout *l)
{
    static const struct box lines = {"─", "│", "┌", "┬", "┐", "├", "┼", "┤", "└", "┴", "┘"},
                            ascii = {"-", "|", "+", "+", "+", "+", "+", "+", "+", "+", "+"};
    return l->options->unicode ? &lines : &ascii;
}

int layout_width(const struct layout *l)
{
    int width = l->options->width;
    for (size_t i = 0; i < l->n_indents; i++)
        width -= l->indents[i].width;
    return width;
}

void layout_begin_line(struct layout *l)
{
    struct canvas *c = &l->canvas;
    int col = 0;

    for (size_t i = 0; i < l->n_indents; i++) {
        struct indent *in = &l->indents[i];
        canvas_goto(c, col);
        if (in->is_quote)
            canvas_puts(c, LOOK(ROLE_QUOTE), layout_box(l)->v);
        else if (!in->first_used)
            canvas_puts(c, LOOK(ROLE_MUTED), in->first);
        in->first_used = true;
        col += in->width;
    }
    canvas_goto(c, col);
}

struct look layout_text_look(const struct layout *l)
{
    for (size_t i = 0; i < l->n_indents; i++) {
        if (l->indents[i].is_quote)
            return LOOK(ROLE_QUOTE);
    }
    return LOOK(ROLE_TEXT);
}

/* The blank line between blocks, with the marks of the quotes that go on. */
static void settle_blank(struct layout *l)
{
    struct canvas *c = &l->canvas;
    int col = 0;

    if (!l->blank_due)
        return;
    l->blank_due = false;
    for (size_t i = 0; i < l->n_indents; i++) {
        if (l->indents[i].is_quote) {
            canvas_goto(c, col);
            canvas_puts(c, LOOK(ROLE_QUOTE), layout_box(l)->v);
        }
        col += l->indents[i].width;
    }
    canvas_end_line(c, c->position);
}

/* Content keeps at least half of the pane: what would take more is not indented. */
static struct indent *push_indent(struct layout *l, int width)
{
    if (l->n_indents == INDENT_MAX || layout_width(l) - width < l->options->width / 2)
        return NULL;
    struct indent *in = &l->indents[l->n_indents++];
    *in = (struct indent){.width = width};
    return in;
}

/* ---- Leaves ---- */

static void layout_pieces(struct layout *l, struct look look)
{
    for (size_t i = 0; i < l->pieces.n; i++) {
        layout_begin_line(l);
        put_piece(&l->canvas, l->doc, &l->pieces.list[i], look, l->links);
        canvas_end_line(&l->canvas, l->pieces.list[i].start);
    }
}

static void layout_text(struct layout *l, const struct node *n, struct look look)
{
    l->pieces.n = 0;
    wrap(l->doc, n->start, n->end, layout_width(l), &l->pieces);
    layout_pieces(l, look);
}

static void layout_heading(struct layout *l, const struct node *n)
{
    static const enum role roles[] = {ROLE_HEADING1, ROLE_HEADING2, ROLE_HEADING3};
    struct look look = LOOK(roles[n->level <= 2 ? n->level - 1 : 2]);
    struct canvas *c = &l->canvas;
    const char *rule = !l->options->unicode ? (n->level == 1 ? "=" : "-") : (n->level == 1 ? "═" : "─");
    int longest = 0;

    c->heading = canvas_add_heading(c, n->level, l->doc->pool.data + n->start, n->end - n->start);
    layout_text(l, n, look);
    for (size_t i = 0; i < l->pieces.n; i++)
        longest = l->pieces.list[i].width > longest ? l->pieces.list[i].width : longest;
    if (n->level <= 2 && longest > 0) {
        layout_begin_line(l);
        canvas_repeat(c, look, rule, longest);
        canvas_end_line(c, c->position);
    }
    c->heading = -1;
}

static void layout_rule(struct layout *l, const struct node *n)
{
    layout_begin_line(l);
    canvas_repeat(&l->canvas, LOOK(ROLE_BORDER), layout_box(l)->h, layout_width(l));
    canvas_end_line(&l->canvas, n->start);
}

/* ---- Containers: the nodes from `from` to `to` ---- */

/* Open containers, to know what their NODE_END ends. */
struct nesting {
    struct level {
        enum node_kind kind;
        bool indented;
        bool tight;
        uint32_t item, digits; /* of a list: the number of the next item, and how wide numbers are */
        const struct node *list;
    } * levels;
    size_t n;
};

static uint32_t digits_of(uint32_t number)
{
    uint32_t digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static void enter_item(struct layout *l, struct nesting *nest, const struct node *n)
{
    static const char *const bullets[] = {"•", "◦", "▪"}, *const ascii[] = {"*", "-", "+"};
    struct level *list = nest->n > 0 ? &nest->levels[nest->n - 1] : NULL;
    char mark[24] = "";
    size_t depth = 0;

    for (size_t i = 0; i + 1 < nest->n; i++)
        depth += nest->levels[i].kind == NODE_LIST && !nest->levels[i].list->list.ordered;
    if (list && list->list && list->list->list.ordered)
        snprintf(mark, sizeof mark, "%*u%c", (int)list->digits, list->item++, list->list->list.delimiter);
    else
        snprintf(mark, sizeof mark, "%s",
                 (l->options->unicode ? bullets : ascii)[depth % ARRAY_LEN(bullets)]);
    if (n->item.is_task)
        snprintf(mark, sizeof mark, "%s", n->item.is_done ? "[x]" : "[ ]");

    struct indent *in = push_indent(l, width_of(mark, strlen(mark)) + 1);
    if (in)
        memcpy(in->first, mark, sizeof in->first);
    GROW(nest->levels, nest->n);
    nest->levels[nest->n++] = (struct level){.kind = NODE_ITEM, .indented = in != NULL};
}

static void enter_list(struct nesting *nest, const struct node *n)
{
    GROW(nest->levels, nest->n);
    nest->levels[nest->n++] =
        (struct level){.kind = NODE_LIST,
                       .tight = n->list.tight,
                       .item = n->list.first,
                       .digits = digits_of(n->list.first + n->list.count - (n->list.count > 0)),
                       .list = n};
}

static void enter_quote(struct layout *l, struct nesting *nest)
{
    struct indent *in = push_indent(l, 2);
    if (in)
        in->is_quote = true;
    GROW(nest->levels, nest->n);
    nest->levels[nest->n++] = (struct level){.kind = NODE_QUOTE, .indented = in != NULL};
}

static void leave(struct layout *l, struct nesting *nest)
{
    if (nest->n == 0)
        return;
    const struct level left = nest->levels[--nest->n];
    if (left.kind == NODE_ITEM && left.indented && !l->indents[l->n_indents - 1].first_used) {
        layout_begin_line(l); /* an item without content still shows its mark */
        canvas_end_line(&l->canvas, l->canvas.position);
    }
    if (left.indented)
        l->n_indents--;
    bool in_tight_list =
        nest->n >= 2 && nest->levels[nest->n - 1].kind == NODE_ITEM && nest->levels[nest->n - 2].tight;
    if (left.kind == NODE_LIST)
        l->blank_due = !in_tight_list;
    if (left.kind == NODE_QUOTE)
        l->blank_due = true;
}

static void layout_nodes(struct layout *l)
{
    const struct md_doc *d = l->doc;
    struct nesting nest = {0};

    for (size_t i = 0; i < d->n_nodes; i++) {
        const struct node *n = &d->nodes[i];
        if (n->kind == NODE_END) {
            leave(l, &nest);
            continue;
        }
        settle_blank(l);
        switch (n->kind) {
        case NODE_QUOTE:
            enter_quote(l, &nest);
            continue;
        case NODE_LIST:
            enter_list(&nest, n);
            continue;
        case NODE_ITEM:
            enter_item(l, &nest, n);
            continue;
        case NODE_TABLE:
            layout_table(l, i);
            i = n->next;
            break;
        case NODE_TEXT:
            layout_text(l, n, layout_text_look(l));
            break;
        case NODE_HEADING:
            layout_heading(l, n);
            break;
        case NODE_CODE:
            layout_code(l, n);
            break;
        case NODE_HTML:
            layout_text(l, n, LOOK(ROLE_MUTED));
            break;
        case NODE_RULE:
            layout_rule(l, n);
            break;
        case NODE_CELL:
        case NODE_END:
            break;
        }
        l->blank_due = n->kind != NODE_HEADING && !(n->kind == NODE_TEXT && n->text.is_tight);
    }
    free(nest.levels);
}

struct md_layout *md_layout(const struct md_doc *d, const struct md_options *options)
{
    struct md_options own = *options;
    own.width = own.width < MD_WIDTH_MIN ? MD_WIDTH_MIN : own.width;
    own.scroll = own.scroll < 0 ? 0 : own.scroll;
    struct layout l = {.canvas = canvas_begin(own.unicode), .doc = d, .options = &own};

    l.links = xreallocarray(NULL, d->n_targets + 1, sizeof *l.links);
    for (size_t i = 0; i < d->n_targets; i++)
        l.links[i] = -1;
    layout_nodes(&l);
    free(l.links);
    free(l.pieces.list);
    buf_free(&l.whole);
    buf_free(&l.visible);
    return canvas_end(&l.canvas);
}
