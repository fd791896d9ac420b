#include "db.h"

#include "base/file.h"

#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- Helpers ---- */

int place_make(void **state)
{
    struct place *p = xcalloc(1, sizeof *p);
    strcpy(p->dir, "/tmp/lux-db-XXXXXX");
    if (!mkdtemp(p->dir))
        return -1;
    snprintf(p->db, sizeof p->db, "%s/lux.db", p->dir);
    *state = p;
    return 0;
}

int place_remove(void **state)
{
    struct place *p = *state;
    chmod(p->dir, 0700);
    autofree char *command = xasprintf("rm -rf -- %s", p->dir);
    int status = system(command);
    free(p);
    return status;
}

struct store *open_or_fail(const char *path, enum store_access access)
{
    struct error err = {0};
    struct store *s = store_open(path, access, &err);
    if (!s)
        fail_msg("%s", err.text);
    return s;
}

void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

static int64_t number_in(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return n;
}

static int64_t begin(struct store *s, const char *slug, bool partial)
{
    struct error err = {0};
    struct attempt a = {.slug = slug,
                        .dir = "/home/x/lux",
                        .language = "c",
                        .seed = UINT64_MAX,
                        .lux_version = "0.1.0",
                        .partial = partial};
    int64_t id = store_attempt_begin(s, &a, &err);
    if (id <= 0)
        fail_msg("%s", err.text);
    return id;
}

static void result(struct store *s, int64_t id, const char *check, const char *tier, const char *verdict,
                   int position)
{
    struct error err = {0};
    bool failed = strcmp(verdict, "pass") != 0;
    struct check_result r = {.check = check,
                             .title = "A title",
                             .tier = tier,
                             .verdict = verdict,
                             .cause = failed ? "wrong" : NULL,
                             .ms = 1.5,
                             .detail = failed ? "{\"v\":1}" : NULL,
                             .position = position};
    if (store_check_result(s, id, &r, &err))
        fail_msg("%s", err.text);
}

static void end(struct store *s, int64_t id, enum outcome outcome)
{
    struct error err = {0};
    if (store_attempt_end(s, id, outcome, 100, &err))
        fail_msg("%s", err.text);
}

void make_database(const char *path)
{
    struct store *s = open_or_fail(path, STORE_WRITE);
    int64_t id = begin(s, "tcp-echo-server", false);
    result(s, id, "echo", "core", "pass", 0);
    end(s, id, OUTCOME_SOLVED);
    store_close(s);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

char *snapshot_of(const char *dir, size_t *len)
{
    struct dirent **entries;
    struct buf all = {0};
    int n = scandir(dir, &entries, NULL, by_name);
    assert_true(n >= 0);
    for (int i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            autofree char *path = path_join(dir, entries[i]->d_name);
            buf_printf(&all, "%s:", entries[i]->d_name);
            file_read(path, 1 << 28, &all, NULL);
        }
        free(entries[i]);
    }
    free(entries);
    *len = all.len;
    return buf_take(&all);
}

/* What store_progress and store_last_checks say, a line each. */
static void write_progress(void *context, const struct challenge_progress *p)
{
    buf_printf(context, "%s attempts %d solved %d core %d/%d all %d/%d %s\n", p->slug, p->attempts, p->solved,
               p->core_passed, p->core_total, p->passed, p->total, p->last_outcome);
}

static void write_check(void *context, const struct last_check *c)
{
    buf_printf(context, "%s %s %s%s%s\n", c->check, c->tier, c->verdict, c->cause ? " " : "",
               c->cause ? c->cause : "");
}

static void assert_progress(struct store *s, const char *expected)
{
    struct buf text = {0};
    struct error err = {0};
    if (store_progress(s, write_progress, &text, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buf_str(&text), expected);
    buf_free(&text);
}

static void assert_checks(struct store *s, const char *slug, const char *expected)
{
    struct buf text = {0};
    struct error err = {0};
    if (store_last_checks(s, slug, write_check, &text, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buf_str(&text), expected);
    buf_free(&text);
}

/* ---- Recording and reading ---- */

static void an_attempt_and_its_results_are_found_again(void **state)
{
    struct place *p = *state;
    struct error err = {0};
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    int64_t id = begin(s, "tcp-echo-server", false);
    assert_int_equal(store_attempt_built(s, id, true, 12.5, NULL, &err), 0);
    result(s, id, "robust_one", "robust", "fail", 1);
    result(s, id, "echo", "core", "pass", 0);
    assert_progress(s, "tcp-echo-server attempts 1 solved 0 core 1/1 all 1/2 running\n");
    end(s, id, OUTCOME_SOLVED);
    store_close(s);

    s = open_or_fail(p->db, STORE_READ);
    assert_progress(s, "tcp-echo-server attempts 1 solved 1 core 1/1 all 1/2 solved\n");
    assert_checks(s, "tcp-echo-server", "echo core pass\nrobust_one robust fail wrong\n");
    autofree char *slug = store_last_slug(s);
    assert_string_equal(slug, "tcp-echo-server");
    store_close(s);
    assert_int_equal(number_in(p->db, "SELECT seed = '18446744073709551615' FROM attempts"), 1);
    assert_int_equal(number_in(p->db, "SELECT count(*) FROM check_results WHERE detail = '{\"v\":1}'"), 1);
}

static void a_failed_build_leaves_the_results_before_it(void **state)
{
    struct place *p = *state;
    struct error err = {0};
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    int64_t id = begin(s, "netcat", false);
    result(s, id, "talks", "core", "pass", 0);
    end(s, id, OUTCOME_UNSOLVED);
    id = begin(s, "netcat", false);
    assert_int_equal(store_attempt_built(s, id, false, 3, "cc found an error in main.c", &err), 0);
    end(s, id, OUTCOME_BUILD_FAILED);
    assert_progress(s, "netcat attempts 2 solved 0 core 1/1 all 1/1 build failed\n");
    store_close(s);
}

static void partial_and_interrupted_attempts_refresh_what_they_touched(void **state)
{
    struct place *p = *state;
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    int64_t id = begin(s, "netcat", false);
    result(s, id, "gone_since", "core", "pass", 0);
    end(s, id, OUTCOME_UNSOLVED);
    id = begin(s, "netcat", false);
    result(s, id, "one", "core", "fail", 0);
    result(s, id, "two", "core", "pass", 1);
    result(s, id, "three", "fast", "fail", 2);
    end(s, id, OUTCOME_UNSOLVED);
    id = begin(s, "netcat", true);
    result(s, id, "one", "core", "pass", 0);
    end(s, id, OUTCOME_SOLVED);
    id = begin(s, "netcat", false);
    result(s, id, "three", "fast", "pass", 2);
    end(s, id, OUTCOME_INTERRUPTED);
    assert_checks(s, "netcat", "one core pass\ntwo core pass\nthree fast pass\n");
    /* Only a run of all the checks solves a challenge. */
    assert_progress(s, "netcat attempts 4 solved 0 core 2/2 all 3/3 interrupted\n");
    store_close(s);
}

static void a_solved_challenge_stays_solved(void **state)
{
    struct place *p = *state;
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    int64_t id = begin(s, "netcat", false);
    result(s, id, "one", "core", "pass", 0);
    end(s, id, OUTCOME_SOLVED);
    id = begin(s, "netcat", false);
    result(s, id, "one", "core", "fail", 0);
    end(s, id, OUTCOME_UNSOLVED);
    assert_progress(s, "netcat attempts 2 solved 1 core 0/1 all 0/1 unsolved\n");
    store_close(s);
}

static void the_second_result_of_a_check_in_one_attempt_counts(void **state)
{
    struct place *p = *state;
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    int64_t id = begin(s, "netcat", false);
    result(s, id, "one", "core", "fail", 0);
    result(s, id, "two", "core", "pass", 0);
    result(s, id, "one", "core", "pass", 0);
    assert_checks(s, "netcat", "one core pass\ntwo core pass\n");
    store_close(s);
}

static void times_are_kept_and_days_counted(void **state)
{
    struct place *p = *state;
    setenv("LUX_TEST_TIME", "1700000000", 1);
    setenv("TZ", "UTC", 1);
    tzset();
    make_database(p->db);
    setenv("LUX_TEST_TIME", "1700086400", 1);
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    begin(s, "netcat", false);
    begin(s, "netcat", false);
    store_close(s);
    unsetenv("LUX_TEST_TIME");
    assert_int_equal(
        number_in(p->db, "SELECT solved_at FROM challenge_progress WHERE slug = 'tcp-echo-server'"),
        1700000000);
    assert_int_equal(
        number_in(p->db, "SELECT solved_at IS NULL FROM challenge_progress WHERE slug = 'netcat'"), 1);
    assert_int_equal(number_in(p->db, "SELECT solved FROM activity_by_day WHERE day = '2023-11-14'"), 1);
    assert_int_equal(number_in(p->db, "SELECT attempts FROM activity_by_day WHERE day = '2023-11-15'"), 2);
}

static void settings_are_kept_and_replaced(void **state)
{
    struct place *p = *state;
    struct error err = {0};
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    assert_null(store_setting_get(s, "language"));
    assert_int_equal(store_setting_set(s, "language", "c", &err), 0);
    assert_int_equal(store_setting_set(s, "language", "go", &err), 0);
    autofree char *value = store_setting_get(s, "language");
    assert_string_equal(value, "go");
    store_close(s);
}

static void a_reader_sees_what_a_writer_commits_meanwhile(void **state)
{
    struct place *p = *state;
    make_database(p->db);
    struct store *reader = open_or_fail(p->db, STORE_READ), *writer = open_or_fail(p->db, STORE_WRITE);
    int64_t id = begin(writer, "netcat", false);
    result(writer, id, "one", "core", "pass", 0);
    assert_checks(reader, "netcat", "one core pass\n");
    store_close(writer);
    assert_checks(reader, "netcat", "one core pass\n");
    store_close(reader);
}

static void a_reader_cannot_write(void **state)
{
    struct place *p = *state;
    struct error err = {0};
    make_database(p->db);
    struct store *s = open_or_fail(p->db, STORE_READ);
    assert_int_equal(store_setting_set(s, "a", "b", &err), -1);
    assert_non_null(strstr(err.text, "for reading alone"));
    store_close(s);
}

static void reading_leaves_no_trace(void **state)
{
    struct place *p = *state;
    size_t before_len, after_len;

    store_close(open_or_fail(p->db, STORE_READ));
    assert_false(file_exists(p->db));

    make_database(p->db);
    autofree char *before = snapshot_of(p->dir, &before_len);
    struct store *s = open_or_fail(p->db, STORE_READ);
    assert_progress(s, "tcp-echo-server attempts 1 solved 1 core 1/1 all 1/1 solved\n");
    store_close(s);
    autofree char *after = snapshot_of(p->dir, &after_len);
    assert_int_equal(before_len, after_len);
    assert_memory_equal(before, after, before_len);
}

static void no_file_yet_reads_as_empty_progress(void **state)
{
    struct place *p = *state;
    struct store *s = open_or_fail(p->db, STORE_READ);
    assert_progress(s, "");
    assert_checks(s, "netcat", "");
    assert_null(store_last_slug(s));
    assert_null(store_setting_get(s, "language"));
    store_close(s);

    assert_int_equal(file_write_atomic(p->db, "", 0, 0600, NULL), 0);
    s = open_or_fail(p->db, STORE_READ);
    assert_progress(s, "");
    store_close(s);
}

static void the_directory_is_made_for_its_owner_alone(void **state)
{
    struct place *p = *state;
    struct stat st;
    autofree char *dir = path_join(p->dir, "share/lux%20 #1?"), *path = path_join(dir, "lux.db");
    make_database(path);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    struct store *s = open_or_fail(path, STORE_READ);
    assert_progress(s, "tcp-echo-server attempts 1 solved 1 core 1/1 all 1/1 solved\n");
    store_close(s);
}

static void the_path_comes_from_the_environment(void **state)
{
    (void)state;
    setenv("LUX_DB", "/x/y.db", 1);
    autofree char *own = store_default_path();
    assert_string_equal(own, "/x/y.db");
    unsetenv("LUX_DB");
    setenv("XDG_DATA_HOME", "/x/data", 1);
    autofree char *xdg = store_default_path();
    assert_string_equal(xdg, "/x/data/lux/lux.db");
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", "/x/home", 1);
    autofree char *home = store_default_path();
    assert_string_equal(home, "/x/home/.local/share/lux/lux.db");
}

/* ---- Dead processes ---- */

/* Runs f in a child that then ends, and returns its exit status. */
static int in_child(void (*f)(const struct place *p), const struct place *p, bool kill_it)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        f(p);
        if (kill_it)
            raise(SIGKILL);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void begin_and_stop(const struct place *p)
{
    struct error err;
    struct attempt a = {.slug = "netcat", .dir = "/", .lux_version = "0"};
    struct store *s = store_open(p->db, STORE_WRITE, &err);
    if (!s || store_attempt_begin(s, &a, &err) <= 0)
        _exit(1);
}

static void an_attempt_whose_process_was_killed_is_marked_interrupted(void **state)
{
    struct place *p = *state;
    int status = in_child(begin_and_stop, p, true);
    assert_true(WIFSIGNALED(status));
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    int64_t mine = begin(s, "http-client", false);
    store_close(s);

    s = open_or_fail(p->db, STORE_WRITE);
    assert_progress(s, "http-client attempts 1 solved 0 core 0/0 all 0/0 running\n"
                       "netcat attempts 1 solved 0 core 0/0 all 0/0 interrupted\n");
    end(s, mine, OUTCOME_UNSOLVED);
    store_close(s);
}

static void an_attempt_of_another_boot_is_marked_interrupted(void **state)
{
    struct place *p = *state;
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    begin(s, "netcat", false);
    store_close(s);
    run_sql(p->db, "UPDATE attempts SET process = 'another-boot/1/1/1'");
    store_close(open_or_fail(p->db, STORE_WRITE));
    assert_int_equal(number_in(p->db, "SELECT count(*) FROM attempts WHERE outcome = 'interrupted'"), 1);
}

static void a_pid_that_is_used_again_does_not_keep_an_attempt_running(void **state)
{
    struct place *p = *state;
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    begin(s, "netcat", false);
    store_close(s);
    run_sql(p->db, "UPDATE attempts SET process = process || '1'"); /* the same pid, another start time */
    store_close(open_or_fail(p->db, STORE_WRITE));
    assert_int_equal(number_in(p->db, "SELECT count(*) FROM attempts WHERE outcome = 'interrupted'"), 1);
}

static void many_writers_at_once_lose_nothing(void **state)
{
    struct place *p = *state;
    enum { WRITERS = 8, ATTEMPTS = 10 };
    pid_t pids[WRITERS];
    int failures = 0;

    for (int i = 0; i < WRITERS; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        struct error err = {0};
        struct store *s = store_open(p->db, STORE_WRITE, &err);
        for (int j = 0; s && j < ATTEMPTS; j++) {
            struct attempt a = {.slug = "netcat", .dir = "/", .lux_version = "0"};
            int64_t id = store_attempt_begin(s, &a, &err);
            struct check_result r = {.check = "one", .title = "t", .tier = "core", .verdict = "pass"};
            if (id <= 0 || store_check_result(s, id, &r, &err) ||
                store_attempt_end(s, id, OUTCOME_SOLVED, 1, &err))
                break;
        }
        store_close(s);
        if (err.text[0])
            fprintf(stderr, "writer %d: %s\n", i, err.text);
        _exit(err.text[0] != '\0');
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        waitpid(pids[i], &status, 0);
        failures += status != 0;
    }
    assert_int_equal(failures, 0);
    assert_int_equal(number_in(p->db, "SELECT count(*) FROM check_results"), WRITERS * ATTEMPTS);
}

/* Another process writes and ends as soon as it is told to: a forked copy of SQLite's state would not do, so the
 * child is there before the first store is opened. */
static pid_t writer_in_waiting(const struct place *p, int *go)
{
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char byte;
        struct error err = {0};
        struct attempt a = {.slug = "netcat", .dir = "/", .lux_version = "0"};
        struct store *s = read(pipe_ends[0], &byte, 1) == 1 ? store_open(p->db, STORE_WRITE, &err) : NULL;
        int64_t id = s ? store_attempt_begin(s, &a, &err) : -1;
        bool failed = id <= 0 || store_attempt_end(s, id, OUTCOME_SOLVED, 1, &err);
        store_close(s);
        _exit(failed);
    }
    close(pipe_ends[0]);
    *go = pipe_ends[1];
    return pid;
}

static void a_second_store_of_the_process_takes_no_lock_from_the_first(void **state)
{
    struct place *p = *state;
    int go[2], status;
    pid_t writers[] = {writer_in_waiting(p, &go[0]), writer_in_waiting(p, &go[1])};
    struct error err;

    store_close(open_or_fail(p->db, STORE_WRITE));
    struct store *reader = open_or_fail(p->db, STORE_READ);
    assert_progress(reader, "");
    for (int i = 0; i < 2; i++) {
        struct store *s = open_or_fail(p->db, i == 0 ? STORE_WRITE : STORE_READ);
        if (i == 0)
            assert_int_equal(store_setting_set(s, "welcome", "done", &err), 0);
        store_close(s);
        assert_int_equal(write(go[i], "x", 1), 1);
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
        assert_int_equal(status, 0);
        close(go[i]);
        assert_progress(reader, i == 0 ? "netcat attempts 1 solved 1 core 0/0 all 0/0 solved\n"
                                       : "netcat attempts 2 solved 1 core 0/0 all 0/0 solved\n");
    }
    store_close(reader);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_make, place_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_attempt_and_its_results_are_found_again),
        TEST(a_failed_build_leaves_the_results_before_it),
        TEST(partial_and_interrupted_attempts_refresh_what_they_touched),
        TEST(a_solved_challenge_stays_solved),
        TEST(the_second_result_of_a_check_in_one_attempt_counts),
        TEST(times_are_kept_and_days_counted),
        TEST(settings_are_kept_and_replaced),
        TEST(a_reader_sees_what_a_writer_commits_meanwhile),
        TEST(a_reader_cannot_write),
        TEST(reading_leaves_no_trace),
        TEST(no_file_yet_reads_as_empty_progress),
        TEST(the_directory_is_made_for_its_owner_alone),
        TEST(the_path_comes_from_the_environment),
        TEST(an_attempt_whose_process_was_killed_is_marked_interrupted),
        TEST(an_attempt_of_another_boot_is_marked_interrupted),
        TEST(a_pid_that_is_used_again_does_not_keep_an_attempt_running),
        TEST(a_second_store_of_the_process_takes_no_lock_from_the_first),
        TEST(many_writers_at_once_lose_nothing),
    };
    int failed = cmocka_run_group_tests_name("db", tests, NULL, NULL);
    failed +=
        _cmocka_run_group_tests("db: files that cannot be used", damage_tests, damage_test_count, NULL, NULL);
    return failed;
}
