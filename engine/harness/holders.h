/* The language of checks, continued: who has a file, a FIFO or the end of a pipe open. A writing end that somebody
 * forgot to close is why a reader never sees the end. */
#ifndef HARNESS_HOLDERS_H
#define HARNESS_HOLDERS_H

#include "harness/check.h"
#include "harness/processes.h"

enum holding { HELD, HELD_TO_READ, HELD_TO_WRITE };

/* How many processes other than the checker have the file open at this moment; "./server (pid 2, descriptor 4)" in
 * *who, unless who is NULL. */
int holders_of_file(const char *path, enum holding how, const char **who);
/* The same for what a descriptor of a process stands for, such as a pipe. */
int holders_of_descriptor(Process *p, int fd, enum holding how, const char **who);
/* The writing (reading) end of the pipe that is this descriptor of the process is open in one process alone; a failure
 * names the others. Waited for: children close what they inherit only after they have begun. */
#define expect_sole_holder(p, fd, how, ...) expect_sole_holder_(p, fd, how, WAIT_(__VA_ARGS__))
void expect_sole_holder_(Process *p, int fd, enum holding how, const struct wait_options *w);
/* The process has stdin, stdout and stderr open, or fewer, and nothing else; a failure says what. */
#define expect_no_other_descriptors(p, ...) expect_no_other_descriptors_(p, WAIT_(__VA_ARGS__))
void expect_no_other_descriptors_(Process *p, const struct wait_options *w);

#endif
