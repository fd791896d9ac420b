/* What a failure usually means: known patterns, recognised from facts that were gathered before. */
#ifndef HARNESS_DIAGNOSE_H
#define HARNESS_DIAGNOSE_H

#include "harness/describe.h"
#include "harness/failure.h"

struct symptoms {
    enum expecting expecting;
    enum cause cause;
    Bytes expected, received; /* received: from the point on at which expected should have begun */
    bool compares;
    int64_t difference;
    bool stream_ended; /* nothing can come any more */

    /* The program that it is about; a zeroed name means that there is none. */
    const char *program;
    bool ended;
    int status;
    bool crashed;
    bool stdin_ended; /* the check had ended its stdin */
    bool signalled;   /* the check has sent it a signal that asks it to end */
    struct doing doing;
    const char *complaints;   /* its stderr */
    double life_ms, cpu_ms;   /* since its start */
    int zombies;              /* among its children; -1: the check did not ask */
    bool asked_idle;          /* the check measured its CPU time while it had nothing to do */
    const char *unread_input; /* input that waits for it: "8 bytes of conn#1"; NULL: it has read everything */
    const char *new_files;    /* descriptors that it had not at first; NULL: none, or the check did not ask */
    const char *printed_late; /* on stdout, once it was made to end after the failure; NULL: nothing */

    const char *asked; /* the address to which the datagram went that it should have answered; NULL: none */

    /* The connection that it is about. */
    const char *conn;
    bool reset;                 /* it ended by RST */
    const char *came_elsewhere; /* the connection on which the expected bytes came instead */
    uint64_t arrived;           /* bytes that came on the stream in all */
    const uint64_t *cuts;       /* where the pieces ended that were sent to the program */
    size_t n_cuts;
    bool all_sent;       /* nothing waits in a queue of ours */
    bool not_accepted;   /* the connection still waits in the backlog */
    size_t others;       /* other connections that the check has open */
    bool talked;         /* there was a connection at all */
    const char *holders; /* who has the other end of what should have ended still open; NULL: nobody */
    int n_holders;
    const char *answered; /* the connection on which it waits although a whole HTTP response came; or NULL */
    const char *wrong_port; /* with swapped bytes, on which it listens instead; NULL: it does not */
};

struct diagnosis {
    const char *text; /* what it usually means and what to do */
    const char *see;  /* "read(2)" */
};

/* False if no pattern fits. */
bool diagnose(const struct symptoms *s, struct diagnosis *out);

#endif
