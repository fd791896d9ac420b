/* The shell of a challenge: an emulated terminal and, once it was started, the process on it. The loop polls
 * it and feeds it; the terminal pane draws it. The only place of the screen that knows vt. */
#ifndef MODEL_SHELL_H
#define MODEL_SHELL_H

#include "base/error.h"
#include "tty/input.h"
#include "ui/cell.h"
#include "ui/theme.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shell;

struct shell *shell_new(int rows, int cols);
void shell_free(struct shell *s); /* NULL is fine */

/* Starts a shell in `dir`; env as in vt/pty.h. -1: it could not be started, and the terminal says so too. */
int shell_start(struct shell *s, const char *dir, const char *const *env, struct error *err);
/* Shows bytes as if a child had written them: for tests, and for what the screen itself has to say there. */
void shell_print(struct shell *s, const char *bytes, size_t n);

bool shell_alive(const struct shell *s);
int shell_fd(const struct shell *s); /* -1 when there is nothing to poll */
bool shell_wants_write(const struct shell *s);
/* So much waits for the child that no more keys should be read for it. */
bool shell_is_clogged(const struct shell *s);
/* Moves bytes from the child to the terminal, at most a fair share; false when the end has come: the
 * descriptor is closed then. *n is how many came. */
bool shell_read(struct shell *s, size_t *n);
void shell_write_ready(struct shell *s);
/* After SIGCHLD: true when the child's end was noticed just now. */
bool shell_reap(struct shell *s);
/* "exited with status 1", "was ended by signal 9 (Killed)"; "" while it lives. */
const char *shell_end_text(const struct shell *s);

void shell_resize(struct shell *s, int rows, int cols);
void shell_size(const struct shell *s, int *rows, int *cols);
void shell_key(struct shell *s, const struct key *k);
/* A part of a pasted text; `last` ends it. */
void shell_paste(struct shell *s, const char *text, size_t n, bool last);
/* Whether each line of a text that is pasted now would be run at once, without a chance to look at it. */
bool shell_runs_lines(const struct shell *s);
void shell_type(struct shell *s, const char *text);
void shell_focus(struct shell *s, bool focused);
/* A mouse event at the pane's own coordinates. False: not for the child. */
bool shell_mouse(struct shell *s, const struct mouse *e);
/* Whether the shell itself waits for a command, and no program runs in it. */
bool shell_at_prompt(const struct shell *s);
/* The name of the program that runs in it, into out; "" at the prompt, or where it cannot be known. */
const char *shell_runs(const struct shell *s, char out[32]);
bool shell_fullscreen(const struct shell *s); /* a program on the alternate screen */
/* What a program that runs in it calls itself; "" for the shell's own title, which only repeats the place. */
const char *shell_title(const struct shell *s);
/* The directory that the shell says it is in; "" when it says nothing of that. */
const char *shell_directory(const struct shell *s);
/* The bell has rung since the last key. */
bool shell_rang(const struct shell *s);
void shell_quiet(struct shell *s);
/* What a program wants to have on the clipboard; the caller frees. NULL: nothing new. */
char *shell_take_clipboard(struct shell *s);
/* Whether something that was typed or pasted was lost since the last call, for the child does not read. */
bool shell_take_refused(struct shell *s);
/* The colours of the outer terminal, as in vt/terminal.h. */
void shell_set_colors(struct shell *s, long foreground, long background);

/* The time of clock_now_ns at which shell_tick has to be called; 0: never. */
uint64_t shell_deadline(const struct shell *s);
void shell_tick(struct shell *s, uint64_t now_ns);

/* ---- Looking back: the view stands still, keys move a cursor in it ---- */

enum shell_look {
    LOOK_LEFT,
    LOOK_RIGHT,
    LOOK_UP,
    LOOK_DOWN,
    LOOK_WORD_NEXT,
    LOOK_WORD_PREVIOUS,
    LOOK_WORD_END,
    LOOK_LINE_START,
    LOOK_LINE_TEXT,
    LOOK_LINE_END,
    LOOK_TOP,
    LOOK_BOTTOM,
    LOOK_PARAGRAPH_NEXT,
    LOOK_PARAGRAPH_PREVIOUS,
    LOOK_PAGE_UP,
    LOOK_PAGE_DOWN,
    LOOK_HALF_UP,
    LOOK_HALF_DOWN,
    LOOK_SCROLL_UP,
    LOOK_SCROLL_DOWN,
    LOOK_VIEW_TOP,
    LOOK_VIEW_MIDDLE,
    LOOK_VIEW_BOTTOM,
    LOOK_SELECT, /* begins a selection, changes its kind, or ends it */
    LOOK_SELECT_LINES,
    LOOK_SELECT_BLOCK,
    LOOK_OTHER_END,
    LOOK_PROMPT_PREVIOUS,
    LOOK_PROMPT_NEXT
};

void shell_look_begin(struct shell *s);
void shell_look_end(struct shell *s);
bool shell_looking(const struct shell *s);
/* False: not possible, or not looking back. */
bool shell_look(struct shell *s, enum shell_look what);
/* The wheel: begins looking back, and ends that where it has begun it and comes to the end. False: there is
 * nothing to be seen there. */
bool shell_wheel(struct shell *s, long lines);

struct shell_look_state {
    long line, lines; /* the cursor's line, from 1, and how many there are */
    long new_lines;   /* written since it began */
    bool selecting;
    const char *kind; /* of the selection: "text", "lines", "block" */
};
struct shell_look_state shell_look_state(const struct shell *s);

/* Which way a search goes: towards older lines, unless told otherwise. */
void shell_search_direction(struct shell *s, bool backwards);
/* The next place with the text, or with `other_way` the one before, comes under the cursor; begins looking
 * back. False if there is none. */
bool shell_search(struct shell *s, const char *text, bool other_way);

/* Selection with the mouse, at the pane's own coordinates. Two clicks: the word; three: the line. */
void shell_select_begin(struct shell *s, int row, int col, int clicks);
void shell_select_to(struct shell *s, int row, int col);
void shell_select_none(struct shell *s);
/* The selected text; the caller frees. NULL if nothing is selected. */
char *shell_selected(const struct shell *s);
/* Looking back, with a selection, or with the mark of a bell: what the next key puts away. */
bool shell_has_view(const struct shell *s);

void shell_draw(const struct shell *s, const struct theme *t, struct area a, bool focused,
                const char *needle);

#endif
