/* Lines -> events. The strings of an event live in its JSON tree, its arrays in blocks of their own. */
#include "event/words.h"

#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct owner {
    json_t *tree;
    struct block {
        struct block *next;
        max_align_t data[];
    } * blocks;
};

static int decode_fields(struct owner *o, const struct field *fields, json_t *object, char *base,
                         struct error *err);

static void *allocate(struct owner *o, size_t count, size_t size)
{
    struct block *b = xcalloc(1, sizeof *b + count * size); /* a line has at most EVENT_LINE_MAX items */
    b->next = o->blocks;
    o->blocks = b;
    return b->data;
}

/* The text, made safe to print whatever the line held. */
static const char *decode_text(json_t *value)
{
    if (!text_is_clean(json_string_value(value))) {
        struct buf clean = {0};
        text_clean(&clean, json_string_value(value));
        json_string_set(value, buf_str(&clean));
        buf_free(&clean);
    }
    return json_string_value(value);
}

static int wrong(struct error *err, const struct field *f, const char *wanted)
{
    return error_set(err, "its field \"%s\" is not %s", f->name, wanted);
}

static int decode_texts(struct owner *o, const struct field *f, json_t *value, char *base, struct error *err)
{
    size_t n = json_array_size(value), i;
    json_t *item;

    if (!json_is_array(value))
        return wrong(err, f, "a list of texts");
    if (n == 0)
        return 0;
    const char **texts = allocate(o, n, sizeof *texts);
    json_array_foreach (value, i, item) {
        if (!json_is_string(item))
            return wrong(err, f, "a list of texts");
        texts[i] = decode_text(item);
    }
    *(const char ***)(void *)(base + f->offset) = texts;
    *(size_t *)(void *)(base + f->count_offset) = n;
    return 0;
}

static int decode_objects(struct owner *o, const struct field *f, json_t *value, char *base,
                          struct error *err)
{
    size_t n = json_array_size(value), i;
    json_t *item;

    if (!json_is_array(value) || (n > 0 && !json_is_object(json_array_get(value, 0))))
        return wrong(err, f, "a list of objects");
    if (n == 0)
        return 0;
    char *items = allocate(o, n, f->shape->size);
    json_array_foreach (value, i, item) {
        if (!json_is_object(item))
            return wrong(err, f, "a list of objects");
        if (decode_fields(o, f->shape->fields, item, items + i * f->shape->size, err))
            return -1;
    }
    *(void **)(void *)(base + f->offset) = items;
    *(size_t *)(void *)(base + f->count_offset) = n;
    return 0;
}

static int decode_object(struct owner *o, const struct field *f, json_t *value, char *at, struct error *err)
{
    if (!json_is_object(value))
        return wrong(err, f, "an object");
    if (f->kind == FIELD_POINTER) {
        char *item = allocate(o, 1, f->shape->size);
        *(void **)(void *)at = item;
        at = item;
    }
    return decode_fields(o, f->shape->fields, value, at, err);
}

static int decode_seed(const struct field *f, const char *digits, uint64_t *out, struct error *err)
{
    char *end;

    errno = 0;
    unsigned long long n = digits ? strtoull(digits, &end, 10) : 0;
    if (!digits || digits[0] < '0' || digits[0] > '9' || *end || errno)
        return wrong(err, f, "a string of decimal digits");
    *out = n;
    return 0;
}

static int decode_integer(const struct field *f, const json_t *value, void *at, struct error *err)
{
    json_int_t n = json_integer_value(value);
    json_int_t least = f->kind == FIELD_INT ? INT_MIN : f->kind == FIELD_OFFSET ? -1 : 0;
    json_int_t most = f->kind == FIELD_INT ? INT_MAX : INT64_MAX;

    if (!json_is_integer(value) || n < least || n > most)
        return wrong(err, f, "a whole number in its range");
    switch (f->kind) {
    case FIELD_INT:
        *(int *)at = (int)n;
        return 0;
    case FIELD_COUNT:
        *(uint64_t *)at = (uint64_t)n;
        return 0;
    default:
        *(int64_t *)at = n;
        return 0;
    }
}

static int decode_word(const struct field *f, const json_t *value, void *at, struct error *err)
{
    int n = json_is_string(value) ? word_value(f->kind, json_string_value(value)) : -1;
    if (n < 0)
        return wrong(err, f, "one of its words");
    *(int *)at = n;
    return 0;
}

static int decode_stream(const struct field *f, const json_t *value, bool *at, struct error *err)
{
    const char *name = json_is_string(value) ? json_string_value(value) : "";
    *at = strcmp(name, "stderr") == 0;
    return *at || strcmp(name, "stdout") == 0 ? 0 : wrong(err, f, "\"stdout\" or \"stderr\"");
}

static int decode_field(struct owner *o, const struct field *f, json_t *value, char *base, struct error *err)
{
    void *at = base + f->offset;

    switch (f->kind) {
    case FIELD_TEXT:
    case FIELD_OPTIONAL:
        if (!json_is_string(value))
            return wrong(err, f, "a text");
        *(const char **)at = decode_text(value);
        return 0;
    case FIELD_TEXTS:
        return decode_texts(o, f, value, base, err);
    case FIELD_INT:
    case FIELD_COUNT:
    case FIELD_OFFSET:
        return decode_integer(f, value, at, err);
    case FIELD_SEED:
        return decode_seed(f, json_string_value(value), at, err);
    case FIELD_REAL:
        *(double *)at = json_number_value(value);
        return json_is_number(value) ? 0 : wrong(err, f, "a number");
    case FIELD_BOOL:
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value) ? 0 : wrong(err, f, "true or false");
    case FIELD_STREAM:
        return decode_stream(f, value, at, err);
    case FIELD_TIER:
    case FIELD_VERDICT:
    case FIELD_CAUSE:
        return decode_word(f, value, at, err);
    case FIELD_OBJECT:
    case FIELD_POINTER:
        return decode_object(o, f, value, at, err);
    case FIELD_OBJECTS:
        return decode_objects(o, f, value, base, err);
    }
    return 0;
}

/* What a field is when the line does not have it; everything else is 0. */
static void set_missing(const struct field *f, char *base)
{
    if (f->kind == FIELD_TEXT)
        *(const char **)(void *)(base + f->offset) = "";
    if (f->kind == FIELD_OFFSET)
        *(int64_t *)(void *)(base + f->offset) = -1;
}

static int decode_fields(struct owner *o, const struct field *fields, json_t *object, char *base,
                         struct error *err)
{
    for (const struct field *f = fields; f->name; f++) {
        json_t *value = json_object_get(object, f->name);
        if (!value || json_is_null(value))
            set_missing(f, base);
        else if (decode_field(o, f, value, base, err))
            return -1;
    }
    return 0;
}

/* The event type of the object; -1 with the reason when it is no event of this version, -2 when it is
 * unknown. */
static int type_of(const json_t *object, struct error *err)
{
    const json_t *version = json_object_get(object, "v");
    const char *type = json_string_value(json_object_get(object, "type"));

    if (!json_is_object(object))
        return error_set(err, "it is not a JSON object");
    if (!json_is_integer(version) || !type)
        return error_set(err, "it has no version \"v\" or no \"type\"");
    if (json_integer_value(version) != EVENT_VERSION)
        return error_set(err,
                         "it is of version %" JSON_INTEGER_FORMAT " of the stream; this Lux reads version %d",
                         json_integer_value(version), EVENT_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(event_shapes); i++) {
        if (strcmp(event_shapes[i].type, type) == 0)
            return (int)i;
    }
    return -2;
}

int event_decode(const char *line, size_t len, struct event *out, struct error *err)
{
    static const struct field time_fields[] = {
        {"t", FIELD_REAL, offsetof(struct event, t), 0, NULL},
        {NULL, FIELD_TEXT, 0, 0, NULL},
    };
    json_error_t why;

    *out = (struct event){0};
    if (len > EVENT_LINE_MAX)
        return error_set(err, "it is longer than %d bytes", EVENT_LINE_MAX);
    json_t *tree = json_loadb(line, len, 0, &why);
    if (!tree)
        return error_set(err, "it is not JSON: %s", why.text);
    int type = type_of(tree, err);
    if (type < 0) {
        json_decref(tree);
        return type == -2 ? 1 : -1;
    }

    struct owner *o = xcalloc(1, sizeof *o);
    o->tree = tree;
    out->type = (enum event_type)type;
    out->owner = o;
    if (decode_fields(o, time_fields, tree, (char *)out, err) ||
        decode_fields(o, event_shapes[type].fields, tree, (char *)out, err)) {
        event_free(out);
        return -1;
    }
    return 0;
}

void event_free(struct event *e)
{
    struct owner *o = e->owner;

    if (o) {
        while (o->blocks) {
            struct block *b = o->blocks;
            o->blocks = b->next;
            free(b);
        }
        json_decref(o->tree);
        free(o);
    }
    *e = (struct event){0};
}
