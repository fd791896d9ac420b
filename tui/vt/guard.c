/* The guard's parser: states and escape sequences. Characters, CSI, SGR and strings are in files of their
 * own. */
#include "vt/guard.h"

#include "vt/guard_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum state { GROUND, ESCAPE, ESCAPE_INTER, CSI, CSI_IGNORE, STRING, STRING_ESC, STATE_COUNT_ };

/* Bytes that are treated alike in every state. */
enum byte_class {
    C_CONTROL,
    C_NOTHING, /* NUL, DEL: ignored everywhere */
    C_BEL,
    C_CANCEL, /* CAN, SUB */
    C_ESC,
    C_INTER,  /* 20-2f */
    C_DIGIT,  /* 30-39 */
    C_SEP,    /* : ; */
    C_LEADER, /* < = > ? */
    C_FINAL,  /* 40-7e */
    C_HIGH,   /* 80-ff */
    CLASS_COUNT_
};

static enum byte_class class_of(uint8_t c)
{
    static const uint8_t low[0x20] = {
        [0x00] = C_NOTHING, [0x07] = C_BEL, [0x18] = C_CANCEL, [0x1a] = C_CANCEL, [0x1b] = C_ESC,
    };

    if (c < 0x20)
        return (enum byte_class)low[c];
    if (c < 0x30)
        return C_INTER;
    if (c < 0x3a)
        return C_DIGIT;
    if (c < 0x3c)
        return C_SEP;
    if (c < 0x40)
        return C_LEADER;
    if (c < 0x7f)
        return C_FINAL;
    return c == 0x7f ? C_NOTHING : C_HIGH;
}

void guard_init(struct guard *g, int repeat_max)
{
    memset(g, 0, sizeof *g);
    g->repeat_max = repeat_max;
    /* Base64 takes four bytes for three; the rest is for what stands before it. */
    g->string.limit = GUARD_STRING_MAX / 3 * 4 + 64;
    guard_reset_modes(g);
}

void guard_free(struct guard *g)
{
    buf_free(&g->string);
}

void guard_reset_modes(struct guard *g)
{
    g->modes = 1u << MODE_AUTOWRAP | 1u << MODE_CURSOR_VISIBLE | 1u << MODE_WHEEL_ARROWS;
    g->shift = (struct guard_shift){.charset = {'B', 'B', 'B', 'B'}};
    g->cursor_style = 0;
    g->last_n = 0;
    g->link = false;
}

static void flush(struct guard *g, const struct guard_sink *sink)
{
    if (g->out_n)
        sink->write(sink->context, g->out, g->out_n);
    g->out_n = 0;
}

void guard_put(struct guard *g, const struct guard_sink *sink, const char *bytes, size_t n)
{
    if (g->out_n + n > sizeof g->out)
        flush(g, sink);
    memcpy(g->out + g->out_n, bytes, n);
    g->out_n += n;
}

void guard_emit(struct guard *g, const struct guard_sink *sink, struct guard_event e)
{
    flush(g, sink);
    if (!e.text)
        e.text = "";
    sink->event(sink->context, &e);
}

void guard_reply(struct guard *g, const struct guard_sink *sink, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < sizeof text)
        guard_emit(g, sink, (struct guard_event){.type = GUARD_REPLY, .text = text, .n = (size_t)n});
}

int guard_param(const struct guard *g, int i, int missing)
{
    return i < g->n_params && g->params[i] >= 0 ? g->params[i] : missing;
}

bool guard_in_string(const struct guard *g)
{
    return g->state == STRING || g->state == STRING_ESC;
}

void guard_abort(struct guard *g)
{
    g->state = GROUND;
    buf_free(&g->string);
}

/* ---- Actions of the table ---- */

typedef void action(struct guard *g, const struct guard_sink *sink, uint8_t c);

static void act_control(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    if (c == 0x0e || c == 0x0f)
        g->shift.gl = c == 0x0e;
    guard_put(g, sink, (const char *)&c, 1);
}

static void act_clear(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    (void)sink, (void)c;
    g->n_inter = 0;
    g->leader = 0;
    g->n_params = 0;
    g->sub = 0;
    g->too_many = false;
}

static void act_inter(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    (void)sink;
    if (g->n_inter < 2)
        g->inter[g->n_inter++] = c;
    else
        g->n_inter = 3;
}

static void act_leader(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    (void)sink;
    if (g->leader || g->n_params || g->n_inter)
        g->state = CSI_IGNORE;
    g->leader = c;
}

static void act_digit(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    enum { LARGEST = 65535 };

    (void)sink;
    if (g->n_inter) {
        g->state = CSI_IGNORE;
        return;
    }
    if (g->too_many)
        return;
    if (g->n_params == 0)
        g->params[g->n_params++] = -1;
    int32_t *p = &g->params[g->n_params - 1];
    *p = (*p < 0 ? 0 : *p) * 10 + (c - '0');
    if (*p > LARGEST)
        *p = LARGEST;
}

static void act_separator(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    (void)sink;
    if (g->n_inter) {
        g->state = CSI_IGNORE;
        return;
    }
    if (g->n_params == 0)
        g->params[g->n_params++] = -1;
    if (g->n_params == GUARD_PARAMS_MAX) {
        g->too_many = true;
        return;
    }
    if (c == ':')
        g->sub |= (uint64_t)1 << g->n_params;
    g->params[g->n_params++] = -1;
}

static void act_csi(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    guard_csi(g, sink, c);
}

static void act_string(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    (void)sink;
    bool collected = g->string_kind == ']' || g->string_kind == 'P' || g->string_kind == 'k';
    if (!collected || g->string_over)
        return;
    if (!buf_addch(&g->string, (char)c)) {
        g->string_over = true;
        buf_free(&g->string);
    }
}

static void end_string(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    enum { KEPT = 4096 };

    g->string_by_bel = c == 0x07;
    if (!g->string_over)
        guard_string(g, sink);
    if (g->string.cap > KEPT)
        buf_free(&g->string);
}

/* BEL ends an OSC only: elsewhere it is data. */
static void act_string_bel(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    if (g->string_kind == ']')
        end_string(g, sink, c);
    else
        g->state = STRING;
}

static void begin_string(struct guard *g, uint8_t kind)
{
    buf_clear(&g->string);
    g->string_over = false;
    g->strings++;
    g->string_kind = kind;
    g->state = STRING;
}

/* Character sets: G0 to G3 by ( ) * +, of which 0, A and B are known. */
static void designate(struct guard *g, const struct guard_sink *sink, uint8_t which, uint8_t set)
{
    if (set != '0' && set != 'A' && set != 'B')
        return;
    g->shift.charset[which - '('] = (char)set;
    guard_put(g, sink, (const char[]){'\033', (char)which, (char)set}, 3);
}

static void escape_inter(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    if (g->n_inter != 1)
        return;
    if (g->inter[0] >= '(' && g->inter[0] <= '+')
        designate(g, sink, g->inter[0], c);
    else if (g->inter[0] == '#' && c == '8')
        guard_emit(g, sink, (struct guard_event){.type = GUARD_ALIGNMENT});
    /* Everything else is unknown, or dangerous: ESC SP G would make libvterm's replies 8-bit. */
}

static void set_keypad(struct guard *g, const struct guard_sink *sink, bool on)
{
    (void)sink;
    g->modes = (g->modes & ~(1u << MODE_KEYPAD)) | (uint32_t)on << MODE_KEYPAD;
}

static void act_escape(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    if (g->n_inter) {
        escape_inter(g, sink, c);
        return;
    }
    switch (c) {
    case '[':
        g->state = CSI;
        break;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
    case 'k':
        begin_string(g, c);
        break;
    case '7':
        guard_emit(g, sink, (struct guard_event){.type = GUARD_SAVE});
        break;
    case '8':
        guard_emit(g, sink, (struct guard_event){.type = GUARD_RESTORE});
        break;
    case '=':
    case '>':
        set_keypad(g, sink, c == '=');
        break;
    case 'c':
        guard_reset_modes(g);
        guard_emit(g, sink, (struct guard_event){.type = GUARD_HARD_RESET});
        break;
    case 'Z':
        guard_put(g, sink, "\033[c", 3);
        break;
    case 'n':
    case 'o':
        g->shift.gl = c == 'n' ? 2 : 3;
        guard_put(g, sink, (const char[]){'\033', (char)c}, 2);
        break;
    case 'D':
    case 'E':
    case 'H':
    case 'M':
        guard_put(g, sink, (const char[]){'\033', (char)c}, 2);
        break;
    default:
        break;
    }
}

/* ESC in a string that is not followed by a backslash: the string is given up, and a sequence begins. */
static void act_escape_from_string(struct guard *g, const struct guard_sink *sink, uint8_t c);

struct transition {
    action *act; /* NULL: nothing to do; it may change the state again */
    uint8_t next;
};

static const struct transition table[STATE_COUNT_][CLASS_COUNT_] =
    {
        [GROUND] =
            {
                [C_CONTROL] = {act_control, GROUND},
                [C_BEL] = {act_control, GROUND},
                [C_ESC] = {act_clear, ESCAPE},
                [C_HIGH] = {guard_high_byte, GROUND},
            },
        [ESCAPE] =
            {
                [C_CONTROL] = {act_control, ESCAPE},
                [C_NOTHING] = {NULL, ESCAPE},
                [C_BEL] = {act_control, ESCAPE},
                [C_ESC] = {act_clear, ESCAPE},
                [C_INTER] = {act_inter, ESCAPE_INTER},
                [C_DIGIT] = {act_escape, GROUND},
                [C_LEADER] = {act_escape, GROUND},
                [C_FINAL] = {act_escape, GROUND},
                [C_HIGH] = {guard_high_byte, GROUND},
            },
        [ESCAPE_INTER] =
            {
                [C_CONTROL] = {act_control, ESCAPE_INTER},
                [C_NOTHING] = {NULL, ESCAPE_INTER},
                [C_BEL] = {act_control, ESCAPE_INTER},
                [C_ESC] = {act_clear, ESCAPE},
                [C_INTER] = {act_inter, ESCAPE_INTER},
                [C_DIGIT] = {act_escape, GROUND},
                [C_LEADER] = {act_escape, GROUND},
                [C_FINAL] = {act_escape, GROUND},
                [C_HIGH] = {guard_high_byte, GROUND},
            },
        [CSI] =
            {
                [C_CONTROL] = {act_control, CSI},
                [C_NOTHING] = {NULL, CSI},
                [C_BEL] = {act_control, CSI},
                [C_ESC] = {act_clear, ESCAPE},
                [C_INTER] = {act_inter, CSI},
                [C_DIGIT] = {act_digit, CSI},
                [C_SEP] = {act_separator, CSI},
                [C_LEADER] = {act_leader, CSI},
                [C_FINAL] = {act_csi, GROUND},
                [C_HIGH] = {guard_high_byte, GROUND},
            },
        [CSI_IGNORE] =
            {
                [C_CONTROL] = {act_control, CSI_IGNORE},
                [C_NOTHING] = {NULL, CSI_IGNORE},
                [C_BEL] = {act_control, CSI_IGNORE},
                [C_ESC] = {act_clear, ESCAPE},
                [C_INTER] = {NULL, CSI_IGNORE},
                [C_DIGIT] = {NULL, CSI_IGNORE},
                [C_SEP] = {NULL, CSI_IGNORE},
                [C_LEADER] = {NULL, CSI_IGNORE},
                [C_FINAL] = {NULL, GROUND},
                [C_HIGH] = {guard_high_byte, GROUND},
            },
        [STRING] =
            {
                [C_CONTROL] = {NULL, STRING},
                [C_NOTHING] = {NULL, STRING},
                [C_BEL] = {act_string_bel, GROUND},
                [C_ESC] = {act_clear, STRING_ESC},
                [C_INTER] = {act_string, STRING},
                [C_DIGIT] = {act_string, STRING},
                [C_SEP] = {act_string, STRING},
                [C_LEADER] = {act_string, STRING},
                [C_FINAL] = {act_string, STRING},
                [C_HIGH] = {act_string, STRING},
            },
        [STRING_ESC] =
            {
                [C_CONTROL] = {act_escape_from_string, ESCAPE},
                [C_NOTHING] = {NULL, STRING_ESC},
                [C_BEL] = {act_escape_from_string, ESCAPE},
                [C_ESC] = {act_escape_from_string, ESCAPE},
                [C_INTER] = {act_escape_from_string, ESCAPE},
                [C_DIGIT] = {act_escape_from_string, ESCAPE},
                [C_SEP] = {act_escape_from_string, ESCAPE},
                [C_LEADER] = {act_escape_from_string, ESCAPE},
                [C_FINAL] = {act_escape_from_string, ESCAPE},
                [C_HIGH] = {act_escape_from_string, ESCAPE},
            },
};

static void step(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    const struct transition *t = &table[g->state][class_of(c)];

    g->state = t->next;
    if (t->act)
        t->act(g, sink, c);
}

static void act_escape_from_string(struct guard *g, const struct guard_sink *sink, uint8_t c)
{
    if (c == '\\') {
        g->state = GROUND;
        end_string(g, sink, c);
        return;
    }
    step(g, sink, c);
}

void guard_feed(struct guard *g, const void *bytes, size_t n, const struct guard_sink *sink)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < n;) {
        if (g->utf8_n && b[i] < 0x80)
            guard_print_replacement(g, sink);
        size_t run = g->state == GROUND ? guard_print_run(g, sink, b + i, n - i) : 0;
        if (run == 0) {
            step(g, sink, b[i]);
            run = 1;
        }
        i += run;
    }
    flush(g, sink);
}
