/* Control sequences: which of them libvterm gets, which are ours, and the modes. What is in neither table is
 * unknown and dropped. */
#include "vt/guard_parts.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* libvterm has room for 16 parameters and does not look where it writes. */
enum { PASSED_PARAMS_MAX = 12 };

typedef void handler(struct guard *g, const struct guard_sink *sink, uint8_t final);

/* Writes the sequence again, in its canonical form: without leading zeros, with its numbers limited. */
static void pass(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    char text[16 + PASSED_PARAMS_MAX * 7];
    int at = 0;

    if (g->n_params > PASSED_PARAMS_MAX || g->too_many)
        return;
    text[at++] = '\033';
    text[at++] = '[';
    if (g->leader)
        text[at++] = (char)g->leader;
    for (int i = 0; i < g->n_params; i++) {
        if (i > 0)
            text[at++] = ';';
        if (g->params[i] >= 0)
            at += snprintf(text + at, sizeof text - (size_t)at, "%d", (int)g->params[i]);
    }
    for (int i = 0; i < g->n_inter; i++)
        text[at++] = (char)g->inter[i];
    text[at++] = (char) final;
    guard_put(g, sink, text, (size_t)at);
}

static void erase_display(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    if (guard_param(g, 0, 0) == 3 && !g->leader)
        guard_emit(g, sink, (struct guard_event){.type = GUARD_CLEAR_HISTORY});
    else
        pass(g, sink, final);
}

static void repeat(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    int n = guard_param(g, 0, 1);

    (void) final;
    if (!g->last_n)
        return;
    n = n < 1 ? 1 : n > g->repeat_max ? g->repeat_max : n;
    for (int i = 0; i < n; i++)
        guard_print_last(g, sink);
}

/* CSI T with more parameters is mouse tracking by highlighting, which would wait for an answer. */
static void scroll_down(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    if (g->n_params <= 1)
        pass(g, sink, final);
}

static void save(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    if (g->n_params == 0)
        guard_emit(g, sink, (struct guard_event){.type = final == 's' ? GUARD_SAVE : GUARD_RESTORE});
}

static void sgr(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    (void) final;
    guard_sgr(g, sink);
}

static void cursor_style(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    int style = guard_param(g, 0, 0);

    (void) final;
    if (style > 6)
        return;
    g->cursor_style = (uint8_t)style;
    guard_emit(g, sink, (struct guard_event){.type = GUARD_CURSOR_STYLE, .number = style});
}

static void soft_reset(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    (void) final;
    g->modes &= ~(1u << MODE_APPLICATION_CURSOR | 1u << MODE_ORIGIN | 1u << MODE_KEYPAD);
    g->modes |= 1u << MODE_AUTOWRAP | 1u << MODE_CURSOR_VISIBLE;
    g->shift = (struct guard_shift){.charset = {'B', 'B', 'B', 'B'}};
    guard_emit(g, sink, (struct guard_event){.type = GUARD_SOFT_RESET});
}

static void version(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    (void) final;
    if (guard_param(g, 0, 0) == 0)
        guard_reply(g, sink, "\033P>|luxtui(%s)\033\\", LUX_VERSION);
}

static void window(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    int op = guard_param(g, 0, 0);

    (void) final;
    if (op == 14 || op == 16 || op == 18 || op == 19)
        guard_emit(g, sink, (struct guard_event){.type = GUARD_SIZE_QUERY, .number = op});
}

/* ---- Modes ---- */

enum owner {
    OURS = 1 << 0,      /* the guard remembers it, and an event tells */
    LIBVTERMS = 1 << 1, /* libvterm acts on it; the guard remembers it, to answer */
    SCREEN = 1 << 2,    /* switches between the primary and the alternate screen */
    COLUMNS = 1 << 3    /* 80 or 132 columns */
};

static const struct dec_mode {
    int number;
    int bit; /* of enum guard_mode; -1: it has no state */
    unsigned owner;
} dec_modes[] = {
    {1, MODE_APPLICATION_CURSOR, OURS}, {3, MODE_COLUMNS, COLUMNS},      {5, MODE_REVERSE, OURS},
    {6, MODE_ORIGIN, LIBVTERMS},        {7, MODE_AUTOWRAP, LIBVTERMS},   {9, MODE_MOUSE_X10, OURS},
    {12, MODE_CURSOR_BLINK, OURS},      {25, MODE_CURSOR_VISIBLE, OURS}, {40, MODE_COLUMNS_ALLOWED, COLUMNS},
    {47, MODE_ALTERNATE, SCREEN},       {66, MODE_KEYPAD, OURS},         {1000, MODE_MOUSE_CLICK, OURS},
    {1002, MODE_MOUSE_DRAG, OURS},      {1003, MODE_MOUSE_MOVE, OURS},   {1004, MODE_FOCUS, OURS},
    {1005, MODE_MOUSE_UTF8, OURS},      {1006, MODE_MOUSE_SGR, OURS},    {1007, MODE_WHEEL_ARROWS, OURS},
    {1015, MODE_MOUSE_URXVT, OURS},     {1047, MODE_ALTERNATE, SCREEN},  {1048, -1, SCREEN},
    {1049, MODE_ALTERNATE, SCREEN},     {2004, MODE_PASTE, OURS},        {2026, MODE_SYNC, OURS},
    /* Not here, on purpose: 69 (left and right margins: libvterm writes beyond the grid after a resize). */
};

static const struct dec_mode *find_mode(int number)
{
    for (size_t i = 0; i < ARRAY_LEN(dec_modes); i++)
        if (dec_modes[i].number == number)
            return &dec_modes[i];
    return NULL;
}

/* The pane decides its width, so of DECCOLM is left what it does besides. */
static const char columns_changed[] = "\033[r\033[2J\033[H";

/* The mouse modes exclude each other: the last one wins, and switching any off switches all off. */
static const uint32_t mouse_modes =
    1u << MODE_MOUSE_X10 | 1u << MODE_MOUSE_CLICK | 1u << MODE_MOUSE_DRAG | 1u << MODE_MOUSE_MOVE;

static void set_dec_mode(struct guard *g, const struct guard_sink *sink, const struct dec_mode *m, bool on)
{
    bool was = m->bit >= 0 && (g->modes >> m->bit & 1u);

    if (m->bit == MODE_COLUMNS && !guard_mode(g, MODE_COLUMNS_ALLOWED)) /* as in xterm */
        return;
    if (m->bit >= 0) {
        uint32_t bit = 1u << m->bit;
        if (bit & mouse_modes)
            g->modes &= ~mouse_modes;
        g->modes = on ? g->modes | bit : g->modes & ~bit;
    }
    if (m->bit == MODE_ORIGIN)
        g->shift.origin = on;
    if (m->bit == MODE_COLUMNS) {
        guard_put(g, sink, columns_changed, sizeof columns_changed - 1);
    } else if (m->owner & LIBVTERMS) {
        char text[16];
        int n = snprintf(text, sizeof text, "\033[?%d%c", m->number, on ? 'h' : 'l');
        guard_put(g, sink, text, (size_t)n);
    } else if (m->number == 1048) {
        guard_emit(g, sink, (struct guard_event){.type = on ? GUARD_SAVE : GUARD_RESTORE});
    } else if (m->owner & SCREEN) {
        guard_emit(g, sink, (struct guard_event){.type = GUARD_ALTERNATE, .number = m->number, .on = on});
    } else if (m->owner == OURS && (was != on || m->bit == MODE_SYNC)) {
        guard_emit(g, sink, (struct guard_event){.type = GUARD_MODE, .number = m->number, .on = on});
    }
}

/* libvterm 0.1.4 looks only at the first of several modes, so each goes on its own. */
static void dec_mode(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    for (int i = 0; i < g->n_params; i++) {
        const struct dec_mode *m = find_mode(g->params[i]);
        if (m)
            set_dec_mode(g, sink, m, final == 'h');
    }
}

static void ansi_mode(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    for (int i = 0; i < g->n_params; i++) {
        char text[16];
        if (g->params[i] != 4 && g->params[i] != 20)
            continue;
        int n = snprintf(text, sizeof text, "\033[%d%c", (int)g->params[i], final);
        guard_put(g, sink, text, (size_t)n);
    }
}

/* DECRQM: 1 set, 2 reset, 0 not known. */
static void request_mode(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    int number = guard_param(g, 0, 0);
    const struct dec_mode *m = find_mode(number);
    int state = m && m->bit >= 0 ? 2 - (int)(g->modes >> m->bit & 1u) : 0;

    (void) final;
    guard_reply(g, sink, "\033[?%d;%d$y", number, state);
}

/* ---- The table of all that is known ---- */

static const struct sequence {
    char leader, inter, final; /* 0: none */
    handler *handle;
} sequences[] = {
    {0, 0, '@', pass},           {0, 0, 'A', pass},
    {0, 0, 'B', pass},           {0, 0, 'C', pass},
    {0, 0, 'D', pass},           {0, 0, 'E', pass},
    {0, 0, 'F', pass},           {0, 0, 'G', pass},
    {0, 0, 'H', pass},           {0, 0, 'I', pass},
    {0, 0, 'J', erase_display},  {0, 0, 'K', pass},
    {0, 0, 'L', pass},           {0, 0, 'M', pass},
    {0, 0, 'P', pass},           {0, 0, 'S', pass},
    {0, 0, 'T', scroll_down},    {0, 0, 'X', pass},
    {0, 0, 'Z', pass},           {0, 0, '`', pass},
    {0, 0, 'a', pass},           {0, 0, 'b', repeat},
    {0, 0, 'c', pass},           {0, 0, 'd', pass},
    {0, 0, 'e', pass},           {0, 0, 'f', pass},
    {0, 0, 'g', pass},           {0, 0, 'h', ansi_mode},
    {0, 0, 'l', ansi_mode},      {0, 0, 'm', sgr},
    {0, 0, 'n', pass},           {0, 0, 'r', pass},
    {0, 0, 's', save},           {0, 0, 't', window},
    {0, 0, 'u', save},           {'?', 0, 'J', erase_display},
    {'?', 0, 'K', pass},         {'?', 0, 'h', dec_mode},
    {'?', 0, 'l', dec_mode},     {'?', 0, 'n', pass},
    {'>', 0, 'c', pass},         {'>', 0, 'q', version},
    {0, ' ', 'q', cursor_style}, {0, '"', 'q', pass},
    {0, '!', 'p', soft_reset},   {'?', '$', 'p', request_mode},
    {0, '\'', '}', pass},        {0, '\'', '~', pass},
};

void guard_csi(struct guard *g, const struct guard_sink *sink, uint8_t final)
{
    char inter = g->n_inter ? (char)g->inter[0] : 0;

    if (g->n_inter > 1)
        return;
    for (size_t i = 0; i < ARRAY_LEN(sequences); i++) {
        const struct sequence *s = &sequences[i];
        if (s->final == (char) final && s->leader == (char)g->leader && s->inter == inter) {
            s->handle(g, sink, final);
            return;
        }
    }
}
