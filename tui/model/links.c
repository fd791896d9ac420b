/* Links of a page: see page.h. */
#include "model/page.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

int page_link(struct page *p, int number, const char *target, size_t line, int col, int width)
{
    int highest = 0;
    for (size_t i = 0; i < p->n_links; i++)
        if (p->links[i].number > highest)
            highest = p->links[i].number;
    if (number == 0)
        number = highest + 1;
    p->links = xreallocarray(p->links, p->n_links + 1, sizeof *p->links);
    p->links[p->n_links++] = (struct page_link){number, xstrdup(target), line, col, width};
    return number;
}

/* ---- Names of manual pages ---- */

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_-.+", c));
}

/* The next "name(section)" of a text: its beginning and length; 0 if there is none. */
static size_t next_manual(const char *text, size_t *begin)
{
    for (const char *open = strchr(text, '('); open; open = strchr(open + 1, '(')) {
        const char *name = open, *end = open + 2;
        while (name > text && is_name_char(name[-1]))
            name--;
        while (name < open && !isalpha((unsigned char)*name) && *name != '_')
            name++;
        while (open[1] && end - open < 8 && isalpha((unsigned char)*end))
            end++; /* 3p, 3ssl */
        if (name == open || open[1] < '1' || open[1] > '8' || *end != ')')
            continue;
        *begin = (size_t)(name - text);
        return (size_t)(end + 1 - name);
    }
    return 0;
}

static int width_of_bytes(const char *text, size_t n)
{
    autofree char *part = xstrndup(text, n);
    return text_width(part);
}

void page_link_manuals(struct page *p, size_t first)
{
    for (size_t i = first; i < p->n_lines; i++) {
        if (p->lines[i].kind == LINE_CODE)
            continue;
        autofree char *text = page_line_text(p, i);
        size_t at = 0, begin, n;
        while ((n = next_manual(text + at, &begin)) > 0) {
            autofree char *name = xstrndup(text + at + begin, n);
            autofree char *target = xasprintf("man:%s", name);
            int col = width_of_bytes(text, at + begin);
            if (!page_link_at(p, i, col))
                page_link(p, 0, target, i, col, text_width(name));
            at += begin + n;
        }
    }
}

/* ---- Finding ---- */

const struct page_link *page_link_find(const struct page *p, int number)
{
    for (size_t i = 0; i < p->n_links; i++)
        if (p->links[i].number == number)
            return &p->links[i];
    return NULL;
}

const struct page_link *page_link_at(const struct page *p, size_t line, int col)
{
    for (size_t i = 0; i < p->n_links; i++) {
        const struct page_link *l = &p->links[i];
        if (l->line == line && col >= l->col && col < l->col + l->width)
            return l;
    }
    return NULL;
}

/* By place and not by number: parts of a link and those that were added later lie between each other. */
static bool before(const struct page_link *a, size_t line, int col)
{
    return a->line < line || (a->line == line && a->col < col);
}

int page_link_step(const struct page *p, int number, int direction, size_t top, size_t bottom)
{
    const struct page_link *from = page_link_find(p, number), *best = NULL;
    size_t line = from ? from->line : direction > 0 ? top : bottom;
    int col = from ? from->col : 0;
    for (size_t i = 0; i < p->n_links; i++) {
        const struct page_link *l = &p->links[i];
        if (page_link_find(p, l->number) != l || l->number == number)
            continue;
        if (direction > 0 ? before(l, line, col) : !before(l, line, col))
            continue;
        if (!best || (direction > 0 ? before(l, best->line, best->col) : before(best, l->line, l->col)))
            best = l;
    }
    return best ? best->number : 0;
}

void page_draw_links(const struct page *p, const struct theme *t, struct area a, int top, int left,
                     int chosen)
{
    for (size_t i = 0; i < p->n_links; i++) {
        const struct page_link *l = &p->links[i];
        int row = (int)l->line - top;
        if (row < 0 || row >= a.rect.rows)
            continue;
        struct rect r = {row, l->col - left, 1, l->width};
        draw_add_attrs(a, r, ATTR_UNDERLINE);
        if (l->number == chosen) {
            draw_restyle(a, r, theme_style(t, ROLE_SELECTED));
            if (page_link_find(p, chosen) == l)
                draw_cursor(a, row, l->col - left, CURSOR_BLOCK);
        }
    }
}

/* As markdown makes anchors: lower case, "-" for blanks, nothing else but letters and digits. */
static bool is_anchor_of(const char *heading, const char *anchor)
{
    for (; *heading; heading++) {
        char c = *heading == ' ' ? '-' : (char)tolower((unsigned char)*heading);
        if (c != '-' && c != '_' && !isalnum((unsigned char)c) && !((unsigned char)c & 0x80))
            continue;
        if (c != *anchor++)
            return false;
    }
    return *anchor == '\0';
}

int page_heading(const struct page *p, const char *anchor)
{
    for (size_t i = 0; i < p->n_lines; i++) {
        if (p->lines[i].kind != LINE_HEADING)
            continue;
        autofree char *text = page_line_text(p, i);
        if (is_anchor_of(text + strspn(text, " "), anchor))
            return (int)i;
    }
    return -1;
}
