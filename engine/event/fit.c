/* Lines that would be too long lose the middle of their longest texts, then of their longest lists. */
#include "event/fit.h"

#include "base/escape.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum {
    MARK_MAX = 64,   /* room for "[... bytes left out]" */
    TEXT_LEAST = 128 /* what is kept of a text at the least; lists are thinned when that is not enough */
};

static const size_t dump_flags = JSON_COMPACT | JSON_REAL_PRECISION(12);

/* Everything in an event that may give something up. */
struct pieces {
    struct piece {
        json_t *value;
        const struct shape *shape; /* of a list's items; NULL for a text and for a list of texts */
        size_t size;               /* as JSON */
    } * texts, *lists;
    size_t n_texts, n_lists;
};

static int append(const char *bytes, size_t n, void *out)
{
    return buf_add(out, bytes, n) ? 0 : -1;
}

static size_t json_size(const json_t *value)
{
    return json_dumpb(value, NULL, 0, dump_flags | JSON_ENCODE_ANY);
}

static size_t json_byte_size(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < 0x20 ? 2 : 1;
}

static void add_piece(struct piece **list, size_t *n, json_t *value, const struct shape *shape, size_t size)
{
    if ((*n & (*n - 1)) == 0)
        *list = xreallocarray(*list, *n ? *n * 2 : 1, sizeof **list);
    (*list)[(*n)++] = (struct piece){value, shape, size};
}

static void collect_text(struct pieces *p, json_t *text)
{
    size_t size = 0;
    for (const char *s = json_string_value(text); s && *s; s++)
        size += json_byte_size(*s);
    if (size > TEXT_LEAST + MARK_MAX)
        add_piece(&p->texts, &p->n_texts, text, NULL, size);
}

static void collect(struct pieces *p, json_t *object, const struct field *fields)
{
    for (const struct field *f = fields; f->name; f++) {
        json_t *value = json_object_get(object, f->name), *item;
        size_t i;

        if (!value)
            continue;
        if (f->kind == FIELD_TEXT || f->kind == FIELD_OPTIONAL)
            collect_text(p, value);
        if (f->kind == FIELD_OBJECT || f->kind == FIELD_POINTER)
            collect(p, value, f->shape->fields);
        if (f->kind == FIELD_TEXTS || f->kind == FIELD_OBJECTS) {
            add_piece(&p->lists, &p->n_lists, value, f->shape, json_size(value));
            json_array_foreach (value, i, item) {
                if (f->shape)
                    collect(p, item, f->shape->fields);
                else
                    collect_text(p, item);
            }
        }
    }
}

static void pieces_free(struct pieces *p)
{
    free(p->texts);
    free(p->lists);
    *p = (struct pieces){0};
}

/* The bytes of the character or the escape at s: what must not be cut in two. */
static size_t token_length(const char *s)
{
    unsigned cp;
    size_t n = strnlen(s, 4);

    if (*s == '\\' && n > 1)
        return s[1] == 'x' && n == 4 ? 4 : 2;
    size_t len = utf8_decode(s, n, &cp);
    return len ? len : 1;
}

/* Keeps about `keep` bytes of JSON: one half from the start, one half from the end. */
static void shorten_text(const struct piece *text, size_t keep)
{
    const char *whole = json_string_value(text->value), *s = whole, *head_end = NULL;
    size_t seen = 0;

    while (seen < text->size - keep / 2) {
        size_t len = token_length(s), size = 0;
        for (size_t i = 0; i < len; i++)
            size += json_byte_size(s[i]);
        if (!head_end && seen + size > keep / 2)
            head_end = s;
        seen += size;
        s += len;
    }

    struct buf out = {0};
    buf_add(&out, whole, (size_t)(head_end - whole));
    buf_printf(&out, " [%zu bytes left out] ", (size_t)(s - head_end));
    buf_addstr(&out, s);
    json_string_set(text->value, buf_str(&out));
    buf_free(&out);
}

static size_t saved_by(const struct pieces *p, size_t keep)
{
    size_t saved = 0;
    for (size_t i = 0; i < p->n_texts; i++) {
        if (p->texts[i].size > keep + MARK_MAX)
            saved += p->texts[i].size - keep - MARK_MAX;
    }
    return saved;
}

/* Shortens the longest texts to one common length, the greatest that saves `excess` bytes. */
static void shorten_texts(const struct pieces *p, size_t excess)
{
    size_t low = TEXT_LEAST, high = EVENT_LINE_MAX;

    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (saved_by(p, middle) >= excess)
            low = middle;
        else
            high = middle - 1;
    }
    for (size_t i = 0; i < p->n_texts; i++) {
        if (p->texts[i].size > low + MARK_MAX)
            shorten_text(&p->texts[i], low);
    }
}

static json_t *left_out_mark(const struct shape *shape, size_t n)
{
    json_t *mark = json_sprintf("[%zu left out]", n);
    return shape ? json_pack("{s:o}", shape->label, mark) : mark;
}

/* Drops items from the middle until `excess` bytes are saved, and puts one in their place that says how many.
 * Never drops the first and the last. */
static void thin_list(const struct piece *list, size_t excess)
{
    json_t *array = list->value, *kept = json_array();
    size_t n = json_array_size(array), from = n / 2, to = n / 2, saved = 0;

    while (saved < excess + MARK_MAX && (from > 1 || to + 1 < n)) {
        bool forward = from <= 1 || (to + 1 < n && to - n / 2 <= n / 2 - from);
        saved += json_size(json_array_get(array, forward ? to++ : --from)) + 1;
    }
    for (size_t i = 0; i < from; i++)
        json_array_append(kept, json_array_get(array, i));
    json_array_append_new(kept, left_out_mark(list->shape, to - from));
    for (size_t i = to; i < n; i++)
        json_array_append(kept, json_array_get(array, i));
    json_array_clear(array);
    json_array_extend(array, kept);
    json_decref(kept);
}

/* The list that takes most room and can still lose items; NULL if there is none. */
static const struct piece *largest_list(const struct pieces *p)
{
    const struct piece *largest = NULL;
    for (size_t i = 0; i < p->n_lists; i++) {
        if (json_array_size(p->lists[i].value) > 3 && (!largest || p->lists[i].size > largest->size))
            largest = &p->lists[i];
    }
    return largest;
}

/* How many bytes the line is too long, its line feed included. */
static size_t excess_of(const json_t *object)
{
    size_t size = json_size(object) + 1;
    return size > EVENT_LINE_MAX ? size - EVENT_LINE_MAX : 0;
}

static void make_fit(json_t *object, const struct field *fields, size_t excess)
{
    struct pieces p = {0};

    collect(&p, object, fields);
    shorten_texts(&p, excess);
    pieces_free(&p);
    while ((excess = excess_of(object)) > 0) {
        collect(&p, object, fields); /* again: the sizes have changed */
        const struct piece *list = largest_list(&p);
        if (list)
            thin_list(list, excess);
        pieces_free(&p);
        if (!list)
            break;
    }
}

void fit_line(json_t *object, const struct field *fields, struct buf *out)
{
    size_t start = out->len;

    json_dump_callback(object, append, out, dump_flags);
    if (out->len - start >= EVENT_LINE_MAX) {
        size_t excess = out->len - start + 1 - EVENT_LINE_MAX;
        out->len = start;
        make_fit(object, fields, excess);
        json_dump_callback(object, append, out, dump_flags);
    }
    buf_addch(out, '\n');
}
