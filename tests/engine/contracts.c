/* What the checks prove and what the lessons say are the same thing: every check cites a clause of its
 * challenge's contract, every clause is cited by a check, and each challenge has as many checks as it must.
 */
#include "base/escape.h"
#include "base/mem.h"
#include "course/course.h"
#include "harness/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { CORE_MIN = 5, ROBUST_MIN = 5, ALL_MIN = 12 };

static struct course *course;

static int load(void **state)
{
    struct error err;
    (void)state;
    course = course_load(LUX_SOURCE_DIR, &err);
    if (!course)
        print_error("%s\n", err.text);
    return course ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    course_free(course);
    return 0;
}

/* Calls f for each challenge that has checks, with its lesson. */
static void for_each(void (*f)(const struct challenge *, const struct lesson *, const struct check **,
                               size_t))
{
    size_t tested = 0;
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        const struct challenge *ch = course_challenge(course, i);
        const struct check **checks;
        struct lesson lesson;
        struct error err;
        size_t n = harness_checks_of(ch->slug, &checks);
        if (n == 0)
            continue;
        if (lesson_load(course, ch, &lesson, &err))
            fail_msg("%s", err.text);
        f(ch, &lesson, checks, n);
        lesson_free(&lesson);
        free(checks);
        tested++;
    }
    assert_true(tested > 0);
}

static void cites_known_clauses(const struct challenge *ch, const struct lesson *lesson,
                                const struct check **checks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!lesson_clause(lesson, checks[i]->clause))
            fail_msg("%s: the check %s cites the clause %s, which the lesson does not have", ch->slug,
                     checks[i]->id, checks[i]->clause);
}

static void has_a_check_for_each_clause(const struct challenge *ch, const struct lesson *lesson,
                                        const struct check **checks, size_t n)
{
    for (size_t k = 0; k < lesson->n_clauses; k++) {
        bool is_cited = false;
        for (size_t i = 0; i < n; i++)
            is_cited |= strcmp(checks[i]->clause, lesson->clauses[k].id) == 0;
        if (!is_cited)
            fail_msg("%s: no check proves the clause %s", ch->slug, lesson->clauses[k].id);
    }
}

static void has_enough_checks(const struct challenge *ch, const struct lesson *lesson,
                              const struct check **checks, size_t n)
{
    (void)lesson;
    size_t of_tier[3] = {0};
    for (size_t i = 0; i < n; i++)
        of_tier[checks[i]->tier]++;
    if (of_tier[TIER_CORE] < CORE_MIN || of_tier[TIER_ROBUST] < ROBUST_MIN || n < ALL_MIN)
        fail_msg("%s has %zu core and %zu robust checks, %zu in all", ch->slug, of_tier[TIER_CORE],
                 of_tier[TIER_ROBUST], n);
}

static void has_checks_that_can_be_told_apart(const struct challenge *ch, const struct lesson *lesson,
                                              const struct check **checks, size_t n)
{
    (void)lesson;
    for (size_t i = 0; i < n; i++) {
        bool needs_known = checks[i]->needs == NULL;
        for (size_t k = 0; k < n; k++) {
            if (i != k && (strcmp(checks[i]->id, checks[k]->id) == 0 ||
                           strcmp(checks[i]->title, checks[k]->title) == 0))
                fail_msg("%s: two checks are called %s", ch->slug, checks[i]->id);
            needs_known |= i != k && checks[i]->needs && strcmp(checks[i]->needs, checks[k]->id) == 0;
        }
        if (!needs_known)
            fail_msg("%s: %s needs %s, which is no check", ch->slug, checks[i]->id, checks[i]->needs);
    }
}

static void test_every_check_cites_a_clause_that_exists(void **state)
{
    (void)state;
    for_each(cites_known_clauses);
}

static void test_every_clause_has_a_check(void **state)
{
    (void)state;
    for_each(has_a_check_for_each_clause);
}

static void test_every_challenge_has_enough_checks_of_each_tier(void **state)
{
    (void)state;
    for_each(has_enough_checks);
}

static void test_checks_have_names_of_their_own(void **state)
{
    (void)state;
    for_each(has_checks_that_can_be_told_apart);
}

static void test_every_concept_of_a_lesson_has_its_page(void **state)
{
    (void)state;
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        const struct challenge *ch = course_challenge(course, i);
        for (const char *const *concept = ch->concepts; *concept; concept ++) {
            struct error err;
            autofree char *page = course_handbook_page(course, *concept, &err);
            if (!page)
                fail_msg("%s: %s", ch->slug, err.text);
        }
    }
}

/* Links are [text](handbook/page) or [text](slug). */
static void test_every_link_to_the_handbook_leads_somewhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        struct lesson lesson;
        struct error err;
        if (!course_challenge(course, i)->has_lesson)
            continue;
        assert_int_equal(lesson_load(course, course_challenge(course, i), &lesson, &err), 0);
        for (const char *p = lesson.body; (p = strstr(p, "](handbook/")); p++) {
            const char *name = p + strlen("](handbook/");
            autofree char *page_name = xstrndup(name, strcspn(name, ")#"));
            autofree char *page = course_handbook_page(course, page_name, &err);
            if (!page)
                fail_msg("%s: %s", course_challenge(course, i)->slug, err.text);
        }
        lesson_free(&lesson);
    }
}

/* ---- Pictures ---- */

/* What the lesson pane shows of a picture on a screen of 120 columns. */
enum { PICTURE_COLUMNS = 40 };

static bool is_drawn(unsigned cp)
{
    return cp >= 0x2500 && cp <= 0x25ff; /* lines, blocks, triangles */
}

/* Fails at a picture (a code block without a language in which lines are drawn) that is wider than the pane:
 * half of it would be out of sight, and a picture in halves explains nothing. */
static void has_narrow_pictures(const char *name, const char *text)
{
    bool in_block = false, named = false, drawn = false;
    int widest = 0;
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (strncmp(text, "```", 3) == 0) {
            if (in_block && !named && drawn && widest > PICTURE_COLUMNS)
                fail_msg("%s: a picture of %d columns; the lesson pane shows %d of them at 120 columns", name,
                         widest, PICTURE_COLUMNS);
            in_block = !in_block;
            named = len > 3;
            drawn = false;
            widest = 0;
        } else {
            int width = 0;
            for (size_t at = 0; at < len; width++) {
                unsigned cp = 0;
                size_t n = utf8_decode(text + at, len - at, &cp);
                drawn |= is_drawn(cp);
                at += n ? n : 1;
            }
            widest = width > widest ? width : widest;
        }
        text += len + (text[len] == '\n');
    }
}

static void test_pictures_fit_into_the_lesson_pane(void **state)
{
    (void)state;
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        const struct challenge *ch = course_challenge(course, i);
        struct lesson lesson;
        struct error err;
        if (!ch->has_lesson)
            continue;
        assert_int_equal(lesson_load(course, ch, &lesson, &err), 0);
        has_narrow_pictures(ch->slug, lesson.body);
        lesson_free(&lesson);
        for (const char *const *concept = ch->concepts; *concept; concept ++) {
            autofree char *page = course_handbook_page(course, *concept, &err);
            if (page)
                has_narrow_pictures(*concept, page);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_check_cites_a_clause_that_exists),
        cmocka_unit_test(test_every_clause_has_a_check),
        cmocka_unit_test(test_every_challenge_has_enough_checks_of_each_tier),
        cmocka_unit_test(test_checks_have_names_of_their_own),
        cmocka_unit_test(test_every_concept_of_a_lesson_has_its_page),
        cmocka_unit_test(test_every_link_to_the_handbook_leads_somewhere),
        cmocka_unit_test(test_pictures_fit_into_the_lesson_pane),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
