#include "vt/width.h"

#include "base/mem.h"

struct range {
    uint32_t first, last;
};

static const struct range zero[] = {
#include "vt/width_zero.inc"
};

static const struct range invisible[] = {
    {0x034f, 0x034f}, {0x061c, 0x061c}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x202a, 0x202e},
    {0x2060, 0x206f}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
};

static const struct range late_wide[] = {
    {0x16fe1, 0x16fe3}, {0x16ff0, 0x16ff1}, {0x187ed, 0x187f7}, {0x18af3, 0x18cd5}, {0x18d00, 0x18d08},
    {0x1aff0, 0x1aff3}, {0x1aff5, 0x1affb}, {0x1affd, 0x1affe}, {0x1b002, 0x1b122}, {0x1b150, 0x1b152},
    {0x1b164, 0x1b167}, {0x1b170, 0x1b2fb}, {0x1f260, 0x1f265}, {0x1f6d5, 0x1f6d7}, {0x1f6dd, 0x1f6df},
    {0x1f6f7, 0x1f6fc}, {0x1f7e0, 0x1f7eb}, {0x1f7f0, 0x1f7f0}, {0x1f90c, 0x1f90f}, {0x1f91f, 0x1f91f},
    {0x1f928, 0x1f92f}, {0x1f931, 0x1f932}, {0x1f93f, 0x1f93f}, {0x1f94c, 0x1f94f}, {0x1f95f, 0x1f97f},
    {0x1f992, 0x1f9bf}, {0x1f9c1, 0x1f9ff}, {0x1fa70, 0x1fa74}, {0x1fa78, 0x1fa7c}, {0x1fa80, 0x1fa86},
    {0x1fa90, 0x1faac}, {0x1fab0, 0x1faba}, {0x1fac0, 0x1fac5}, {0x1fad0, 0x1fad9}, {0x1fae0, 0x1fae7},
    {0x1faf0, 0x1faf6},
};

static bool in_ranges(const struct range *r, size_t n, uint32_t cp)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cp > r[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && cp >= r[low].first;
}

bool width_is_zero(uint32_t cp)
{
    /* Nothing before U+0300, and nothing among the many CJK ideographs. */
    if (cp < 0x300 || (cp >= 0x3100 && cp < 0xa66f))
        return false;
    return in_ranges(zero, ARRAY_LEN(zero), cp);
}

bool width_is_invisible(uint32_t cp)
{
    return cp >= 0x300 && in_ranges(invisible, ARRAY_LEN(invisible), cp);
}

bool width_is_late_wide(uint32_t cp)
{
    return cp >= 0x16fe1 && in_ranges(late_wide, ARRAY_LEN(late_wide), cp);
}
