#include "ui/lineedit.h"

#include "base/escape.h"

#include <string.h>

void lineedit_clear(struct lineedit *e)
{
    e->len = e->cursor = 0;
    e->text[0] = '\0';
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

void lineedit_set(struct lineedit *e, const char *utf8)
{
    size_t n = strlen(utf8);
    if (n > LINEEDIT_MAX) {
        n = LINEEDIT_MAX;
        while (n > 0 && is_continuation(utf8[n]))
            n--;
    }
    lineedit_clear(e);
    lineedit_insert(e, utf8, n);
}

bool lineedit_insert(struct lineedit *e, const char *utf8, size_t n)
{
    char clean[LINEEDIT_MAX];
    size_t kept = 0;

    for (size_t i = 0; i < n;) {
        unsigned cp;
        size_t len = utf8_decode(utf8 + i, n - i, &cp);
        if (len && cp >= 0x20 && cp != 0x7f && (cp < 0x80 || cp >= 0xa0)) {
            if (e->len + kept + len > LINEEDIT_MAX)
                return false;
            memcpy(clean + kept, utf8 + i, len);
            kept += len;
        }
        i += len ? len : 1;
    }
    memmove(e->text + e->cursor + kept, e->text + e->cursor, e->len - e->cursor + 1);
    memcpy(e->text + e->cursor, clean, kept);
    e->len += kept;
    e->cursor += kept;
    return true;
}

static size_t before(const struct lineedit *e, size_t at)
{
    if (at > 0)
        at--;
    while (at > 0 && is_continuation(e->text[at]))
        at--;
    return at;
}

static size_t after(const struct lineedit *e, size_t at)
{
    if (at < e->len)
        at++;
    while (at < e->len && is_continuation(e->text[at]))
        at++;
    return at;
}

static size_t target(const struct lineedit *e, enum lineedit_move where)
{
    size_t at = e->cursor;

    switch (where) {
    case LINE_LEFT:
        return before(e, at);
    case LINE_RIGHT:
        return after(e, at);
    case LINE_START:
        return 0;
    case LINE_END:
        return e->len;
    case LINE_WORD_LEFT:
        while (at > 0 && e->text[at - 1] == ' ')
            at--;
        while (at > 0 && e->text[at - 1] != ' ')
            at--;
        return at;
    case LINE_WORD_RIGHT:
        while (at < e->len && e->text[at] == ' ')
            at++;
        while (at < e->len && e->text[at] != ' ')
            at++;
        return at;
    }
    return at;
}

void lineedit_move(struct lineedit *e, enum lineedit_move where)
{
    e->cursor = target(e, where);
}

void lineedit_erase(struct lineedit *e, enum lineedit_erase what)
{
    static const enum lineedit_move reach[] = {
        [ERASE_LEFT] = LINE_LEFT,      [ERASE_RIGHT] = LINE_RIGHT, [ERASE_WORD] = LINE_WORD_LEFT,
        [ERASE_TO_START] = LINE_START, [ERASE_TO_END] = LINE_END,
    };
    size_t other = target(e, reach[what]);
    size_t from = other < e->cursor ? other : e->cursor, to = other < e->cursor ? e->cursor : other;

    memmove(e->text + from, e->text + to, e->len - to + 1);
    e->len -= to - from;
    e->cursor = from;
}

void lineedit_draw(const struct lineedit *e, struct area a, int row, int col, int width, struct style st)
{
    struct area field = area_sub(a, (struct rect){row, col, 1, width});
    char left[LINEEDIT_MAX + 1];
    size_t from = 0;

    memcpy(left, e->text, e->cursor);
    left[e->cursor] = '\0';
    while (text_width(left + from) >= field.rect.cols && from < e->cursor)
        from = after(e, from);
    draw_fill(field, (struct rect){0, 0, 1, field.rect.cols}, st, ' ');
    draw_text(field, 0, 0, st, e->text + from);
    draw_cursor(field, 0, text_width(left + from), CURSOR_BAR);
}
