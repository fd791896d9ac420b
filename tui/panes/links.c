/* Where links lead: to pages of the handbook, manual pages, places of the same page, challenges; and the
 * pages that are made of links. */
#include "panes/pane.h"

#include "base/escape.h"
#include "base/mem.h"

#include <string.h>

/* "handbook/udp", "../handbook/udp.md" -> "udp"; NULL: it is no page of the handbook. The caller frees. */
static char *handbook_name(const char *target)
{
    const char *at = strstr(target, "handbook/");
    if (!at || (at > target && at[-1] != '/'))
        return NULL;
    at += strlen("handbook/");
    size_t n = strcspn(at, "#.");
    return xstrndup(at, n);
}

static void open_handbook(struct model *m, const char *name)
{
    struct error err = {0};
    char *text = course_handbook_page(m->course, name, &err);
    if (text)
        reader_go(m, READER_HANDBOOK, name, text);
    else
        model_complain(m, "%s", err.text);
}

static void go_to_heading(struct model *m, const char *anchor)
{
    const struct page *p = m->reader.showing == READER_LESSON ? &m->reader.lesson : &m->reader.other;
    int line = page_heading(p, anchor);
    if (line >= 0)
        reader_scroll_to(m, line);
    else
        model_complain(m, "This page has no part \"%s\".", anchor);
}

void follow_link(struct model *m, const char *target)
{
    autofree char *page = handbook_name(target);
    size_t challenge = model_find(m, target);
    if (strncmp(target, "man:", 4) == 0)
        reader_go(m, READER_MANUAL, target + 4, NULL);
    else if (target[0] == '#')
        go_to_heading(m, target + 1);
    else if (challenge < m->n_items)
        model_open(m, challenge);
    else if (strstr(target, "://"))
        model_want(m, INTENT_COPY, target, 0);
    else if (page)
        open_handbook(m, page);
    else
        model_complain(m, "Nothing is known of %s.", target);
}

/* ---- The list of the handbook's pages ---- */

char *handbook_title(const struct model *m, const char *name)
{
    autofree char *text = course_handbook_page(m->course, name, NULL);
    if (!text || strncmp(text, "# ", 2) != 0)
        return xstrdup(name);
    return xstrndup(text + 2, strcspn(text + 2, "\n"));
}

static void add_pages(const struct model *m, struct buf *out, const char *heading, const char *const *names)
{
    if (!names || !names[0])
        return;
    buf_printf(out, "\n## %s\n\n", heading);
    for (; *names; names++) {
        autofree char *title = handbook_title(m, *names);
        buf_printf(out, "- [%s](handbook/%s)\n", title, *names);
    }
}

char *handbook_index(const struct model *m)
{
    const struct challenge *info = model_open_item(m)->info;
    struct buf text = {0};
    buf_addstr(&text, "# Handbook\n\nWhat many challenges need, a page each.\n");
    autofree char *title = xasprintf("For %s", info->title);
    add_pages(m, &text, title, info->concepts);
    if (info->man && info->man[0]) {
        buf_addstr(&text, "\n## Its manual pages\n\n");
        for (const char *const *name = info->man; *name; name++)
            buf_printf(&text, "%s`%s`", name == info->man ? "" : ", ", *name);
        buf_addch(&text, '\n');
    }
    char **names = course_handbook_names(m->course);
    add_pages(m, &text, "All pages", (const char *const *)names);
    for (char **n = names; *n; n++)
        free(*n);
    free(names);
    return buf_take(&text);
}

/* ---- Manual pages ---- */

/* A text in which a backspace puts a character over another: bold over itself, underlined over a "_". */
struct overstruck {
    struct buf piece;
    uint16_t attrs;
    struct page *page;
    bool first; /* of the line */
};

static void end_piece(struct overstruck *o)
{
    if (o->piece.len > 0)
        page_add(o->page, o->first ? 1 : -1, ROLE_TEXT, o->attrs, buf_str(&o->piece));
    o->first = o->first && o->piece.len == 0;
    buf_clear(&o->piece);
}

static void put(struct overstruck *o, const char *bytes, size_t n, uint16_t attrs)
{
    if (attrs != o->attrs)
        end_piece(o);
    o->attrs = attrs;
    buf_add(&o->piece, bytes, n);
}

/* The length of the character at the beginning, of a malformed one 1. */
static size_t char_length(const char *s, size_t n)
{
    unsigned cp;
    size_t length = utf8_decode(s, n, &cp);
    return length > 0 ? length : 1;
}

/* man(1) indents by seven columns, which are rare in a pane: so many of them are left out. */
enum { MANUAL_INDENT = 7, MANUAL_INDENT_CUT = 4 };

int manual_width(int width)
{
    return width - 2 + MANUAL_INDENT_CUT;
}

static void add_manual_line(struct page *p, const char *s, size_t n)
{
    size_t indent = strspn(s, " ");
    if (indent >= MANUAL_INDENT && indent < n) {
        s += MANUAL_INDENT_CUT;
        n -= MANUAL_INDENT_CUT;
    }
    struct overstruck o = {.page = p, .first = true};
    struct line *line = page_line(p);
    while (n > 0) {
        size_t first = char_length(s, n);
        uint16_t attrs = 0;
        while (first < n && s[first] == '\b' && first + 1 < n) { /* bold and underlined: twice over */
            size_t second = char_length(s + first + 1, n - first - 1);
            attrs |= *s == '_' && s[first + 1] != '_' ? ATTR_UNDERLINE : ATTR_BOLD;
            s += first + 1;
            n -= first + 1;
            first = second;
        }
        put(&o, s, first, attrs);
        s += first;
        n -= first;
    }
    end_piece(&o);
    buf_free(&o.piece);
    if (line->n_spans > 0 && line->spans[0].attrs & ATTR_BOLD && line->spans[0].text[0] != ' ') {
        line->kind = LINE_HEADING;
        line->spans[0].role = ROLE_HEADING2;
    }
}

void manual_page(struct page *p, const char *name, const char *text, int width)
{
    page_clear(p, width - 1);
    if (!text) {
        autofree char *waiting = xasprintf("Looking for %s.", name);
        page_blank(p);
        page_wrap(p, 1, ROLE_MUTED, waiting);
        return;
    }
    while (*text) {
        size_t n = strcspn(text, "\n");
        add_manual_line(p, text, n);
        text += n + (text[n] == '\n');
    }
    page_link_manuals(p, 1); /* the first line is the title's */
}
