/* Machines that refuse what a full sandbox takes: right programs pass there too, and what cannot be checked is
 * skipped, with the reason. */
#include "lux_help.h"

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

enum { SOLVED = 0, MACHINE_LACKS = 4 };

static const char *const levels[] = {"nopid", "shared"};

static void assert_nobody_is_charged(const struct lux *l)
{
    assert_has_not(l->out, "\"verdict\":\"fail\"");
    assert_has_not(l->out, "\"verdict\":\"error\"");
    assert_has_not(l->out, "\"verdict\":\"blocked\"");
}

static void references_pass_at_every_level_or_are_skipped(void **state)
{
    (void)state;
    static const char *const slugs[] = {"tcp-echo-client", "tcp-echo-server", "daemon", "tail"};
    for (size_t i = 0; i < ARRAY_LEN(slugs) * ARRAY_LEN(levels); i++) {
        const char *slug = slugs[i / ARRAY_LEN(levels)], *level = levels[i % ARRAY_LEN(levels)];
        autofree char *source = xasprintf("solutions/%s/c/main.c", slug);
        autofree char *said = xasprintf("\"level\":\"%s\"", level);
        setenv("LUX_SANDBOX", level, 1);
        struct lux *l = lux_run(SOLVED, "check", slug, "--dir", lux_program(slug, source), "--format",
                                "ndjson", "--no-record");
        unsetenv("LUX_SANDBOX");
        assert_has(l->out, said);
        assert_has(l->out, "\"solved\":true");
        assert_nobody_is_charged(l);
        lux_free(l);
    }
}

static void what_a_level_lacks_is_a_skip_that_says_what_and_where_to_read_on(void **state)
{
    (void)state;
    setenv("LUX_SANDBOX", "shared", 1);
    struct lux *l = lux_run(MACHINE_LACKS, "check", "tcp-echo-client", "--only", "tries_every_address",
                            "--dir", lux_program("client", "solutions/tcp-echo-client/c/main.c"),
                            "--no-record", "--format", "tap");
    unsetenv("LUX_SANDBOX");
    assert_has(l->out, "# SKIP This check needs mounts of its own");
    assert_has(l->out, "it is of the level shared); lux doctor says why");
    lux_free(l);
}

static void a_level_that_is_none_is_refused(void **state)
{
    (void)state;
    setenv("LUX_SANDBOX", "best", 1);
    struct lux *l = lux_run(MACHINE_LACKS, "check", "2", "--dir",
                            lux_program("good", "solutions/tcp-echo-server/c/main.c"), "--no-record");
    unsetenv("LUX_SANDBOX");
    assert_has(l->err, "LUX_SANDBOX is 'best', but must be full, nopid or shared");
    lux_free(l);
}

/* Runs `lux check 2` on a right program behind a shell command that takes something away first; what it printed. */
static char *check_without(const char *take_away, int code)
{
    autofree char *path = path_join(lux_scratch(), "out");
    autofree char *command =
        xasprintf("%s exec " LUX_BINARY_DIR "/lux check 2 --dir %s --no-record --format ndjson' >%s",
                  take_away, lux_program("good", "solutions/tcp-echo-server/c/main.c"), path);
    int status = system(command);
    struct buf out = {0};
    struct error err;
    assert_true(WIFEXITED(status));
    assert_int_equal(file_read(path, 1 << 20, &out, &err), 0);
    if (WEXITSTATUS(status) != code)
        fail_msg("exit status %d: %s", WEXITSTATUS(status), buf_str(&out));
    return buf_take(&out);
}

static void without_user_namespaces_the_level_is_shared_and_the_switch_is_named(void **state)
{
    (void)state;
    autofree char *out =
        check_without("unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&", SOLVED);
    assert_has(out, "\"level\":\"shared\"");
    assert_has(out, "sudo sysctl -w user.max_user_namespaces=");
    assert_has(out, "\"solved\":true");
}

static void where_a_container_masks_proc_the_level_is_nopid_and_the_option_is_named(void **state)
{
    (void)state;
    autofree char *out = check_without("unshare -Urm sh -c 'mount --bind /dev/null /proc/version &&", SOLVED);
    assert_has(out, "\"level\":\"nopid\"");
    assert_has(out, "--security-opt systempaths=unconfined");
    assert_has(out, "\"solved\":true");
}

static void a_shell_works_at_every_level_and_nothing_outlives_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        setenv("LUX_SANDBOX", levels[i], 1);
        struct lux *l =
            lux_run(7, "shell", "2", "--dir", lux_program("good", "solutions/tcp-echo-server/c/main.c"), "--",
                    "-c", "sleep 1000 & setsid sleep 1000 & echo *; exit 7");
        unsetenv("LUX_SANDBOX");
        assert_string_equal(l->out, "server\n");
        lux_free(l); /* lux_run has waited until nothing was left */
    }
}

int main(int argc, char **argv)
{
    lux_as_nobody(argc, argv);
    const struct CMUnitTest tests[] = {
        LUX_TEST(references_pass_at_every_level_or_are_skipped),
        LUX_TEST(what_a_level_lacks_is_a_skip_that_says_what_and_where_to_read_on),
        LUX_TEST(a_level_that_is_none_is_refused),
        LUX_TEST(without_user_namespaces_the_level_is_shared_and_the_switch_is_named),
        LUX_TEST(where_a_container_masks_proc_the_level_is_nopid_and_the_option_is_named),
        LUX_TEST(a_shell_works_at_every_level_and_nothing_outlives_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
