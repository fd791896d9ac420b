/* The checker of histories: examples by hand, and, on thousands of small random histories, the same answer as an
 * oracle that tries every order. */
#include "cmocka_all.h"

#include "harness/history.h"

#include "base/mem.h"

#include <string.h>

#define UNKNOWN      .unknown = true
#define AT(from, to) .began = (from), .ended = (to)

#define assert_verdict(verdict, model, ...)                                                        \
    do {                                                                                           \
        const struct operation ops_[] = {__VA_ARGS__};                                             \
        assert_int_equal(history_check(ops_, ARRAY_LEN(ops_), model, 0, NULL), HISTORY_##verdict); \
    } while (0)

static void a_register_reads_what_was_written_last(void **state)
{
    (void)state;
    assert_verdict(FITS, register_model, {REGISTER_WRITE, 5, 0, AT(1, 2)}, {REGISTER_READ, 0, 5, AT(3, 4)});
    assert_verdict(CONTRADICTS, register_model, {REGISTER_WRITE, 5, 0, AT(1, 2)},
                   {REGISTER_READ, 0, 0, AT(3, 4)});
    /* At the same time both are possible, but not one after the other in the wrong order. */
    assert_verdict(FITS, register_model, {REGISTER_WRITE, 5, 0, AT(1, 9)}, {REGISTER_READ, 0, 0, AT(2, 3)},
                   {REGISTER_READ, 0, 5, AT(4, 5)});
    assert_verdict(CONTRADICTS, register_model, {REGISTER_WRITE, 5, 0, AT(1, 9)},
                   {REGISTER_READ, 0, 5, AT(2, 3)}, {REGISTER_READ, 0, 0, AT(4, 5)});
}

static void what_nobody_knows_may_have_happened_or_not(void **state)
{
    (void)state;
    assert_verdict(FITS, register_model, {REGISTER_WRITE, 5, 0, AT(1, 2), UNKNOWN},
                   {REGISTER_READ, 0, 0, AT(3, 4)});
    assert_verdict(FITS, register_model, {REGISTER_WRITE, 5, 0, AT(1, 2), UNKNOWN},
                   {REGISTER_READ, 0, 0, AT(3, 4)}, {REGISTER_READ, 0, 5, AT(5, 6)}); /* late */
    assert_verdict(CONTRADICTS, register_model, {REGISTER_WRITE, 5, 0, AT(3, 4), UNKNOWN},
                   {REGISTER_READ, 0, 5, AT(1, 2)}); /* but not before it was asked for */
}

static void a_lock_has_one_holder_and_rising_tokens(void **state)
{
    (void)state;
    assert_verdict(FITS, lock_model, {LOCK_GRANT, 0, 4, AT(1, 2)}, {LOCK_REFUSE, 0, 4, AT(1, 3)},
                   {LOCK_RELEASE, 4, 0, AT(4, 5)}, {LOCK_GRANT, 0, 9, AT(6, 7)},
                   {LOCK_STALE, 4, 0, AT(8, 9)});
    assert_verdict(CONTRADICTS, lock_model, {LOCK_GRANT, 0, 4, AT(1, 2)}, {LOCK_GRANT, 0, 5, AT(3, 4)});
    assert_verdict(CONTRADICTS, lock_model, {LOCK_GRANT, 0, 4, AT(1, 2)}, {LOCK_RELEASE, 4, 0, AT(3, 4)},
                   {LOCK_GRANT, 0, 4, AT(5, 6)});
    assert_verdict(CONTRADICTS, lock_model, {LOCK_GRANT, 0, 4, AT(1, 2)}, {LOCK_SEE_FREE, 0, 0, AT(3, 4)});
    assert_verdict(FITS, lock_model, {LOCK_GRANT, 0, 4, AT(1, 2)}, {LOCK_EXPIRE, 4, 0, AT(3, 3), UNKNOWN},
                   {LOCK_SEE_FREE, 0, 0, AT(4, 5)});
    assert_verdict(CONTRADICTS, lock_model, {LOCK_GRANT, 0, 4, AT(1, 2)}, {LOCK_SEE_FREE, 0, 0, AT(3, 4)},
                   {LOCK_EXPIRE, 4, 0, AT(5, 5), UNKNOWN}); /* too soon */
}

static void the_token_of_an_unknown_grant_shows_later(void **state)
{
    (void)state;
    assert_verdict(FITS, lock_model, {LOCK_GRANT, 0, 0, AT(1, 2), UNKNOWN}, {LOCK_REFUSE, 0, 7, AT(3, 4)},
                   {LOCK_SEE_HELD, 0, 7, AT(5, 6)});
    assert_verdict(CONTRADICTS, lock_model, {LOCK_GRANT, 0, 0, AT(1, 2), UNKNOWN},
                   {LOCK_REFUSE, 0, 7, AT(3, 4)}, {LOCK_SEE_HELD, 0, 8, AT(5, 6)});
    assert_verdict(CONTRADICTS, lock_model, {LOCK_GRANT, 0, 9, AT(1, 2)}, {LOCK_RELEASE, 9, 0, AT(3, 4)},
                   {LOCK_GRANT, 0, 0, AT(5, 6), UNKNOWN}, {LOCK_SEE_HELD, 0, 8, AT(7, 8)});
}

static void the_one_that_cannot_be_explained_is_named(void **state)
{
    (void)state;
    const struct operation ops[] = {{REGISTER_WRITE, 5, 0, AT(1, 2)},
                                    {REGISTER_READ, 0, 5, AT(3, 4)},
                                    {REGISTER_READ, 0, 6, AT(5, 6)},
                                    {REGISTER_WRITE, 7, 0, AT(7, 8)}};
    size_t culprit;
    assert_int_equal(history_check(ops, 4, register_model, 0, &culprit), HISTORY_CONTRADICTS);
    assert_int_equal(culprit, 2);
}

static void too_many_are_not_judged(void **state)
{
    (void)state;
    struct operation ops[HISTORY_MAX + 1] = {0};
    assert_int_equal(history_check(ops, HISTORY_MAX + 1, register_model, 0, NULL), HISTORY_UNDECIDED);
    assert_int_equal(history_check(ops, 0, register_model, 0, NULL), HISTORY_FITS);
}

/* ---- The oracle ---- */

enum { SMALL = 6 };

/* Every order of every subset that holds the known ones: is there one that the clock and the model allow? */
static bool try_orders(const struct operation *ops, size_t n, history_model *model, unsigned used,
                       uint64_t value, const size_t *order, size_t placed)
{
    bool all = true;
    for (size_t i = 0; i < n; i++)
        all = all && (used >> i & 1 || ops[i].unknown);
    if (all)
        return true;
    for (size_t i = 0; i < n; i++) {
        uint64_t next = value;
        size_t longer[SMALL];
        bool allowed = !(used >> i & 1);
        for (size_t j = 0; j < n && allowed; j++) /* nobody who ended before it began comes after it */
            allowed = used >> j & 1 || j == i || ops[j].unknown || ops[j].ended >= ops[i].began;
        if (!allowed || !model(&ops[i], &next))
            continue;
        memcpy(longer, order, placed * sizeof *order);
        longer[placed] = i;
        if (try_orders(ops, n, model, used | 1u << i, next, longer, placed + 1))
            return true;
    }
    return false;
}

static uint32_t random_number(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static void it_agrees_with_an_oracle_that_tries_every_order(void **state)
{
    (void)state;
    size_t seen[2] = {0};
    uint64_t seed = 56;

    for (int round = 0; round < 20000; round++) {
        bool of_lock = round % 2;
        struct operation ops[SMALL];
        size_t n = 1 + random_number(&seed) % SMALL, order[SMALL];
        for (size_t i = 0; i < n; i++) {
            int64_t began = random_number(&seed) % 12;
            ops[i] = (struct operation){.kind = (int)(random_number(&seed) % (of_lock ? 7 : 2)),
                                        .argument = random_number(&seed) % 4,
                                        .result = random_number(&seed) % 4,
                                        .began = began,
                                        .ended = began + random_number(&seed) % 8,
                                        .unknown = random_number(&seed) % 5 == 0};
            ops[i].unknown |= of_lock && ops[i].kind == LOCK_EXPIRE;
        }
        history_model *model = of_lock ? lock_model : register_model;
        bool fits = try_orders(ops, n, model, 0, 0, order, 0);
        assert_int_equal(history_check(ops, n, model, 0, NULL), fits ? HISTORY_FITS : HISTORY_CONTRADICTS);
        seen[fits]++;
    }
    assert_true(seen[0] > 1000 && seen[1] > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_reads_what_was_written_last),
        cmocka_unit_test(what_nobody_knows_may_have_happened_or_not),
        cmocka_unit_test(a_lock_has_one_holder_and_rising_tokens),
        cmocka_unit_test(the_token_of_an_unknown_grant_shows_later),
        cmocka_unit_test(the_one_that_cannot_be_explained_is_named),
        cmocka_unit_test(too_many_are_not_judged),
        cmocka_unit_test(it_agrees_with_an_oracle_that_tries_every_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
