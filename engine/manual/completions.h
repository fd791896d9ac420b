/* Completions for shells, from the table of commands. */
#ifndef MANUAL_COMPLETIONS_H
#define MANUAL_COMPLETIONS_H

void print_bash(void);
void print_zsh(void);
void print_fish(void);

#endif
