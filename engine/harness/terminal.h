/* A terminal with a shell in it: what a program that was started by hand has, and what goes away when
 * somebody closes the window. The "shell" is a process of ours that leads the session, holds the terminal as
 * its controlling one, and does nothing. */
#ifndef HARNESS_TERMINAL_H
#define HARNESS_TERMINAL_H

#include "sandbox/sandbox.h"

#include <stdbool.h>

struct terminal;

/* Ends the check if the machine has no pseudo-terminals. */
struct terminal *program_terminal_new(void);
/* The side of the programs; belongs to the caller. */
int terminal_slave(struct terminal *t);
/* As fork(2), with the shell between: the new process is a child of the caller, has gone through
 * sandbox_enter_program() with this spec, and is in the foreground of the terminal. -1: errno is set. */
int terminal_fork(struct terminal *t, const struct sandbox_spec *spec);
/* The window is closed: the shell ends, and whoever is in the foreground gets SIGHUP. */
void terminal_hang_up(struct terminal *t);
/* This process is a shell of ours. */
bool terminal_is_shell(int pid);

#endif
