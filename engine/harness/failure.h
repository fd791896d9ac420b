/* How a check ends when an expectation does not hold. The verb says what it expected and what it saw;
 * everything else of a failure (what the programs were doing, what they printed, the steps, a diagnosis) is
 * gathered here. */
#ifndef HARNESS_FAILURE_H
#define HARNESS_FAILURE_H

#include "harness/check.h"
#include "harness/wait.h"

enum expecting { /* what a verb was waiting for: diagnoses ask */
                 EXPECTING_OTHER,
                 EXPECTING_CONNECTION, /* tcp_connect */
                 EXPECTING_ACCEPT,     /* accept_conn */
                 EXPECTING_BYTES,      /* on a connection */
                 EXPECTING_STDOUT,
                 EXPECTING_STDOUT_END,
                 EXPECTING_END, /* of a connection */
                 EXPECTING_EXIT,
                 EXPECTING_MESSAGE,  /* on stderr */
                 EXPECTING_DATAGRAM, /* on a UDP socket of the checker */
                 EXPECTING_REQUEST,  /* of HTTP, to a backend of the checker */
                 EXPECTING_RESPONSE, /* of HTTP, to a request of the checker */
                 EXPECTING_BODY      /* of an HTTP message */
};

struct failing {
    enum cause cause;
    enum expecting expecting;
    const char
        *expectation; /* a sentence without full stop: "client#1 receives 6 bytes "hello\n" from ./server" */
    const char *observation;
    bool compares; /* expected and received are set */
    Bytes expected, received;
    const struct wait *wait; /* the wait that ran out */
    Program *program;        /* the one that the expectation is about; NULL: any */
    Conn *conn;
    const char *port;  /* that nobody listens on */
    const char *asked; /* the address from which a datagram should have come; NULL: none */
};

/* Ends the check. A program that died of a signal makes it CAUSE_CRASH, whatever the verb saw of it. */
_Noreturn void fail(const struct failing *f);

/* Lets what is happening come to rest: programs that are just ending are reaped, output on its way is read.
 * To be called before a verdict that rests on what is not there. */
void failure_settle(void);

#endif
