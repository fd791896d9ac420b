/* Pages: see page.h. */
#include "model/page.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void free_line(struct line *l)
{
    for (size_t i = 0; i < l->n_spans; i++)
        free(l->spans[i].text);
    free(l->spans);
}

void page_clear(struct page *p, int width)
{
    for (size_t i = 0; i < p->n_lines; i++)
        free_line(&p->lines[i]);
    for (size_t i = 0; i < p->n_codes; i++)
        free(p->codes[i]);
    for (size_t i = 0; i < p->n_links; i++)
        free(p->links[i].target);
    p->n_lines = p->n_codes = p->n_links = 0;
    p->max_scroll = 0;
    p->width = width;
}

void page_free(struct page *p)
{
    page_clear(p, 0);
    free(p->lines);
    free(p->codes);
    free(p->links);
    *p = (struct page){0};
}

struct line *page_line(struct page *p)
{
    if (p->n_lines == p->cap_lines) {
        p->cap_lines = p->cap_lines ? p->cap_lines * 2 : 64;
        p->lines = xreallocarray(p->lines, p->cap_lines, sizeof *p->lines);
    }
    struct line *l = &p->lines[p->n_lines++];
    *l = (struct line){.position = p->n_lines > 1 ? l[-1].position : 0};
    return l;
}

void page_add(struct page *p, int col, enum role role, uint16_t attrs, const char *text)
{
    if (!text || !*text)
        return;
    struct line *l = p->n_lines ? &p->lines[p->n_lines - 1] : page_line(p);
    if (col < 0)
        col = l->width;
    l->spans = xreallocarray(l->spans, l->n_spans + 1, sizeof *l->spans);
    l->spans[l->n_spans++] = (struct span){.text = xstrdup(text), .role = role, .attrs = attrs, .col = col};
    int end = col + text_width(text);
    if (end > l->width)
        l->width = end;
}

void page_printf(struct page *p, int col, enum role role, const char *format, ...)
{
    struct buf b = {0};
    char small[512];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(small, sizeof small, format, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof small) {
        page_add(p, col, role, 0, small);
        return;
    }
    char *out = n < 0 ? NULL : buf_reserve(&b, (size_t)n + 1);
    if (out) {
        va_start(ap, format);
        vsnprintf(out, (size_t)n + 1, format, ap);
        va_end(ap);
        page_add(p, col, role, 0, out);
    }
    buf_free(&b);
}

void page_blank(struct page *p)
{
    page_line(p);
}

int page_code(struct page *p, const char *text)
{
    p->codes = xreallocarray(p->codes, p->n_codes + 1, sizeof *p->codes);
    p->codes[p->n_codes++] = xstrdup(text);
    return (int)p->n_codes;
}

void page_label(struct page *p, size_t line, int col, enum role role, const char *text)
{
    struct line *l = &p->lines[line];
    l->spans = xreallocarray(l->spans, l->n_spans + 1, sizeof *l->spans);
    memmove(l->spans + 1, l->spans, l->n_spans++ * sizeof *l->spans);
    l->spans[0] = (struct span){.text = xstrdup(text), .role = role, .col = col};
}

size_t page_line_at(const struct page *p, size_t position)
{
    size_t i = p->n_lines;
    while (i > 0 && p->lines[i - 1].position > position)
        i--;
    while (i > 1 && p->lines[i - 2].position == p->lines[i - 1].position)
        i--; /* the first of several lines at the same place */
    return i > 0 ? i - 1 : 0;
}

const char *page_code_at(const struct page *p, size_t top)
{
    for (size_t i = top; i < p->n_lines; i++)
        if (p->lines[i].block > 0)
            return p->codes[p->lines[i].block - 1];
    return NULL;
}

/* The bytes of `text` (without line feeds) that fit into `width` columns, cut at a space where there is one.
 */
static size_t fitting_bytes(const char *text, size_t n, int width)
{
    size_t last_space = 0, at = 0;
    int col = 0;
    while (at < n) {
        unsigned cp = 0;
        size_t len = utf8_decode(text + at, n - at, &cp);
        int w = len ? char_width(cp) : 1;
        if (!len)
            len = 1;
        if (col + w > width)
            return last_space ? last_space : at ? at : len;
        if (text[at] == ' ' && at > 0)
            last_space = at;
        col += w;
        at += len;
    }
    return n;
}

char *page_cut(const char *text, int width)
{
    size_t at = 0, n = strlen(text);
    for (int col = 0; at < n;) {
        unsigned cp = 0;
        size_t len = utf8_decode(text + at, n - at, &cp);
        col += len ? char_width(cp) : 1;
        if (col > width)
            break;
        at += len ? len : 1;
    }
    return xstrndup(text, at);
}

void page_wrap(struct page *p, int indent, enum role role, const char *text)
{
    int width = p->width - indent;
    if (width < 8)
        width = 8;
    while (text) {
        const char *feed = strchr(text, '\n');
        size_t left = feed ? (size_t)(feed - text) : strlen(text);
        const char *s = text;
        do {
            size_t n = fitting_bytes(s, left, width);
            char *piece = xstrndup(s, n);
            page_line(p);
            page_add(p, indent, role, 0, piece);
            free(piece);
            s += n;
            left -= n;
            while (left > 0 && *s == ' ') {
                s++;
                left--;
            }
        } while (left > 0);
        text = feed ? feed + 1 : NULL;
    }
}

/* Smart case, as in vim and less: an upper case letter in the needle makes the search exact. */
static bool has_upper(const char *s)
{
    for (; *s; s++)
        if (isupper((unsigned char)*s))
            return true;
    return false;
}

int text_find(const char *text, const char *needle)
{
    if (!needle || !*needle)
        return -1;
    const char *hit = has_upper(needle) ? strstr(text, needle) : strcasestr(text, needle);
    return hit ? (int)(hit - text) : -1;
}

/* A line as one string, with the column at which each of its bytes stands (columns: one int a byte, and the
 * end). */
static char *flatten(const struct line *l, int **columns)
{
    struct buf b = {0};
    int *cols = NULL;
    size_t cap = 0;
    int col = 0;
    for (size_t i = 0; i < l->n_spans; i++) {
        const struct span *s = &l->spans[i];
        size_t gap = s->col > col ? (size_t)(s->col - col) : 0;
        size_t n = strlen(s->text);
        if (columns && b.len + gap + n + 1 > cap) {
            cap = (b.len + gap + n + 1) * 2;
            cols = xreallocarray(cols, cap, sizeof *cols);
        }
        for (size_t g = 0; g < gap; g++) {
            if (columns)
                cols[b.len] = col;
            col++;
            buf_addch(&b, ' ');
        }
        for (size_t at = 0; at < n;) {
            unsigned cp = 0;
            size_t len = utf8_decode(s->text + at, n - at, &cp);
            int w = len ? char_width(cp) : 1;
            if (!len)
                len = 1;
            for (size_t k = 0; columns && k < len; k++)
                cols[b.len + k] = col;
            buf_add(&b, s->text + at, len);
            col += w;
            at += len;
        }
    }
    if (columns) {
        if (!cols)
            cols = xmalloc(sizeof *cols);
        cols[b.len] = col;
        *columns = cols;
    }
    return buf_take(&b);
}

char *page_line_text(const struct page *p, size_t line)
{
    return flatten(&p->lines[line], NULL);
}

static void draw_matches(const struct line *l, const struct theme *t, struct area a, int row, int left,
                         const char *needle)
{
    int *columns = NULL;
    char *text = flatten(l, &columns);
    size_t at = 0, n = strlen(needle);
    int hit;
    while ((hit = text_find(text + at, needle)) >= 0) {
        size_t from = at + (size_t)hit;
        int col = columns[from] - left, end = columns[from + n] - left;
        if (col < 0)
            col = 0;
        if (end > col)
            draw_restyle(a, (struct rect){row, col, 1, end - col}, theme_style(t, ROLE_MATCH));
        at = from + n;
    }
    free(text);
    free(columns);
}

void page_draw(const struct page *p, const struct theme *t, struct area a, int top, int left,
               const char *needle)
{
    for (int row = 0; row < a.rect.rows && top + row < (int)p->n_lines; row++) {
        if (top + row < 0)
            continue;
        const struct line *l = &p->lines[top + row];
        for (size_t i = 0; i < l->n_spans; i++) {
            const struct span *s = &l->spans[i];
            struct style st = theme_style(t, s->role);
            st.attrs |= s->attrs;
            draw_text(a, row, s->col - left, st, s->text);
        }
        if (needle && *needle)
            draw_matches(l, t, a, row, left, needle);
        if (l->width - left > a.rect.cols) /* as lessons mark their code */
            draw_text(a, row, a.rect.cols - 1, theme_style(t, ROLE_MUTED), ui_unicode() ? "›" : ">");
    }
}

int page_find(const struct page *p, const char *needle, int from, int direction)
{
    int n = (int)p->n_lines;
    for (int i = 0; i < n; i++) {
        int line = ((from + direction * i) % n + n) % n;
        char *text = page_line_text(p, (size_t)line);
        bool hit = text_find(text, needle) >= 0;
        free(text);
        if (hit)
            return line;
    }
    return -1;
}

int page_count(const struct page *p, const char *needle)
{
    int count = 0;
    for (size_t i = 0; i < p->n_lines; i++) {
        char *text = page_line_text(p, i);
        count += text_find(text, needle) >= 0;
        free(text);
    }
    return count;
}
