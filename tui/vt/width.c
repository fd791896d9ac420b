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
