#include "vt/emulator.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <vterm.h>

struct emulator {
    VTerm *vt;
    VTermState *state;
    struct grid *grid;
    void (*output)(const char *bytes, size_t n, void *user);
    void (*bell)(void *user);
    void *user;
};

/* ---- What libvterm calls ---- */

static int on_putglyph(VTermGlyphInfo *info, VTermPos pos, void *user)
{
    struct emulator *e = user;

    grid_put(e->grid, pos.row, pos.col, info->chars[0], info->width, info->protected_cell);
    return 1;
}

static int on_movecursor(VTermPos pos, VTermPos old, int visible, void *user)
{
    struct emulator *e = user;

    (void)old, (void)visible;
    grid_moved(e->grid, pos.row, pos.col);
    return 1;
}

static int on_scrollrect(VTermRect r, int down, int right, void *user)
{
    struct emulator *e = user;

    grid_scroll(e->grid, r.start_row, r.end_row, r.start_col, r.end_col, down, right);
    return 1;
}

static int on_erase(VTermRect r, int selective, void *user)
{
    struct emulator *e = user;

    grid_erase(e->grid, r.start_row, r.end_row, r.start_col, r.end_col, selective);
    return 1;
}

static int on_initpen(void *user)
{
    struct emulator *e = user;
    uint16_t link = e->grid->pen.link;

    e->grid->pen = (struct grid_cell){.link = link};
    return 1;
}

static color color_of(const VTermColor *c)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
        return COLOR_DEFAULT;
    if (VTERM_COLOR_IS_INDEXED(c))
        return COLOR_INDEX(c->indexed.idx);
    return COLOR_RGB(c->rgb.red, c->rgb.green, c->rgb.blue);
}

static void set_attr(struct grid_cell *pen, unsigned attr, bool on)
{
    pen->attrs = (uint16_t)(on ? pen->attrs | attr : pen->attrs & ~attr);
}

static int on_setpenattr(VTermAttr attr, VTermValue *value, void *user)
{
    struct emulator *e = user;
    struct grid_cell *pen = &e->grid->pen;

    switch (attr) {
    case VTERM_ATTR_BOLD:
        set_attr(pen, ATTR_BOLD, value->boolean);
        break;
    case VTERM_ATTR_ITALIC:
        set_attr(pen, ATTR_ITALIC, value->boolean);
        break;
    case VTERM_ATTR_BLINK:
        set_attr(pen, ATTR_BLINK, value->boolean);
        break;
    case VTERM_ATTR_REVERSE:
        set_attr(pen, ATTR_REVERSE, value->boolean);
        break;
    case VTERM_ATTR_STRIKE:
        set_attr(pen, ATTR_STRIKE, value->boolean);
        break;
    case VTERM_ATTR_UNDERLINE:
        set_attr(pen, ATTR_UNDERLINE, value->number != VTERM_UNDERLINE_OFF);
        set_attr(pen, GRID_DOUBLE, value->number == VTERM_UNDERLINE_DOUBLE);
        set_attr(pen, GRID_CURLY, value->number == VTERM_UNDERLINE_CURLY);
        break;
    case VTERM_ATTR_FOREGROUND:
        pen->fg = color_of(&value->color);
        break;
    case VTERM_ATTR_BACKGROUND:
        pen->bg = color_of(&value->color);
        break;
    default:
        break;
    }
    return 1;
}

/* Cursor, screens, title and mouse are the guard's. */
static int on_settermprop(VTermProp prop, VTermValue *value, void *user)
{
    (void)prop, (void)value, (void)user;
    return 1;
}

static int on_bell(void *user)
{
    struct emulator *e = user;

    if (e->bell)
        e->bell(e->user);
    return 1;
}

static int on_setlineinfo(int row, const VTermLineInfo *now, const VTermLineInfo *old, void *user)
{
    (void)row, (void)now, (void)old, (void)user;
    return 0;
}

#define VTERM_AT_LEAST(major, minor) \
    (VTERM_VERSION_MAJOR > (major) || (VTERM_VERSION_MAJOR == (major) && VTERM_VERSION_MINOR >= (minor)))

#if VTERM_AT_LEAST(0, 3)
/* 0.3 forgets to make its line information larger unless there is this callback, which has to do it. Nothing
 * is lost: the guard lets no lines of double width or height through. */
static int on_resize(int rows, int cols, VTermStateFields *fields, void *user)
{
    (void)cols, (void)user;
    for (int i = 0; i < 2; i++) {
        if (!fields->lineinfos[i])
            continue;
        free(fields->lineinfos[i]);
        fields->lineinfos[i] = xcalloc((size_t)rows, sizeof *fields->lineinfos[i]);
    }
    return 1;
}
#endif

static const VTermStateCallbacks callbacks = {
    .putglyph = on_putglyph,
    .movecursor = on_movecursor,
    .scrollrect = on_scrollrect,
    .erase = on_erase,
    .initpen = on_initpen,
    .setpenattr = on_setpenattr,
    .settermprop = on_settermprop,
    .bell = on_bell,
    .setlineinfo = on_setlineinfo,
#if VTERM_AT_LEAST(0, 3)
    .resize = on_resize,
#endif
};

static void on_output(const char *bytes, size_t n, void *user)
{
    struct emulator *e = user;

    if (e->output)
        e->output(bytes, n, e->user);
}

/* ---- What others call ---- */

struct emulator *emulator_new(struct grid *grid, void (*output)(const char *bytes, size_t n, void *user),
                              void (*bell)(void *user), void *user)
{
    struct emulator *e = xcalloc(1, sizeof *e);

    *e = (struct emulator){.grid = grid, .output = output, .bell = bell, .user = user};
    e->vt = vterm_new(grid->rows, grid->cols);
    vterm_set_utf8(e->vt, 1);
    vterm_output_set_callback(e->vt, on_output, e);
    e->state = vterm_obtain_state(e->vt);
    vterm_state_set_callbacks(e->state, &callbacks, e);
    vterm_state_set_bold_highbright(e->state, 0);
    vterm_state_reset(e->state, 1);
    return e;
}

void emulator_free(struct emulator *e)
{
    if (!e)
        return;
    vterm_free(e->vt);
    free(e);
}

void emulator_write(struct emulator *e, const char *bytes, size_t n)
{
    vterm_input_write(e->vt, bytes, n);
}

void emulator_cursor(const struct emulator *e, int *row, int *col)
{
    VTermPos pos;

    vterm_state_get_cursorpos(e->state, &pos);
    *row = pos.row;
    *col = pos.col;
}

static __attribute__((format(printf, 2, 3))) void tell(struct emulator *e, const char *format, ...)
{
    char text[64];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    vterm_input_write(e->vt, text, (size_t)n);
}

void emulator_move(struct emulator *e, int row, int col)
{
    tell(e, "\033[%d;%dH", row + 1, col + 1);
}

/* A scroll region or a cursor that is beyond the new size makes libvterm 0.1.4 write beyond its memory, so
 * both go home first. */
void emulator_resize(struct emulator *e, int row, int col)
{
    tell(e, "\033[r\033[?6l\033[1;1H");
    vterm_set_size(e->vt, e->grid->rows, e->grid->cols);
    emulator_move(e, row, col);
}

void emulator_reset(struct emulator *e, bool hard)
{
    vterm_state_reset(e->state, hard);
}

static void set_color(struct emulator *e, int what, color c)
{
    if (COLOR_KIND(c) == 1)
        tell(e, "\033[%d;5;%um", what, c & 0xff);
    else if (COLOR_KIND(c) == 2)
        tell(e, "\033[%d;2;%u;%u;%um", what, c >> 16 & 0xff, c >> 8 & 0xff, c & 0xff);
}

void emulator_set_pen(struct emulator *e, const struct grid_cell *pen)
{
    static const struct {
        unsigned attr;
        const char *sgr;
    } attrs[] = {
        {ATTR_BOLD, "\033[1m"},    {ATTR_ITALIC, "\033[3m"},  {ATTR_UNDERLINE, "\033[4m"},
        {ATTR_BLINK, "\033[5m"},   {ATTR_REVERSE, "\033[7m"}, {ATTR_STRIKE, "\033[9m"},
        {GRID_DOUBLE, "\033[21m"}, {GRID_CURLY, "\033[4:3m"},
    };
    struct grid_cell want = *pen;

    vterm_input_write(e->vt, "\033[0m", 4);
    for (size_t i = 0; i < ARRAY_LEN(attrs); i++)
        if (want.attrs & attrs[i].attr)
            vterm_input_write(e->vt, attrs[i].sgr, strlen(attrs[i].sgr));
    set_color(e, 38, want.fg);
    set_color(e, 48, want.bg);
}
