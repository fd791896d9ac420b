/* What a program left behind: processes that outlive it, shared memory, queues and files. */
#ifndef HARNESS_LEFTOVERS_H
#define HARNESS_LEFTOVERS_H

/* Remembers what is there before the first program starts. */
void leftovers_begin(void);
/* Notes what is there now and was not before. */
void leftovers_note(void);

/* The check itself has made this file, so that it is none. */
void leftovers_made(const char *path);

#endif
