-- "Lux1": tells our file from other programs' databases.
PRAGMA application_id = 0x4c757831;

-- One row for each `lux check` that was recorded.
CREATE TABLE attempts (
    id            INTEGER PRIMARY KEY,
    slug          TEXT    NOT NULL,             -- of the challenge
    dir           TEXT    NOT NULL,             -- the workspace
    language      TEXT,                         -- NULL: not recognised
    seed          TEXT    NOT NULL,             -- decimal digits: 64 bits without a sign do not fit an INTEGER
    lux_version   TEXT    NOT NULL,
    partial       INTEGER NOT NULL DEFAULT 0,   -- 1: only some of the checks were asked for
    started_at    INTEGER NOT NULL,             -- unix seconds
    ended_at      INTEGER,                      -- NULL: running, or its process was gone before it could say
    ms            REAL,
    outcome       TEXT    NOT NULL DEFAULT 'running'
                  CHECK (outcome IN ('running', 'solved', 'unsolved', 'build failed', 'interrupted', 'error')),
    build_ok      INTEGER,                      -- NULL: not built yet, or nothing to build
    build_ms      REAL,
    build_message TEXT,
    process       TEXT    NOT NULL              -- who runs it: boot id, pid namespace, pid, start time
) STRICT;

-- All that progress is made of: the views need not look at the rows themselves.
CREATE INDEX attempts_by_slug ON attempts (slug, id, partial, outcome, started_at, ended_at);
CREATE INDEX attempts_running ON attempts (id) WHERE outcome = 'running';

-- The checks of an attempt, as their results came.
CREATE TABLE check_results (
    id       INTEGER PRIMARY KEY,
    attempt  INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    name     TEXT    NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,        -- among the checks of the challenge
    title    TEXT    NOT NULL,
    tier     TEXT    NOT NULL,                  -- core, robust, fast
    verdict  TEXT    NOT NULL,                  -- pass, fail, skip, blocked, error, none
    cause    TEXT,                              -- of a failure: wrong, timeout, crash, leak
    ms       REAL    NOT NULL,
    detail   TEXT,                              -- the check_end event as JSON; NULL on a pass
    UNIQUE (attempt, name)
) STRICT;

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
