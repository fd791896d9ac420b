/* Events -> lines. */
#include "event/fit.h"
#include "event/words.h"

#include "base/mem.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

static json_t *encode_fields(const struct field *fields, const char *base, json_t *object);

static json_t *encode_text(const char *s)
{
    if (text_is_clean(s))
        return json_string(s);

    struct buf clean = {0};
    text_clean(&clean, s);
    json_t *string = json_string(buf_str(&clean));
    buf_free(&clean);
    return string;
}

static json_t *encode_count(uint64_t n)
{
    return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *encode_texts(const char *const *texts, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, encode_text(texts[i] ? texts[i] : ""));
    return array;
}

static json_t *encode_objects(const struct shape *shape, const char *items, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, encode_fields(shape->fields, items + i * shape->size, json_object()));
    return array;
}

/* The first field of such a struct is the text without which there is nothing to tell. */
static json_t *encode_object(const struct shape *shape, const char *item)
{
    if (!*(const char *const *)(item + shape->fields[0].offset))
        return NULL;
    return encode_fields(shape->fields, item, json_object());
}

/* NULL: the field is left out. */
static json_t *encode_field(const struct field *f, const char *base)
{
    const void *at = base + f->offset;
    const char *pointer;
    size_t count = f->count_offset ? *(const size_t *)(base + f->count_offset) : 0;

    switch (f->kind) {
    case FIELD_TEXT:
    case FIELD_OPTIONAL:
        pointer = *(const char *const *)at;
        return pointer ? encode_text(pointer) : NULL;
    case FIELD_TEXTS:
        return count ? encode_texts(*(const char *const *const *)at, count) : NULL;
    case FIELD_INT:
        return json_integer(*(const int *)at);
    case FIELD_COUNT:
        return encode_count(*(const uint64_t *)at);
    case FIELD_SEED:
        return json_sprintf("%" PRIu64, *(const uint64_t *)at);
    case FIELD_OFFSET:
        return *(const int64_t *)at >= 0 ? json_integer(*(const int64_t *)at) : NULL;
    case FIELD_REAL:
        return json_real(isfinite(*(const double *)at) ? *(const double *)at : 0);
    case FIELD_BOOL:
        return json_boolean(*(const bool *)at);
    case FIELD_STREAM:
        return json_string(*(const bool *)at ? "stderr" : "stdout");
    case FIELD_TIER:
    case FIELD_VERDICT:
    case FIELD_CAUSE:
        return json_string(word_of(f->kind, *(const int *)at));
    case FIELD_OBJECT:
        return encode_object(f->shape, at);
    case FIELD_POINTER:
        pointer = *(const char *const *)at;
        return pointer ? encode_fields(f->shape->fields, pointer, json_object()) : NULL;
    case FIELD_OBJECTS:
        return count ? encode_objects(f->shape, *(const char *const *)at, count) : NULL;
    }
    return NULL;
}

static json_t *encode_fields(const struct field *fields, const char *base, json_t *object)
{
    for (const struct field *f = fields; f->name; f++) {
        json_t *value = encode_field(f, base);
        if (value)
            json_object_set_new(object, f->name, value);
    }
    return object;
}

/* jansson's own memory goes through malloc; without any there is nothing to encode and nobody to tell. */
void event_encode(const struct event *e, struct buf *out)
{
    const struct event_shape *shape = &event_shapes[e->type];
    json_t *object = json_object();

    json_object_set_new(object, "v", json_integer(EVENT_VERSION));
    json_object_set_new(object, "type", json_string(shape->type));
    json_object_set_new(object, "t", json_real(isfinite(e->t) ? e->t : 0));
    encode_fields(shape->fields, (const char *)e, object);
    fit_line(object, shape->fields, out);
    json_decref(object);
}
