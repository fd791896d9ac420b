-- The hints that the learner has asked for.
CREATE TABLE hints (
    slug        TEXT    NOT NULL,
    number      INTEGER NOT NULL,             -- from 1
    revealed_at INTEGER NOT NULL,             -- unix seconds
    PRIMARY KEY (slug, number)
) STRICT, WITHOUT ROWID;

-- What files hold, each content once.
CREATE TABLE contents (
    id   INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,                -- SHA-256 of the data, in hexadecimal digits
    data BLOB NOT NULL
) STRICT;

-- The source in a workspace: the same files are the same tree.
CREATE TABLE trees (
    id       INTEGER PRIMARY KEY,
    hash     TEXT NOT NULL UNIQUE,            -- SHA-256 of the list of files and of what was left out
    left_out TEXT                             -- a line for each file that is not in it; NULL: all are
) STRICT;

CREATE TABLE tree_files (
    tree       INTEGER NOT NULL REFERENCES trees (id) ON DELETE CASCADE,
    path       TEXT    NOT NULL,              -- below the workspace
    executable INTEGER NOT NULL,
    content    INTEGER NOT NULL REFERENCES contents (id),
    PRIMARY KEY (tree, path)
) STRICT, WITHOUT ROWID;

-- When a workspace looked like that.
CREATE TABLE snapshots (
    id       INTEGER PRIMARY KEY,
    slug     TEXT    NOT NULL,
    dir      TEXT    NOT NULL,                -- the workspace
    taken_at INTEGER NOT NULL,                -- unix seconds
    attempt  INTEGER UNIQUE REFERENCES attempts (id) ON DELETE CASCADE, -- NULL: before `lux reset` changed it
    tree     INTEGER NOT NULL REFERENCES trees (id)
) STRICT;

CREATE INDEX snapshots_by_slug ON snapshots (slug, id);

-- The attempts of each challenge with what they came to.
CREATE VIEW attempt_summary AS
SELECT a.*,
       row_number() OVER (PARTITION BY a.slug ORDER BY a.id) AS number,
       coalesce(c.passed, 0) AS passed,
       coalesce(c.total, 0) AS total,
       coalesce(c.core_passed, 0) AS core_passed,
       coalesce(c.core_total, 0) AS core_total,
       EXISTS (SELECT 1 FROM snapshots WHERE attempt = a.id) AS has_source
FROM attempts AS a
LEFT JOIN (SELECT attempt,
                  sum(verdict = 'pass') AS passed,
                  count(*) AS total,
                  sum(verdict = 'pass' AND tier = 'core') AS core_passed,
                  sum(tier = 'core') AS core_total
           FROM check_results
           GROUP BY attempt) AS c ON c.attempt = a.id;
