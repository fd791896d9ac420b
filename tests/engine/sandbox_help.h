/* What the tests of the sandbox share: a workspace, and programs that run inside. */
#ifndef TESTS_SANDBOX_HELP_H
#define TESTS_SANDBOX_HELP_H

#include "base/buf.h"
#include "sandbox/sandbox.h"

#include <stdbool.h>
#include <sys/types.h>

/* Call first in main. With --as-nobody, root becomes nobody. Makes the directories below. */
void help_begin(int argc, char **argv);
/* Removes them. Returns status, for main to return. */
int help_end(int status);

extern bool help_is_root;
extern char help_workspace[]; /* in /tmp, holds the script "program", which prints "hello" */
extern char help_elsewhere[]; /* the same in the build directory, writable for everybody */
extern char help_host_file[]; /* in /tmp, holds "host\n" */

/* Whether the path is in a directory that is hidden inside, as a build directory in /tmp would be. */
bool help_is_hidden(const char *path);

/* Of the sandboxes that the tests make: full, or that of LUX_SANDBOX. */
extern enum sandbox_level help_level;

/* A spec with workspace, binary, and default limits. */
struct sandbox_spec help_spec(void);

/* Starts a sandbox whose PID 1 runs `main` with the returned end of a pipe as *out_fd; fails the test on
 * error. What is written to keep_fd inside comes out there, and it ends when no process is left that holds
 * it. */
struct sandbox help_start(struct sandbox_spec *spec, int *out_fd);

/* Runs `sh -c script` as a learner's program; returns what it printed. stdout and stderr are the same pipe.
 */
const char *help_shell(struct sandbox_spec *spec, const char *script);

/* Runs a function as a learner's program, without exec; it prints to stdout by dprintf. */
const char *help_program(struct sandbox_spec *spec, int (*program)(void));

/* In PID 1: forks a learner's program: the function if there is one, else the script. */
pid_t help_fork_program(const struct sandbox_spec *spec, int (*program)(void), const char *script);

/* Reads until the end of the pipe and closes it; fails the test after 10 seconds. */
const char *help_read_all(int fd);

/* Runs it in a forked child, whose exit status it returns: for what cannot be undone. */
int help_in_child(int (*run)(void));

#endif
