/* A program in a pseudo-terminal, driven by keys and judged by what stands on its screen.
 *
 * The screen is read through Lux's own emulator. Nothing sleeps: every wait is for something to be (or to be
 * no longer) on the current screen, and gives up after PT_TIMEOUT_MS, five times that under a sanitizer; a
 * failure prints the screen. A failed wait ends the test through cmocka. */
#ifndef TESTS_PTEST_H
#define TESTS_PTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ptest;

enum { PT_TIMEOUT_MS = 10000 };

struct pt_options {
    int rows, cols;          /* 0: 40 x 120 */
    const char *const *argv; /* NULL-terminated */
    const char *const *env; /* "NAME=value", NULL-terminated: the whole environment but TERM and the locale */
    const char *cwd;
};

struct ptest *pt_start(const struct pt_options *o);
pid_t pt_pid(const struct ptest *p);
/* Ends the program if it still runs. */
void pt_free(struct ptest *p);

/* Keys: text as it is, and in angle brackets by name: "ihello<Esc>:wq<Enter>", "<C-g>", "<F12>", "<lt>" for
 * "<". */
void pt_keys(struct ptest *p, const char *keys);
/* These bytes, as they are. */
void pt_bytes(struct ptest *p, const char *bytes);
void pt_paste(struct ptest *p, const char *text);
void pt_click(struct ptest *p, int row, int col);
void pt_resize(struct ptest *p, int rows, int cols);
void pt_signal(struct ptest *p, int signal);

/* Until the text stands in one row of the screen; returns that row. */
int pt_wait_text(struct ptest *p, const char *text);
/* Until one of the texts (NULL-terminated) is there; returns its index. */
int pt_wait_any(struct ptest *p, const char *const *texts, int timeout_ms);
void pt_wait_gone(struct ptest *p, const char *text);
/* Until the program has consumed all keys sent so far and drawn what came of them (LUXTUI_TEST=1). */
void pt_sync(struct ptest *p);
/* Its terminal is closed: it has ended, or is about to. */
bool pt_ended(const struct ptest *p);
/* Until the program has ended; its status as from waitpid(2). */
int pt_wait_exit(struct ptest *p);

/* Takes in what the program has written, waiting for it a moment. */
void pt_look(struct ptest *p);
bool pt_has(struct ptest *p, const char *text);
/* Row and column of the text; false if it is not there. */
bool pt_find(struct ptest *p, const char *text, int *row, int *col);
/* The rows of the screen, each with a line feed; valid until the next call. */
const char *pt_screen(struct ptest *p);
/* The last bytes that the program wrote. */
const char *pt_tail(struct ptest *p, size_t *n);
/* The terminal's modes as the program left them: canonical input with echo, which is what a shell expects. */
bool pt_is_sane(struct ptest *p);

#endif
