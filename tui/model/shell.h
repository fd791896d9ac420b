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
void shell_paste(struct shell *s, const char *text, size_t n);
void shell_type(struct shell *s, const char *text);
void shell_focus(struct shell *s, bool focused);
/* A mouse event at the pane's own coordinates. False: not for the child. */
bool shell_mouse(struct shell *s, const struct mouse *e);
/* Whether the shell itself waits for a command, and no program runs in it. */
bool shell_at_prompt(const struct shell *s);
bool shell_fullscreen(const struct shell *s); /* a program on the alternate screen */
const char *shell_title(const struct shell *s);

/* The time of clock_now_ns at which shell_tick has to be called; 0: never. */
uint64_t shell_deadline(const struct shell *s);
void shell_tick(struct shell *s, uint64_t now_ns);

/* Scrollback: lines towards older ones are negative. True if the view moved. */
bool shell_scroll(struct shell *s, long lines);
void shell_scroll_end(struct shell *s);
bool shell_scrolled(const struct shell *s);
/* Scrolled back, or with a selection: what the next key puts away. */
bool shell_has_view(const struct shell *s);
long shell_lines_below(const struct shell *s); /* between the view and the end */
/* The next older (or newer) line that holds the text comes into sight; false if there is none. */
bool shell_search(struct shell *s, const char *text, bool backwards);

/* Selection with the mouse, at the pane's own coordinates. */
void shell_select_begin(struct shell *s, int row, int col);
void shell_select_to(struct shell *s, int row, int col);
void shell_select_none(struct shell *s);
/* The selected text; the caller frees. NULL if nothing is selected. */
char *shell_selected(const struct shell *s);

void shell_draw(const struct shell *s, const struct theme *t, struct area a, bool focused,
                const char *needle);

#endif
