/* The values that checks are made of. All memory lives as long as the check. */
#include "base/mem.h"
#include "harness/world.h"

#include <stdio.h>
#include <string.h>

Bytes text(const char *s)
{
    return (Bytes){.data = (const uint8_t *)s, .size = strlen(s)};
}

Bytes bytes(const void *data, size_t size)
{
    return (Bytes){.data = data, .size = size};
}

/* splitmix64 (Steele, Lea, Flood 2014): every seed gives a sequence of its own, also 0. Each check starts
 * from the seed of the run and its own name, so that running one check alone gives it the same numbers. */
static uint64_t next_random(void)
{
    static uint64_t state;
    static bool seeded;

    if (!seeded) {
        seeded = true;
        state = world.run->seed;
        for (const char *p = world.run->check->id; *p; p++)
            state = (state ^ (uint8_t)*p) * 0x100000001b3u;
    }
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

Bytes random_bytes(size_t size)
{
    uint8_t *data = xmalloc(size);

    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word = next_random();
        memcpy(data + i, &word, size - i < sizeof word ? size - i : sizeof word);
    }
    return bytes(data, size);
}

int random_between(int low, int high)
{
    uint64_t span = (uint64_t)((int64_t)high - low + 1);

    return (int)(low + (int64_t)(next_random() % span));
}

Bytes all_byte_values(void)
{
    uint8_t *data = xmalloc(256);

    for (int i = 0; i < 256; i++)
        data[i] = (uint8_t)i;
    return bytes(data, 256);
}

/* Counts by hand: checks that flood a program ask for millions of lines, and printf would take a second for them. */
Bytes numbered_lines(size_t size)
{
    char line[] = "line 0000000000\n";
    enum { LINE = sizeof line - 1 };
    char *data = xmalloc(size + LINE);

    for (size_t at = 0; at < size; at += LINE) {
        for (char *digit = line + LINE - 2; ++*digit > '9'; digit--)
            *digit = '0';
        memcpy(data + at, line, LINE);
    }
    return bytes(data, size);
}

Bytes join(Bytes a, Bytes b)
{
    uint8_t *data = xmalloc(a.size + b.size);

    if (a.size > 0) /* of nothing there may be no address */
        memcpy(data, a.data, a.size);
    if (b.size > 0)
        memcpy(data + a.size, b.data, b.size);
    return bytes(data, a.size + b.size);
}

Bytes slice(Bytes b, size_t from, size_t size)
{
    if (from > b.size)
        from = b.size;
    if (size > b.size - from)
        size = b.size - from;
    return bytes(b.data + from, size);
}
