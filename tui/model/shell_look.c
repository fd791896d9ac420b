/* Looking back in a shell's terminal, as with vi in a text that cannot be changed; and selecting, with keys
 * or the mouse. The view stands still while the child goes on writing below it. */
#include "model/shell_parts.h"

#include "base/mem.h"

#include <string.h>

/* ---- Begin and end ---- */

static int last_row(const struct shell *s)
{
    return terminal_rows(s->terminal) - 1;
}

/* Keeps the view on a line, and everything within what there still is. */
static void settle(struct shell *s)
{
    long first = terminal_first_line(s->terminal), end = terminal_end_line(s->terminal);
    if (s->view.top == TERMINAL_FOLLOW)
        s->view.top = terminal_screen_line(s->terminal);
    if (s->view.top < first)
        s->view.top = first;
    if (s->cursor.line < first)
        s->cursor.line = first;
    if (s->cursor.line >= end)
        s->cursor.line = end - 1;
    if (s->cursor.col >= terminal_cols(s->terminal))
        s->cursor.col = terminal_cols(s->terminal) - 1;
}

void shell_look_begin(struct shell *s)
{
    if (s->looking)
        return;
    s->looking = true;
    s->leave_at_end = false;
    s->backwards = true;
    s->selecting = false;
    s->alternate = terminal_modes(s->terminal).alternate;
    s->seen_end = terminal_end_line(s->terminal);
    s->cursor = terminal_cursor(s->terminal).at;
    settle(s);
}

void shell_look_end(struct shell *s)
{
    s->looking = s->selecting = false;
    s->view.top = TERMINAL_FOLLOW;
}

bool shell_looking(const struct shell *s)
{
    return s->looking;
}

/* The two screens have lines of their own. */
void shell_look_check(struct shell *s)
{
    if (s->looking && s->alternate != terminal_modes(s->terminal).alternate)
        shell_look_end(s);
    else if (s->looking)
        settle(s);
}

struct shell_look_state shell_look_state(const struct shell *s)
{
    return (struct shell_look_state){
        .line = s->cursor.line - terminal_first_line(s->terminal) + 1,
        .lines = terminal_end_line(s->terminal) - terminal_first_line(s->terminal),
        .new_lines = terminal_end_line(s->terminal) - s->seen_end,
        .selecting = s->selecting,
        .kind = s->selection.kind == SELECT_LINES   ? "lines"
                : s->selection.kind == SELECT_BLOCK ? "block"
                                                    : "text",
    };
}

/* ---- Going about ---- */

static void move_to(struct shell *s, struct terminal_pos to)
{
    s->cursor = to;
    settle(s);
    terminal_show_line(s->terminal, &s->view, s->cursor.line);
    settle(s);
    if (s->selecting)
        s->selection.point = s->cursor;
}

/* Moves the view, and the cursor with it. */
static bool scroll(struct shell *s, long lines)
{
    bool moved = terminal_scroll(s->terminal, &s->view, lines);
    settle(s);
    s->cursor.line += lines;
    if (s->cursor.line < s->view.top)
        s->cursor.line = s->view.top;
    if (s->cursor.line > s->view.top + last_row(s))
        s->cursor.line = s->view.top + last_row(s);
    move_to(s, s->cursor);
    return moved;
}

/* The view alone moves, by a line; the cursor only where it would leave it. */
static void scroll_one(struct shell *s, int lines)
{
    struct terminal_pos at = s->cursor;
    terminal_scroll(s->terminal, &s->view, lines);
    settle(s);
    if (at.line < s->view.top)
        at.line = s->view.top;
    if (at.line > s->view.top + last_row(s))
        at.line = s->view.top + last_row(s);
    move_to(s, at);
}

static void select_from_here(struct shell *s, enum terminal_select_kind kind)
{
    if (s->selecting && s->selection.kind == kind) {
        s->selecting = false;
        return;
    }
    if (!s->selecting)
        s->selection.anchor = s->cursor;
    s->selection.kind = kind;
    s->selection.point = s->cursor;
    s->selecting = true;
}

static void to_other_end(struct shell *s)
{
    if (!s->selecting)
        return;
    struct terminal_pos anchor = s->selection.anchor;
    s->selection.anchor = s->cursor;
    move_to(s, anchor);
}

static bool to_prompt(struct shell *s, bool backwards)
{
    long line = terminal_prompt(s->terminal, s->cursor.line, backwards);
    if (line < 0)
        return false;
    move_to(s, (struct terminal_pos){line, 0});
    return true;
}

static const enum terminal_motion motions[] = {
    [LOOK_LEFT] = MOTION_LEFT,
    [LOOK_RIGHT] = MOTION_RIGHT,
    [LOOK_UP] = MOTION_UP,
    [LOOK_DOWN] = MOTION_DOWN,
    [LOOK_WORD_NEXT] = MOTION_WORD_NEXT,
    [LOOK_WORD_PREVIOUS] = MOTION_WORD_PREVIOUS,
    [LOOK_WORD_END] = MOTION_WORD_END,
    [LOOK_LINE_START] = MOTION_LINE_START,
    [LOOK_LINE_TEXT] = MOTION_LINE_TEXT,
    [LOOK_LINE_END] = MOTION_LINE_END,
    [LOOK_TOP] = MOTION_HISTORY_START,
    [LOOK_BOTTOM] = MOTION_HISTORY_END,
    [LOOK_PARAGRAPH_NEXT] = MOTION_PARAGRAPH_NEXT,
    [LOOK_PARAGRAPH_PREVIOUS] = MOTION_PARAGRAPH_PREVIOUS,
};

bool shell_look(struct shell *s, enum shell_look what)
{
    int page = last_row(s) > 1 ? last_row(s) : 1, half = page / 2 + 1;
    if (!s->looking)
        return false;
    if (what < ARRAY_LEN(motions)) {
        move_to(s, terminal_move(s->terminal, s->cursor, motions[what]));
        return true;
    }
    switch (what) {
    case LOOK_PAGE_UP:
        return scroll(s, -page);
    case LOOK_PAGE_DOWN:
        return scroll(s, page);
    case LOOK_HALF_UP:
        return scroll(s, -half);
    case LOOK_HALF_DOWN:
        return scroll(s, half);
    case LOOK_SCROLL_UP:
        scroll_one(s, -1);
        return true;
    case LOOK_SCROLL_DOWN:
        scroll_one(s, 1);
        return true;
    case LOOK_VIEW_TOP:
    case LOOK_VIEW_MIDDLE:
    case LOOK_VIEW_BOTTOM: {
        int row = what == LOOK_VIEW_TOP ? 0 : what == LOOK_VIEW_MIDDLE ? last_row(s) / 2 : last_row(s);
        move_to(s, (struct terminal_pos){s->view.top + row, 0});
        return true;
    }
    case LOOK_SELECT:
        select_from_here(s, SELECT_CHARS);
        return true;
    case LOOK_SELECT_LINES:
        select_from_here(s, SELECT_LINES);
        return true;
    case LOOK_SELECT_BLOCK:
        select_from_here(s, SELECT_BLOCK);
        return true;
    case LOOK_OTHER_END:
        to_other_end(s);
        return true;
    case LOOK_PROMPT_PREVIOUS:
    case LOOK_PROMPT_NEXT:
        return to_prompt(s, what == LOOK_PROMPT_PREVIOUS);
    default:
        return false;
    }
}

bool shell_wheel(struct shell *s, long lines)
{
    if (!s->looking) {
        if (lines > 0 || terminal_first_line(s->terminal) == terminal_screen_line(s->terminal))
            return false;
        bool selecting = s->selecting;
        shell_look_begin(s);
        s->leave_at_end = true;
        s->selecting = selecting;
    }
    struct terminal_pos point = s->selection.point;
    terminal_scroll(s->terminal, &s->view, lines);
    if (s->leave_at_end && s->view.top == TERMINAL_FOLLOW && !s->selecting) {
        shell_look_end(s);
        return true;
    }
    settle(s);
    if (s->cursor.line < s->view.top)
        s->cursor.line = s->view.top;
    if (s->cursor.line > s->view.top + last_row(s))
        s->cursor.line = s->view.top + last_row(s);
    s->selection.point = point; /* the wheel looks, and selects nothing */
    return true;
}

/* ---- Search ---- */

void shell_search_direction(struct shell *s, bool backwards)
{
    s->backwards = backwards;
}

bool shell_search(struct shell *s, const char *text, bool other_way)
{
    struct terminal_pos from = s->cursor;
    struct terminal_match match;
    bool looking = s->looking;
    if (!looking)
        from = (struct terminal_pos){terminal_end_line(s->terminal) - 1, terminal_cols(s->terminal) - 1};
    bool backwards = (looking ? s->backwards : true) != other_way;
    if (!terminal_search(s->terminal, text, from, backwards, &match))
        return false;
    shell_look_begin(s);
    move_to(s, match.first);
    return true;
}

/* ---- The mouse ---- */

static struct terminal_pos position(const struct shell *s, int row, int col)
{
    long top = s->looking ? s->view.top : terminal_screen_line(s->terminal);
    long end = terminal_end_line(s->terminal);
    int last = terminal_cols(s->terminal) - 1;
    long line = top + row;
    return (struct terminal_pos){.line = line < end ? line : end - 1,
                                 .col = col < 0      ? 0
                                        : col > last ? last
                                                     : col};
}

static bool is_of_word(const struct shell *s, struct terminal_pos at)
{
    struct cell c = terminal_cell(s->terminal, at);
    if (c.width == 0 || c.ch >= 0x80)
        return true;
    return c.ch > ' ' && !strchr("\"'`()[]{}<>|;,&=", (char)c.ch);
}

/* A word as one means it in a shell: a path, an option, an address. */
static void select_word(struct shell *s, struct terminal_pos at)
{
    struct terminal_pos from = at, to = at;
    int last = terminal_cols(s->terminal) - 1;
    if (!is_of_word(s, at))
        return;
    while (from.col > 0 && is_of_word(s, (struct terminal_pos){at.line, from.col - 1}))
        from.col--;
    while (to.col < last && is_of_word(s, (struct terminal_pos){at.line, to.col + 1}))
        to.col++;
    s->selection = (struct terminal_selection){.kind = SELECT_CHARS, .anchor = from, .point = to};
    s->selecting = true;
}

/* The whole line, over as many rows as it takes, without its end. */
static void select_line(struct shell *s, long line)
{
    long first = line, last = line;
    while (first > terminal_first_line(s->terminal) && terminal_line_wrapped(s->terminal, first - 1))
        first--;
    while (terminal_line_wrapped(s->terminal, last))
        last++;
    s->selection = (struct terminal_selection){
        .kind = SELECT_CHARS, .anchor = {first, 0}, .point = {last, terminal_cols(s->terminal) - 1}};
    s->selecting = true;
}

void shell_select_begin(struct shell *s, int row, int col, int clicks)
{
    struct terminal_pos at = position(s, row, col);
    s->selecting = false;
    if (s->looking)
        s->cursor = at;
    s->selection = (struct terminal_selection){.kind = SELECT_CHARS, .anchor = at, .point = at};
    if (clicks == 2)
        select_word(s, at);
    else if (clicks >= 3)
        select_line(s, at.line);
}

void shell_select_to(struct shell *s, int row, int col)
{
    s->selection.point = position(s, row, col);
    s->selecting = true;
    if (s->looking)
        s->cursor = s->selection.point;
}

void shell_select_none(struct shell *s)
{
    s->selecting = false;
}

char *shell_selected(const struct shell *s)
{
    if (!s->selecting)
        return NULL;
    struct buf text = {0};
    terminal_selection_text(s->terminal, &s->selection, &text);
    return buf_take(&text);
}

bool shell_has_view(const struct shell *s)
{
    return s->looking || s->selecting || s->rang;
}

/* ---- Drawing ---- */

void shell_draw(const struct shell *s, const struct theme *t, struct area a, bool focused, const char *needle)
{
    struct terminal_view view = s->view;
    view.focused = focused;
    view.selection = s->selecting ? &s->selection : NULL;
    view.selected = theme_style(t, ROLE_SELECTED);
    view.search = s->looking && needle && *needle ? needle : NULL;
    view.match = theme_style(t, ROLE_MATCH);
    view.cursor = s->looking ? &s->cursor : NULL;
    terminal_draw(s->terminal, a, &view);
}
