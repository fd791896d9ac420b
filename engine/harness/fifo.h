/* FIFOs, to be included by challenges beside check.h: fifo(7). Each end that the checker opens is a Conn that goes one
 * way, and speaks the verbs of one: send_text() and hang_up() where it is written, expect_text() and expect_eof() where
 * it is read. make_fifo() of files.h makes the file.
 *
 * To open a FIFO blocks until the other end is there; the checker's own opens never do. */
#ifndef HARNESS_FIFO_H
#define HARNESS_FIFO_H

#include "harness/check.h"

/* Until there is a FIFO at the path. */
#define expect_fifo(path, ...) expect_fifo_(path, WAIT_(__VA_ARGS__))
void expect_fifo_(const char *path, const struct wait_options *w);
/* Waits until a program has the FIFO open for reading, and opens it for writing. */
#define fifo_open_to_write(path, ...) fifo_open_to_write_(path, WAIT_(__VA_ARGS__))
Conn *fifo_open_to_write_(const char *path, const struct wait_options *w);
/* Opens it for reading, at once. Its end is that of the last writer: who expects another one opens it again. */
Conn *fifo_open_to_read(const char *path);
/* Somebody other than the checker has it open for reading at this moment. */
bool fifo_has_reader(const char *path);
/* Waits until nobody but the checker has it open, for reading or writing; a failure names who has. */
#define expect_fifo_unused(path, ...) expect_fifo_unused_(path, WAIT_(__VA_ARGS__))
void expect_fifo_unused_(const char *path, const struct wait_options *w);

#endif
