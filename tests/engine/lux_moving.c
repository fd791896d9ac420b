/* lux export and import from outside. */
#include "lux_help.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"

static const char *good(void)
{
    return lux_program("good", "solutions/tcp-echo-server/c/main.c");
}

static void use_database(const char *name)
{
    autofree char *path = path_join(lux_scratch(), name);
    setenv("LUX_DB", path, 1);
}

static char *text_of(const char *name)
{
    struct buf text = {0};
    struct error err;
    autofree char *path = path_join(lux_scratch(), name);
    if (file_read(path, 10 << 20, &text, &err))
        fail_msg("%s", err.text);
    return buf_take(&text);
}

static struct lux *import(int code, const char *name)
{
    autofree char *path = path_join(lux_scratch(), name);
    return lux_run(code, "import", path);
}

static void what_is_exported_is_imported_elsewhere_once(void **state)
{
    (void)state;
    const char *bad = lux_program_text("bad", "main.c", "int main(void) { return undeclared; }\n");
    lux_free(lux_run(3, "check", "2", "--dir", bad));
    lux_free(lux_run(0, "check", "2", "--dir", good(), "--only", "echoes_a_line"));
    lux_free(lux_run(0, "check", "2", "--dir", good()));
    lux_free(lux_run(1, "check", "2", "--dir", lux_program("null", "null/sleep.c")));
    autofree char *file = path_join(lux_scratch(), "mine.ndjson");
    struct lux *l = lux_run(0, "export", file);
    assert_has(l->out, "4 attempts written");
    lux_free(l);
    autofree char *exported = text_of("mine.ndjson");
    struct lux *here = lux_run(0, "history", "2"), *progress = lux_run(0, "progress");
    l = import(0, "mine.ndjson");
    assert_has(l->out, "0 attempts taken in, 4 known already");
    lux_free(l);
    use_database("other.db");
    l = import(0, "mine.ndjson");
    assert_has(l->out, "4 attempts taken in");
    lux_free(l);
    l = import(0, "mine.ndjson");
    assert_has(l->out, "0 attempts taken in, 4 known already");
    lux_free(l);
    struct lux *there = lux_run(0, "history", "2"), *progress_there = lux_run(0, "progress");
    assert_string_equal(there->out, here->out);
    assert_string_equal(progress_there->out, progress->out);
    lux_free(lux_run(0, "export", file));
    autofree char *again = text_of("mine.ndjson");
    assert_string_equal(again, exported);
    lux_free(here);
    lux_free(there);
    lux_free(progress);
    lux_free(progress_there);
}

static void the_stream_of_a_check_is_the_attempt_that_it_recorded(void **state)
{
    (void)state;
    struct lux *l = lux_run(0, "check", "2", "--dir", good(), "--format", "ndjson");
    lux_put("run.ndjson", l->out);
    lux_free(l);
    l = import(0, "run.ndjson");
    assert_has(l->out, "0 attempts taken in, 1 known already");
    lux_free(l);
    use_database("other.db");
    l = import(0, "run.ndjson");
    assert_has(l->out, "1 attempt taken in");
    lux_free(l);
    l = lux_run(0, "progress");
    assert_has(l->out, "1 of 56 challenges solved");
    lux_free(l);
}

static void a_class_is_kept_apart_from_ones_own_progress(void **state)
{
    (void)state;
    struct lux *l = lux_run(0, "check", "2", "--dir", good(), "--format", "ndjson", "--no-record");
    lux_put("ada.ndjson", l->out);
    lux_free(l);
    l = lux_run(1, "check", "2", "--dir", lux_program("null", "null/sleep.c"), "--format", "ndjson",
                "--no-record");
    lux_put("bob.ndjson", l->out);
    lux_free(l);
    autofree char *ada = path_join(lux_scratch(), "ada.ndjson"),
                  *bob = path_join(lux_scratch(), "bob.ndjson");
    l = lux_run(0, "import", "--each", ada, bob);
    assert_has(l->out, "2 attempts taken in");
    lux_free(l);
    l = lux_run(0, "progress", "--class");
    assert_has(l->out, "ada                        1 solved");
    assert_has(l->out, "bob                        0 solved");
    lux_free(l);
    l = lux_run(0, "progress");
    assert_has(l->out, "0 of 56 challenges solved, 0 begun");
    lux_free(l);
    lux_free(lux_run(1, "history", "2"));
    l = lux_run(0, "export");
    assert_string_equal(l->out, "");
    lux_free(l);
}

/* The stream of an older Lux: no name, no time. Cut off, then whole. */
static const char beginning[] =
    "{\"v\":1,\"type\":\"build_start\",\"t\":0,\"language\":\"c\",\"command\":\"cc\",\"dir\":\"/x\","
    "\"attempt\":\"the-one\",\"at\":1700000000,\"challenge\":\"tcp-echo-server\"}\n"
    "{\"v\":1,\"type\":\"build_end\",\"t\":0.1,\"ok\":true,\"ms\":100}\n"
    "{\"v\":1,\"type\":\"run_start\",\"t\":0.1,\"challenge\":\"tcp-echo-server\",\"number\":2,\"title\":\"T\","
    "\"dir\":\"/x\",\"level\":\"full\",\"seed\":\"5\",\"checks\":[{\"id\":\"a\",\"title\":\"A\",\"tier\":\"core\"},"
    "{\"id\":\"b\",\"title\":\"B\",\"tier\":\"core\"}]}\n"
    "{\"v\":1,\"type\":\"check_end\",\"t\":0.2,\"check\":\"a\",\"verdict\":\"pass\",\"ms\":1}\n";
static const char ending[] =
    "{\"v\":1,\"type\":\"check_end\",\"t\":0.3,\"check\":\"b\",\"verdict\":\"pass\",\"ms\":1}\n"
    "{\"v\":1,\"type\":\"run_end\",\"t\":0.4,\"solved\":true,\"passed\":2,\"ms\":300}\n";

static void an_attempt_that_was_cut_off_is_completed_later(void **state)
{
    (void)state;
    lux_put("cut.ndjson", beginning);
    struct lux *l = import(0, "cut.ndjson");
    assert_has(l->out, "1 attempt taken in");
    lux_free(l);
    l = lux_run(0, "history", "2");
    assert_has(l->out, "interrupted");
    assert_has(l->out, "1 of 1 passed");
    lux_free(l);
    autofree char *whole = xasprintf("%s%s", beginning, ending);
    lux_put("cut.ndjson", whole);
    l = import(0, "cut.ndjson");
    assert_has(l->out, "0 attempts taken in, 1 completed");
    lux_free(l);
    l = lux_run(0, "history", "2");
    assert_has(l->out, "1 attempt\n");
    assert_has(l->out, "solved");
    assert_has(l->out, "2 of 2 passed");
    lux_free(l);
}

static void an_older_attempt_does_not_replace_what_is_newer(void **state)
{
    (void)state;
    lux_free(lux_run(0, "check", "2", "--dir", good()));
    struct lux *before = lux_run(0, "list", "--format", "json");
    autofree char *older = xasprintf("%s%s", beginning, ending);
    lux_put("older.ndjson", older);
    lux_free(import(0, "older.ndjson"));
    struct lux *l = lux_run(0, "history", "2");
    const char *old = strstr(l->out, "2023-11-1"), *new = strstr(l->out, "25 of 25");
    assert_true(old && new &&old < new);
    lux_free(l);
    l = lux_run(0, "list", "--format", "json");
    assert_string_equal(l->out, before->out);
    lux_free(before);
    lux_free(l);
}

static void what_is_no_stream_is_refused_and_the_rest_is_taken(void **state)
{
    (void)state;
    lux_put("text.ndjson", "this is not JSON\n\x01\xff\n");
    lux_put("unknown.ndjson",
            "{\"v\":1,\"type\":\"run_start\",\"t\":0,\"challenge\":\"no-such-thing\",\"checks\":[]}\n"
            "{\"v\":1,\"type\":\"run_end\",\"t\":1,\"solved\":true}\n");
    autofree char *whole = xasprintf("%s%s", beginning, ending);
    lux_put("good.ndjson", whole);
    struct lux *l = import(1, "text.ndjson");
    assert_has(l->err, "holds no attempt");
    lux_free(l);
    l = import(2, "missing.ndjson");
    assert_has(l->err, "No such file");
    lux_free(l);
    l = import(0, "unknown.ndjson");
    assert_has(l->err, "left out: an attempt at 'no-such-thing'");
    assert_has(l->out, "0 attempts taken in");
    lux_free(l);
    autofree char *text = path_join(lux_scratch(), "text.ndjson"),
                  *fine = path_join(lux_scratch(), "good.ndjson");
    l = lux_run(1, "import", text, fine);
    assert_has(l->out, "1 attempt taken in");
    lux_free(l);
    lux_free(lux_run(2, "import"));
    lux_free(lux_run(2, "import", fine, "--each", "--learner", "x"));
    lux_free(lux_run(2, "export", "a", "b"));
    l = lux_run(5, "export", "/nonexistent/file");
    assert_has(l->err, "/nonexistent/file");
    lux_free(l);
}

int main(int argc, char **argv)
{
    lux_as_nobody(argc, argv);
    const struct CMUnitTest tests[] = {
        LUX_TEST(what_is_exported_is_imported_elsewhere_once),
        LUX_TEST(the_stream_of_a_check_is_the_attempt_that_it_recorded),
        LUX_TEST(a_class_is_kept_apart_from_ones_own_progress),
        LUX_TEST(an_attempt_that_was_cut_off_is_completed_later),
        LUX_TEST(an_older_attempt_does_not_replace_what_is_newer),
        LUX_TEST(what_is_no_stream_is_refused_and_the_rest_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
