/* The memory of all programs together is limited: by the kernel where there are control groups, otherwise by looking at it
 * now and then. */
#ifndef HARNESS_MEMORY_H
#define HARNESS_MEMORY_H

/* Begins to watch. Who is too hungry is stopped (SIGSTOP), so that the machine has its memory for others until the check
 * has ended. */
void memory_watch(void);
/* "./server (pid 4) uses 1100 MiB": why the check has to end; NULL: nobody uses too much. */
const char *memory_excess(void);
/* "the programs use at most 1024 MiB of memory" */
const char *memory_rule(void);

#endif
