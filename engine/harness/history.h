/* What several clients asked of a service and were answered, and whether one thing, done step by step, could have
 * answered so: linearizability (Herlihy and Wing, 1990), decided by Wing and Gong's search with the states that were
 * seen already left out (Lowe, 2017). Pure: knows no clock and no process. */
#ifndef HARNESS_HISTORY_H
#define HARNESS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HISTORY_MAX = 64,           /* operations of one object; longer ones are undecided */
    HISTORY_STEPS_MAX = 1 << 20 /* of the search, then it is undecided */
};

enum history_verdict { HISTORY_FITS, HISTORY_CONTRADICTS, HISTORY_UNDECIDED };

/* One operation. It took effect at one moment between `began` and `ended`; one whose answer nobody knows may have
 * taken effect at any moment after `began`, or never. */
struct operation {
    int kind;
    uint64_t argument, result;
    int64_t began, ended; /* of any one clock; ended is of no meaning if it is unknown */
    bool unknown;
};

/* Carries out the operation on *state, and says whether its result is possible there. Of an unknown one the result
 * has no meaning, and everything is possible. */
typedef bool history_model(const struct operation *op, uint64_t *state);

/* *culprit, if not NULL, becomes the operation that cannot be explained although all that ended before it can be; n if
 * there is none. */
enum history_verdict history_check(const struct operation *ops, size_t n, history_model *model,
                                   uint64_t initial, size_t *culprit);

/* A register: WRITE argument; READ gives result. */
enum { REGISTER_READ, REGISTER_WRITE };
history_model register_model;

/* A lock with fencing tokens, free at first (state 0). LOCK_GRANT: it was free, and result is a token higher than any
 * before; LOCK_REFUSE: token result has it; LOCK_RELEASE: token argument had it, and it is free now; LOCK_STALE: token
 * argument did not have it; LOCK_SEE_FREE; LOCK_SEE_HELD by token result. LOCK_EXPIRE, always unknown: the time of token
 * argument is over, or, with argument 0, that of a grant whose token nobody was told. Tokens are below 2^62. */
enum { LOCK_GRANT, LOCK_REFUSE, LOCK_RELEASE, LOCK_STALE, LOCK_SEE_FREE, LOCK_SEE_HELD, LOCK_EXPIRE };
history_model lock_model;

#endif
