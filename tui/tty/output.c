/* What curses is told: row by row, those rows whose cells differ from the last frame. Curses then finds the
 * shortest way to change the terminal. Colour pairs: curses has them by number; pair_for keeps its own table
 * from (fg, bg) to the number, since alloc_pair walks a tree and hands old numbers out again when they run
 * out. */
#define NCURSES_WIDECHAR 1
#include "tty/output.h"

#include "base/mem.h"
#include "tty/tty.h"

#include <curses.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COLORS_MAX = 257 }; /* the default and 256 */

struct output {
    FILE *file; /* a memfd: where curses writes */
    FILE *null; /* where curses would read */
    SCREEN *screen;
    int rows, cols, colors, pairs;
    int next_pair;
    short *pair_of; /* COLORS_MAX * COLORS_MAX; 0: none yet */
    struct surface *last;
    bool repaint;
    bool cursor_shown;
    enum cursor_shape shape;
    char *enter, *leave;
};

/* newterm installs handlers of its own for these where it finds the default action; its handler for SIGINT
 * and SIGTERM would end the process without our restoration. */
static const int curses_signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
enum { N_CURSES_SIGNALS = sizeof curses_signals / sizeof curses_signals[0] };

static SCREEN *newterm_without_handlers(const char *term, FILE *out, FILE *in)
{
    struct sigaction kept[N_CURSES_SIGNALS];

    for (int i = 0; i < N_CURSES_SIGNALS; i++)
        sigaction(curses_signals[i], NULL, &kept[i]);
    use_env(FALSE); /* the size is ours to say, not LINES' and COLUMNS' */
    SCREEN *screen = newterm(term, out, in);
    for (int i = 0; i < N_CURSES_SIGNALS; i++)
        sigaction(curses_signals[i], &kept[i], NULL);
    return screen;
}

static char *capability(const char *name)
{
    char *s = tigetstr(name);
    return xstrdup(s && (intptr_t)s != -1 ? s : "");
}

static void start_colors(struct output *o)
{
    o->colors = 0;
    if (!has_colors())
        return;
    start_color();
    use_default_colors();
    o->colors = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
    o->pairs = COLOR_PAIRS > 32767 ? 32767 : COLOR_PAIRS;
    o->pair_of = xcalloc((size_t)COLORS_MAX * COLORS_MAX, sizeof *o->pair_of);
    o->next_pair = 1;
}

struct output *output_new(const char *term, int rows, int cols, struct error *err)
{
    struct output *o = xcalloc(1, sizeof *o);
    int fd = memfd_create("frame", MFD_CLOEXEC);

    o->file = fd < 0 ? NULL : fdopen(fd, "w+");
    o->null = fopen("/dev/null", "r+e");
    if (!o->file || !o->null) {
        error_errno(err, "cannot set up drawing");
        output_free(o);
        return NULL;
    }
    o->screen = newterm_without_handlers(term, o->file, o->null);
    if (!o->screen) {
        error_set(err,
                  "this machine has no description of the terminal '%s': set TERM to one that it has "
                  "(TERM=xterm-256color fits most), or install the package ncurses-term",
                  term);
        output_free(o);
        return NULL;
    }
    const char *cup = tigetstr("cup");
    if (!cup || (intptr_t)cup == -1) {
        error_set(err, "the terminal '%s' cannot move its cursor; use `lux`, the same thing without a screen",
                  term);
        output_free(o);
        return NULL;
    }
    o->enter = capability("smcup");
    o->leave = capability("rmcup");
    start_colors(o);
    leaveok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    o->cursor_shown = true;
    o->shape = CURSOR_BLOCK;
    output_resize(o, rows, cols);
    return o;
}

void output_free(struct output *o)
{
    if (!o)
        return;
    if (o->screen) {
        endwin();
        delscreen(o->screen);
    }
    if (o->file)
        fclose(o->file);
    if (o->null)
        fclose(o->null);
    surface_free(o->last);
    free(o->pair_of);
    free(o->enter);
    free(o->leave);
    free(o);
}

void output_resize(struct output *o, int rows, int cols)
{
    o->rows = rows;
    o->cols = cols;
    resize_term(rows, cols); /* not resizeterm, which queues a key each time */
    surface_free(o->last);
    o->last = surface_new(rows, cols);
    o->repaint = true;
}

void output_repaint(struct output *o)
{
    o->repaint = true;
}

int output_colors(const struct output *o)
{
    return o->colors;
}

const char *output_enter(const struct output *o)
{
    return o->enter;
}

const char *output_leave(const struct output *o)
{
    return o->leave;
}

/* ---- Colours
 * ----------------------------------------------------------------------------------------------- */

/* A colour as curses counts them, -1 for the default, in as many colours as there are. */
static int curses_color(const struct output *o, color c)
{
    int index;

    if (COLOR_KIND(c) == 0)
        return -1;
    if (COLOR_KIND(c) == 1)
        index = (int)(c & 0xff);
    else
        index = color_to_256((int)(c >> 16 & 0xff), (int)(c >> 8 & 0xff), (int)(c & 0xff));
    if (o->colors < 256)
        index = color_256_to_16(index);
    if (o->colors < 16)
        index &= 7;
    return index;
}

/* The pair's number; 0, the default pair, when there are no more (a screen of that many colours is a
 * picture). */
static int pair_for(struct output *o, color fg, color bg)
{
    if (o->colors == 0)
        return 0;
    int f = curses_color(o, fg), b = curses_color(o, bg);
    if (f < 0 && b < 0)
        return 0;
    short *known = &o->pair_of[(f + 1) * COLORS_MAX + b + 1];
    if (*known == 0 && o->next_pair < o->pairs && init_extended_pair(o->next_pair, f, b) == OK)
        *known = (short)o->next_pair++;
    return *known;
}

static attr_t curses_attrs(const struct output *o, const struct style *st)
{
    static const struct {
        uint16_t ours;
        attr_t theirs;
    } table[] = {
        {ATTR_BOLD, A_BOLD},           {ATTR_DIM, A_DIM},         {ATTR_ITALIC, A_ITALIC},
        {ATTR_UNDERLINE, A_UNDERLINE}, {ATTR_REVERSE, A_REVERSE},
    };
    attr_t a = 0;

    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (st->attrs & table[i].ours)
            a |= table[i].theirs;
    /* Eight colours: the bright ones are the dark ones in bold. */
    if (o->colors == 8 && COLOR_KIND(st->fg) == 1 && (st->fg & 0xff) >= 8 && (st->fg & 0xff) < 16)
        a |= (st->fg & 0xff) == 8 ? A_DIM : A_BOLD;
    return a;
}

/* ---- Frames
 * ------------------------------------------------------------------------------------------------ */

/* A cell whose width curses would see otherwise (its table of characters is another one) must not shift the
 * row. */
static wchar_t safe_char(const struct cell *c)
{
    if (c->style.attrs & ATTR_CONCEAL)
        return L' ';
    if (c->ch < 0x80)
        return c->ch < 0x20 || c->ch == 0x7f ? L' ' : (wchar_t)c->ch;
    return wcwidth((wchar_t)c->ch) == c->width ? (wchar_t)c->ch : ui_unicode() ? 0xfffd : L'?';
}

static void put_cell(struct output *o, int row, int col, const struct cell *c)
{
    wchar_t text[2 + CELL_MARKS] = {safe_char(c)};
    size_t n = 1;

    for (int i = 0; i < CELL_MARKS && c->marks[i]; i++)
        if (wcwidth((wchar_t)c->marks[i]) == 0)
            text[n++] = (wchar_t)c->marks[i];
    int pair = pair_for(o, c->style.fg, c->style.bg);
    cchar_t cc;
    setcchar(&cc, text, curses_attrs(o, &c->style), 0, &pair);
    mvadd_wch(row, col, &cc);
    if (c->width == 2 && text[0] != (wchar_t)c->ch)
        mvaddch(row, col + 1, ' ');
}

static void put_row(struct output *o, int row, const struct surface *s)
{
    int cols = s->cols < o->cols ? s->cols : o->cols;

    for (int col = 0; col < cols; col++) {
        const struct cell *c = surface_at(s, row, col);
        if (c->width > 0)
            put_cell(o, row, col, c);
    }
}

static void put_rows(struct output *o, const struct surface *s)
{
    int rows = s->rows < o->rows ? s->rows : o->rows;
    bool same_size = s->rows == o->last->rows && s->cols == o->last->cols;

    for (int row = 0; row < rows; row++) {
        size_t bytes = (size_t)s->cols * sizeof(struct cell);
        if (!o->repaint && same_size &&
            memcmp(surface_at(s, row, 0), surface_at(o->last, row, 0), bytes) == 0)
            continue;
        put_row(o, row, s);
        if (same_size)
            memcpy(surface_at(o->last, row, 0), surface_at(s, row, 0), bytes);
    }
}

/* Moves what curses wrote from the memfd to the end of out. */
static void collect(struct output *o, struct buf *out)
{
    fflush(o->file);
    off_t n = lseek(fileno(o->file), 0, SEEK_CUR);
    if (n > 0) {
        char *room = buf_reserve(out, (size_t)n);
        ssize_t got = pread(fileno(o->file), room, (size_t)n, 0);
        if (got > 0) {
            out->len += (size_t)got;
            out->data[out->len] = '\0';
        }
    }
    lseek(fileno(o->file), 0, SEEK_SET);
    if (ftruncate(fileno(o->file), 0) < 0)
        o->repaint = true; /* cannot happen on a memfd; drawing anew is right in any case */
}

static void put_cursor(struct output *o, const struct surface *s, struct buf *out)
{
    static const char *const shapes[] = {
        [CURSOR_BLOCK] = "\033[2 q", [CURSOR_UNDERLINE] = "\033[4 q", [CURSOR_BAR] = "\033[6 q"};

    if (s->cursor_visible && s->cursor_shape != o->shape) {
        buf_addstr(out, shapes[s->cursor_shape]);
        o->shape = s->cursor_shape;
    }
}

void output_frame(struct output *o, const struct surface *s, struct buf *out)
{
    static const char begin[] = "\033[?2026h",
                      end[] = "\033[?2026l"; /* synchronised update; others ignore it */
    size_t start = out->len;

    if (o->repaint)
        clearok(curscr, TRUE);
    put_rows(o, s);
    o->repaint = false;
    if (s->cursor_visible != o->cursor_shown) {
        curs_set(s->cursor_visible ? 1 : 0);
        o->cursor_shown = s->cursor_visible;
    }
    move(s->cursor_row < o->rows ? s->cursor_row : o->rows - 1,
         s->cursor_col < o->cols ? s->cursor_col : o->cols - 1);
    buf_addstr(out, begin);
    wnoutrefresh(stdscr);
    doupdate();
    collect(o, out);
    put_cursor(o, s, out);
    if (out->len == start + sizeof begin - 1) {
        out->len = start; /* nothing changed: nothing is sent */
        out->data[start] = '\0';
        return;
    }
    buf_addstr(out, end);
}
