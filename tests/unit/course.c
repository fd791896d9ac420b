/* The course and its lessons: what is read, what is refused and how that is said, and how names are
 * understood. */
#include "course/course.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct course *real_course;

static int load_real(void **state)
{
    struct error err;
    (void)state;
    real_course = course_load(LUX_SOURCE_DIR, &err);
    if (!real_course)
        print_error("%s\n", err.text);
    return real_course ? 0 : -1;
}

static int free_real(void **state)
{
    (void)state;
    course_free(real_course);
    return 0;
}

/* ---- A course of one's own in a temporary directory ---- */

static char fixture[64];

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static int fixture_make(void **state)
{
    (void)state;
    snprintf(fixture, sizeof fixture, "/tmp/lux-test-course-XXXXXX");
    return mkdtemp(fixture) ? 0 : -1;
}

static int fixture_remove(void **state)
{
    (void)state;
    return nftw(fixture, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *name, const char *text)
{
    struct error err;
    autofree char *path = path_join(fixture, name);
    autofree char *dir = xstrdup(path);
    *strrchr(dir, '/') = '\0';
    assert_int_equal(file_make_dirs(dir, 0755, &err), 0);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0644, &err), 0);
}

#define ONE_CHALLENGE                \
    "stages:\n"                      \
    "  - slug: net\n"                \
    "    title: Net\n"               \
    "    challenges:\n"              \
    "      - number: 1\n"            \
    "        slug: echo\n"           \
    "        title: Echo\n"          \
    "        binary: echo\n"         \
    "        usage: ./echo <port>\n" \
    "        summary: Says it again.\n"

#define FRONT                                                                                   \
    "---\nnumber: 1\nslug: echo\ntitle: Echo\nstage: net\nbinary: echo\nusage: ./echo <port>\n" \
    "difficulty: 2\nminutes: 60\nconcepts: [sockets, tcp]\nman: [\"socket(2)\"]\n---\n"

/* Loading must fail, and the sentence must hold each of these pieces. */
static void assert_refused(const char *piece, const char *other)
{
    struct error err = {""};
    struct course *c = course_load(fixture, &err);
    assert_null(c);
    if (!strstr(err.text, piece) || !strstr(err.text, other))
        fail_msg("the error does not say \"%s\" and \"%s\": %s", piece, other, err.text);
}

/* ---- course.yaml ---- */

static void test_holds_8_stages_and_56_challenges_in_order(void **state)
{
    (void)state;
    assert_int_equal(course_stage_count(real_course), 8);
    assert_int_equal(course_challenge_count(real_course), 56);
    for (size_t i = 0; i < 56; i++)
        assert_int_equal(course_challenge(real_course, i)->number, i + 1);
    const struct stage *last = course_stage(real_course, 7);
    assert_int_equal(last->first, 49);
    assert_int_equal(last->last, 56);
    assert_string_equal(course_challenge(real_course, 55)->slug, "raft-lock-service");
    assert_string_equal(course_challenge(real_course, 55)->stage->slug, "advanced");
}

static void test_every_usage_begins_with_the_binary(void **state)
{
    (void)state;
    for (size_t i = 0; i < 56; i++) {
        const struct challenge *ch = course_challenge(real_course, i);
        autofree char *start = xasprintf("./%s", ch->binary);
        size_t n = strlen(start);
        if (strncmp(ch->usage, start, n) != 0 || (ch->usage[n] != '\0' && ch->usage[n] != ' '))
            fail_msg("%s: %s", ch->slug, ch->usage);
    }
}

static void test_every_lesson_that_is_there_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < 56; i++) {
        const struct challenge *ch = course_challenge(real_course, i);
        struct lesson l;
        struct error err;
        if (!ch->has_lesson)
            continue;
        if (lesson_load(real_course, ch, &l, &err))
            fail_msg("%s", err.text);
        if (l.n_clauses == 0)
            fail_msg("%s: no clauses", ch->slug);
        if (!l.hints[0] || !l.hints[1] || !l.hints[2])
            fail_msg("%s: three hints are due", ch->slug);
        assert_null(strstr(l.body, "## Hints"));
        lesson_free(&l);
    }
}

static void test_reads_a_course_without_lessons(void **state)
{
    (void)state;
    put("content/course.yaml", ONE_CHALLENGE);
    struct error err;
    struct course *c = course_load(fixture, &err);
    assert_non_null(c);
    const struct challenge *ch = course_challenge(c, 0);
    assert_false(ch->has_lesson);
    assert_null(ch->concepts[0]);
    autofree char *name = course_workspace_name(ch);
    assert_string_equal(name, "01-echo");
    course_free(c);
}

static void test_names_file_and_line_of_what_is_wrong_in_course_yaml(void **state)
{
    (void)state;
    assert_refused("course.yaml", "No such file");
    put("content/course.yaml", "");
    assert_refused("course.yaml:1:", "nothing in it");
    put("content/course.yaml", "stages:\n  - slug: net\n    titel: Net\n");
    assert_refused("course.yaml:3:", "titel");
    put("content/course.yaml", "stages:\n  - slug: net\n   title: Net\n");
    assert_refused("course.yaml:", "");
    put("content/course.yaml",
        "stages:\n  - slug: net\n    title: Net\n    challenges:\n      - number: one\n");
    assert_refused("course.yaml:5:", "one");
    put("content/course.yaml",
        ONE_CHALLENGE "      - number: 3\n        slug: x\n        title: X\n        binary: x\n"
                      "        usage: ./x\n        summary: X.\n");
    assert_refused("x has number 3", "2 comes next");
    put("content/course.yaml",
        ONE_CHALLENGE "      - number: 2\n        slug: ../x\n        title: X\n        binary: x\n"
                      "        usage: ./x\n        summary: X.\n");
    assert_refused("../x", "alone");
    put("content/course.yaml",
        ONE_CHALLENGE "      - number: 2\n        slug: echo\n        title: X\n        binary: x\n"
                      "        usage: ./x\n        summary: X.\n");
    assert_refused("two challenges", "echo");
}

static void test_never_crashes_on_a_truncated_course(void **state)
{
    (void)state;
    char text[] = ONE_CHALLENGE;
    for (size_t n = sizeof text - 1; n > 0; n--) {
        struct error err = {""};
        text[n] = '\0';
        put("content/course.yaml", text);
        struct course *c = course_load(fixture, &err);
        assert_true(c != NULL || err.text[0] != '\0');
        course_free(c);
    }
}

/* ---- Front matter ---- */

static void test_reads_the_front_matter_of_a_lesson(void **state)
{
    (void)state;
    put("content/course.yaml", ONE_CHALLENGE);
    put("content/net/echo.md", FRONT "# Echo\n");
    struct error err;
    struct course *c = course_load(fixture, &err);
    assert_non_null(c);
    const struct challenge *ch = course_challenge(c, 0);
    assert_true(ch->has_lesson);
    assert_int_equal(ch->difficulty, 2);
    assert_int_equal(ch->minutes, 60);
    assert_string_equal(ch->concepts[0], "sockets");
    assert_string_equal(ch->concepts[1], "tcp");
    assert_null(ch->concepts[2]);
    assert_null(ch->needs[0]);
    assert_string_equal(ch->man[0], "socket(2)");
    course_free(c);
}

static void test_refuses_a_lesson_that_disagrees_with_the_course(void **state)
{
    (void)state;
    put("content/course.yaml", ONE_CHALLENGE);
    put("content/net/echo.md",
        "---\nnumber: 1\nslug: echo\ntitle: Echo\nstage: net\nbinary: ehco\nusage: ./echo <port>\n"
        "difficulty: 2\nminutes: 60\n---\n");
    assert_refused("net/echo.md", "binary is \"ehco\", but course.yaml says \"echo\"");
    put("content/net/echo.md",
        "---\nnumber: 1\nslug: echo\ntitle: Echo\nstage: net\nbinary: echo\nusage: ./echo <port>\n"
        "difficulty: 6\nminutes: 60\n---\n");
    assert_refused("net/echo.md", "difficulty is 6");
    put("content/net/echo.md",
        "---\nnumber: 1\nslug: echo\ntitle: Echo\nstage: net\nbinary: echo\nusage: ./echo <port>\n"
        "difficulty: 2\nminutes: 60\nneeds: [nothing]\n---\n");
    assert_refused("net/echo.md", "no challenge is called that");
}

static void test_names_the_line_of_a_mistake_in_front_matter(void **state)
{
    (void)state;
    put("content/course.yaml", ONE_CHALLENGE);
    put("content/net/echo.md", "---\nnumber: 1\nslug: echo\ncolour: red\n---\n");
    assert_refused("echo.md:4:", "colour");
    put("content/net/echo.md", "# Echo\n");
    assert_refused("echo.md:1:", "front matter");
    put("content/net/echo.md", "---\nnumber: 1\n");
    assert_refused("echo.md:2:", "no end");
    put("content/net/echo.md", "");
    assert_refused("echo.md:1:", "front matter");
    put("content/net/echo.md", "---\n---\n");
    assert_refused("echo.md:2:", "nothing in it");
}

/* ---- Lessons ---- */

static struct lesson parsed(const char *text)
{
    struct lesson l;
    struct error err;
    if (lesson_parse("x.md", text, strlen(text), &l, &err))
        fail_msg("%s", err.text);
    return l;
}

static void assert_lesson_refused(const char *text, const char *piece)
{
    struct lesson l;
    struct error err = {""};
    if (lesson_parse("x.md", text, strlen(text), &l, &err) == 0)
        fail_msg("accepted, although \"%s\"", piece);
    if (!strstr(err.text, piece))
        fail_msg("the error does not say \"%s\": %s", piece, err.text);
    assert_null(l.owner);
}

static void test_takes_clauses_from_the_contract_alone(void **state)
{
    (void)state;
    struct lesson l = parsed(
        "---\na: 1\n---\n# T\n\n- **no-clause** \u2014 not in the contract.\n\n## Contract\n\nText.\n\n"
        "- **first** \u2014 One sentence.\n"
        "- **second-one** \u2014 A sentence that\n  goes on\n  here.\n\n  Not this.\n\n"
        "```\n- **in-code** \u2014 no.\n```\n- **third** \u2014 Last.\n\n## How it works\n- **fourth** \u2014 no.\n");
    assert_int_equal(l.n_clauses, 3);
    assert_string_equal(l.clauses[0].id, "first");
    assert_string_equal(l.clauses[0].sentence, "One sentence.");
    assert_string_equal(l.clauses[1].sentence, "A sentence that goes on here.");
    assert_string_equal(lesson_clause(&l, "third")->sentence, "Last.");
    assert_null(lesson_clause(&l, "fourth"));
    assert_non_null(strstr(l.body, "## Contract"));
    assert_non_null(strstr(l.body, "in-code"));
    lesson_free(&l);
}

static void test_keeps_hints_out_of_the_body(void **state)
{
    (void)state;
    struct lesson l = parsed(
        "---\r\na: 1\r\n---\r\n# T\r\n\r\nText.\r\n\r\n## Hints\r\n\r\nFolded.\r\n\r\n### 1\r\nNudge.\r\n\r\n"
        "### 2\r\n```c\r\n# no heading\r\n## nor this\r\n```\r\n\r\n## Go further\r\nOn.\r\n");
    assert_string_equal(l.hints[0], "Nudge.\n");
    assert_string_equal(l.hints[1], "```c\n# no heading\n## nor this\n```\n");
    assert_null(l.hints[2]);
    assert_string_equal(l.body, "# T\n\nText.\n\n## Go further\nOn.\n");
    lesson_free(&l);
}

static void test_says_where_a_lesson_is_wrong(void **state)
{
    (void)state;
    assert_lesson_refused("# T\n", "x.md:1:");
    assert_lesson_refused("---\n---\n## Contract\n- **a** \u2014 A.\n- **a** \u2014 B.\n",
                          "x.md:5: the clause a is there twice");
    assert_lesson_refused("---\n---\n## Contract\n- **A b** \u2014 A.\n",
                          "x.md:4: the clause's name \"A b\"");
    assert_lesson_refused("---\n---\n## Contract\n- **a** A.\n", "x.md:4: after **a**");
    assert_lesson_refused("---\n---\n## Contract\n- **a\n", "no closing");
    assert_lesson_refused("---\n---\n## Contract\n- **a** \u2014\n\n", "says nothing");
    assert_lesson_refused("---\n---\n## Hints\n### 2\n", "in this order");
    assert_lesson_refused("---\n---\n## Hints\n### 1\n### 2\n### 3\n### 4\n", "x.md:7: hints");
    assert_lesson_refused("---\n---\n\x1b[31m\n", "x.md:3: there is a byte 0x1b");
    assert_lesson_refused("---\n---\n\n\xff\n", "x.md:4: there is a byte 0xff");
    assert_lesson_refused("---\n---\n```\nabc\n", "block of code has no end");
}

static void test_never_crashes_on_a_truncated_lesson(void **state)
{
    (void)state;
    static const char text[] = FRONT
        "# T\n\n## Contract\n\n- **first** \u2014 One.\n- **second** \u2014 A\n  b.\n```\nx\n```\n## Hints\n"
        "### 1\na\n### 2\nb\n### 3\nc\n## End\n";
    for (size_t n = 0; n < sizeof text; n++) {
        struct lesson l;
        struct error err = {""};
        char *copy = xstrndup(text, n); /* exactly as long as it is: reading further is found by ASan */
        if (lesson_parse("x.md", copy, n, &l, &err))
            assert_true(err.text[0] != '\0');
        lesson_free(&l);
        free(copy);
    }
}

static void test_reads_handbook_pages_by_their_name_alone(void **state)
{
    (void)state;
    put("content/course.yaml", ONE_CHALLENGE);
    put("content/handbook/tcp-close.md", "# Closing\n");
    struct error err;
    struct course *c = course_load(fixture, &err);
    assert_non_null(c);
    autofree char *page = course_handbook_page(c, "tcp-close", &err);
    assert_string_equal(page, "# Closing\n");
    assert_null(course_handbook_page(c, "nothing", &err));
    assert_null(course_handbook_page(c, "../course", &err));
    assert_null(course_handbook_page(c, "", &err));
    course_free(c);
}

/* ---- Names ---- */

static void assert_found(const char *name, const char *slug)
{
    struct error err = {""};
    const struct challenge *ch = course_find(real_course, name, &err);
    if (!ch)
        fail_msg("%s: %s", name, err.text);
    else
        assert_string_equal(ch->slug, slug);
}

static void assert_not_found(const char *name, const char *piece)
{
    struct error err = {""};
    assert_null(course_find(real_course, name, &err));
    if (!strstr(err.text, piece))
        fail_msg("%s: the error does not say \"%s\": %s", name, piece, err.text);
}

static void test_finds_by_slug_number_section_workspace_and_prefix(void **state)
{
    (void)state;
    assert_found("tcp-echo-server", "tcp-echo-server");
    assert_found("2", "tcp-echo-server");
    assert_found("02", "tcp-echo-server");
    assert_found("4.2", "tcp-echo-server");
    assert_found("4.56", "raft-lock-service");
    assert_found("4", "port-scanner");
    assert_found("02-tcp-echo-server", "tcp-echo-server");
    assert_found("raft", "raft-lock-service");
    assert_found("TCP-echo-s", "tcp-echo-server");
    assert_found("http-c", "http-client");
    assert_found("tree", "tree");
    assert_found("cron", "cron");
}

static void test_suggests_the_nearest_name(void **state)
{
    (void)state;
    assert_not_found("tcp-ehco-server", "did you mean tcp-echo-server?");
    assert_not_found("netcta", "did you mean netcat?");
    assert_not_found("deamon", "did you mean daemon?");
    assert_not_found("echo-server", "did you mean tcp-echo-server or udp-echo-server?");
    assert_not_found("tcp-echo", "tcp-echo-client or tcp-echo-server?");
    assert_not_found("client", "or one of");
    assert_not_found("something-else-entirely", "no challenge is called something-else-entirely");
}

static void test_refuses_names_that_cannot_be(void **state)
{
    (void)state;
    char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_not_found("", "empty");
    assert_not_found("0", "numbered 1 to 56");
    assert_not_found("57", "numbered 1 to 56");
    assert_not_found("4.57", "numbered 1 to 56");
    assert_not_found("99999999999999999999", "no challenge is called");
    assert_not_found("4.", "no challenge");
    assert_not_found("-1", "no challenge");
    assert_not_found(longest, "too long");
}

/* ---- The data directory ---- */

static void test_finds_its_data_above_the_program(void **state)
{
    (void)state;
    struct error err;
    unsetenv("LUX_DATA_DIR");
    autofree char *dir = course_data_dir(&err);
    assert_non_null(dir);
    autofree char *file = path_join(dir, "content/course.yaml");
    assert_true(file_exists(file));
}

static void test_takes_lux_data_dir_when_it_is_set(void **state)
{
    (void)state;
    struct error err;
    setenv("LUX_DATA_DIR", fixture, 1);
    assert_null(course_data_dir(&err));
    assert_non_null(strstr(err.text, fixture));
    put("content/course.yaml", ONE_CHALLENGE);
    autofree char *dir = course_data_dir(&err);
    assert_string_equal(dir, fixture);
    unsetenv("LUX_DATA_DIR");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_make, fixture_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holds_8_stages_and_56_challenges_in_order),
        cmocka_unit_test(test_every_usage_begins_with_the_binary),
        cmocka_unit_test(test_every_lesson_that_is_there_can_be_read),
        WITH_FIXTURE(test_reads_a_course_without_lessons),
        WITH_FIXTURE(test_names_file_and_line_of_what_is_wrong_in_course_yaml),
        WITH_FIXTURE(test_never_crashes_on_a_truncated_course),
        WITH_FIXTURE(test_reads_the_front_matter_of_a_lesson),
        WITH_FIXTURE(test_refuses_a_lesson_that_disagrees_with_the_course),
        WITH_FIXTURE(test_names_the_line_of_a_mistake_in_front_matter),
        cmocka_unit_test(test_takes_clauses_from_the_contract_alone),
        cmocka_unit_test(test_keeps_hints_out_of_the_body),
        cmocka_unit_test(test_says_where_a_lesson_is_wrong),
        cmocka_unit_test(test_never_crashes_on_a_truncated_lesson),
        WITH_FIXTURE(test_reads_handbook_pages_by_their_name_alone),
        cmocka_unit_test(test_finds_by_slug_number_section_workspace_and_prefix),
        cmocka_unit_test(test_suggests_the_nearest_name),
        cmocka_unit_test(test_refuses_names_that_cannot_be),
        cmocka_unit_test(test_finds_its_data_above_the_program),
        WITH_FIXTURE(test_takes_lux_data_dir_when_it_is_set),
    };
    return cmocka_run_group_tests(tests, load_real, free_real);
}
