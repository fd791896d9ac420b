/* Files that cannot be used: a sentence that says what to do, the file as it was, and the caller goes on. */
#include "db.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Opening fails both ways, with these words, and leaves the directory as it is. */
static void assert_refused(const struct place *p, const char *words)
{
    size_t before_len, after_len;
    autofree char *before = snapshot_of(p->dir, &before_len);

    for (int access = STORE_WRITE; access <= STORE_READ; access++) {
        struct error err = {0};
        struct store *s = store_open(p->db, (enum store_access)access, &err);
        if (s)
            fail_msg("opened to %s, instead of: %s", access == STORE_WRITE ? "write" : "read", words);
        if (!strstr(err.text, words) || !strstr(err.text, p->db))
            fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    }
    autofree char *after = snapshot_of(p->dir, &after_len);
    assert_int_equal(before_len, after_len);
    assert_memory_equal(before, after, before_len);
}

static void overwrite(const char *path, off_t offset, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, offset), n);
    close(fd);
}

static void a_file_that_is_no_database_is_left_alone(void **state)
{
    struct place *p = *state;
    autofree char *text = xcalloc(1, 5000);
    memset(text, 'x', 5000);
    assert_int_equal(file_write_atomic(p->db, text, 5000, 0600, NULL), 0);
    assert_refused(p, "is damaged and is left as it is: move it away");
    assert_int_equal(file_write_atomic(p->db, "SQLite format 3", 16, 0600, NULL), 0);
    assert_refused(p, "is damaged");
}

static void a_malformed_database_is_left_alone(void **state)
{
    struct place *p = *state;
    char junk[512];

    make_database(p->db);
    memset(junk, 0xa5, sizeof junk);
    overwrite(p->db, 4096, junk, sizeof junk); /* the head of a page of a table */
    assert_refused(p, "is damaged");

    unlink(p->db);
    make_database(p->db);
    assert_int_equal(truncate(p->db, 4096 * 3), 0);
    assert_refused(p, "is damaged");

    unlink(p->db);
    make_database(p->db);
    overwrite(p->db, 100, junk, sizeof junk); /* the schema's page */
    assert_refused(p, "is damaged");
}

static void a_newer_database_is_left_alone(void **state)
{
    struct place *p = *state;
    make_database(p->db);
    run_sql(p->db, "CREATE TABLE of_the_future (x); PRAGMA user_version = 99");
    assert_refused(p, "was written by a newer Lux (its version is 99");
}

static void a_newer_database_with_a_log_is_left_alone(void **state)
{
    struct place *p = *state;
    make_database(p->db);
    /* The newer Lux was killed: its version is in the log alone. */
    sqlite3 *db;
    assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    struct buf main_before = {0}, main_after = {0};
    assert_int_equal(file_read(p->db, 1 << 24, &main_before, NULL), 0);
    struct error err = {0};
    assert_null(store_open(p->db, STORE_WRITE, &err));
    assert_non_null(strstr(err.text, "newer Lux"));
    assert_null(store_open(p->db, STORE_READ, &err));
    assert_int_equal(file_read(p->db, 1 << 24, &main_after, NULL), 0);
    assert_int_equal(main_before.len, main_after.len);
    assert_memory_equal(main_before.data, main_after.data, main_before.len);
    buf_free(&main_before);
    buf_free(&main_after);
}

static void another_programs_database_is_left_alone(void **state)
{
    struct place *p = *state;
    run_sql(p->db, "CREATE TABLE bookmarks (url)");
    assert_refused(p, "belongs to another program");
}

static void a_directory_in_the_files_place_is_refused(void **state)
{
    struct place *p = *state;
    assert_int_equal(mkdir(p->db, 0700), 0);
    assert_refused(p, "is not a file");
}

static void a_directory_that_cannot_be_made_is_explained(void **state)
{
    struct place *p = *state;
    struct error err = {0};
    autofree char *path = xasprintf("%s/file/lux.db", p->dir), *file = xasprintf("%s/file", p->dir);
    assert_int_equal(file_write_atomic(file, "", 0, 0600, NULL), 0);
    assert_null(store_open(path, STORE_WRITE, &err));
    assert_non_null(strstr(err.text, "LUX_DB"));
}

/* ---- Migrations ---- */

static void make_version_1(const char *path)
{
    struct buf sql = {0};
    assert_int_equal(file_read(LUX_SOURCE_DIR "/db/schema/001-attempts.sql", 1 << 20, &sql, NULL), 0);
    run_sql(path, "PRAGMA journal_mode = WAL");
    run_sql(path, sql.data);
    run_sql(path, "INSERT INTO attempts (slug, dir, seed, lux_version, started_at, outcome, process) "
                  "VALUES ('netcat', '/', '1', '0', 1, 'solved', 'x'); PRAGMA user_version = 1");
    buf_free(&sql);
}

static void count_slug(void *context, const struct challenge_progress *p)
{
    *(int *)context += strcmp(p->slug, "netcat") == 0 && p->solved;
}

static void an_older_database_is_brought_up_to_date_and_a_copy_is_kept(void **state)
{
    struct place *p = *state;
    struct error err = {0};
    size_t before_len, after_len;
    int seen = 0;

    make_version_1(p->db);
    autofree char *before = snapshot_of(p->dir, &before_len);
    struct store *s = open_or_fail(p->db, STORE_READ); /* as far as it goes */
    assert_int_equal(store_progress(s, count_slug, &seen, &err), 0);
    autofree char *slug = store_last_slug(s);
    assert_string_equal(slug, "netcat");
    store_close(s);
    autofree char *after = snapshot_of(p->dir, &after_len);
    assert_int_equal(before_len, after_len);
    assert_memory_equal(before, after, before_len);

    store_close(open_or_fail(p->db, STORE_WRITE));
    s = open_or_fail(p->db, STORE_READ);
    assert_int_equal(store_progress(s, count_slug, &seen, &err), 0);
    assert_int_equal(seen, 1);
    store_close(s);

    autofree char *copy = xasprintf("%s.v1", p->db);
    sqlite3 *db;
    assert_int_equal(sqlite3_open_v2(copy, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "SELECT slug FROM attempts", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(db, "SELECT * FROM challenge_progress", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void a_migration_that_fails_changes_nothing(void **state)
{
    struct place *p = *state;
    struct error err = {0};
    struct buf before = {0}, after = {0};

    make_version_1(p->db);
    run_sql(p->db, "CREATE TABLE activity_by_day (in_the_way)"); /* the last view of the second step */
    assert_int_equal(file_read(p->db, 1 << 24, &before, NULL), 0);
    assert_null(store_open(p->db, STORE_WRITE, &err));
    assert_non_null(strstr(err.text, "002-progress"));
    assert_non_null(strstr(err.text, "nothing was changed"));
    assert_int_equal(file_read(p->db, 1 << 24, &after, NULL), 0);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.data, after.data, before.len);
    buf_free(&before);
    buf_free(&after);
}

/* ---- Locks, permissions, disks ---- */

static void a_lock_held_by_somebody_else_is_waited_for_and_then_reported(void **state)
{
    struct place *p = *state;
    struct error err = {0};
    struct attempt a = {.slug = "netcat", .dir = "/", .lux_version = "0"};
    sqlite3 *other;

    make_database(p->db);
    struct store *s = open_or_fail(p->db, STORE_WRITE);
    assert_int_equal(sqlite3_open(p->db, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(store_attempt_begin(s, &a, &err), -1);
    assert_non_null(strstr(err.text, "is locked by another program"));
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    assert_true(store_attempt_begin(s, &a, &err) > 0); /* the store is as good as before */
    store_close(s);
}

/* Runs f as a user without privileges; it returns NULL or what went wrong. */
static void as_ordinary_user(const struct place *p, const char *(*f)(const struct place *p))
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
            _exit(2);
        const char *wrong = f(p);
        if (wrong)
            fprintf(stderr, "%s\n", wrong);
        _exit(wrong ? 1 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void give_away(const struct place *p)
{
    if (geteuid() == 0) {
        assert_int_equal(chown(p->dir, 65534, 65534), 0);
        assert_int_equal(chown(p->db, 65534, 65534), 0);
    }
}

static const char *read_but_not_write(const struct place *p)
{
    struct error err = {0};
    int seen = 0;

    if (store_open(p->db, STORE_WRITE, &err))
        return "a read-only database was opened to write";
    if (!strstr(err.text, "cannot be written: make the file and its directory writable"))
        return strdup(err.text);
    struct store *s = store_open(p->db, STORE_READ, &err);
    if (!s)
        return strdup(err.text);
    if (store_progress(s, count_slug, &seen, &err))
        return strdup(err.text);
    store_close(s);
    return NULL;
}

static void a_read_only_file_is_read_and_not_written(void **state)
{
    struct place *p = *state;
    make_database(p->db);
    give_away(p);
    assert_int_equal(chmod(p->db, 0444), 0);
    as_ordinary_user(p, read_but_not_write);
}

static void a_read_only_directory_is_read_and_not_written(void **state)
{
    struct place *p = *state;
    size_t before_len, after_len;
    make_database(p->db);
    give_away(p);
    autofree char *before = snapshot_of(p->dir, &before_len);
    assert_int_equal(chmod(p->dir, 0555), 0);
    as_ordinary_user(p, read_but_not_write);
    autofree char *after = snapshot_of(p->dir, &after_len);
    assert_int_equal(before_len, after_len);
    assert_memory_equal(before, after, before_len);
}

static const char *cannot_even_read(const struct place *p)
{
    struct error err = {0};
    if (store_open(p->db, STORE_READ, &err) || store_open(p->db, STORE_WRITE, &err))
        return "an unreadable database was opened";
    return strstr(err.text, "make it readable for you") ? NULL : strdup(err.text);
}

static void an_unreadable_file_is_explained(void **state)
{
    struct place *p = *state;
    make_database(p->db);
    give_away(p);
    assert_int_equal(chmod(p->db, 0), 0);
    as_ordinary_user(p, cannot_even_read);
}

static const char *directory_not_ours(const struct place *p)
{
    struct error err = {0};
    autofree char *path = xasprintf("%s/new/lux.db", p->dir);
    if (store_open(path, STORE_WRITE, &err))
        return "a database was made where nothing can be made";
    return strstr(err.text, "LUX_DB") ? NULL : strdup(err.text);
}

static void a_place_where_nothing_can_be_made_is_explained(void **state)
{
    struct place *p = *state;
    make_database(p->db);
    give_away(p);
    assert_int_equal(chmod(p->dir, 0555), 0);
    as_ordinary_user(p, directory_not_ours);
}

/* Records until it fails; the sentence must say why, and what was recorded must be there
 * afterwards. */
static const char *record_until_full(const char *path, const char *words)
{
    struct error err = {0};
    struct attempt a = {.slug = "netcat", .dir = "/", .lux_version = "0"};
    struct store *s = store_open(path, STORE_WRITE, &err);
    int recorded = 0;

    if (!s)
        return strstr(err.text, words) ? NULL : strdup(err.text);
    char *detail = xcalloc(1, 60001);
    memset(detail, 'x', 60000);
    int64_t id = store_attempt_begin(s, &a, &err);
    while (id > 0 && recorded < 10000) {
        autofree char *name = xasprintf("check_%d", recorded);
        struct check_result r = {
            .check = name, .title = "t", .tier = "core", .verdict = "fail", .detail = detail};
        if (store_check_result(s, id, &r, &err))
            break;
        recorded++;
    }
    if (!strstr(err.text, words))
        return strdup(err.text);
    store_close(s);
    s = store_open(path, STORE_READ, &err);
    if (!s)
        return strdup(err.text);
    store_close(s);
    free(detail);
    return NULL;
}

static const char *with_a_file_size_limit(const struct place *p)
{
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 1 << 20}))
        return "no limit";
    return record_until_full(p->db, "cannot grow: its disk takes no more");
}

static void a_file_that_may_not_grow_is_reported(void **state)
{
    struct place *p = *state;
    make_database(p->db);
    give_away(p);
    as_ordinary_user(p, with_a_file_size_limit);
}

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return written;
}

/* A tmpfs of half a MiB and less in namespaces of its own; where those are refused there is nothing to test.
 */
static const char *on_a_small_disk(const struct place *p)
{
    static const char *const options[] = {"size=512k", "size=64k", "size=16k"};
    autofree char *users = xasprintf("0 %d 1", (int)geteuid()), *groups = xasprintf("0 %d 1", (int)getegid());

    prctl(PR_SET_DUMPABLE, 1); /* after a change of user /proc/self belongs to root */
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS)) {
        fprintf(stderr, "not tested: namespaces are refused here\n");
        return NULL;
    }
    if (!write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/uid_map", users) ||
        !write_file("/proc/self/gid_map", groups))
        return "no user can be mapped into the namespace";
    autofree char *path = xasprintf("%s/lux.db", p->dir);
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        if (mount("none", p->dir, "tmpfs", 0, options[i]))
            return "no tmpfs can be mounted";
        const char *wrong = record_until_full(path, "is full: make room");
        if (wrong)
            return wrong;
    }
    return NULL;
}

static void a_full_disk_is_reported(void **state)
{
    struct place *p = *state;
    make_database(p->db);
    give_away(p);
    as_ordinary_user(p, on_a_small_disk);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_make, place_remove)

const struct CMUnitTest damage_tests[] = {
    TEST(a_file_that_is_no_database_is_left_alone),
    TEST(a_malformed_database_is_left_alone),
    TEST(a_newer_database_is_left_alone),
    TEST(a_newer_database_with_a_log_is_left_alone),
    TEST(another_programs_database_is_left_alone),
    TEST(a_directory_in_the_files_place_is_refused),
    TEST(a_directory_that_cannot_be_made_is_explained),
    TEST(an_older_database_is_brought_up_to_date_and_a_copy_is_kept),
    TEST(a_migration_that_fails_changes_nothing),
    TEST(a_lock_held_by_somebody_else_is_waited_for_and_then_reported),
    TEST(a_read_only_file_is_read_and_not_written),
    TEST(a_read_only_directory_is_read_and_not_written),
    TEST(an_unreadable_file_is_explained),
    TEST(a_place_where_nothing_can_be_made_is_explained),
    TEST(a_file_that_may_not_grow_is_reported),
    TEST(a_full_disk_is_reported),
};
const size_t damage_test_count = ARRAY_LEN(damage_tests);
