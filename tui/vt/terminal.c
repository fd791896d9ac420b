/* Guard, emulator and grid put together. */
#include "vt/terminal_parts.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STRING_MS = 5000 }; /* an unfinished string is given up after that */

static const uint64_t ns_per_ms = 1000000;

void terminal_output(struct terminal *t, const char *bytes, size_t n)
{
    if (n && t->callbacks.output)
        t->callbacks.output(bytes, n, t->user);
}

/* ---- What the guard found ---- */

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
    t->sync_deadline = clock_now_ns() + TERMINAL_SYNC_MS * ns_per_ms;
}

static void end_sync(struct terminal *t)
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
            end_sync(t);
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

static void reset_screen(struct terminal *t)
{
    grid_reset(t->grid);
    emulator_reset(t->emulator, true);
    memset(t->saved, 0, sizeof t->saved);
    end_sync(t);
}

static void on_hard_reset(struct terminal *t, const struct guard_event *e)
{
    (void)e;
    reset_screen(t);
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

static void sink_event(void *context, const struct guard_event *e)
{
    if (handlers[e->type])
        handlers[e->type](context, e);
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
    const struct guard_sink sink = {.write = sink_write, .event = sink_event, .context = t};

    guard_feed(&t->guard, bytes, n, &sink);
    if (!guard_in_string(&t->guard)) {
        t->string_deadline = 0;
    } else if (!t->string_deadline || t->strings != t->guard.strings) {
        t->string_deadline = clock_now_ns() + STRING_MS * ns_per_ms;
        t->strings = t->guard.strings;
    }
    if (n && t->callbacks.damage)
        t->callbacks.damage(t->user);
}

void terminal_reset(struct terminal *t)
{
    guard_abort(&t->guard);
    guard_reset_modes(&t->guard);
    reset_screen(t);
    buf_clear(&t->title);
    buf_clear(&t->directory);
    t->string_deadline = 0;
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
        end_sync(t);
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
