/* The input parser. States follow ECMA-48's grammar as far as terminals use it for input; see ctlseqs (xterm)
 * for the sequences themselves. Whatever is not understood is passed on as KEYCODE_UNKNOWN with its bytes, so
 * that a program in the terminal pane still gets it. */
#include "tty/input.h"

#include "base/escape.h"
#include "base/mem.h"

#include <string.h>

enum state {
    GROUND,
    ESC,    /* after ESC: a sequence, Alt with a key, or the Escape key itself */
    CSI,    /* after ESC [ */
    SS3,    /* after ESC O */
    STRING, /* inside OSC, DCS, APC, PM, SOS: a reply */
    UTF8,   /* inside a character of several bytes */
    PASTE   /* between ESC [ 200 ~ and ESC [ 201 ~ */
};

enum { SEQUENCE_MAX = 4096 };

static const char paste_end[] = "\033[201~";

struct input {
    input_handler *handler;
    void *context;
    enum state state;
    char seq[SEQUENCE_MAX]; /* the bytes of what is being parsed */
    size_t n;
    bool string_escape; /* the last byte of the string was ESC: a \ ends it */
    bool string_cut;    /* a reply longer than SEQUENCE_MAX: swallowed to its end, never reported */
    size_t paste_match; /* bytes of paste_end seen */
    bool legacy_mouse;  /* CSI M: three more bytes, swallowed */
    size_t utf8_need;
    uint8_t utf8_mods;
};

struct input *input_new(input_handler *handler, void *context)
{
    struct input *in = xcalloc(1, sizeof *in);
    in->handler = handler;
    in->context = context;
    return in;
}

void input_free(struct input *in)
{
    free(in);
}

bool input_is_waiting(const struct input *in)
{
    return in->state != GROUND && in->state != PASTE;
}

/* ---- Reporting
 * --------------------------------------------------------------------------------------------- */

static void to_ground(struct input *in)
{
    in->state = GROUND;
    in->n = 0;
}

static void report_key(struct input *in, uint32_t code, uint8_t mods)
{
    struct input_event e = {.type = INPUT_KEY, .key = {.code = code, .mods = mods}};

    /* Longer than any key: nothing that a program in the pane could use. */
    if (in->n <= KEY_BYTES_MAX) {
        memcpy(e.key.bytes, in->seq, in->n);
        e.key.n_bytes = (uint8_t)in->n;
    }
    to_ground(in);
    in->handler(in->context, &e);
}

static void report(struct input *in, struct input_event e)
{
    to_ground(in);
    in->handler(in->context, &e);
}

static void report_reply(struct input *in)
{
    struct input_event e = {.type = INPUT_REPLY, .data = in->seq, .size = in->n};
    in->state = GROUND;
    in->handler(in->context, &e);
    in->n = 0;
}

/* ---- Characters
 * -------------------------------------------------------------------------------------------- */

/* A byte below 0x20, or DEL. Ctrl-H is reported as such: terminals send DEL for the Backspace key. */
static void control_byte(struct input *in, uint8_t c, uint8_t mods)
{
    switch (c) {
    case '\r':
        report_key(in, KEYCODE_ENTER, mods);
        return;
    case '\t':
        report_key(in, KEYCODE_TAB, mods);
        return;
    case 0x1b:
        report_key(in, KEYCODE_ESCAPE, mods);
        return;
    case 0x7f:
        report_key(in, KEYCODE_BACKSPACE, mods);
        return;
    case 0:
        report_key(in, ' ', mods | MOD_CTRL);
        return;
    default:
        report_key(in, c <= 26 ? (uint32_t)c + 'a' - 1 : (uint32_t)c + '@', mods | MOD_CTRL);
    }
}

static size_t utf8_length(uint8_t c)
{
    return c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* The first byte of a character (seq holds it already, perhaps after an ESC). */
static void character(struct input *in, uint8_t c, uint8_t mods)
{
    if (c < 0x20 || c == 0x7f) {
        control_byte(in, c, mods);
    } else if (c < 0x80) {
        report_key(in, c, mods);
    } else if (utf8_length(c)) {
        in->state = UTF8;
        in->utf8_need = utf8_length(c) - 1;
        in->utf8_mods = mods;
    } else {
        report_key(in, 0xfffd, mods);
    }
}

static void utf8_byte(struct input *in)
{
    if (--in->utf8_need > 0)
        return;
    size_t skip = in->utf8_mods & MOD_ALT ? 1 : 0;
    unsigned cp;
    if (utf8_decode(in->seq + skip, in->n - skip, &cp) == 0)
        cp = 0xfffd;
    report_key(in, cp, in->utf8_mods);
}

/* ---- Sequences
 * --------------------------------------------------------------------------------------------- */

enum { PARAMS_MAX = 8, PARAM_MAX = 99999 };

struct params {
    int value[PARAMS_MAX]; /* 0 where empty */
    int n;
};

/* Reads "1;5" and "97;5:3" alike: what follows a colon is a detail of the parameter before, left out here. */
static struct params read_params(const char *s, size_t n)
{
    struct params p = {.n = 1};
    bool detail = false;

    for (size_t i = 0; i < n; i++) {
        if (s[i] == ';') {
            detail = false;
            if (p.n == PARAMS_MAX)
                break;
            p.n++;
        } else if (s[i] == ':') {
            detail = true;
        } else if (s[i] >= '0' && s[i] <= '9' && !detail) {
            int *v = &p.value[p.n - 1];
            *v = *v * 10 + (s[i] - '0');
            if (*v > PARAM_MAX)
                *v = PARAM_MAX;
        }
    }
    return p;
}

/* xterm: the parameter is 1 + a sum of 1 Shift, 2 Alt, 4 Ctrl, 8 Meta. */
static uint8_t read_mods(int parameter)
{
    int bits = parameter > 0 ? parameter - 1 : 0;
    return (uint8_t)((bits & 1 ? MOD_SHIFT : 0) | (bits & (2 | 8) ? MOD_ALT : 0) | (bits & 4 ? MOD_CTRL : 0));
}

struct final_key {
    char final;
    uint32_t code;
};

static const struct final_key letter_keys[] = {
    {'A', KEYCODE_UP},    {'B', KEYCODE_DOWN}, {'C', KEYCODE_RIGHT}, {'D', KEYCODE_LEFT}, {'H', KEYCODE_HOME},
    {'F', KEYCODE_END},   {'P', KEYCODE_F1},   {'Q', KEYCODE_F2},    {'R', KEYCODE_F3},   {'S', KEYCODE_F4},
    {'M', KEYCODE_ENTER}, {'I', KEYCODE_TAB},  {'Z', KEYCODE_TAB},
};

static uint32_t letter_key(char final)
{
    for (size_t i = 0; i < ARRAY_LEN(letter_keys); i++)
        if (letter_keys[i].final == final)
            return letter_keys[i].code;
    return KEYCODE_UNKNOWN;
}

/* CSI number ~; the gaps in the numbering are the VT220's. */
static uint32_t tilde_key(int number)
{
    static const uint32_t keys[] = {
        [1] = KEYCODE_HOME,    [2] = KEYCODE_INSERT,    [3] = KEYCODE_DELETE, [4] = KEYCODE_END,
        [5] = KEYCODE_PAGE_UP, [6] = KEYCODE_PAGE_DOWN, [7] = KEYCODE_HOME,   [8] = KEYCODE_END,
        [11] = KEYCODE_F1,     [12] = KEYCODE_F2,       [13] = KEYCODE_F3,    [14] = KEYCODE_F4,
        [15] = KEYCODE_F5,     [17] = KEYCODE_F6,       [18] = KEYCODE_F7,    [19] = KEYCODE_F8,
        [20] = KEYCODE_F9,     [21] = KEYCODE_F10,      [23] = KEYCODE_F11,   [24] = KEYCODE_F12,
    };
    if (number < 0 || (size_t)number >= ARRAY_LEN(keys) || !keys[number])
        return KEYCODE_UNKNOWN;
    return keys[number];
}

/* A key given by its code point (CSI u, and xterm's CSI 27 ; mods ; code ~). */
static void code_point_key(struct input *in, int cp, uint8_t mods)
{
    static const struct {
        int cp;
        uint32_t code;
    } named[] = {
        {'\r', KEYCODE_ENTER}, {'\t', KEYCODE_TAB}, {0x1b, KEYCODE_ESCAPE}, {0x7f, KEYCODE_BACKSPACE}};

    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        if (named[i].cp == cp) {
            report_key(in, named[i].code, mods);
            return;
        }
    }
    report_key(in, cp >= 0x20 ? (uint32_t)cp : (uint32_t)KEYCODE_UNKNOWN, mods);
}

/* SGR mouse: CSI < buttons ; column ; row, M for press and m for release. */
static void sgr_mouse(struct input *in, const struct params *p, char final)
{
    int b = p->value[0];
    struct mouse m = {.col = p->value[1] - 1, .row = p->value[2] - 1};

    m.mods = (uint8_t)((b & 4 ? MOD_SHIFT : 0) | (b & 8 ? MOD_ALT : 0) | (b & 16 ? MOD_CTRL : 0));
    if (b & 128 || (b & 64 && (b & 3) > 1) || m.col < 0 || m.row < 0) {
        to_ground(in); /* buttons 6 and more: nothing here uses them */
        return;
    }
    if (b & 64) {
        m.action = b & 1 ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
    } else {
        m.button = (b & 3) == 3 ? 0 : (b & 3) + 1;
        m.action = final == 'm' ? MOUSE_RELEASE
                   : !(b & 32)  ? MOUSE_PRESS
                   : m.button   ? MOUSE_DRAG
                                : MOUSE_MOVE;
    }
    report(in, (struct input_event){.type = INPUT_MOUSE, .mouse = m});
}

/* Answers to what was asked: device attributes, mode reports, sizes, and the cursor's position, which only
 * its two parameters tell from F3 (CSI 1 ; mods R). */
static bool is_reply(char first, char final, const struct params *p)
{
    if (first == '?' || first == '>' || first == '=')
        return true;
    if (final == 'R')
        return p->n == 2 && p->value[0] > 1;
    return final == 't' || final == 'c' || final == 'n' || final == 'y';
}

static void end_csi(struct input *in, char final)
{
    const char *body = in->seq + 2;
    size_t n = in->n - 3;
    struct params p = read_params(body, n);
    char first = n > 0 ? body[0] : '\0';

    if (first == '<' && (final == 'M' || final == 'm')) {
        sgr_mouse(in, &p, final);
    } else if (is_reply(first, final, &p)) {
        report_reply(in);
    } else if (n == 0 && (final == 'I' || final == 'O')) {
        report(in, (struct input_event){.type = INPUT_FOCUS, .focused = final == 'I'});
    } else if (n == 0 && final == 'M') {
        in->legacy_mouse = true; /* X10 report: three bytes follow */
        in->n = 0;
        in->state = CSI;
    } else if (final == '~' && p.value[0] == 200) {
        to_ground(in);
        in->state = PASTE;
        in->paste_match = 0;
    } else if (final == '~' && p.value[0] == 27 && p.n >= 3) {
        code_point_key(in, p.value[2], read_mods(p.value[1]));
    } else if (final == '~') {
        report_key(in, tilde_key(p.value[0]), read_mods(p.n > 1 ? p.value[1] : 0));
    } else if (final == 'u') {
        code_point_key(in, p.value[0], read_mods(p.n > 1 ? p.value[1] : 0));
    } else {
        report_key(in, letter_key(final), final == 'Z' ? MOD_SHIFT : read_mods(p.n > 1 ? p.value[1] : 0));
    }
}

static void csi_byte(struct input *in, uint8_t c)
{
    if (in->legacy_mouse) {
        if (in->n == 3) {
            in->legacy_mouse = false;
            to_ground(in);
        }
    } else if (in->n == 3 && c == '[') {
        return; /* the Linux console: CSI [ A to CSI [ E are F1 to F5 */
    } else if (in->n == 4 && in->seq[2] == '[') {
        report_key(in, c >= 'A' && c <= 'E' ? KEYCODE_F1 + c - 'A' : KEYCODE_UNKNOWN, 0);
    } else if (c >= 0x40 && c <= 0x7e) {
        end_csi(in, (char)c);
    } else if (c < 0x20 || c >= 0x7f) {
        report_key(in, KEYCODE_UNKNOWN, 0);
    }
}

static void ss3_byte(struct input *in, uint8_t c)
{
    static const char keypad[] = "jklmnopqrstuvwxyX", meaning[] = "*+,-./0123456789=";

    const char *at = c ? strchr(keypad, c) : NULL;
    if (at)
        report_key(in, (uint32_t)meaning[at - keypad], 0);
    else
        report_key(in, letter_key((char)c), 0);
}

static void escape_byte(struct input *in, uint8_t c)
{
    switch (c) {
    case '[':
        in->state = CSI;
        return;
    case 'O':
        in->state = SS3;
        return;
    case ']':
    case 'P':
    case '_':
    case '^':
    case 'X':
        in->state = STRING;
        in->string_escape = in->string_cut = false;
        return;
    case 0x1b: /* two in a row: the first one was the key, the second may begin something */
        in->n = 1;
        report_key(in, KEYCODE_ESCAPE, 0);
        in->seq[in->n++] = 0x1b;
        in->state = ESC;
        return;
    default:
        character(in, c, MOD_ALT);
    }
}

static void string_byte(struct input *in, uint8_t c)
{
    bool ended = c == 0x07 || (in->string_escape && c == '\\');

    in->string_escape = c == 0x1b;
    if (!ended)
        return;
    if (in->string_cut)
        to_ground(in);
    else
        report_reply(in);
}

/* ---- Paste
 * ------------------------------------------------------------------------------------------------- */

static void report_paste(struct input *in, const char *data, size_t n, bool end)
{
    if (n == 0 && !end)
        return;
    struct input_event e = {.type = INPUT_PASTE, .data = data, .size = n, .paste_end = end};
    in->handler(in->context, &e);
}

/* Passes pasted bytes on in runs, holding back what may be the beginning of the end marker. Returns how many
 * bytes were consumed. */
static size_t paste_bytes(struct input *in, const char *p, size_t n)
{
    size_t run = 0; /* bytes of p that are certainly text */

    for (size_t i = 0; i < n; i++) {
        if (p[i] == paste_end[in->paste_match]) {
            if (++in->paste_match < sizeof paste_end - 1)
                continue;
            report_paste(in, p, run, true);
            to_ground(in);
            return i + 1;
        }
        if (in->paste_match > 0) {
            size_t held = in->paste_match; /* was no marker; part of it may lie before p */
            in->paste_match = 0;
            if (held > i) {
                report_paste(in, p, run, false);
                report_paste(in, paste_end, held, false);
                p += i;
                n -= i;
                size_t used = paste_bytes(in, p, n);
                return i + used;
            }
            run = i;
            if (p[i] == paste_end[0]) {
                in->paste_match = 1;
                continue;
            }
        }
        run = i + 1;
    }
    report_paste(in, p, run, false);
    return n;
}

/* ---- Feeding
 * ----------------------------------------------------------------------------------------------- */

static void feed_byte(struct input *in, uint8_t c)
{
    /* A character cut short by something else: report the damage, then look at the byte anew. */
    if (in->state == UTF8 && (c & 0xc0) != 0x80)
        report_key(in, 0xfffd, in->utf8_mods);
    /* CAN and ESC abort a sequence (ECMA-48 leaves it open; every terminal does it). */
    if ((in->state == CSI || in->state == SS3) && c == 0x1b && !in->legacy_mouse)
        report_key(in, KEYCODE_UNKNOWN, 0);

    if (in->n == SEQUENCE_MAX) {
        in->string_cut = true;
        in->n = 1;
    }
    in->seq[in->n++] = (char)c;
    switch (in->state) {
    case GROUND:
        if (c == 0x1b)
            in->state = ESC;
        else
            character(in, c, 0);
        break;
    case ESC:
        escape_byte(in, c);
        break;
    case CSI:
        csi_byte(in, c);
        break;
    case SS3:
        ss3_byte(in, c);
        break;
    case STRING:
        string_byte(in, c);
        break;
    case UTF8:
        utf8_byte(in);
        break;
    case PASTE:
        break;
    }
}

void input_feed(struct input *in, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n > 0) {
        if (in->state == PASTE) {
            size_t used = paste_bytes(in, p, n);
            p += used;
            n -= used;
        } else {
            feed_byte(in, (uint8_t)*p);
            p++;
            n--;
        }
    }
}

void input_timeout(struct input *in)
{
    switch (in->state) {
    case ESC:
        report_key(in, KEYCODE_ESCAPE, 0);
        break;
    case CSI: /* Alt-[ and Alt-O, typed by hand */
    case SS3:
        in->legacy_mouse = false;
        if (in->n == 2)
            report_key(in, (uint8_t)in->seq[1], MOD_ALT);
        else
            report_key(in, KEYCODE_UNKNOWN, 0);
        break;
    case UTF8:
        report_key(in, 0xfffd, in->utf8_mods);
        break;
    case STRING:
        if (in->n == 2)
            report_key(in, (uint8_t)in->seq[1], MOD_ALT);
        break; /* a reply that comes in pieces over a slow line is waited for */
    case GROUND:
    case PASTE:
        break;
    }
}
