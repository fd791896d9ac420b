#include "ptest.h"

#include "cmocka_all.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "vt/pty.h"
#include "vt/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#ifdef LUX_SANITIZED
enum { PATIENCE = 5 };
#else
enum { PATIENCE = 1 };
#endif

enum { TAIL_MAX = 4096, TAIL_SHOWN = 400 };

struct ptest {
    struct pty *pty;
    struct terminal *terminal;
    struct buf tail; /* the last TAIL_MAX bytes */
    struct buf screen;
    int watch_fd; /* the pty's master once more: its modes can be read after the program's end */
    bool ended, reaped;
    int status;
    long syncs_sent, syncs_seen;
    char barrier[64]; /* the barrier's text as far as it has come */
    size_t barrier_len;
};

/* ---- The barrier
 * ------------------------------------------------------------------------------------------- */

/* luxtui answers the n-th token CSI 7337 ; n ~ by OSC 7337 ; sync = n ST after the frame in which everything
 * before the token has been drawn. */
static void look_for_barrier(struct ptest *p, const char *bytes, size_t n)
{
    static const char mark[] = "\033]7337;sync=";

    for (size_t i = 0; i < n; i++) {
        char c = bytes[i];
        size_t at = p->barrier_len;
        if (at < sizeof mark - 1) {
            p->barrier_len = c == mark[at] ? at + 1 : c == mark[0] ? 1 : 0;
        } else if (c >= '0' && c <= '9' && at < sizeof p->barrier - 1) {
            p->barrier[p->barrier_len++] = c;
        } else {
            p->barrier[at] = '\0';
            p->syncs_seen = strtol(p->barrier + sizeof mark - 1, NULL, 10);
            p->barrier_len = c == mark[0] ? 1 : 0;
        }
    }
}

/* ---- Pumping
 * ----------------------------------------------------------------------------------------------- */

static void to_program(const char *bytes, size_t n, void *user)
{
    struct ptest *p = user;
    if (!p->ended)
        pty_write(p->pty, bytes, n);
}

static void keep_tail(struct ptest *p, const char *bytes, size_t n)
{
    buf_add(&p->tail, bytes, n);
    if (p->tail.len > TAIL_MAX)
        buf_drop(&p->tail, p->tail.len - TAIL_MAX);
}

/* Takes what the program wrote, waiting up to ms for it. */
static void pump(struct ptest *p, int ms)
{
    static char bytes[PTY_READ_MAX];

    if (p->ended)
        return;
    struct pollfd fd = {.fd = pty_fd(p->pty), .events = (short)(POLLIN | (pty_queued(p->pty) ? POLLOUT : 0))};
    poll(&fd, 1, ms);
    if (fd.revents & POLLOUT)
        pty_flush(p->pty);
    ssize_t n = pty_read(p->pty, bytes, sizeof bytes);
    if (n < 0) {
        p->ended = true;
    } else if (n > 0) {
        keep_tail(p, bytes, (size_t)n);
        look_for_barrier(p, bytes, (size_t)n);
        terminal_feed(p->terminal, bytes, (size_t)n);
    }
    terminal_tick(p->terminal, clock_now_ns());
}

/* ---- Start and end
 * ----------------------------------------------------------------------------------------- */

struct ptest *pt_start(const struct pt_options *o)
{
    struct ptest *p = xcalloc(1, sizeof *p);
    int rows = o->rows ? o->rows : 40, cols = o->cols ? o->cols : 120;
    const char *argv[64] = {"env", "-i", "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TZ=UTC"};
    size_t n = 5;

    for (const char *const *e = o->env; e && *e && n < 48; e++)
        argv[n++] = *e;
    for (const char *const *a = o->argv; *a && n < 63; a++)
        argv[n++] = *a;
    argv[n] = NULL;

    struct terminal_callbacks callbacks = {.output = to_program};
    struct error err;
    p->terminal = terminal_new(rows, cols, 1000, &callbacks, p);
    p->pty = pty_spawn(&(struct pty_options){.argv = argv, .cwd = o->cwd, .rows = rows, .cols = cols}, &err);
    if (!p->pty)
        fail_msg("cannot start %s: %s", o->argv[0], err.text);
    p->watch_fd = dup(pty_fd(p->pty));
    return p;
}

pid_t pt_pid(const struct ptest *p)
{
    return pty_pid(p->pty);
}

void pt_free(struct ptest *p)
{
    if (!p->reaped) {
        kill(pty_pid(p->pty), SIGKILL);
        waitpid(pty_pid(p->pty), NULL, 0);
    }
    close(p->watch_fd);
    pty_free(p->pty);
    terminal_free(p->terminal);
    buf_free(&p->tail);
    buf_free(&p->screen);
    free(p);
}

/* ---- Stimuli
 * ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *bytes;
} named_keys[] = {
    {"Enter", "\r"},    {"Esc", "\033"},     {"Tab", "\t"},       {"S-Tab", "\033[Z"}, {"BS", "\177"},
    {"Up", "\033[A"},   {"Down", "\033[B"},  {"Right", "\033[C"}, {"Left", "\033[D"},  {"Home", "\033[H"},
    {"End", "\033[F"},  {"PgUp", "\033[5~"}, {"PgDn", "\033[6~"}, {"Del", "\033[3~"},  {"F1", "\033OP"},
    {"F5", "\033[15~"}, {"F12", "\033[24~"}, {"lt", "<"},         {"Space", " "},
};

/* The bytes of the key called name (n characters); NULL if there is no such key. */
static const char *key_bytes(const char *name, size_t n)
{
    static char control[2];

    for (size_t i = 0; i < ARRAY_LEN(named_keys); i++)
        if (strlen(named_keys[i].name) == n && strncmp(named_keys[i].name, name, n) == 0)
            return named_keys[i].bytes;
    if (n == 3 && strncmp(name, "C-", 2) == 0) {
        control[0] = (char)(name[2] & 0x1f);
        return control;
    }
    return NULL;
}

static void send(struct ptest *p, const char *bytes, size_t n)
{
    if (!p->ended && !pty_write(p->pty, bytes, n))
        fail_msg("the program does not read its keys");
}

void pt_keys(struct ptest *p, const char *keys)
{
    while (*keys) {
        const char *end = *keys == '<' ? strchr(keys, '>') : NULL;
        const char *bytes = end ? key_bytes(keys + 1, (size_t)(end - keys - 1)) : NULL;
        if (end && !bytes)
            fail_msg("no key is called %.*s", (int)(end - keys + 1), keys);
        if (bytes) {
            send(p, bytes, strlen(bytes));
            /* An Escape followed at once by a character is Alt with that character, for every program. */
            if (strcmp(bytes, "\033") == 0)
                pt_sync(p);
            keys = end + 1;
        } else {
            send(p, keys++, 1);
        }
    }
}

void pt_bytes(struct ptest *p, const char *bytes)
{
    send(p, bytes, strlen(bytes));
}

void pt_paste(struct ptest *p, const char *text)
{
    send(p, "\033[200~", 6);
    send(p, text, strlen(text));
    send(p, "\033[201~", 6);
}

void pt_click(struct ptest *p, int row, int col)
{
    char report[64];
    int n =
        snprintf(report, sizeof report, "\033[<0;%d;%dM\033[<0;%d;%dm", col + 1, row + 1, col + 1, row + 1);
    send(p, report, (size_t)n);
}

void pt_resize(struct ptest *p, int rows, int cols)
{
    terminal_resize(p->terminal, rows, cols, NULL, 0);
    pty_resize(p->pty, rows, cols);
}

void pt_signal(struct ptest *p, int number)
{
    kill(pty_pid(p->pty), number);
}

/* ---- Looking
 * ----------------------------------------------------------------------------------------------- */

const char *pt_screen(struct ptest *p)
{
    buf_clear(&p->screen);
    for (long line = terminal_screen_line(p->terminal); line < terminal_end_line(p->terminal); line++) {
        terminal_line_text(p->terminal, line, &p->screen);
        buf_addch(&p->screen, '\n');
    }
    return buf_str(&p->screen);
}

bool pt_find(struct ptest *p, const char *text, int *row, int *col)
{
    struct buf line = {0};
    long first = terminal_screen_line(p->terminal);
    bool found = false;

    for (long l = first; !found && l < terminal_end_line(p->terminal); l++) {
        buf_clear(&line);
        terminal_line_text(p->terminal, l, &line);
        const char *at = strstr(buf_str(&line), text);
        if (at) {
            *row = (int)(l - first);
            line.data[at - line.data] = '\0';
            *col = text_width(line.data);
            found = true;
        }
    }
    buf_free(&line);
    return found;
}

bool pt_has(struct ptest *p, const char *text)
{
    int row, col;
    return pt_find(p, text, &row, &col);
}

const char *pt_tail(struct ptest *p, size_t *n)
{
    *n = p->tail.len;
    return buf_str(&p->tail);
}

bool pt_is_sane(struct ptest *p)
{
    struct termios t;
    return tcgetattr(p->watch_fd, &t) == 0 && (t.c_lflag & ICANON) && (t.c_lflag & ECHO) &&
           (t.c_lflag & ISIG);
}

/* ---- Waiting
 * ----------------------------------------------------------------------------------------------- */

static void give_up(struct ptest *p, const char *what, const char *text)
{
    struct buf tail = {0};
    size_t shown = p->tail.len < TAIL_SHOWN ? p->tail.len : TAIL_SHOWN;
    escape_bytes(&tail, buf_str(&p->tail) + p->tail.len - shown, shown);
    fprintf(stderr, "---- the screen\n%s---- the last bytes\n%s\n----\n", pt_screen(p), buf_str(&tail));
    buf_free(&tail);
    fail_msg("%s: %s%s", what, text, p->ended ? " (the program has ended)" : "");
}

struct patience {
    uint64_t began;
    int ms;
};

static struct patience patience(int ms)
{
    return (struct patience){.began = clock_now_ns(), .ms = ms * PATIENCE};
}

static bool is_over(const struct patience *w)
{
    return clock_ms_since(w->began) > w->ms;
}

void pt_look(struct ptest *p)
{
    pump(p, 50);
}

int pt_wait_any(struct ptest *p, const char *const *texts, int timeout_ms)
{
    for (struct patience w = patience(timeout_ms);;) {
        for (int i = 0; texts[i]; i++)
            if (pt_has(p, texts[i]))
                return i;
        if (is_over(&w) || p->ended)
            give_up(p, "never came to the screen", texts[0]);
        pump(p, 50);
    }
}

int pt_wait_text(struct ptest *p, const char *text)
{
    int row = 0, col;
    pt_wait_any(p, (const char *const[]){text, NULL}, PT_TIMEOUT_MS);
    pt_find(p, text, &row, &col);
    return row;
}

void pt_wait_gone(struct ptest *p, const char *text)
{
    for (struct patience w = patience(PT_TIMEOUT_MS); pt_has(p, text); pump(p, 50))
        if (is_over(&w))
            give_up(p, "never left the screen", text);
}

void pt_sync(struct ptest *p)
{
    char token[32];
    int n = snprintf(token, sizeof token, "\033[7337;%ld~", ++p->syncs_sent);
    send(p, token, (size_t)n);
    for (struct patience w = patience(PT_TIMEOUT_MS); p->syncs_seen < p->syncs_sent; pump(p, 50))
        if (is_over(&w) || p->ended)
            give_up(p, "the program did not answer the barrier", token + 1);
}

bool pt_ended(const struct ptest *p)
{
    return p->ended;
}

int pt_wait_exit(struct ptest *p)
{
    struct patience w = patience(PT_TIMEOUT_MS);

    while (!p->reaped) {
        pump(p, 20);
        if (waitpid(pty_pid(p->pty), &p->status, WNOHANG) == pty_pid(p->pty))
            p->reaped = true;
        else if (is_over(&w))
            give_up(p, "the program did not end", "");
    }
    for (int i = 0; i < 100 && !p->ended; i++)
        pump(p, 0); /* its last bytes; a grandchild may hold the terminal open */
    return p->status;
}
