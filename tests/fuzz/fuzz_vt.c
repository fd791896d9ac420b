/* The whole terminal: guard, libvterm, grid, reflow, with resizes, input and looks in between. The first
 * bytes choose the size and how the rest is cut into pieces; a piece that begins with 0xfe is a command and
 * no output of the child. */
#include "base/buf.h"
#include "vt/terminal.h"

#include <locale.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    setlocale(LC_ALL, "C.UTF-8");
    return 0;
}

#define REQUIRE(condition) \
    do {                   \
        if (!(condition))  \
            abort();       \
    } while (0)

static void check_view(const struct terminal *t, const struct terminal_view *v, int rows, int cols)
{
    struct surface *s = surface_new(rows, cols);

    terminal_draw(t, area_of(s, (struct rect){0, 0, rows, cols}), v);
    for (int row = 0; row < rows; row++) {
        for (int col = 0; col < cols; col++) {
            const struct cell *c = surface_at(s, row, col);
            REQUIRE(c->ch >= ' ');
            REQUIRE(c->width != 2 || (col + 1 < cols && c[1].width == 0));
            REQUIRE(c->width != 0 || (col > 0 && c[-1].width == 2));
        }
    }
    surface_free(s);
}

static void check(const struct terminal *t, uint8_t how)
{
    struct terminal_cursor c = terminal_cursor(t);
    struct terminal_selection sel = {
        (enum terminal_select_kind)(how % 3), {terminal_first_line(t), how % 7}, c.at};
    struct terminal_view v = {.top = TERMINAL_FOLLOW, .focused = how & 1, .selection = &sel, .search = "a b"};
    struct terminal_match m;
    struct buf text = {0};

    REQUIRE(c.at.line >= terminal_screen_line(t) && c.at.line < terminal_end_line(t));
    REQUIRE(c.at.col >= 0 && c.at.col < terminal_cols(t));
    REQUIRE(terminal_end_line(t) - terminal_screen_line(t) == terminal_rows(t));
    REQUIRE(terminal_screen_line(t) >= terminal_first_line(t));
    check_view(t, &v, 1 + how % 9, 1 + how % 31);
    terminal_scroll(t, &v, -(how % 40));
    check_view(t, &v, terminal_rows(t), terminal_cols(t));
    terminal_selection_text(t, &sel, &text);
    terminal_search(t, "x", c.at, how & 2, &m);
    terminal_link(t, c.at);
    terminal_prompt(t, c.at.line, how & 4);
    struct terminal_pos p = terminal_move(t, c.at, (enum terminal_motion)(how % MOTION_COUNT_));
    REQUIRE(p.line >= terminal_first_line(t) && p.line < terminal_end_line(t) && p.col >= 0 &&
            p.col < terminal_cols(t));
    buf_free(&text);
}

static void resize(struct terminal *t, uint8_t a, uint8_t b)
{
    struct terminal_pos keep[] = {{terminal_first_line(t), a % terminal_cols(t)},
                                  {terminal_end_line(t) - 1, b % terminal_cols(t)}};

    terminal_resize(t, a % 24, b % 50, keep, 2);
    for (int i = 0; i < 2; i++)
        REQUIRE(keep[i].line >= terminal_first_line(t) && keep[i].line < terminal_end_line(t) &&
                keep[i].col >= 0 && keep[i].col < terminal_cols(t));
}

static void command(struct terminal *t, const uint8_t *d, size_t n)
{
    uint8_t a = n > 1 ? d[1] : 0, b = n > 2 ? d[2] : 0, c = n > 3 ? d[3] : 0;

    switch (a % 6) {
    case 0:
    case 1:
        resize(t, b, c);
        break;
    case 2:
        terminal_key(t, (enum terminal_key)(b % TKEY_COUNT_), c % 8);
        terminal_paste_part(t, (const char *)d, n, c & 8);
        break;
    case 3:
        terminal_mouse(t, &(struct terminal_mouse){.kind = (enum terminal_mouse_kind)(b % 3),
                                                   .button = (enum terminal_button)(b / 3 % 8),
                                                   .row = c % 16,
                                                   .col = c / 16});
        terminal_focus(t, b & 1);
        break;
    case 4:
        terminal_tick(t, b & 1 ? UINT64_MAX : 1);
        break;
    default:
        if (b == 0)
            terminal_reset(t);
        check(t, b);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    struct terminal *t = terminal_new(data[0] % 12, data[1] % 40, data[2] % 20, NULL, NULL);
    size_t piece = (size_t)data[3] % 48 + 1;

    for (size_t i = 4; i < size;) {
        size_t n = size - i < piece ? size - i : piece;
        if (data[i] == 0xfe)
            command(t, data + i, n = n < 8 ? n : 8);
        else
            terminal_feed(t, data + i, n);
        i += n;
    }
    check(t, data[3]);
    terminal_free(t);
    return 0;
}
