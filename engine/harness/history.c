#include "harness/history.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct seen { /* a state of the search: these operations have taken effect, and the object is in this state */
    uint64_t done, state;
};

struct search {
    const struct operation *ops;
    size_t n;
    history_model *model;
    uint64_t required; /* the operations that did take effect */
    uint64_t best;     /* the most of them that were explained together */
    struct seen *seen; /* open addressing; done 0 is an empty place: the start is never looked up */
    size_t n_seen, capacity;
    size_t steps;
};

static uint64_t bit(size_t i)
{
    return (uint64_t)1 << i;
}

static size_t place_of(const struct search *s, uint64_t done, uint64_t state)
{
    uint64_t h = (done ^ state * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
    size_t i = (size_t)(h ^ h >> 32) & (s->capacity - 1);
    while (s->seen[i].done && (s->seen[i].done != done || s->seen[i].state != state))
        i = (i + 1) & (s->capacity - 1);
    return i;
}

/* Remembers it; false: it was there already. */
static bool is_new(struct search *s, uint64_t done, uint64_t state)
{
    if (2 * (s->n_seen + 1) > s->capacity) {
        struct search bigger = *s;
        bigger.capacity = s->capacity ? 2 * s->capacity : 1024;
        bigger.seen = xcalloc(bigger.capacity, sizeof *bigger.seen);
        for (size_t i = 0; i < s->capacity; i++)
            if (s->seen[i].done)
                bigger.seen[place_of(&bigger, s->seen[i].done, s->seen[i].state)] = s->seen[i];
        free(s->seen);
        s->seen = bigger.seen;
        s->capacity = bigger.capacity;
    }
    size_t i = place_of(s, done, state);
    if (s->seen[i].done)
        return false;
    s->seen[i] = (struct seen){done, state};
    s->n_seen++;
    return true;
}

/* What has not taken effect must do so before this: the first end among the operations whose answer is known. */
static int64_t horizon(const struct search *s, uint64_t done)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < s->n; i++)
        if (!(done & bit(i)) && !s->ops[i].unknown && s->ops[i].ended < first)
            first = s->ops[i].ended;
    return first;
}

/* Whether the rest can be explained. Sets s->steps beyond its limit when it gives up. */
static bool explain(struct search *s, uint64_t done, uint64_t state)
{
    if (__builtin_popcountll(done & s->required) > __builtin_popcountll(s->best))
        s->best = done & s->required;
    if ((done & s->required) == s->required)
        return true;
    if (++s->steps > HISTORY_STEPS_MAX)
        return false;
    int64_t before = horizon(s, done);
    for (size_t i = 0; i < s->n; i++) {
        if (done & bit(i) || s->ops[i].began > before)
            continue;
        uint64_t next = state;
        if (!s->model(&s->ops[i], &next) || !is_new(s, done | bit(i), next))
            continue;
        if (explain(s, done | bit(i), next))
            return true;
    }
    return false;
}

enum history_verdict history_check(const struct operation *ops, size_t n, history_model *model,
                                   uint64_t initial, size_t *culprit)
{
    struct search s = {.ops = ops, .n = n, .model = model};

    if (culprit)
        *culprit = n;
    if (n > HISTORY_MAX)
        return HISTORY_UNDECIDED;
    for (size_t i = 0; i < n; i++)
        s.required |= ops[i].unknown ? 0 : bit(i);
    bool fits = explain(&s, 0, initial);
    free(s.seen);
    if (fits)
        return HISTORY_FITS;
    if (s.steps > HISTORY_STEPS_MAX)
        return HISTORY_UNDECIDED;
    for (size_t i = 0; culprit && i < n; i++) /* the first to end of those that could not be fitted in */
        if (s.required & bit(i) & ~s.best && (*culprit == n || ops[i].ended < ops[*culprit].ended))
            *culprit = i;
    return HISTORY_CONTRADICTS;
}

/* ---- Models -------------------------------------------------------------------------------------------- */

bool register_model(const struct operation *op, uint64_t *state)
{
    if (op->kind == REGISTER_READ)
        return op->unknown || *state == op->result;
    *state = op->argument;
    return true;
}

/* The state: four times the newest token that is known, and who has the lock. */
enum {
    FREE,
    HELD,
    HELD_BY_UNKNOWN /* a grant whose answer nobody saw: its token is higher, and more is not known */
};

static bool has_it(uint64_t state, uint64_t token)
{
    return (state % 4 == HELD && state / 4 == token) || (state % 4 == HELD_BY_UNKNOWN && token > state / 4);
}

bool lock_model(const struct operation *op, uint64_t *state)
{
    uint64_t newest = *state / 4;
    bool held = *state % 4 != FREE;

    switch (op->kind) {
    case LOCK_GRANT:
        if (held || (!op->unknown && op->result <= newest))
            return false;
        *state = op->unknown ? 4 * newest + HELD_BY_UNKNOWN : 4 * op->result + HELD;
        return true;
    case LOCK_REFUSE:
    case LOCK_SEE_HELD:
        if (op->unknown)
            return true;
        if (!has_it(*state, op->result))
            return false;
        *state = 4 * op->result + HELD; /* now its token is known */
        return true;
    case LOCK_SEE_FREE:
        return op->unknown || !held;
    case LOCK_STALE:
        return op->unknown || *state % 4 != HELD || newest != op->argument;
    case LOCK_RELEASE:
    case LOCK_EXPIRE:
        if (op->kind == LOCK_EXPIRE && op->argument == 0 && *state % 4 == HELD_BY_UNKNOWN) {
            *state = 4 * newest + FREE;
            return true;
        }
        if (!has_it(*state, op->argument))
            return false;
        *state = 4 * op->argument + FREE;
        return true;
    }
    return false;
}
