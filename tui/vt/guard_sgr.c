/* SGR made digestible: colours in one form, groups that are short enough, and the attributes that libvterm
 * 0.1.4 does not know kept apart. */
#include "vt/guard_parts.h"

#include <stdio.h>

/* One sequence for libvterm; a colour takes five of its sixteen parameters, so it is written when ten are
 * there. */
struct sgr_out {
    char text[128];
    int at;
    int params;
};

enum { GROUP_PARAMS_MAX = 10 };

static void out_begin(struct sgr_out *o)
{
    o->text[0] = '\033';
    o->text[1] = '[';
    o->at = 2;
    o->params = 0;
}

static void out_end(struct guard *g, const struct guard_sink *sink, struct sgr_out *o)
{
    if (o->params) {
        o->text[o->at++] = 'm';
        guard_put(g, sink, o->text, (size_t)o->at);
    }
    out_begin(o);
}

static void out_number(struct sgr_out *o, int number, char before)
{
    char digits[8];
    int n = 0;

    if (o->params++)
        o->text[o->at++] = before;
    do
        digits[n++] = (char)('0' + number % 10);
    while (number /= 10);
    while (n > 0)
        o->text[o->at++] = digits[--n];
}

void guard_set_extra(struct guard *g, const struct guard_sink *sink, uint8_t extra)
{
    if (extra == g->shift.extra)
        return;
    g->shift.extra = extra;
    guard_emit(g, sink, (struct guard_event){.type = GUARD_EXTRA, .number = extra});
}

/* How many parameters the group at i has: itself and those after colons. */
static int group_length(const struct guard *g, int i)
{
    int n = 1;

    while (i + n < g->n_params && guard_is_sub(g, i + n))
        n++;
    return n;
}

static bool is_byte(int v)
{
    return v >= 0 && v <= 255;
}

/* A colour after 38, 48 or 58 in one of its forms: 38;5;N  38:5:N  38;2;R;G;B  38:2:R:G:B  38:2:SPACE:R:G:B
 * and more after it. Returns how many parameters it takes, and writes it unless it is the underline's or out
 * of range. */
static int color(const struct guard *g, int i, struct sgr_out *o)
{
    int what = g->params[i];
    int group = group_length(g, i);
    bool colons = group > 1;
    int kind = guard_param(g, i + 1, -1);
    int at = i + 2;
    int taken;

    if (kind == 5)
        taken = colons ? group : 3;
    else if (kind == 2)
        taken = colons ? group : 5;
    else
        return colons ? group : 2;
    if (kind == 2 && group >= 6)
        at++;
    int needed = kind == 5 ? 1 : 3;
    if (what == 58 || at + needed > i + taken || at + needed > g->n_params)
        return taken;
    for (int k = 0; k < needed; k++)
        if (!is_byte(guard_param(g, at + k, 0)))
            return taken;
    out_number(o, what, ';');
    out_number(o, kind, ';');
    for (int k = 0; k < needed; k++)
        out_number(o, guard_param(g, at + k, 0), ';');
    return taken;
}

/* 4:N; styles that libvterm does not know become a plain underline. */
static void underline(const struct guard *g, int i, int group, struct sgr_out *o)
{
    int style = group > 1 ? guard_param(g, i + 1, 1) : 1;

    if (style == 0) {
        out_number(o, 24, ';');
    } else {
        out_number(o, 4, ';');
        if (style == 2 || style == 3)
            out_number(o, style, ':');
    }
}

/* Attributes of one number that libvterm knows. */
static bool is_known(int v)
{
    return v == 1 || v == 3 || v == 5 || v == 7 || v == 9 || (v >= 21 && v <= 25) || v == 27 || v == 29 ||
           (v >= 30 && v <= 49) || (v >= 90 && v <= 107);
}

/* The attributes that are ours: those to clear and those to set. */
static bool extra_of(int v, uint8_t *extra)
{
    switch (v) {
    case 0:
        *extra = 0;
        return true;
    case 2:
        *extra |= EXTRA_DIM;
        return true;
    case 8:
        *extra |= EXTRA_CONCEAL;
        return true;
    case 22:
        *extra &= (uint8_t)~EXTRA_DIM;
        return true;
    case 28:
        *extra &= (uint8_t)~EXTRA_CONCEAL;
        return true;
    case 53:
        *extra |= EXTRA_OVERLINE;
        return true;
    case 55:
        *extra &= (uint8_t)~EXTRA_OVERLINE;
        return true;
    default:
        return false;
    }
}

void guard_sgr(struct guard *g, const struct guard_sink *sink)
{
    uint8_t extra = g->n_params ? g->shift.extra : 0;
    struct sgr_out o;

    out_begin(&o);
    if (g->n_params == 0)
        out_number(&o, 0, ';');
    for (int i = 0; i < g->n_params;) {
        int v = guard_param(g, i, 0);
        int group = group_length(g, i);
        extra_of(v, &extra);
        if (v == 38 || v == 48 || v == 58) {
            i += color(g, i, &o);
        } else {
            if (v == 4)
                underline(g, i, group, &o);
            else if (v == 0 || is_known(v))
                out_number(&o, v, ';');
            else if (v == 6)
                out_number(&o, 5, ';');
            i += group;
        }
        if (o.params >= GROUP_PARAMS_MAX)
            out_end(g, sink, &o);
    }
    guard_set_extra(g, sink, extra);
    out_end(g, sink, &o);
}
