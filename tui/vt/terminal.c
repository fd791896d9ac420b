/* Guard, emulator and grid put together. */
#include "vt/terminal_parts.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { STRING_MS = 5000 }; /* an unfinished string is given up after that */

void terminal_output(struct terminal *t, const char *bytes, size_t n)
{
    if (n && t->callbacks.output)
        t->callbacks.output(bytes, n, t->user);
}

static int clamp(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

static void sink_write(void *context, const char *bytes, size_t n)
{
    struct terminal *t = context;

    emulator_write(t->emulator, bytes, n);
}

/* ---- Life ---- */

static void emulator_output(const char *bytes, size_t n, void *user)
{
    terminal_output(user, bytes, n);
}

static void emulator_bell(void *user)
{
    struct terminal *t = user;

    if (t->callbacks.bell)
        t->callbacks.bell(t->user);
}

struct terminal *terminal_new(int rows, int cols, int history, const struct terminal_callbacks *callbacks,
                              void *user)
{
    struct terminal *t = xcalloc(1, sizeof *t);

    rows = clamp(rows, TERMINAL_MIN_ROWS, TERMINAL_MAX_ROWS);
    cols = clamp(cols, TERMINAL_MIN_COLS, TERMINAL_MAX_COLS);
    if (callbacks)
        t->callbacks = *callbacks;
    t->user = user;
    t->mouse_row = t->mouse_col = -1;
    t->foreground = t->background = -1;
    t->grid = grid_new(rows, cols, history);
    guard_init(&t->guard, rows * cols);
    t->emulator = emulator_new(t->grid, emulator_output, emulator_bell, t);
    return t;
}

void terminal_free(struct terminal *t)
{
    if (!t)
        return;
    emulator_free(t->emulator);
    grid_free(t->grid);
    guard_free(&t->guard);
    buf_free(&t->title);
    buf_free(&t->directory);
    free(t);
}

void terminal_feed(struct terminal *t, const void *bytes, size_t n)
{
    const struct guard_sink sink = {.write = sink_write, .event = terminal_event, .context = t};

    guard_feed(&t->guard, bytes, n, &sink);
    if (!guard_in_string(&t->guard)) {
        t->string_deadline = 0;
    } else if (!t->string_deadline || t->strings != t->guard.strings) {
        t->string_deadline = clock_now_ns() + STRING_MS * NS_PER_MS;
        t->strings = t->guard.strings;
    }
    if (n && t->callbacks.damage)
        t->callbacks.damage(t->user);
}

void terminal_set_colors(struct terminal *t, long foreground, long background)
{
    t->foreground = foreground;
    t->background = background;
}

void terminal_reset(struct terminal *t)
{
    guard_abort(&t->guard);
    guard_reset_modes(&t->guard);
    terminal_reset_screen(t);
    buf_clear(&t->title);
    buf_clear(&t->directory);
    t->string_deadline = 0;
    t->paste.open = false;
}

uint64_t terminal_deadline(const struct terminal *t)
{
    if (!t->sync_deadline || !t->string_deadline)
        return t->sync_deadline | t->string_deadline;
    return t->sync_deadline < t->string_deadline ? t->sync_deadline : t->string_deadline;
}

void terminal_tick(struct terminal *t, uint64_t now_ns)
{
    if (t->string_deadline && now_ns >= t->string_deadline) {
        guard_abort(&t->guard);
        t->string_deadline = 0;
    }
    if (t->sync_deadline && now_ns >= t->sync_deadline) {
        terminal_end_sync(t);
        if (t->callbacks.damage)
            t->callbacks.damage(t->user);
    }
}

/* ---- Size ---- */

int terminal_rows(const struct terminal *t)
{
    return t->grid->rows;
}

int terminal_cols(const struct terminal *t)
{
    return t->grid->cols;
}

/* Positions on the alternate screen stay in their row; those on the primary one have moved with the text. */
static void keep_in_alternate(const struct terminal *t, struct terminal_pos *keep, size_t n, long old_screen)
{
    long screen = grid_screen_line(t->grid);

    for (size_t i = 0; i < n; i++) {
        keep[i].line = screen + clamp((int)(keep[i].line - old_screen), 0, t->grid->rows - 1);
        keep[i].col = clamp(keep[i].col, 0, t->grid->cols - 1);
    }
}

void terminal_resize(struct terminal *t, int rows, int cols, struct terminal_pos *keep, size_t n)
{
    struct grid *g = t->grid;
    long screen = grid_screen_line(g);
    int row, col;

    rows = clamp(rows, TERMINAL_MIN_ROWS, TERMINAL_MAX_ROWS);
    cols = clamp(cols, TERMINAL_MIN_COLS, TERMINAL_MAX_COLS);
    if (rows == g->rows && cols == g->cols)
        return;
    emulator_cursor(t->emulator, &row, &col);
    if (!g->alternate) {
        t->primary_row = row;
        t->primary_col = col;
    }
    struct grid_pos *pos = xcalloc(n + 2, sizeof *pos);
    pos[0] = (struct grid_pos){.line = screen + t->primary_row, .col = t->primary_col, .is_cursor = true};
    pos[1] = (struct grid_pos){.line = screen + t->saved[0].row, .col = t->saved[0].col};
    for (size_t i = 0; i < n; i++)
        pos[2 + i] = (struct grid_pos){.line = keep[i].line, .col = keep[i].col};
    grid_resize(g, rows, cols, pos, n + 2);
    long new_screen = grid_screen_line(g);
    t->primary_row = (int)(pos[0].line - new_screen);
    t->primary_col = pos[0].col;
    t->saved[0].row = pos[1].line < new_screen ? 0 : (int)(pos[1].line - new_screen);
    t->saved[0].col = pos[1].col;
    if (g->alternate)
        keep_in_alternate(t, keep, n, screen);
    else
        for (size_t i = 0; i < n; i++)
            keep[i] = (struct terminal_pos){.line = pos[2 + i].line, .col = pos[2 + i].col};
    free(pos);
    t->sync_deadline = 0;
    t->guard.repeat_max = rows * cols;
    t->guard.shift.origin = false;
    t->guard.modes &= ~(1u << MODE_ORIGIN);
    if (g->alternate)
        emulator_resize(t->emulator, clamp(row, 0, rows - 1), clamp(col, 0, cols - 1));
    else
        emulator_resize(t->emulator, t->primary_row, t->primary_col);
}

/* ---- Questions ---- */

struct terminal_modes terminal_modes(const struct terminal *t)
{
    const struct guard *g = &t->guard;

    return (struct terminal_modes){
        .alternate = t->grid->alternate,
        .mouse = guard_mode(g, MODE_MOUSE_X10) || guard_mode(g, MODE_MOUSE_CLICK) ||
                 guard_mode(g, MODE_MOUSE_DRAG) || guard_mode(g, MODE_MOUSE_MOVE),
        .bracketed_paste = guard_mode(g, MODE_PASTE),
        .focus = guard_mode(g, MODE_FOCUS),
        .application_cursor = guard_mode(g, MODE_APPLICATION_CURSOR),
        .application_keypad = guard_mode(g, MODE_KEYPAD),
        .synchronised = t->grid->snapshot != NULL,
    };
}

const char *terminal_title(const struct terminal *t)
{
    return buf_str(&t->title);
}

const char *terminal_directory(const struct terminal *t)
{
    return buf_str(&t->directory);
}

struct terminal_cursor terminal_cursor(const struct terminal *t)
{
    /* DECSCUSR: 0 and 1 a blinking block, 2 a steady one, and so on in pairs. */
    unsigned style = t->guard.cursor_style ? t->guard.cursor_style : 1u;
    static const enum cursor_shape shapes[] = {CURSOR_BLOCK, CURSOR_UNDERLINE, CURSOR_BAR};
    int row, col;

    emulator_cursor(t->emulator, &row, &col);
    return (struct terminal_cursor){
        .at = {grid_screen_line(t->grid) + row, col},
        .visible = guard_mode(&t->guard, MODE_CURSOR_VISIBLE),
        .blink = style % 2 == 1 || guard_mode(&t->guard, MODE_CURSOR_BLINK),
        .shape = shapes[(style - 1) / 2],
    };
}

long terminal_first_line(const struct terminal *t)
{
    return grid_first_line(t->grid);
}

long terminal_screen_line(const struct terminal *t)
{
    return grid_screen_line(t->grid);
}

long terminal_end_line(const struct terminal *t)
{
    return grid_screen_line(t->grid) + t->grid->rows;
}

const char *terminal_link(const struct terminal *t, struct terminal_pos at)
{
    struct grid_cell c = grid_cell_at(grid_line(t->grid, at.line), at.col);

    return c.link ? intern_get(&t->grid->links, c.link, NULL) : NULL;
}

long terminal_prompt(const struct terminal *t, long line, bool backwards)
{
    long step = backwards ? -1 : 1;

    for (line += step; line >= terminal_first_line(t) && line < terminal_end_line(t); line += step) {
        const struct row *r = grid_line(t->grid, line);
        if (r && (r->flags & ROW_PROMPT))
            return line;
    }
    return -1;
}
