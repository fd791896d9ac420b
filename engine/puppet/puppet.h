/* The puppet: a small program that does what its command line says, verb after verb. Checks run it where a real
 * program would only be in the way: as the child of a learner's program, as a service, as all that there is in a
 * container. It is linked statically and needs no file but itself.
 *
 *     puppet catch TERM report pid,ppid await exit 3
 *
 * What it prints, it prints a line at a time, each with one write(2). A verb that cannot do its work prints
 * `failed VERB ERRNO` ("failed write EROFS"), and the puppet goes on; one that can says nothing, unless the table in
 * puppet.c names a line. Wrong usage ends it with status 99, which no check asks for. */
#ifndef PUPPET_PUPPET_H
#define PUPPET_PUPPET_H

#include <stdbool.h>
#include <stddef.h>

/* Prints one line. Control characters, bytes above 126 and backslashes of it become \xHH. */
void puppet_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* `report WHAT,WHAT...` prints "report", then a line for each fact, its name and its value, then "end". False if there
 * is no such fact. */
bool puppet_report(const char *list, int argc, char **argv);

#endif
