/* The reports: readers of the event stream that write it down for a person or for another program. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>

/* Where a report goes. Each call is one piece that should become visible at once. */
typedef void report_write(void *context, const char *bytes, size_t n);

struct report_options {
    report_write *write;
    void *context;
    const char *name; /* of the challenge as one would type it, for commands to paste; NULL: its slug */
    const char *next; /* a sentence that follows when it is solved: what to do now; NULL: none */

    /* For the pretty report alone. */
    int width;    /* columns; 0: 80 */
    bool colour;  /* SGR sequences */
    bool unicode; /* signs beyond ASCII */
    bool is_live; /* on a terminal: the last line shows what is running, and is overwritten */
};

struct report;

/* The names of the reports, NULL-terminated: "pretty", "ndjson", "tap", "junit". */
extern const char *const report_formats[];

/* NULL if there is no such format. The strings of the options must live as long as the report. */
struct report *report_new(const char *format, const struct report_options *options);

/* An event_handler; context is the report. */
void report_event(void *report, const struct event *e);

/* Nothing more will come: what a format still owes (JUnit: everything) is written. */
void report_finish(struct report *r);
void report_free(struct report *r);

#endif
