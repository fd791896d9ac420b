/* What is behind the reports: one struct a format, and the collected run that TAP, JUnit and the pretty one
 * share. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "base/buf.h"
#include "report/report.h"

struct format {
    const char *name;
    size_t size; /* of the format's own state, which begins zeroed */
    void (*handle)(struct report *r, const struct event *e);
    void (*finish)(struct report *r);
    void (*free)(struct report *r);
};

struct report {
    const struct format *format;
    struct report_options options;
    struct buf out; /* written and emptied after each event */
    bool finished;
    void *state;
};

extern const struct format format_pretty, format_ndjson, format_tap, format_junit;

/* A check of the run with all that came of it. */
struct checked {
    char *id, *title, *clause;
    enum tier tier;
    enum verdict verdict; /* VERDICT_NONE: has not ended */
    bool is_running;
    struct event end; /* a copy of its own; type EVENT_CHECK_END once ended */
};

/* The run so far. A zeroed struct is one in which nothing has happened. */
struct run {
    bool build_failed, started, ended;
    char *language, *build_error;
    double build_ms;
    struct buf build_output; /* lines with line feeds, at most RUN_OUTPUT_MAX bytes; the rest is counted */
    size_t build_output_dropped;
    char *challenge, *title, *dir, *level;
    int number, jobs;
    uint64_t seed;
    double time_scale;
    bool partial; /* only some of the challenge's checks run */
    struct checked *checks;
    size_t n_checks;
    struct event_run_end end;
};

enum { RUN_OUTPUT_MAX = 256 * 1024 };

/* Takes the event in. For EVENT_CHECK_START, EVENT_STEP and EVENT_CHECK_END returns the check it is about,
 * NULL otherwise and for a check that the run does not know. */
struct checked *run_event(struct run *run, const struct event *e);
void report_run_free(struct run *run);

/* "fail: timeout", "skip" ...: the verdict, with its cause where it has one. */
const char *verdict_words(const struct event_check_end *end);

#endif
