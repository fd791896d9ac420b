/* What the guard found in the stream and libvterm shall not see: done to the grid and the terminal. */
#include "vt/terminal_parts.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef void event_handler(struct terminal *t, const struct guard_event *e);

static void on_reply(struct terminal *t, const struct guard_event *e)
{
    terminal_output(t, e->text, e->n);
}

static void set_text(struct buf *b, const char *text, size_t n)
{
    buf_clear(b);
    buf_add(b, text, n);
}

static void on_title(struct terminal *t, const struct guard_event *e)
{
    set_text(&t->title, e->text, e->n);
    if (t->callbacks.title)
        t->callbacks.title(buf_str(&t->title), t->user);
}

/* A directory on another machine (a shell behind ssh says so) is none of ours. */
static void on_directory(struct terminal *t, const struct guard_event *e)
{
    char name[256] = "";
    const char *host = e->text, *path = e->text + strlen(e->text) + 1;

    if (gethostname(name, sizeof name - 1) != 0)
        name[0] = '\0';
    if (*host && strcmp(host, "localhost") != 0 && strcmp(host, name) != 0)
        return;
    set_text(&t->directory, path, strlen(path));
    if (t->callbacks.directory)
        t->callbacks.directory(path, t->user);
}

static void on_link(struct terminal *t, const struct guard_event *e)
{
    grid_set_link(t->grid, e->text, e->n);
}

static void on_color_query(struct terminal *t, const struct guard_event *e)
{
    long c = e->number == 10 ? t->foreground : t->background;
    unsigned r = c >> 16 & 0xff, g = c >> 8 & 0xff, b = c & 0xff;
    char text[64];

    if (c < 0)
        return;
    int n = snprintf(text, sizeof text, "\033]%d;rgb:%02x%02x/%02x%02x/%02x%02x%s", e->number, r, r, g, g, b,
                     b, e->on ? "\007" : "\033\\");
    terminal_output(t, text, (size_t)n);
}

static void on_clipboard(struct terminal *t, const struct guard_event *e)
{
    if (t->callbacks.clipboard)
        t->callbacks.clipboard(e->text, e->n, t->user);
}

static void on_prompt(struct terminal *t, const struct guard_event *e)
{
    int row, col;

    emulator_cursor(t->emulator, &row, &col);
    if (e->number == 'A')
        t->grid->screen[row]->flags |= ROW_PROMPT;
}

static void on_mark(struct terminal *t, const struct guard_event *e)
{
    int row, col;

    emulator_cursor(t->emulator, &row, &col);
    grid_mark(t->grid, row, col, (uint32_t)e->number);
}

static void on_stand_in(struct terminal *t, const struct guard_event *e)
{
    t->grid->stand_in = (uint32_t)e->number;
}

static void apply_extra(struct terminal *t, unsigned extra)
{
    unsigned attrs = t->grid->pen.attrs & ~(unsigned)(ATTR_DIM | ATTR_CONCEAL | GRID_OVERLINE);

    attrs |= extra & EXTRA_DIM ? ATTR_DIM : 0u;
    attrs |= extra & EXTRA_CONCEAL ? ATTR_CONCEAL : 0u;
    attrs |= extra & EXTRA_OVERLINE ? (unsigned)GRID_OVERLINE : 0u;
    t->grid->pen.attrs = (uint16_t)attrs;
}

static void on_extra(struct terminal *t, const struct guard_event *e)
{
    apply_extra(t, (unsigned)e->number);
}

static void begin_sync(struct terminal *t)
{
    if (t->grid->snapshot)
        return;
    t->snapshot_cursor = terminal_cursor(t);
    t->snapshot_row = (int)(t->snapshot_cursor.at.line - grid_screen_line(t->grid));
    grid_take_snapshot(t->grid);
    t->sync_deadline = clock_now_ns() + TERMINAL_SYNC_MS * NS_PER_MS;
}

void terminal_end_sync(struct terminal *t)
{
    grid_drop_snapshot(t->grid);
    t->sync_deadline = 0;
}

static void on_mode(struct terminal *t, const struct guard_event *e)
{
    if (e->number == 2026) {
        if (e->on)
            begin_sync(t);
        else
            terminal_end_sync(t);
    }
    t->mouse_row = t->mouse_col = -1;
}

static void save_cursor(struct terminal *t)
{
    struct saved_cursor *s = &t->saved[t->grid->alternate];

    emulator_cursor(t->emulator, &s->row, &s->col);
    s->pen = t->grid->pen;
    s->shift = t->guard.shift;
}

static int clamp(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

/* Character sets, origin mode, pen and place, by the sequences that bring them about. */
static void restore_cursor(struct terminal *t)
{
    struct saved_cursor s = t->saved[t->grid->alternate];
    char text[32];
    int n = 0;

    for (int i = 0; i < 4; i++) {
        char set = s.shift.charset[i] ? s.shift.charset[i] : 'B';
        s.shift.charset[i] = set;
        text[n++] = '\033';
        text[n++] = (char)('(' + i);
        text[n++] = set;
    }
    static const char *const shifts[] = {"\017", "\016", "\033n", "\033o"};
    n += snprintf(text + n, sizeof text - (size_t)n, "%s", shifts[s.shift.gl & 3]);
    emulator_write(t->emulator, text, (size_t)n);
    emulator_write(t->emulator, "\033[?6l", 5);
    emulator_move(t->emulator, clamp(s.row, 0, t->grid->rows - 1), clamp(s.col, 0, t->grid->cols - 1));
    emulator_set_pen(t->emulator, &s.pen);
    t->grid->pen.link = 0;
    t->guard.link = false;
    apply_extra(t, s.shift.extra);
    t->guard.shift = s.shift;
    /* Going back to origin mode would move the cursor home, so it is moved once more, from the region's
     * corner. */
    if (s.shift.origin) {
        int top_row, left_col;
        emulator_write(t->emulator, "\033[?6h", 5);
        emulator_cursor(t->emulator, &top_row, &left_col);
        emulator_move(t->emulator, clamp(s.row - top_row, 0, t->grid->rows - 1), s.col);
    }
    uint32_t origin = 1u << MODE_ORIGIN;
    t->guard.modes = s.shift.origin ? t->guard.modes | origin : t->guard.modes & ~origin;
}

static void on_save(struct terminal *t, const struct guard_event *e)
{
    (void)e;
    save_cursor(t);
}

static void on_restore(struct terminal *t, const struct guard_event *e)
{
    (void)e;
    restore_cursor(t);
}

static void on_alternate(struct terminal *t, const struct guard_event *e)
{
    bool was = t->grid->alternate;

    if (e->on && !was) {
        if (e->number == 1049)
            save_cursor(t);
        emulator_cursor(t->emulator, &t->primary_row, &t->primary_col);
    }
    if (e->on != was || e->number == 1049)
        grid_use_alternate(t->grid, e->on, e->number == 1049);
    if (!e->on && e->number == 1049)
        restore_cursor(t);
}

static void on_clear_history(struct terminal *t, const struct guard_event *e)
{
    (void)e;
    if (!t->grid->alternate)
        grid_clear_history(t->grid);
}

static void on_alignment(struct terminal *t, const struct guard_event *e)
{
    (void)e;
    emulator_write(t->emulator, "\033[r", 3);
    grid_fill(t->grid, 'E');
}

static void on_soft_reset(struct terminal *t, const struct guard_event *e)
{
    static const char reset[] =
        "\033[4l\033[20l\033[?6l\033[?7h\033[r\033[0m\033[0\"q\033(B\033)B\033*B\033+B\017";
    int row, col;

    (void)e;
    emulator_cursor(t->emulator, &row, &col);
    emulator_write(t->emulator, reset, sizeof reset - 1);
    emulator_move(t->emulator, row, col);
    apply_extra(t, 0);
    t->saved[t->grid->alternate] = (struct saved_cursor){0};
}

void terminal_reset_screen(struct terminal *t)
{
    grid_reset(t->grid);
    emulator_reset(t->emulator, true);
    memset(t->saved, 0, sizeof t->saved);
    terminal_end_sync(t);
}

static void on_hard_reset(struct terminal *t, const struct guard_event *e)
{
    (void)e;
    terminal_reset_screen(t);
}

static void on_size_query(struct terminal *t, const struct guard_event *e)
{
    char text[48];

    /* The size in pixels (14, 16) is not known here. */
    if (e->number != 18 && e->number != 19)
        return;
    int n = snprintf(text, sizeof text, "\033[%d;%d;%dt", e->number - 10, t->grid->rows, t->grid->cols);
    terminal_output(t, text, (size_t)n);
}

static event_handler *const handlers[] = {
    [GUARD_REPLY] = on_reply,
    [GUARD_TITLE] = on_title,
    [GUARD_DIRECTORY] = on_directory,
    [GUARD_COLOR_QUERY] = on_color_query,
    [GUARD_LINK] = on_link,
    [GUARD_CLIPBOARD] = on_clipboard,
    [GUARD_PROMPT] = on_prompt,
    [GUARD_MARK] = on_mark,
    [GUARD_STAND_IN] = on_stand_in,
    [GUARD_EXTRA] = on_extra,
    [GUARD_MODE] = on_mode,
    [GUARD_ALTERNATE] = on_alternate,
    [GUARD_SAVE] = on_save,
    [GUARD_RESTORE] = on_restore,
    [GUARD_CURSOR_STYLE] = NULL,
    [GUARD_CLEAR_HISTORY] = on_clear_history,
    [GUARD_ALIGNMENT] = on_alignment,
    [GUARD_SOFT_RESET] = on_soft_reset,
    [GUARD_HARD_RESET] = on_hard_reset,
    [GUARD_SIZE_QUERY] = on_size_query,
};

void terminal_event(void *context, const struct guard_event *e)
{
    if (handlers[e->type])
        handlers[e->type](context, e);
}
