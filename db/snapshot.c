#include "db/snapshot.h"

#include "db/sql.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/sha256.h"

#include <string.h>

/* The id of the row with this hash; 0 if there is none, -1 on failure. */
static int64_t row_with_hash(const struct store *s, const char *table, const char *hash, struct error *err)
{
    autofree char *query = xasprintf("SELECT id FROM %s WHERE hash = ?", table);
    sqlite3_stmt *stmt = sql_prepare(s, err, query, "t", hash);
    if (!stmt)
        return -1;
    int code = sqlite3_step(stmt);
    int64_t id = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        sql_error(s, code, err);
        id = -1;
    }
    sqlite3_finalize(stmt);
    return id;
}

static void hash_of(const void *data, size_t size, char hex[SHA256_HEX])
{
    struct sha256 hash;
    sha256_begin(&hash);
    sha256_add(&hash, data, size);
    sha256_end(&hash, hex);
}

static int64_t keep_content(const struct store *s, const struct source_file *f, const char *hash,
                            struct error *err)
{
    int64_t id = row_with_hash(s, "contents", hash, err);
    if (id != 0)
        return id;
    if (sql_finish(s,
                   sql_prepare(s, err, "INSERT INTO contents (hash, data) VALUES (?, ?)", "tb", hash, f->data,
                               f->size),
                   err))
        return -1;
    return sqlite3_last_insert_rowid(s->db);
}

static int keep_file(const struct store *s, int64_t tree, const struct source_file *f, const char *hash,
                     struct error *err)
{
    int64_t content = keep_content(s, f, hash, err);
    if (content < 0)
        return -1;
    return sql_finish(
        s,
        sql_prepare(s, err, "INSERT INTO tree_files (tree, path, executable, content) VALUES (?, ?, ?, ?)",
                    "itii", tree, f->path, (int64_t)f->executable, content),
        err);
}

/* What a tree is called: the hash of "MODE HASH PATH" for each file, and of what was left out. NULs, because
 * a path may hold line feeds. */
static void name_tree(const struct snapshot *snapshot, char (*hashes)[SHA256_HEX], char hex[SHA256_HEX])
{
    struct sha256 all;
    sha256_begin(&all);
    for (size_t i = 0; i < snapshot->n_files; i++) {
        const struct source_file *f = &snapshot->files[i];
        hash_of(f->data, f->size, hashes[i]);
        sha256_add(&all, f->executable ? "x " : "- ", 2);
        sha256_add(&all, hashes[i], SHA256_HEX - 1);
        sha256_add(&all, f->path, strlen(f->path) + 1);
    }
    if (snapshot->left_out)
        sha256_add(&all, snapshot->left_out, strlen(snapshot->left_out));
    sha256_end(&all, hex);
}

static int64_t keep_tree(const struct store *s, const struct snapshot *snapshot, bool *is_new,
                         struct error *err)
{
    char hex[SHA256_HEX];
    autofree char(*hashes)[SHA256_HEX] = xcalloc(snapshot->n_files + 1, sizeof *hashes);
    name_tree(snapshot, hashes, hex);
    int64_t tree = row_with_hash(s, "trees", hex, err);
    *is_new = tree == 0;
    if (tree != 0)
        return tree;
    if (sql_finish(s,
                   sql_prepare(s, err, "INSERT INTO trees (hash, left_out) VALUES (?, ?)", "tt", hex,
                               snapshot->left_out),
                   err))
        return -1;
    tree = sqlite3_last_insert_rowid(s->db);
    for (size_t i = 0; i < snapshot->n_files; i++)
        if (keep_file(s, tree, &snapshot->files[i], hashes[i], err))
            return -1;
    return tree;
}

static int64_t add(const struct store *s, const struct snapshot *snapshot, bool *is_new, struct error *err)
{
    int64_t tree = keep_tree(s, snapshot, is_new, err);
    if (tree < 0)
        return -1;
    sqlite3_stmt *stmt = sql_prepare(
        s, err,
        "INSERT INTO snapshots (slug, dir, taken_at, attempt, tree) VALUES (?, ?, ?, nullif(?, 0), ?)",
        "ttiii", snapshot->slug, snapshot->dir, clock_unix_seconds(), snapshot->attempt, tree);
    return sql_finish(s, stmt, err) ? -1 : sqlite3_last_insert_rowid(s->db);
}

int64_t store_snapshot_add(struct store *s, const struct snapshot *snapshot, bool *is_new, struct error *err)
{
    bool ignored;
    if (!s->can_write)
        return error_set(err, "%s was opened for reading alone", s->path);
    if (sql_run(s, "BEGIN IMMEDIATE", err))
        return -1;
    int64_t id = add(s, snapshot, is_new ? is_new : &ignored, err);
    if (id > 0 && sql_run(s, "COMMIT", err) == 0)
        return id;
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

/* The id that the query finds, 0 if none. */
static int64_t first_id(sqlite3_stmt *stmt)
{
    int64_t id = stmt && sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_finalize(stmt);
    return id;
}

int64_t store_snapshot_of_attempt(struct store *s, int64_t attempt)
{
    if (!sql_has(s, "snapshots"))
        return 0;
    return first_id(sql_prepare(s, NULL, "SELECT id FROM snapshots WHERE attempt = ?", "i", attempt));
}

int64_t store_snapshot_before_change(struct store *s, const char *slug, const char *dir)
{
    if (!sql_has(s, "snapshots"))
        return 0;
    return first_id(sql_prepare(s, NULL,
                                "SELECT id FROM snapshots WHERE slug = ? AND dir = ? AND attempt IS NULL "
                                "ORDER BY id DESC LIMIT 1",
                                "tt", slug, dir));
}

int store_snapshot_files(struct store *s, int64_t snapshot,
                         int (*f)(void *context, const struct source_file *file, struct error *err),
                         void *context, struct error *err)
{
    if (!sql_has(s, "snapshots"))
        return 0;
    sqlite3_stmt *stmt = sql_prepare(s, err,
                                     "SELECT f.path, f.executable, c.data FROM snapshots AS s "
                                     "JOIN tree_files AS f ON f.tree = s.tree "
                                     "JOIN contents AS c ON c.id = f.content WHERE s.id = ? ORDER BY f.path",
                                     "i", snapshot);
    if (!stmt)
        return -1;
    int code, failed = 0;
    while (!failed && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct source_file file = {.path = (char *)(uintptr_t)sqlite3_column_text(stmt, 0),
                                   .executable = sqlite3_column_int(stmt, 1) != 0,
                                   .data = (char *)(uintptr_t)sqlite3_column_blob(stmt, 2),
                                   .size = (size_t)sqlite3_column_bytes(stmt, 2)};
        failed = f(context, &file, err);
    }
    if (!failed && code != SQLITE_DONE)
        failed = sql_error(s, code, err);
    sqlite3_finalize(stmt);
    return failed;
}

char *store_snapshot_left_out(struct store *s, int64_t snapshot)
{
    char *text = NULL;
    if (!sql_has(s, "snapshots"))
        return NULL;
    sqlite3_stmt *stmt = sql_prepare(
        s, NULL, "SELECT t.left_out FROM snapshots AS s JOIN trees AS t ON t.id = s.tree WHERE s.id = ?", "i",
        snapshot);
    if (stmt && sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0))
        text = xstrdup((const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return text;
}
