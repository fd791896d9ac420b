/* Byte strings kept once and named by a number of 16 bits, so that a cell has room for it: combining
 * sequences and the addresses of links. */
#ifndef VT_INTERN_H
#define VT_INTERN_H

#include <stddef.h>
#include <stdint.h>

enum { INTERN_MAX = 65535 };

struct intern {
    struct intern_entry {
        char *bytes; /* NUL-terminated; NULL: the number is free */
        size_t n;
        uint32_t hash;
    } * entries; /* number 1 is entries[0] */
    uint32_t count, cap;
    uint32_t *slots; /* hash table of numbers, 0: empty; a power of two, at most half full */
    uint32_t n_slots;
    uint32_t free_hint;
    uint32_t n_free;
};

void intern_free(struct intern *in);

/* The number (from 1) of these bytes, new or known; 0 when all numbers are taken. */
unsigned intern_add(struct intern *in, const void *bytes, size_t n);

/* The bytes of a number that intern_add gave. */
const char *intern_get(const struct intern *in, unsigned id, size_t *n);

/* Forgets all whose bit (id % 8 of live[id / 8]) is not set. */
void intern_sweep(struct intern *in, const uint8_t live[INTERN_MAX / 8 + 1]);

#endif
