/* The language of checks, continued: protocols of lines, as SMTP, FTP, a lock service or a shell speak them. Both sides
 * of a connection use the same verbs; a line ends with LF, and a CR before it is no part of it. */
#ifndef HARNESS_LINE_H
#define HARNESS_LINE_H

#include "harness/check.h"

enum { LINE_LIMIT = 64 << 10 /* bytes of a line; one that is longer is a failure */ };

/* The next line, without its end; the check fails if none comes. Lines hold text: a NUL ends what is returned. */
#define receive_line(c, ...) receive_line_(c, WAIT_(__VA_ARGS__))
const char *receive_line_(Conn *c, const struct wait_options *w);
/* The same, but NULL when none has come in time, or the connection ended before: when nobody promised an answer. */
#define await_line(c, ...) await_line_(c, WAIT_(__VA_ARGS__))
const char *await_line_(Conn *c, const struct wait_options *w);
/* The next line is exactly this. */
#define expect_line(c, line, ...) expect_line_(c, line, WAIT_(__VA_ARGS__))
void expect_line_(Conn *c, const char *line, const struct wait_options *w);
/* Sends the line with an LF, or with CR LF. */
void send_line(Conn *c, const char *line);
void send_line_crlf(Conn *c, const char *line);
/* send_line(), and the line that comes back. */
#define ask_line(c, line, ...) ask_line_(c, line, WAIT_(__VA_ARGS__))
const char *ask_line_(Conn *c, const char *line, const struct wait_options *w);

/* Asks over a connection of its own, which is closed afterwards: connects, sends the line, and returns the answer, NULL
 * if none comes in time. One step tells of all of it. The check fails if nobody listens. */
#define ask_once(port, line, ...) ask_once_(port, line, WAIT_(__VA_ARGS__))
const char *ask_once_(const char *port, const char *line, const struct wait_options *w);

#endif
