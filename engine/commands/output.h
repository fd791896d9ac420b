/* Standard output for a report: whole pieces at once, never blocking where a signal could not reach us. */
#ifndef COMMANDS_OUTPUT_H
#define COMMANDS_OUTPUT_H

#include "report/report.h"

#include <stdbool.h>
#include <stddef.h>

struct output {
    int fd;
    int interrupt_fd; /* readable: stop waiting for a reader that does not read */
    bool is_gone; /* the reader has left, or we were interrupted while it did not read: nothing is written */
    int broken_errno; /* writing failed for another reason than a reader that left */
    /* Called once, when is_gone or broken_errno is set. */
    void (*on_lost)(void *context);
    void *context;
};

/* A report_write; context is the struct output. */
void output_write(void *output, const char *bytes, size_t n);

/* What a report for a person may use on this descriptor: its width, colours (NO_COLOR is honoured), Unicode.
 */
void output_look(int fd, struct report_options *options);

#endif
