/* The event stream: how results travel from a check to the reports, the recorder and the screen.
 *
 * One JSON object a line (NDJSON), each with "v" (the version of the stream) and "type". docs/events.md describes the
 * fields for readers in other languages; this header is the same thing in C. Text that a learner's program produced
 * is in the escaped form of base/escape.h, so every string of an event may be printed as it is. */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EVENT_VERSION = 1, EVENT_LINE_MAX = 1 << 20 };

enum tier { TIER_CORE, TIER_ROBUST, TIER_FAST };

enum verdict {
    VERDICT_NONE, /* not decided: has not run */
    VERDICT_PASS,
    VERDICT_FAIL,    /* the program broke the contract; the cause says how */
    VERDICT_SKIP,    /* this machine lacks something that the check needs */
    VERDICT_BLOCKED, /* the check that this one depends on failed */
    VERDICT_ERROR    /* the checker itself broke: never charged to the learner */
};

enum cause { CAUSE_NONE, CAUSE_WRONG, CAUSE_TIMEOUT, CAUSE_CRASH, CAUSE_LEAK };

enum event_type {
    EVENT_BUILD_START,
    EVENT_BUILD_OUTPUT, /* one line of the toolchain's output */
    EVENT_BUILD_END,
    EVENT_RUN_START, /* with all checks that will run */
    EVENT_CHECK_START,
    EVENT_STEP, /* one thing that a check did or saw */
    EVENT_CHECK_END,
    EVENT_RUN_END,
    EVENT_NOTICE /* something about Lux itself that the person should know, e.g. that nothing is recorded */
};

struct event_build_start {
    const char *language; /* "c", "go" ... */
    const char *command;  /* as one would type it; "" when there is nothing to build */
    const char *dir;
    const char *challenge; /* the slug; NULL: not known */
    const char *attempt;   /* names this attempt among all that there are anywhere; NULL: it has no name */
    uint64_t at;           /* unix seconds; 0: not known */
};

struct event_build_output {
    bool is_stderr;
    const char *text; /* escaped, without the line feed */
};

struct diagnostic { /* one message of a compiler */
    const char *file;
    int line, column;     /* from 1; 0 when unknown */
    const char *severity; /* "error", "warning", "note" */
    const char *message;
};

struct event_build_end {
    bool ok;
    double ms;
    const char *error; /* why it could not be built, one sentence with what to do; NULL when ok */
    struct diagnostic *diagnostics;
    size_t n_diagnostics;
};

struct event_run_check {
    const char *id, *title, *clause;
    enum tier tier;
};

struct event_run_start {
    const char *challenge; /* the slug */
    int number;
    const char *title;
    const char *dir;   /* the workspace */
    const char *level; /* of the sandbox: "full", "nopid", "shared" */
    uint64_t seed;     /* travels as a string of decimal digits: JSON numbers lose bits */
    double time_scale;
    int jobs;
    bool partial; /* only some of the challenge's checks run */
    struct event_run_check *checks;
    size_t n_checks;
};

struct event_check_start {
    const char *check;
};

struct step {
    double at; /* seconds since the check began */
    const char *text;
};

struct event_step {
    const char *check;
    struct step step;
};

/* A piece of bytes, escaped, cut so that the first difference is in sight. */
struct excerpt {
    const char *text; /* NULL: there is nothing of the kind */
    uint64_t offset;  /* of the first byte of the text in the whole */
    uint64_t total;   /* bytes in the whole */
};

struct process_state { /* what a process was doing, from /proc/PID/{stat,syscall,wchan,fd} */
    int pid;
    const char *name;  /* "./server" */
    const char *doing; /* "blocked in read(4), a TCP connection with 127.0.0.1:40012" */
};

struct output_line {     /* a piece of what the program printed */
    const char *program; /* "./server" */
    const char *stream;  /* "stdout" or "stderr" */
    double at;
    const char *text; /* escaped */
};

struct failure {
    const char *clause;          /* id */
    const char *clause_sentence; /* filled in by the engine; the checker knows the id alone */
    const char *expectation;     /* one sentence: what had to hold */
    const char *observation;     /* one sentence: what came instead */
    struct excerpt expected, received;
    int64_t difference;        /* offset of the first byte that differs; -1: none */
    const char **hex_expected; /* a hex dump around the difference; NULL unless the bytes are not text */
    size_t n_hex_expected;
    const char **hex_received;
    size_t n_hex_received;
    const char *wait; /* "waited 2.0 s for the 2nd echo on client#1"; NULL: nothing was waited for in vain */
    struct process_state *processes;
    size_t n_processes;
    struct output_line *output; /* the tail of what the programs printed */
    size_t n_output;
    struct step *steps; /* all, or the first and the last with one that says how many are left out */
    size_t n_steps;
    const char *diagnosis; /* what this pattern usually means; NULL: none fits */
    const char *see;       /* the man page or RFC section that explains it; NULL: none */
    const char **by_hand;  /* commands to paste that show it */
    size_t n_by_hand;
};

struct event_check_end {
    const char *check;
    enum verdict verdict;
    enum cause cause;
    double ms;
    bool unstable;      /* a second run came to another verdict */
    const char *reason; /* one sentence for skip, blocked and error; NULL otherwise */
    const char **notes; /* warnings and figures worth showing even on a pass */
    size_t n_notes;
    struct failure *failure; /* for VERDICT_FAIL; NULL otherwise */
};

struct event_run_end {
    bool solved;      /* all of CORE passed */
    bool interrupted; /* the run was cancelled; checks may have no verdict */
    int passed, failed, skipped, blocked, errors;
    int core_passed, core_total;
    double ms;
};

struct event_notice {
    bool is_warning;
    const char *text;
};

struct event {
    enum event_type type;
    double t; /* seconds since lux started */
    union {
        struct event_build_start build_start;
        struct event_build_output build_output;
        struct event_build_end build_end;
        struct event_run_start run_start;
        struct event_check_start check_start;
        struct event_step step;
        struct event_check_end check_end;
        struct event_run_end run_end;
        struct event_notice notice;
    };
    void *owner; /* of a decoded event: what its strings and arrays live in; NULL for one made by hand */
};

/* Adds the event as one line with its line feed. Strings that are NULL are left out. A text that would make the line
 * longer than EVENT_LINE_MAX is shortened in the middle, and says so. */
void event_encode(const struct event *e, struct buf *out);

/* Reads one line. 0: *out is set, and event_free gives it back; 1: an event of a type that this version does not know,
 * to be ignored; -1: not an event, with the reason. Unknown fields are ignored, missing ones are 0, "" or NULL. */
int event_decode(const char *line, size_t len, struct event *out, struct error *err);

void event_free(struct event *e);

/* A reader of events; `context` is its own. The event and its strings belong to the caller of the reader. */
typedef void event_handler(void *context, const struct event *e);

/* Splits a stream into lines and decodes them. Lines that are too long or no events are skipped and become an
 * EVENT_NOTICE that says so. */
struct event_reader;
struct event_reader *event_reader_new(event_handler *handler, void *context);
void event_reader_feed(struct event_reader *r, const void *bytes, size_t n);
/* The stream has ended: an unfinished last line is reported as a notice. */
void event_reader_end(struct event_reader *r);
void event_reader_free(struct event_reader *r);

/* The words of the stream: "core", "pass", "timeout" ... */
const char *tier_name(enum tier t);
const char *verdict_name(enum verdict v);
const char *cause_name(enum cause c);

#endif
