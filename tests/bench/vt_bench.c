/* How fast the embedded terminal takes output, redraws and rewraps, and what it needs with a full history.
 * bench_vt [ROWS COLS] */
#include "base/buf.h"
#include "base/clock.h"
#include "vt/terminal.h"

#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AMOUNT = 16 << 20, PIECE = 64 << 10 };

static unsigned next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33);
}

/* One unit of output, added again and again. */
typedef void generator(struct buf *out, uint64_t *seed, size_t i);

static void yes(struct buf *out, uint64_t *seed, size_t i)
{
    (void)seed, (void)i;
    buf_addstr(out, "y\r\n");
}

static void seq(struct buf *out, uint64_t *seed, size_t i)
{
    (void)seed;
    buf_printf(out, "%zu\r\n", i);
}

static void lines(struct buf *out, uint64_t *seed, size_t i)
{
    (void)i;
    for (int k = 0; k < 80; k++)
        buf_addch(out, (char)(' ' + next_random(seed) % 95));
    buf_addstr(out, "\r\n");
}

static void dense(struct buf *out, uint64_t *seed, size_t i)
{
    (void)i;
    for (int k = 0; k < 1000; k++)
        buf_addch(out, (char)(' ' + next_random(seed) % 95));
}

static void colors(struct buf *out, uint64_t *seed, size_t i)
{
    (void)i;
    buf_printf(out, "\033[38;5;%u;48;5;%um%c", next_random(seed) % 256, next_random(seed) % 256,
               'a' + (int)(next_random(seed) % 26));
}

static void truecolor(struct buf *out, uint64_t *seed, size_t i)
{
    unsigned c = next_random(seed), d = next_random(seed);

    (void)i;
    buf_printf(out, "\033[38;2;%u;%u;%u;48;2;%u;%u;%um%c", c & 255, c >> 8 & 255, c >> 16 & 255, d & 255,
               d >> 8 & 255, d >> 16 & 255, 'a' + (int)(c % 26));
}

static void cjk(struct buf *out, uint64_t *seed, size_t i)
{
    (void)i;
    for (int k = 0; k < 40; k++) {
        unsigned cp = 0x4e00 + next_random(seed) % 5000;
        char bytes[] = {(char)(0xe0 | cp >> 12), (char)(0x80 | (cp >> 6 & 0x3f)), (char)(0x80 | (cp & 0x3f))};
        buf_add(out, bytes, 3);
    }
    buf_addstr(out, "\r\n");
}

static void combining(struct buf *out, uint64_t *seed, size_t i)
{
    (void)seed, (void)i;
    buf_addstr(out, "e\xcc\x81t\xcc\xa3 ");
}

static void region(struct buf *out, uint64_t *seed, size_t i)
{
    (void)seed;
    if (i == 0)
        buf_addstr(out, "\033[2;20r\033[20;1H");
    buf_printf(out, "line %zu\r\n", i);
}

static void cursor(struct buf *out, uint64_t *seed, size_t i)
{
    (void)i;
    buf_printf(out, "\033[%u;%uHx", 1 + next_random(seed) % 50, 1 + next_random(seed) % 120);
}

static const struct {
    const char *name;
    generator *generate;
} kinds[] = {
    {"yes", yes},
    {"seq", seq},
    {"80-column lines", lines},
    {"dense text", dense},
    {"256 colours", colors},
    {"true colour", truecolor},
    {"CJK lines", cjk},
    {"combining", combining},
    {"scroll region", region},
    {"cursor moves", cursor},
};

static void measure(size_t which, int rows, int cols)
{
    struct buf bytes = {0};
    uint64_t seed = 1;
    size_t newlines = 0;

    for (size_t i = 0; bytes.len < AMOUNT; i++)
        kinds[which].generate(&bytes, &seed, i);
    for (size_t i = 0; i < bytes.len; i++)
        newlines += bytes.data[i] == '\n';
    struct terminal *t = terminal_new(rows, cols, TERMINAL_HISTORY, NULL, NULL);
    uint64_t since = clock_now_ns();
    for (size_t i = 0; i < bytes.len; i += PIECE)
        terminal_feed(t, bytes.data + i, bytes.len - i < PIECE ? bytes.len - i : PIECE);
    double seconds = clock_ms_since(since) / 1e3;
    printf("%-16s %7.1f MB/s", kinds[which].name, (double)bytes.len / seconds / 1e6);
    if (newlines)
        printf(" %9.0f lines/s", (double)newlines / seconds);
    printf("\n");
    terminal_free(t);
    buf_free(&bytes);
}

static void measure_history(int rows, int cols)
{
    struct buf line = {0};
    uint64_t seed = 1;
    size_t before = mallinfo2().uordblks;
    struct terminal *t = terminal_new(rows, cols, TERMINAL_HISTORY, NULL, NULL);

    for (int k = 0; k < cols; k++)
        buf_addch(&line, (char)('a' + next_random(&seed) % 26));
    buf_addstr(&line, "\r\n");
    for (int i = 0; i < TERMINAL_HISTORY + rows; i++)
        terminal_feed(t, line.data, line.len);
    printf("history          %7.1f MB with %d full lines of %d columns\n",
           (double)(mallinfo2().uordblks - before) / 1e6, TERMINAL_HISTORY, cols);
    uint64_t since = clock_now_ns();
    terminal_resize(t, rows, cols - 1, NULL, 0);
    printf("rewrap           %7.1f ms for all of it\n", clock_ms_since(since));
    struct terminal_match m;
    since = clock_now_ns();
    terminal_search(t, "not there", (struct terminal_pos){terminal_end_line(t) - 1, 0}, true, &m);
    printf("search           %7.1f ms for all of it\n", clock_ms_since(since));
    struct surface *s = surface_new(rows, cols);
    struct terminal_view v = {.top = TERMINAL_FOLLOW, .focused = true};
    since = clock_now_ns();
    for (int i = 0; i < 1000; i++)
        terminal_draw(t, area_of(s, (struct rect){0, 0, rows, cols}), &v);
    printf("draw             %7.1f us a screen\n", clock_ms_since(since));
    surface_free(s);
    terminal_free(t);
    buf_free(&line);
}

int main(int argc, char **argv)
{
    int rows = argc > 2 ? atoi(argv[1]) : 50, cols = argc > 2 ? atoi(argv[2]) : 120;

    setlocale(LC_ALL, "C.UTF-8");
    printf("embedded terminal, %d rows, %d columns\n", rows, cols);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        measure(i, rows, cols);
    measure_history(rows, cols);
    return 0;
}
