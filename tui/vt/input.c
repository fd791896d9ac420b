/* What a person does, as the bytes that the child expects. */
#include "vt/terminal_parts.h"

#include "base/escape.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

void terminal_send(struct terminal *t, const void *bytes, size_t n)
{
    terminal_output(t, bytes, n);
}

/* ---- Keys ---- */

/* How a key is written: ESC O x or CSI x, by the mode of the cursor keys; ESC O x always; CSI n ~; or as it
 * stands. */
enum key_form { FORM_CURSOR, FORM_SS3, FORM_TILDE, FORM_FIXED };

static const struct key_code {
    enum key_form form;
    int code; /* the final byte, or the number before the tilde */
} keys[TKEY_COUNT_] = {
    [TKEY_UP] = {FORM_CURSOR, 'A'},     [TKEY_DOWN] = {FORM_CURSOR, 'B'},   [TKEY_RIGHT] = {FORM_CURSOR, 'C'},
    [TKEY_LEFT] = {FORM_CURSOR, 'D'},   [TKEY_HOME] = {FORM_CURSOR, 'H'},   [TKEY_END] = {FORM_CURSOR, 'F'},
    [TKEY_INSERT] = {FORM_TILDE, 2},    [TKEY_DELETE] = {FORM_TILDE, 3},    [TKEY_PAGE_UP] = {FORM_TILDE, 5},
    [TKEY_PAGE_DOWN] = {FORM_TILDE, 6}, [TKEY_BACKTAB] = {FORM_FIXED, 'Z'}, [TKEY_F1] = {FORM_SS3, 'P'},
    [TKEY_F2] = {FORM_SS3, 'Q'},        [TKEY_F3] = {FORM_SS3, 'R'},        [TKEY_F4] = {FORM_SS3, 'S'},
    [TKEY_F5] = {FORM_TILDE, 15},       [TKEY_F6] = {FORM_TILDE, 17},       [TKEY_F7] = {FORM_TILDE, 18},
    [TKEY_F8] = {FORM_TILDE, 19},       [TKEY_F9] = {FORM_TILDE, 20},       [TKEY_F10] = {FORM_TILDE, 21},
    [TKEY_F11] = {FORM_TILDE, 23},      [TKEY_F12] = {FORM_TILDE, 24},
};

void terminal_key(struct terminal *t, enum terminal_key key, unsigned mods)
{
    char text[32];
    int n;
    unsigned mod = 1 + (mods & (TMOD_SHIFT | TMOD_ALT | TMOD_CTRL));

    if ((unsigned)key >= TKEY_COUNT_)
        return;
    const struct key_code *k = &keys[key];
    if (k->form == FORM_TILDE)
        n = mod > 1 ? snprintf(text, sizeof text, "\033[%d;%u~", k->code, mod)
                    : snprintf(text, sizeof text, "\033[%d~", k->code);
    else if (k->form == FORM_FIXED)
        n = snprintf(text, sizeof text, "\033[%c", k->code);
    else if (mod > 1)
        n = snprintf(text, sizeof text, "\033[1;%u%c", mod, k->code);
    else if (k->form == FORM_SS3 || guard_mode(&t->guard, MODE_APPLICATION_CURSOR))
        n = snprintf(text, sizeof text, "\033O%c", k->code);
    else
        n = snprintf(text, sizeof text, "\033[%c", k->code);
    terminal_output(t, text, (size_t)n);
}

/* ---- Paste ---- */

/* One byte that is no part of a longer character. Control characters would be commands to the child, the end
 * marker of a bracketed paste among them; tabs and line ends are text. */
static void paste_byte(struct terminal *t, struct buf *out, uint8_t c)
{
    bool line_feed_of_crlf = c == '\n' && t->paste.after_cr;

    t->paste.after_cr = c == '\r';
    if (line_feed_of_crlf)
        return;
    if (c == '\r' || c == '\n')
        buf_addch(out, t->paste.bracketed ? '\n' : '\r');
    else if (c == '\t' || (c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0)))
        buf_addch(out, (char)c);
}

/* The length of a character that begins so; 1 for what cannot begin one. */
static size_t utf8_length(uint8_t first)
{
    return first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Adds what is complete and returns how many bytes that was. What is not UTF-8 passes byte for byte, but for
 * 8-bit controls. */
static size_t paste_bytes(struct terminal *t, struct buf *out, const char *s, size_t n, bool last)
{
    size_t i = 0;

    while (i < n) {
        unsigned cp = 0;
        size_t length = utf8_decode(s + i, n - i, &cp);
        if (length == 0 && !last && n - i < utf8_length((uint8_t)s[i]))
            break;
        if (length <= 1)
            paste_byte(t, out, (uint8_t)s[i]);
        else if (cp >= 0xa0)
            buf_add(out, s + i, length);
        if (length > 1)
            t->paste.after_cr = false;
        i += length ? length : 1;
    }
    return i;
}

void terminal_paste_part(struct terminal *t, const char *text, size_t n, bool last)
{
    struct buf in = {0}, out = {0};

    if (!t->paste.open) {
        t->paste.open = true;
        t->paste.bracketed = guard_mode(&t->guard, MODE_PASTE);
        t->paste.after_cr = false;
        t->paste.n_rest = 0;
        if (t->paste.bracketed)
            buf_addstr(&out, "\033[200~");
    }
    buf_add(&in, t->paste.rest, t->paste.n_rest);
    buf_add(&in, text, n);
    size_t used = paste_bytes(t, &out, buf_str(&in), in.len, last);
    t->paste.n_rest = in.len - used;
    if (t->paste.n_rest)
        memcpy(t->paste.rest, in.data + used, t->paste.n_rest);
    if (last) {
        t->paste.open = false;
        if (t->paste.bracketed)
            buf_addstr(&out, "\033[201~");
    }
    terminal_output(t, buf_str(&out), out.len);
    buf_free(&in);
    buf_free(&out);
}

void terminal_paste(struct terminal *t, const char *text, size_t n)
{
    terminal_paste_part(t, text, n, true);
}

/* ---- Mouse ---- */

static bool is_wheel(enum terminal_button b)
{
    return b >= TBUTTON_WHEEL_UP;
}

/* Whether the child asked for events of this kind. */
static bool is_wanted(const struct terminal *t, const struct terminal_mouse *e)
{
    const struct guard *g = &t->guard;

    if (guard_mode(g, MODE_MOUSE_X10))
        return e->kind == TMOUSE_PRESS && !is_wheel(e->button);
    if (guard_mode(g, MODE_MOUSE_CLICK))
        return e->kind != TMOUSE_MOVE;
    if (guard_mode(g, MODE_MOUSE_DRAG))
        return e->kind != TMOUSE_MOVE || e->button != TBUTTON_NONE;
    return guard_mode(g, MODE_MOUSE_MOVE);
}

static unsigned button_code(const struct terminal *t, const struct terminal_mouse *e, bool tells_release)
{
    static const unsigned codes[] = {
        [TBUTTON_NONE] = 3,        [TBUTTON_LEFT] = 0,         [TBUTTON_MIDDLE] = 1,
        [TBUTTON_RIGHT] = 2,       [TBUTTON_WHEEL_UP] = 64,    [TBUTTON_WHEEL_DOWN] = 65,
        [TBUTTON_WHEEL_LEFT] = 66, [TBUTTON_WHEEL_RIGHT] = 67,
    };
    unsigned code = e->kind == TMOUSE_RELEASE && !tells_release ? 3 : codes[e->button];

    if (e->kind == TMOUSE_MOVE)
        code += 32;
    if (guard_mode(&t->guard, MODE_MOUSE_X10))
        return code;
    code += e->mods & TMOD_SHIFT ? 4u : 0u;
    code += e->mods & TMOD_ALT ? 8u : 0u;
    code += e->mods & TMOD_CTRL ? 16u : 0u;
    return code;
}

/* The old forms put 32 + value into a byte or a character, and have no way to tell larger ones. */
static void report_old(struct terminal *t, unsigned code, int row, int col)
{
    bool utf8 = guard_mode(&t->guard, MODE_MOUSE_UTF8);
    int limit = utf8 ? 2015 : 223;
    char text[16] = "\033[M";
    size_t n = 3;
    const unsigned values[] = {32 + code, (unsigned)(33 + col), (unsigned)(33 + row)};

    if (row >= limit || col >= limit)
        return;
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        if (utf8)
            n += utf8_encode(values[i], text + n);
        else
            text[n++] = (char)values[i];
    }
    terminal_output(t, text, n);
}

static void report_mouse(struct terminal *t, const struct terminal_mouse *e)
{
    bool sgr = guard_mode(&t->guard, MODE_MOUSE_SGR);
    unsigned code = button_code(t, e, sgr);
    char text[48];
    int n;

    if (sgr) {
        n = snprintf(text, sizeof text, "\033[<%u;%d;%d%c", code, e->col + 1, e->row + 1,
                     e->kind == TMOUSE_RELEASE ? 'm' : 'M');
        terminal_output(t, text, (size_t)n);
    } else if (guard_mode(&t->guard, MODE_MOUSE_URXVT)) {
        n = snprintf(text, sizeof text, "\033[%u;%d;%dM", code + 32, e->col + 1, e->row + 1);
        terminal_output(t, text, (size_t)n);
    } else {
        report_old(t, code, e->row, e->col);
    }
}

/* A full-screen program that knows no mouse still scrolls. */
static bool wheel_as_arrows(struct terminal *t, const struct terminal_mouse *e)
{
    enum { LINES = 3 };

    if (!t->grid->alternate || !guard_mode(&t->guard, MODE_WHEEL_ARROWS) || e->kind != TMOUSE_PRESS)
        return false;
    if (e->button != TBUTTON_WHEEL_UP && e->button != TBUTTON_WHEEL_DOWN)
        return false;
    for (int i = 0; i < LINES; i++)
        terminal_key(t, e->button == TBUTTON_WHEEL_UP ? TKEY_UP : TKEY_DOWN, 0);
    return true;
}

bool terminal_mouse(struct terminal *t, const struct terminal_mouse *event)
{
    struct terminal_mouse e = *event;

    if (!terminal_modes(t).mouse)
        return wheel_as_arrows(t, &e);
    if (e.row < 0 || e.row >= t->grid->rows || e.col < 0 || e.col >= t->grid->cols)
        return false;
    if (!is_wanted(t, &e))
        return true;
    if (e.kind == TMOUSE_MOVE && e.row == t->mouse_row && e.col == t->mouse_col)
        return true;
    t->mouse_row = e.row;
    t->mouse_col = e.col;
    report_mouse(t, &e);
    return true;
}

void terminal_focus(struct terminal *t, bool focused)
{
    if (guard_mode(&t->guard, MODE_FOCUS))
        terminal_output(t, focused ? "\033[I" : "\033[O", 3);
}
