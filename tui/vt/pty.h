/* A child process on a pseudo-terminal: starting it with a sane terminal and a clean environment, bytes in
 * both directions without ever blocking, its size and its end. */
#ifndef VT_PTY_H
#define VT_PTY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pty;

enum {
    PTY_QUEUE_MAX = 16 << 20,  /* bytes for the child that wait; more are refused whole */
    PTY_QUEUE_HIGH = 64 << 10, /* above it, stop reading keys that go to the child */
    PTY_READ_MAX = 64 << 10    /* a good size for the buffer of pty_read */
};

struct pty_options {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
    const char *argv0;       /* what the program sees as its name, e.g. "-bash"; NULL: argv[0] */
    const char *const *env;  /* NULL-terminated "NAME=value" that are added or replaced, "NAME" that are
                                removed, on  top of the cleaned environment of this process; NULL: none */
    const char *cwd;         /* NULL: the current directory */
    int rows, cols;
};

/* Starts the program as leader of a session of its own, with every signal as by default, no other descriptor
 * than 0, 1, 2, TERM=xterm-256color and nothing left of an outer terminal's variables. NULL if it cannot be
 * started; the error says why, also when the program does not exist. */
struct pty *pty_spawn(const struct pty_options *options, struct error *err);

/* Closes the terminal, which hangs up the child's session. The child is not waited for. */
void pty_free(struct pty *p);

/* For the loop to poll: readable always, writable while pty_queued() > 0. -1 after the end. */
int pty_fd(const struct pty *p);
pid_t pty_pid(const struct pty *p);

/* Reads what is there: the number of bytes; 0 when there is nothing now; -1 at the end, when nothing is left
 * and nobody holds the other side any more. After the end the descriptor is closed: stop polling it before
 * the call returns to the loop. */
ssize_t pty_read(struct pty *p, void *buffer, size_t n);

/* Writes to the child, or queues what it does not take now. False if the queue is full: nothing was taken. */
bool pty_write(struct pty *p, const void *bytes, size_t n);
/* Writes as much of the queue as the child takes; call it when the descriptor is writable. */
void pty_flush(struct pty *p);
size_t pty_queued(const struct pty *p);
/* Forgets what waits in the queue, e.g. when the learner interrupts a huge paste. */
void pty_drop_queue(struct pty *p);

void pty_resize(struct pty *p, int rows, int cols);

/* Whether the child has ended; *status is that of waitpid. Call it upon SIGCHLD; once true it stays true.
 * Read until the end before you tell the learner, or its last words are lost. */
bool pty_reap(struct pty *p, int *status);

/* The process group in the foreground; equal to pty_pid() when the shell itself waits for a command, -1 if
 * unknown. */
pid_t pty_foreground(const struct pty *p);
/* Sends a signal to the foreground process group, or to the child if there is none. */
void pty_signal(struct pty *p, int signal);

#endif
