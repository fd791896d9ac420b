#include "vt/intern.h"

#include "base/mem.h"

#include <string.h>

void intern_free(struct intern *in)
{
    for (uint32_t i = 0; i < in->count; i++)
        free(in->entries[i].bytes);
    free(in->entries);
    free(in->slots);
    memset(in, 0, sizeof *in);
}

/* FNV-1a. */
static uint32_t hash_of(const uint8_t *b, size_t n)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 16777619u;
    return h;
}

static void slot_insert(struct intern *in, uint32_t id)
{
    uint32_t at = in->entries[id - 1].hash & (in->n_slots - 1);

    while (in->slots[at])
        at = (at + 1) & (in->n_slots - 1);
    in->slots[at] = id;
}

static void rebuild(struct intern *in, uint32_t n_slots)
{
    free(in->slots);
    in->slots = xcalloc(n_slots, sizeof *in->slots);
    in->n_slots = n_slots;
    for (uint32_t i = 0; i < in->count; i++)
        if (in->entries[i].bytes)
            slot_insert(in, i + 1);
}

/* An unused number: a freed one, or the next. */
static uint32_t take_number(struct intern *in)
{
    if (in->n_free) {
        while (in->entries[in->free_hint].bytes)
            in->free_hint++;
        in->n_free--;
        return in->free_hint + 1;
    }
    if (in->count == INTERN_MAX)
        return 0;
    if (in->count == in->cap) {
        in->cap = in->cap ? in->cap * 2 : 16;
        in->entries = xreallocarray(in->entries, in->cap, sizeof *in->entries);
    }
    in->entries[in->count].bytes = NULL;
    return ++in->count;
}

unsigned intern_add(struct intern *in, const void *bytes, size_t n)
{
    uint32_t hash = hash_of(bytes, n);

    if (in->n_slots) {
        for (uint32_t at = hash & (in->n_slots - 1); in->slots[at]; at = (at + 1) & (in->n_slots - 1)) {
            const struct intern_entry *e = &in->entries[in->slots[at] - 1];
            if (e->hash == hash && e->n == n && memcmp(e->bytes, bytes, n) == 0)
                return in->slots[at];
        }
    }
    uint32_t id = take_number(in);
    if (!id)
        return 0;
    struct intern_entry *e = &in->entries[id - 1];
    e->bytes = xmalloc(n + 1);
    memcpy(e->bytes, bytes, n);
    e->bytes[n] = '\0';
    e->n = n;
    e->hash = hash;
    if (in->n_slots < (in->count - in->n_free) * 2)
        rebuild(in, in->n_slots ? in->n_slots * 2 : 64);
    else
        slot_insert(in, id);
    return id;
}

const char *intern_get(const struct intern *in, unsigned id, size_t *n)
{
    const struct intern_entry *e = &in->entries[id - 1];

    if (n)
        *n = e->n;
    return e->bytes;
}

void intern_sweep(struct intern *in, const uint8_t live[INTERN_MAX / 8 + 1])
{
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t id = i + 1;
        if (!in->entries[i].bytes || (live[id / 8] >> id % 8 & 1))
            continue;
        free(in->entries[i].bytes);
        in->entries[i].bytes = NULL;
        in->n_free++;
    }
    in->free_hint = 0;
    if (in->n_slots)
        rebuild(in, in->n_slots);
}
