/* The embedded terminal: bytes of a child go in, a screen of cells with scrollback comes out, and what a
 * person types becomes the bytes that the child expects. It does no I/O and knows neither curses nor libuv:
 * see vt/pty.h for the child itself.
 *
 * Lines are numbered from the first one that was ever there, so a number stays with its line while output
 * goes on: the kept ones are terminal_first_line() .. terminal_end_line() - 1, and the last `rows` of them
 * are the screen. The numbers change only when the width does (lines are rewrapped) or the child switches to
 * its alternate screen, which has no history; a position that must survive a resize is given to
 * terminal_resize. */
#ifndef VT_TERMINAL_H
#define VT_TERMINAL_H

#include "base/buf.h"
#include "ui/cell.h"
#include "vt/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct terminal;

enum {
    TERMINAL_MIN_ROWS = 2, /* smaller sizes are raised to these */
    TERMINAL_MIN_COLS = 2,
    TERMINAL_MAX_ROWS = 1000,
    TERMINAL_MAX_COLS = 1000,
    TERMINAL_HISTORY = 10000,         /* lines of scrollback, the usual choice */
    TERMINAL_TITLE_MAX = 256,         /* characters; a longer title is cut */
    TERMINAL_CLIPBOARD_MAX = 1 << 20, /* bytes; a larger request is dropped */
    TERMINAL_SYNC_MS = 150            /* a synchronised update (?2026) is shown after that at the latest */
};

/* Called from within the function that feeds or uses the terminal; must not call back into it. Any may be
 * NULL. */
struct terminal_callbacks {
    /* Bytes for the child: keys, pasted text, mouse reports, answers to its questions. */
    void (*output)(const char *bytes, size_t n, void *user);
    /* The title changed: printable UTF-8. */
    void (*title)(const char *title, void *user);
    void (*bell)(void *user);
    /* The child asks to put text on the clipboard (OSC 52). Whether it may is for the caller to decide;
     * reading the clipboard is never possible. */
    void (*clipboard)(const char *text, size_t n, void *user);
    /* The child's shell says which directory it is in (OSC 7): an absolute path. */
    void (*directory)(const char *path, void *user);
    /* Something that terminal_draw shows has changed; called once per terminal_feed. */
    void (*damage)(void *user);
};

/* A terminal that keeps up to `history` lines of scrollback. Never NULL. */
struct terminal *terminal_new(int rows, int cols, int history, const struct terminal_callbacks *callbacks,
                              void *user);
void terminal_free(struct terminal *t);

/* Takes what the child wrote, in pieces of any size. Any bytes are safe. */
void terminal_feed(struct terminal *t, const void *bytes, size_t n);

/* The outer terminal's colours as 0xRRGGBB, -1 when not known: told to a child that asks for them (OSC 10 and
 * 11), so that an editor finds out whether the background is dark. */
void terminal_set_colors(struct terminal *t, long foreground, long background);

/* Back to the state of a new terminal, scrollback included: for a new child in the old terminal, or an
 * unusable screen. Title and directory are forgotten without a callback. */
void terminal_reset(struct terminal *t);

/* A line and a column; the column may be anything from 0 to cols - 1. */
struct terminal_pos {
    long line;
    int col;
};

/* Changes the size. The primary screen and its history are rewrapped when the width changes; the n positions
 * at `keep` (may be NULL) move with the text. Tell the child by pty_resize afterwards. */
void terminal_resize(struct terminal *t, int rows, int cols, struct terminal_pos *keep, size_t n);

int terminal_rows(const struct terminal *t);
int terminal_cols(const struct terminal *t);

/* Timers. When terminal_deadline() is not 0, terminal_tick() wants to be called at that time of clock_now_ns
 * (or later): a synchronised update or an unfinished string has to be given up. Ask again after each feed and
 * tick. */
uint64_t terminal_deadline(const struct terminal *t);
void terminal_tick(struct terminal *t, uint64_t now_ns);

/* ---- Looking ---- */

/* From oldest kept line, over the screen's first row (row 0), to one past its last row. */
long terminal_first_line(const struct terminal *t);
long terminal_screen_line(const struct terminal *t);
long terminal_end_line(const struct terminal *t);

enum terminal_select_kind { SELECT_CHARS, SELECT_LINES, SELECT_BLOCK };

/* Both ends belong to the selection; either may come first. */
struct terminal_selection {
    enum terminal_select_kind kind;
    struct terminal_pos anchor, point;
};

#define TERMINAL_FOLLOW (-1L)

/* What a pane shows of the terminal. All zero but top is fine. */
struct terminal_view {
    long top;     /* the line in the first row; TERMINAL_FOLLOW: the screen itself */
    bool focused; /* the child's cursor becomes the surface's cursor; otherwise it is
                     drawn as a reversed cell */
    const struct terminal_selection *selection; /* drawn in `selected`; NULL: none */
    struct style selected;
    const char *search; /* every match is drawn in `match`; NULL: none */
    struct style match;
    const struct terminal_pos *cursor; /* of copy mode: takes the place of the child's cursor; NULL: none */
};

/* Draws the view, from its top line down, into the whole area: cells beyond the terminal's columns or lines
 * are blank. While the child is in a synchronised update, TERMINAL_FOLLOW shows the screen from before it. */
void terminal_draw(const struct terminal *t, struct area a, const struct terminal_view *view);

/* Moves a view by `delta` lines (negative: towards older ones) and keeps it within what exists; at the end it
 * becomes TERMINAL_FOLLOW. Returns whether it moved. */
bool terminal_scroll(const struct terminal *t, struct terminal_view *view, long delta);
/* Moves the view as little as needed for the line to be in it. */
void terminal_show_line(const struct terminal *t, struct terminal_view *view, long line);

/* The cell there, in the form of the surface; blank where there is none. */
struct cell terminal_cell(const struct terminal *t, struct terminal_pos at);
/* Adds the text of one line, without blanks at its end. */
void terminal_line_text(const struct terminal *t, long line, struct buf *out);
/* Whether the line goes on in the next one because it was too long. */
bool terminal_line_wrapped(const struct terminal *t, long line);
/* Adds the selected text: wrapped lines are joined, blanks at the end of lines left out. */
void terminal_selection_text(const struct terminal *t, const struct terminal_selection *s, struct buf *out);
bool terminal_selected(const struct terminal_selection *s, struct terminal_pos at);

struct terminal_cursor {
    struct terminal_pos at;
    bool visible;
    bool blink;
    enum cursor_shape shape;
};

struct terminal_cursor terminal_cursor(const struct terminal *t);

/* A piece of text found by a search; `last` belongs to it. */
struct terminal_match {
    struct terminal_pos first, last;
};

/* Looks for plain text, over wrapped lines too; letters of either case match unless the text contains a
 * capital. Goes to older lines when `backwards`, and starts beside `from`, not at it. Returns false when
 * there is no match up to the end in that direction. */
bool terminal_search(const struct terminal *t, const char *text, struct terminal_pos from, bool backwards,
                     struct terminal_match *found);

/* The web address or file that the text there leads to (OSC 8); NULL: none. Valid until the next feed. */
const char *terminal_link(const struct terminal *t, struct terminal_pos at);
/* The nearest line with a shell prompt (OSC 133) before or after `line`; -1: none. */
long terminal_prompt(const struct terminal *t, long line, bool backwards);

/* The motions of copy mode, as in vi. A motion that is not possible leaves the position as it is. */
enum terminal_motion {
    MOTION_LEFT,
    MOTION_RIGHT,
    MOTION_UP,
    MOTION_DOWN,
    MOTION_WORD_NEXT,      /* w */
    MOTION_WORD_PREVIOUS,  /* b */
    MOTION_WORD_END,       /* e */
    MOTION_LINE_START,     /* 0 */
    MOTION_LINE_TEXT,      /* ^ */
    MOTION_LINE_END,       /* $ */
    MOTION_HISTORY_START,  /* g */
    MOTION_HISTORY_END,    /* G */
    MOTION_PARAGRAPH_NEXT, /* } */
    MOTION_PARAGRAPH_PREVIOUS,
    MOTION_COUNT_
};
struct terminal_pos terminal_move(const struct terminal *t, struct terminal_pos from,
                                  enum terminal_motion motion);

/* ---- What the child asked for ---- */

struct terminal_modes {
    bool alternate;       /* the alternate screen: a full-screen program */
    bool mouse;           /* any kind of mouse report */
    bool bracketed_paste; /* ?2004 */
    bool focus;           /* ?1004 */
    bool application_cursor;
    bool application_keypad;
    bool synchronised; /* in the middle of an update */
};

struct terminal_modes terminal_modes(const struct terminal *t);
/* "" as long as the child has set none. */
const char *terminal_title(const struct terminal *t);
const char *terminal_directory(const struct terminal *t);

/* ---- Input: all of it leaves through callbacks.output ---- */

/* Text and control bytes as they were typed. */
void terminal_send(struct terminal *t, const void *bytes, size_t n);
/* A key that has no character, with its modifiers (enum terminal_mods); how it is encoded depends on the
 * modes that the child has set. */
void terminal_key(struct terminal *t, enum terminal_key key, unsigned mods);
/* Pasted text, cleaned of control characters other than tab and line ends. With bracketed paste it is marked
 * as such, otherwise line feeds become carriage returns, as if typed. */
void terminal_paste(struct terminal *t, const char *text, size_t n);
/* The same for a text that comes in parts of any size: one paste to the child, ended by the part with `last`
 * (which may be empty). */
void terminal_paste_part(struct terminal *t, const char *text, size_t n, bool last);

enum terminal_button {
    TBUTTON_NONE, /* with TMOUSE_MOVE only */
    TBUTTON_LEFT,
    TBUTTON_MIDDLE,
    TBUTTON_RIGHT,
    TBUTTON_WHEEL_UP, /* with TMOUSE_PRESS only, like the other wheels */
    TBUTTON_WHEEL_DOWN,
    TBUTTON_WHEEL_LEFT,
    TBUTTON_WHEEL_RIGHT
};
enum terminal_mouse_kind { TMOUSE_PRESS, TMOUSE_RELEASE, TMOUSE_MOVE };

struct terminal_mouse {
    enum terminal_mouse_kind kind;
    enum terminal_button button; /* the one that is held, for TMOUSE_MOVE */
    unsigned mods;
    int row, col; /* of the screen */
};

/* Passes a mouse event on if the child asked for such; a wheel on the alternate screen becomes arrow keys if
 * it asked for none. Returns false when the event is not for the child: the pane may use it to scroll and to
 * select. */
bool terminal_mouse(struct terminal *t, const struct terminal_mouse *event);
/* The pane got or lost the focus; the child hears of it if it asked. */
void terminal_focus(struct terminal *t, bool focused);

#endif
