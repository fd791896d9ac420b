/* Colours for terminals that have fewer. The 256 are xterm's: 16 of the user's own, a cube of 6x6x6, 24
 * greys. */
#include "tty/tty.h"

static const int cube_levels[6] = {0, 95, 135, 175, 215, 255};

static int nearest_level(int v)
{
    int best = 0;
    for (int i = 1; i < 6; i++) {
        int d = v - cube_levels[i], least = v - cube_levels[best];
        if (d * d < least * least)
            best = i;
    }
    return best;
}

static int distance(int r, int g, int b, int r2, int g2, int b2)
{
    return (r - r2) * (r - r2) + (g - g2) * (g - g2) + (b - b2) * (b - b2);
}

int color_to_256(int r, int g, int b)
{
    int cr = nearest_level(r), cg = nearest_level(g), cb = nearest_level(b);
    int cube = distance(r, g, b, cube_levels[cr], cube_levels[cg], cube_levels[cb]);
    int average = (r + g + b) / 3;
    int step = average < 8 ? 0 : average > 238 ? 23 : (average - 3) / 10; /* greys are 8, 18 ... 238 */
    int grey = 8 + 10 * step;

    if (distance(r, g, b, grey, grey, grey) < cube)
        return 232 + step;
    return 16 + 36 * cr + 6 * cg + cb;
}

int color_256_to_16(int index)
{
    if (index < 16)
        return index;
    int r, g, b;
    if (index >= 232) {
        r = g = b = 8 + 10 * (index - 232);
    } else {
        r = cube_levels[(index - 16) / 36];
        g = cube_levels[(index - 16) / 6 % 6];
        b = cube_levels[(index - 16) % 6];
    }
    int high = r > g ? r : g;
    high = high > b ? high : b;
    int low = r < g ? r : g;
    low = low < b ? low : b;
    if (high - low < 32) /* a grey */
        return high < 64 ? 0 : high < 150 ? 8 : high < 210 ? 7 : 15;
    int half = high / 2;
    int base = (r > half ? 1 : 0) | (g > half ? 2 : 0) | (b > half ? 4 : 0);
    return high > 200 ? base + 8 : base;
}
