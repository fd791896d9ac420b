/* md4c's callbacks -> nodes, pool and spans. */
#include "markdown/doc.h"

#include "base/mem.h"

#include <md4c.h>
#include <stdio.h>
#include <string.h>

struct parser {
    struct md_doc *doc;
    const struct buf *source; /* what md4c reads */
    uint32_t *open;           /* nodes that are not closed yet */
    size_t n_open;
    bool leaf;         /* the last node is a leaf that takes text */
    bool verbatim;     /* and its line feeds are its own */
    unsigned depth[4]; /* open em, strong, strike, code */
    int links[16];     /* open links and images; deeper ones are not told apart */
    size_t n_links;
    size_t indent; /* blanks that md4c has put in place of a code line's indentation, not yet in the pool */
};

static struct node *add_node(struct parser *p, enum node_kind kind)
{
    struct md_doc *d = p->doc;
    uint32_t at = (uint32_t)d->pool.len;

    GROW(d->nodes, d->n_nodes);
    struct node *n = &d->nodes[d->n_nodes++];
    *n = (struct node){.kind = kind, .start = at, .end = at};
    p->leaf = p->verbatim = false;
    return n;
}

static struct node *open_node(struct parser *p, enum node_kind kind)
{
    struct node *n = add_node(p, kind);
    GROW(p->open, p->n_open);
    p->open[p->n_open++] = (uint32_t)(p->doc->n_nodes - 1);
    return n;
}

static void close_node(struct parser *p)
{
    uint32_t opened = p->open[--p->n_open];
    uint32_t at = (uint32_t)p->doc->n_nodes;

    add_node(p, NODE_END);
    p->doc->nodes[opened].next = at;
    p->doc->nodes[opened].end = (uint32_t)p->doc->pool.len;
}

static struct node *enclosing(struct parser *p, enum node_kind kind)
{
    struct node *n = p->n_open ? &p->doc->nodes[p->open[p->n_open - 1]] : NULL;
    return n && n->kind == kind ? n : NULL;
}

static void begin_leaf(struct parser *p, bool verbatim)
{
    p->leaf = true;
    p->verbatim = verbatim;
}

/* Keeps a copy of an attribute's text (a language, a target) and returns where. */
static uint32_t keep_name(struct parser *p, const MD_ATTRIBUTE *a)
{
    struct buf *names = &p->doc->names;
    uint32_t at = (uint32_t)names->len;

    for (size_t i = 0; a->text && a->substr_offsets[i] < a->size; i++) {
        const char *part = a->text + a->substr_offsets[i];
        size_t len = a->substr_offsets[i + 1] - a->substr_offsets[i];
        if (a->substr_types[i] == MD_TEXT_ENTITY)
            add_entity(names, part, len);
        else
            buf_add(names, part, len);
    }
    for (size_t i = at; i < names->len; i++) {
        if ((unsigned char)names->data[i] < 0x20)
            names->data[i] = ' ';
    }
    buf_addch(names, '\0');
    return at;
}

static void enter_list(struct parser *p, MD_BLOCKTYPE type, const void *detail)
{
    struct node *n = open_node(p, NODE_LIST);
    if (type == MD_BLOCK_UL) {
        n->list.tight = ((const MD_BLOCK_UL_DETAIL *)detail)->is_tight != 0;
        return;
    }
    const MD_BLOCK_OL_DETAIL *ol = detail;
    n->list.ordered = true;
    n->list.tight = ol->is_tight != 0;
    n->list.first = ol->start;
    n->list.delimiter = ol->mark_delimiter;
}

static void enter_item(struct parser *p, const MD_BLOCK_LI_DETAIL *li)
{
    struct node *list = enclosing(p, NODE_LIST);
    if (list)
        list->list.count++;
    struct node *item = open_node(p, NODE_ITEM);
    item->item.is_task = li->is_task != 0;
    item->item.is_done = li->is_task && li->task_mark != ' ';
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct parser *p = context;
    struct node *n;

    switch (type) {
    case MD_BLOCK_QUOTE:
        open_node(p, NODE_QUOTE);
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        enter_list(p, type, detail);
        break;
    case MD_BLOCK_LI:
        enter_item(p, detail);
        break;
    case MD_BLOCK_HR:
        add_node(p, NODE_RULE);
        break;
    case MD_BLOCK_H:
        n = add_node(p, NODE_HEADING);
        n->level = (int)((MD_BLOCK_H_DETAIL *)detail)->level;
        begin_leaf(p, false);
        break;
    case MD_BLOCK_CODE:
        n = add_node(p, NODE_CODE);
        n->lang = keep_name(p, &((MD_BLOCK_CODE_DETAIL *)detail)->lang);
        begin_leaf(p, true);
        break;
    case MD_BLOCK_HTML:
        add_node(p, NODE_HTML);
        begin_leaf(p, true);
        break;
    case MD_BLOCK_P:
        add_node(p, NODE_TEXT);
        begin_leaf(p, false);
        break;
    case MD_BLOCK_TABLE:
        n = open_node(p, NODE_TABLE);
        n->table.columns = ((MD_BLOCK_TABLE_DETAIL *)detail)->col_count;
        break;
    case MD_BLOCK_TR:
        n = enclosing(p, NODE_TABLE);
        if (n)
            n->table.rows++;
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        n = add_node(p, NODE_CELL);
        switch (((MD_BLOCK_TD_DETAIL *)detail)->align) {
        case MD_ALIGN_CENTER:
            break;
        case MD_ALIGN_RIGHT:
            n->cell.align = 1;
            break;
        default:
            n->cell.align = -1;
        }
        begin_leaf(p, false);
        break;
    default:
        break;
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct parser *p = context;
    (void)detail;

    p->leaf = p->verbatim = false;
    p->indent = 0;
    if (type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL || type == MD_BLOCK_OL || type == MD_BLOCK_LI ||
        type == MD_BLOCK_TABLE)
        close_node(p);
    return 0;
}

static void add_text(struct parser *p, MD_TEXTTYPE type, const char *text, size_t len);

static void open_link(struct parser *p, const MD_ATTRIBUTE *target)
{
    struct md_doc *d = p->doc;

    GROW(d->targets, d->n_targets);
    d->targets[d->n_targets++] = keep_name(p, target);
    if (p->n_links < ARRAY_LEN(p->links))
        p->links[p->n_links] = (int)d->n_targets - 1;
    p->n_links++;
}

static unsigned *depth_of(struct parser *p, MD_SPANTYPE type)
{
    switch (type) {
    case MD_SPAN_EM:
        return &p->depth[0];
    case MD_SPAN_STRONG:
        return &p->depth[1];
    case MD_SPAN_DEL:
        return &p->depth[2];
    case MD_SPAN_CODE:
        return &p->depth[3];
    default:
        return NULL;
    }
}

static int enter_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct parser *p = context;

    if (depth_of(p, type))
        ++*depth_of(p, type);
    if (type == MD_SPAN_A)
        open_link(p, &((MD_SPAN_A_DETAIL *)detail)->href);
    if (type == MD_SPAN_IMG) {
        open_link(p, &((MD_SPAN_IMG_DETAIL *)detail)->src);
        add_text(p, MD_TEXT_NORMAL, "image: ", 7);
    }
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct parser *p = context;
    (void)detail;

    if (depth_of(p, type))
        --*depth_of(p, type);
    if (type == MD_SPAN_A || type == MD_SPAN_IMG)
        p->n_links--;
    return 0;
}

/* The style that is open now begins here, unless it goes on. */
static void mark_style(struct parser *p, MD_TEXTTYPE type)
{
    struct md_doc *d = p->doc;
    size_t deepest = p->n_links < ARRAY_LEN(p->links) ? p->n_links : ARRAY_LEN(p->links);
    struct span s = {
        .start = (uint32_t)d->pool.len,
        .style = (uint16_t)((p->depth[0] ? SPAN_EM : 0) | (p->depth[1] ? SPAN_STRONG : 0) |
                            (p->depth[2] ? SPAN_STRIKE : 0) | (p->depth[3] ? SPAN_CODE : 0) |
                            (type == MD_TEXT_HTML ? SPAN_HTML : 0)),
        .link = deepest ? p->links[deepest - 1] : -1,
    };

    if (d->n_spans > 0) {
        struct span *last = &d->spans[d->n_spans - 1];
        if (last->style == s.style && last->link == s.link)
            return;
        if (last->start == s.start) {
            *last = s;
            return;
        }
    }
    GROW(d->spans, d->n_spans);
    d->spans[d->n_spans++] = s;
}

/* Line feeds and tabs of running text are blanks. */
static void add_running_text(struct buf *pool, const char *text, size_t len)
{
    size_t at = pool->len;
    buf_add(pool, text, len);
    for (; at < pool->len; at++) {
        if ((unsigned char)pool->data[at] < 0x20)
            pool->data[at] = ' ';
    }
}

/* Adds the indentation that is due; `text` is what follows it. md4c gives tabs as blanks: where the source
 * has tabs, they are brought back, for whoever copies a makefile. */
static void settle_indent(struct parser *p, const char *text)
{
    struct buf *pool = &p->doc->pool;
    size_t tabs = p->indent / 4;
    bool tabbed = text && p->indent % 4 == 0 && text >= p->source->data + tabs;

    for (size_t i = 1; tabbed && i <= tabs; i++)
        tabbed = text[-(ptrdiff_t)i] == '\t';
    for (size_t i = 0; i < (tabbed ? tabs : p->indent); i++)
        buf_addch(pool, tabbed ? '\t' : ' ');
    p->indent = 0;
}

static void add_verbatim(struct parser *p, const char *text, size_t len)
{
    bool from_source = text >= p->source->data && text < p->source->data + p->source->len;

    if (!from_source && len > 0 && strspn(text, " ") >= len) {
        p->indent += len;
        return;
    }
    settle_indent(p, from_source ? text : NULL);
    buf_add(&p->doc->pool, text, len);
}

static void add_text(struct parser *p, MD_TEXTTYPE type, const char *text, size_t len)
{
    struct buf *pool = &p->doc->pool;

    if (!p->leaf) { /* the items of a tight list have no paragraphs */
        add_node(p, NODE_TEXT)->text.is_tight = true;
        begin_leaf(p, false);
    }
    mark_style(p, type);
    if (type == MD_TEXT_BR)
        buf_addch(pool, '\n');
    else if (type == MD_TEXT_SOFTBR)
        buf_addch(pool, ' ');
    else if (type == MD_TEXT_ENTITY)
        add_entity(pool, text, len);
    else if (type == MD_TEXT_NULLCHAR)
        buf_addstr(pool, "\xef\xbf\xbd");
    else if (p->verbatim)
        add_verbatim(p, text, len);
    else
        add_running_text(pool, text, len);
    p->doc->nodes[p->doc->n_nodes - 1].end = (uint32_t)pool->len;
}

static int take_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    add_text(context, type, text, size);
    return 0;
}

struct md_doc *md_doc_new(const char *text, size_t len)
{
    struct md_doc *d = xcalloc(1, sizeof *d);
    struct buf clean = {0};
    struct parser p = {.doc = d, .source = &clean};
    size_t taken = len < MD_TEXT_MAX ? len : MD_TEXT_MAX;
    static const MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEURLAUTOLINKS,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = take_text,
    };

    buf_add(&d->pool, "", 0); /* never NULL, though it may be empty */
    buf_add(&d->names, "", 0);
    buf_add(&clean, "", 0);
    if (taken >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
        clean_text(&clean, text + 3, taken - 3);
    else
        clean_text(&clean, text, taken);
    md_parse(buf_str(&clean), (MD_SIZE)clean.len, &parser, &p);
    buf_free(&clean);
    while (p.n_open > 0) /* only when md4c gave up for want of memory */
        close_node(&p);
    if (len > taken) {
        autofree char *note = xasprintf("[%zu bytes left out]", len - taken);
        enter_block(MD_BLOCK_P, NULL, &p);
        add_text(&p, MD_TEXT_NORMAL, note, strlen(note));
    }
    free(p.open);
    return d;
}

void md_doc_free(struct md_doc *d)
{
    if (!d)
        return;
    buf_free(&d->pool);
    buf_free(&d->names);
    free(d->nodes);
    free(d->spans);
    free(d->targets);
    free(d);
}
